"""The machine: every rule over one world, and how an example begins."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.model.case_rules import CaseRules
from tests.model.goods_rules import SHOPS, GoodsRules
from tests.model.order_rules import BASKETS
from tests.model.roads import ROADS, Roads
from tests.model.things import Rules
from tests.model.world import RETURN_ADDRESS

RULES = st.builds(
    Rules,
    window_days=st.sampled_from([0, 4]),
    open_holds_limit=st.sampled_from([500, 2]),
    cancellation_at_once=st.booleans(),
    review_above_fen=st.sampled_from([500_00, 40_00]),
    approve_when_late=st.booleans(),
    own_return_address=st.sampled_from(["", RETURN_ADDRESS]),
)
STAGES = st.sampled_from(["placed", "shipped", "received"])
Basket = list[tuple[str, int]]


class Trade(GoodsRules, CaseRules, Roads):
    """Everything that people, machines and the clock do to orders."""

    @initialize(
        road=st.sampled_from(["", *ROADS]),
        # Mostly to its end.
        steps=st.sampled_from([2, 4, *[None] * 8]),
        rules=RULES,
        orders=st.lists(st.tuples(SHOPS, BASKETS, STAGES), max_size=2),
        proved=st.sampled_from([False, False, False, True]),
    )
    def something_happened(
        self,
        road: str,
        steps: int | None,
        rules: Rules,
        orders: list[tuple[str, Basket, str]],
        proved: bool,
    ) -> None:
        """An example begins on a road, with the platform's policies, and with further orders.

        At the end of every fourth the books are proved, which takes as long as ten steps.
        """
        self.proved = proved
        if road:
            self.walk(road, rules, steps)
        self.decide(rules)
        for shop, basket, stage in orders:
            self._begin(shop, basket, stage)

    def _begin(self, shop: str, basket: Basket, stage: str) -> None:
        """An order that has come so far."""
        self.place(shop, basket, 0, "right", False)
        order = next((o for o in self.orders if o.number == f"N{self.numbers}"), None)
        for part in order.parts if order and stage != "placed" else []:
            self.step("ship", *self.shipping(part, None))
        if order and stage == "received":
            self.step("receive", *self.receiving(order, None))
