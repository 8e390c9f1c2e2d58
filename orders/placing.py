"""Placing orders: synchronous, final, many at once; placing one is a batch of one.

One READ COMMITTED transaction for the batch. Deposits are locked first, in primary-key order; what
was placed before is looked up in a statement of its own after that, so that of two equal requests
the later one sees the winner. Goods are read and judged without locks, and orders decided one by one
in the order in which they came: what one refusal leaves is there for the next. A refused order leaves
no trace.

A number that is on hold is placed from its hold, and one that the deposit does not cover may wait
with its stock kept, until `waiting` places it.

Stock is locked last and shortest. Orders are decided on the stock that was read, and written; then
the pools are locked and, if they still cover all of it, moved. Where somebody was faster, the
transaction is undone and the batch placed again, its pools locked before it decides. So buyers of
one hot sku wait for each other only while its row is moved, and once it is sold out they do not wait
at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from companies.policies import Policies
from distributors import warning
from kit import bulk, calendars
from kit.errors import DomainError
from orders import checking, drawing, promising, redeeming, refusals, rendering, writing
from orders.checking import Priced
from orders.deciding import Batch, Decision, Judged, Number, Waited, number_of
from orders.deciding import DistributorNotActive as DistributorNotActive
from orders.models import Order
from orders.redeeming import Kept, Redeemed
from orders.requests import OrderRequest
from supplychain import stock
from supplychain.models import MovementKind
from supplychain.offers import Offer


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is in the books: placed now, or found under the same number and content."""

    document: rendering.Document
    replayed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits for the deposit to cover it, its stock kept: since now, or since before."""

    document: rendering.Document
    replayed: bool


Outcome = Placed | Waiting | DomainError


def place(request: OrderRequest, *, at: datetime) -> Placed | Waiting:
    """Place one order.

    :raises DomainError: it is refused, and nothing has changed; see `place_many`.
    """
    outcome = place_many([request], at=at)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def place_many(requests: Sequence[OrderRequest], *, at: datetime) -> list[Outcome]:
    """Place many orders of many distributors; return one outcome each, in order.

    An outcome is an order, one that waits for funds because its request allows that, or the refusal
    that this one order met: a `DomainError` of `orders.checking`, `DistributorNotActive`,
    `IdempotencyConflict`, `HoldDiffers`, `HoldLimitReached`, `DepositInsufficient` or
    `StockInsufficient`. Refused orders change nothing, and do not fail their neighbours; they are
    noted afterwards, outside of the books.
    """
    outcomes = _place(requests, at)
    refusals.note(zip(requests, outcomes, strict=True), at=at)
    return outcomes


def place_held(requests: Sequence[OrderRequest], *, at: datetime) -> list[Outcome]:
    """Place those of many orders that are still on hold; return their outcomes.

    What was released or has lapsed meanwhile is left alone.
    """
    return _place(requests, at, only_held=True)


def _place(
    requests: Sequence[OrderRequest], at: datetime, *, only_held: bool = False
) -> list[Outcome]:
    try:
        return _place_as_seen(requests, at, only_held=only_held)
    except _TakenMeanwhile:
        return _place_under_locks(requests, at, only_held=only_held)


@transaction.atomic(durable=True)
def _place_as_seen(
    requests: Sequence[OrderRequest], at: datetime, *, only_held: bool
) -> list[Outcome]:
    """Place orders on the stock that was read.

    :raises _TakenMeanwhile: somebody was faster; nothing is written.
    """
    batch = read(requests, at, only_held=only_held)
    decision = Decision(batch, drawing.seen(batch.offers))
    _write(decision, at)
    _take(decision, _lock(decision.offers), at)
    return _shown(decision)


@transaction.atomic(durable=True)
def _place_under_locks(
    requests: Sequence[OrderRequest], at: datetime, *, only_held: bool
) -> list[Outcome]:
    """Place orders on stock that nobody else can move."""
    batch = read(requests, at, only_held=only_held)
    locked = _lock(batch.offers)
    decision = Decision(batch, drawing.held(locked, batch.offers))
    _write(decision, at)
    _take(decision, locked, at)
    return _shown(decision)


class _TakenMeanwhile(Exception):
    """Between reading and locking, somebody took what these orders need."""


def read(requests: Sequence[OrderRequest], at: datetime, *, only_held: bool = False) -> Batch:
    """Read what a batch is decided by, its deposits locked; part of a transaction."""
    buyers = writing.lock_buyers({request.distributor_pk for request in requests})
    before, held = _known_before(requests)
    if only_held:
        requests = [request for request in requests if number_of(request) in held]
    new = [request for request in requests if number_of(request) not in before]
    facts = checking.read_facts([one for one in new if number_of(one) not in held], at)
    goods = redeeming.read_goods(held.values())
    judged = {id(one): _judge(one, facts, held.get(number_of(one)), goods) for one in new}
    return Batch(
        requests=requests,
        at=at,
        buyers=buyers,
        placed_before=before,
        judged=judged,
        offers=[line.offer for one in judged.values() for line in _lines(one)],
        policies=facts.policies,
    )


def _write(decision: Decision, at: datetime) -> None:
    """Write everything but stock."""
    redeeming.free([redeemed for redeemed, _ in decision.redeemed])
    if decision.decided:
        with bulk.together():
            policies = decision.batch.policies
            writing.write(
                decision.decided,
                at=at,
                window_days=_window_days(policies),
                days_off=calendars.days(policies.days_off),
            )
            warning.watch(decision.fallen_low, at=at)
            bulk.check_references()
    redeeming.consume([(redeemed, one.pk) for redeemed, one in decision.redeemed], at=at)
    promising.write(decision.waiting, at=at)


def _window_days(policies: Policies) -> int:
    """Return for how long after receipt after-sales are open; under the classic policy not at all."""
    return int(policies.aftersale_days) if policies.aftersale_policy == "open" else 0


def _lock(offers: Sequence[Offer]) -> stock.Locked:
    allotments = {offer.allotment_pk for offer in offers}
    return stock.lock(
        {offer.sku_pk for offer in offers}, {pk for pk in allotments if pk is not None}
    )


def _take(decision: Decision, locked: stock.Locked, at: datetime) -> None:
    """Move stock, if it still covers what was decided.

    :raises _TakenMeanwhile: it does not.
    """
    if not drawing.fits(decision.fresh, drawing.held(locked, decision.offers)):
        raise _TakenMeanwhile
    actors = [
        *drawing.put_back(locked, decision.put_back),
        *drawing.take(locked, decision.taken),
        *drawing.take(locked, decision.kept, kind=MovementKind.HOLD),
    ]
    stock.move(locked, at=at, actors=actors)


# Both in one statement, so that holds cost those no round trip who have none.
_KNOWN_BEFORE = """
WITH asked AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[]) AS number (distributor_id, out_order_no))
SELECT id, false FROM orders_order JOIN asked USING (distributor_id, out_order_no)
UNION ALL
SELECT id, true FROM orders_hold JOIN asked USING (distributor_id, out_order_no)
WHERE state = 'active'
"""


def _known_before(
    requests: Sequence[OrderRequest],
) -> tuple[dict[Number, Order], dict[Number, Kept]]:
    """Return the orders and the active holds that have these numbers; holds are locked."""
    rows = bulk.query(
        _KNOWN_BEFORE,
        [
            bulk.array(request.distributor_pk for request in requests),
            bulk.array(request.out_order_no for request in requests),
        ],
        planned=True,
    )
    if not rows:
        return {}, {}
    orders = _orders([pk for pk, is_hold in rows if not is_hold])
    return orders, _holds([pk for pk, is_hold in rows if is_hold])


def _orders(pks: Collection[int]) -> dict[Number, Order]:
    orders = Order.objects.filter(pk__in=pks).select_related("consignee") if pks else []
    return {(order.distributor_id, order.out_order_no): order for order in orders}


def _holds(pks: Collection[int]) -> dict[Number, Kept]:
    found = redeeming.lock(pks) if pks else []
    return {(one.hold.distributor_id, one.hold.out_order_no): one for one in found}


def _judge(
    request: OrderRequest, facts: checking.Facts, kept: Kept | None, goods: Mapping[str, Offer]
) -> Judged:
    try:
        if kept is not None:
            return redeeming.redeem(request, kept, goods)
        return checking.check(request, facts)
    except DomainError as refusal:
        return refusal


def _lines(judged: Judged) -> Sequence[checking.PricedLine]:
    if isinstance(judged, Redeemed):
        return judged.priced.lines
    return judged.lines if isinstance(judged, Priced) else ()


def _shown(decision: Decision) -> list[Outcome]:
    """Show new orders from memory, and those found again from the database."""
    answers = decision.answers
    show_parts = bool(decision.batch.policies.show_price_parts)
    found = [answer for answer in answers if isinstance(answer, Order)]
    shown = rendering.documents(found, with_consignee=True, show_parts=show_parts) if found else []
    again = {order.pk: document for order, document in zip(found, shown, strict=True)}
    new: set[str] = set()
    outcomes: list[Outcome] = []
    for answer in answers:
        if isinstance(answer, DomainError):
            outcomes.append(answer)
        elif isinstance(answer, Order):
            outcomes.append(Placed(again[answer.pk], replayed=True))
        elif isinstance(answer, Waited):
            replayed = not answer.is_new or answer.hold_id in new
            outcomes.append(Waiting(answer.document, replayed))
            new.add(answer.hold_id)
        else:
            document = answer.full_document(show_parts=show_parts)
            outcomes.append(Placed(document, replayed=answer.order_no in new))
            new.add(answer.order_no)
    return outcomes
