"""Placing orders: synchronous, final, many at once; placing one is a batch of one.

One READ COMMITTED transaction for the batch. Deposits are locked first, in primary-key order; what
was placed before is looked up in a statement of its own after that, so that of two equal requests
the later one sees the winner. Goods are read and judged without locks; then allotments and pools are
locked, last and shortest, and orders are decided one by one in the order in which they came: what
one refusal leaves is there for the next. A refused order leaves no trace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors import warning
from kit import bulk, numbers, sealing
from kit.actors import Actor
from kit.errors import DomainError
from ledger import posting
from orders import checking, rendering, writing
from orders.checking import Priced
from orders.models import Order
from orders.requests import OrderRequest
from orders.writing import Buyer, Decided, Hashes
from supplychain import stock
from supplychain.models import MovementKind


class DistributorNotActive(DomainError):
    code = "distributor_suspended"
    text = _("You cannot order now: your account is {state}. {reason}")


class IdempotencyConflict(DomainError):
    code = "idempotency_conflict"
    text = _("“{out_order_no}” is placed already, with other content: {fields}.")


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is in the books: placed now, or found under the same number and content."""

    document: rendering.Document
    replayed: bool


Outcome = Placed | DomainError
# The same before it is shown: an order that will be written, or is found again as it is now.
Answer = Decided | Order | DomainError


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
    counter = _Counter(requests, at)
    answers = counter.serve()
    with bulk.together():
        writing.write(counter.decided, at=at)
        stock.move(counter.locked, at=at, actors=counter.actors)
    buyers = {decided.buyer.distributor_pk for decided in counter.decided}
    if buyers:
        warning.watch(buyers, at=at)
    return _shown(answers, show_parts=counter.shows_parts)


class _Counter:
    """One batch at the counter: what was read and locked, and what has been decided so far."""

    def __init__(self, requests: Sequence[OrderRequest], at: datetime) -> None:
        self.requests = requests
        self.at = at
        self.order_prefix = numbers.day_prefix("H", at)
        self.decided: list[Decided] = []
        self.actors: list[Actor] = []
        self.locked = stock.Locked({}, {})
        self.buyers: dict[int, Buyer] = {}
        self.known: dict[tuple[int, str], Order | Decided] = {}
        self.shows_parts = False

    def serve(self) -> list[Answer]:
        """Lock, judge and decide; return an answer to each request, in order."""
        self.buyers = writing.lock_buyers({request.distributor_pk for request in self.requests})
        self.known.update(_placed_before(self.requests))
        new = [request for request in self.requests if _number(request) not in self.known]
        facts = checking.read_facts(new, self.at)
        self.shows_parts = bool(facts.policies.show_price_parts)
        judged = {id(request): _judge(request, facts) for request in new}
        self._lock_stock(judged.values())
        return [self._answer(request, judged.get(id(request))) for request in self.requests]

    def _lock_stock(self, judged: Iterable[Priced | DomainError]) -> None:
        priced = [item for item in judged if isinstance(item, Priced)]
        lines = [line.offer for order in priced for line in order.lines]
        if lines:
            self.locked = stock.lock(
                {offer.sku_pk for offer in lines},
                {offer.allotment_pk for offer in lines if offer.allotment_pk is not None},
            )

    def _answer(self, request: OrderRequest, judged: Priced | DomainError | None) -> Answer:
        known = self.known.get(_number(request))
        if isinstance(judged, DomainError) and known is None:
            return judged
        try:
            if known is not None:
                return _replay(request, known)
            assert isinstance(judged, Priced)
            return self._decide(judged)
        except DomainError as refusal:
            return refusal

    def _decide(self, priced: Priced) -> Decided:
        """Give this order what is left, or refuse it without a trace."""
        request = priced.request
        buyer = self.buyers[request.distributor_pk]
        if buyer.state != "active":
            raise DistributorNotActive(state=buyer.state, reason=buyer.state_reason)
        draws = _draws(priced, self.locked)
        if priced.total_fen > buyer.available_fen:
            raise posting.DepositInsufficient(
                shortfall_fen=priced.total_fen - buyer.available_fen,
                needed_fen=priced.total_fen,
                available_fen=buyer.available_fen,
            )
        decided = Decided(
            priced,
            buyer,
            hashes_of(request),
            order_no=self.order_prefix + numbers.unguessable(12),
            draws=draws,
        )
        buyer.available_fen -= priced.total_fen
        for draw in draws:
            self._take(decided, draw)
        self.decided.append(decided)
        self.known[_number(request)] = decided
        return decided

    def _take(self, decided: Decided, draw: writing.Draw) -> None:
        cause = f"{decided.order_no}/{draw.line.wanted.line_id}"
        offer = draw.line.offer
        if draw.from_allotment:
            self._change(decided, offer.sku_pk, draw.from_allotment, cause, offer.allotment_pk)
        if draw.from_pool:
            self._change(decided, offer.sku_pk, draw.from_pool, cause, None)

    def _change(
        self, decided: Decided, sku_pk: int, quantity: int, cause: str, allotment_pk: int | None
    ) -> None:
        self.locked.change(
            sku_pk, -quantity, kind=MovementKind.ORDER, cause=cause, allotment_pk=allotment_pk
        )
        self.actors.append(decided.priced.request.actor)


