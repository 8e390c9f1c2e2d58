"""Parcels that are not what was entered, or do not arrive: corrected, voided, given up, come back."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import bulk
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from orders import closing, header, shipping, telling
from orders.models import (
    Fulfilment,
    FulfilmentState,
    Line,
    Order,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from orders.telling import Deed, ParcelNews
from suppliers.models import Supplier

MAX_REASON = 200

CORRECTABLE = (ShipmentState.IN_TRANSIT, ShipmentState.EXCEPTION)
LOSABLE = (ShipmentState.EXCEPTION, ShipmentState.RETURNING)
# What staff may report of a parcel: from where it is to where it has come, and by which step.
REPORTS: dict[tuple[ShipmentState, ShipmentState], str] = {
    (ShipmentState.IN_TRANSIT, ShipmentState.EXCEPTION): "meet_trouble",
    (ShipmentState.EXCEPTION, ShipmentState.IN_TRANSIT): "resume",
    (ShipmentState.IN_TRANSIT, ShipmentState.RETURNING): "turn_back",
    (ShipmentState.EXCEPTION, ShipmentState.RETURNING): "turn_back",
}
TOLD_AS = {ShipmentState.IN_TRANSIT: "shipment.tracking_changed"}


class ReasonNeeded(DomainError):
    code = "reason_needed"
    text = _("Say why, in 1 to {limit} characters.")


class TrackingNoUnchanged(DomainError):
    code = "tracking_no_unchanged"
    text = _("The parcel has this number already.")


class ParcelSeen(DomainError):
    code = "parcel_seen_by_carrier"
    text = _("The carrier has scanned parcel {tracking_no}; it cannot be voided any more.")


class ParcelInUse(DomainError):
    code = "parcel_in_use"
    text = _("Pieces of parcel {tracking_no} have been received, refunded, or are in a case.")


@dataclass(frozen=True, slots=True)
class _Found:
    """A locked parcel with its locked part; its order is locked as well."""

    parcel: Shipment
    part: Fulfilment
    before: str

    @property
    def order_pk(self) -> int:
        return self.part.order_id

    def deed(self, act: str, actor: Actor, reason: str) -> Deed:
        return telling.parcel_deed(self.parcel, self.order_pk, act, actor, self.before, reason)


def correct(
    *,
    shipment_pk: int,
    supplier: Supplier | None,
    carrier_code: str,
    tracking_no: str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Shipment:
    """Give a source's parcel (of the platform's own: None) the number that it really has.

    History keeps the old one. What a carrier said under it is not of this parcel: it counts as on
    its way and not seen.

    :raises NotFound: the source has no such parcel.
    :raises WrongState: it has arrived, come back, or was given up.
    :raises ReasonNeeded: no reason is given, or one too long.
    :raises DomainError: `CarrierUnknown`, `TrackingNoUnreadable`, `TrackingNoUnchanged`, or
        `TrackingNoTaken`: the new number is none, or not free.
    """
    why = _reason(reason)
    carrier, number = shipping.read_label(carrier_code, tracking_no)

    @transaction.atomic(durable=True)
    def act() -> Shipment:
        found = _lock(shipment_pk, supplier, by_staff=False)
        return _renumber(found, carrier.code, number, why, actor, at)

    return shipping.again_where_taken(act)


@transaction.atomic(durable=True)
def void(
    *,
    shipment_pk: int,
    supplier: Supplier | None,
    by_staff: bool,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Shipment:
    """Take back a parcel that was entered by mistake; its pieces are to be shipped again.

    A source voids its own, staff any. The number may be used again.

    :raises NotFound: there is no such parcel, or it is not the source's.
    :raises WrongState: it is not on its way.
    :raises ParcelSeen: a carrier has scanned it.
    :raises ParcelInUse: pieces of it have come to their end, or are in a case.
    :raises ReasonNeeded: no reason is given, or one too long.
    """
    why = _reason(reason)
    found = _lock(shipment_pk, supplier, by_staff=by_staff)
    parcel = found.parcel
    if parcel.state != ShipmentState.IN_TRANSIT:
        raise WrongState(state=parcel.get_state_display())
    if parcel.scanned_at is not None:
        raise ParcelSeen(tracking_no=parcel.tracking_no)
    _unship(found)
    parcel.void()
    parcel.ended_at = at
    return _finish(found, "voided", "shipment.tracking_changed", why, actor, at)


@transaction.atomic(durable=True)
def come_back(
    *, shipment_pk: int, supplier: Supplier | None, by_staff: bool, actor: Actor, at: datetime
) -> Shipment:
    """Register that a returning parcel is back where it came from.

    Registering it again changes nothing.

    :raises NotFound: there is no such parcel, or it is not the source's.
    :raises WrongState: it is not on its way back.
    """
    found = _lock(shipment_pk, supplier, by_staff=by_staff)
    if found.before == ShipmentState.RETURNED:
        return found.parcel
    if found.before != ShipmentState.RETURNING:
        raise WrongState(state=found.parcel.get_state_display())
    found.parcel.come_back()
    found.parcel.ended_at = at
    return _finish(found, "returned", "shipment.exception", "", actor, at)


@transaction.atomic(durable=True)
def report(
    *, shipment_pk: int, state: ShipmentState, reason: str, actor: Actor, at: datetime
) -> Shipment:
    """Note what staff have heard of a parcel whose carrier does not say it by its interface.

    It is in trouble (`exception`), has been found (`in_transit`), or was refused or intercepted and
    is on its way back (`returning`).

    :raises NotFound: there is no such parcel.
    :raises WrongState: from where it is, it cannot have come there.
    :raises ReasonNeeded: no reason is given, or one too long.
    """
    why = _reason(reason)
    found = _lock(shipment_pk, None, by_staff=True)
    step = REPORTS.get((ShipmentState(found.before), state))
    if step is None:
        raise WrongState(state=found.parcel.get_state_display())
    getattr(found.parcel, step)()
    kind = TOLD_AS.get(state, "shipment.exception")
    return _finish(found, state.value, kind, why, actor, at)


@transaction.atomic(durable=True)
def write_off(*, shipment_pk: int, actor: Actor, at: datetime, note: str) -> Shipment:
    """Give up a parcel in trouble, or one that got lost on its way back, for staff.

    Its pieces stay shipped until a case refunds them.

    :raises NotFound: there is no such parcel.
    :raises WrongState: it is not in trouble.
    :raises ReasonNeeded: no note is given, or one too long.
    """
    why = _reason(note)
    found = _lock(shipment_pk, None, by_staff=True)
    if found.before not in LOSABLE:
        raise WrongState(state=found.parcel.get_state_display())
    found.parcel.write_off()
    found.parcel.ended_at = at
    return _finish(found, "lost", "shipment.exception", why, actor, at)


def _lock(shipment_pk: int, supplier: Supplier | None, *, by_staff: bool) -> _Found:
    """Lock a parcel's order, its part, and itself."""
    parcels = Shipment.objects.filter(pk=shipment_pk)
    if not by_staff:
        parcels = parcels.filter(fulfilment__supplier=supplier)
    found = parcels.values_list("fulfilment", "fulfilment__order").first()
    if found is None:
        raise NotFound
    part_pk, order_pk = found
    Order.objects.filter(pk=order_pk).locked().get()
    part = Fulfilment.objects.select_for_update(no_key=True).get(pk=part_pk)
    parcel = Shipment.objects.select_for_update(no_key=True).get(pk=shipment_pk)
    return _Found(parcel, part, str(parcel.state))


