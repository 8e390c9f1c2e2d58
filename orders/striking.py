"""Striking pieces off an order: frozen first, then cancelled, with money and stock going back.

All of it happens on a `Desk`: one order with its parts and lines, locked. The acts of
`orders.cancelling` decide; what they decided is done here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from integration import outbox
from kit import bulk
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts, posting
from ledger.models import Kind
from orders import cancellation_rendering, closing, giving_back, header, telling
from orders.models import (
    Cancellation,
    CancellationLine,
    CancellationState,
    Fulfilment,
    FulfilmentState,
    Line,
    Order,
)
from orders.telling import Deed
from supplychain import stock
from supplychain.models import MovementKind

# A cancellation is asked for, and answered once; which of the two it has come to is its version.
ANSWERED = 2


class NothingToCancel(DomainError):
    code = "nothing_to_cancel"
    text = _("Nothing is left to cancel: all of it is shipped or cancelled, or about to be.")


class MoreThanUnshipped(DomainError):
    code = "more_than_unshipped"
    text = _("Only {left} of line {line_id} can still be cancelled, not {quantity}.")


@dataclass(frozen=True, slots=True)
class Slip:
    """A cancellation, and the pieces of locked lines that it is about."""

    cancellation: Cancellation
    pieces: Mapping[Line, int]


class Desk:
    """One order with its parts and lines, locked until the transaction ends."""

    def __init__(self, order_pk: int) -> None:
        orders = Order.objects.filter(pk=order_pk).select_related("distributor")
        self.order = orders.locked().get()
        parts = Fulfilment.objects.filter(order=self.order).order_by("pk")
        self.parts = {part.pk: part for part in parts.select_for_update(no_key=True)}
        lines = Line.objects.filter(order=self.order).order_by("pk")
        self.lines = {line.pk: line for line in lines.select_for_update(no_key=True)}

    def chosen(self, wanted: Mapping[str, int]) -> dict[Line, int]:
        """Return the lines that are named by line_id, each with the pieces that are wanted of it.

        :raises NotFound: the order has no such line.
        :raises MoreThanUnshipped: a line has fewer pieces that may still be shipped.
        """
        by_id = {line.line_id: line for line in self.lines.values()}
        if not wanted.keys() <= by_id.keys():
            raise NotFound
        return _within({by_id[line_id]: quantity for line_id, quantity in wanted.items()})

    def chosen_of(self, part_pk: int, wanted: Mapping[int, int]) -> dict[Line, int]:
        """Return the lines of one part that are named by their key; see `chosen`."""
        lines = {line.pk: line for line in self.lines_of(part_pk)}
        if not wanted.keys() <= lines.keys():
            raise NotFound
        return _within({lines[pk]: quantity for pk, quantity in wanted.items()})

    def left(self) -> dict[Line, int]:
        """Return all that may still be shipped."""
        return {line: line.to_ship for line in self.lines.values() if line.to_ship}

    def lines_of(self, part_pk: int) -> list[Line]:
        """Return the lines that one source ships."""
        return [line for line in self.lines.values() if line.fulfilment_id == part_pk]

    def slip(self, cancellation: Cancellation) -> Slip:
        """Return a cancellation of this order with its lines as they are locked here."""
        rows = cancellation.lines.order_by("pk")
        return Slip(cancellation, {self.lines[row.line_id]: row.quantity for row in rows})

    def ask(self, slips: Sequence[Slip], *, actor: Actor, at: datetime) -> None:
        """Freeze the pieces of new cancellations, and write them down as requested."""
        for slip in slips:
            for line, quantity in slip.pieces.items():
                line.frozen += quantity
        Cancellation.objects.bulk_create([slip.cancellation for slip in slips])
        CancellationLine.objects.bulk_create(
            CancellationLine(cancellation=slip.cancellation, line=line, quantity=quantity)
            for slip in slips
            for line, quantity in slip.pieces.items()
        )
        self._write_lines(slips)
        requested = CancellationState.REQUESTED
        telling.note([self.deed(slip, actor, "", requested) for slip in slips], at=at)

    def thaw(self, slip: Slip) -> None:
        """Let the pieces of a cancellation be shipped again."""
        for line, quantity in slip.pieces.items():
            line.frozen -= quantity
        self._write_lines([slip])

    def grant(self, slips: Sequence[Slip], *, actor: Actor, at: datetime) -> None:
        """Cancel the frozen pieces, give the money back, and say so.

        The deposit is locked. Stock is the caller's affair: `restock`, or nothing.
        """
        if not slips:
            return
        postings = [one for slip in slips for one in self._refunds(slip)]
        posting.post(postings, at=at, actor=actor)
        self.order.open_fen -= sum(one.amount_fen for one in postings)
        for slip in slips:
            slip.cancellation.grant()
            slip.cancellation.answered_at = at
        self._write_granted(slips)
        closing.close_parts([self.order.pk], at=at)
        self.told(slips, actor=actor, at=at)
        telling.tell(header.recompute([self.order.pk], at=at), actor=actor, at=at)

    def restock(self, slips: Sequence[Slip], *, actor: Actor, at: datetime) -> None:
        """Give the pieces of granted cancellations back into stock."""
        lines = {line for slip in slips for line in slip.pieces}
        locked = giving_back.lock(lines)
        for slip in slips:
            for line, quantity in slip.pieces.items():
                cause = f"{slip.cancellation}/{line.line_id}"
                giving_back.put(locked, line, quantity, kind=MovementKind.CANCEL, cause=cause)
        stock.move(locked, at=at, actors=actor)
        giving_back.write(lines)

    def told(self, slips: Iterable[Slip], *, actor: Actor, at: datetime) -> None:
        """Note how cancellations were answered, and tell the distributor."""
        slips = list(slips)
        before = CancellationState.REQUESTED
        after = [str(slip.cancellation.state) for slip in slips]
        deeds = zip(slips, after, strict=True)
        telling.note([self.deed(slip, actor, before, state) for slip, state in deeds], at=at)
        documents = cancellation_rendering.documents([slip.cancellation for slip in slips])
        messages = [
            outbox.Message(
                self.order.distributor.partner_id,
                f"cancellation.{document['state']}",
                document["cancellation_no"],
                ANSWERED,
                document,
                previous={"state": before.value},
            )
            for document in documents
        ]
        outbox.record(messages, at=at)

    def deed(self, slip: Slip, actor: Actor, before: str, after: str) -> Deed:
        """Return the line of history for a step of a cancellation."""
        return Deed(
            self.order.pk,
            f"cancellation {slip.cancellation}",
            str(after),
            actor,
            before=str(before),
            after=str(after),
            reason=_why(slip.cancellation, after),
        )

    def _refunds(self, slip: Slip) -> list[posting.Posting]:
        """Turn frozen pieces into cancelled ones, and into money for the deposit."""
        part = self.parts[slip.cancellation.fulfilment_id]
        postings = [self._refund(slip, line, count) for line, count in slip.pieces.items()]
        lines = self.lines_of(part.pk)
        if all(line.cancelled == line.quantity for line in lines):
            part.cancel()
            postings.append(self._freight(slip, part))
        elif part.state == FulfilmentState.PARTLY_SHIPPED and all(
            line.cancelled + line.shipped == line.quantity for line in lines
        ):
            part.ship_all()
        slip.cancellation.refunded_fen = sum(one.amount_fen for one in postings)
        return postings

    def _refund(self, slip: Slip, line: Line, quantity: int) -> posting.Posting:
        amount_fen = line.agreement_price_fen * quantity
        line.frozen -= quantity
        line.cancelled += quantity
        line.refunded += quantity
        line.refunded_fen += amount_fen
        return posting.Posting(
            code="order_cancelled",
            reference=f"{slip.cancellation}/{line.line_id}",
            debit=(Kind.ORDERS_OPEN, None),
            credit=(Kind.DEPOSIT, self.order.distributor_id),
            amount_fen=amount_fen,
            distributor_pk=self.order.distributor_id,
            order_no=self.order.order_no,
            out_order_no=self.order.out_order_no,
            line_id=line.line_id,
            sku_no=line.sku_no,
            quantity=quantity,
            unit_fen=line.agreement_price_fen,
        )

    def _freight(self, slip: Slip, part: Fulfilment) -> posting.Posting:
        """Give the freight of a part back of which nothing will ever be shipped."""
        amount_fen = part.freight_fen - part.freight_refunded_fen
        part.freight_refunded_fen = part.freight_fen
        return posting.Posting(
            code="freight_returned",
            reference=str(slip.cancellation),
            debit=(Kind.ORDERS_OPEN, None),
            credit=(Kind.DEPOSIT, self.order.distributor_id),
            amount_fen=amount_fen,
            distributor_pk=self.order.distributor_id,
            order_no=self.order.order_no,
            out_order_no=self.order.out_order_no,
        )

    def _write_granted(self, slips: Sequence[Slip]) -> None:
        self._write_lines(slips)
        parts = [self.parts[slip.cancellation.fulfilment_id] for slip in slips]
        bulk.update(
            "orders_fulfilment",
            [part.pk for part in parts],
            {
                "state": ("text", [part.state for part in parts]),
                "freight_refunded_fen": ("bigint", [p.freight_refunded_fen for p in parts]),
            },
        )
        bulk.update(
            "orders_order", [self.order.pk], {"open_fen": ("bigint", [self.order.open_fen])}
        )
        for slip in slips:
            slip.cancellation.save(update_fields=["state", "answered_at", "refunded_fen"])

    def _write_lines(self, slips: Iterable[Slip]) -> None:
        lines = list({line for slip in slips for line in slip.pieces})
        bulk.update(
            "orders_line",
            [line.pk for line in lines],
            {
                name: (kind, [getattr(line, name) for line in lines])
                for name, kind in _COUNTERS.items()
            },
        )


_COUNTERS = {"frozen": "int", "cancelled": "int", "refunded": "int", "refunded_fen": "bigint"}


def lock(order_pk: int, *, distributor: Distributor | None = None) -> Desk:
    """Lock an order from which money may go back: its deposit first, then the order and its lines.

    :raises NotFound: there is no such order, or it is another distributor's.
    """
    orders = Order.objects.filter(pk=order_pk)
    if distributor is not None:
        orders = orders.of(distributor)
    distributor_pk = orders.values_list("distributor_id", flat=True).first()
    if distributor_pk is None:
        raise NotFound
    accounts.lock_deposits([distributor_pk])
    return Desk(order_pk)


def _why(cancellation: Cancellation, after: str) -> str:
    """Say why it has come to this state, as the distributor may read it."""
    if after == CancellationState.REFUSED:
        return cancellation.refusal_note
    return "" if after == CancellationState.WITHDRAWN else cancellation.reason


def _within(pieces: Mapping[Line, int]) -> dict[Line, int]:
    for line, quantity in pieces.items():
        if not 0 <= quantity <= line.to_ship:
            raise MoreThanUnshipped(line_id=line.line_id, left=line.to_ship, quantity=quantity)
    return {line: quantity for line, quantity in pieces.items() if quantity}
