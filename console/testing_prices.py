"""Testing a price: what a distributor, or a level, pays for a sku now, which rule wins, and why."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from books import explaining_prices
from books.explaining_prices import PriceStep
from console.pages import Page
from distributors.models import Distributor, Level
from kit.fields import percent
from supplychain import offers
from supplychain.models import Sku
from supplychain.pricing import Price

SKUS = 20


class TestForm(forms.Form):
    """A sku, or all of a product, and who would pay."""

    number = forms.CharField(label=_("Sku number or item number"), max_length=64)
    distributor = forms.ModelChoiceField(
        Distributor.objects.select_related("company", "level").order_by("number"),
        label=_("Distributor"),
        required=False,
        empty_label="—",
    )
    level = forms.ModelChoiceField(
        Level.objects.all(),
        label=_("or level"),
        required=False,
        empty_label="—",
    )

    def clean(self) -> dict[str, Any]:
        """One of the two is asked about."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(values.get("distributor")) == bool(values.get("level")):
            self.add_error("level", str(_("Choose a distributor or a level.")))
        return values


@dataclass(frozen=True)
class Tested:
    """What a unit of a sku costs, and how that came about."""

    sku: Sku
    price: Price
    steps: list[PriceStep]
    rule: str
    price_version: int
    # Where the version came from, with each version that was looked at.
    versions: list[tuple[str, int, bool]]
    # Whether the distributor is offered it now; None where a level was asked about.
    is_offered: bool | None


class TestPrice(Page):
    """The box in which a price is tested."""

    right = "console.see_goods"
    template_name = "console/test_price.html"
    title = _("Test a price")

    def context(self) -> dict[str, Any]:
        asked = "distributor" in self.request.GET or "level" in self.request.GET
        form = TestForm(self.request.GET if asked else None, initial=self.request.GET.dict())
        if not form.is_valid():
            return {"form": form}
        values = form.cleaned_data
        distributor = values["distributor"]
        level = distributor.level if distributor else values["level"]
        skus = _skus(values["number"])
        return {
            "form": form,
            "asked": True,
            "level": level,
            "distributor": distributor,
            "tested": [test(sku, level, distributor) for sku in skus],
        }


def test(sku: Sku, level: Level, distributor: Distributor | None) -> Tested:
    """Return what a unit costs now, by the functions that price orders.

    The sku comes with its product's `rate_overrides` prefetched.
    """
    versions = [(__("sku"), sku.price_version), (__("level"), level.price_version)]
    if distributor is not None:
        price, version = offers.prices_of(distributor, [sku])[sku.pk]
        versions.append((__("change of the distributor's level"), distributor.price_version))
        is_offered = (distributor.pk, sku.sku_no) in offers.find([(distributor.pk, sku.sku_no)])
    else:
        price, is_offered = offers.price_on(level, sku), None
        version = max(sku.price_version, level.price_version)
    return Tested(
        sku=sku,
        price=price,
        steps=explaining_prices.of_unit(price, level=str(level.name)),
        rule=_rule(sku, level),
        price_version=version,
        versions=[(name, one, one == version) for name, one in versions],
        is_offered=is_offered,
    )


def _rule(sku: Sku, level: Level) -> str:
    """Say which rate wins."""
    own = next((o for o in sku.product.rate_overrides.all() if o.level_id == level.pk), None)
    if own is None:
        words = __("The product has no rate of its own for {level}, so the level's {rate} % holds.")
        return words.format(level=level.name, rate=percent(level.fee_rate_bp))
    words = __("The product's own rate for {level}, {own} %, wins over the level's {rate} %.")
    return words.format(
        level=level.name, own=percent(own.fee_rate_bp), rate=percent(level.fee_rate_bp)
    )


def _skus(number: str) -> list[Sku]:
    rows = Sku.objects.filter(Q(sku_no=number) | Q(product__item_no=number), offered=True)
    found = rows.select_related("product").prefetch_related("product__rate_overrides")
    return list(found.order_by("position", "pk")[:SKUS])
