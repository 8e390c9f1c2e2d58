"""A small model of money, stock and states: what SPEC says an act does, and nothing of how it is done.

It knows neither the database nor our acts. An act of it either changes the model, or raises `Refused`
and changes nothing. Money is fen by account; pieces are counters. Where a state follows from
counters, it is computed here each time and stored nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

UNDER_WAY = ("in_transit", "delivered", "exception", "returning")
TO_RECEIVE = ("in_transit", "delivered", "exception")
TO_SHIP = ("awaiting_shipment", "partly_shipped")
OWN = ""


class Refused(Exception):
    """The act is declined, and nothing has changed."""


def require(condition: object) -> None:
    """Refuse the act unless the condition holds."""
    if not condition:
        raise Refused


class Named:
    """What a failing example shows by its name."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@dataclass(eq=False, repr=False)
class Sku:
    """Goods: whose, at what price, freight (first, further) by piece, and the days of their window."""

    name: str
    source: str
    supply_fen: int
    markup_fen: int
    pool: int
    freight: tuple[int, int] | None = None
    days: int | None = None


@dataclass(frozen=True)
class Price:
    """What a piece costs, in its shares."""

    supply_fen: int
    fee_fen: int
    markup_fen: int

    @property
    def fen(self) -> int:
        return self.supply_fen + self.fee_fen + self.markup_fen


@dataclass(frozen=True)
class Wanted:
    """A line that is asked for."""

    line_id: str
    sku: Sku
    quantity: int


@dataclass(eq=False, repr=False)
class Part(Named):
    """What one source ships of an order."""

    order: "Order"
    source: str
    freight_fen: int
    due_at: datetime
    begun: bool = False
    late: bool = False
    freight_earned: bool = False
    freight_refunded_fen: int = 0

    def __repr__(self) -> str:
        return f"{self.order} {self.source or 'own'}"

    @property
    def lines(self) -> list["Line"]:
        return [line for line in self.order.lines if line.part is self]

    @property
    def parcels(self) -> list["Parcel"]:
        return [parcel for parcel in self.order.parcels if parcel.part is self]

    @property
    def state(self) -> str:
        left = sum(line.quantity - line.cancelled - line.shipped for line in self.lines)
        shipped = sum(line.shipped for line in self.lines)
        if left:
            return "partly_shipped" if shipped else "awaiting_shipment"
        if not shipped:
            return "cancelled"
        return "shipped" if any(p.state in UNDER_WAY for p in self.parcels) else "closed"


@dataclass(eq=False, repr=False)
class Line(Named):
    """A line with its counters; see `orders.models.Line`."""

    part: Part
    wanted: Wanted
    price: Price
    days: int
    from_allotment: int
    cancelled: int = 0
    frozen: int = 0
    shipped: int = 0
    received: int = 0
    returned: int = 0
    refunded: int = 0
    refunded_fen: int = 0
    written_off: int = 0
    in_case: int = 0
    restocked: int = 0

    def __repr__(self) -> str:
        return f"{self.order}/{self.wanted.line_id}"

    @property
    def order(self) -> "Order":
        return self.part.order

    @property
    def quantity(self) -> int:
        return self.wanted.quantity

    @property
    def to_ship(self) -> int:
        return self.quantity - self.cancelled - self.frozen - self.shipped


@dataclass(eq=False, repr=False)
class Held:
    """So many pieces of a line in a parcel."""

    line: Line
    quantity: int
    received: int = 0
    written_off: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.received - self.written_off


@dataclass(eq=False, repr=False)
class Parcel(Named):
    """A parcel and what it holds."""

    part: Part
    number: str
    held: list[Held]
    due_at: datetime
    state: str = "in_transit"
    scans: list[tuple[datetime, str]] = field(default_factory=list)

    def __repr__(self) -> str:
        return self.number


@dataclass(eq=False, repr=False)
class Order(Named):
    """An order; its state follows from its lines."""

    shop: str
    number: str
    content: Any
    open_fen: int = 0
    parts: list[Part] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    open_cases: int = 0
    received_at: datetime | None = None
    completed: bool = False
    until: datetime | None = None
    # What suppliers have earned of it that waits for the end of the window.
    waiting: Counter[str] = field(default_factory=Counter)

    def __repr__(self) -> str:
        return f"{self.shop} {self.number}"

    @property
    def arrived(self) -> bool:
        """Whether nothing is to come any more, and something of it has been received."""
        ended = all(
            line.cancelled + line.received + line.written_off == line.quantity
            for line in self.lines
        )
        return ended and any(line.received for line in self.lines)

    @property
    def state(self) -> str:
        wanted = sum(line.quantity - line.cancelled for line in self.lines)
        shipped = sum(line.shipped for line in self.lines)
        arrived = sum(line.received + line.written_off for line in self.lines)
        refunded = sum(line.refunded - line.cancelled for line in self.lines)
        begun = any(part.begun for part in self.parts)
        rules = (
            (not wanted, "cancelled"),
            (refunded >= wanted, "refunded"),
            (self.completed, "completed"),
            (arrived >= wanted, "received"),
            (shipped >= wanted, "shipped"),
            (shipped > 0, "partly_shipped"),
            (begun, "processing"),
        )
        return next((state for holds, state in rules if holds), "placed")


