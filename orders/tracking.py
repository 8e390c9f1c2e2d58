"""What carriers say of parcels: every scan is kept once, and moves the parcel where it can.

Carriers repeat themselves, and tell things late and out of order. That a parcel was signed for,
refused or has come back decides, whenever it is heard; trouble and the end of it count only as the
latest news.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit import actors, bulk
from kit.errors import DomainError
from orders import carriers, closing, header, telling
from orders.models import Order, Shipment, ShipmentState
from orders.telling import Deed, ParcelNews

MAX_HEARD = 200
MAX_TEXT, MAX_PLACE = 200, 80
# The clocks of carriers are not ours.
MAX_AHEAD = timedelta(hours=1)
# Carriers use their numbers again: what was scanned so long before is of another parcel.
MAX_BEFORE_SHIPPING = timedelta(days=7)
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


class ScanStatus(models.TextChoices):
    """What a carrier may say."""

    PICKED_UP = "picked_up", _("picked up")
    IN_TRANSIT = "in_transit", _("in transit")
    OUT_FOR_DELIVERY = "out_for_delivery", _("out for delivery")
    DELIVERED = "delivered", _("signed for")
    EXCEPTION = "exception", _("exception")
    REFUSED = "refused", _("refused by the consignee")
    RETURNING = "returning", _("on its way back")
    RETURNED = "returned", _("back with the sender")


class ParcelUnknown(DomainError):
    code = "parcel_unknown"
    text = _("We know no parcel {tracking_no} of {carrier_code}.")


class ScanInFuture(DomainError):
    code = "scan_in_future"
    text = _("The scan lies in the future; our time is {server_time}.")


class StatusUnknown(DomainError):
    code = "scan_status_unknown"
    text = _("“{status}” is no status of a parcel.")


class TooManyScans(DomainError):
    code = "too_many_scans"
    text = _("At most {limit} scans can be sent at once.")


@dataclass(frozen=True, slots=True)
class Heard:
    """A scan as a carrier tells it; `carrier_code` may be any name by which we know the carrier."""

    carrier_code: str
    tracking_no: str
    status: str
    scanned_at: datetime
    text: str = ""
    place: str = ""

    @property
    def label(self) -> tuple[str, str]:
        """Carrier and number, by which a parcel is found."""
        return (self.carrier_code, self.tracking_no)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A scan that is kept: where its parcel is now, and whether we had heard it before."""

    state: str
    repeated: bool


Outcome = Recorded | DomainError

MOVING = (ScanStatus.PICKED_UP, ScanStatus.IN_TRANSIT, ScanStatus.OUT_FOR_DELIVERY)
# These count only if nothing later has been heard of the parcel.
_ONLY_AS_NEWS = (*MOVING, ScanStatus.EXCEPTION)
# What a status makes of a parcel in a state, as steps of its machine; of any other, nothing.
_STEPS: dict[tuple[str, str], tuple[str, ...]] = {
    **{(status, ShipmentState.EXCEPTION): ("resume",) for status in MOVING},
    (ScanStatus.DELIVERED, ShipmentState.IN_TRANSIT): ("deliver",),
    (ScanStatus.DELIVERED, ShipmentState.EXCEPTION): ("resume", "deliver"),
    (ScanStatus.EXCEPTION, ShipmentState.IN_TRANSIT): ("meet_trouble",),
    (ScanStatus.REFUSED, ShipmentState.IN_TRANSIT): ("turn_back",),
    (ScanStatus.REFUSED, ShipmentState.EXCEPTION): ("turn_back",),
    (ScanStatus.RETURNING, ShipmentState.IN_TRANSIT): ("turn_back",),
    (ScanStatus.RETURNING, ShipmentState.EXCEPTION): ("turn_back",),
    (ScanStatus.RETURNED, ShipmentState.IN_TRANSIT): ("turn_back", "come_back"),
    (ScanStatus.RETURNED, ShipmentState.EXCEPTION): ("turn_back", "come_back"),
    (ScanStatus.RETURNED, ShipmentState.RETURNING): ("come_back",),
}
# What is told of a parcel that has come into a state.
_TOLD = {
    ShipmentState.IN_TRANSIT: "shipment.tracking_changed",
    ShipmentState.DELIVERED: "shipment.delivered",
    ShipmentState.EXCEPTION: "shipment.exception",
    ShipmentState.RETURNING: "shipment.exception",
    ShipmentState.RETURNED: "shipment.exception",
}


