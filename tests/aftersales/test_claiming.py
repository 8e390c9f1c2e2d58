"""Claims: run by the distributor after receipt, from end to end, and moving nothing of ours."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aftersales import claim_roads, claiming
from aftersales.models import Claim, ClaimDirection, ClaimState
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from ledger.models import Account, Transfer
from orders import placing
from orders.models import History, Order
from orders.reasons import ReasonUnknown
from supplychain.models import Movement
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_evidence,
    make_received_order,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
SF = {"carrier_code": "SF", "tracking_no": "SF1234567890123"}
YTO = {"carrier_code": "YTO", "tracking_no": "YT8888888888888"}

# Every step, with what it needs and the state to which it leads.
STEPS: dict[str, tuple[Callable[..., Claim], dict[str, Any], ClaimState]] = {
    "agreement": (claiming.agree, {"amount_fen": 20_00, "note": "同意"}, ClaimState.AGREED),
    "rejection": (claiming.reject, {"note": "已过期"}, ClaimState.REJECTED),
    "withdrawal": (claiming.withdraw, {}, ClaimState.WITHDRAWN),
    "return-address": (
        claiming.push_address,
        {"address": "云平台 13900000000 杭州市西湖区1号"},
        ClaimState.AWAITING_RETURN,
    ),
    "return-shipment": (claiming.send_back, SF, ClaimState.RETURNING),
    "received": (claiming.receive, {}, ClaimState.RECEIVED),
    "refund": (claiming.refund, {}, ClaimState.REFUNDED),
    "reshipment": (claiming.reship, YTO, ClaimState.RESHIPPED),
    "completion": (claiming.complete, {}, ClaimState.COMPLETED),
}
BACK = ["agreement", "return-address", "return-shipment", "received"]
# The steps of each type, to each of its ends.
ROADS = [
    ("refund", ["agreement", "refund"]),
    ("refund", ["rejection"]),
    ("refund", ["withdrawal"]),
    ("refund", ["agreement", "withdrawal"]),
    ("return", [*BACK, "refund"]),
    ("return", ["agreement", "return-address", "withdrawal"]),
    ("exchange", [*BACK, "reshipment", "completion"]),
    ("exchange", ["rejection"]),
]


@pytest.fixture
def shop() -> Distributor:
    return make_distributor()


@pytest.fixture
def order(shop: Distributor) -> Order:
    return make_received_order(shop, {make_sku(supplier=make_supplier()): 3})


def take(claim: Claim, action: str, shop: Distributor | None = None, **changed: Any) -> Claim:
    act, values, _state = STEPS[action]
    shop = shop or claim.distributor
    sent = {**values, **changed}
    return act(distributor=shop, claim_no=claim.claim_no, actor=OPERATIONS, at=LATER, **sent)


def fingerprint() -> dict[str, Any]:
    """Money, stock, lines and orders; and everything of claims."""
    return {
        "transfers": Transfer.objects.count(),
        "accounts": list(Account.objects.order_by("pk").values()),
        "movements": Movement.objects.count(),
        "orders": list(Order.objects.order_by("pk").values()),
        "lines": [list(order.lines.values()) for order in Order.objects.order_by("pk")],
        "claims": list(Claim.objects.order_by("pk").values()),
        "history": History.objects.count(),
        "events": Event.objects.count(),
    }


def moved(before: dict[str, Any]) -> set[str]:
    """What has changed since."""
    after = fingerprint()
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(("type_", "road"), ROADS)
def test_a_claim_goes_its_road_with_history_and_events_and_moves_nothing_of_ours(
    order: Order, type_: str, road: list[str]
) -> None:
    before = fingerprint()

    claim = make_claim(order, type=type_)
    seen = [str(claim.state)]
    for action in road:
        assert action in claim_roads.allowed(claim)
        claim = take(claim, action)
        seen.append(str(claim.state))

    assert seen == ["applied", *[STEPS[action][2] for action in road]]
    assert claim.ended_at == LATER
    assert moved(before) == {"claims", "history", "events"}
    rows = History.objects.filter(order=order, subject=f"claim {claim.claim_no}").order_by("pk")
    assert [(row.from_state, row.to_state) for row in rows] == list(
        zip(["", *seen[:-1]], seen, strict=True)
    )
    told = Event.objects.filter(object_no=claim.claim_no).order_by("pk")
    assert [event.type for event in told] == [f"claim.{state}" for state in seen]
    assert [event.object_version for event in told] == list(range(1, len(seen) + 1))
    assert {event.data["out_order_no"] for event in told} == {order.out_order_no}
    assert told[len(seen) - 1].previous == {"state": seen[-2]}


@pytest.mark.parametrize(("type_", "road"), ROADS)
def test_only_what_is_allowed_can_be_done_and_everything_else_changes_nothing(
    order: Order, type_: str, road: list[str]
) -> None:
    claim = make_claim(order, type=type_)
    for action in [*road, None]:
        allowed = set(claim_roads.allowed(claim))
        before = fingerprint()
        for other in STEPS.keys() - allowed - {last_step(claim)}:
            with pytest.raises((WrongState, claim_roads.NotAStepOfThisClaim)):
                take(claim, other)
        assert moved(before) == set()
        if action is not None:
            claim = take(claim, action)


@pytest.mark.parametrize(("type_", "road"), ROADS)
def test_a_repeated_step_gives_the_same_answer_and_changes_nothing(
    order: Order, type_: str, road: list[str]
) -> None:
    claim = make_claim(order, type=type_)
    for action in road:
        claim = take(claim, action)
        before = fingerprint()

        again = take(claim, action)

        assert again.version == claim.version
        assert moved(before) == set()


@pytest.mark.parametrize(
    ("road", "changed"),
    [
        (["agreement"], {"amount_fen": 21_00}),
        (["rejection"], {"note": "别的原因"}),
        (["agreement", "return-address"], {"address": "另一个地址"}),
        (["agreement", "return-address", "return-shipment"], YTO),
        ([*BACK, "reshipment"], {"carrier_code": "YTO", "tracking_no": "YT9999999999999"}),
    ],
)
def test_a_step_repeated_with_other_content_is_refused(
    order: Order, road: list[str], changed: dict[str, Any]
) -> None:
    claim = make_claim(order, type="exchange")
    for action in road:
        claim = take(claim, action)
    before = fingerprint()

    with pytest.raises(WrongState):
        take(claim, road[-1], **changed)

    assert moved(before) == set()


@pytest.mark.parametrize("action", STEPS)
def test_anothers_claim_does_not_exist(order: Order, action: str) -> None:
    claim, other = make_claim(order), make_distributor()
    before = fingerprint()

    with pytest.raises(NotFound):
        take(claim, action, shop=other)

    assert moved(before) == set()


def test_the_same_claim_again_is_the_same_claim(order: Order) -> None:
    photo = make_evidence(order.distributor)
    same: dict[str, Any] = {"description": "漏液", "evidence": [photo.upload_id]}
    claim = make_claim(order, **same)
    before = fingerprint()

    again = make_claim(order, at=LATER, **same)

    assert again == claim
    assert moved(before) == set()
    other = make_claim(order, description="漏液了")
    assert other != claim


def test_an_answered_claim_is_no_longer_the_same(order: Order) -> None:
    claim = make_claim(order, description="漏液")
    take(claim, "rejection")

    again = make_claim(order, description="漏液")

    assert again != claim


def test_pieces_are_claimed_once_at_a_time_and_only_when_received(shop: Distributor) -> None:
    order = make_received_order(shop, {make_sku(): 3})
    make_claim(order, quantity=2)
    before = fingerprint()

    with pytest.raises(claiming.MoreThanReceived) as refused:
        make_claim(order, quantity=2)

    assert refused.value.values == {"line_id": "1", "left": 1, "quantity": 2}
    assert moved(before) == set()
    assert make_claim(order, quantity=1)


def test_pieces_of_an_ended_claim_can_be_claimed_again(order: Order) -> None:
    claim = make_claim(order, quantity=3)
    take(claim, "rejection")

    assert make_claim(order, quantity=3) != claim


def test_what_was_not_received_cannot_be_claimed(shop: Distributor) -> None:
    placed = placing.place(make_request(shop, {make_sku(): 1}), at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])
    before = fingerprint()

    with pytest.raises(claiming.MoreThanReceived):
        make_claim(order)

    assert moved(before) == set()


@pytest.mark.parametrize(
    ("_case", "fields", "refusal"),
    [
        ("a line that is not there", {"line_id": "9"}, NotFound),
        ("a reason for cancelling", {"reason": "changed_mind"}, ReasonUnknown),
        ("no pieces", {"quantity": 0}, claiming.MoreThanReceived),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(
    order: Order, _case: str, fields: dict[str, Any], refusal: type[DomainError]
) -> None:
    before = fingerprint()

    with pytest.raises(refusal):
        make_claim(order, **fields)

    assert moved(before) == set()


def test_nobody_claims_anothers_order(order: Order) -> None:
    other = make_distributor()
    before = fingerprint()

    with pytest.raises(NotFound):
        make_claim(order, distributor=other)

    assert moved(before) == set()


def test_claims_that_are_not_open_are_refused_and_those_that_were_go_on(order: Order) -> None:
    claim = make_claim(order)
    Distributor.objects.update(claims_open=False)
    order = Order.objects.get(pk=order.pk)

    with pytest.raises(claiming.ClaimsNotOpen):
        make_claim(order)

    assert order.claims.count() == 1
    assert take(claim, "agreement").state == ClaimState.AGREED


def test_agreeing_without_an_amount_agrees_to_what_was_asked(order: Order) -> None:
    claim = make_claim(order, amount_fen=33_00)

    agreed = take(claim, "agreement", amount_fen=None)

    assert agreed.amount_fen == 33_00


def test_a_rejection_and_an_address_need_words(order: Order) -> None:
    claim = make_claim(order, type="return")

    with pytest.raises(claiming.WordsMissing):
        take(claim, "rejection", note=" ")
    claim = take(claim, "agreement")
    with pytest.raises(claiming.WordsMissing):
        take(claim, "return-address", address="")

    claim.refresh_from_db()
    assert claim.state == ClaimState.AGREED


def test_parcels_are_written_in_the_one_way_and_known_by_their_direction(order: Order) -> None:
    claim = make_claim(order, type="exchange")
    for action in BACK[:-2]:
        claim = take(claim, action)

    claim = take(claim, "return-shipment", carrier_code="顺丰", tracking_no=" sf1234567890123 ")
    claim = take(claim, "received")
    claim = take(claim, "reshipment")

    rows = claim.parcels.values_list("direction", "carrier_code", "tracking_no")
    assert list(rows) == [
        (ClaimDirection.RETURN, "SF", "SF1234567890123"),
        (ClaimDirection.RESHIP, "YTO", "YT8888888888888"),
    ]


def last_step(claim: Claim) -> str:
    """The step that led to a claim's state: repeating it is no error."""
    return next((a for a, (_act, _values, state) in STEPS.items() if state == claim.state), "")
