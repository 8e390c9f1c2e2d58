"""Placing and reading orders through the API."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.batches import MAX_BATCH_BYTES
from companies import policies
from distributors import onboarding
from kit.actors import OPERATIONS
from ledger import accounts
from orders import shipping
from orders.models import Fulfilment, Order
from supplychain.models import Sku, Stock
from tests.api.signed import Shop, order_body
from tests.factories import NOON, make_distributor, make_sku, make_supplier


def available(sku: Sku) -> int:
    """What is left of a sku."""
    return Stock.objects.get(pk=sku.pk).available


def balance(shop: Shop) -> int:
    """What is left of a deposit, in fen."""
    return accounts.deposit_of(shop.distributor.pk).balance_fen or 0


def ship(order_no: str, tracking_no: str = "SF1234567890123") -> None:
    """Hand all of an order to the carrier."""
    for part in Fulfilment.objects.filter(order__order_no=order_no):
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="SF",
            tracking_no=f"{tracking_no}{part.pk}",
            actor=OPERATIONS,
            at=timezone.now(),
        )


def test_an_order_is_placed_and_answered_in_full(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=3)

    answer = shop.post("/orders", order_body(tea.sku_no, number="A1", quantity=2))

    assert answer.status_code == 201
    order = answer.json()
    assert (order["out_order_no"], order["state"]) == ("A1", "placed")
    assert order["total_fen"] == 2 * 52_50
    assert order["consignee"]["name"] == "张三"
    assert answer["Location"] == f"/api/v1/orders/{order['order_no']}"
    assert "Idempotent-Replayed" not in answer
    assert (available(tea), balance(shop)) == (1, 1_000_00 - 105_00)


def test_the_same_order_again_is_answered_and_not_placed(shop: Shop) -> None:
    tea = make_sku(available=3)
    body = order_body(tea.sku_no, number="A1")
    first = shop.post("/orders", body)

    second = shop.post("/orders", body)

    assert second.status_code == 200
    assert second["Idempotent-Replayed"] == "true"
    assert second.json() == first.json()
    assert available(tea) == 2


def test_the_same_number_with_other_content_names_what_differs(shop: Shop) -> None:
    tea = make_sku(available=9)
    shop.post("/orders", order_body(tea.sku_no, number="A1"))

    answer = shop.post("/orders", order_body(tea.sku_no, number="A1", quantity=2) | {"remark": "x"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_conflict"
    assert answer.json()["values"]["fields"] == "lines, remark"
    assert available(tea) == 8


def test_fifty_equal_orders_at_once_are_one(shop: Shop) -> None:
    tea = make_sku(available=100)
    body = order_body(tea.sku_no, number="A1")
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(Shop.post(shop, "/orders", body)))
        for _ in range(50)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.json()["order_no"] for answer in answers}) == 1
    assert available(tea) == 99


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"quantity": 4}, 409, "stock_insufficient", "/lines/0"),
        ({"sku_no": "NONE"}, 409, "sku_not_sellable", "/lines/0/sku_no"),
        (
            {"expected_agreement_price_fen": 1},
            409,
            "price_changed",
            "/lines/0/expected_agreement_price_fen",
        ),
        ({"expected_agreement_price_fen": None}, 422, "expected_price_missing", "/lines/0"),
        ({"quantity": 0}, 422, "validation_failed", "/lines/0/quantity"),
        ({"agreement_price_fen": 1}, 422, "validation_failed", "/lines/0/agreement_price_fen"),
    ],
)
def test_a_refused_order_leaves_no_trace_and_says_where_and_why(
    shop: Shop, change: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    tea = make_sku(available=3)
    body = order_body(tea.sku_no, number="A1")
    body["lines"][0] |= change

    answer = shop.post("/orders", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Order.objects.exists()
    assert (available(tea), balance(shop)) == (3, 1_000_00)
    assert shop.post("/orders", order_body(tea.sku_no, number="A1")).status_code == 201


def test_an_order_beyond_the_deposit_names_the_shortfall(transactional_db: None) -> None:
    shop = Shop(make_distributor(deposit_fen=50_00))
    tea = make_sku(supply_price_fen=50_00, available=3)

    answer = shop.post("/orders", order_body(tea.sku_no, number="A1"))

    assert answer.status_code == 409
    assert answer.json()["code"] == "deposit_insufficient"
    assert answer.json()["values"]["shortfall_fen"] == 2_50
    assert (available(tea), balance(shop)) == (3, 50_00)


def test_a_suspended_distributor_reads_and_does_not_order(shop: Shop) -> None:
    tea = make_sku()
    onboarding.change_state(
        distributor_pk=shop.distributor.pk, to="suspended", reason="欠款", at=NOON
    )

    refused = shop.post("/orders", order_body(tea.sku_no, number="A1"))
    read = shop.get("/orders")

    assert (refused.status_code, refused.json()["code"]) == (403, "distributor_suspended")
    assert read.status_code == 200


def test_a_batch_answers_each_order_in_its_place(shop: Shop) -> None:
    tea = make_sku(available=3)
    shop.post("/orders", order_body(tea.sku_no, number="OLD"))
    new = order_body(tea.sku_no, number="NEW")
    orders = [
        order_body(tea.sku_no, number="OLD"),
        order_body("NONE", number="GONE"),
        {"out_order_no": "BAD", "lines": [], "price_fen": 1},
        17,
        new,
        new,
        order_body(tea.sku_no, number="MUCH", quantity=9),
        order_body(tea.sku_no, number="OLD", quantity=2),
    ]

    answer = shop.post("/orders/batch", {"orders": orders})

    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [(item["out_order_no"], item["status"]) for item in items] == [
        ("OLD", 200),
        ("GONE", 409),
        ("BAD", 422),
        (None, 422),
        ("NEW", 201),
        ("NEW", 200),
        ("MUCH", 409),
        ("OLD", 409),
    ]
    assert items[4]["order"]["order_no"] == items[5]["order"]["order_no"]
    assert {fault["code"] for fault in items[2]["problem"]["errors"]} == {
        "too_few",
        "required",
        "unknown_field",
    }
    assert available(tea) == 1


def test_an_order_in_an_unknown_province_does_not_stop_its_neighbours(shop: Shop) -> None:
    tea = make_sku(available=9)
    shop.post("/orders", order_body(tea.sku_no, number="OLD"))
    lost = order_body(tea.sku_no, number="OLD")
    lost["consignee"]["province"] = "亚特兰蒂斯"

    answer = shop.post("/orders/batch", {"orders": [lost, order_body(tea.sku_no, number="NEW")]})

    assert [item["status"] for item in answer.json()["items"]] in ([422, 201], [409, 201])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "validation_failed"),
        ([], "validation_failed"),
        ({"orders": []}, "validation_failed"),
        ({"orders": {}}, "validation_failed"),
        ({"orders": [{}], "mode": "all"}, "validation_failed"),
        ({"orders": [{}] * 501}, "batch_too_large"),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(shop: Shop, body: Any, code: str) -> None:
    answer = shop.post("/orders/batch", body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_batch_may_be_larger_than_other_bodies(shop: Shop) -> None:
    tea = make_sku(available=9)
    blanks = b" " * (MAX_BATCH_BYTES - 10_000)
    body = str([order_body(tea.sku_no, number="A1")]).replace("'", '"').encode()

    answer = shop.post("/orders/batch", b'{"orders": ' + blanks + body + b"}")

    assert answer.json()["items"][0]["status"] == 201


def test_orders_are_found_by_both_numbers(shop: Shop) -> None:
    tea = make_sku(supplier=make_supplier())
    placed = shop.post("/orders", order_body(tea.sku_no, number="A1:7")).json()

    answers = [
        shop.get(f"/orders/{placed['order_no']}"),
        shop.get("/orders/by-out-no/A1:7"),
        shop.get("/orders/by-out-no/A1%3A7"),
    ]

    assert [answer.json() for answer in answers] == [placed] * 3
    assert shop.get("/orders/by-out-no/A2").status_code == 404


def test_a_list_of_orders_is_read_newest_first_in_few_queries(shop: Shop) -> None:
    tea = make_sku(available=99)
    numbers = [f"A{number}" for number in range(7)]
    for number in numbers:
        shop.post("/orders", order_body(tea.sku_no, number=number))

    found, after = [], ""
    while True:
        page = shop.get(f"/orders?limit=3{after}").json()
        found += [order["out_order_no"] for order in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert found == numbers[::-1]
    with CaptureQueriesContext(connection) as few:
        shop.get("/orders?limit=1")
    with CaptureQueriesContext(connection) as many:
        shop.get("/orders?limit=200")
    assert len(few) == len(many) <= 5


def test_a_list_of_orders_narrows_by_state_number_and_time(shop: Shop) -> None:
    tea = make_sku(available=9)
    first = shop.post("/orders", order_body(tea.sku_no, number="A1")).json()
    shop.post("/orders", order_body(tea.sku_no, number="A2"))
    ship(first["order_no"])

    def numbers(query: str) -> list[str]:
        return [order["out_order_no"] for order in shop.get(f"/orders?{query}").json()["items"]]

    assert numbers("state=shipped") == ["A1"]
    assert numbers("out_order_no=A2") == ["A2"]
    assert numbers("placed_from=2020-01-01T00:00:00Z") == ["A2", "A1"]
    assert numbers("placed_to=2020-01-01T00:00:00Z") == []


def test_parcels_history_and_receipt_are_told(shop: Shop) -> None:
    tea = make_sku(available=9, supplier=make_supplier())
    placed = shop.post("/orders", order_body(tea.sku_no, number="A1", quantity=3)).json()
    target = f"/orders/{placed['order_no']}"
    early = shop.post(f"{target}/receipt")
    ship(placed["order_no"])

    part = shop.post(f"{target}/receipt", {"lines": [{"line_id": "1", "quantity": 1}]})
    rest = shop.post(f"{target}/receipt")
    again = shop.post(f"{target}/receipt")
    much = shop.post(f"{target}/receipt", {"lines": [{"line_id": "1", "quantity": 1}]})

    assert (early.status_code, early.json()["code"]) == (409, "nothing_to_receive")
    assert part.json()["lines"][0]["received"] == 1
    assert rest.json()["lines"][0]["received"] == 3
    assert again.json() == rest.json()
    assert (much.status_code, much.json()["code"]) == (409, "more_than_shipped")
    (parcel,) = shop.get(f"{target}/shipments").json()["items"]
    [line] = parcel["lines"]
    assert line == {
        "line_id": "1",
        "sku_no": tea.sku_no,
        "quantity": 3,
        "received": 3,
        "written_off": 0,
    }
    history = shop.get(f"{target}/history").json()["items"]
    assert history[0]["act"] == "placed"
    assert "supplier" not in str(history)


def test_a_receipt_that_names_a_line_twice_is_refused(shop: Shop) -> None:
    tea = make_sku()
    placed = shop.post("/orders", order_body(tea.sku_no, number="A1")).json()
    lines = [{"line_id": "1", "quantity": 1}, {"line_id": "1", "quantity": 1}]

    answer = shop.post(f"/orders/{placed['order_no']}/receipt", {"lines": lines})

    assert (answer.status_code, answer.json()["code"]) == (422, "line_id_repeated")


def test_the_parts_of_a_price_show_on_orders_where_the_platform_decided_so(shop: Shop) -> None:
    policies.decide(name="show_price_parts", value=True, actor=OPERATIONS, at=NOON)
    tea = make_sku(supply_price_fen=50_00)

    placed = shop.post("/orders", order_body(tea.sku_no, number="A1")).json()
    read = shop.get(f"/orders/{placed['order_no']}").json()

    assert (read["lines"][0]["supply_price_fen"], read["lines"][0]["service_fee_fen"]) == (
        50_00,
        2_50,
    )
    assert placed == read