@dataclass(frozen=True)
class Rules:
    """The platform's policies, as far as the model needs them."""

    window_days: int = 0
    receive_days: int = 15
    receive_days_after_signing: int = 7
    ship_hours: int = 48


class Books:
    """Everything that is compared with the database after each step."""

    def __init__(self, skus: Iterable[Sku], rates: Mapping[str, int], at: datetime) -> None:
        self.now = at
        self.rules = Rules()
        self.skus = {sku.name: sku for sku in skus}
        self.rates = dict(rates)
        self.accounts: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        # (sku, shop) → pieces, and whether the shop may go on to the pool.
        self.allotments: dict[tuple[str, str], tuple[int, bool]] = {}
        self.orders: dict[tuple[str, str], Order] = {}

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

    def place(
        self, shop: str, number: str, wanted: Sequence[Wanted], expected: Mapping[str, int]
    ) -> Order | None:
        """Place an order; None: it is there already, with this content."""
        content = tuple(sorted((one.line_id, one.sku.name, one.quantity) for one in wanted))
        known = self.orders.get((shop, number))
        if known:
            require(known.content == content)
            return None
        prices = [self.price(shop, one.sku) for one in wanted]
        require(
            all(
                price.fen <= expected[one.sku.name]
                for one, price in zip(wanted, prices, strict=True)
            )
        )
        draws = self.draw(shop, wanted)
        order = self._compose(shop, number, content, wanted, prices, draws)
        require(order.open_fen <= self.available_fen(shop))
        for line in order.lines:
            self.move_stock(
                shop, line.wanted.sku, line.from_allotment, line.quantity - line.from_allotment
            )
        self.post(f"deposit {shop}", "orders_open", order.open_fen)
        self.orders[shop, number] = order
        return order

    def _compose(
        self,
        shop: str,
        number: str,
        content: Any,
        wanted: Sequence[Wanted],
        prices: Sequence[Price],
        draws: Sequence[int],
    ) -> Order:
        order = Order(shop, number, content)
        due_at = self.now + timedelta(hours=self.rules.ship_hours)
        parts: dict[str, Part] = {}
        for one, price, allotted in zip(wanted, prices, draws, strict=True):
            source = one.sku.source
            part = parts.setdefault(source, Part(order, source, freight_of(wanted, source), due_at))
            days = self.rules.window_days if one.sku.days is None else one.sku.days
            order.lines.append(Line(part, one, price, days, allotted))
        order.parts = list(parts.values())
        order.open_fen = sum(line.price.fen * line.quantity for line in order.lines)
        order.open_fen += sum(part.freight_fen for part in order.parts)
        return order

    # Shipping and receiving

    def begin(self, part: Part) -> None:
        part.begun = part.begun or part.state in TO_SHIP

    def ship(self, part: Part, pieces: Mapping[Line, int] | None, number: str) -> Parcel:
        require(part.state in TO_SHIP)
        if pieces is None:
            pieces = {line: line.to_ship for line in part.lines}
        pieces = {line: count for line, count in pieces.items() if count}
        require(pieces and all(0 < count <= line.to_ship for line, count in pieces.items()))
        held = [Held(line, count) for line, count in pieces.items()]
        for line, count in pieces.items():
            line.shipped += count
        parcel = Parcel(part, number, held, self.now + timedelta(days=self.rules.receive_days))
        part.order.parcels.append(parcel)
        return parcel

    def receive(self, order: Order, pieces: Mapping[Line, int] | None) -> None:
        """The distributor confirms all that is on its way, or so many pieces."""
        on_the_way = [
            held for p in order.parcels if p.state in TO_RECEIVE for held in p.held if held.left
        ]
        if pieces is None:
            takings = [(held, held.left) for held in on_the_way]
        else:
            takings = [
                taking for line, n in pieces.items() for taking in first(line, n, on_the_way)
            ]
        require(takings or order.received_at)
        self.take(order, takings)

    def receive_due(self) -> None:
        for order in self.orders.values():
            if not order.open_cases:
                due = [
                    (held, held.left)
                    for p in order.parcels
                    if p.state in ("in_transit", "delivered") and p.due_at <= self.now
                    for held in p.held
                    if held.left
                ]
                self.take(order, due)

    def take(self, order: Order, takings: Sequence[tuple[Held, int]]) -> None:
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


def freight_of(wanted: Sequence[Wanted], source: str) -> int:
    """The freight of a part: each tariff once, by piece."""
    counts: Counter[tuple[int, int]] = Counter()
    for one in wanted:
        if one.sku.source == source and one.sku.freight:
            counts[one.sku.freight] += one.quantity
    return sum(first + further * (count - 1) for (first, further), count in counts.items())


def first(line: Line, count: int, rows: Iterable[Held]) -> list[tuple[Held, int]]:
    """Take pieces of a line from the oldest parcels."""
    mine = [held for held in rows if held.line is line]
    require(0 < count <= sum(held.left for held in mine))
    takings = []
    for held in mine:
        takings.append((held, min(count, held.left)))
        count -= takings[-1][1]
    return [taking for taking in takings if taking[1]]
