"""Rules about what is called off, and about what becomes of parcels."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from kit.errors import DomainError
from orders import cancelling, correcting, tracking
from tests.model.base import Act, Base, by_id, deed
from tests.model.calling_off import MOVING, Cancellation
from tests.model.things import TO_RECEIVE, Line, Order, Parcel

REASON = "changed_mind"
STATUSES = [*MOVING[:2], "delivered", "exception", "exception", "refused", "returning", "returned"]
# When a scan was made, before it is heard.
AGES = st.sampled_from([0, 0, 0, 2, 30, 24 * 20]).map(lambda hours: timedelta(hours=hours))


class ParcelRules(Base):
    """Cancellations and parcels."""

    @deed(
        weight=3,
        when=lambda self: self.waiting_parts,
        everything=st.booleans(),
        by=st.sampled_from(["shop", "shop", "staff"]),
    )
    def cancel(self, data: st.DataObject, everything: bool, by: str) -> None:
        order = self.pick(data, self.orders, lambda one: any(line.to_ship for line in one.lines))
        if order is None:
            return
        lines = order.lines
        pieces = None if everything else self.some(data, lines, lambda line: line.to_ship)
        if by == "shop":
            self.step("cancel", *self.requesting(order, pieces))
        else:
            self.step("cancel by platform", *self.striking(order, pieces))

    @deed(weight=1, when=lambda self: self.waiting_parts, empty=st.booleans())
    def report_shortage(self, data: st.DataObject, empty: bool) -> None:
        parts = self.parts
        part = self.pick(data, parts, lambda one: any(line.to_ship for line in one.lines))
        if part is None:
            return
        pieces = self.some(data, part.lines, lambda line: line.to_ship)
        self.step(
            "report shortage",
            lambda: cancelling.report_shortage(
                fulfilment_pk=self.part_pk(part),
                supplier=self.world.suppliers.get(part.source),
                pieces={self.line_pk(line): count for line, count in pieces.items()},
                empty_stock=empty,
                **self.now,
            ),
            lambda: self.books.report_shortage(part, pieces, empty),
        )

    @deed(
        weight=4,
        when=lambda self: any(c.state == "requested" for c in self.books.cancellations),
        act=st.sampled_from(["withdraw", "grant", "refuse", "refuse"]),
    )
    def answer(self, data: st.DataObject, act: str) -> None:
        known = self.books.cancellations
        one = self.pick(data, known, lambda one: one.state == "requested")
        if one is None:
            return
        if act == "refuse":
            self.step("refuse", *self.refusing(one, self._parcel_of(data, one)))
        else:
            self.step(f"{act} request", *self.answering(one, act))

    def _parcel_of(self, data: st.DataObject, one: Cancellation) -> str:
        """The number of a new parcel, or of one that is known."""
        parcels = [parcel.number for parcel in one.part.parcels]
        in_a_known_one: bool = data.draw(st.booleans(), label="in a known parcel")
        if parcels and in_a_known_one:
            return data.draw(st.sampled_from(parcels))
        return f"SF{self.number():012d}"

    @deed(
        weight=5, when=lambda self: self.books.parcels, status=st.sampled_from(STATUSES), age=AGES
    )
    def scan(self, data: st.DataObject, status: str, age: timedelta) -> None:
        parcel = self.pick(data, self.books.parcels, lambda one: one.state in TO_RECEIVE)
        if parcel:
            when = self.books.now - age
            self.step(f"scan {status}", *self.scanning(parcel, status, when))

    def _hear(self, parcel: Parcel, status: str, when: datetime) -> None:
        heard = tracking.Heard("SF", parcel.number, status, when)
        for outcome in tracking.record(heard=[heard, heard], at=self.books.now):
            if isinstance(outcome, DomainError):
                raise outcome

    @deed(
        weight=4,
        when=lambda self: self.books.parcels,
        act=st.sampled_from(["void", "void", "correct", "write off", "write off", "come back"]),
    )
    def mend_parcel(self, data: st.DataObject, act: str) -> None:
        fits = {
            "void": ("in_transit",),
            "correct": ("in_transit", "exception"),
            "write off": ("exception", "returning"),
            "come back": ("returning",),
        }[act]
        known = [parcel for parcel in self.books.parcels if parcel.state != "voided"]
        parcel = self.pick(data, known, lambda one: one.state in fits)
        if parcel is None:
            return
        self.step(act, *self.mending(parcel, act))

    def requesting(self, order: Order, pieces: Mapping[Line, int] | None) -> Act:
        shop = self.world.shops[order.shop]
        wanted = self._called_off(order, pieces)
        real = partial(cancelling.request, distributor=shop, **wanted)
        return real, lambda: self.books.request(order, pieces)

    def striking(self, order: Order, pieces: Mapping[Line, int] | None) -> Act:
        real = partial(cancelling.cancel_by_platform, **self._called_off(order, pieces))
        return real, lambda: self.books.cancel_by_platform(order, pieces)

    def _called_off(self, order: Order, pieces: Mapping[Line, int] | None) -> dict[str, Any]:
        return {
            "order_pk": self.order_pk(order),
            "pieces": by_id(pieces),
            "reason": REASON,
            **self.now,
        }

    def answering(self, one: Cancellation, act: str) -> Act:
        wanted = {"cancellation_no": self._cancellation_no(one), **self.now}
        if act == "grant":
            return partial(cancelling.grant, **wanted), lambda: self.books.grant(one)
        shop = self.world.shops[one.part.order.shop]
        real = partial(cancelling.withdraw, distributor=shop, **wanted)
        return real, lambda: self.books.withdraw_request(one)

    def refusing(self, one: Cancellation, tracking_no: str) -> Act:
        number = self._cancellation_no(one)
        return (
            lambda: cancelling.refuse(
                cancellation_no=number, carrier_code="SF", tracking_no=tracking_no, **self.now
            ),
            lambda: self.books.refuse(one, tracking_no),
        )

    def _cancellation_no(self, one: Cancellation) -> str:
        return self.seen.cancellations[self.books.cancellations.index(one)]

    def scanning(self, parcel: Parcel, status: str, when: datetime) -> Act:
        return (
            lambda: self._hear(parcel, status, when),
            lambda: self.books.scan(parcel, status, when),
        )

    def mending(self, parcel: Parcel, act: str) -> Act:
        shipment = {"shipment_pk": self.seen.parcels[parcel.number], **self.now}
        supplier = self.world.suppliers.get(parcel.part.source)
        number = f"SF{self.number():012d}"
        acts: dict[str, Act] = {
            "void": (
                partial(
                    correcting.void, supplier=supplier, by_staff=False, reason="错", **shipment
                ),
                lambda: self.books.void(parcel),
            ),
            "correct": (
                partial(
                    correcting.correct,
                    supplier=supplier,
                    carrier_code="SF",
                    tracking_no=number,
                    reason="错",
                    **shipment,
                ),
                lambda: self.books.correct(parcel, number),
            ),
            "write off": (
                partial(correcting.write_off, note="丢失", **shipment),
                lambda: self.books.write_off(parcel),
            ),
            "come back": (
                partial(correcting.come_back, supplier=None, by_staff=True, **shipment),
                lambda: self.books.come_back(parcel),
            ),
        }
        return acts[act]
