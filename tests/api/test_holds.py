"""Holds and orders that wait for funds, through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from distributors import recharging
from kit.actors import OPERATIONS
from ledger import accounts
from orders import waiting
from orders.models import Hold, Order, Refusal
from supplychain.models import Sku, Stock
from tests.api.signed import Shop, order_body
from tests.factories import NOON, make_distributor, make_sku


def available(sku: Sku) -> int:
    """What is left of a sku."""
    return Stock.objects.get(pk=sku.pk).available


def deposit(shop: Shop) -> Any:
    """What the API says of the deposit."""
    return shop.get("/deposit").json()


def delete(shop: Shop, target: str) -> Any:
    """Send a DELETE."""
    return shop.send("DELETE", target)


def recharge(shop: Shop, fen: int) -> None:
    recharging.recharge(
        distributor_pk=shop.distributor.pk,
        amount_fen=fen,
        reference=f"R{fen}",
        actor=OPERATIONS,
        at=NOON,
    )


@pytest.fixture
def poor(transactional_db: None) -> Shop:
    """A distributor's machine with 100 yuan."""
    return Shop(make_distributor(deposit_fen=100_00))


def test_a_hold_is_made_read_and_placed(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=3)
    body = order_body(tea.sku_no, number="A1", quantity=2)

    answer = shop.post("/holds", body)
    held = answer.json()
    read = shop.get(f"/holds/{held['hold_id']}")
    during = deposit(shop)
    placed = shop.post("/orders", body)
    after = shop.get(f"/holds/{held['hold_id']}").json()

    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/holds/{held['hold_id']}"
    assert (held["state"], held["total_fen"], held["extensions_left"]) == ("active", 105_00, 1)
    assert held["lines"] == [
        {"line_id": "1", "sku_no": tea.sku_no, "quantity": 2, "agreement_price_fen": 52_50}
    ]
    assert "张三" not in answer.content.decode()
    assert read.json() == held
    assert (during["held_fen"], during["available_fen"]) == (105_00, 895_00)
    assert placed.status_code == 201
    assert (after["state"], after["order_no"]) == ("consumed", placed.json()["order_no"])
    assert (available(tea), deposit(shop)["held_fen"]) == (1, 0)


def test_a_held_price_needs_no_expectation_and_is_not_exceeded(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00)
    body = order_body(tea.sku_no, number="A1")
    shop.post("/holds", body)
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=80_00)
    del body["lines"][0]["expected_agreement_price_fen"]

    low = shop.post("/orders", order_body(tea.sku_no, number="A1", expected_fen=52_49))
    placed = shop.post("/orders", body)

    assert (low.status_code, low.json()["code"]) == (409, "price_changed")
    assert (placed.status_code, placed.json()["total_fen"]) == (201, 52_50)


def test_the_same_hold_again_is_replayed_and_other_content_names_what_differs(shop: Shop) -> None:
    tea = make_sku(available=9)
    body = order_body(tea.sku_no, number="A1")
    first = shop.post("/holds", body)

    again = shop.post("/holds", body)
    other = shop.post("/holds", body | {"remark": "x"})

    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert other.json()["values"]["fields"] == "remark"
    assert available(tea) == 8


def test_what_differs_from_the_hold_is_named_and_may_be_released_first(shop: Shop) -> None:
    tea = make_sku(available=9)
    held = shop.post("/holds", order_body(tea.sku_no, number="A1")).json()
    body = order_body(tea.sku_no, number="A1", quantity=2)

    refused = shop.post("/orders", body)
    released = delete(shop, f"/holds/{held['hold_id']}")
    again = delete(shop, f"/holds/{held['hold_id']}")
    placed = shop.post("/orders", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "hold_differs")
    assert refused.json()["values"] == {
        "out_order_no": "A1",
        "hold_id": held["hold_id"],
        "fields": "lines",
    }
    assert (released.status_code, released.json()["state"]) == (200, "released")
    assert again.json() == released.json()
    assert placed.status_code == 201
    assert available(tea) == 7


def test_a_hold_is_extended_once(shop: Shop) -> None:
    held = shop.post("/holds", order_body(make_sku().sku_no, number="A1")).json()

    once = shop.post(f"/holds/{held['hold_id']}/extension")
    twice = shop.post(f"/holds/{held['hold_id']}/extension")

    assert (once.status_code, once.json()["extensions_left"]) == (200, 0)
    assert once.json()["expires_at"] > held["expires_at"]
    assert (twice.status_code, twice.json()["code"]) == (409, "extension_limit_reached")


