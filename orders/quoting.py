"""Quotes: what an order would cost, and why not; prices stay good for the policy's minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from distributors.models import Distributor
from kit import actors, bulk, values
from kit.errors import DomainError
from ledger import accounts
from orders import checking
from orders.checking import Part, PricedLine
from orders.models import Quote
from orders.requests import MAX_TOTAL_FEN, Consignee, Line, OrderRequest
from supplychain import stock

NO_GUARD_FEN = MAX_TOTAL_FEN
# Kept a little longer than they hold, for those who look into what an order was told.
KEPT = timedelta(days=7)
FORGOTTEN_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that could not be ordered now, and why."""

    line: Line
    refusal: DomainError


@dataclass(frozen=True, slots=True)
class Quoted:
    """An answer to a quote: what could be ordered at which price, and what could not."""

    quote: Quote
    lines: list[PricedLine]
    refused: list[Refused]
    parts: list[Part]
    goods_fen: int
    freight_fen: int
    available_fen: int

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.freight_fen

    @property
    def deposit_after_fen(self) -> int:
        """What would be left to order with; negative: that much is missing."""
        return self.available_fen - self.total_fen


def quote(
    *,
    distributor: Distributor,
    lines: Sequence[Line],
    province: str,
    city: str,
    at: datetime,
    application: str = "",
) -> Quoted:
    """Price lines for a destination and freeze these prices; nothing is taken or reserved.

    :raises RegionUnknown: the province is none that we know.
    """
    request = checking.canonical(_request(distributor, lines, province, city, application))
    facts = checking.read_facts([request], at)
    priced, refusals = checking.judge_lines(request, facts)
    sellable, short = _in_stock(priced)
    refused = [Refused(lines[index], refusal) for index, refusal in refusals] + short
    parts = checking.split(sellable, request.consignee, facts)
    return Quoted(
        quote=_freeze(distributor, sellable, facts, at),
        lines=sellable,
        refused=refused,
        parts=parts,
        goods_fen=sum(line.goods_fen for line in sellable),
        freight_fen=sum(part.freight_fen for part in parts),
        available_fen=accounts.deposit_of(distributor.pk).available_fen,
    )


def forget(*, at: datetime) -> int:
    """Delete the quotes that ended a week ago; return how many."""
    count = 0
    while True:
        deleted = bulk.execute(
            "DELETE FROM orders_quote WHERE id IN ("
            " SELECT id FROM orders_quote WHERE expires_at < %s LIMIT %s)",
            [at - KEPT, FORGOTTEN_AT_ONCE],
        )
        count += deleted
        if deleted < FORGOTTEN_AT_ONCE:
            return count


def _request(
    distributor: Distributor, lines: Sequence[Line], province: str, city: str, application: str
) -> OrderRequest:
    open_lines = (
        values.replace(line, expected_agreement_price_fen=NO_GUARD_FEN)
        if line.expected_agreement_price_fen is None
        else line
        for line in lines
    )
    return OrderRequest(
        distributor_pk=distributor.pk,
        out_order_no="",
        lines=tuple(open_lines),
        consignee=Consignee("", "", province, city, "", ""),
        actor=actors.timer("quote"),
        application=application,
    )


def _in_stock(lines: Sequence[PricedLine]) -> tuple[list[PricedLine], list[Refused]]:
    left: dict[str, int] = {}
    sellable: list[PricedLine] = []
    short: list[Refused] = []
    for line in lines:
        sku_no, wanted = line.offer.sku_no, line.wanted.quantity
        available = left.setdefault(sku_no, line.offer.available)
        if wanted > available:
            refusal = stock.StockInsufficient(sku_no=sku_no, wanted=wanted, available=available)
            short.append(Refused(line.wanted, refusal))
        else:
            left[sku_no] -= wanted
            sellable.append(line)
    return sellable, short


def _freeze(
    distributor: Distributor, lines: Sequence[PricedLine], facts: checking.Facts, at: datetime
) -> Quote:
    return Quote.objects.create(
        distributor=distributor,
        prices={line.offer.sku_no: values.astuple(line.price) for line in lines},
        quoted_at=at,
        expires_at=at + timedelta(minutes=facts.policies.quote_minutes),
    )
