"""A small model of money, stock and states: what SPEC says an act does, and nothing of how it is done.

It knows neither the database nor our acts. An act of it either changes the model, or raises `Refused`
and changes nothing. Money is fen by account; pieces are counters.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tests.model.things import (
    OWN,
    TO_RECEIVE,
    TO_SHIP,
    Asked,
    Held,
    Line,
    Order,
    Parcel,
    Part,
    Price,
    Rules,
    Sku,
    Wanted,
    freight_of,
    require,
    total_of,
)


class Books:
    """Everything that is compared with the database after each step."""

    def __init__(self, skus: Iterable[Sku], rates: Mapping[str, int], at: datetime) -> None:
        self.now = at
        self.rules = Rules()
        self.skus = {sku.name: sku for sku in skus}
        self.rates = dict(rates)
        self.accounts: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        # By sku and shop: pieces, and whether the shop may go on to the pool.
        self.allotments: dict[tuple[str, str], tuple[int, bool]] = {}
        self.orders: dict[tuple[str, str], Order] = {}
        self.parcels: list[Parcel] = []

    # Money

    def post(self, debit: str, credit: str, fen: int) -> None:
        self.accounts[debit] -= fen
        self.accounts[credit] += fen

    def recharge(self, shop: str, fen: int) -> None:
        require(fen > 0)
        self.post("bank", f"deposit {shop}", fen)

    def available_fen(self, shop: str) -> int:
        return self.accounts[f"deposit {shop}"] - self.held[shop]

    def give_back(self, order: Order, fen: int) -> None:
        """Money of an order that was not earned goes back to the deposit."""
        self.post("orders_open", f"deposit {order.shop}", fen)
        order.open_fen -= fen

    # Goods

    def price(self, shop: str, sku: Sku) -> Price:
        base = sku.supply_fen + sku.markup_fen
        return Price(
            sku.supply_fen, (2 * base * self.rates[shop] + 10_000) // 20_000, sku.markup_fen
        )

    def change_price(self, sku: Sku, fen: int) -> None:
        require(fen != sku.supply_fen)
        sku.supply_fen = fen

    def set_stock(self, sku: Sku, pieces: int) -> None:
        sku.pool = pieces

    def adjust(self, sku: Sku, pieces: int) -> None:
        require(sku.pool + pieces >= 0)
        sku.pool += pieces

    def allot(self, sku: Sku, shop: str, pieces: int, then_pool: bool) -> None:
        had, _ = self.allotments.get((sku.name, shop), (0, True))
        require(pieces - had <= sku.pool)
        sku.pool -= pieces - had
        self.allotments[sku.name, shop] = (pieces, then_pool)

    def draw(self, shop: str, wanted: Sequence[Wanted]) -> list[int]:
        """What each line would take from the allotment, the rest being the pool's."""
        pools = {sku.name: sku.pool for sku in self.skus.values()}
        own = {name: left for (name, of), (left, _) in self.allotments.items() if of == shop}
        draws = []
        for one in wanted:
            name = one.sku.name
            _, then_pool = self.allotments.get((name, shop), (0, True))
            first = min(one.quantity, own.get(name, 0))
            require(one.quantity - first <= (pools[name] if then_pool else 0))
            own[name] = own.get(name, 0) - first
            pools[name] -= one.quantity - first
            draws.append(first)
        return draws

    def move_stock(self, shop: str, sku: Sku, from_allotment: int, from_pool: int) -> None:
        """Take pieces, or with a minus put them back."""
        sku.pool -= from_pool
        if from_allotment:
            left, then_pool = self.allotments[sku.name, shop]
            self.allotments[sku.name, shop] = (left - from_allotment, then_pool)

    def restock(self, line: Line, pieces: int) -> None:
        """Pieces of a line go back: the pool's part first."""
        to_pool = min(pieces, max(0, line.quantity - line.from_allotment - line.restocked))
        line.restocked += pieces
        self.move_stock(line.order.shop, line.wanted.sku, to_pool - pieces, -to_pool)

    # Placing

    def write_order(self, asked: "Asked", prices: Sequence[Price], draws: Sequence[int]) -> Order:
        """Put an order into the books whose stock is taken, and which the deposit covers."""
        order = Order(asked.shop, asked.number, asked.content, asked.consignee)
        due_at = self.now + timedelta(hours=self.rules.ship_hours)
        parts: dict[str, Part] = {}
        for one, price, allotted in zip(asked.wanted, prices, draws, strict=True):
            source = one.sku.source
            freight_fen = freight_of(asked.wanted, source)
            part = parts.setdefault(source, Part(order, source, freight_fen, due_at))
            days = self.rules.window_days if one.sku.days is None else one.sku.days
            order.lines.append(Line(part, one, price, days, allotted))
        order.parts = list(parts.values())
        order.open_fen = total_of(asked.wanted, prices)
        self.post(f"deposit {order.shop}", "orders_open", order.open_fen)
        self.orders[order.shop, order.number] = order
        return order

    def take_stock(self, shop: str, wanted: Sequence[Wanted], draws: Sequence[int]) -> None:
        for one, allotted in zip(wanted, draws, strict=True):
            self.move_stock(shop, one.sku, allotted, one.quantity - allotted)

    def give_stock_back(self, shop: str, wanted: Sequence[Wanted], draws: Sequence[int]) -> None:
        for one, allotted in zip(wanted, draws, strict=True):
            self.move_stock(shop, one.sku, -allotted, allotted - one.quantity)

    # Shipping and receiving

    def begin(self, part: Part) -> None:
        part.begun = part.begun or part.state in TO_SHIP

    def ship(self, part: Part, pieces: Mapping[Line, int] | None, number: str) -> Parcel:
        require(part.state in TO_SHIP)
        if pieces is None:
            pieces = {line: line.to_ship for line in part.lines}
        pieces = {line: count for line, count in pieces.items() if count}
        require(pieces and all(0 < count <= line.to_ship for line, count in pieces.items()))
        require(not self.has_parcel(number))
        due_at = self.now + timedelta(days=self.rules.receive_days)
        parcel = Parcel(part, number, self.now, due_at)
        part.order.parcels.append(parcel)
        self.parcels.append(parcel)
        for line, count in pieces.items():
            line.shipped += count
            part.order.held.append(Held(parcel, line, count))
        return parcel

    def has_parcel(self, number: str) -> bool:
        return any(p.number == number and p.state != "voided" for p in self.parcels)

    def receive(self, order: Order, pieces: Mapping[Line, int] | None) -> None:
        """The distributor confirms all that is on its way, or so many pieces."""
        coming = [held for held in order.held if held.parcel.state in TO_RECEIVE and held.left]
        if pieces is None:
            takings = [(held, held.left) for held in coming]
        else:
            takings = [one for line, n in pieces.items() for one in first(line, n, coming)]
        require(takings or order.received_at)
        self.take(order, takings)

    def receive_due(self) -> None:
        for order in self.orders.values():
            due = [
                (held, held.left)
                for held in order.held
                if held.parcel.state in ("in_transit", "delivered")
                and held.parcel.due_at <= self.now
                and held.left
            ]
            if due and not order.open_cases:
                self.take(order, due)

    def take(
        self, order: Order, takings: Sequence[tuple[Held, int]], *, settle: bool = True
    ) -> None:
        """Pieces have arrived: everybody earns its share."""
        with_window = {held.line.part for held, _ in takings if held.line.days}
        for held, count in takings:
            held.received += count
            line = held.line
            line.received += count
            self._earn(line.part, line.price.supply_fen * count, line.days > 0)
            self.earn(order, "service_fees", line.price.fee_fen * count)
            self.earn(order, "platform_margin", line.price.markup_fen * count)
            self._earn_freight(line.part, line.part in with_window)
        if settle:
            self.settle(order)

    def earn(self, order: Order, account: str, fen: int) -> None:
        self.post("orders_open", account, fen)
        order.open_fen -= fen

    def _earn(self, part: Part, fen: int, has_window: bool) -> None:
        if part.source == OWN:
            self.earn(part.order, "own_sales", fen)
        elif has_window:
            self.earn(part.order, f"earned {part.source}", fen)
            part.order.waiting[part.source] += fen
        else:
            self.earn(part.order, f"payable {part.source}", fen)

    def _earn_freight(self, part: Part, has_window: bool) -> None:
        """Once; what was given back before is not earned."""
        if not part.freight_earned:
            part.freight_earned = True
            self._earn(part, part.freight_fen - part.freight_refunded_fen, has_window)

    def settle(self, order: Order) -> None:
        """Let parcels and the header come to their end, where there is nothing more to wait for."""
        for parcel in order.parcels:
            if parcel.state in TO_RECEIVE and not any(held.left for held in parcel.held):
                parcel.state = "received"
        for part in order.parts:
            gone = all(line.cancelled + line.written_off == line.quantity for line in part.lines)
            if gone and any(line.shipped for line in part.lines):
                self._earn_freight(part, False)
        if not order.received_at and order.arrived:
            order.received_at = self.now
            days = max(line.days for line in order.lines if line.received)
            order.until = self.now + timedelta(days=days) if days else None
        if order.received_at and not order.open_cases and not order.until:
            self._complete(order)

    def complete_due(self) -> None:
        for order in self.orders.values():
            if order.until and order.until <= self.now and not order.open_cases:
                self._complete(order)

    def _complete(self, order: Order) -> None:
        order.completed = True
        for source, fen in order.waiting.items():
            self.post(f"earned {source}", f"payable {source}", fen)
        order.waiting.clear()


def first(line: Line, count: int, rows: Iterable[Held]) -> list[tuple[Held, int]]:
    """Take pieces of a line from the oldest parcels."""
    mine = [held for held in rows if held.line is line]
    require(0 < count <= sum(held.left for held in mine))
    takings = []
    for held in mine:
        takings.append((held, min(count, held.left)))
        count -= takings[-1][1]
    return [taking for taking in takings if taking[1]]
