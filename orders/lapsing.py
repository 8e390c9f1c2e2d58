"""Ending holds without an order: stock and deposit go back to the piece and the fen."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from distributors import warning
from distributors.models import Distributor
from integration import outbox
from kit import actors, bulk
from kit.actors import Actor
from ledger import accounts, posting
from orders import holds_shown, refusals, requests
from orders.models import Hold, HoldKind, HoldLine, HoldState
from supplychain import stock
from supplychain.models import MovementKind

LAPSED_AT_ONCE = 200


def lapse_due(*, at: datetime) -> int:
    """Let the holds lapse whose time is over; return how many.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        lapsed = _lapse_some(at)
        count += lapsed
        if lapsed < LAPSED_AT_ONCE:
            return count


@transaction.atomic(durable=True)
def _lapse_some(at: datetime) -> int:
    due = bulk.query(
        "SELECT id, distributor_id FROM orders_hold WHERE state = 'active' AND expires_at <= %s"
        " ORDER BY expires_at LIMIT %s",
        [at, LAPSED_AT_ONCE],
    )
    if not due:
        return 0
    accounts.lock_deposits({distributor_pk for _, distributor_pk in due})
    # Looked at again under the locks: somebody may have placed, released or extended it meanwhile.
    still_due = Hold.objects.filter(state=HoldState.ACTIVE, expires_at__lte=at)
    holds = list(still_due.filter(pk__in=[pk for pk, _ in due]).locked())
    end_within(holds, to=HoldState.LAPSED, actor=actors.timer("lapse"), at=at)
    _tell(holds, at)
    return len(holds)


@transaction.atomic(savepoint=False)
def end_within(holds: Sequence[Hold], *, to: HoldState, actor: Actor, at: datetime) -> None:
    """End locked active holds whose deposits are locked, and give back all that they keep."""
    if not holds:
        return
    refused = [hold for hold in holds if to == HoldState.LAPSED and hold.kind == HoldKind.FUNDS]
    _note_refused(refused, at)
    _free_deposits(holds)
    _write(holds, to, actor, at)
    warning.watch({hold.distributor_id for hold in holds}, at=at)
    _give_stock_back(holds, actor, at)


def _note_refused(holds: Sequence[Hold], at: datetime) -> None:
    """An order that waited in vain is a refused order."""
    if not holds:
        return
    deposits = accounts.lock_deposits({hold.distributor_id for hold in holds})
    refused = []
    for hold in holds:
        assert hold.sealed_request is not None, hold
        available_fen = deposits[hold.distributor_id].available_fen
        refusal = posting.DepositInsufficient(
            shortfall_fen=max(0, hold.total_fen - available_fen),
            needed_fen=hold.total_fen,
            available_fen=available_fen,
        )
        refused.append((requests.unseal(hold.sealed_request), refusal))
    refusals.write(refused, at=at)


def _free_deposits(holds: Sequence[Hold]) -> None:
    freed: dict[int, int] = {}
    for hold in holds:
        freed[hold.distributor_id] = freed.get(hold.distributor_id, 0) - hold.reserved_fen
    accounts.reserve(freed)


def _write(holds: Sequence[Hold], to: HoldState, actor: Actor, at: datetime) -> None:
    for hold in holds:
        if to == HoldState.LAPSED:
            hold.lapse()
        else:
            hold.release()
        hold.version += 1
        hold.sealed_request = None
        hold.ended_at = at
        hold.ended_by = str(actor)
    bulk.update(
        "orders_hold",
        [hold.pk for hold in holds],
        {
            "state": ("text", [to.value] * len(holds)),
            "version": ("int", [hold.version for hold in holds]),
            "sealed_request": ("bytea", [None] * len(holds)),
            "ended_at": ("timestamptz", [at.isoformat()] * len(holds)),
            "ended_by": ("text", [str(actor)] * len(holds)),
        },
    )


def _give_stock_back(holds: Sequence[Hold], actor: Actor, at: datetime) -> None:
    hold_ids = {hold.pk: hold.hold_id for hold in holds}
    lines = list(HoldLine.objects.filter(hold__in=hold_ids).order_by("pk"))
    allotments = {line.allotment_id for line in lines}
    locked = stock.lock(
        {line.sku_id for line in lines}, {pk for pk in allotments if pk is not None}
    )
    for line in lines:
        cause = f"{hold_ids[line.hold_id]}/{line.line_id}"
        for allotment_pk, quantity in (
            (line.allotment_id, line.from_allotment),
            (None, line.quantity - line.from_allotment),
        ):
            if quantity:
                locked.change(
                    line.sku_id,
                    quantity,
                    kind=MovementKind.LAPSE,
                    cause=cause,
                    allotment_pk=allotment_pk,
                )
    stock.move(locked, at=at, actors=actor)


def _tell(holds: Sequence[Hold], at: datetime) -> None:
    """Tell distributors that their holds have lapsed; who releases one knows."""
    pks = {hold.distributor_id for hold in holds}
    partners = dict(Distributor.objects.filter(pk__in=pks).values_list("pk", "partner_id"))
    messages = [
        outbox.Message(
            partners[hold.distributor_id],
            "hold.lapsed",
            hold.hold_id,
            hold.version,
            document,
            previous={"state": HoldState.ACTIVE.value},
        )
        for hold, document in zip(holds, holds_shown.documents(holds), strict=True)
    ]
    outbox.record(messages, at=at)
