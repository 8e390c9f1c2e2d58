"""Handing parcels to carriers: one parcel is a batch of one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit import bulk
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from orders import carriers, header, telling
from orders.models import Fulfilment, FulfilmentState, Line, Order, Shipment, ShipmentLine
from orders.telling import Deed
from suppliers.models import Supplier

MAX_PARCELS = 1_000
MAX_TRIES = 3
MIN_TRACKING_LENGTH, MAX_TRACKING_LENGTH = 5, 40

Outcome = TypeVar("Outcome")

TO_SHIP = (FulfilmentState.AWAITING_SHIPMENT, FulfilmentState.PARTLY_SHIPPED)


class CarrierUnknown(DomainError):
    code = "carrier_unknown"
    text = _("We know no carrier “{carrier}”.")


class TrackingNoUnreadable(DomainError):
    code = "tracking_no_unreadable"
    text = _("“{tracking_no}” is no tracking number: 5 to 40 letters, digits and dashes.")


class TrackingNoTaken(DomainError):
    code = "tracking_no_taken"
    text = _("A parcel with the number {tracking_no} of this carrier is there already.")


class TooManyPieces(DomainError):
    code = "too_many_pieces"
    text = _("Only {left} of line {line_id} can still be shipped, not {quantity}.")


class NothingToShip(DomainError):
    code = "nothing_to_ship"
    text = _("A parcel holds at least one piece.")


class TooManyParcels(DomainError):
    code = "too_many_parcels"
    text = _("At most {limit} parcels can be shipped at once.")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel to ship: pieces by line key, or everything that is left where that is None."""

    fulfilment_pk: int
    carrier_code: str
    tracking_no: str
    pieces: Mapping[int, int] | None = None

    @property
    def number(self) -> str:
        """The tracking number in the one way in which we write it."""
        return _plain(self.tracking_no)


def read_label(carrier_code: str, tracking_no: str) -> tuple[carriers.Carrier, str]:
    """Return the carrier, and the tracking number in the one way in which we write it.

    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    """
    carrier = carriers.find(carrier_code)
    if carrier is None:
        raise CarrierUnknown(carrier=carrier_code)
    return carrier, read_number(tracking_no)


def read_number(tracking_no: str) -> str:
    """Return a tracking number in the one way in which we write it.

    :raises TrackingNoUnreadable: it cannot be one.
    """
    number = _plain(tracking_no)
    if not _is_tracking_no(number):
        raise TrackingNoUnreadable(tracking_no=tracking_no)
    return number


def ship(
    *,
    fulfilment_pk: int,
    supplier: Supplier | None,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
    pieces: Mapping[int, int] | None = None,
) -> Shipment:
    """Ship one parcel of a supplier's part of an order (of the platform's own: None).

    :raises NotFound: the source has no such fulfilment, or the fulfilment no such line.
    :raises DomainError: it cannot be shipped so; nothing has changed; see `ship_many`.
    """
    parcel = Parcel(fulfilment_pk, carrier_code, tracking_no, pieces)
    outcome = ship_many(parcels=[parcel], supplier=supplier, actor=actor, at=at)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def ship_many(
    *, parcels: Sequence[Parcel], supplier: Supplier | None, actor: Actor, at: datetime
) -> list[Shipment | DomainError]:
    """Ship many parcels of one source; return a shipment or the parcel's refusal, in order.

    A refusal is `NotFound`, `WrongState`, `CarrierUnknown`, `TrackingNoUnreadable`,
    `TrackingNoTaken`, `TooManyPieces` or `NothingToShip`, and does not fail its neighbours.

    :raises TooManyParcels: more than `MAX_PARCELS`.
    """
    if len(parcels) > MAX_PARCELS:
        raise TooManyParcels(limit=MAX_PARCELS)

    @transaction.atomic(durable=True)
    def ship_all() -> list[Shipment | DomainError]:
        return ship_within(parcels=parcels, supplier=supplier, actor=actor, at=at)

    return again_where_taken(ship_all)


def again_where_taken(act: Callable[[], Outcome]) -> Outcome:
    """Run a durable act that labels parcels; once more where somebody took a number meanwhile."""
    for _again in range(MAX_TRIES - 1):
        try:
            return act()
        except IntegrityError as error:
            # Somebody else used one of the numbers at this moment: now it is seen to be taken.
            if "shipment_once_per_tracking_no" not in str(error):
                raise
    return act()


