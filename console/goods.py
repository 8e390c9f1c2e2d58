"""A product's page, and what staff decide about it: listing, visibility, rates, markups, stock."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import choosing, records
from console.pages import Decision, Page
from distributors.models import Level
from kit.errors import NotFound
from kit.fields import PercentField, YuanField, percent
from supplychain import assortment, listing, pricing, stock
from supplychain.models import (
    MAX_PRICE_FEN,
    MAX_STOCK,
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


class ReasonForm(forms.Form):
    """Why."""

    reason = choosing.reason(required=False)


class ListProduct(AboutProduct):
    """Offer it."""

    right = "console.list_products"
    act = "list_product"
    title = _("List")
    explanation = _("Distributors that may see it can order it from now on; they are told.")
    form_class = ReasonForm

    def decide(self, values: dict[str, Any]) -> str:
        done = listing.list_product(
            product_pk=self.kwargs["pk"],
            supplier=None,
            actor=self.actor,
            at=timezone.now(),
            reason=values["reason"],
        )
        return gettext("“{name}” is listed.").format(name=done.name)


class DelistProduct(AboutProduct):
    """Take it off sale."""

    right = "console.list_products"
    act = "delist_product"
    title = _("Delist")
    explanation = _("Nobody can order it any more; what was ordered goes on.")
    dangerous = True
    form_class = ReasonForm

    def decide(self, values: dict[str, Any]) -> str:
        done = listing.delist_product(
            product_pk=self.kwargs["pk"],
            supplier=None,
            actor=self.actor,
            at=timezone.now(),
            reason=values["reason"],
        )
        return gettext("“{name}” is delisted.").format(name=done.name)


class ManyForm(ReasonForm):
    """Which products, and why."""

    products = forms.CharField(widget=forms.HiddenInput, max_length=5_000)

    def clean_products(self) -> list[int]:
        """Read keys with commas between."""
        keys = str(self.cleaned_data["products"]).split(",")
        if not all(key.isascii() and key.isdigit() and len(key) <= 18 for key in keys):
            raise forms.ValidationError(_("Choose the products in the list."))
        return [int(key) for key in keys]


class AboutProducts(Decision):
    """A decision about the products that were selected in the list."""

    right = "console.list_products"
    form_class = ManyForm

    def initial(self) -> dict[str, Any]:
        return {"products": self.request.GET.get("products", "")}

    def around(self, form: forms.Form) -> dict[str, Any]:
        count = len([key for key in str(form["products"].value() or "").split(",") if key])
        words = ngettext("This concerns {count} product.", "This concerns {count} products.", count)
        return {**super().around(form), "explanation": words.format(count=count)}

    def after(self) -> str:
        return reverse("admin:supplychain_product_changelist")


class ListProducts(AboutProducts):
    """Offer many at once."""

    act = "list_products"
    title = _("List products")

    def decide(self, values: dict[str, Any]) -> str:
        changed = listing.list_products(
            product_pks=values["products"],
            supplier=None,
            actor=self.actor,
            at=timezone.now(),
            reason=values["reason"],
        )
        words = ngettext(
            "{count} product is listed now.", "{count} products are listed now.", len(changed)
        )
        return words.format(count=len(changed))


class DelistProducts(AboutProducts):
    """Take many off sale at once."""

    act = "delist_products"
    title = _("Delist products")
    dangerous = True

    def decide(self, values: dict[str, Any]) -> str:
        changed = listing.delist_products(
            product_pks=values["products"],
            supplier=None,
            actor=self.actor,
            at=timezone.now(),
            reason=values["reason"],
        )
        words = ngettext(
            "{count} product is delisted now.", "{count} products are delisted now.", len(changed)
        )
        return words.format(count=len(changed))


class VisibilityForm(forms.Form):
    """Everybody, or those that are ticked."""

    visible_to = forms.ChoiceField(
        label=_("Who sees it"),
        choices=[("everyone", _("every distributor")), ("chosen", _("only the chosen ones"))],
        widget=forms.RadioSelect,
    )
    distributors = choosing.distributors()


class Visibility(AboutProduct):
    """Open it to chosen distributors (勾选给), or to all."""

    right = "console.list_products"
    act = "visibility"
    title = _("Who sees it")
    explanation = _("For a distributor that may not see it, the product does not exist.")
    form_class = VisibilityForm

    def initial(self) -> dict[str, Any]:
        found = self.subject()
        return {
            "visible_to": "chosen" if found.chosen_only else "everyone",
            "distributors": list(found.openings.values_list("distributor_id", flat=True)),
        }

    def decide(self, values: dict[str, Any]) -> str:
        pk, at = self.kwargs["pk"], timezone.now()
        if values["visible_to"] == "everyone":
            assortment.open_to_everyone(product_pk=pk, at=at)
            return gettext("Every distributor sees it.")
        chosen = [one.pk for one in values["distributors"]]
        assortment.open_to(product_pk=pk, distributor_pks=chosen, at=at)
        words = ngettext(
            "{count} distributor sees it.", "{count} distributors see it.", len(chosen)
        )
        return words.format(count=len(chosen))


class Rates(AboutProduct):
    """The product's own fee rate for some levels."""

    right = "console.set_prices"
    act = "rates"
    title = _("Fee rates of the product")
    explanation = _("Where nothing is written, the level's own rate holds. Old orders keep theirs.")

    def form(self, data: Any = None) -> forms.Form:
        own = {o.level_id: o.fee_rate_bp for o in self.subject().rate_overrides.all()}
        form = forms.Form(data)
        for level in Level.objects.all():
            form.fields[f"level_{level.pk}_bp"] = PercentField(
                label=f"{level.name} (%)",
                required=False,
                initial=own.get(level.pk),
                help_text=gettext("The level's own: {rate} %").format(
                    rate=percent(level.fee_rate_bp)
                ),
            )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        own = {o.level_id: o.fee_rate_bp for o in self.subject().rate_overrides.all()}
        for level in Level.objects.all():
            rate_bp = values.get(f"level_{level.pk}_bp")
            if rate_bp != own.get(level.pk):
                assortment.override_rate(
                    product_pk=self.kwargs["pk"],
                    level=level,
                    fee_rate_bp=rate_bp,
                    at=timezone.now(),
                )
        return gettext("The rates are set.")


