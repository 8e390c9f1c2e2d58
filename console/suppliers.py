"""A supplier's page, and what staff decide about it."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing, companies, profile, records
from console.pages import Decision, Page
from kit.errors import NotFound
from ledger import accounts
from ledger.models import Kind
from orders import shipping
from orders.models import Fulfilment
from suppliers import addressing, balances, checklist, onboarding, securing
from suppliers.models import Supplier, SupplierState
from supplychain.models import Holiday, RevisionState

NEWEST = 10
HOLIDAYS = 3
# What a state may be changed to; the act refuses the rest.
MOVES = {
    SupplierState.ACTIVE: [SupplierState.SUSPENDED, SupplierState.CLOSED],
    SupplierState.SUSPENDED: [SupplierState.ACTIVE, SupplierState.CLOSED],
    SupplierState.CLOSED: [],
}


def supplier(pk: int) -> Supplier:
    """Return a supplier as it is now.

    :raises NotFound: there is none.
    """
    found = Supplier.objects.select_related("company", "partner").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class SupplierPage(Page):
    """Who it is, its goods, what it has to ship and what it is owed."""

    right = "console.see_companies"
    template_name = "console/supplier.html"

    def heading(self) -> str:
        return str(supplier(self.kwargs["pk"]))

    def context(self) -> dict[str, Any]:
        found = supplier(self.kwargs["pk"])
        to_ship = Fulfilment.objects.of(found).filter(state__in=list(shipping.TO_SHIP))
        waiting = found.products.filter(revisions__state=RevisionState.OPEN)
        may_see_money = self.person.has_perm("console.see_money")
        return {
            **companies.people_of(found.company),
            **profile.of_supplier(found, at=timezone.now(), with_money=may_see_money),
            "supplier": found,
            "moves": MOVES[SupplierState(found.state)],
            "products": found.products.order_by("-changed_at")[:NEWEST],
            "to_review": waiting.count(),
            "to_ship": to_ship.select_related("order").order_by("ship_due_at")[:NEWEST],
            "security_fen": securing.paid_fen(found) if may_see_money else None,
            "balance": balances.of(found) if may_see_money else None,
            "bills": found.bills.order_by("-pk")[:NEWEST] if may_see_money else [],
            "payable_fen": accounts.balance(Kind.PAYABLE, found.pk) if may_see_money else None,
            "papers": checklist.items(found),
            "holidays": Holiday.objects.of(found).order_by("-pk")[:HOLIDAYS],
            "records": records.about(found),
            "now": timezone.now(),
        }


class AboutSupplier(Decision):
    """A decision about one supplier; it ends on the supplier's page."""

    right = "console.change_companies"

    def subject(self) -> Supplier:
        return supplier(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:supplier", args=[self.kwargs["pk"]])


class ChangeState(AboutSupplier):
    """Suspend, resume or close."""

    act = "supplier_state"
    title = _("Change the state")
    explanation = _(
        "While a supplier is not active, its goods cannot be ordered; what was ordered is still"
        " shipped. Closing is for good."
    )
    dangerous = True

    def form(self, data: Any = None) -> forms.Form:
        return state_form(data, MOVES[SupplierState(self.subject().state)])

    def decide(self, values: dict[str, Any]) -> str:
        done = onboarding.change_state(
            supplier_pk=self.kwargs["pk"],
            to=values["to"],
            reason=values["reason"],
            at=timezone.now(),
        )
        return gettext("It is {state} now.").format(state=done.get_state_display())


class Trust(AboutSupplier):
    """Let what it submits go live without review, or not."""

    act = "trust"
    title = _("Trust")
    explanation = _("What a trusted supplier submits goes live without review.")

    def form(self, data: Any = None) -> forms.Form:
        form = forms.Form(data, initial={"trusted": self.subject().trusted})
        form.fields["trusted"] = forms.BooleanField(label=_("trusted"), required=False)
        return form

    def decide(self, values: dict[str, Any]) -> str:
        done = onboarding.trust(supplier_pk=self.kwargs["pk"], trusted=values["trusted"])
        return gettext("It is trusted now.") if done.trusted else gettext("It is reviewed now.")


class ReturnAddressForm(forms.Form):
    """Where its goods go back to."""

    address = forms.CharField(
        label=_("Return address"),
        max_length=addressing.MAX_ADDRESS,
        required=False,
        help_text=_("Name, phone and address on one line. Empty: it is pushed with each case."),
    )


class SetReturnAddress(AboutSupplier):
    """Write down where consumers send its goods back to."""

    act = "return_address"
    title = _("Return address")
    explanation = _("Cases whose goods come back are told it when they are approved.")
    form_class = ReturnAddressForm

    def initial(self) -> dict[str, Any]:
        return {"address": self.subject().return_address}

    def decide(self, values: dict[str, Any]) -> str:
        addressing.set_return_address(supplier_pk=self.kwargs["pk"], address=values["address"])
        return gettext("Its return address is set.")


def state_form(data: Any, moves: list[Any]) -> forms.Form:
    """Return a form that asks for the next state, and why."""
    form = forms.Form(data)
    form.fields["to"] = forms.ChoiceField(
        label=_("New state"),
        choices=[(move.value, move.label) for move in moves],
        widget=forms.RadioSelect,
    )
    form.fields["reason"] = choosing.reason(help_text=_("The company is told it."))
    return form
