"""What walks through after-sales begin with: orders that have left, cases, and staff who act."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from aftersales import deciding, inspecting, reshipping, returning, timing
from aftersales.models import Case, CaseState
from api.aftersale_examples import CASE_NO
from companies import policies
from kit import actors
from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Fulfilment
from suppliers.models import Supplier
from supplychain.models import Sku
from tests.api.signed import Shop, order_body
from tests.factories import make_evidence, make_sku

STAFF = actors.person("service@platform.test")
OTHER_STAFF = actors.person("lead@platform.test")
ADDRESS = "售后组 0571-88888888 浙江省杭州市余杭区文一西路969号3号仓"
ACTIONS = (
    "withdrawal",
    "resubmission",
    "escalation",
    "return-shipment",
    "partial-acceptance",
    "inspection-dispute",
    "refund-instead",
    "receipt",
)
# The state that each operation begins with; a case that is read is on its way back.
SEEDS = {
    "aftersales_withdraw": "applied",
    "aftersales_resubmit": "rejected",
    "aftersales_escalate": "rejected",
    "aftersales_send_back": "awaiting_return",
    "aftersales_accept_offer": "inspection_failed",
    "aftersales_dispute": "inspection_failed",
    "aftersales_refund_instead": "reshipping",
    "aftersales_receive": "reshipped",
}
RETURN = {"carrier_code": "SF", "tracking_no": "SF1234567890999"}
# What an act needs to be told.
BODIES: dict[str, dict[str, Any]] = {"return-shipment": RETURN}


def now() -> datetime:
    """The moment, as the server takes it."""
    return timezone.now()


def open_windows() -> None:
    """Let after-sales stay open after receipt."""
    policies.decide(name="aftersale_policy", value="open", actor=OPERATIONS, at=now())


def ship(order_no: str) -> None:
    """Hand all of an order to the carrier."""
    for part in Fulfilment.objects.filter(order__order_no=order_no).select_related("supplier"):
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="ZTO",
            tracking_no=f"73{part.pk:012}",
            actor=OPERATIONS,
            at=now(),
        )


def shipped_order(
    shop: Shop,
    *,
    sku: Sku | None = None,
    supplier: Supplier | None = None,
    quantity: int = 2,
    received: bool = False,
    number: str = "A1",
) -> dict[str, Any]:
    """An order of one line (105.00 for two pieces) that is on its way, or received."""
    sku = sku or make_sku(supply_price_fen=50_00, available=10, supplier=supplier)
    placed = shop.post("/orders", order_body(sku.sku_no, number=number, quantity=quantity))
    order: dict[str, Any] = placed.json()
    ship(order["order_no"])
    if received:
        shop.post(f"/orders/{order['order_no']}/receipt")
    return order


def applied_case(shop: Shop, order: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A case that was applied for, by default for one piece to come back."""
    body = {
        "order_no": order["order_no"],
        "line_id": "1",
        "type": "return_refund",
        "quantity": 1,
        "reason": "seven_days",
        **fields,
    }
    answer = shop.post("/aftersales", body)
    assert answer.status_code == 201, answer.content
    case: dict[str, Any] = answer.json()
    return case


def approve(case_no: str, **terms: Any) -> Case:
    """The platform agrees to all that was asked, at the source's expense."""
    asked_fen = Case.objects.get(case_no=case_no).asked_fen
    return deciding.approve(
        **{
            "case_no": case_no,
            "approved_fen": asked_fen,
            "liability": "supplier",
            "return_address": ADDRESS,
            "actor": STAFF,
            "at": now(),
            **terms,
        }
    )


def inspect(case_no: str, result: str = "pass", **found: Any) -> Case:
    """The platform looks at what came back; for what fails it takes a photo."""
    photos = [make_evidence(None).upload_id] if result == "fail" else []
    return inspecting.inspect(
        **{
            "case_no": case_no,
            "result": result,
            "grade": "new" if result == "pass" else "used",
            "restocked": 0,
            "photos": photos,
            "actor": STAFF,
            "at": now(),
            **found,
        }
    )