class Markups(AboutProduct):
    """What the platform adds to the supply price of each sku."""

    right = "console.set_prices"
    act = "markups"
    title = _("Markups")
    explanation = _(
        "Agreement price = supply price + markup + service fee. Old orders keep theirs."
    )

    def form(self, data: Any = None) -> forms.Form:
        form = forms.Form(data)
        for one in self._skus():
            form.fields[f"sku_{one.pk}_fen"] = YuanField(
                label=f"{one.sku_no} {one.spec_text}".strip() + " (¥)",
                max_fen=MAX_PRICE_FEN,
                initial=one.markup_fen,
            )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        for one in self._skus():
            wanted = values.get(f"sku_{one.pk}_fen")
            if wanted is not None and wanted != one.markup_fen:
                assortment.set_markup(sku_pk=one.pk, markup_fen=wanted, at=timezone.now())
        return gettext("The markups are set.")

    def _skus(self) -> list[Sku]:
        return list(self.subject().skus.filter(offered=True))


class AboutSku(Decision):
    """A decision about one sku; it ends on its product's page."""

    right = "console.keep_stock"

    def subject(self) -> Sku:
        return sku(self.kwargs["pk"])

    def after(self) -> str:
        found = self.subject()
        return reverse("console:product", args=[found.product_id]) + f"#sku-{found.pk}"


class StockForm(forms.Form):
    """A new quantity, or a difference."""

    how = forms.ChoiceField(
        label=_("How"),
        choices=[("set", _("set to")), ("add", _("add (or take, with a minus)"))],
        widget=forms.RadioSelect,
    )
    quantity = forms.IntegerField(label=_("Pieces"), min_value=-MAX_STOCK, max_value=MAX_STOCK)
    note = choosing.reason(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class SetStock(AboutSku):
    """Set what the common pool holds."""

    act = "stock"
    title = _("Stock")
    form_class = StockForm

    def initial(self) -> dict[str, Any]:
        level = self.subject().stock
        return {"how": "set", "quantity": level.available, "version": level.version}

    def around(self, form: forms.Form) -> dict[str, Any]:
        words = gettext("The pool holds {count} now, shared by all distributors.")
        count = self.subject().stock.available
        return {**super().around(form), "explanation": words.format(count=count)}

    def decide(self, values: dict[str, Any]) -> str:
        common = {"actor": self.actor, "at": timezone.now(), "note": values["note"]}
        pk, quantity = self.kwargs["pk"], values["quantity"]
        if values["how"] == "add":
            level = stock.adjust(sku_pk=pk, quantity=quantity, **common)
        else:
            level = stock.set_available(
                sku_pk=pk, available=quantity, expected_version=values["version"], **common
            )
        return gettext("The pool holds {count} now.").format(count=level.available)


class AllotForm(forms.Form):
    """How much of the pool, and for whom."""

    distributor = choosing.distributor()
    quantity = forms.IntegerField(label=_("Pieces"), min_value=0, max_value=MAX_STOCK)
    then_pool = forms.BooleanField(
        label=_("When it is used up, orders go on from the common pool"),
        required=False,
        initial=True,
    )


class Allot(AboutSku):
    """Keep a part of the pool for one distributor."""

    act = "allot"
    title = _("Allot")
    explanation = _(
        "These pieces leave the common pool and only this distributor can order them."
        " It replaces what was allotted to it before; 0 gives all of it back."
    )
    form_class = AllotForm

    def decide(self, values: dict[str, Any]) -> str:
        allotted = stock.allot(
            sku_pk=self.kwargs["pk"],
            distributor=values["distributor"],
            quantity=values["quantity"],
            then_pool=values["then_pool"],
            actor=self.actor,
            at=timezone.now(),
        )
        words = gettext("{count} are kept for {distributor} now.")
        return words.format(count=allotted.available, distributor=values["distributor"])
