"""What a supplier sees of cancellations, and how it says that it cannot ship."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from kit import values
from kit.actors import OPERATIONS
from orders import addressing, cancelling, shipping
from orders.models import Asker, Cancellation, Order
from suppliers.models import Supplier
from supplychain.models import Stock
from tests.factories import CONSIGNEE, make_supplier
from tests.people import log_in, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def client(supplier: Supplier) -> Client:
    return log_in(make_person(supplier.company), language="zh-hans")


def path_of(order: Order) -> str:
    return f"/supplier/orders/{order.order_no}/"


def begin(order: Order, supplier: Supplier) -> None:
    part = order.fulfilments.get()
    shipping.begin(fulfilment_pks=[part.pk], supplier=supplier, actor=OPERATIONS, at=timezone.now())


def ask(order: Order, pieces: dict[str, int] | None = None) -> None:
    cancelling.request(
        distributor=order.distributor,
        order_pk=order.pk,
        pieces=pieces,
        reason="changed_mind",
        note="张三 13800000000 不要了",
        actor=OPERATIONS,
        at=timezone.now(),
    )


def shortage(order: Order, pieces: int, **fields: str) -> dict[str, str]:
    """What the form sends for so many pieces of the only line."""
    return {f"pieces_{order.lines.get().pk}": str(pieces), "note": "仓库进水"} | fields


def stock_of(order: Order) -> int:
    return Stock.objects.get(sku=order.lines.get().sku).available


def test_pieces_that_are_to_be_cancelled_are_seen_and_not_packed(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=3)
    begin(order, supplier)
    ask(order)

    page = client.get(path_of(order)).content.decode()
    listed = client.get("/supplier/orders/").content.decode()
    slips = client.get(f"/supplier/orders/slips/?of={order.order_no}").content.decode()

    assert "买家要求取消" in page
    assert str(Cancellation.objects.get()) in page
    assert "不想要了" in page
    assert "3 件待取消" in listed
    assert 'class="slip"' not in slips
    for text in (page, listed):
        assert "不要了</" not in text
        assert "13800000000 不要了" not in text


def test_a_supplier_cancels_what_it_cannot_ship_and_empties_its_stock(
    supplier: Supplier, client: Client
) -> None:
    order = make_order_for(supplier, quantity=3)

    shown = client.get(f"{path_of(order)}shortage/")
    answer = client.post(f"{path_of(order)}shortage/", shortage(order, 2, empty_stock="on"))

    assert (shown.status_code, answer.status_code) == (200, 302)
    cancellation = Cancellation.objects.get()
    assert (cancellation.state, cancellation.asker) == ("granted", Asker.SOURCE)
    assert cancellation.note == "仓库进水"
    assert (order.lines.get().cancelled, stock_of(order)) == (2, 0)
    assert "仓库进水" in client.get(path_of(order)).content.decode()


@pytest.mark.parametrize(
    ("_case", "pieces", "note"), [("too many", 4, "x"), ("none", 0, "x"), ("without a word", 1, "")]
)
def test_a_shortage_that_cannot_be_is_shown_again_and_changes_nothing(
    supplier: Supplier, client: Client, _case: str, pieces: int, note: str
) -> None:
    order = make_order_for(supplier, quantity=3)

    answer = client.post(f"{path_of(order)}shortage/", shortage(order, pieces, note=note))

    assert answer.status_code == 422
    assert not Cancellation.objects.exists()


def test_anothers_order_has_no_such_page(client: Client) -> None:
    order = make_order_for(make_supplier(), quantity=3)

    shown = client.get(f"{path_of(order)}shortage/")
    answer = client.post(f"{path_of(order)}shortage/", shortage(order, 1))

    assert (shown.status_code, answer.status_code) == (404, 404)
    assert not Cancellation.objects.exists()


def test_a_changed_address_is_told_to_who_has_printed(supplier: Supplier, client: Client) -> None:
    order = make_order_for(supplier, quantity=1)
    begin(order, supplier)
    before = client.get(path_of(order)).content.decode()
    addressing.change_address(
        distributor=order.distributor,
        order_pk=order.pk,
        consignee=values.replace(CONSIGNEE, detail="海德三道201号"),
        actor=OPERATIONS,
        at=timezone.now(),
    )

    after = client.get(path_of(order)).content.decode()

    assert "地址已于" not in before
    assert "地址已于" in after
    assert "海德三道201号" in after
