"""Cancelling and redirecting orders through the API."""

import json
from typing import Any

import pytest

from kit.actors import OPERATIONS
from orders import cancelling, shipping
from orders.models import Cancellation, Fulfilment, Order
from supplychain.models import Sku
from tests.api.signed import Shop, order_body
from tests.api.test_orders import available, balance, ship
from tests.factories import NOON, make_sku

ELSEWHERE = {
    "name": "李四",
    "phone": "13900000001",
    "province": "广东",
    "city": "广州市",
    "detail": "体育西路1号",
}


def place(shop: Shop, tea: Sku, *, quantity: int = 3) -> str:
    placed = shop.post("/orders", order_body(tea.sku_no, number="A1", quantity=quantity))
    assert placed.status_code == 201
    return str(placed.json()["order_no"])


def begin(order_no: str) -> None:
    for part in Fulfilment.objects.filter(order__order_no=order_no):
        shipping.begin(fulfilment_pks=[part.pk], supplier=part.supplier, actor=OPERATIONS, at=NOON)


def cancel(shop: Shop, order_no: str, **body: Any) -> Any:
    return shop.post(f"/orders/{order_no}/cancellations", {"reason": "changed_mind", **body})


def redirect(shop: Shop, order_no: str, body: Any) -> Any:
    return shop.send("PUT", f"/orders/{order_no}/address", json.dumps(body).encode())


def test_all_that_is_left_is_cancelled_at_once(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=3)
    order_no = place(shop, tea)

    answer = cancel(shop, order_no)

    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["order_no"], shown["out_order_no"], shown["state"]) == (order_no, "A1", "granted")
    [item] = shown["items"]
    assert (item["state"], item["refunded_fen"], item["asker"]) == (
        "granted",
        3 * 52_50,
        "distributor",
    )
    assert shop.get(f"/orders/{order_no}").json()["state"] == "cancelled"
    assert (available(tea), balance(shop)) == (3, 1_000_00)


def test_once_begun_it_is_requested_and_may_be_withdrawn(shop: Shop) -> None:
    tea = make_sku(available=3)
    order_no = place(shop, tea)
    begin(order_no)

    answer = cancel(shop, order_no, lines=[{"line_id": "1", "quantity": 2}], note="等不及了")

    assert answer.status_code == 201
    shown = answer.json()
    assert shown["state"] == "requested"
    [item] = shown["items"]
    assert item["lines"] == [{"line_id": "1", "sku_no": tea.sku_no, "quantity": 2}]
    assert item["note"] == "等不及了"
    assert item["answer_due_at"]
    withdrawn = shop.post(f"/cancellations/{item['cancellation_no']}/withdrawal")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    again = shop.post(f"/cancellations/{item['cancellation_no']}/withdrawal", {})
    assert again.json() == withdrawn.json()
    listed = shop.get(f"/orders/{order_no}/cancellations").json()
    assert listed["items"] == [withdrawn.json()]


