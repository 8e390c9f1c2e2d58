"""Buying by hand in the portal: goods are looked through, selected, put into a basket and ordered."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from companies.models import Role
from distributors.models import Distributor
from kit.values import replace
from orders.models import BasketLine, Hold, Order
from supplychain import pricing
from supplychain.models import Brand, Opening, Selection, Sku
from tests.factories import CONSIGNEE as CONSIGNED
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_freight,
    make_product,
    make_shipped_order,
    make_sku,
    make_supplier,
)
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)
GOODS, BASKET, ORDERING = "/portal/goods/", "/portal/basket/", "/portal/ordering/"
MOST_QUERIES = 15
CONSIGNEE = {
    "name": "张三",
    "phone": "13800000000",
    "province": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "detail": "海德三道199号",
}


@dataclass(frozen=True)
class Shop:
    """A buyer at the keyboard, and goods to look at."""

    distributor: Distributor
    client: Client
    tea: Sku
    cup: Sku


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Shop:
    distributor = make_distributor(deposit_fen=1_000_00)
    jade = Brand.objects.create(code="yu", name="玉壶")
    tea = make_product(
        supplier=make_supplier(),
        name="明前西湖龙井绿茶礼盒",
        category=make_category("食品/茶叶"),
        brand=jade,
        freight_template=make_freight(),
        regions_not_served=["西藏自治区"],
        detail_html="<p>狮峰山</p>",
    )
    cup = make_product(name="青瓷茶杯", category=make_category("家居/餐具"))
    return Shop(
        distributor,
        log_in(make_person(distributor.company)),
        make_sku(product=tea, supply_price_fen=50_00, available=9, min_quantity=2, multiple=2),
        make_sku(product=cup, supply_price_fen=10_00, available=5),
    )


def names(page: str) -> list[str]:
    """The goods of a page, in their order."""
    return re.findall(r'class="name" href="[^"]+">([^<]+)<', page)


def look(shop: Shop, **asked: str) -> list[str]:
    return names(shop.client.get(GOODS, asked).content.decode())


def put(shop: Shop, sku: Sku, pieces: int) -> None:
    shop.client.post(
        BASKET + "lines/", {"item_no": sku.product.item_no, f"pieces_{sku.sku_no}": str(pieces)}
    )


def form_of(shop: Shop, **changed: Any) -> dict[str, Any]:
    """What the ordering page would send, as it is shown."""
    page = shop.client.post(ORDERING, {**CONSIGNEE, "act": "quote"}).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(number|quote_id)" value="([^"]+)"', page))
    lines = re.findall(r'name="line" value="([^"]+)"', page)
    return {**CONSIGNEE, **hidden, "line": lines, "act": "place", **changed}


def test_goods_are_found_by_parts_of_words_shelves_and_marks(shop: Shop) -> None:
    tea, cup = shop.tea.product, shop.cup.product
    Selection.objects.create(distributor=shop.distributor, product=cup, selected_at=cup.created_at)
    assert tea.brand is not None

    assert look(shop) == [cup.name, tea.name]
    for words in ("龙井", "西湖 绿茶", "玉壶", tea.item_no.lower(), shop.tea.sku_no, "茶叶"):
        assert look(shop, q=words) == [tea.name], words
    assert look(shop, q="100%") == []
    assert look(shop, category=tea.category.code) == [tea.name]
    assert look(shop, category=make_category("食品").code) == [tea.name]
    assert look(shop, brand=tea.brand.code) == [tea.name]
    assert look(shop, selected="1") == [cup.name]
    assert look(shop, order="price") == [cup.name, tea.name]
    assert look(shop, order="price_down") == [tea.name, cup.name]
    assert look(shop, order="available") == [tea.name, cup.name]
    make_sku(product=make_product(name="售罄的壶"), available=0)
    assert look(shop, in_stock="1", order="available") == [tea.name, cup.name]
    assert shop.client.get(GOODS, {"category": "no-such"}).status_code == 404
    assert shop.client.get(GOODS, {"order": "no-such"}).status_code == 404


def test_what_a_distributor_may_not_see_is_in_no_list_and_on_no_page(shop: Shop) -> None:
    secret = make_sku(product=make_product(name="专供礼盒", chosen_only=True)).product
    other = log_in(make_person((theirs := make_distributor()).company))
    Opening.objects.create(product=secret, distributor=theirs)

    page = shop.client.get(f"{GOODS}products/{shop.tea.product.item_no}/").content.decode()

    assert secret.name not in look(shop)
    assert shop.client.get(f"{GOODS}products/{secret.item_no}/").status_code == 404
    assert other.get(f"{GOODS}products/{secret.item_no}/").status_code == 200
    for shown in (
        "¥52.50",
        "西藏自治区",
        "狮峰山",
        "from 2",
        "in multiples of 2",
        "first 1 pcs ¥8.00",
    ):
        assert shown in page, shown
    supplier = shop.tea.product.supplier
    assert supplier is not None
    for hidden in ("50.00", "¥2.50", supplier.company.name, supplier.number):
        assert hidden not in page, hidden


def test_pages_go_on_where_they_ended_and_ask_few_questions(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("supplychain.browsing.PAGE", 4)
    for price_fen in (30_00, 30_00, 30_00, 20_00, 90_000_00, 80_000_00, 70_000_00):
        make_sku(supply_price_fen=price_fen)

    for order in ("newest", "price", "price_down", "available"):
        seen, path = [], f"{GOODS}?order={order}"
        while path:
            with django_assert_max_num_queries(MOST_QUERIES):
                page = shop.client.get(path).content.decode()
            seen += names(page)
            following = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
            path = GOODS + following[1].replace("&amp;", "&") if following else ""
        assert len(seen) == len(set(seen)) == 9, order
    with django_assert_max_num_queries(MOST_QUERIES):
        shop.client.get(f"{GOODS}products/{shop.tea.product.item_no}/")


def test_ticked_goods_and_whole_shelves_are_selected_and_let_go(shop: Shop) -> None:
    tea, cup = shop.tea.product, shop.cup.product
    hidden = make_product(chosen_only=True)

    def post(**fields: Any) -> set[str]:
        answer = shop.client.post(f"{GOODS}selection/", fields)
        assert answer.headers["location"] == GOODS, answer.headers
        rows = Selection.objects.filter(distributor=shop.distributor)
        return set(rows.values_list("product__item_no", flat=True))

    assert post(item_no=[tea.item_no, cup.item_no, hidden.item_no]) == {tea.item_no, cup.item_no}
    assert post(item_no=tea.item_no, act="remove", next="https://elsewhere/") == {cup.item_no}
    assert post(all="1", category=tea.category.code) == {tea.item_no, cup.item_no}
    assert post() == {tea.item_no, cup.item_no}
    assert 'badge good">Selected' in shop.client.get(GOODS).content.decode()


def test_a_basket_tells_of_each_line_what_keeps_it_from_being_ordered(
    shop: Shop, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    put(shop, shop.tea, 2)
    put(shop, shop.tea, 2)
    put(shop, shop.cup, 5)
    line = f"{BASKET}lines/{shop.tea.sku_no}/"

    with django_assert_max_num_queries(MOST_QUERIES):
        good = shop.client.get(BASKET).content.decode()
    odd = shop.client.post(line, {"quantity": "3"}, headers={"hx-request": "true"}).content.decode()
    scarce = shop.client.post(line, {"quantity": "10"}, follow=True).content.decode()
    refused = shop.client.post(line, {"quantity": "x"}, follow=True).content.decode()
    shop.client.post(line, {"quantity": "0"})

    assert "¥262.50" in good
    assert "9 pieces" in good
    assert "Only in multiples of 2." in odd
    assert "Only 9 are there." in scarce
    assert "1 to 9999 pieces" in refused
    assert [row.sku for row in BasketLine.objects.all()] == [shop.cup]


def test_a_basket_is_its_owners_alone(shop: Shop) -> None:
    put(shop, shop.tea, 2)
    hidden = make_sku(product=make_product(chosen_only=True))
    colleague = log_in(make_person(shop.distributor.company))
    stranger = log_in(make_person(make_distributor().company))

    for client in (colleague, stranger):
        assert "Your basket is empty" in client.get(BASKET).content.decode()
        changed = client.post(f"{BASKET}lines/{shop.tea.sku_no}/", {"quantity": "9"})
        assert changed.status_code == 404
    forged = {"item_no": shop.tea.product.item_no, f"pieces_{hidden.sku_no}": "1"}
    assert shop.client.post(BASKET + "lines/", forged).status_code == 404
    assert BasketLine.objects.get().quantity == 2


def test_a_pasted_line_fills_the_fields_and_says_what_it_did_not_find(shop: Shop) -> None:
    put(shop, shop.tea, 2)

    def paste(text: str) -> str:
        return shop.client.post(ORDERING, {"act": "fill", "pasted": text}).content.decode()

    whole = paste("张三 138-0000-0000 广东省深圳市南山区海德三道199号")
    part = paste("张三 13800000000 海德三道199号")

    for text in ('value="张三"', 'value="13800000000"', '"广东省" selected', 'value="深圳市"',
                 'value="南山区"', 'value="海德三道199号"', "look the fields over"):  # fmt: skip
        assert text in whole, text
    assert "Not found in the text: Province、City" in part


def test_an_order_is_quoted_placed_once_and_taken_out_of_the_basket(shop: Shop) -> None:
    put(shop, shop.tea, 2)
    put(shop, shop.cup, 1)
    quoted = shop.client.post(ORDERING, {**CONSIGNEE, "act": "quote"}).content.decode()
    form = form_of(shop)

    first = shop.client.post(ORDERING, form)
    second = shop.client.post(ORDERING, form, follow=True)

    order = Order.objects.get()
    # Tea 2 × 52.50, a cup 10.50, freight 8.00 + 2.00 for the second piece of the supplier's.
    for shown in ("¥115.50", "¥10.00", "¥125.50", "¥874.50", "2 places"):
        assert shown in quoted, shown
    assert first.headers["location"] == f"/portal/orders/{order.order_no}/"
    assert f"{order.order_no} was placed before" in second.content.decode()
    assert (order.total_fen, order.out_order_no, order.channel) == (
        125_50,
        form["number"],
        "portal",
    )
    assert order.history.first().actor_kind == "person"  # type: ignore[union-attr]
    assert not BasketLine.objects.exists()


def test_a_refused_order_says_why_line_by_line_and_leaves_everything_as_it_was(shop: Shop) -> None:
    put(shop, shop.tea, 2)
    put(shop, shop.cup, 1)
    form = form_of(shop, out_order_no="M-1")
    shop.tea.stock.__class__.objects.filter(sku=shop.tea).update(available=1)
    Sku.objects.filter(pk=shop.cup.pk).update(supply_price_fen=90_00)
    # The quote is over: what the page showed is the guard.
    form["quote_id"] = ""

    refused = shop.client.post(ORDERING, form)
    far = shop.client.post(ORDERING, {**form, "province": "西藏自治区"})

    page = refused.content.decode()
    assert (refused.status_code, far.status_code) == (409, 409)
    assert "costs ¥94.50 now, not ¥10.50" in page
    assert "is short: 2 wanted, 1 available" in page
    assert "is not shipped to 西藏自治区" in far.content.decode()
    assert not Order.objects.exists()
    assert BasketLine.objects.count() == 2


def test_an_order_beyond_the_deposit_is_refused_or_waits_as_its_buyer_wants(shop: Shop) -> None:
    Sku.objects.filter(pk=shop.cup.pk).update(supply_price_fen=2_000_00)
    put(shop, shop.cup, 1)
    form = form_of(shop)

    refused = shop.client.post(ORDERING, form)
    waits = shop.client.post(ORDERING, {**form, "wait": "on"}, follow=True)

    assert refused.status_code == 409
    assert "short by ¥1,100.00" in refused.content.decode()
    assert "until the deposit covers it" in waits.content.decode()
    assert Hold.objects.get().out_order_no == form["number"]
    assert not Order.objects.exists()


def test_a_number_that_is_known_with_other_content_and_broken_fields_place_nothing(
    shop: Shop,
) -> None:
    put(shop, shop.tea, 2)
    form = form_of(shop, out_order_no="M-1")
    shop.client.post(ORDERING, form)

    other = shop.client.post(ORDERING, {**form, "detail": "别处"})
    answers = {
        name: shop.client.post(ORDERING, {**form, "out_order_no": "", name: text}).status_code
        for name, text in {
            "name": "张\n三",
            "phone": "",
            "province": "月球",
            "out_order_no": "有中文",
            "number": "-",
        }.items()
    }
    forged = shop.client.post(ORDERING, {**form, "line": "A|0|1"}).status_code

    assert other.status_code == 409
    assert "M-1" in other.content.decode()
    assert set(answers.values()) == {422}, answers
    assert forged == 404
    assert Order.objects.get().out_order_no == "M-1"


def test_prices_of_cards_are_those_of_orders(shop: Shop) -> None:
    price = pricing.price(50_00, 0, shop.distributor.level.fee_rate_bp)

    page = shop.client.get(GOODS, {"q": "龙井"}).content.decode()

    assert f"¥{price.agreement_price_fen / 100:.2f}" in page
    assert reverse("portal:product", args=[shop.tea.product.item_no]) in page


def test_orders_are_found_by_any_number_narrowed_and_taken_away(
    shop: Shop, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    who = replace(CONSIGNED, phone="13912345678")
    order = make_shipped_order(shop.distributor, {shop.tea: 2}, number="=M1", consignee=who)
    parcel = order.fulfilments.get().shipments.get()
    parcel.scans.create(
        carrier_code=parcel.carrier_code,
        tracking_no=parcel.tracking_no,
        status="in_transit",
        place="深圳",
        text="已到达",
        scanned_at=NOON,
        heard_at=NOON,
    )
    theirs = make_shipped_order(make_distributor(), {shop.cup: 1}, consignee=who)
    others_parcel = theirs.fulfilments.get().shipments.get().tracking_no
    path = "/portal/orders/"

    def found(**asked: str) -> list[str]:
        page = shop.client.get(path, asked).content.decode()
        return re.findall(r'"Our number">([^<]+)<', page)

    for text in (order.order_no, "=M1", parcel.tracking_no, "13912345678"):
        assert found(q=text) == [order.order_no], text
    for asked in ({"q": others_parcel}, {"q": "139"}, {"state": "placed"}, {"last": "2026-11-21"}):
        assert found(**asked) == [], asked
    assert found(first="2026-11-22", last="2026-11-22", state="shipped") == [order.order_no]
    with django_assert_max_num_queries(MOST_QUERIES):
        page = shop.client.get(path).content.decode()
    assert "139****5678" in page
    assert "13912345678" not in page
    assert "已到达" in shop.client.get(f"{path}{order.order_no}/").content.decode()
    written = shop.client.get(f"{path}orders.csv", {"state": "shipped"}).content.decode()
    assert f"'=M1,{order.order_no},shipped," in written
    assert ",105.00,10.00,115.00," in written
    assert shop.client.get(f"{path}orders.xlsx").content[:2] == b"PK"


def test_a_reader_looks_and_orders_nothing(shop: Shop) -> None:
    put(shop, shop.tea, 2)
    form = form_of(shop)
    reader = log_in(make_person(shop.distributor.company, role=Role.READER))

    answers = [
        reader.post(ORDERING, form),
        reader.post(BASKET + "lines/", {"item_no": shop.tea.product.item_no}),
        reader.post("/portal/order-files/", {}),
        reader.post(f"{GOODS}selection/", {"item_no": shop.tea.product.item_no}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert "You may look only" in answers[0].content.decode()
    assert reader.get(GOODS).status_code == 200
    assert not Order.objects.exists()
    assert not Selection.objects.exists()
