"""What staff do about new goods for a consumer: ship the platform's own, or give up."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aftersales import reshipping
from aftersales.models import Case, CaseState
from console.case_pages import AboutCase, NoteForm
from console.orders import ShipForm


class Reship(AboutCase):
    """Ship new goods from the platform's own stock."""

    right = "console.ship_orders"
    act = "reship"
    title = _("Ship new goods")
    explanation = _("The goods were taken from stock. The distributor is told the tracking number.")
    button = _("Ship the parcel")
    form_class = ShipForm
    states = (CaseState.RESHIPPING,)

    def fits(self, found: Case) -> bool:
        return super().fits(found) and found.line.fulfilment.supplier_id is None

    def decide(self, values: dict[str, Any]) -> str:
        done = reshipping.reship(
            case_no=self.subject().case_no,
            supplier=None,
            carrier_code=values["carrier_code"],
            tracking_no=values["tracking_no"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self.done(done)


class CannotReship(AboutCase):
    """Refund in place of new goods."""

    act = "cannot_reship"
    title = _("There are no new goods")
    explanation = _("What was taken goes back into stock, and the approved amount is refunded.")
    dangerous = True
    form_class = NoteForm
    states = (CaseState.RESHIPPING,)

    def decide(self, values: dict[str, Any]) -> str:
        done = reshipping.cannot_reship(
            case_no=self.subject().case_no,
            actor=self.actor,
            at=timezone.now(),
            note=values["note"],
        )
        return self.done(done)


class LoseReshipment(AboutCase):
    """Refund, since the new goods never arrived."""

    act = "lose_reshipment"
    title = _("The new parcel is lost")
    explanation = _("The approved amount is refunded.")
    dangerous = True
    form_class = NoteForm
    states = (CaseState.RESHIPPED,)

    def decide(self, values: dict[str, Any]) -> str:
        done = reshipping.lose_reshipment(
            case_no=self.subject().case_no,
            actor=self.actor,
            at=timezone.now(),
            note=values["note"],
        )
        return self.done(done)
