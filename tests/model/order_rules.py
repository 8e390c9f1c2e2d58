"""Rules about the road of an order: held, placed, shipped, received; and the clock."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from aftersales import goodwill, timing
from companies import policies
from kit import values
from orders import (
    addressing,
    cancelling,
    completing,
    holding,
    lapsing,
    lateness,
    placing,
    receiving,
    requests,
    shipping,
    waiting,
)
from tests.factories import CONSIGNEE
from tests.model.base import ACTOR, Act, Base, by_id, deed
from tests.model.goods_rules import SHOPS, SKUS
from tests.model.promises import CITIES, Hold
from tests.model.things import TO_SHIP, Asked, Line, Order, Part, Rules, Wanted

BASKETS = st.lists(st.tuples(SKUS, st.integers(1, 4)), min_size=1, max_size=3)
DELAYS = st.sampled_from(
    [timedelta(minutes=31), timedelta(hours=25), timedelta(days=3), timedelta(days=8, hours=1)]
)
CONSIGNEES = [
    values.replace(CONSIGNEE, name=name, city=city)
    for name, city in zip(("张三", "李四", "王五"), CITIES, strict=True)
]
WHO = st.integers(0, len(CONSIGNEES) - 1)
# How an order is asked for: rightly, with a price that is too low, or without any.
GUARDS = st.sampled_from(["right", "right", "right", "right", "low", "none"])


class OrderRules(Base):
    """The road of an order."""

    @deed(weight=4, shop=SHOPS, basket=BASKETS, who=WHO, guard=GUARDS, wait=st.booleans())
    def place(
        self, shop: str, basket: list[tuple[str, int]], who: int, guard: str, wait: bool
    ) -> None:
        asked = self.asked(shop, f"N{self.number()}", self.wanted(basket), who, guard, wait)
        self.step("place", *self.placing(asked))

    @deed(weight=2, shop=SHOPS, basket=BASKETS, who=WHO, guard=GUARDS)
    def hold(self, shop: str, basket: list[tuple[str, int]], who: int, guard: str) -> None:
        asked = self.asked(shop, f"N{self.number()}", self.wanted(basket), who, guard)
        self.step("hold", *self.holding(asked))

    @deed(weight=3, changed=st.sampled_from(["", "", "", "lines", "consignee"]))
    def repeat(self, data: st.DataObject, changed: str) -> None:
        """The number of an order or a hold comes again, mostly with the same content."""
        known: list[Any] = [*self.books.holds, *self.orders]
        found = self.pick(data, known, lambda one: isinstance(one, Hold) and one.state == "active")
        if found is None:
            return
        if isinstance(found, Hold):
            shop, number = found.asked.shop, found.asked.number
            wanted, who = list(found.asked.wanted), found.asked.consignee
        else:
            shop, number = found.shop, found.number
            wanted, who = [line.wanted for line in found.lines], found.content[1]
        if changed == "lines":
            wanted = self.wanted(data.draw(BASKETS))
        if changed == "consignee":
            who = data.draw(WHO)
        guard = data.draw(GUARDS)
        asked = self.asked(shop, number, wanted, who, guard, data.draw(st.booleans()))
        if data.draw(st.integers(0, 3)):
            self.step("place again", *self.placing(asked))
        else:
            self.step("hold again", *self.holding(asked))

    @deed(
        weight=2,
        when=lambda self: self.books.holds,
        act=st.sampled_from(["extend", "extend", "release"]),
    )
    def answer_hold(self, data: st.DataObject, act: str) -> None:
        hold = self.pick(data, self.books.holds, lambda hold: hold.state == "active")
        if hold is None:
            return
        self.step(f"{act} hold", *self.answering_hold(hold, act))

    @deed(weight=2, when=lambda self: self.waiting_parts)
    def begin(self, data: st.DataObject) -> None:
        if part := self.pick(data, self.parts, lambda part: part.state in TO_SHIP):
            self.step("begin", *self.beginning(part))

    @deed(weight=7, when=lambda self: self.waiting_parts, everything=st.booleans())
    def ship(self, data: st.DataObject, everything: bool) -> None:
        if part := self.pick(data, self.parts, lambda part: part.state in TO_SHIP):
            pieces = None if everything else self.some(data, part.lines, lambda line: line.to_ship)
            self.step("ship", *self.shipping(part, pieces))

    @deed(weight=5, when=lambda self: any(map(self.coming, self.lines)), everything=st.booleans())
    def receive(self, data: st.DataObject, everything: bool) -> None:
        order = self.pick(data, self.orders, lambda one: any(map(self.coming, one.lines)))
        if order:
            pieces = None if everything else self.some(data, order.lines, self.coming)
            self.step("receive", *self.receiving(order, pieces))

    @deed(weight=1, when=lambda self: self.waiting_parts, who=WHO)
    def change_address(self, data: st.DataObject, who: int) -> None:
        order = self.pick(data, self.orders, lambda one: not one.held)
        if order:
            self.step(
                "change address",
                lambda: addressing.change_address(
                    distributor=self.world.shops[order.shop],
                    order_pk=self.order_pk(order),
                    consignee=CONSIGNEES[who],
                    **self.now,
                ),
                lambda: self.books.change_address(order, who),
            )

    @deed(weight=4, delay=DELAYS)
    def wait(self, delay: timedelta) -> None:
        """Time passes, and all timers run: twice, for what the first round has made due."""
        self.books.now += delay
        timers = self.timers()

        def run() -> None:
            for timer, _ in timers:
                timer(at=self.books.now)

        def expect() -> None:
            for _, model in timers:
                model()

        self.step("timers", run, expect)
        self.step("timers again", run, expect)

    def timers(self) -> list[tuple[Callable[..., object], Callable[[], object]]]:
        """Everything that happens by itself, in one order."""
        books = self.books
        return [
            (waiting.place_funded, books.place_funded),
            (lapsing.lapse_due, books.lapse_due),
            (cancelling.grant_unanswered, books.grant_unanswered),
            (lateness.note_late, books.note_late),
            (receiving.receive_due, books.receive_due),
            (timing.open_for_parcels, books.open_for_parcels),
            (timing.run_due, books.run_due),
            (completing.complete_due, books.complete_due),
            (goodwill.decline_due, books.decline_due),
        ]

    def decide(self, rules: Rules) -> None:
        """Change the platform's policies, as far as they differ."""
        before, after = _values(self.books.rules), _values(rules)
        self.books.rules = rules
        for name, value in after.items():
            if value != before[name]:
                policies.decide(name=name, value=value, **self.now)

    def wanted(self, basket: list[tuple[str, int]]) -> list[Wanted]:
        return [
            Wanted(str(index), self.books.skus[name], count)
            for index, (name, count) in enumerate(basket, 1)
        ]

    def asked(
        self, shop: str, number: str, wanted: list[Wanted], who: int, guard: str, wait: bool = False
    ) -> Asked:
        """An order as it is sent: expecting what it costs, less, or nothing."""
        less = 1 if guard == "low" else 0
        prices = {one.sku.name: self.books.price(shop, one.sku).fen - less for one in wanted}
        return Asked(shop, number, tuple(wanted), who, {} if guard == "none" else prices, wait)

    def placing(self, asked: Asked) -> Act:
        request = self.request(asked)
        return (
            lambda: placing.place(request, at=self.books.now),
            lambda: self.books.place(asked),
        )

    def holding(self, asked: Asked) -> Act:
        request = self.request(asked)
        return (
            lambda: holding.hold(request=request, at=self.books.now),
            lambda: self.books.hold(asked),
        )

    def answering_hold(self, hold: Hold, act: str) -> Act:
        reals = {"extend": holding.extend, "release": holding.release}
        models = {"extend": self.books.extend, "release": self.books.release}
        return (
            lambda: reals[act](
                distributor=self.world.shops[hold.asked.shop],
                hold_id=self.seen.holds[self.books.holds.index(hold)],
                **self.now,
            ),
            lambda: models[act](hold),
        )

    def request(self, asked: Asked) -> requests.OrderRequest:
        lines = tuple(
            requests.Line(
                one.line_id,
                self.world.skus[one.sku.name].sku_no,
                one.quantity,
                asked.expected.get(one.sku.name),
            )
            for one in asked.wanted
        )
        return requests.OrderRequest(
            self.world.shops[asked.shop].pk,
            asked.number,
            lines,
            CONSIGNEES[asked.consignee],
            actor=ACTOR,
            on_shortfall=requests.WAIT if asked.wait else requests.REFUSE,
        )

    def beginning(self, part: Part) -> Act:
        return (
            lambda: shipping.begin(
                fulfilment_pks=[self.part_pk(part)],
                supplier=self.world.suppliers.get(part.source),
                **self.now,
            ),
            lambda: self.books.begin(part),
        )

    def shipping(self, part: Part, pieces: Mapping[Line, int] | None) -> Act:
        number = f"SF{self.number():012d}"
        return (
            lambda: shipping.ship(
                fulfilment_pk=self.part_pk(part),
                supplier=self.world.suppliers.get(part.source),
                carrier_code="SF",
                tracking_no=number,
                pieces=None
                if pieces is None
                else {self.line_pk(one): pieces[one] for one in pieces},
                **self.now,
            ),
            lambda: self.books.ship(part, pieces, number),
        )

    def receiving(self, order: Order, pieces: Mapping[Line, int] | None) -> Act:
        return (
            lambda: receiving.receive(
                order_pk=self.order_pk(order),
                distributor=self.world.shops[order.shop],
                pieces=by_id(pieces),
                **self.now,
            ),
            lambda: self.books.receive(order, pieces),
        )


def _values(rules: Rules) -> dict[str, Any]:
    """The platform's policies, by their names."""
    return {
        "aftersale_policy": "open" if rules.window_days else "classic",
        "aftersale_days": rules.window_days or 7,
        "open_holds_limit": rules.open_holds_limit,
        "cancellation_at_once": rules.cancellation_at_once,
        "refund_review_above_fen": rules.review_above_fen,
        "aftersale_when_late": "approve" if rules.approve_when_late else "alert",
        "own_return_address": rules.own_return_address,
    }
