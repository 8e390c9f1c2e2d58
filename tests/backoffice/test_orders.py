"""A supplier's orders: what it sees of them, and shipping."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from kit import values
from kit.actors import OPERATIONS
from orders import placing, shipping
from orders.models import Fulfilment, Order
from suppliers.models import Supplier
from supplychain.models import Sku
from tests.factories import CONSIGNEE, make_distributor, make_request, make_sku, make_supplier
from tests.people import log_in, make_live_product, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)
SF = "SF1234567890123"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def client(supplier: Supplier) -> Client:
    return log_in(make_person(supplier.company))


def path_of(order: Order) -> str:
    return f"/supplier/orders/{order.order_no}/"


def part_of(order: Order) -> Fulfilment:
    return order.fulfilments.get()


def parcel(order: Order, pieces: int, **fields: str) -> dict[str, str]:
    """What the form sends for a parcel with so many pieces of the only line."""
    values = {"tracking_no": SF, "carrier": "SF", f"pieces_{order.lines.get().pk}": str(pieces)}
    return values | fields


def test_the_consignee_is_masked_in_lists_and_in_full_only_while_there_is_something_to_ship(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=2)

    listed = client.get("/supplier/orders/").content.decode()
    to_ship = client.get(path_of(order)).content.decode()
    client.post(path_of(order), parcel(order, 2))
    shipped = client.get(path_of(order)).content.decode()

    assert "138****0000" in listed
    assert "海德三道" in to_ship
    assert "13800000000" in to_ship
    for page in (listed, shipped):
        assert "13800000000" not in page
        assert "张三" not in page
        assert "海德三道" not in page


def test_an_order_is_shipped_in_several_parcels(supplier: Supplier, client: Client) -> None:
    order = make_order_for(supplier, quantity=3)

    first = client.post(path_of(order), parcel(order, 1))
    half = part_of(order).state
    second = client.post(path_of(order), parcel(order, 2, tracking_no="SF1234567890124"))

    assert (first.status_code, second.status_code) == (302, 302)
    assert (half, part_of(order).state) == ("partly_shipped", "shipped")
    assert [p.tracking_no for p in part_of(order).shipments.order_by("pk")] == [
        SF,
        "SF1234567890124",
    ]


@pytest.mark.parametrize(
    ("_case", "pieces", "fields"),
    [
        ("more than is left", 4, {}),
        ("less than nothing", -1, {}),
        ("nothing", 0, {}),
        ("no carrier", 1, {"carrier": ""}),
        ("a carrier nobody knows", 1, {"carrier": "PIGEON"}),
        ("no number", 1, {"tracking_no": " "}),
        ("a number that is none", 1, {"tracking_no": "顺丰"}),
    ],
)
def test_a_parcel_that_cannot_be_is_refused_beside_the_form_and_ships_nothing(
    supplier: Supplier, client: Client, _case: str, pieces: int, fields: dict[str, str]
) -> None:
    order = make_order_for(supplier, quantity=3)

    answer = client.post(path_of(order), parcel(order, pieces, **fields))

    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode() or "message error" in answer.content.decode()
    assert part_of(order).state == "awaiting_shipment"
    assert not part_of(order).shipments.exists()


def test_the_same_tracking_number_twice_is_refused(supplier: Supplier, client: Client) -> None:
    order = make_order_for(supplier, quantity=3)
    client.post(path_of(order), parcel(order, 1))

    answer = client.post(path_of(order), parcel(order, 1))

    assert answer.status_code == 422
    assert SF in answer.content.decode()
    assert part_of(order).shipments.count() == 1


def test_the_carrier_is_guessed_from_the_number(client: Client) -> None:
    page = client.get("/supplier/orders/carrier/", {"tracking_no": SF}).content.decode()

    assert '<option value="SF" selected>SF Express</option>' in page


def test_a_guess_that_fails_keeps_what_was_chosen(client: Client) -> None:
    page = client.get(
        "/supplier/orders/carrier/", {"tracking_no": "?", "carrier": "ZTO"}
    ).content.decode()

    assert re.findall(r'value="(\w+)" selected', page) == ["ZTO"]


def test_printing_slips_begins_the_orders_and_shows_no_price(
    supplier: Supplier, client: Client
) -> None:
    orders = [make_order_for(supplier), make_order_for(supplier, remark="请用礼品袋")]
    numbers = [order.order_no for order in orders]

    answer = client.post("/supplier/orders/begin/", {"order": numbers, "print": "1"})
    slips = client.get(answer.headers["location"]).content.decode()

    assert all(part_of(order).begun_at for order in orders)
    assert all(number in slips for number in numbers)
    assert "海德三道" in slips
    assert "请用礼品袋" in slips
    assert "¥" not in slips


def test_a_slip_of_what_is_shipped_shows_nobodys_address(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier)
    client.post(path_of(order), parcel(order, 2))

    slips = client.get("/supplier/orders/slips/", {"of": order.order_no}).content.decode()

    assert "海德三道" not in slips


def test_begun_is_marked_once(supplier: Supplier, client: Client) -> None:
    order = make_order_for(supplier)
    client.post("/supplier/orders/begin/", {"order": order.order_no})
    before = part_of(order).begun_at

    client.post("/supplier/orders/begin/", {"order": order.order_no})

    assert before is not None
    assert part_of(order).begun_at == before


def test_the_most_urgent_order_comes_first_and_pages_miss_none(
    supplier: Supplier, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.orders.PAGE", 2)
    sku, now = make_live_product(supplier).skus.get(), timezone.now()
    shop = make_distributor()
    for hours in (5, 50, 1, 50, 20):
        placing.place(make_request(shop, {sku: 1}), at=now - timedelta(hours=hours))

    seen: list[str] = []
    path = "/supplier/orders/"
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r'name="order" value="([\w-]+)"', page)
        following = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
        path = "/supplier/orders/" + following[1].replace("&amp;", "&") if following else ""

    due = Fulfilment.objects.of(supplier).order_by("ship_due_at", "pk")
    assert seen == list(due.values_list("order__order_no", flat=True))
    assert len(seen) == 5


def test_an_order_is_found_by_its_number_and_by_that_of_a_parcel(
    supplier: Supplier, client: Client
) -> None:
    order, other = make_order_for(supplier), make_order_for(supplier)
    client.post(path_of(order), parcel(order, 2))

    for text in (order.order_no.lower(), SF.lower()):
        page = client.get("/supplier/orders/", {"q": text}).content.decode()

        assert path_of(order) in page
        assert path_of(other) not in page


def test_an_order_is_found_by_a_piece_of_name_or_phone_only_while_it_is_to_be_shipped(
    supplier: Supplier, client: Client
) -> None:
    mine = values.replace(CONSIGNEE, name="欧阳小红", phone="13912345678")
    order = make_order_for(supplier, consignee=mine)
    of_another = make_order_for(make_supplier(), consignee=mine)

    def found(text: str) -> bool:
        page = client.get("/supplier/orders/", {"q": text}).content.decode()
        assert path_of(of_another) not in page
        return path_of(order) in page

    assert [found(text) for text in ("阳小", "1234", "13912345678")] == [True] * 3
    assert [found(text) for text in ("阳", "123", "小明", "1399")] == [False] * 4

    client.post(path_of(order), parcel(order, 2))

    assert found("13912345678")
    assert not found("阳小")


def test_late_orders_are_counted_on_the_first_page(supplier: Supplier, client: Client) -> None:
    sku, now = make_live_product(supplier).skus.get(), timezone.now()
    shop = make_distributor()
    for hours in (49, 1):
        placing.place(make_request(shop, {sku: 1}), at=now - timedelta(hours=hours))

    page = client.get("/supplier/").content.decode()

    assert re.findall(r"<b>(\d+)</b><span>(Orders to ship|Late)<", page) == [
        ("2", "Orders to ship"),
        ("1", "Late"),
    ]


def test_of_an_order_of_two_sources_a_supplier_sees_and_ships_its_own_part(
    supplier: Supplier, client: Client
) -> None:
    mine = make_live_product(supplier, name="我的茶").skus.get()
    others = make_live_product(make_supplier(), name="别人的茶").skus.get()
    own = make_sku()
    order = placed(mine, others, own)
    foreign_line = order.lines.get(sku=others)
    line = order.lines.get(sku=mine)

    page = client.get(path_of(order)).content.decode()
    client.post(
        path_of(order),
        {"tracking_no": SF, "carrier": "SF", f"pieces_{line.pk}": "1",
         f"pieces_{foreign_line.pk}": "1"},
    )  # fmt: skip

    foreign_line.refresh_from_db()
    line.refresh_from_db()
    assert "我的茶" in page
    assert "别人的茶" not in page
    assert own.sku_no not in page
    assert (line.shipped, foreign_line.shipped) == (1, 0)


def test_an_order_shipped_meanwhile_by_a_colleague_is_not_shipped_again(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=2)
    form = parcel(order, 2, tracking_no="SF1234567890124")
    shipping.ship(
        fulfilment_pk=part_of(order).pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no=SF,
        actor=OPERATIONS,
        at=timezone.now(),
    )

    answer = client.post(path_of(order), form)

    assert answer.status_code == 422
    assert part_of(order).shipments.count() == 1


def placed(*skus: Sku) -> Order:
    """An order of one piece of each."""
    document = placing.place(
        make_request(make_distributor(), dict.fromkeys(skus, 1)), at=timezone.now()
    ).document
    return Order.objects.get(order_no=document["order_no"])
