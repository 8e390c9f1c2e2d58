"""Claims in the state that each example of the API begins with."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from aftersales import claiming, goodwill
from aftersales.models import Claim
from api import claim_examples
from kit.actors import OPERATIONS
from orders import receiving
from orders.models import Order
from tests.factories import make_claim

SF: dict[str, Any] = {"carrier_code": "SF", "tracking_no": "SF1234567890777"}
BACK = ("agree", "push_address", "send_back", "receive")
# The steps that come before each operation, and the type of claim where it matters.
BEFORE: dict[str, tuple[str, tuple[str, ...]]] = {
    "claims_push_address": ("exchange", BACK[:1]),
    "claims_send_back": ("exchange", BACK[:2]),
    "claims_receive": ("exchange", BACK[:3]),
    "claims_refund": ("refund", BACK[:1]),
    "claims_reship": ("exchange", BACK),
    "claims_complete": ("exchange", (*BACK, "reship")),
    "claims_accept_goodwill": ("refund", ("ask", "offer")),
    "claims_refuse_goodwill": ("refund", ("ask",)),
}


def seed(operation: str, order: Order) -> None:
    """Receive an order, and open the claim that an operation is about."""
    at = timezone.now() - timedelta(minutes=1)
    receiving.receive(order_pk=order.pk, distributor=order.distributor, actor=OPERATIONS, at=at)
    if operation == "claims_open":
        return
    type_, steps = BEFORE.get(operation, ("exchange", ()))
    claim = make_claim(order, type=type_, at=at)
    for step in steps:
        take(claim, step)
    Claim.objects.update(claim_no=claim_examples.CLAIM_NO)


def take(claim: Claim, step: str) -> None:
    """Take one step of a claim."""
    who: dict[str, Any] = {"claim_no": claim.claim_no, "actor": OPERATIONS, "at": timezone.now()}
    mine: dict[str, Any] = {**who, "distributor": claim.distributor}
    acts: dict[str, Any] = {
        "agree": lambda: claiming.agree(**mine),
        "push_address": lambda: claiming.push_address(**mine, address="云上商城 0571-66668888"),
        "send_back": lambda: claiming.send_back(**mine, **SF),
        "receive": lambda: claiming.receive(**mine),
        "reship": lambda: claiming.reship(**mine, carrier_code="YTO", tracking_no="YT8812345678"),
        "ask": lambda: goodwill.ask(**mine, note="整箱受潮", amount_fen=20_00),
        "offer": lambda: goodwill.offer(
            **who, kind="amount", amount_fen=15_00, liability="platform"
        ),
    }
    acts[step]()
