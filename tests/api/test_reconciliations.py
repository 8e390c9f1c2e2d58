"""Reconciliations through the API."""

from typing import Any

import pytest

from api import reconciliations
from books.models import Reconciliation
from orders.models import Order
from suppliers import periods
from tests.api.signed import Shop, order_body
from tests.factories import make_sku


def today() -> str:
    """The day on which the API placed an order just now."""
    return periods.day_of(Order.objects.latest("pk").placed_at).isoformat()


def place(shop: Shop, *numbers: str) -> None:
    tea = make_sku(supply_price_fen=50_00)
    for number in numbers:
        assert shop.post("/orders", order_body(tea.sku_no, number=number)).status_code == 201


def test_every_row_that_does_not_match_is_answered_and_kept(shop: Shop) -> None:
    place(shop, "A", "B", "C")
    body = {
        "from": today(),
        "to": today(),
        "orders": [
            {"out_order_no": "A", "amount_fen": 52_50},
            {"out_order_no": "B", "amount_fen": 50_00},
            {"out_order_no": "X", "amount_fen": 1},
        ],
    }

    made = shop.post("/reconciliations", body)

    assert made.status_code == 201
    found = made.json()
    kinds = ("matched", "differing", "missing_here", "missing_there")
    assert [found[kind] for kind in kinds] == [1, 1, 1, 1]
    rows = [
        (row["kind"], row["out_order_no"], row["yours_fen"], row["ours_fen"])
        for row in found["differences"]
    ]
    assert rows == [
        ("differing", "B", 50_00, 52_50),
        ("missing_here", "X", 1, None),
        ("missing_there", "C", None, 52_50),
    ]
    assert shop.get(f"/reconciliations/{found['reconciliation_id']}").json() == found
    [listed] = shop.get("/reconciliations").json()["items"]
    assert listed == {name: value for name, value in found.items() if name != "differences"}


def test_without_days_only_the_orders_named_are_compared(shop: Shop) -> None:
    place(shop, "A", "B")

    found = shop.post(
        "/reconciliations", {"orders": [{"out_order_no": "A", "amount_fen": 52_50}]}
    ).json()

    assert (found["from"], found["to"], found["matched"]) == (None, None, 1)
    assert found["differences"] == []


@pytest.mark.parametrize(
    ("_case", "body", "code"),
    [
        ("one day alone", {"from": "2026-11-22", "orders": []}, "days_invalid"),
        ("turned round", {"from": "2026-11-22", "to": "2026-11-21", "orders": []}, "days_invalid"),
        ("no day", {"from": "22.11.", "to": "2026-11-22", "orders": []}, "validation_failed"),
        ("no orders", {}, "validation_failed"),
        (
            "an amount with a point",
            b'{"orders": [{"out_order_no": "A", "amount_fen": 1.5}]}',
            "json_number_not_whole",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_and_leaves_no_trace(
    shop: Shop, _case: str, body: Any, code: str
) -> None:
    answer = shop.post("/reconciliations", body)

    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == code
    assert not Reconciliation.objects.exists()


def test_more_rows_than_the_limit_are_refused_and_as_many_are_taken(shop: Shop) -> None:
    rows = [{"out_order_no": f"A{n}", "amount_fen": 1} for n in range(reconciliations.MAX_ROWS + 1)]

    assert shop.post("/reconciliations", {"orders": rows}).json()["code"] == "validation_failed"
    taken = shop.post("/reconciliations", {"orders": rows[1:]})

    assert taken.json()["missing_here"] == reconciliations.MAX_ROWS
    assert len(taken.json()["differences"]) == reconciliations.MAX_ROWS
