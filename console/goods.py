"""A product's page, and what decisions about products have in common."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import records
from console.pages import Decision, Page
from distributors.models import Level
from kit.errors import NotFound
from supplychain import pausing, pricing
from supplychain.models import (
    Allotment,
    Movement,
    Product,
    Sku,
)

MOVEMENTS = 20
REVISIONS = 10


def product(pk: int) -> Product:
    """Return a product as it is now.

    :raises NotFound: there is none.
    """
    rows = Product.objects.select_related("category", "brand", "supplier__company")
    found = rows.select_related("freight_template").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def sku(pk: int) -> Sku:
    """Return a sku with its stock as it is now.

    :raises NotFound: there is none.
    """
    found = Sku.objects.select_related("product", "stock").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class PricedSku:
    """A sku with what each level pays for it."""

    sku: Sku
    prices: list[pricing.Price]


class ProductPage(Page):
    """Everything about one product."""

    right = "console.see_goods"
    template_name = "console/product.html"

    def heading(self) -> str:
        return product(self.kwargs["pk"]).name

    def context(self) -> dict[str, Any]:
        found = product(self.kwargs["pk"])
        levels = list(Level.objects.all())
        rates = {o.level_id: o.fee_rate_bp for o in found.rate_overrides.all()}
        skus = skus_of(found)
        movements = Movement.objects.filter(sku__in=skus).select_related("sku", "allotment")
        return {
            "product": found,
            "opens_on": pausing.opens_on(found),
            "levels": [
                (one, rates.get(one.pk, one.fee_rate_bp), one.pk in rates) for one in levels
            ],
            "skus": [PricedSku(one, prices(one, levels, rates)) for one in skus],
            "openings": found.openings.select_related("distributor__company"),
            "pictures": found.pictures.select_related("picture"),
            "revisions": found.revisions.order_by("-pk")[:REVISIONS],
            "movements": movements.order_by("-pk")[:MOVEMENTS],
            "records": records.about(found),
        }


def skus_of(found: Product) -> list[Sku]:
    """Return a product's skus with stock and allotments, those on offer first."""
    allotments = Allotment.objects.select_related("distributor__company")
    rows = found.skus.select_related("stock").prefetch_related(Prefetch("allotments", allotments))
    return list(rows.order_by("-offered", "position", "pk"))


def prices(one: Sku, levels: Collection[Level], rates: dict[int, int]) -> list[pricing.Price]:
    """Return what a unit costs on each level; `rates` are the product's own, by level."""
    return [
        pricing.price(one.supply_price_fen, one.markup_fen, rates.get(level.pk, level.fee_rate_bp))
        for level in levels
    ]


class SkuPage(Page):
    """A sku is shown where its product is."""

    right = "console.see_goods"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = sku(kwargs["pk"])
        address = reverse("console:product", args=[found.product_id])
        return HttpResponseRedirect(f"{address}#sku-{found.pk}")


class AboutProduct(Decision):
    """A decision about one product; it ends on the product's page."""

    def subject(self) -> Product:
        return product(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:product", args=[self.kwargs["pk"]])
