"""Recharges that distributors applied for: what they say, the slip, and what staff decide about it."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing, records
from console.pages import Decision, Page
from distributors import agreeing, deciding_recharges, recharging, slips
from distributors.applying_for_recharges import OPEN
from distributors.models import Recharge, RechargeState
from kit import money
from kit.errors import NotFound

SIMILAR = 5


def recharge(pk: int) -> Recharge:
    """Return a recharge as it is now.

    :raises NotFound: there is none.
    """
    found = Recharge.objects.select_related("distributor__company").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def facts(found: Recharge) -> dict[str, Any]:
    """Return what every page about a recharge shows of it."""
    return {
        "recharge": found,
        "is_open": found.state in OPEN,
        "takes_two": found.amount_fen > agreeing.limit_fen(),
        "limit_fen": agreeing.limit_fen(),
        "similar": similar(found),
    }


def similar(found: Recharge) -> QuerySet[Recharge]:
    """Return others that could be the same payment: of the same amount, or by the same reference."""
    alike = Q(amount_fen=found.amount_fen)
    if found.payment_reference:
        alike |= Q(payment_reference=found.payment_reference)
    others = Recharge.objects.of(found.distributor).filter(alike).exclude(pk=found.pk)
    return others.order_by("-pk")[:SIMILAR]


class RechargePage(Page):
    """What the distributor says it has paid, its slip, and who said what to it."""

    right = "console.see_money"
    template_name = "console/recharge.html"

    def heading(self) -> str:
        return recharge(self.kwargs["pk"]).recharge_no

    def context(self) -> dict[str, Any]:
        found = recharge(self.kwargs["pk"])
        mine = found.checked_by == str(self.actor)
        return {**facts(found), "is_mine": mine, "records": records.about(found)}


class SlipPicture(Page):
    """A recharge's slip."""

    right = "console.see_money"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        with slips.read(recharge(self.kwargs["pk"])) as file:
            return HttpResponse(file.read(), content_type="image/jpeg")


class AboutRecharge(Decision):
    """A decision about one recharge; it ends on its page."""

    right = "console.recharge_deposits"
    template_name = "console/decide_recharge.html"

    def subject(self) -> Recharge:
        return recharge(self.kwargs["pk"])

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), **facts(self.subject()), "thing": None}

    def after(self) -> str:
        return reverse("console:recharge_page", args=[self.kwargs["pk"]])


class ReferenceForm(forms.Form):
    """Where the money is found."""

    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=recharging.MAX_REFERENCE,
        help_text=_("The number that our bank shows for the payment; each is credited once."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CheckRecharge(AboutRecharge):
    """The first of two people."""

    act = "check_recharge"
    title = _("The money is there")
    explanation = _("You are the first of two people: somebody else credits the deposit.")
    button = _("I have seen the money")
    form_class = ReferenceForm

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding_recharges.check_once(
            recharge_no=self.subject().recharge_no,
            bank_reference=values["bank_reference"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{number} waits for a second person.").format(number=done.recharge_no)


class ApproveRecharge(AboutRecharge):
    """Credit it."""

    act = "approve_recharge"
    title = _("Approve the recharge")
    explanation = _(
        "The deposit is credited at once, and the distributor is told. It stays in the books."
    )
    button = _("Credit the deposit")
    form_class = ReferenceForm

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        if self.subject().state == RechargeState.CHECKED:
            # Typed again by the second person, so that it is looked up again.
            form.fields["bank_reference"].help_text = _(
                "Look it up yourself: it must be the one that the first person found."
            )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding_recharges.approve(
            recharge_no=self.subject().recharge_no,
            bank_reference=values["bank_reference"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{amount} were credited.").format(amount=money.yuan(done.amount_fen))


class RejectForm(forms.Form):
    """Why."""

    reason = choosing.reason(help_text=_("The distributor reads it."))


class RejectRecharge(AboutRecharge):
    """Do not credit it."""

    act = "reject_recharge"
    title = _("Reject the recharge")
    explanation = _("Nothing is credited; the distributor is told why, and may apply again.")
    button = _("Reject it")
    dangerous = True
    form_class = RejectForm

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding_recharges.reject(
            recharge_no=self.subject().recharge_no,
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{number} is rejected.").format(number=done.recharge_no)