@transaction.atomic(durable=True)
def record(*, heard: Sequence[Heard], at: datetime) -> list[Outcome]:
    """Keep what carriers say of our parcels, and move them; return what became of each, in order.

    Telling the same again changes nothing. A refusal is `ParcelUnknown`, `StatusUnknown` or
    `ScanInFuture`, and does not fail its neighbours.

    :raises TooManyScans: more than `MAX_HEARD`.
    """
    if len(heard) > MAX_HEARD:
        raise TooManyScans(limit=MAX_HEARD)
    scans = [plain(one) for one in heard]
    desk = _Desk({scan.label for scan in scans})
    outcomes = [desk.refusal(scan, at) for scan in scans]
    kept = [scan for scan, refusal in zip(scans, outcomes, strict=True) if refusal is None]
    fresh = desk.keep(kept, at)
    for scan in sorted(fresh, key=lambda scan: scan.scanned_at):
        desk.advance(scan)
    desk.write(at)
    return [
        refusal or Recorded(str(desk.parcels[scan.label].state), repeated=not _take(fresh, scan))
        for scan, refusal in zip(scans, outcomes, strict=True)
    ]


def plain(heard: Heard) -> Heard:
    """Write a scan in our one way: our code of the carrier, and no full telephone number."""
    carrier = carriers.find(heard.carrier_code)
    return replace(
        heard,
        carrier_code=carrier.code if carrier else heard.carrier_code,
        tracking_no=heard.tracking_no.strip().upper(),
        text=_MOBILE.sub(r"\1****\2", heard.text)[:MAX_TEXT],
        place=heard.place[:MAX_PLACE],
    )


