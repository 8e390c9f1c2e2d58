"""Selection through the API: in bulk, idempotent, each row with its own status."""

from typing import Any

import pytest

from supplychain.models import Product, Selection
from tests.api.signed import Shop
from tests.factories import make_category, make_distributor, make_product, make_sku


def statuses(answer: Any) -> list[tuple[str, int]]:
    """Number and status of each row."""
    assert answer.status_code == 200, answer.content
    return [(row["item_no"], row["status"]) for row in answer.json()["items"]]


def test_products_are_selected_listed_and_taken_out(shop: Shop) -> None:
    tea, rice = make_sku().product, make_sku().product
    hidden = make_product(chosen_only=True)
    asked = {"item_nos": [tea.item_no, hidden.item_no, rice.item_no]}

    added = shop.post("/selection/additions", asked)
    again = shop.post("/selection/additions", asked)
    Product.objects.filter(pk=rice.pk).update(state="delisted")
    first = shop.get("/selection?limit=1").json()
    second = shop.get(f"/selection?limit=1&after={first['next']}").json()
    only_selected = shop.get("/products?selected=true").json()["items"]
    removed = shop.post("/selection/removals", asked)

    numbers = asked["item_nos"]
    assert statuses(added) == list(zip(numbers, [201, 404, 201], strict=True))
    assert statuses(again) == list(zip(numbers, [200, 404, 200], strict=True))
    assert added.json()["items"][1]["problem"]["code"] == "not_found"
    [there], [gone] = first["items"], second["items"]
    shown = shop.get(f"/products/{tea.item_no}").json()
    assert (there["item_no"], there["on_sale"]) == (tea.item_no, True)
    assert there["version"] == shown["version"]
    assert there["price_version"] == shown["skus"][0]["price_version"]
    assert (gone["item_no"], gone["on_sale"], gone["version"]) == (rice.item_no, False, None)
    assert [item["item_no"] for item in only_selected] == [tea.item_no]
    assert statuses(removed) == list(zip(numbers, [200, 404, 200], strict=True))
    assert not Selection.objects.exists()


def test_a_category_is_selected_whole_and_others_see_nothing_of_it(shop: Shop) -> None:
    tea = make_product(category=make_category("食品/茶叶"))
    make_product(category=make_category("家居"))
    food = make_category("食品").code

    added = shop.post("/selection/additions", {"category": food})

    assert statuses(added) == [(tea.item_no, 201)]
    assert Shop(make_distributor()).get("/selection").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "selection_unclear"),
        ({"item_nos": ["A"], "brand": "b"}, "selection_unclear"),
        ({"item_nos": ["A"] * 1001}, "validation_failed"),
    ],
)
def test_what_is_not_clear_or_too_much_is_refused_whole(
    shop: Shop, body: dict[str, Any], code: str
) -> None:
    answer = shop.post("/selection/additions", body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Selection.objects.exists()
