"""Goods through the API: what is seen, at which price, in how many queries."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies import policies
from distributors.models import Distributor
from kit.actors import OPERATIONS
from supplychain.models import (
    Allotment,
    Brand,
    Limit,
    Opening,
    PictureRole,
    Product,
    ProductPicture,
    RateOverride,
)
from tests.api.signed import Shop
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_picture,
    make_product,
    make_sku,
    make_supplier,
)


def all_pages(shop: Shop, target: str) -> list[Any]:
    """Every item of a list, page by page."""
    items, after = [], ""
    while True:
        page = shop.get(target + after).json()
        items += page["items"]
        if page["next"] is None:
            return items
        after = f"&after={page['next']}"


def test_a_product_is_shown_with_price_and_stock_for_its_reader(shop: Shop) -> None:
    brand = Brand.objects.create(code="b-1", name="云上茶")
    product = make_product(name="高山绿茶", brand=brand, detail_html="<p>明前</p>")
    tea = make_sku(product=product, supply_price_fen=50_00, available=7, retail_price_fen=99_00)

    answer = shop.get(f"/products/{product.item_no}")

    shown = answer.json()
    assert (shown["item_no"], shown["name"]) == (product.item_no, "高山绿茶")
    assert shown["category"]["path"] == "食品/茶叶"
    assert shown["brand"] == {"code": "b-1", "name": "云上茶"}
    assert shown["detail_html"] == "<p>明前</p>"
    assert shown["ship_within_hours"] == 48
    assert "ordinary_sale" in shown["allowed_applications"]
    (sku,) = shown["skus"]
    assert sku["sku_no"] == tea.sku_no
    assert (sku["agreement_price_fen"], sku["retail_price_fen"]) == (52_50, 99_00)
    assert (sku["available"], sku["stock_version"]) == (7, 1)
    assert "supply_price_fen" not in sku


def test_pictures_come_with_their_address(shop: Shop) -> None:
    product = make_sku().product
    for role, position in ((PictureRole.MAIN, 0), (PictureRole.DETAIL, 0)):
        ProductPicture.objects.create(
            product=product, picture=make_picture(), role=role, position=position
        )

    shown = shop.get(f"/products/{product.item_no}").json()
    listed = shop.get("/products").json()["items"][0]

    assert shown["images"][0].startswith("http")
    assert "/media/" in shown["images"][0]
    assert len(shown["detail_images"]) == 1
    assert listed["images"] == shown["images"]
    assert "detail_images" not in listed


def test_a_list_goes_through_everything_once_in_few_queries(shop: Shop) -> None:
    skus = [make_sku(supplier=make_supplier()) for _ in range(7)]
    shop.get("/products")

    items = all_pages(shop, "/products?limit=3")

    assert sorted(item["item_no"] for item in items) == sorted(s.product.item_no for s in skus)
    with CaptureQueriesContext(connection) as few:
        shop.get("/products?limit=1")
    with CaptureQueriesContext(connection) as many:
        shop.get("/products?limit=200")
    assert len(few) == len(many) <= 6


def test_a_cursor_is_good_for_its_list_and_its_owner_alone(shop: Shop) -> None:
    for _ in range(3):
        make_sku()
    following = shop.get("/products?limit=1").json()["next"]

    answers = [
        shop.get(f"/categories?after={following}"),
        Shop().get(f"/products?after={following}"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert shop.get(f"/products?after={following}").status_code == 200


def hidden(_case: str, shop: Distributor) -> Product:
    """A product that a distributor does not see, in one of the ways there are."""
    product = make_sku(supplier=make_supplier()).product
    if _case == "delisted":
        product.delist()
        product.save()
    elif _case == "chosen":
        Product.objects.filter(pk=product.pk).update(chosen_only=True)
        Opening.objects.create(product=product, distributor=make_distributor())
    elif _case == "limited":
        Limit.objects.create(distributor=shop, category=make_category("家居"))
    elif _case == "suspended":
        assert product.supplier is not None
        product.supplier.suspend()
        product.supplier.save()
    return product


@pytest.mark.parametrize("_case", ["delisted", "chosen", "limited", "suspended"])
def test_what_a_distributor_does_not_see_is_nowhere(shop: Shop, _case: str) -> None:
    product = hidden(_case, shop.distributor)
    sku_no = product.skus.get().sku_no

    one = shop.get(f"/products/{product.item_no}")
    listed = shop.get("/products").json()["items"]
    rows = [
        shop.post("/products/lookup", {"item_nos": [product.item_no]}).json()["items"],
        shop.post("/prices/lookup", {"sku_nos": [sku_no]}).json()["items"],
        shop.post("/stocks/lookup", {"sku_nos": [sku_no]}).json()["items"],
    ]

    assert one.status_code == 404
    assert listed == []
    assert [row[0]["status"] for row in rows] == [404, 404, 404]


def test_lists_narrow_by_category_brand_and_time(shop: Shop) -> None:
    brand = Brand.objects.create(code="b-1", name="云上茶")
    food = make_category("食品")
    tea = make_sku(product=make_product(category=make_category("食品/茶叶"), brand=brand)).product
    soap = make_sku(product=make_product(category=make_category("家居"))).product
    Product.objects.filter(pk=soap.pk).update(changed_at=timezone.now())

    def numbers(query: str) -> list[str]:
        return [item["item_no"] for item in shop.get(f"/products?{query}").json()["items"]]

    assert numbers(f"category={food.code}") == [tea.item_no]
    assert numbers("brand=b-1") == [tea.item_no]
    assert numbers("category=unknown") == []
    assert set(numbers("changed_since=2020-01-01T00:00:00Z")) == {tea.item_no, soap.item_no}
    assert numbers("changed_since=2100-01-01T00:00:00%2B08:00") == []


def test_a_product_that_has_not_changed_is_answered_without_a_body(shop: Shop) -> None:
    sku = make_sku()
    target = f"/products/{sku.product.item_no}"
    tag = shop.get(target)["ETag"]

    same = shop.get(target, headers={"If-None-Match": tag})
    sku.stock.available = 1
    sku.stock.save()
    changed = shop.get(target, headers={"If-None-Match": tag})

    assert (same.status_code, same.content) == (304, b"")
    assert same["Huopan-Request-Id"]
    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_lookups_answer_each_number_in_its_place(shop: Shop) -> None:
    tea, rice = make_sku(available=3), make_sku(supply_price_fen=10_00)
    asked = [rice.sku_no, "NONE", tea.sku_no, rice.sku_no]

    prices = shop.post("/prices/lookup", {"sku_nos": asked}).json()["items"]
    stocks = shop.post("/stocks/lookup", {"sku_nos": asked}).json()["items"]

    assert [(row["sku_no"], row["status"]) for row in prices] == [
        (rice.sku_no, 200),
        ("NONE", 404),
        (tea.sku_no, 200),
        (rice.sku_no, 200),
    ]
    assert prices[0]["agreement_price_fen"] == 10_50
    assert prices[1]["problem"]["code"] == "not_found"
    assert stocks[2] == {
        "sku_no": tea.sku_no,
        "status": 200,
        "available": 3,
        "stock_version": 1,
    }


@pytest.mark.parametrize(
    ("target", "name", "limit"),
    [
        ("/products/lookup", "item_nos", 200),
        ("/prices/lookup", "sku_nos", 500),
        ("/stocks/lookup", "sku_nos", 500),
    ],
)
def test_a_lookup_beyond_its_limit_is_refused_whole(
    shop: Shop, target: str, name: str, limit: int
) -> None:
    most = shop.post(target, {name: [f"N{number}" for number in range(limit)]})
    over = shop.post(target, {name: ["N"] * (limit + 1)})

    assert len(most.json()["items"]) == limit
    assert over.status_code == 422
    assert over.json()["errors"][0]["values"] == {"count": limit + 1, "limit": limit}


def test_an_allotment_and_an_own_rate_show_in_price_and_stock(shop: Shop) -> None:
    sku = make_sku(supply_price_fen=100_00, available=10)
    Allotment.objects.create(
        sku=sku, distributor=shop.distributor, available=4, version=2, then_pool=False
    )
    RateOverride.objects.create(
        product=sku.product, level=shop.distributor.level, fee_rate_bp=1_000
    )

    shown = shop.get(f"/products/{sku.product.item_no}").json()["skus"][0]
    price = shop.post("/prices/lookup", {"sku_nos": [sku.sku_no]}).json()["items"][0]
    stock = shop.post("/stocks/lookup", {"sku_nos": [sku.sku_no]}).json()["items"][0]

    assert (shown["agreement_price_fen"], shown["available"]) == (110_00, 4)
    for name in ("agreement_price_fen", "retail_price_fen", "price_version"):
        assert shown[name] == price[name]
    for name in ("available", "stock_version"):
        assert shown[name] == stock[name]


def test_the_parts_of_a_price_show_only_where_the_platform_decided_so(shop: Shop) -> None:
    sku = make_sku(supply_price_fen=50_00)
    policies.decide(name="show_price_parts", value=True, actor=OPERATIONS, at=NOON)

    shown = shop.get(f"/products/{sku.product.item_no}").json()["skus"][0]
    price = shop.post("/prices/lookup", {"sku_nos": [sku.sku_no]}).json()["items"][0]

    for row in (shown, price):
        assert (row["supply_price_fen"], row["service_fee_fen"]) == (50_00, 2_50)


def test_categories_and_brands_are_listed(shop: Shop) -> None:
    tea = make_category("食品/茶叶")
    Brand.objects.create(code="b-1", name="云上茶")

    assert tea.parent is not None

    categories = all_pages(shop, "/categories?limit=1")
    brands = all_pages(shop, "/brands?limit=1")

    assert {"code": tea.code, "parent_code": tea.parent.code, "name": "茶叶", "path": tea.path} in (
        categories
    )
    assert brands == [{"code": "b-1", "name": "云上茶"}]
