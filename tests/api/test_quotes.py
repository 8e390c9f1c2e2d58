"""Quotes through the API."""

from typing import Any

from orders.models import Quote
from supplychain.models import Sku, Stock
from tests.api.signed import Shop, order_body
from tests.factories import make_freight, make_product, make_sku, make_supplier


def quote_body(*lines: tuple[str, int], province: str = "广东") -> Any:
    """A request for a quote."""
    return {
        "lines": [
            {"line_id": str(index), "sku_no": sku_no, "quantity": quantity}
            for index, (sku_no, quantity) in enumerate(lines, 1)
        ],
        "destination": {"province": province, "city": "深圳市"},
    }


def test_a_quote_shows_price_split_freight_and_why_a_line_cannot_be_sold(shop: Shop) -> None:
    tea = make_sku(supplier=make_supplier(), supply_price_fen=50_00)
    rice = make_sku(product=make_product(freight_template=make_freight()), supply_price_fen=10_00)
    scarce = make_sku(available=1)

    answer = shop.post(
        "/quotes", quote_body((tea.sku_no, 2), (rice.sku_no, 2), (scarce.sku_no, 5), ("NONE", 1))
    )

    assert answer.status_code == 201
    quoted = answer.json()
    assert [(line["sku_no"], line["goods_fen"]) for line in quoted["lines"]] == [
        (tea.sku_no, 105_00),
        (rice.sku_no, 21_00),
    ]
    assert quoted["fulfilments"] == [
        {"number": 1, "freight_fen": 0, "line_ids": ["1"]},
        {"number": 2, "freight_fen": 10_00, "line_ids": ["2"]},
    ]
    assert {line["line_id"]: line["problem"]["code"] for line in quoted["unsellable"]} == {
        "3": "stock_insufficient",
        "4": "sku_not_sellable",
    }
    assert quoted["total_fen"] == 136_00
    assert quoted["deposit_after_fen"] == 1_000_00 - 136_00
    assert Stock.objects.get(sku=tea).available == 100


def test_a_quoted_price_holds_though_the_price_rises(shop: Shop) -> None:
    tea = make_sku(supply_price_fen=50_00)
    quoted = shop.post("/quotes", quote_body((tea.sku_no, 1))).json()
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=80_00)
    body = order_body(tea.sku_no, number="A1") | {"quote_id": quoted["quote_id"]}
    del body["lines"][0]["expected_agreement_price_fen"]

    answer = shop.post("/orders", body)

    assert answer.status_code == 201
    assert answer.json()["total_fen"] == 52_50


def test_another_distributors_quote_is_none(shop: Shop) -> None:
    tea = make_sku()
    quoted = Shop().post("/quotes", quote_body((tea.sku_no, 1))).json()

    answer = shop.post(
        "/orders", order_body(tea.sku_no, number="A1") | {"quote_id": quoted["quote_id"]}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "quote_expired")


def test_a_quote_for_no_known_place_or_with_a_line_twice_is_refused(shop: Shop) -> None:
    tea = make_sku()
    twice = quote_body((tea.sku_no, 1), (tea.sku_no, 1))
    twice["lines"][1]["line_id"] = "1"

    nowhere = shop.post("/quotes", quote_body((tea.sku_no, 1), province="亚特兰蒂斯"))
    repeated = shop.post("/quotes", twice)

    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "region_unknown")
    assert (repeated.status_code, repeated.json()["code"]) == (422, "line_id_repeated")
    assert repeated.json()["errors"][0]["pointer"] == "/lines/1/line_id"
    assert not Quote.objects.exists()