def hashes_of(request: OrderRequest) -> Hashes:
    """Return the keyed hashes that tell whether a repeated number means the same content."""
    consignee = request.consignee
    lines = sorted(f"{line.line_id}\t{line.sku_no}\t{line.quantity}" for line in request.lines)
    return Hashes(
        lines=sealing.keyed_hash("\n".join(lines)),
        consignee=sealing.keyed_hash(
            "\n".join(
                (
                    consignee.name,
                    consignee.phone,
                    consignee.province,
                    consignee.city,
                    consignee.district,
                    consignee.detail,
                )
            )
        ),
        remark=sealing.keyed_hash(request.remark),
    )


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


def _number(request: OrderRequest) -> tuple[int, str]:
    return (request.distributor_pk, request.out_order_no)


def _placed_before(requests: Sequence[OrderRequest]) -> dict[tuple[int, str], Order | Decided]:
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


def _replay(request: OrderRequest, known: Order | Decided) -> Answer:
    fields = _differing(request, known)
    if fields:
        return IdempotencyConflict(out_order_no=request.out_order_no, fields=", ".join(fields))
    return known


def _differing(request: OrderRequest, known: Order | Decided) -> list[str]:
    """Name the fields in which a repeated number means something else (DECISIONS 3)."""
    before, application = _content(known)
    now = hashes_of(checking.canonical(request))
    pairs = {
        "lines": (now.lines, before.lines),
        "consignee": (now.consignee, before.consignee),
        "remark": (now.remark, before.remark),
        "application": (request.application, application),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


def _content(known: Order | Decided) -> tuple[Hashes, str]:
    if isinstance(known, Decided):
        return known.hashes, known.priced.request.application
    hashes = Hashes(bytes(known.lines_hash), bytes(known.consignee_hash), bytes(known.remark_hash))
    return hashes, known.application


def _draws(priced: Priced, locked: stock.Locked) -> list[writing.Draw]:
    """Say what each line takes from its allotment and from the pool.

    :raises StockInsufficient: some lines are short; every short one is named in `causes`.
    """
    taken: dict[tuple[int, int | None], int] = {}
    draws: list[writing.Draw] = []
    short: list[DomainError] = []
    for index, line in enumerate(priced.lines):
        offer, wanted = line.offer, line.wanted.quantity
        allotment = (
            _left(locked, taken, offer.sku_pk, offer.allotment_pk) if offer.allotment_pk else 0
        )
        pool = _left(locked, taken, offer.sku_pk, None) if offer.then_pool else 0
        if wanted > allotment + pool:
            short.append(
                stock.StockInsufficient(
                    pointer=f"/lines/{index}",
                    line_id=line.wanted.line_id,
                    sku_no=offer.sku_no,
                    wanted=wanted,
                    available=allotment + pool,
                )
            )
            continue
        first = min(wanted, allotment)
        draws.append(writing.Draw(line, from_allotment=first, from_pool=wanted - first))
        for key, quantity in ((offer.allotment_pk, first), (None, wanted - first)):
            if quantity:
                taken[offer.sku_pk, key] = taken.get((offer.sku_pk, key), 0) + quantity
    if short:
        raise checking.together(short)
    return draws


def _left(
    locked: stock.Locked,
    taken: dict[tuple[int, int | None], int],
    sku_pk: int,
    allotment_pk: int | None,
) -> int:
    """What a pool, or an allotment, still holds for the lines of this order."""
    if allotment_pk is None:
        return locked.pools[sku_pk].available - taken.get((sku_pk, None), 0)
    return locked.allotments[allotment_pk].available - taken.get((sku_pk, allotment_pk), 0)