def test_a_number_that_is_placed_cannot_be_held(shop: Shop) -> None:
    body = order_body(make_sku().sku_no, number="A1")
    placed = shop.post("/orders", body).json()

    refused = shop.post("/holds", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "order_placed_already")
    assert refused.json()["values"]["order_no"] == placed["order_no"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": 4}, 409, "stock_insufficient"),
        ({"sku_no": "NONE"}, 409, "sku_not_sellable"),
        ({"expected_agreement_price_fen": 1}, 409, "price_changed"),
        ({"expected_agreement_price_fen": None}, 422, "expected_price_missing"),
        ({"price_fen": 1}, 422, "validation_failed"),
    ],
)
def test_what_could_not_be_placed_is_not_held(
    shop: Shop, change: dict[str, Any], status: int, code: str
) -> None:
    tea = make_sku(available=3)
    body = order_body(tea.sku_no, number="A1")
    body["lines"][0] |= change

    answer = shop.post("/holds", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Hold.objects.exists()
    assert (available(tea), deposit(shop)["held_fen"]) == (3, 0)


def test_holds_are_listed_newest_first_by_page_and_state(shop: Shop) -> None:
    tea = make_sku(available=9)
    for number in ("A1", "A2", "A3"):
        shop.post("/holds", order_body(tea.sku_no, number=number))
    shop.post("/orders", order_body(tea.sku_no, number="A2"))

    first = shop.get("/holds?limit=2").json()
    rest = shop.get(f"/holds?limit=2&after={first['next']}").json()
    active = shop.get("/holds?state=active").json()
    one = shop.get("/holds?out_order_no=A2").json()

    assert [held["out_order_no"] for held in first["items"] + rest["items"]] == ["A3", "A2", "A1"]
    assert rest["next"] is None
    assert [held["out_order_no"] for held in active["items"]] == ["A3", "A1"]
    assert [held["state"] for held in one["items"]] == ["consumed"]


def test_an_order_that_may_wait_is_answered_202_until_the_deposit_covers_it(poor: Shop) -> None:
    tea = make_sku(supply_price_fen=100_00, available=3)
    body = order_body(tea.sku_no, number="A1") | {"on_shortfall": "wait"}

    first = poor.post("/orders", body)
    again = poor.post("/orders", body)
    found = poor.get("/orders/by-out-no/A1")
    recharge(poor, 5_00)
    waiting.place_funded(at=timezone.now())
    placed = poor.get("/orders/by-out-no/A1")
    replayed = poor.post("/orders", body)

    hold = Hold.objects.get()
    assert first.status_code == again.status_code == found.status_code == 202
    assert first["Location"] == f"/api/v1/holds/{hold.hold_id}"
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert first.json() == again.json() == found.json()
    assert (first.json()["state"], first.json()["shortfall_fen"]) == ("waiting_for_funds", 5_00)
    assert (placed.status_code, placed.json()["out_order_no"]) == (200, "A1")
    assert (replayed.status_code, replayed.json()) == (200, placed.json())
    assert available(tea) == 2


def test_in_a_batch_what_waits_says_so_in_its_place(poor: Shop) -> None:
    tea, cup = make_sku(supply_price_fen=100_00), make_sku(supply_price_fen=10_00)
    waits = order_body(tea.sku_no, number="A1") | {"on_shortfall": "wait"}

    answer = poor.post(
        "/orders/batch",
        {
            "orders": [
                waits,
                order_body(cup.sku_no, number="A2"),
                order_body(tea.sku_no, number="A3"),
            ]
        },
    )

    items = answer.json()["items"]
    assert [(item["out_order_no"], item["status"]) for item in items] == [
        ("A1", 202),
        ("A2", 201),
        ("A3", 409),
    ]
    assert items[0]["waiting"]["shortfall_fen"] == 5_00
    assert set(items[0]) == {"out_order_no", "status", "waiting"}


def test_an_order_that_waits_is_given_up_by_its_hold(poor: Shop) -> None:
    tea = make_sku(supply_price_fen=100_00, available=3)
    body = order_body(tea.sku_no, number="A1") | {"on_shortfall": "wait"}
    waits = poor.post("/orders", body).json()

    released = delete(poor, f"/holds/{waits['hold_id']}")

    assert (released.status_code, released.json()["kind"]) == (200, "funds")
    assert poor.get("/orders/by-out-no/A1").status_code == 404
    assert available(tea) == 3
    assert not Order.objects.exists()


def test_a_hold_of_a_consumer_is_not_an_order_yet(shop: Shop) -> None:
    shop.post("/holds", order_body(make_sku().sku_no, number="A1"))

    assert shop.get("/orders/by-out-no/A1").status_code == 404


def test_anothers_number_waits_for_nobody_else(poor: Shop) -> None:
    tea = make_sku(supply_price_fen=100_00)
    poor.post("/orders", order_body(tea.sku_no, number="A1") | {"on_shortfall": "wait"})

    answer = Shop().get("/orders/by-out-no/A1")

    assert answer.status_code == 404


def test_what_was_refused_is_in_the_log_with_the_key_that_asked(shop: Shop) -> None:
    tea = make_sku(available=0)

    shop.post("/orders", order_body(tea.sku_no, number="A1"))
    shop.post("/holds", order_body(tea.sku_no, number="A2"))

    noted = Refusal.objects.order_by("pk")
    assert [(row.out_order_no, row.code) for row in noted] == [
        ("A1", "stock_insufficient"),
        ("A2", "stock_insufficient"),
    ]
    assert noted[0].actor == f"key:{shop.key.public_id}"
    assert accounts.deposit_of(shop.distributor.pk).held_fen == 0
    assert noted[0].refused_at - timezone.now() < timedelta(minutes=1)
