"""Who sees goods: one product or many, opened to chosen distributors (勾选给) or to all."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import choosing, doing_many
from console.bulk_goods import AboutMany
from console.doing_many import Deed, Task
from console.goods import AboutProduct
from supplychain import assortment

EVERYONE, CHOSEN, ALSO, NO_LONGER = "everyone", "chosen", "also", "no_longer"


class VisibilityForm(forms.Form):
    """Everybody, or those that are ticked."""

    visible_to = forms.ChoiceField(
        label=_("Who sees it"),
        choices=[(EVERYONE, _("every distributor")), (CHOSEN, _("only the chosen ones"))],
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
            "visible_to": CHOSEN if found.chosen_only else EVERYONE,
            "distributors": list(found.openings.values_list("distributor_id", flat=True)),
        }

    def decide(self, values: dict[str, Any]) -> str:
        pk, at = self.kwargs["pk"], timezone.now()
        if values["visible_to"] == EVERYONE:
            assortment.open_to_everyone(product_pk=pk, at=at)
            return gettext("Every distributor sees it.")
        chosen = [one.pk for one in values["distributors"]]
        assortment.open_to(product_pk=pk, distributor_pks=chosen, at=at)
        words = ngettext(
            "{count} distributor sees it.", "{count} distributors see it.", len(chosen)
        )
        return words.format(count=len(chosen))


class OpenForm(forms.Form):
    """How the sight of many products changes, and for whom."""

    visible_to = forms.ChoiceField(
        label=_("Who sees them"),
        choices=[
            (CHOSEN, _("only the distributors ticked below, nobody else")),
            (ALSO, _("those ticked below, too, where goods are for chosen ones only")),
            (NO_LONGER, _("those ticked below no longer, where goods are for chosen ones only")),
            (EVERYONE, _("every distributor")),
        ],
        widget=forms.RadioSelect,
        initial=CHOSEN,
    )
    distributors = choosing.distributors()

    def clean(self) -> dict[str, Any]:
        """Somebody must be ticked, but for everyone."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("visible_to") != EVERYONE and not values.get("distributors"):
            self.add_error("distributors", str(_("Tick at least one distributor.")))
        return values


class OpenProducts(AboutMany):
    """Open many products to chosen distributors (勾选给), or to all."""

    right = "console.list_products"
    act = "open_products"
    title = _("Choose who sees them")
    explanation = _(
        "For a distributor that may not see it, the product does not exist. Goods that everybody sees"
        " stay so unless they are opened to nobody else."
    )
    form_class = OpenForm

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "visible_to": values["visible_to"],
            "distributor_pks": [one.pk for one in values["distributors"]],
        }


def _open(task: Task) -> bool:
    pk, wanted = task.subject_pk, task.values["distributor_pks"]
    if task.values["visible_to"] == EVERYONE:
        return assortment.open_to_everyone(product_pk=pk, at=task.at) is not None
    if task.values["visible_to"] == ALSO:
        return assortment.open_also_to(product_pk=pk, distributor_pks=wanted, at=task.at)
    if task.values["visible_to"] == NO_LONGER:
        return assortment.close_to(product_pk=pk, distributor_pks=wanted, at=task.at)
    return assortment.open_to(product_pk=pk, distributor_pks=wanted, at=task.at) is not None


doing_many.DEEDS["open_products"] = Deed("console.list_products", OpenProducts.title, _open)
