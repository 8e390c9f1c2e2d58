"""Shipping what a sheet names: every row one parcel with all that is left of its order.

Each row has its own answer, and one that is refused stops no other. What is on its way already under
that very number is no mistake: the same sheet again changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor
from kit.errors import DomainError
from orders import carriers, shipping, shipping_rows
from orders.models import Fulfilment, FulfilmentState, Line, Shipment, ShipmentState
from orders.shipping import TO_SHIP, CarrierUnknown, Parcel
from orders.shipping_rows import Row
from suppliers.models import Supplier


class RowIncomplete(DomainError):
    code = "shipping_row_incomplete"
    text = _("The order number or the tracking number is missing.")


class RowBroken(DomainError):
    code = "shipping_row_broken"
    text = _("The row cannot be read: {reason}")


class NoSuchOrder(DomainError):
    code = "shipping_order_unknown"
    text = _("You have no order {order_no}.")


class CarrierNotGuessed(DomainError):
    code = "carrier_not_guessed"
    text = _("The number {tracking_no} does not tell the carrier; name it.")


class OrderIsCancelled(DomainError):
    code = "shipping_order_cancelled"
    text = _("The order is cancelled; do not send the parcel.")


class OrderIsFrozen(DomainError):
    code = "shipping_order_frozen"
    text = _(
        "The buyer wants {pieces} pieces of the order cancelled; it waits for the platform's answer."
    )


class ShippedOtherwise(DomainError):
    code = "shipped_otherwise"
    text = _("The order is shipped already, under {tracking_nos}.")


class ShippedByAnother(DomainError):
    code = "shipped_by_another"
    text = _("The order has a parcel of this number already, but with {carrier}.")


class OrderTwice(DomainError):
    code = "shipping_order_twice"
    text = _("Line {line} ships all that is left of the order; enter a second parcel on its page.")


class Outcome(StrEnum):
    """What becomes of a row, or would."""

    READY = "ready"
    SHIPPED = "shipped"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row with what becomes of it. `pieces` are in its parcel; a refused one says why."""

    row: Row
    outcome: Outcome
    carrier_code: str = ""
    pieces: int = 0
    refusal: DomainError | None = None


def look_over(
    *, rows: Sequence[Row], supplier: Supplier | None, carrier_code: str, at: datetime
) -> list[Finding]:
    """Say what would become of each row if it were shipped now; nothing is locked or written.

    Where a row names no carrier it is `carrier_code`; where that is empty it is guessed.
    """
    batch = _Batch(rows, supplier, carrier_code)
    answers = shipping.try_out(parcels=batch.parcels, supplier=supplier, at=at)
    return batch.findings(answers, Outcome.READY)


@transaction.atomic(savepoint=False)
def ship_within(
    *,
    rows: Sequence[Row],
    supplier: Supplier | None,
    carrier_code: str,
    actor: Actor,
    at: datetime,
) -> list[Finding]:
    """Ship the rows that can be shipped, in the caller's transaction; see `look_over`.

    The caller repeats its act where another has taken a number meanwhile
    (`shipping.again_where_taken`).
    """
    batch = _Batch(rows, supplier, carrier_code, locks=True)
    answers = shipping.ship_within(parcels=batch.parcels, supplier=supplier, actor=actor, at=at)
    return batch.findings(answers, Outcome.SHIPPED)


