"""The machine: every rule over one world."""

from tests.model.goods_rules import GoodsRules
from tests.model.order_rules import OrderRules


class Trade(GoodsRules, OrderRules):
    """Everything that people, machines and the clock do to orders."""
