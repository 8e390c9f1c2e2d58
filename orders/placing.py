"""Placing orders: synchronous, final, many at once; placing one is a batch of one.

One READ COMMITTED transaction for the batch. Deposits are locked first, in primary-key order; what
was placed before is looked up in a statement of its own after that, so that of two equal requests
the later one sees the winner. Goods are read and judged without locks, and orders decided one by one
in the order in which they came: what one refusal leaves is there for the next. A refused order leaves
no trace.

Stock is locked last and shortest. Orders are decided on the stock that was read, and written; then
the pools are locked and, if they still cover all of it, moved. Where somebody was faster, what was
written is undone and everything is decided again under the locks. So buyers of one hot sku wait for
each other only while its row is moved, and once it is sold out they do not wait at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors import warning
from kit import bulk, numbers
from kit.errors import DomainError
from ledger import posting
from orders import checking, drawing, rendering, repeating, writing
from orders.checking import Priced
from orders.drawing import Levels
from orders.models import Order
from orders.requests import OrderRequest
from orders.writing import Buyer, Decided
from supplychain import stock
from supplychain.offers import Offer


class DistributorNotActive(DomainError):
    code = "distributor_suspended"
    text = _("You cannot order now: your account is {state}. {reason}")


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is in the books: placed now, or found under the same number and content."""

    document: rendering.Document
    replayed: bool


Outcome = Placed | DomainError
# The same before it is shown: an order that will be written, or is found again as it is now.
Answer = Decided | Order | DomainError
# A distributor and its own number of an order.
Number = tuple[int, str]


def place(request: OrderRequest, *, at: datetime) -> Placed:
    """Place one order.

    :raises DomainError: it is refused, and nothing has changed; see `place_many`.
    """
    outcome = place_many([request], at=at)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


@transaction.atomic(durable=True)
def place_many(requests: Sequence[OrderRequest], *, at: datetime) -> list[Outcome]:
    """Place many orders of many distributors; return one outcome each, in order.

    An outcome is an order, or the refusal that this one order met: a `DomainError` of
    `orders.checking`, `DistributorNotActive`, `IdempotencyConflict`, `DepositInsufficient` or
    `StockInsufficient`. Refused orders change nothing, and do not fail their neighbours.
    """
    batch = _read(requests, at)
    decision = _Decision(batch, drawing.seen(batch.offers))
    try:
        with transaction.atomic():
            _write(decision, at)
            _take(decision, _lock(decision.offers), at)
    except _TakenMeanwhile:
        locked = _lock(batch.offers)
        decision = _Decision(batch, drawing.held(locked, batch.offers))
        _write(decision, at)
        _take(decision, locked, at)
    return _shown(decision.answers, show_parts=batch.shows_parts)


class _TakenMeanwhile(Exception):
    """Between reading and locking, somebody took what these orders need."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What was read of a batch, its deposits locked and its goods not."""

    requests: Sequence[OrderRequest]
    at: datetime
    buyers: Mapping[int, Buyer]
    placed_before: Mapping[Number, Order]
    judged: Mapping[int, Priced | DomainError]
    offers: Sequence[Offer]
    shows_parts: bool


def _read(requests: Sequence[OrderRequest], at: datetime) -> _Batch:
    buyers = writing.lock_buyers({request.distributor_pk for request in requests})
    before = _placed_before(requests)
    new = [request for request in requests if _number(request) not in before]
    facts = checking.read_facts(new, at)
    judged = {id(request): _judge(request, facts) for request in new}
    priced = [order for order in judged.values() if isinstance(order, Priced)]
    return _Batch(
        requests=requests,
        at=at,
        buyers=buyers,
        placed_before=before,
        judged=judged,
        offers=[line.offer for order in priced for line in order.lines],
        shows_parts=bool(facts.policies.show_price_parts),
    )


