"""Rules about orders: placing, shipping, receiving, and the clock."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import completing, placing, receiving, requests, shipping
from tests.factories import CONSIGNEE
from tests.model.base import ACTOR, Base
from tests.model.books import TO_RECEIVE, TO_SHIP, Line, Order, Part, Wanted
from tests.model.goods_rules import SHOPS, SKUS

BASKETS = st.lists(st.tuples(SKUS, st.integers(1, 4)), min_size=1, max_size=3)
DELAYS = st.sampled_from(
    [timedelta(minutes=31), timedelta(hours=25), timedelta(days=3), timedelta(days=8, hours=1)]
)


class OrderRules(Base):
    """The road of an order."""

    @property
    def orders(self) -> list[Order]:
        return list(self.books.orders.values())

    @property
    def parts(self) -> list[Part]:
        return [part for order in self.orders for part in order.parts]

    @rule(shop=SHOPS, basket=BASKETS, short_fen=st.sampled_from([0, 0, 0, 0, 1]))
    def place(self, shop: str, basket: list[tuple[str, int]], short_fen: int) -> None:
        self.submit(shop, f"N{self.number()}", self.wanted(basket), short_fen)

    @rule(data=st.data(), basket=BASKETS, changed=st.booleans())
    def place_again(
        self, data: st.DataObject, basket: list[tuple[str, int]], changed: bool
    ) -> None:
        if order := self.pick(data, self.orders, bool):
            wanted = [line.wanted for line in order.lines]
            self.submit(order.shop, order.number, self.wanted(basket) if changed else wanted, 0)

    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        if part := self.pick(data, self.parts, lambda part: part.state in TO_SHIP):
            self.step(
                "begin",
                lambda: shipping.begin(
                    fulfilment_pks=[self.part_pk(part)],
                    supplier=self.world.suppliers.get(part.source),
                    actor=ACTOR,
                    at=self.books.now,
                ),
                lambda: self.books.begin(part),
            )

    @rule(data=st.data(), everything=st.booleans())
    def ship(self, data: st.DataObject, everything: bool) -> None:
        part = self.pick(data, self.parts, lambda part: part.state in TO_SHIP)
        if part is None:
            return
        pieces = None if everything else self.some(data, part.lines, lambda line: line.to_ship)
        number = f"SF{self.number():012d}"
        self.step(
            "ship",
            lambda: shipping.ship(
                fulfilment_pk=self.part_pk(part),
                supplier=self.world.suppliers.get(part.source),
                carrier_code="SF",
                tracking_no=number,
                pieces=pieces and {self.line_pk(line): n for line, n in pieces.items()},
                actor=ACTOR,
                at=self.books.now,
            ),
            lambda: self.books.ship(part, pieces, number),
        )

    @rule(data=st.data(), everything=st.booleans(), shop=SHOPS)
    def receive(self, data: st.DataObject, everything: bool, shop: str) -> None:
        order = self.pick(data, self.orders, lambda order: any(map(_waits, order.parcels)))
        if order is None:
            return
        pieces = None if everything else self.some(data, order.lines, _on_the_way)
        self.step(
            "receive",
            lambda: receiving.receive(
                order_pk=self.order_pk(order),
                distributor=self.world.shops[order.shop],
                pieces=None if pieces is None else _by_id(pieces),
                actor=ACTOR,
                at=self.books.now,
            ),
            lambda: self.books.receive(order, pieces),
        )

    @rule(data=st.data(), delay=DELAYS)
    def wait(self, data: st.DataObject, delay: timedelta) -> None:
        """Time passes, and all timers run; each twice, the second for nothing."""
        self.pass_time(delay)
        for name, timer, model in self.timers():
            self.step(name, partial(timer, at=self.books.now), model)
            self.step(name, partial(timer, at=self.books.now), lambda: None)

    def timers(self) -> list[tuple[str, Callable[..., object], Callable[[], object]]]:
        """Everything that happens by itself, in one order."""
        return [
            ("receive due", receiving.receive_due, self.books.receive_due),
            ("complete due", completing.complete_due, self.books.complete_due),
        ]

    def wanted(self, basket: list[tuple[str, int]]) -> list[Wanted]:
        return [
            Wanted(str(index), self.books.skus[name], count)
            for index, (name, count) in enumerate(basket, 1)
        ]

    def submit(self, shop: str, number: str, wanted: list[Wanted], short_fen: int) -> None:
        """Place; expecting what it costs, less some fen."""
        expected = {one.sku.name: self.books.price(shop, one.sku).fen - short_fen for one in wanted}
        request = self.request(shop, number, wanted, expected)
        self.step(
            "place",
            lambda: placing.place(request, at=self.books.now),
            lambda: self.books.place(shop, number, wanted, expected),
        )

    def request(
        self, shop: str, number: str, wanted: list[Wanted], expected: Mapping[str, int]
    ) -> requests.OrderRequest:
        lines = tuple(
            requests.Line(
                one.line_id,
                self.world.skus[one.sku.name].sku_no,
                one.quantity,
                expected.get(one.sku.name),
            )
            for one in wanted
        )
        return requests.OrderRequest(
            self.world.shops[shop].pk, number, lines, CONSIGNEE, actor=ACTOR
        )

    def some(
        self, data: st.DataObject, lines: list[Line], limit: Callable[[Line], int]
    ) -> dict[Line, int]:
        """Some pieces of some lines; now and then more than there are."""
        counts = {
            line: data.draw(st.integers(0, limit(line) + (limit(line) == 0)), label="pieces")
            for line in lines
        }
        return {line: count for line, count in counts.items() if count}

    def order_pk(self, order: Order) -> int:
        return self.seen.orders[order.shop, order.number]

    def part_pk(self, part: Part) -> int:
        return self.seen.parts[part.order.shop, part.order.number, part.source]

    def line_pk(self, line: Line) -> int:
        return self.seen.lines[line.order.shop, line.order.number, line.wanted.line_id]


def _by_id(pieces: Mapping[Line, int]) -> dict[str, int]:
    return {line.wanted.line_id: count for line, count in pieces.items()}


def _waits(parcel: object) -> bool:
    return getattr(parcel, "state", "") in TO_RECEIVE


def _on_the_way(line: Line) -> int:
    return sum(
        held.left
        for parcel in line.order.parcels
        if parcel.state in TO_RECEIVE
        for held in parcel.held
        if held.line is line
    )
