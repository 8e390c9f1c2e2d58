"""Explaining an order to staff: found by any number, told step by step."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from books import explaining
from console.orders import order
from console.pages import Page
from orders.models import Hold, Order, Refusal

SHOWN = 10


class ExplainPage(Page):
    """Search by our number, the distributor's, or that of a cancellation, case or claim."""

    right = "console.see_orders"
    template_name = "console/explain.html"
    title = _("Explain an order")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Go to the order if the number means one; else show what is known of the number."""
        text = request.GET.get("q", "").strip()[:64]
        found = explaining.find(text)
        if len(found) == 1:
            return HttpResponseRedirect(reverse("console:explanation", args=[found[0].pk]))
        return self.show({"text": text, "found": found, **_never_placed(text, found)})


def _never_placed(text: str, found: list[Order]) -> dict[str, Any]:
    """Return what is known of a number that no order has: why it was refused, and what it holds."""
    if found or not text:
        return {}
    refusals = Refusal.objects.filter(out_order_no=text).select_related("distributor__company")
    holds = Hold.objects.filter(Q(hold_id=text) | Q(out_order_no=text)).select_related(
        "distributor__company"
    )
    return {"refusals": refusals.order_by("-pk")[:SHOWN], "holds": holds.order_by("-pk")[:SHOWN]}


class ExplanationPage(Page):
    """Price by price, transfer by transfer, piece by piece."""

    right = "console.see_orders"
    template_name = "console/explanation.html"

    def heading(self) -> str:
        return order(self.kwargs["pk"]).order_no

    def context(self) -> dict[str, Any]:
        found = order(self.kwargs["pk"])
        return {"explained": explaining.for_platform(found), "order": found}