def test_a_refused_one_names_the_parcel(shop: Shop) -> None:
    order_no = place(shop, make_sku(available=3))
    begin(order_no)
    cancel(shop, order_no)
    cancelling.refuse(
        cancellation_no=Cancellation.objects.get().cancellation_no,
        carrier_code="SF",
        tracking_no="SF1234567890123",
        note="已发出",
        actor=OPERATIONS,
        at=NOON,
    )

    [item] = shop.get(f"/orders/{order_no}/cancellations").json()["items"]

    assert (item["state"], item["refusal_note"]) == ("refused", "已发出")
    assert item["shipment"] == {"carrier_code": "SF", "tracking_no": "SF1234567890123"}
    late = shop.post(f"/cancellations/{item['cancellation_no']}/withdrawal")
    assert (late.status_code, late.json()["code"]) == (409, "state_conflict")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"lines": [{"line_id": "1", "quantity": 4}]}, 409, "more_than_unshipped"),
        ({"lines": [{"line_id": "9", "quantity": 1}]}, 404, "not_found"),
        ({"lines": [{"line_id": "1", "quantity": 1}] * 2}, 422, "line_id_repeated"),
        ({"lines": [{"line_id": "1", "quantity": 0}]}, 422, "validation_failed"),
        ({"lines": []}, 422, "validation_failed"),
        ({"reason": "damaged"}, 422, "reason_unknown"),
        ({"reason": None}, 422, "validation_failed"),
        ({"pieces": 1}, 422, "validation_failed"),
    ],
)
def test_what_cannot_be_cancelled_is_refused_and_changes_nothing(
    shop: Shop, body: dict[str, Any], status: int, code: str
) -> None:
    tea = make_sku(available=3)
    order_no = place(shop, tea)
    before = balance(shop)

    answer = cancel(shop, order_no, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Cancellation.objects.exists()
    assert (available(tea), balance(shop)) == (0, before)


def test_a_request_under_a_number_is_one_however_often_it_is_sent(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=3)
    order_no = place(shop, tea)
    begin(order_no)
    body = {"out_cancellation_no": "C1", "lines": [{"line_id": "1", "quantity": 1}]}

    first = cancel(shop, order_no, **body)
    again = cancel(shop, order_no, **body)
    cancelling.grant(
        cancellation_no=Cancellation.objects.get().cancellation_no, actor=OPERATIONS, at=NOON
    )
    answered = cancel(shop, order_no, **body)

    assert (first.status_code, again.status_code, answered.status_code) == (201, 200, 200)
    assert (again["Idempotent-Replayed"], answered["Idempotent-Replayed"]) == ("true", "true")
    assert again.json() == first.json()
    assert first.json()["items"][0]["out_cancellation_no"] == "C1"
    assert (first.json()["state"], answered.json()["state"]) == ("requested", "granted")
    assert Cancellation.objects.count() == 1
    assert (available(tea), balance(shop)) == (1, 1_000_00 - 2 * 52_50)


def test_a_number_of_another_request_is_refused_naming_what_differs(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=9)
    order_no = place(shop, tea)
    other = shop.post("/orders", order_body(tea.sku_no, number="A2", quantity=3)).json()["order_no"]
    one = [{"line_id": "1", "quantity": 1}]
    cancel(shop, order_no, out_cancellation_no="C1", lines=one)
    before = balance(shop)

    answers = [
        cancel(shop, other, out_cancellation_no="C1", lines=one),
        cancel(shop, order_no, out_cancellation_no="C1", lines=[{"line_id": "1", "quantity": 2}]),
        cancel(shop, order_no, out_cancellation_no="C1"),
        cancel(
            shop, order_no, out_cancellation_no="C1", lines=one, reason="wrong_address", note="x"
        ),
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {
        (409, "out_cancellation_no_taken")
    }
    fields = [one.json()["values"]["fields"] for one in answers]
    assert fields == ["order_no", "lines", "lines", "reason, note"]
    assert (Cancellation.objects.count(), balance(shop)) == (1, before)


def test_a_refused_number_may_be_used_again_and_belongs_to_one_shop(shop: Shop) -> None:
    tea = make_sku(available=9)
    order_no = place(shop, tea)
    neighbour = Shop()
    theirs = place(neighbour, tea)

    refused = cancel(
        shop, order_no, out_cancellation_no="C1", lines=[{"line_id": "1", "quantity": 4}]
    )
    corrected = cancel(shop, order_no, out_cancellation_no="C1")
    of_another = cancel(neighbour, theirs, out_cancellation_no="C1")

    assert (refused.status_code, refused.json()["code"]) == (409, "more_than_unshipped")
    assert (corrected.status_code, of_another.status_code) == (201, 201)


def test_what_is_shipped_is_not_cancelled(shop: Shop) -> None:
    order_no = place(shop, make_sku(available=3))
    ship(order_no)

    answer = cancel(shop, order_no)

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_cancel")


def test_an_order_goes_elsewhere_and_is_answered_with_its_new_address(shop: Shop) -> None:
    order_no = place(shop, make_sku(available=3))

    answer = redirect(shop, order_no, ELSEWHERE)

    assert answer.status_code == 200
    assert answer.json()["consignee"] == {**ELSEWHERE, "province": "广东省", "district": ""}
    assert shop.get(f"/orders/{order_no}").json() == answer.json()


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"province": "月球"}, 422, "region_unknown", "/province"),
        ({"phone": ""}, 422, "validation_failed", "/phone"),
        ({"street": "x"}, 422, "validation_failed", "/street"),
    ],
)
def test_an_address_that_is_none_is_refused(
    shop: Shop, change: dict[str, str], status: int, code: str, pointer: str
) -> None:
    order_no = place(shop, make_sku(available=3))

    answer = redirect(shop, order_no, ELSEWHERE | change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert Order.objects.get().consignee.city == "深圳市"


def test_what_has_left_is_not_redirected(shop: Shop) -> None:
    order_no = place(shop, make_sku(available=3))
    ship(order_no)

    answer = redirect(shop, order_no, ELSEWHERE)

    assert (answer.status_code, answer.json()["code"]) == (409, "already_shipped")
    assert Order.objects.get().consignee.city == "深圳市"