class _Desk:
    """The tracking desk: some locked parcels, and what their carriers have said of them now."""

    def __init__(self, labels: Collection[tuple[str, str]]) -> None:
        self.parcels = _lock_parcels(labels)
        self.days: int = policies.read().receive_days_after_signing
        self.deeds: list[Deed] = []
        # Where the parcels were that have moved.
        self.before: dict[tuple[str, str], str] = {}

    def refusal(self, scan: Heard, at: datetime) -> DomainError | None:
        """Say why a scan is not kept, if it is not."""
        parcel = self.parcels.get(scan.label)
        if scan.status not in ScanStatus.values:
            return StatusUnknown(status=scan.status)
        if scan.scanned_at > at + MAX_AHEAD:
            return ScanInFuture(server_time=at)
        if parcel is None or scan.scanned_at < parcel.shipped_at - MAX_BEFORE_SHIPPING:
            return ParcelUnknown(carrier_code=scan.carrier_code, tracking_no=scan.tracking_no)
        return None

    def keep(self, scans: Sequence[Heard], at: datetime) -> list[Heard]:
        """Store the scans; return those that had not been heard before, each once."""
        rows = bulk.query(
            "INSERT INTO orders_scan (shipment_id, carrier_code, tracking_no, status, text, place,"
            " scanned_at, heard_at) SELECT given.*, %s FROM unnest(%s::bigint[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS given"
            " ON CONFLICT DO NOTHING"
            " RETURNING carrier_code, tracking_no, status, scanned_at, text, place",
            [
                at,
                bulk.array(self.parcels[scan.label].pk for scan in scans),
                bulk.array(scan.carrier_code for scan in scans),
                bulk.array(scan.tracking_no for scan in scans),
                bulk.array(scan.status for scan in scans),
                bulk.array(scan.text for scan in scans),
                bulk.array(scan.place for scan in scans),
                bulk.array(scan.scanned_at for scan in scans),
            ],
        )
        return [Heard(*row) for row in rows]

    def advance(self, scan: Heard) -> None:
        """Take the steps that a scan means for its parcel."""
        parcel = self.parcels[scan.label]
        is_news = parcel.scanned_at is None or scan.scanned_at >= parcel.scanned_at
        if is_news:
            parcel.scanned_at = scan.scanned_at
        if is_news or scan.status not in _ONLY_AS_NEWS:
            for step in _STEPS.get((scan.status, parcel.state), ()):
                self._take(parcel, step, scan)

    def write(self, at: datetime) -> None:
        """Write the parcels, and tell of those that moved."""
        moved = [self.parcels[label] for label in self.before]
        for parcel in moved:
            parcel.version += 1
        _write(self.parcels.values())
        telling.note(self.deeds, at=at)
        news = [
            ParcelNews(parcel, _TOLD[ShipmentState(parcel.state)], {"state": self.before[label]})
            for label, parcel in self.parcels.items()
            if label in self.before and self.before[label] != parcel.state
        ]
        telling.tell_parcels(news, at=at)
        back = [p.fulfilment.order_id for p in moved if p.state == ShipmentState.RETURNED]
        if back:
            closing.close_parts(back, at=at)
            moves = header.recompute(set(back), at=at)
            telling.tell(moves, actor=actors.timer("tracking"), at=at)

    def _take(self, parcel: Shipment, step: str, scan: Heard) -> None:
        before = str(parcel.state)
        getattr(parcel, step)()
        # Each step for itself: the database refuses what is not drawn.
        parcel.save(update_fields=["state"])
        self.before.setdefault(scan.label, before)
        if parcel.state == ShipmentState.DELIVERED:
            parcel.delivered_at = scan.scanned_at
            since = max(scan.scanned_at, parcel.shipped_at)
            parcel.receive_due_at = since + timedelta(days=self.days)
        if parcel.state == ShipmentState.RETURNED:
            parcel.ended_at = scan.scanned_at
        actor = actors.carrier(parcel.carrier_code)
        order_pk = parcel.fulfilment.order_id
        self.deeds.append(
            telling.parcel_deed(parcel, order_pk, str(parcel.state), actor, before, scan.text)
        )


def _lock_parcels(labels: Collection[tuple[str, str]]) -> dict[tuple[str, str], Shipment]:
    """Lock the orders, then the parcels, in primary-key order; return the parcels by label."""
    alive = Shipment.objects.filter(
        carrier_code__in={carrier for carrier, _ in labels},
        tracking_no__in={number for _, number in labels},
    ).exclude(state=ShipmentState.VOIDED)
    wanted = [
        (pk, order_pk)
        for pk, order_pk, *label in alive.values_list(
            "pk", "fulfilment__order", "carrier_code", "tracking_no"
        )
        if tuple(label) in labels
    ]
    orders = Order.objects.filter(pk__in={order_pk for _, order_pk in wanted})
    list(orders.locked().values_list("pk", flat=True))
    # Looked up again: a number may have been corrected or voided before the order was locked.
    rows = (
        alive.filter(pk__in={pk for pk, _ in wanted})
        .select_related("fulfilment")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return {(row.carrier_code, row.tracking_no): row for row in rows}


def _write(parcels: Collection[Shipment]) -> None:
    columns = {
        "version": "int",
        "receive_due_at": "timestamptz",
        "delivered_at": "timestamptz",
        "ended_at": "timestamptz",
        "scanned_at": "timestamptz",
    }
    bulk.update(
        "orders_shipment",
        [parcel.pk for parcel in parcels],
        {name: (kind, [getattr(p, name) for p in parcels]) for name, kind in columns.items()},
    )


def _take(fresh: list[Heard], scan: Heard) -> bool:
    """Tell whether a scan is among the fresh ones; the next one like it is not."""
    if scan in fresh:
        fresh.remove(scan)
        return True
    return False