def _renumber(
    found: _Found, carrier_code: str, number: str, why: str, actor: Actor, at: datetime
) -> Shipment:
    parcel = found.parcel
    if parcel.state not in CORRECTABLE:
        raise WrongState(state=parcel.get_state_display())
    if (parcel.carrier_code, parcel.tracking_no) == (carrier_code, number):
        raise TrackingNoUnchanged
    same = Shipment.objects.filter(carrier_code=carrier_code, tracking_no=number)
    if same.exclude(state=ShipmentState.VOIDED).exists():
        raise shipping.TrackingNoTaken(tracking_no=number)
    former = {"carrier_code": parcel.carrier_code, "tracking_no": parcel.tracking_no}
    # The path of the old number ends here, and that of the new one begins.
    left = Deed(
        found.order_pk,
        telling.parcel_subject(parcel),
        "renumbered",
        actor,
        before=found.before,
        reason=f"→ {carrier_code} {number}",
    )
    if parcel.state == ShipmentState.EXCEPTION:
        parcel.resume()
    parcel.carrier_code, parcel.tracking_no = carrier_code, number
    parcel.scanned_at = None
    parcel.version += 1
    parcel.save()
    entered = telling.parcel_deed(parcel, found.order_pk, "corrected", actor, "", why)
    telling.note([left, entered], at=at)
    telling.tell_parcels([ParcelNews(parcel, "shipment.tracking_changed", former)], at=at)
    return parcel


def _unship(found: _Found) -> None:
    """Count the pieces of a parcel as not shipped, and move its part back."""
    rows = list(ShipmentLine.objects.filter(shipment=found.parcel))
    lines = _lock_lines(found.part)
    for row in rows:
        line = lines[row.line_id]
        line.shipped -= row.quantity
        claimed = line.in_case + line.refunded - line.cancelled
        # What was given for pieces that stay does not fit beside what cancelling gives back.
        given_fen = line.refunded_fen - line.agreement_price_fen * line.cancelled
        if (
            row.received
            or row.written_off
            or line.shipped < claimed
            or line.agreement_price_fen * line.shipped < given_fen
        ):
            raise ParcelInUse(tracking_no=found.parcel.tracking_no)
    pks = [row.line_id for row in rows]
    bulk.update("orders_line", pks, {"shipped": ("int", [lines[pk].shipped for pk in pks])})
    part = found.part
    if not any(line.shipped for line in lines.values()):
        part.unship_all()
    elif part.state == FulfilmentState.SHIPPED:
        part.unship_part()
    # It had been picked, whatever was said of it.
    part.begun_at = part.begun_at or found.parcel.shipped_at
    part.save(update_fields=["state", "begun_at"])


def _lock_lines(part: Fulfilment) -> dict[int, Line]:
    rows = Line.objects.filter(fulfilment=part).order_by("pk").select_for_update(no_key=True)
    return {line.pk: line for line in rows}


def _finish(
    found: _Found, act: str, kind: str, reason: str, actor: Actor, at: datetime
) -> Shipment:
    """Write a parcel that has moved, with all that follows from it."""
    parcel = found.parcel
    parcel.version += 1
    parcel.save()
    closing.close_parts([found.order_pk], at=at)
    telling.note([found.deed(act, actor, reason)], at=at)
    telling.tell_parcels([ParcelNews(parcel, kind, {"state": found.before})], at=at)
    telling.tell(header.recompute([found.order_pk], at=at), actor=actor, at=at)
    return parcel


def _reason(text: str) -> str:
    reason = text.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise ReasonNeeded(limit=MAX_REASON)
    return reason
