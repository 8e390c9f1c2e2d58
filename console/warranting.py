"""For how long after receipt after-sales of a product are open."""

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console.goods import AboutProduct
from supplychain import warranting


class DaysForm(forms.Form):
    """How many days."""

    days = forms.IntegerField(
        label=_("Days after receipt in which after-sales are open"),
        min_value=0,
        max_value=warranting.MAX_DAYS,
        required=False,
        help_text=_("0: never, claims only. Empty: what the policy says."),
    )


class SetAftersaleDays(AboutProduct):
    """Decide it for one product, whoever owns it."""

    right = "console.edit_products"
    act = "aftersale_days"
    title = _("After-sale days")
    explanation = _("Orders placed before keep what was in force for them.")
    form_class = DaysForm

    def initial(self) -> dict[str, Any]:
        return {"days": self.subject().aftersale_days}

    def decide(self, values: dict[str, Any]) -> str:
        done = warranting.set_aftersale_days(product_pk=self.kwargs["pk"], days=values["days"])
        if done.aftersale_days is None:
            return gettext("After-sales follow the policy.")
        words = ngettext(
            "After-sales are open for {count} day after receipt.",
            "After-sales are open for {count} days after receipt.",
            done.aftersale_days,
        )
        return words.format(count=done.aftersale_days)
