"""What the model is made of: goods, orders, lines, parcels. States that follow from counters are
computed each time and stored nowhere.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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

    def of(self, pieces: int) -> "Wanted":
        return Wanted(self.line_id, self.sku, pieces)


@dataclass(frozen=True)
class Asked:
    """An order as a shop asks for it; `expected` is the price by sku that it reckons with."""

    shop: str
    number: str
    wanted: tuple[Wanted, ...]
    consignee: int
    expected: Mapping[str, int]
    wait: bool = False

    @property
    def lines(self) -> Any:
        return sorted((one.line_id, one.sku.name, one.quantity) for one in self.wanted)

    @property
    def content(self) -> Any:
        return (self.lines, self.consignee)


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

    parcel: "Parcel"
    line: Line
    quantity: int
    received: int = 0
    written_off: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.received - self.written_off


@dataclass(eq=False, repr=False)
class Parcel(Named):
    """A parcel and what it holds; `scanned_at` is of the latest scan under its number."""

    part: Part
    number: str
    shipped_at: datetime
    due_at: datetime
    state: str = "in_transit"
    scanned_at: datetime | None = None

    @property
    def held(self) -> list[Held]:
        return [held for held in self.part.order.held if held.parcel is self]

    def __repr__(self) -> str:
        return self.number


@dataclass(eq=False, repr=False)
class Order(Named):
    """An order; its state follows from its lines."""

    shop: str
    number: str
    content: Any
    # Where it goes now.
    consignee: int = 0
    open_fen: int = 0
    parts: list[Part] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    # What is in the parcels, in the order in which it was entered.
    held: list[Held] = field(default_factory=list)
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


@dataclass
class Rules:
    """The platform's policies, as far as the model needs them."""

    window_days: int = 0
    receive_days: int = 15
    receive_days_after_signing: int = 7
    ship_hours: int = 48
    open_holds_limit: int = 500
    cancellation_at_once: bool = True
    review_above_fen: int = 500_00
    approve_when_late: bool = False
    own_return_address: str = ""


def total_of(wanted: Sequence[Wanted], prices: Sequence[Price]) -> int:
    """What an order comes to, goods and freight."""
    goods = sum(price.fen * one.quantity for one, price in zip(wanted, prices, strict=True))
    return goods + sum(freight_of(wanted, source) for source in {one.sku.source for one in wanted})


def freight_of(wanted: Sequence[Wanted], source: str) -> int:
    """The freight of a part: each tariff once, by piece."""
    counts: Counter[tuple[int, int]] = Counter()
    for one in wanted:
        if one.sku.source == source and one.sku.freight:
            counts[one.sku.freight] += one.quantity
    return sum(first + further * (count - 1) for (first, further), count in counts.items())
