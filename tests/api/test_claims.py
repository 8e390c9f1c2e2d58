"""Claims by signed calls: every road from end to end, and the platform's goodwill."""

from typing import Any

import pytest
from django.utils import timezone

from aftersales import goodwill
from aftersales.models import Claim
from distributors.models import Distributor
from kit.actors import OPERATIONS
from ledger import accounts
from ledger.models import Transfer
from orders.models import Order
from supplychain.models import Movement
from tests.api.signed import Shop
from tests.factories import make_photo, make_received_order, make_sku

RETURN = {"carrier_code": "SF", "tracking_no": "SF1234567890777"}
AGAIN = {"carrier_code": "YTO", "tracking_no": "YT8812345678901"}
ADDRESS = "云上商城售后 0571-66668888 杭州市西湖区文三路90号"
# What is sent at each step, and what may be done after it.
BACK: list[tuple[str, dict[str, Any], str, list[str]]] = [
    ("agreement", {"note": "同意"}, "agreed", ["withdrawal", "return-address"]),
    (
        "return-address",
        {"return_address": ADDRESS},
        "awaiting_return",
        ["withdrawal", "return-shipment"],
    ),
    ("return-shipment", RETURN, "returning", ["received"]),
]
ROADS = {
    "refund": [
        ("agreement", {"amount_fen": 30_00}, "agreed", ["withdrawal", "refund"]),
        ("refund", {}, "refunded", []),
    ],
    "return": [*BACK, ("received", {}, "received", ["refund"]), ("refund", {}, "refunded", [])],
    "exchange": [
        *BACK,
        ("received", {}, "received", ["reshipment"]),
        ("reshipment", AGAIN, "reshipped", ["completion"]),
        ("completion", {}, "completed", []),
    ],
}


@pytest.fixture
def order(shop: Shop) -> Order:
    return make_received_order(shop.distributor, {make_sku(supply_price_fen=50_00): 2})


def claim_body(order: Order, **changed: Any) -> dict[str, Any]:
    return {
        "order_no": order.order_no,
        "line_id": "1",
        "type": "refund",
        "quantity": 1,
        "reason": "other",
        "description": "味道不对",
        **changed,
    }


def opened(shop: Shop, order: Order, **changed: Any) -> str:
    answer = shop.post("/claims", claim_body(order, **changed))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["claim_no"])


def offered(claim_no: str, **changed: Any) -> None:
    given = {"kind": "amount", "amount_fen": 20_00, "liability": "platform", **changed}
    goodwill.offer(claim_no=claim_no, actor=OPERATIONS, at=timezone.now(), **given)


@pytest.mark.parametrize("type_", ROADS)
def test_a_claim_is_run_to_its_end_and_moves_nothing_of_ours(
    shop: Shop, order: Order, type_: str
) -> None:
    before = (Transfer.objects.count(), Movement.objects.count())
    claim_no = opened(shop, order, type=type_)

    for step, body, state, allowed in ROADS[type_]:
        answer = shop.post(f"/claims/{claim_no}/{step}", body)
        again = shop.post(f"/claims/{claim_no}/{step}", body)

        assert answer.status_code == 200, answer.content
        assert again.json() == answer.json()
        shown = answer.json()
        assert shown["state"] == state
        actions = [action for action in shown["allowed_actions"] if action != "goodwill"]
        assert actions == allowed
    read = shop.get(f"/claims/{claim_no}").json()
    assert read == shown
    assert read["ended_at"] is not None
    assert (Transfer.objects.count(), Movement.objects.count()) == before


def test_the_same_claim_again_is_replayed(shop: Shop, order: Order) -> None:
    first = shop.post("/claims", claim_body(order))
    again = shop.post("/claims", claim_body(order))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert first["Location"] == f"/api/v1/claims/{first.json()['claim_no']}"
    assert Claim.objects.count() == 1