class _Decision:
    """Which orders of a batch are placed, on some levels of stock, and the answer to each request."""

    def __init__(self, batch: _Batch, levels: Levels) -> None:
        self.batch = batch
        self.levels = levels
        self.decided: list[Decided] = []
        self.deposits = {pk: buyer.available_fen for pk, buyer in batch.buyers.items()}
        self.known: dict[Number, Order | Decided] = dict(batch.placed_before)
        self.order_prefix = numbers.day_prefix("H", batch.at)
        self.answers = [self._answer(request) for request in batch.requests]

    @property
    def falling_low(self) -> set[int]:
        """The distributors whose deposit falls below what they want to be warned at."""
        return {
            pk
            for pk, buyer in self.batch.buyers.items()
            if self.deposits[pk] < buyer.warn_below_fen
        }

    @property
    def draws(self) -> list[drawing.Draw]:
        """What all of its orders take."""
        return [draw for decided in self.decided for draw in decided.draws]

    @property
    def offers(self) -> list[Offer]:
        """What of the goods is really taken."""
        return [draw.line.offer for draw in self.draws]

    def _answer(self, request: OrderRequest) -> Answer:
        known = self.known.get(_number(request))
        judged = self.batch.judged.get(id(request))
        try:
            if known is not None:
                _check_same(request, known)
                return known
            if isinstance(judged, DomainError):
                return judged
            assert judged is not None
            return self._decide(judged)
        except DomainError as refusal:
            return refusal

    def _decide(self, priced: Priced) -> Decided:
        """Give this order what is left, or refuse it without a trace."""
        request = priced.request
        buyer = self.batch.buyers[request.distributor_pk]
        if buyer.state != "active":
            raise DistributorNotActive(state=buyer.state, reason=buyer.state_reason)
        draws = drawing.draw(priced, self.levels)
        try:
            self._spend(buyer, priced.total_fen)
        except DomainError:
            drawing.give_back(draws, self.levels)
            raise
        order_no = self.order_prefix + numbers.unguessable(12)
        decided = Decided(priced, buyer, repeating.content(request), order_no, draws)
        self.decided.append(decided)
        self.known[_number(request)] = decided
        return decided

    def _spend(self, buyer: Buyer, total_fen: int) -> None:
        available_fen = self.deposits[buyer.distributor_pk]
        if total_fen > available_fen:
            raise posting.DepositInsufficient(
                shortfall_fen=total_fen - available_fen,
                needed_fen=total_fen,
                available_fen=available_fen,
            )
        self.deposits[buyer.distributor_pk] = available_fen - total_fen


def _write(decision: _Decision, at: datetime) -> None:
    """Write everything but stock."""
    if not decision.decided:
        return
    with bulk.together():
        writing.write(decision.decided, at=at)
        warning.watch(decision.falling_low, at=at)


def _lock(offers: Sequence[Offer]) -> stock.Locked:
    allotments = {offer.allotment_pk for offer in offers}
    return stock.lock(
        {offer.sku_pk for offer in offers}, {pk for pk in allotments if pk is not None}
    )


def _take(decision: _Decision, locked: stock.Locked, at: datetime) -> None:
    """Move stock, if it still covers what was decided.

    :raises _TakenMeanwhile: it does not.
    """
    if not drawing.fits(decision.draws, drawing.held(locked, decision.offers)):
        raise _TakenMeanwhile
    takings = (
        (decided.order_no, decided.priced.request.actor, draw)
        for decided in decision.decided
        for draw in decided.draws
    )
    actors = drawing.take(locked, takings)
    stock.move(locked, at=at, actors=actors)


def _number(request: OrderRequest) -> Number:
    return (request.distributor_pk, request.out_order_no)


def _placed_before(requests: Sequence[OrderRequest]) -> dict[Number, Order]:
    rows = bulk.query(
        "SELECT id FROM orders_order JOIN unnest(%s::bigint[], %s::text[])"
        " AS asked (distributor_id, out_order_no) USING (distributor_id, out_order_no)",
        [
            bulk.array(request.distributor_pk for request in requests),
            bulk.array(request.out_order_no for request in requests),
        ],
    )
    if not rows:
        return {}
    orders = Order.objects.filter(pk__in=[pk for (pk,) in rows]).select_related("consignee")
    return {(order.distributor_id, order.out_order_no): order for order in orders}


def _judge(request: OrderRequest, facts: checking.Facts) -> Priced | DomainError:
    try:
        return checking.check(request, facts)
    except DomainError as refusal:
        return refusal


def _check_same(request: OrderRequest, known: Order | Decided) -> None:
    content = known.content if isinstance(known, Decided) else repeating.content_of(known)
    repeating.check(request, content)


def _shown(answers: Sequence[Answer], *, show_parts: bool) -> list[Outcome]:
    """Show new orders from memory, and those found again from the database."""
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
        else:
            document = answer.full_document(show_parts=show_parts)
            outcomes.append(Placed(document, replayed=answer.order_no in new))
            new.add(answer.order_no)
    return outcomes