class _Batch:
    """The rows of a sheet, judged one after the other as far as that needs no packing."""

    def __init__(
        self,
        rows: Sequence[Row],
        supplier: Supplier | None,
        carrier_code: str,
        *,
        locks: bool = False,
    ) -> None:
        self.rows, self.carrier_code = rows, carrier_code
        self.orders = _Orders({row.order_no for row in rows}, supplier, locks=locks)
        # The place of the row that ships a part, and those of the rows that only repeat it.
        self.first: dict[int, int] = {}
        self.repeated: dict[int, int] = {}
        self.packed: dict[int, int] = {}
        self.parcels: list[Parcel] = []
        self.judged = [self._judge(place, row) for place, row in enumerate(rows)]

    def findings(
        self, answers: Sequence[Shipment | DomainError], outcome: Outcome
    ) -> list[Finding]:
        """Return one finding a row, with what packing said of those that were packed."""
        found = list(self.judged)
        for place, number in self.packed.items():
            parcel, answer = self.parcels[number], answers[number]
            row, pieces = self.rows[place], self.orders.to_ship[parcel.fulfilment_pk]
            if isinstance(answer, DomainError):
                found[place] = Finding(row, Outcome.REFUSED, parcel.carrier_code, refusal=answer)
            else:
                found[place] = Finding(row, outcome, parcel.carrier_code, pieces)
        for place, first in self.repeated.items():
            found[place] = replace(found[place], refusal=found[first].refusal)
            if found[first].refusal is not None:
                found[place] = replace(found[place], outcome=Outcome.REFUSED)
        return found

    def _judge(self, place: int, row: Row) -> Finding:
        """Judge a row; where it can be shipped as far as is known, put its parcel on the bench."""
        carrier_code = ""
        try:
            part = self._part(row)
            carrier_code = self._carrier(row, part)
            outcome = self._check(place, row, part, carrier_code)
        except DomainError as refusal:
            return Finding(row, Outcome.REFUSED, carrier_code, refusal=refusal)
        if outcome == Outcome.READY:
            self.first[part.pk] = place
            self.packed[place] = len(self.parcels)
            self.parcels.append(Parcel(part.pk, carrier_code, row.tracking_no))
        return Finding(row, outcome, carrier_code)

    def _part(self, row: Row) -> Fulfilment:
        if row.broken:
            raise RowBroken(reason=row.broken)
        if not (row.order_no and row.tracking_no):
            raise RowIncomplete
        part = self.orders.parts.get(row.order_no)
        if part is None:
            raise NoSuchOrder(order_no=row.order_no)
        return part

    def _carrier(self, row: Row, part: Fulfilment) -> str:
        shipping.read_number(row.tracking_no)
        if row.carrier:
            carrier = shipping_rows.carrier_of(row.carrier)
            if carrier is None:
                raise CarrierUnknown(carrier=row.carrier)
        else:
            # A parcel that was entered with its carrier needs no guessing.
            entered = self.orders.parcels[part.pk].get(row.tracking_no)
            if entered is not None:
                return entered.carrier_code
            likely = carriers.guess(row.tracking_no)
            carrier = carriers.find(self.carrier_code) or (likely[0] if likely else None)
            if carrier is None:
                raise CarrierNotGuessed(tracking_no=row.tracking_no)
        return carrier.code

    def _check(self, place: int, row: Row, part: Fulfilment, carrier_code: str) -> Outcome:
        """Tell whether a row's parcel is to be packed, or is on its way already."""
        entered = self.orders.parcels[part.pk]
        if row.tracking_no in entered:
            if entered[row.tracking_no].carrier_code != carrier_code:
                raise ShippedByAnother(carrier=_name(entered[row.tracking_no].carrier_code))
            return Outcome.KNOWN
        if part.pk in self.first:
            first = self.rows[self.first[part.pk]]
            if first.tracking_no != row.tracking_no:
                raise OrderTwice(line=first.line)
            self.repeated[place] = self.first[part.pk]
            return Outcome.KNOWN
        if part.state == FulfilmentState.CANCELLED:
            raise OrderIsCancelled
        if part.state not in TO_SHIP:
            raise ShippedOtherwise(tracking_nos=", ".join(entered))
        if self.orders.frozen[part.pk]:
            raise OrderIsFrozen(pieces=self.orders.frozen[part.pk])
        return Outcome.READY


class _Orders:
    """A source's parts of the orders that a sheet names, with what is on its way of them."""

    def __init__(
        self, order_nos: Collection[str], supplier: Supplier | None, *, locks: bool
    ) -> None:
        named = Fulfilment.objects.filter(supplier=supplier, order__order_no__in=order_nos)
        numbers: dict[int, str] = dict(named.values_list("pk", "order__order_no"))
        # Locked before anything is read: who waited sees what the other has shipped.
        known = (shipping.lock_parts if locks else shipping.parts_of)(numbers, supplier)
        self.parts: Mapping[str, Fulfilment] = {numbers[pk]: part for pk, part in known.items()}
        self.parcels: dict[int, dict[str, Shipment]] = {pk: {} for pk in known}
        rows = Shipment.objects.filter(fulfilment__in=known).exclude(state=ShipmentState.VOIDED)
        for parcel in rows.order_by("pk"):
            self.parcels[parcel.fulfilment_id][parcel.tracking_no] = parcel
        self.to_ship: dict[int, int] = defaultdict(int)
        self.frozen: dict[int, int] = defaultdict(int)
        left = F("quantity") - F("cancelled") - F("frozen") - F("shipped")
        lines = Line.objects.filter(fulfilment__in=known).order_by()
        sums = lines.values_list("fulfilment").annotate(Sum("frozen"), left=Sum(left))
        for pk, frozen, pieces in sums:
            self.to_ship[pk], self.frozen[pk] = pieces, frozen


def _name(carrier_code: str) -> str:
    carrier = carriers.find(carrier_code)
    return carrier.name if carrier else carrier_code
