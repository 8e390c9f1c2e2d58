"""Pieces that turn out to have left: in a parcel that is new to us, or in one that we know."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from kit.actors import Actor
from kit.errors import DomainError
from orders import header, shipping, telling
from orders.models import (
    Fulfilment,
    Line,
    Shipment,
    ShipmentLine,
    ShipmentState,
)

# A parcel whose pieces are still to be received.
OUTWARD = (ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED, ShipmentState.EXCEPTION)


@transaction.atomic(savepoint=False)
def ship_or_add(
    *,
    part: Fulfilment,
    pieces: Mapping[Line, int],
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> Shipment:
    """Ship pieces of a locked part in this parcel, or note that one on its way holds them too.

    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TrackingNoTaken: the parcel is another part's, or at its end.
    """
    carrier, number = shipping.read_label(carrier_code, tracking_no)
    known = part.shipments.filter(
        carrier_code=carrier.code, tracking_no=number, state__in=OUTWARD
    ).first()
    if known is not None:
        _add(known, part, pieces, actor, at)
        return known
    return _ship(part, pieces, carrier.code, number, actor, at)


def _ship(
    part: Fulfilment,
    pieces: Mapping[Line, int],
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> Shipment:
    counts = {line.pk: quantity for line, quantity in pieces.items()}
    parcel = shipping.Parcel(part.pk, carrier_code, tracking_no, counts)
    [outcome] = shipping.ship_within(parcels=[parcel], supplier=part.supplier, actor=actor, at=at)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _add(
    parcel: Shipment, part: Fulfilment, pieces: Mapping[Line, int], actor: Actor, at: datetime
) -> None:
    for line, quantity in pieces.items():
        ShipmentLine.objects.update_or_create(
            shipment=parcel,
            line=line,
            defaults={"quantity": F("quantity") + quantity},
            create_defaults={"quantity": quantity},
        )
        Line.objects.filter(pk=line.pk).update(shipped=F("shipped") + quantity)
    Shipment.objects.filter(pk=parcel.pk).update(version=F("version") + 1)
    if all(line.shipped + line.cancelled == line.quantity for line in part.lines.all()):
        part.ship_all()
        part.save(update_fields=["state"])
    subject = telling.parcel_subject(parcel)
    telling.note([telling.Deed(part.order_id, subject, "filled", actor)], at=at)
    telling.tell(header.recompute([part.order_id], at=at), actor=actor, at=at)
