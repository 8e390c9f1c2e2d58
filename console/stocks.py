"""What staff decide about stock: what the common pool holds, and what is kept for one distributor."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing, goods
from console.pages import Decision
from supplychain import stock
from supplychain.models import MAX_STOCK, Sku


class AboutSku(Decision):
    """A decision about one sku; it ends on its product's page."""

    right = "console.keep_stock"

    def subject(self) -> Sku:
        return goods.sku(self.kwargs["pk"])

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
