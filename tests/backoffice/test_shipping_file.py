"""Shipping many orders from a page, and what is printed for them."""

import io

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from companies.models import Role
from kit.actors import OPERATIONS
from orders import placing, shipping_files, shipping_rows
from orders.models import Fulfilment, History, Order, Shipment, ShippingFile
from suppliers.models import Supplier
from tests.backoffice.test_browser import log_in as log_in_here
from tests.conftest import LiveWeb
from tests.factories import NOON, make_distributor, make_request, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db(transaction=True)
MANY = "/supplier/orders/shipping/"
MOST_QUERIES = 15


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def make_orders(supplier: Supplier, count: int) -> list[Order]:
    """Orders of two pieces of one sku each, that wait to be shipped."""
    shop = make_distributor(deposit_fen=count * 1_000_00)
    sku = make_live_product(supplier, stock=2 * count).skus.get()
    placing.place_many(
        [make_request(shop, {sku: 2}, remark="礼品袋") for _ in range(count)], at=NOON
    )
    return list(Order.objects.filter(distributor=shop).order_by("pk"))


def number(place: int) -> str:
    return f"SF{place:013}"


def page_of(client: Client, sent: object) -> str:
    """What the page says to which an answer leads, without what stands around it."""
    return body(client.get(sent.headers["location"]))  # type: ignore[attr-defined]


def body(answer: object) -> str:
    return answer.content.decode().partition("<main")[2]  # type: ignore[attr-defined,no-any-return]


def states(orders: list[Order]) -> list[str]:
    parts = Fulfilment.objects.filter(order__in=orders).order_by("order")
    return list(parts.values_list("state", flat=True))


def test_an_export_is_looked_over_its_columns_put_right_and_shipped(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier = make_supplier()
    client = log_in(make_person(supplier.company))
    orders = make_orders(supplier, 3)
    # Both columns could be the tracking number, and the first is taken.
    rows = [f"{order.order_no},{number(20 + i)},{number(i)}" for i, order in enumerate(orders)]
    rows[2] = f"H261122-NOSUCHNUMBER,{number(22)},{number(2)}"
    sheet = SimpleUploadedFile("顺丰.csv", "\n".join(["单据,甲,乙", *rows]).encode("gb18030"))

    sent = client.post(MANY, {"file": sheet})
    path = sent.headers["location"]
    with django_assert_max_num_queries(MOST_QUERIES):
        seen = client.get(path).content.decode()
    seen_all = client.get(path + "?show=all").content.decode()
    client.post(path + "columns/", {"order_no": "0", "tracking_no": "2", "carrier_code": "ZTO"})
    again = client.get(path + "?show=all").content.decode()

    assert "2 parcels can be shipped" in seen
    assert "You have no order H261122-NOSUCHNUMBER." in seen
    assert number(20) in seen_all
    assert number(0) in again
    assert number(20) not in again
    assert states(orders) == ["awaiting_shipment"] * 3

    shipped = client.post(path + "parcels/")
    result = page_of(client, shipped)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(path + "xlsx/").content))

    assert states(orders) == ["shipped", "shipped", "awaiting_shipment"]
    assert set(Shipment.objects.values_list("carrier_code", "tracking_no")) == {
        ("ZTO", number(0)),
        ("ZTO", number(1)),
    }
    assert "You have no order H261122-NOSUCHNUMBER." in result
    lines = book.get_sheet_by_index(0).to_python()
    assert [(line[0], line[2], line[5]) for line in lines[1:]] == [
        (2, number(0), "shipped"),
        (3, number(1), "shipped"),
        (4, number(2), "not shipped"),
    ]
    assert lines[3][6] == "You have no order H261122-NOSUCHNUMBER."
    with django_assert_max_num_queries(MOST_QUERIES):
        assert "顺丰.csv" in client.get(MANY).content.decode()


@pytest.mark.parametrize(
    ("_case", "sent"),
    [
        ("nothing", {"text": " \n "}),
        ("headings alone", {"text": "订单号\t运单号\n"}),
        ("no sheet", {"file": SimpleUploadedFile("a.exe", b"MZ")}),
        ("an empty sheet", {"file": SimpleUploadedFile("a.csv", b"a,b\n")}),
        ("too many", {"text": "H261122-AAAAAAAAAAAA SF0000000000001\n" * 1_001}),
    ],
)
def test_what_holds_no_parcels_is_refused_beside_its_form(
    _case: str, sent: dict[str, object]
) -> None:
    client = log_in(make_person(make_supplier().company))

    answer = client.post(MANY, sent)

    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode() or "message error" in answer.content.decode()
    assert not ShippingFile.objects.exists()


