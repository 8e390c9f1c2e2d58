"""The machine: every rule over one world."""

from tests.model.case_rules import CaseRules
from tests.model.claim_rules import ClaimRules
from tests.model.goods_rules import GoodsRules
from tests.model.order_rules import OrderRules
from tests.model.parcel_rules import ParcelRules


class Trade(GoodsRules, OrderRules, ParcelRules, CaseRules, ClaimRules):
    """Everything that people, machines and the clock do to orders."""
