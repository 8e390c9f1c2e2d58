"""Goodwill: what distributors ask of the platform for claims of theirs, and what staff answer.

Claims themselves are the distributors' own, and staff see only those for which something is asked.
"""

import secrets
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales import goodwill, timeline
from aftersales.models import Claim, GoodwillKind, GoodwillState, Liability
from console import cases, orders, records
from console.case_pages import note, offers, patterns
from console.orders import ShipForm
from console.pages import TICKET_BYTES, Decision, Page
from kit import languages
from kit.errors import NotFound
from kit.fields import YuanField
from orders import reasons

SHOWN = 50
OPEN = (GoodwillState.ASKED, GoodwillState.OFFERED)


def claim(pk: int) -> Claim:
    """Return a claim for which goodwill was asked, as it is now.

    :raises NotFound: there is none.
    """
    rows = Claim.objects.exclude(goodwill=GoodwillState.NONE).select_related(
        "distributor__company",
        "order__consignee",
        "order__distributor__company",
        "line__fulfilment__supplier__company",
        "line__sku__product",
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def around(found: Claim, page: Page) -> dict[str, Any]:
    """Return what is shown of a claim, whatever is decided."""
    order, line = found.order, found.line
    english = languages.reads_english()
    return {
        "claim": found,
        "order": order,
        "line": line,
        "source": line.fulfilment.supplier,
        "is_open": found.goodwill in OPEN,
        "now": timezone.now(),
        "reason": reasons.shown(found.reason, english=english),
        "consignee": orders.consignee(order, open_it=page.person.has_perm("console.see_consumers")),
        "left_fen": goodwill.left_fen(found, line),
        "stock": line.sku.stock.available,
        "shares": cases.shares(order, found.claim_no),
        "parcels": found.parcels.all(),
        "photos": found.evidence.order_by("pk"),
        "timeline": timeline.of(order),
        "cases": line.cases.order_by("-pk")[:SHOWN],
        "others": line.claims.exclude(pk=found.pk).order_by("-pk")[:SHOWN],
        "records": records.about(found),
        "patterns": patterns(),
    }


class GoodwillPage(Page):
    """What is asked and why, the order and its money; and what can be answered now."""

    right = "console.see_orders"
    template_name = "console/goodwill.html"

    def heading(self) -> str:
        return claim(self.kwargs["pk"]).claim_no

    def context(self) -> dict[str, Any]:
        found = claim(self.kwargs["pk"])
        return {
            **around(found, self),
            "offers": list(offers(self, found, None, DECISIONS)),
            "ticket": secrets.token_urlsafe(TICKET_BYTES),
        }


class AboutGoodwill(Decision):
    """A decision about goodwill. It is shown on the claim's page, and ends there."""

    right = "console.decide_aftersales"
    template_name = "console/goodwill.html"

    def subject(self) -> Claim:
        return claim(self.kwargs["pk"])

    def heading(self) -> str:
        return self.subject().claim_no

    def fits(self, found: Claim) -> bool:
        """Whether it may be taken now."""
        return found.goodwill in OPEN

    def form(self, data: Any = None) -> forms.Form:
        return self.form_class(data, initial=self.initial(), auto_id=f"id_{self.act}_%s")

    def around(self, form: forms.Form) -> dict[str, Any]:
        found = self.subject()
        return {
            **super().around(form),
            **around(found, self),
            "offers": list(offers(self, found, form, DECISIONS)),
        }

    def after(self) -> str:
        return reverse("console:goodwill", args=[self.kwargs["pk"]])

    def done(self, found: Claim) -> str:
        """Say how the goodwill stands now."""
        return gettext("Goodwill for claim {claim_no}: {state}.").format(
            claim_no=found.claim_no, state=found.get_goodwill_display()
        )


class OfferForm(forms.Form):
    """What is offered, and who bears it."""

    kind = forms.ChoiceField(
        label=_("What is offered"), choices=GoodwillKind.choices, widget=forms.RadioSelect
    )
    amount_fen = YuanField(
        label=_("Amount (¥)"),
        min_fen=1,
        required=False,
        help_text=_("Leave it empty where new goods are offered."),
    )
    liability = forms.ChoiceField(
        label=_("Who bears it"),
        choices=Liability.choices,
        help_text=_(
            "Of an amount the source's side gives back its shares where it is the source's fault;"
            " otherwise it is goodwill of the platform. The distributor does not see it."
        ),
    )
    note = note(label=_("Note to the distributor"))

    def clean(self) -> dict[str, Any]:
        """An amount takes a figure; new goods take none."""
        values = self.cleaned_data
        if values.get("kind") == GoodwillKind.RESHIP:
            values["amount_fen"] = None
        elif not values.get("amount_fen") and "amount_fen" not in self.errors:
            self.add_error("amount_fen", self.fields["amount_fen"].error_messages["required"])
        return values


class OfferGoodwill(AboutGoodwill):
    """Offer an amount, or new goods."""

    act = "offer_goodwill"
    title = _("Offer")
    explanation = _(
        "The distributor accepts it or not. Only then an amount is posted, or stock is taken."
    )
    button = _("Make the offer")
    form_class = OfferForm

    def initial(self) -> dict[str, Any]:
        found = self.subject()
        return {
            "kind": found.goodwill_kind,
            "amount_fen": found.goodwill_asked_fen or None,
            "liability": Liability.PLATFORM,
        }

    def fits(self, found: Claim) -> bool:
        return str(found.goodwill) == GoodwillState.ASKED

    def decide(self, values: dict[str, Any]) -> str:
        done = goodwill.offer(
            claim_no=self.subject().claim_no,
            kind=values["kind"],
            amount_fen=values["amount_fen"] or 0,
            liability=values["liability"],
            note=values["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self.done(done)


class DeclineForm(forms.Form):
    """Why not."""

    note = note(label=_("Note to the distributor"), required=True)


class DeclineGoodwill(AboutGoodwill):
    """Do not help, or take an offer back."""

    act = "decline_goodwill"
    title = _("Decline goodwill")
    explanation = _("The distributor is told. An offer that stands is taken back.")
    button = _("Decline it")
    dangerous = True
    form_class = DeclineForm

    def decide(self, values: dict[str, Any]) -> str:
        done = goodwill.decline(
            claim_no=self.subject().claim_no,
            note=values["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self.done(done)


class ShipGoodwill(AboutGoodwill):
    """Ship new goods from the platform's own stock."""

    right = "console.ship_orders"
    act = "ship_goodwill"
    title = _("Ship the new goods")
    explanation = _("The goods were taken from stock. The distributor is told the tracking number.")
    button = _("Ship the parcel")
    form_class = ShipForm

    def fits(self, found: Claim) -> bool:
        return goodwill.to_ship(None).filter(pk=found.pk).exists()

    def decide(self, values: dict[str, Any]) -> str:
        done = goodwill.ship(
            claim_no=self.subject().claim_no,
            supplier=None,
            carrier_code=values["carrier_code"],
            tracking_no=values["tracking_no"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Parcel {tracking_no} is on its way.").format(tracking_no=done.tracking_no)


# In the order in which they are shown.
DECISIONS = (OfferGoodwill, DeclineGoodwill, ShipGoodwill)
