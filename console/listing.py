"""What staff decide about being on sale, of one product; of many see `bulk_goods`."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing
from console.goods import AboutProduct
from supplychain import listing, pausing


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
        day = pausing.opens_on(done)
        if day is not None:
            text = gettext("“{name}” comes on sale by itself on {day}: its supplier is on holiday.")
            return text.format(name=done.name, day=day)
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
