"""Deciding a batch of orders one by one, in the order in which they came, on some levels of stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from companies.policies import Policies
from kit import numbers, values
from kit.errors import DomainError
from ledger import freezing, posting
from orders import drawing, holds_shown, promising, repeating
from orders.checking import Priced
from orders.drawing import Draw, Levels, Taking
from orders.models import Hold, HoldKind, Order
from orders.promising import Promise
from orders.redeeming import Redeemed
from orders.rendering import Document
from orders.repeating import Content
from orders.requests import WAIT, OrderRequest
from orders.writing import Buyer, Decided
from supplychain.offers import Offer


class DistributorNotActive(DomainError):
    code = "distributor_suspended"
    text = _("You cannot order now: your account is {state}. {reason}")


# A distributor and its own number of an order.
Number = tuple[int, str]


class Waited(values.Value, frozen=True):
    """An order that waits for the deposit to cover it, since now or since before."""

    hold_id: str
    content: Content
    document: Document
    is_new: bool


# An order that will be written, one that is found again as it is now, or one that waits.
Known = Decided | Order | Waited
Answer = Known | DomainError
Judged = Priced | Redeemed | DomainError


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read of a batch, its deposits locked and its goods not."""

    requests: Sequence[OrderRequest]
    at: datetime
    buyers: Mapping[int, Buyer]
    placed_before: Mapping[Number, Order]
    judged: Mapping[int, Judged]
    offers: Sequence[Offer]
    policies: Policies


def number_of(request: OrderRequest) -> Number:
    """Return by what an order is known: its distributor and that one's number."""
    return (request.distributor_pk, request.out_order_no)


