"""The model of holds, and of orders that wait for funds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.model.books import Books
from tests.model.things import Asked, Named, Order, Price, Sku, require, total_of

HOLD_MINUTES = 30
WAIT_HOURS = 24
EXTENSIONS = 1
# The first two live in one city, the third elsewhere.
CITIES = ("深圳市", "深圳市", "广州市")


@dataclass(eq=False, repr=False)
class Hold(Named):
    """What is kept for an order that is not placed; one that waits for funds reserves nothing."""

    asked: Asked
    kind: str
    prices: Sequence[Price]
    draws: Sequence[int]
    expires_at: datetime
    state: str = "active"
    extensions: int = 0

    def __repr__(self) -> str:
        return f"hold {self.asked.shop} {self.asked.number}"

    @property
    def total_fen(self) -> int:
        return total_of(self.asked.wanted, self.prices)

    @property
    def reserved_fen(self) -> int:
        return self.total_fen if self.kind == "consumer" else 0


class Promises(Books):
    """Books with promises."""

    def __init__(self, skus: Iterable[Sku], rates: Mapping[str, int], at: datetime) -> None:
        super().__init__(skus, rates, at)
        self.holds: list[Hold] = []

    def place(self, asked: Asked) -> None:
        """Place an order, or let it wait, where that is allowed and only the deposit is short."""
        known = self.orders.get((asked.shop, asked.number))
        hold = self._active(asked)
        if known:
            require(known.content == asked.content)
        elif hold:
            self._place_held(hold, asked)
        else:
            self._place_new(asked)

    def hold(self, asked: Asked) -> None:
        require((asked.shop, asked.number) not in self.orders)
        active = self._active(asked)
        if active:
            require(active.asked.content == asked.content)
            return
        prices = self._agreed(asked)
        self._check_limit(asked.shop)
        draws = self.draw(asked.shop, asked.wanted)
        require(total_of(asked.wanted, prices) <= self.available_fen(asked.shop))
        expires_at = self.now + timedelta(minutes=HOLD_MINUTES)
        self._keep(Hold(asked, "consumer", prices, draws, expires_at))

    def extend(self, hold: Hold) -> None:
        require(hold.state == "active" and hold.kind == "consumer")
        require(hold.extensions < EXTENSIONS)
        hold.extensions += 1
        hold.expires_at = max(hold.expires_at, self.now) + timedelta(minutes=HOLD_MINUTES)

    def release(self, hold: Hold) -> None:
        require(hold.state in ("active", "released"))
        if hold.state == "active":
            self._end_hold(hold, "released")

    def lapse_due(self) -> None:
        for hold in self.holds:
            if hold.state == "active" and hold.expires_at <= self.now:
                self._end_hold(hold, "lapsed")

    def place_funded(self) -> None:
        """The oldest first, as far as each deposit goes."""
        for hold in self.holds:
            waits = hold.state == "active" and hold.kind == "funds" and hold.expires_at > self.now
            if waits and hold.total_fen <= self.available_fen(hold.asked.shop):
                self._consume(hold)

    def _place_new(self, asked: Asked) -> None:
        prices = self._agreed(asked)
        draws = self.draw(asked.shop, asked.wanted)
        if total_of(asked.wanted, prices) <= self.available_fen(asked.shop):
            self.take_stock(asked.shop, asked.wanted, draws)
            self.write_order(asked, prices, draws)
            return
        require(asked.wait)
        self._check_limit(asked.shop)
        expires_at = self.now + timedelta(hours=WAIT_HOURS)
        self._keep(Hold(asked, "funds", prices, draws, expires_at))

    def _place_held(self, hold: Hold, asked: Asked) -> None:
        if hold.kind == "funds":
            require(hold.asked.content == asked.content)
            if hold.total_fen <= self.available_fen(asked.shop):
                self._consume(hold)
            return
        require(hold.asked.lines == asked.lines)
        require(CITIES[hold.asked.consignee] == CITIES[asked.consignee])
        for one, price in zip(hold.asked.wanted, hold.prices, strict=True):
            require(price.fen <= asked.expected.get(one.sku.name, price.fen))
        self._consume(hold, asked)

    def _consume(self, hold: Hold, asked: Asked | None = None) -> Order:
        hold.state = "consumed"
        self.held[hold.asked.shop] -= hold.reserved_fen
        return self.write_order(asked or hold.asked, hold.prices, hold.draws)

    def _keep(self, hold: Hold) -> None:
        self.take_stock(hold.asked.shop, hold.asked.wanted, hold.draws)
        self.held[hold.asked.shop] += hold.reserved_fen
        self.holds.append(hold)

    def _end_hold(self, hold: Hold, state: str) -> None:
        hold.state = state
        self.held[hold.asked.shop] -= hold.reserved_fen
        self.give_stock_back(hold.asked.shop, hold.asked.wanted, hold.draws)

    def _active(self, asked: Asked) -> Hold | None:
        for hold in self.holds:
            same = (hold.asked.shop, hold.asked.number) == (asked.shop, asked.number)
            if same and hold.state == "active":
                return hold
        return None

    def _agreed(self, asked: Asked) -> list[Price]:
        """Today's prices, which must not be above what is reckoned with."""
        prices = [self.price(asked.shop, one.sku) for one in asked.wanted]
        for one, price in zip(asked.wanted, prices, strict=True):
            require(price.fen <= asked.expected.get(one.sku.name, -1))
        return prices

    def _check_limit(self, shop: str) -> None:
        active = [h for h in self.holds if h.state == "active" and h.asked.shop == shop]
        require(len(active) < self.rules.open_holds_limit)