def test_a_file_without_the_columns_asks_for_them_and_ships_nothing() -> None:
    supplier = make_supplier()
    client = log_in(make_person(supplier.company))
    [order] = make_orders(supplier, 1)
    sent = client.post(MANY, {"text": f"{order.order_no}\t张三"})
    path = sent.headers["location"]

    asked = client.get(path).content.decode()
    wrong = client.post(path + "columns/", {"order_no": "0", "tracking_no": "0"})
    client.post(path + "parcels/")
    client.post(path + "discard/")

    assert "Which column is which?" in asked
    assert wrong.status_code == 422
    assert states([order]) == ["awaiting_shipment"]
    assert ShippingFile.objects.get().state == "discarded"


def test_a_reader_looks_and_does_not_ship() -> None:
    supplier = make_supplier()
    orders = make_orders(supplier, 1)
    file = shipping_files.take_in(
        supplier=supplier,
        name="",
        table=shipping_rows.read_text(f"{orders[0].order_no} {number(1)}"),
        actor=OPERATIONS,
        at=NOON,
    )
    client = log_in(make_person(supplier.company, role=Role.READER))

    seen = client.get(f"{MANY}{file.file_no}/")
    refused = client.post(f"{MANY}{file.file_no}/parcels/")

    assert (seen.status_code, refused.status_code) == (200, 403)
    assert states(orders) == ["awaiting_shipment"]


def test_labels_slips_and_pick_list_are_printed_for_many_and_written_down() -> None:
    supplier = make_supplier()
    person = make_person(supplier.company)
    client = log_in(person)
    orders = make_orders(supplier, 3)
    gone, *left = orders
    client.post(
        client.post(MANY, {"text": f"{gone.order_no} {number(1)}"})["location"] + "parcels/"
    )

    picking = page_of(
        client, client.post("/supplier/orders/begin/", {"all": "1", "print": "picking"})
    )
    sent = client.post("/supplier/orders/begin/", {"all": "1", "print": "labels"})
    labels = client.get(sent.headers["location"])
    slips = page_of(
        client,
        client.post(
            "/supplier/orders/begin/", {"order": [o.order_no for o in orders], "print": "slips"}
        ),
    )

    assert ">4</td>" in picking
    assert all(order.order_no in picking for order in left)
    assert "13800000000" not in picking
    assert labels["Content-Type"] == "application/pdf"
    assert labels.content.count(b"/Type /Page\n") == 2
    assert "¥" not in slips + picking
    for page in (picking, slips):
        assert gone.order_no not in page
    for _again in range(2):
        client.get(f"/supplier/orders/{left[0].order_no}/")
        client.get(f"/supplier/orders/{gone.order_no}/")
    shown = History.objects.filter(act="consignee_shown")
    assert list(shown.values_list("order", "actor_name")) == [(left[0].pk, person.email)]
    revealed = History.objects.filter(act__in=["label_printed", "slip_printed"])
    assert set(revealed.values_list("order", "act", "actor_name")) == {
        (order.pk, act, person.email) for order in left for act in ("label_printed", "slip_printed")
    }


def test_another_suppliers_orders_are_not_printed() -> None:
    theirs = make_orders(make_supplier(), 1)[0].order_no
    client = log_in(make_person(make_supplier().company))

    for sheet in ("labels", "slips", "picking"):
        answer = client.get(f"/supplier/orders/{sheet}/", {"of": theirs}, follow=True)
        assert theirs not in body(answer)
        assert answer["Content-Type"].startswith("text/html")
    assert not History.objects.filter(act="label_printed").exists()


@pytest.mark.browser
@pytest.mark.http
def test_a_clerk_pastes_numbers_and_ships_on_a_telephone(
    quiet: Page,
    live_web: LiveWeb,
) -> None:
    page, supplier = quiet, make_supplier()
    orders = make_orders(supplier, 3)
    log_in_here(page, live_web, supplier)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{live_web.url}/supplier/orders/")
    page.get_by_role("link", name="批量发货").click()
    narrow(page)

    lines = [f"{order.order_no} {number(place)}" for place, order in enumerate(orders)]
    page.get_by_label("订单号、快递单号、快递公司").fill(
        "\n".join([*lines[:2], "H261122-NOSUCHNUMBER SF1"])
    )
    page.get_by_role("button", name="预检", exact=True).click()
    expect(page.get_by_text("您没有订单 H261122-NOSUCHNUMBER。")).to_be_visible()
    narrow(page)
    page.get_by_role("button", name="发出 2 个包裹").click()

    expect(page.get_by_text("已发出 2 个包裹。")).to_be_visible()
    narrow(page)
    assert states(orders) == ["shipped", "shipped", "awaiting_shipment"]


def narrow(page: Page) -> None:
    """No page is wider than the telephone."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
