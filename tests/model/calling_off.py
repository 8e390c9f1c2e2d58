"""The model of pieces that are called off before they leave, and of parcels that go astray."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.model.promises import Promises
from tests.model.things import (
    TO_RECEIVE,
    TO_SHIP,
    Held,
    Line,
    Named,
    Order,
    Parcel,
    Part,
    Sku,
    require,
)

ANSWER_HOURS = 24
# Carriers use their numbers again: an older scan is of another parcel.
OLDEST_SCAN = timedelta(days=7)
MOVING = ("picked_up", "in_transit", "out_for_delivery")


@dataclass(eq=False, repr=False)
class Cancellation(Named):
    """Pieces of one part that are not to be shipped."""

    part: Part
    pieces: Mapping[Line, int]
    asker: str
    state: str = "requested"
    refunded_fen: int = 0
    due_at: datetime | None = None

    def __repr__(self) -> str:
        return f"cancellation of {self.part}"


class CallingOff(Promises):
    """Books with cancellations, and with what carriers say."""

    def __init__(self, skus: Iterable[Sku], rates: Mapping[str, int], at: datetime) -> None:
        super().__init__(skus, rates, at)
        self.cancellations: list[Cancellation] = []
        # What carriers have said: number, status, and when.
        self.scans: set[tuple[str, str, datetime]] = set()

    # Cancellations

    def request(self, order: Order, pieces: Mapping[Line, int] | None) -> None:
        for one in self._ask(order, pieces, "distributor"):
            has_begun = one.part.begun or one.part.state != "awaiting_shipment"
            if (self.rules.cancellation_at_once and not has_begun) or one.part.due_at < self.now:
                self._grant(one)
            else:
                one.due_at = self.now + timedelta(hours=ANSWER_HOURS)

    def cancel_by_platform(self, order: Order, pieces: Mapping[Line, int] | None) -> None:
        for one in self._ask(order, pieces, "platform"):
            self._grant(one)

    def report_shortage(self, part: Part, pieces: Mapping[Line, int], empty_stock: bool) -> None:
        for one in self._ask(part.order, pieces, "source"):
            self._grant(one, restock=False)
            for line in one.pieces:
                line.wanted.sku.pool *= not empty_stock

    def withdraw_request(self, one: Cancellation) -> None:
        require(one.state in ("requested", "withdrawn"))
        if one.state == "requested":
            one.state = "withdrawn"
            self._thaw(one)

    def grant(self, one: Cancellation) -> None:
        require(one.state == "requested")
        self._grant(one)

    def grant_unanswered(self) -> None:
        for one in self.cancellations:
            if one.state == "requested" and one.due_at and one.due_at <= self.now:
                self._grant(one)

    def refuse(self, one: Cancellation, number: str) -> None:
        """It is too late: the pieces are in this parcel, which we may know already."""
        require(one.state == "requested")
        known = [p for p in one.part.parcels if p.number == number and p.state in TO_RECEIVE]
        require(known or not self.has_parcel(number))
        self._thaw(one)
        one.state = "refused"
        if not known:
            self.ship(one.part, one.pieces, number)
            return
        for line, count in one.pieces.items():
            line.shipped += count
            rows = [held for held in known[0].held if held.line is line]
            if rows:
                rows[0].quantity += count
            else:
                line.order.held.append(Held(known[0], line, count))

    def note_late(self) -> None:
        for order in self.orders.values():
            for part in order.parts:
                part.late = part.late or (part.state in TO_SHIP and part.due_at < self.now)

    def change_address(self, order: Order, consignee: int) -> None:
        require(not any(line.shipped for line in order.lines))
        require(not all(part.state == "cancelled" for part in order.parts))
        order.consignee = consignee

    def _ask(
        self, order: Order, pieces: Mapping[Line, int] | None, asker: str
    ) -> list[Cancellation]:
        """Freeze pieces, with one cancellation for each source."""
        if pieces is None:
            pieces = {line: line.to_ship for line in order.lines}
        require(all(0 <= count <= line.to_ship for line, count in pieces.items()))
        chosen = {line: count for line, count in pieces.items() if count}
        require(chosen)
        made = []
        for part in order.parts:
            mine = {line: count for line, count in chosen.items() if line.part is part}
            if mine:
                made.append(Cancellation(part, mine, asker))
        for line, count in chosen.items():
            line.frozen += count
        self.cancellations += made
        return made

    def _thaw(self, one: Cancellation) -> None:
        for line, count in one.pieces.items():
            line.frozen -= count

    def _grant(self, one: Cancellation, *, restock: bool = True) -> None:
        self._thaw(one)
        one.state = "granted"
        for line, count in one.pieces.items():
            line.cancelled += count
            line.refunded += count
            line.refunded_fen += line.price.fen * count
            one.refunded_fen += line.price.fen * count
        part = one.part
        if part.state == "cancelled":
            one.refunded_fen += part.freight_fen - part.freight_refunded_fen
            part.freight_refunded_fen = part.freight_fen
        self.give_back(part.order, one.refunded_fen)
        for line, count in one.pieces.items():
            if restock:
                self.restock(line, count)
        self.settle(part.order)

    # Parcels

    def scan(self, parcel: Parcel, status: str, when: datetime) -> None:
        """A carrier says something of a parcel; it may be late, old, or said before."""
        require(parcel.state != "voided" and when >= parcel.shipped_at - OLDEST_SCAN)
        if (parcel.number, status, when) in self.scans:
            return
        self.scans.add((parcel.number, status, when))
        is_news = parcel.scanned_at is None or when >= parcel.scanned_at
        if is_news:
            parcel.scanned_at = when
        elif status in (*MOVING, "exception"):
            return
        self._move(parcel, status, when)

    def _move(self, parcel: Parcel, status: str, when: datetime) -> None:
        outward = parcel.state in ("in_transit", "exception")
        if status in MOVING and outward:
            parcel.state = "in_transit"
        elif status == "exception" and outward:
            parcel.state = "exception"
        elif status == "delivered" and outward:
            parcel.state = "delivered"
            days = self.rules.receive_days_after_signing
            parcel.due_at = max(when, parcel.shipped_at) + timedelta(days=days)
        elif status in ("refused", "returning") and outward:
            parcel.state = "returning"
        elif status == "returned" and (outward or parcel.state == "returning"):
            parcel.state = "returned"

    def correct(self, parcel: Parcel, number: str) -> None:
        require(parcel.state in ("in_transit", "exception") and not self.has_parcel(number))
        parcel.number, parcel.state, parcel.scanned_at = number, "in_transit", None

    def void(self, parcel: Parcel) -> None:
        require(parcel.state == "in_transit" and parcel.scanned_at is None)
        require(not any(held.received or held.written_off for held in parcel.held))
        for held in parcel.held:
            line = held.line
            left = line.shipped - held.quantity
            require(left >= line.in_case + line.refunded - line.cancelled)
            # What was given for pieces that stay is never more than those cost.
            require(line.price.fen * (left + line.cancelled) >= line.refunded_fen)
        for held in parcel.held:
            held.line.shipped -= held.quantity
        parcel.state = "voided"
        parcel.part.begun = True

    def come_back(self, parcel: Parcel) -> None:
        require(parcel.state in ("returning", "returned"))
        parcel.state = "returned"

    def write_off(self, parcel: Parcel) -> None:
        require(parcel.state in ("exception", "returning"))
        parcel.state = "lost"