def test_a_claim_under_a_number_is_one_whatever_becomes_of_it(shop: Shop, order: Order) -> None:
    body = claim_body(order, out_claim_no="W1", amount_fen=30_00)
    other = make_received_order(shop.distributor, {make_sku(): 2})

    first = shop.post("/claims", body)
    again = shop.post("/claims", body)
    more = shop.post("/claims", body | {"amount_fen": 40_00})
    shop.post(f"/claims/{first.json()['claim_no']}/agreement", {"amount_fen": 20_00})
    agreed = shop.post("/claims", body)
    different = shop.post("/claims", body | {"order_no": other.order_no, "quantity": 2})

    assert (first.status_code, again.status_code, agreed.status_code) == (201, 200, 200)
    assert agreed["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert (agreed.json()["out_claim_no"], agreed.json()["state"]) == ("W1", "agreed")
    refusals = [(one.status_code, one.json()["code"]) for one in (more, different)]
    assert refusals == [(409, "out_claim_no_taken")] * 2
    fields = [one.json()["values"]["fields"] for one in (more, different)]
    assert fields == ["amount_fen", "order_no, quantity"]
    assert [
        item["out_claim_no"] for item in shop.get("/claims?out_claim_no=W1").json()["items"]
    ] == ["W1"]
    assert Claim.objects.count() == 1


def test_equal_claims_under_two_numbers_are_two(shop: Shop, order: Order) -> None:
    numbered = [shop.post("/claims", claim_body(order, out_claim_no=no)) for no in ("W1", "W2")]
    beyond = shop.post("/claims", claim_body(order))

    assert [one.status_code for one in numbered] == [201, 201]
    assert (beyond.status_code, beyond.json()["code"]) == (409, "more_than_received")


def test_a_rejection_needs_words_and_is_the_end(shop: Shop, order: Order) -> None:
    claim_no = opened(shop, order)

    without = shop.post(f"/claims/{claim_no}/rejection", {"note": " "})
    answer = shop.post(f"/claims/{claim_no}/rejection", {"note": "已拆封"})
    after = shop.post(f"/claims/{claim_no}/agreement", {})

    assert (without.status_code, without.json()["errors"][0]["code"]) == (422, "blank")
    assert (answer.json()["state"], answer.json()["allowed_actions"]) == ("rejected", [])
    assert (after.status_code, after.json()["code"]) == (409, "state_conflict")


def test_a_step_of_another_type_is_refused_by_name(shop: Shop, order: Order) -> None:
    claim_no = opened(shop, order)
    shop.post(f"/claims/{claim_no}/agreement", {})

    answer = shop.post(f"/claims/{claim_no}/return-address", {"return_address": ADDRESS})

    assert (answer.status_code, answer.json()["code"]) == (409, "claim_type_conflict")


def test_an_amount_of_goodwill_goes_to_the_deposit(shop: Shop, order: Order) -> None:
    claim_no = opened(shop, order)
    balance_fen = accounts.deposit_of(shop.distributor.pk).balance_fen or 0

    asked = shop.post(f"/claims/{claim_no}/goodwill", {"amount_fen": 25_00, "note": "受潮"})
    offered(claim_no)
    seen = shop.get(f"/claims/{claim_no}").json()
    settled = shop.post(f"/claims/{claim_no}/goodwill-acceptance", {})
    again = shop.post(f"/claims/{claim_no}/goodwill-acceptance", {})

    assert asked.json()["goodwill"]["state"] == "asked"
    assert asked.json()["next_deadline"]["default"] == "goodwill_declined"
    assert (seen["goodwill"]["asked_fen"], seen["goodwill"]["offered_fen"]) == (25_00, 20_00)
    assert {"goodwill-acceptance", "goodwill-refusal"} <= set(seen["allowed_actions"])
    assert settled.json()["goodwill"]["state"] == "settled"
    assert settled.json()["next_deadline"] is None
    assert again.json() == settled.json()
    assert accounts.deposit_of(shop.distributor.pk).balance_fen == balance_fen + 20_00
    newest = shop.get("/deposit/transfers").json()["items"][0]
    assert (newest["code"], newest["amount_fen"]) == ("goodwill_settled", 20_00)


def test_an_offer_can_be_left(shop: Shop, order: Order) -> None:
    claim_no = opened(shop, order)
    shop.post(f"/claims/{claim_no}/goodwill", {"note": "请补寄"})
    offered(claim_no, kind="reship")

    answer = shop.post(f"/claims/{claim_no}/goodwill-refusal", {})

    assert answer.json()["goodwill"]["state"] == "declined"
    assert not Movement.objects.filter(kind="reship").exists()


def test_more_goodwill_than_the_pieces_cost_is_refused_with_what_is_left(
    shop: Shop, order: Order
) -> None:
    claim_no = opened(shop, order)

    answer = shop.post(f"/claims/{claim_no}/goodwill", {"amount_fen": 52_51, "note": "全退"})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "goodwill_beyond_paid")
    assert problem["values"]["left_fen"] == 52_50


def test_lists_are_narrowed_and_paged(shop: Shop, order: Order) -> None:
    numbers = [opened(shop, order, description=text) for text in ("一", "二")]
    shop.post(f"/claims/{numbers[0]}/agreement", {})

    first = shop.get("/claims?limit=1").json()
    second = shop.get(f"/claims?limit=1&after={first['next']}").json()
    agreed = shop.get("/claims?state=agreed").json()
    none = shop.get("/claims?order_no=H1&goodwill=asked&type=return").json()

    assert [page["items"][0]["claim_no"] for page in (first, second)] == numbers[::-1]
    assert [item["claim_no"] for item in agreed["items"]] == numbers[:1]
    assert none == {"items": [], "next": None}


def test_pictures_are_named_by_their_upload(shop: Shop, order: Order) -> None:
    upload = shop.send("POST", "/uploads", make_photo(), content_type="image/png").json()

    claim_no = opened(shop, order, reason="damaged", evidence=[upload["upload_id"]])
    unknown = shop.post("/claims", claim_body(order, evidence=["nobody's"]))

    assert shop.get(f"/claims/{claim_no}").json()["evidence"] == [upload["upload_id"]]
    assert (unknown.status_code, unknown.json()["code"]) == (422, "evidence_unknown")


def test_claims_that_are_not_open_are_refused(shop: Shop, order: Order) -> None:
    Distributor.objects.update(claims_open=False)

    answer = shop.post("/claims", claim_body(order))

    assert (answer.status_code, answer.json()["code"]) == (403, "claims_not_open")
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"quantity": 3}, 409, "more_than_received"),
        ({"reason": "changed_mind"}, 422, "reason_unknown"),
        ({"line_id": "2"}, 404, "not_found"),
        ({"order_no": "H1"}, 404, "not_found"),
        ({"type": "resend"}, 422, "validation_failed"),
    ],
)
def test_a_claim_that_cannot_be_is_refused_and_leaves_nothing(
    shop: Shop, order: Order, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = shop.post("/claims", claim_body(order, **changed))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Claim.objects.exists()