class Decision:
    """Which orders of a batch are placed, on some levels of stock, and the answer to each request."""

    def __init__(self, batch: Batch, levels: Levels) -> None:
        self.batch = batch
        self.levels = levels
        self.decided: list[Decided] = []
        # Those of the decided that are placed from a hold, and take no piece beyond it.
        self.redeemed: list[tuple[Redeemed, Decided]] = []
        self.waiting: list[Promise] = []
        self.fresh: list[Draw] = []
        self.deposits = {pk: buyer.available_fen for pk, buyer in batch.buyers.items()}
        self.known: dict[Number, Known] = dict(batch.placed_before)
        self.order_prefix = numbers.day_prefix("H", batch.at)
        self.answers = [self._answer(request) for request in batch.requests]

    @property
    def offers(self) -> list[Offer]:
        """What of the goods moves."""
        held = [draw for redeemed, _ in self.redeemed for draw in redeemed.draws]
        return [draw.line.offer for draw in [*self.fresh, *held]]

    @property
    def taken(self) -> list[Taking]:
        """What its orders take."""
        return [
            (decided.order_no, decided.priced.request.actor, draw)
            for decided in self.decided
            for draw in decided.draws
        ]

    @property
    def kept(self) -> list[Taking]:
        """What is kept for those that wait."""
        return [
            (promise.hold_id, promise.priced.request.actor, draw)
            for promise in self.waiting
            for draw in promise.draws
        ]

    @property
    def put_back(self) -> list[Taking]:
        """What holds had taken, and their orders take now."""
        return [
            (redeemed.kept.hold.hold_id, redeemed.priced.request.actor, draw)
            for redeemed, _ in self.redeemed
            for draw in redeemed.draws
        ]

    @property
    def fallen_low(self) -> set[int]:
        """The distributors whose deposit is below what they want to be warned of, and were not yet."""
        buyers = self.batch.buyers.items()
        return {pk for pk, buyer in buyers if self.deposits[pk] < buyer.warn_below_fen}

    def _answer(self, request: OrderRequest) -> Answer:
        known = self.known.get(number_of(request))
        try:
            if known is not None:
                _check_same(request, known)
                return known
            judged = self.batch.judged[id(request)]
            if isinstance(judged, DomainError):
                return judged
            answer = self._decide(judged)
        except DomainError as refusal:
            return refusal
        self.known[number_of(request)] = answer
        return answer

    def _decide(self, judged: Priced | Redeemed) -> Decided | Waited:
        """Give this order what it needs, or refuse it without a trace."""
        priced = judged if isinstance(judged, Priced) else judged.priced
        buyer = self.batch.buyers[priced.request.distributor_pk]
        if buyer.state != "active":
            raise DistributorNotActive(state=buyer.state, reason=buyer.state_reason)
        if buyer.is_frozen:
            raise freezing.AccountFrozen
        if isinstance(judged, Priced):
            return self._take(judged, buyer)
        return self._redeem(judged, buyer)

    def _take(self, priced: Priced, buyer: Buyer) -> Decided | Waited:
        draws = drawing.draw(priced, self.levels)
        try:
            answer = self._pay(priced, buyer, draws)
        except DomainError:
            drawing.give_back(draws, self.levels)
            raise
        self.fresh.extend(draws)
        return answer

    def _pay(self, priced: Priced, buyer: Buyer, draws: list[Draw]) -> Decided | Waited:
        try:
            self._spend(buyer, priced.total_fen)
        except posting.DepositInsufficient as short:
            if priced.request.on_shortfall == WAIT:
                return self._wait(priced, buyer, draws, short)
            raise
        return self._place(priced, buyer, draws)

    def _place(self, priced: Priced, buyer: Buyer, draws: list[Draw]) -> Decided:
        order_no = self.order_prefix + numbers.unguessable(12)
        decided = Decided(priced, buyer, repeating.content(priced.request), order_no, draws)
        self.decided.append(decided)
        return decided

    def _wait(self, priced: Priced, buyer: Buyer, draws: list[Draw], short: DomainError) -> Waited:
        """Keep the stock of an order until the deposit covers it."""
        policies = self.batch.policies
        promising.check_limit(self._open_holds(buyer.distributor_pk), policies.open_holds_limit)
        promise = Promise(
            kind=HoldKind.FUNDS,
            priced=priced,
            buyer=buyer,
            content=repeating.content(priced.request),
            expires_at=self.batch.at + timedelta(hours=policies.wait_for_funds_hours),
            hold_id=promising.new_hold_id(self.batch.at),
            draws=draws,
        )
        self.waiting.append(promise)
        document = holds_shown.waiting(
            out_order_no=priced.request.out_order_no,
            hold_id=promise.hold_id,
            total_fen=priced.total_fen,
            shortfall_fen=short.values["shortfall_fen"],
            expires_at=promise.expires_at,
        )
        return Waited(promise.hold_id, promise.content, document, is_new=True)

    def _redeem(self, redeemed: Redeemed, buyer: Buyer) -> Decided | Waited:
        """Place an order from its hold; one that waits goes on waiting if the deposit is short."""
        hold, priced = redeemed.kept.hold, redeemed.priced
        pk = buyer.distributor_pk
        self.deposits[pk] += hold.reserved_fen
        try:
            self._spend(buyer, priced.total_fen)
        except posting.DepositInsufficient as short:
            assert hold.kind == HoldKind.FUNDS, hold
            return _still_waiting(hold, short.values["shortfall_fen"])
        frozen = values.replace(buyer, level_code=hold.level_code)
        decided = self._place(priced, frozen, redeemed.draws)
        self.redeemed.append((redeemed, decided))
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

    def _open_holds(self, distributor_pk: int) -> int:
        new = sum(promise.buyer.distributor_pk == distributor_pk for promise in self.waiting)
        return promising.open_holds([distributor_pk])[distributor_pk] + new


def _still_waiting(hold: Hold, shortfall_fen: int) -> Waited:
    document = holds_shown.waiting(
        out_order_no=hold.out_order_no,
        hold_id=hold.hold_id,
        total_fen=hold.total_fen,
        shortfall_fen=shortfall_fen,
        expires_at=hold.expires_at,
    )
    return Waited(hold.hold_id, repeating.content_of(hold), document, is_new=False)


def _check_same(request: OrderRequest, known: Known) -> None:
    content = repeating.content_of(known) if isinstance(known, Order) else known.content
    repeating.check(request, content)
