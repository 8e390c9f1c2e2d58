"""One order, all the way through, by real HTTP; each step with what it did to money and stock."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from books import verifying
from demo import carrier, companies
from demo.companies import PLATFORM
from distributors.models import Distributor
from huopan_client import Client, Problem, types
from integration.models import ApiKey
from kit import money
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import shipping
from orders.models import Fulfilment, Line, Order, Shipment
from suppliers.models import Supplier

# A supplier's tea and a cup of the platform's own: so the order is split in two.
TEA, CUP = "YL-TGY250", "CJ-BW-01"
PIECES = {TEA: 2, CUP: 1}
CONSIGNEE: types.ConsigneeRequest = {
    "name": "张三",
    "phone": "13800000000",
    "province": "广东",
    "city": "深圳市",
    "district": "南山区",
    "detail": "海德三道199号",
}
# What the distributor must have been told of it in the end.
TOLD = (
    "order.placed",
    "shipment.created",
    "order.shipped",
    "shipment.delivered",
    "order.completed",
)


class Astray(Exception):
    """A step did something else than it should have done."""


@dataclass(frozen=True)
class Share:
    """What an order holds in each account, in fen."""

    open_fen: int = 0
    payable_fen: int = 0
    own_sales_fen: int = 0
    fees_fen: int = 0


@dataclass(frozen=True)
class Books:
    """What is looked at before and after each step: fen and pieces.

    Whole accounts are shown only: a timer may receive other orders at any moment. What is checked of
    them is this order's share.
    """

    deposit_fen: int
    tea: int
    cup: int
    share: Share
    open_fen: int = field(compare=False)
    payable_fen: int = field(compare=False)
    own_sales_fen: int = field(compare=False)
    fees_fen: int = field(compare=False)

    def shown(self) -> tuple[str, ...]:
        """Return the figures as a row of the table shows them."""
        return (
            money.yuan(self.deposit_fen),
            money.yuan(self.open_fen),
            f"{self.tea}/{self.cup}",
            money.yuan(self.payable_fen),
            money.yuan(self.own_sales_fen),
            money.yuan(self.fees_fen),
        )


@dataclass(frozen=True)
class Step:
    """One step: what was done, what came of it, and the books after it."""

    name: str
    outcome: str
    books: Books


class Walk:
    """The walk of one order; steps share what the ones before have learnt."""

    def __init__(self, shop: Client, number: str) -> None:
        self.shop = shop
        self.number = number
        key = ApiKey.objects.select_related("partner").get(public_id=shop.key)
        self.distributor = Distributor.objects.select_related("company").get(partner=key.partner)
        self.supplier = Supplier.objects.select_related("company").get(products__skus__sku_no=TEA)
        self._placed: types.Order | None = None
        self.prices: dict[str, int] = {}
        # Where the money went, in a sentence, once the walk is over.
        self.shares = ""

    @property
    def order(self) -> types.Order:
        """The order as it was placed."""
        assert self._placed is not None, "the steps are taken in their order"
        return self._placed

    def steps(self) -> Iterator[Step]:
        """Walk; each step is checked before it is shown.

        :raises Astray: the books after a step are not what they should be.
        :raises Failure: the server refused, or gave no answer.
        """
        before = self.books()
        yield Step("开始 before", "", before)
        quiet = (
            ("验签 /auth/echo", self._echo),
            ("查价 /prices/lookup", self._products),
            ("询价 /quotes", self._quote),
        )
        for name, act in quiet:
            yield self._unchanged(name, act, before)
        outcome = self._place()
        placed = self._check(
            replace(before, **self._after_placing(before)), "下单 /orders", outcome
        )
        yield placed
        for name, act in (
            ("重发同单 /orders", self._repeat),
            ("超量下单 /orders", self._ask_too_much),
            ("发货 ship", self._ship),
            ("签收 /carrier/tracks", self._deliver),
        ):
            yield self._unchanged(name, act, placed.books)
        outcome = self._receive()
        received = self._check(self._after_receipt(placed.books), "收货 /…/receipt", outcome)
        yield received
        yield self._unchanged("事件 /events", self._events, received.books)
        paid_fen = before.deposit_fen - received.books.deposit_fen
        self.shares = _shares(paid_fen, received.books.share)

    def books(self) -> Books:
        """Read deposit and stock as the shop sees them, and the platform's accounts."""
        deposit = self.shop.deposit_read()
        rows = self.shop.stocks_lookup({"sku_nos": [TEA, CUP]})["items"]
        return Books(
            deposit_fen=deposit["available_fen"],
            tea=rows[0]["available"],
            cup=rows[1]["available"],
            share=self._share(),
            open_fen=deposit["open_orders_fen"],
            payable_fen=accounts.balance(Kind.PAYABLE, self.supplier.pk),
            own_sales_fen=accounts.balance(Kind.OWN_SALES),
            fees_fen=accounts.balance(Kind.SERVICE_FEES),
        )

    def _unchanged(self, name: str, act: Callable[[], str], books: Books) -> Step:
        return self._check(books, name, act())

    def _check(self, expected: Books, name: str, outcome: str) -> Step:
        found = self.books()
        if found != expected:
            raise Astray(f"{name}: {expected} was expected, {found} was found.")
        return Step(name, outcome, found)

    # --- by HTTP, as a shop -------------------------------------------------------------------------

    def _echo(self) -> str:
        said = self.shop.auth_echo()
        return f"200 {said['ip']}"

    def _products(self) -> str:
        rows = self.shop.prices_lookup({"sku_nos": list(PIECES)})["items"]
        self.prices = {row["sku_no"]: row["agreement_price_fen"] for row in rows}
        shown = " + ".join(f"{PIECES[no]}×{money.yuan(fen)}" for no, fen in self.prices.items())
        return f"200 {shown}"

    def _quote(self) -> str:
        lines: list[types.QuoteLineRequest] = [
            {"line_id": str(place), "sku_no": sku_no, "quantity": quantity}
            for place, (sku_no, quantity) in enumerate(PIECES.items(), 1)
        ]
        where: types.DestinationRequest = {
            "province": CONSIGNEE["province"],
            "city": CONSIGNEE["city"],
        }
        said = self.shop.quotes_make({"lines": lines, "destination": where})
        freight = money.yuan(said["freight_fen"])
        return f"201 {money.yuan(said['total_fen'])} 含运费 freight {freight}"

    def _place(self) -> str:
        placed = self.shop.place(self._body())
        if placed.order is None:
            raise Astray("The order waits for funds.")
        self._placed = placed.order
        return f"201 {self.order['order_no']}"

    def _repeat(self) -> str:
        placed = self.shop.place(self._body())
        if not placed.is_replayed or placed.order != self.order:
            raise Astray("The same order sent again was not recognised.")
        return "200 Idempotent-Replayed: true"

    def _ask_too_much(self) -> str:
        body = self._body()
        body["out_order_no"] = f"{self.number}-MORE"
        body["lines"][0]["quantity"] = 9_999
        try:
            self.shop.place(body)
        except Problem as refused:
            if refused.code != "stock_insufficient":
                raise
            return f"{refused.status} {refused.code}"
        raise Astray("More than there is in stock was sold.")

    def _receive(self) -> str:
        said = self.shop.orders_receive(self.order["order_no"])
        return f"200 {said['state']}"

    def _events(self) -> str:
        key = ApiKey.objects.select_related("partner").get(public_id=self.shop.key)
        after = max(0, key.partner.last_seq - 20)
        items = [
            item
            for item in self.shop.events_each(after=after, limit=200)
            if item["data"].get("order_no") == self.order["order_no"]
        ]
        types = [item["type"] for item in items]
        for wanted in TOLD:
            if wanted not in types:
                raise Astray(f"The feed has no {wanted} of the order; it has {types}.")
        return f"200 {len(items)} 条 seq {items[0]['seq']}–{items[-1]['seq']}"

    def _body(self) -> types.OrderRequest:
        return {
            "out_order_no": self.number,
            "lines": [
                {
                    "line_id": str(place),
                    "sku_no": sku_no,
                    "quantity": quantity,
                    "expected_agreement_price_fen": self.prices[sku_no],
                }
                for place, (sku_no, quantity) in enumerate(PIECES.items(), 1)
            ],
            "consignee": CONSIGNEE,
            "remark": "演示订单 demo",
        }

    # --- by act, as those who ship ------------------------------------------------------------------

    def _ship(self) -> str:
        parts = Fulfilment.objects.filter(order__order_no=self.order["order_no"])
        for part in parts.select_related("supplier").order_by("pk"):
            owner = "tea" if part.supplier else PLATFORM
            shipping.ship(
                fulfilment_pk=part.pk,
                supplier=part.supplier,
                carrier_code="SF",
                tracking_no=f"SF9{part.pk:012d}",
                actor=companies.actor_of(owner),
                at=timezone.now(),
            )
        found = self.shop.orders_shipments(self.order["order_no"])
        return f"{len(found['items'])} 个包裹 parcels（供货商 + 自营）"

    # --- by HTTP, as the carrier --------------------------------------------------------------------

    def _deliver(self) -> str:
        parcels = Shipment.objects.filter(fulfilment__order__order_no=self.order["order_no"])
        tracks = carrier.tracks_of(parcels.order_by("pk"), end="delivered", at=timezone.now())
        said = carrier.open_carrier(self.shop.url, settings.CARRIER_PUSH_SECRET[0]).push(tracks)
        states = {item["tracking_no"]: item.get("state") for item in said}
        if len(states) != parcels.count() or set(states.values()) != {"delivered"}:
            raise Astray(f"The parcels are not delivered: {said}.")
        return f"200 {len(said)} 条轨迹 scans → delivered"

    # --- what must have become of it ----------------------------------------------------------------

    def _after_placing(self, books: Books) -> dict[str, Any]:
        return {
            "deposit_fen": books.deposit_fen - self.order["total_fen"],
            "share": Share(open_fen=self.order["total_fen"]),
            "tea": books.tea - PIECES[TEA],
            "cup": books.cup - PIECES[CUP],
        }

    def _after_receipt(self, books: Books) -> Books:
        order = Order.objects.get(order_no=self.order["order_no"])
        lines = {line.sku_no: line for line in Line.objects.filter(order=order)}
        tea, cup = lines[TEA], lines[CUP]
        fees_fen = sum(line.service_fee_fen * line.quantity for line in lines.values())
        margin_fen = sum(line.markup_fen * line.quantity for line in lines.values())
        payable_fen = tea.supply_price_fen * tea.quantity
        own_fen = cup.supply_price_fen * cup.quantity + order.freight_fen
        if payable_fen + own_fen + fees_fen + margin_fen != order.total_fen:
            raise Astray("The order's total is not the sum of its shares.")
        share = Share(payable_fen=payable_fen, own_sales_fen=own_fen, fees_fen=fees_fen)
        return replace(books, share=share)

    def _share(self) -> Share:
        """Return what this order moved into each account and not out of it again."""
        sums: Counter[str] = Counter()
        moved = Transfer.objects.filter(
            order_no=self._placed["order_no"] if self._placed else "none yet"
        )
        for debit, credit, fen in moved.values_list("debit__kind", "credit__kind", "amount_fen"):
            sums[debit] -= fen
            sums[credit] += fen
        return Share(
            open_fen=sums[Kind.ORDERS_OPEN],
            payable_fen=sums[Kind.PAYABLE],
            own_sales_fen=sums[Kind.OWN_SALES],
            fees_fen=sums[Kind.SERVICE_FEES],
        )


def _shares(paid_fen: int, share: Share) -> str:
    parts = (
        ("应付供货商 payable", share.payable_fen),
        ("自营收入 own sales", share.own_sales_fen),
        ("服务费 service fees", share.fees_fen),
    )
    if paid_fen != sum(amount_fen for _, amount_fen in parts):
        raise Astray(f"{paid_fen} fen were paid; these are the parts: {parts}.")
    shown = " + ".join(f"{name} {money.yuan(amount_fen)}" for name, amount_fen in parts)
    return f"货款 paid {money.yuan(paid_fen)} = {shown}"


def verdict(at: datetime) -> tuple[bool, str]:
    """Return whether the books are clean, in a sentence."""
    report = verifying.verify(at=at)
    if report.clean:
        rules = len(report.findings)
        return True, f"账簿无误 The books are clean: {rules} 条规则全部成立 rules hold"
    names = ", ".join(finding.check.name for finding in report.breaches)
    return False, f"账簿有误 The books are broken: {names}"