@transaction.atomic(savepoint=False)
def ship_within(
    *, parcels: Sequence[Parcel], supplier: Supplier | None, actor: Actor, at: datetime
) -> list[Shipment | DomainError]:
    """Ship many parcels of one source in the caller's transaction; see `ship_many`."""
    bench = _Bench(parcels, supplier)
    outcomes = bench.pack_all(parcels, at)
    bench.hand_over(actor, at)
    return outcomes


def try_out(
    *, parcels: Sequence[Parcel], supplier: Supplier | None, at: datetime
) -> list[Shipment | DomainError]:
    """Say what would become of parcels if they were shipped now; see `ship_many`.

    The judgement is that of shipping itself; nothing is locked or written.
    """
    return _Bench(parcels, supplier, locks=False).pack_all(parcels, at)


@transaction.atomic(durable=True)
def begin(
    *, fulfilment_pks: Collection[int], supplier: Supplier | None, actor: Actor, at: datetime
) -> int:
    """Note that a source has begun with its parts (printed, exported, or said so); return how many
    had not begun before.

    :raises NotFound: one of them is not this source's.
    """
    parts = lock_parts(fulfilment_pks, supplier)
    if len(parts) != len(set(fulfilment_pks)):
        raise NotFound
    fresh = [part for part in parts.values() if part.begun_at is None and part.state in TO_SHIP]
    Fulfilment.objects.filter(pk__in=[part.pk for part in fresh]).update(begun_at=at)
    telling.note(
        [Deed(part.order_id, f"fulfilment {part.pk}", "begun", actor) for part in fresh], at=at
    )
    if fresh:
        moves = header.recompute({part.order_id for part in fresh}, at=at)
        telling.tell(moves, actor=actor, at=at)
    return len(fresh)


def lock_parts(pks: Collection[int], supplier: Supplier | None) -> dict[int, Fulfilment]:
    """Lock the orders, then the parts of them that are a source's, in primary-key order."""
    mine = Fulfilment.objects.filter(pk__in=pks, supplier=supplier)
    order_pks = list(mine.values_list("order_id", flat=True))
    list(Order.objects.filter(pk__in=order_pks).locked().values_list("pk", flat=True))
    rows = mine.order_by("pk").select_for_update(no_key=True)
    return {part.pk: part for part in rows}


def parts_of(pks: Collection[int], supplier: Supplier | None) -> dict[int, Fulfilment]:
    """Return the parts among them that are a source's, as they are just now."""
    return Fulfilment.objects.filter(supplier=supplier).in_bulk(pks)


