"""What staff decide about being seen: listing and delisting, one or many, and to whom it is open."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import choosing
from console.goods import AboutProduct
from console.pages import Decision
from supplychain import assortment, listing


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
