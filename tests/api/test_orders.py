"""Placing and reading orders through the API."""

from tests.api.signed import Shop, order_body
from tests.factories import make_sku


def test_an_order_is_placed_and_answered_in_full(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00, available=3)

    answer = shop.post("/orders", order_body(tea.sku_no, number="A1", quantity=2))

    assert answer.status_code == 201, answer.json()
    order = answer.json()
    assert order["out_order_no"] == "A1"
    assert order["state"] == "placed"
    assert order["total_fen"] == 2 * 52_50
    assert order["consignee"]["name"] == "张三"
    assert answer["Location"] == f"/api/v1/orders/{order['order_no']}"