def case_in(shop: Shop, state: str) -> str:
    """Return the number of a case of the shop that has come to a state."""
    order = shipped_order(shop, number=f"IN-{state}")
    type_ = "resend" if state in ("reshipping", "reshipped", "completed") else "return_refund"
    case_no: str = applied_case(shop, order, type=type_)["case_no"]
    _ROADS[state](shop, case_no)
    assert Case.objects.get(case_no=case_no).state == state
    return case_no


def seed(shop: Shop, operation: str) -> None:
    """What an example of the API is about: a case in the state that its operation needs."""
    state = SEEDS.get(operation, "returning")
    if operation not in ("aftersales_apply", "orders_aftersale_options"):
        case_no = case_in(shop, state)
        if operation == "aftersales_refund_instead":
            make_late(case_no)
        Case.objects.filter(case_no=case_no).update(case_no=CASE_NO)


def make_late(case_no: str) -> None:
    """Let a case's deadline pass, and the timer see it."""
    Case.objects.filter(case_no=case_no).update(due_at=now() - timedelta(hours=1))
    timing.run_due(at=now())


def state_of(case_no: str) -> str:
    """Where a case is."""
    return str(Case.objects.get(case_no=case_no).state)


def _applied(shop: Shop, case_no: str) -> None:
    """It is there already."""


def _approved(shop: Shop, case_no: str) -> None:
    approve(case_no, return_address="")


def _rejected(shop: Shop, case_no: str) -> None:
    deciding.reject(case_no=case_no, note="图片不清晰", actor=STAFF, at=now())


def _awaiting_return(shop: Shop, case_no: str) -> None:
    approve(case_no)


def _returning(shop: Shop, case_no: str) -> None:
    approve(case_no)
    act(shop, case_no, "return-shipment", RETURN)


def _inspecting(shop: Shop, case_no: str) -> None:
    _returning(shop, case_no)
    returning.arrive(case_no=case_no, actor=STAFF, at=now())


def _inspection_failed(shop: Shop, case_no: str) -> None:
    _inspecting(shop, case_no)
    inspect(case_no, "partial", offered_fen=20_00)


def _arbitration(shop: Shop, case_no: str) -> None:
    _rejected(shop, case_no)
    act(shop, case_no, "escalation")


def _refund_review(shop: Shop, case_no: str) -> None:
    policies.decide(name="refund_review_above_fen", value=1, actor=OPERATIONS, at=now())
    _inspecting(shop, case_no)
    inspect(case_no)


def _refunded(shop: Shop, case_no: str) -> None:
    _inspecting(shop, case_no)
    inspect(case_no)


def _reshipped(shop: Shop, case_no: str) -> None:
    approve(case_no)
    reshipping.reship(
        case_no=case_no,
        supplier=None,
        carrier_code="YTO",
        tracking_no="YT8888888888888",
        actor=STAFF,
        at=now(),
    )


def _completed(shop: Shop, case_no: str) -> None:
    _reshipped(shop, case_no)
    act(shop, case_no, "receipt")


def _withdrawn(shop: Shop, case_no: str) -> None:
    act(shop, case_no, "withdrawal")


def _expired(shop: Shop, case_no: str) -> None:
    approve(case_no)
    make_late(case_no)


def _closed(shop: Shop, case_no: str) -> None:
    _rejected(shop, case_no)
    make_late(case_no)


def act(shop: Shop, case_no: str, action: str, body: Any = None) -> Any:
    """Do something with a case, as its distributor."""
    return shop.post(f"/aftersales/{case_no}/{action}", body or BODIES.get(action))


_ROADS = {
    "applied": _applied,
    "approved": _approved,
    "rejected": _rejected,
    "awaiting_return": _awaiting_return,
    "returning": _returning,
    "inspecting": _inspecting,
    "inspection_failed": _inspection_failed,
    "arbitration": _arbitration,
    "refund_review": _refund_review,
    "refunded": _refunded,
    "reshipping": _awaiting_return,
    "reshipped": _reshipped,
    "completed": _completed,
    "withdrawn": _withdrawn,
    "expired": _expired,
    "closed": _closed,
}
assert set(_ROADS) == set(CaseState.values)