class _Bench:
    """The packing bench: locked fulfilments and lines, and the parcels packed so far."""

    def __init__(
        self, parcels: Sequence[Parcel], supplier: Supplier | None, *, locks: bool = True
    ) -> None:
        pks = {parcel.fulfilment_pk for parcel in parcels}
        self.parts = lock_parts(pks, supplier) if locks else parts_of(pks, supplier)
        self.lines: dict[int, dict[int, Line]] = {pk: {} for pk in self.parts}
        rows = Line.objects.filter(fulfilment__in=self.parts).order_by("pk")
        for line in rows.select_for_update(no_key=True) if locks else rows:
            self.lines[line.fulfilment_id][line.pk] = line
        self.taken = _tracking_nos_taken(parcels)
        self.receive_days: int = policies.read().receive_days_after_shipping
        self.packed: list[tuple[Shipment, dict[int, int]]] = []

    def pack_all(self, parcels: Sequence[Parcel], at: datetime) -> list[Shipment | DomainError]:
        """Pack one parcel after the other; one that is refused leaves no trace for the next."""
        outcomes: list[Shipment | DomainError] = []
        for parcel in parcels:
            try:
                outcomes.append(self.pack(parcel, at))
            except DomainError as refusal:
                outcomes.append(refusal)
        return outcomes

    def pack(self, parcel: Parcel, at: datetime) -> Shipment:
        """Put pieces into a parcel, or refuse it without a trace."""
        part = self.parts.get(parcel.fulfilment_pk)
        if part is None:
            raise NotFound
        if part.state not in TO_SHIP:
            raise WrongState(state=part.get_state_display())
        carrier, tracking_no = self._check_label(parcel)
        pieces = self._pieces(parcel)
        shipment = Shipment(
            fulfilment=part,
            carrier_code=carrier.code,
            tracking_no=tracking_no,
            shipped_at=at,
            receive_due_at=at + timedelta(days=self.receive_days),
        )
        for line_pk, quantity in pieces.items():
            self.lines[part.pk][line_pk].shipped += quantity
        self.taken.add((carrier.code, tracking_no))
        self.packed.append((shipment, pieces))
        self._move(part)
        return shipment

    def hand_over(self, actor: Actor, at: datetime) -> None:
        """Write what was packed, in a number of statements that does not grow with it."""
        if not self.packed:
            return
        shipments = Shipment.objects.bulk_create([shipment for shipment, _ in self.packed])
        ShipmentLine.objects.bulk_create(
            ShipmentLine(shipment=shipment, line_id=line_pk, quantity=quantity)
            for shipment, pieces in self.packed
            for line_pk, quantity in pieces.items()
        )
        parts = {shipment.fulfilment for shipment in shipments}
        bulk.update(
            "orders_fulfilment",
            [part.pk for part in parts],
            {"state": ("text", [part.state for part in parts])},
        )
        _write_shipped([line for part in parts for line in self.lines[part.pk].values()])
        telling.note([_deed(shipment, actor) for shipment in shipments], at=at)
        moves = header.recompute({part.order_id for part in parts}, at=at)
        telling.tell(moves, actor=actor, at=at, parcels=shipments)

    def _check_label(self, parcel: Parcel) -> tuple[carriers.Carrier, str]:
        carrier, tracking_no = read_label(parcel.carrier_code, parcel.tracking_no)
        if (carrier.code, tracking_no) in self.taken:
            raise TrackingNoTaken(tracking_no=tracking_no)
        return carrier, tracking_no

    def _pieces(self, parcel: Parcel) -> dict[int, int]:
        lines = self.lines[parcel.fulfilment_pk]
        if parcel.pieces is None:
            pieces = {pk: line.to_ship for pk, line in lines.items() if line.to_ship}
        else:
            pieces = {pk: quantity for pk, quantity in parcel.pieces.items() if quantity}
        if not pieces:
            raise NothingToShip
        for line_pk, quantity in pieces.items():
            line = lines.get(line_pk)
            if line is None:
                raise NotFound
            if not 0 < quantity <= line.to_ship:
                raise TooManyPieces(line_id=line.line_id, left=line.to_ship, quantity=quantity)
        return pieces

    def _move(self, part: Fulfilment) -> None:
        lines = self.lines[part.pk].values()
        if all(line.shipped + line.cancelled == line.quantity for line in lines):
            part.ship_all()
        elif part.state == FulfilmentState.AWAITING_SHIPMENT:
            part.ship_part()


def _tracking_nos_taken(parcels: Sequence[Parcel]) -> set[tuple[str, str]]:
    rows = Shipment.objects.filter(
        # Every code, so that the index is used, which begins with it.
        carrier_code__in=[carrier.code for carrier in carriers.CARRIERS],
        tracking_no__in={parcel.number for parcel in parcels},
    ).exclude(state="voided")
    return set(rows.values_list("carrier_code", "tracking_no"))


def _write_shipped(lines: Sequence[Line]) -> None:
    bulk.update(
        "orders_line",
        [line.pk for line in lines],
        {"shipped": ("int", [line.shipped for line in lines])},
    )


def _deed(shipment: Shipment, actor: Actor) -> Deed:
    return Deed(
        shipment.fulfilment.order_id,
        f"shipment {shipment.carrier_code} {shipment.tracking_no}",
        "shipped",
        actor,
        after=str(shipment.state),
    )


def _plain(tracking_no: str) -> str:
    return tracking_no.strip().upper()


def _is_tracking_no(text: str) -> bool:
    return (
        MIN_TRACKING_LENGTH <= len(text) <= MAX_TRACKING_LENGTH
        and text.isascii()
        and text.replace("-", "").isalnum()
    )
