"""A supplier with nothing is told what to do next; one with ten thousand of everything is served as well."""

import pytest
from django.db import connection, models
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import DjangoAssertNumQueries

from kit.actors import OPERATIONS
from ledger.models import Transfer
from orders import placing
from orders.models import Consignee, Fulfilment, Line, Order, Shipment, ShipmentLine
from suppliers import settlement
from suppliers.models import Bill, Supplier
from supplychain.models import Movement, Product, Sku, Stock
from tests.conftest import LiveWeb
from tests.factories import (
    OCTOBER,
    earn,
    make_distributor,
    make_request,
    make_shipped_order,
    make_supplier,
)
from tests.people import log_in, make_live_product, make_person
from tests.test_accessibility import PHONE, enter

MANY = 10_000
MOST_QUERIES = 15
# Every list, with the tabs of it that hold other rows.
LISTS = (
    "orders/", "orders/?show=shipped", "orders/?show=closed", "aftersales/",
    "aftersales/?show=open", "goods/", "goods/files/", "stock/", "bills/", "freight/", "keys/log/",
)  # fmt: skip
# Those that begin with the form by which their first row is made.
FORMS_FIRST = ("orders/shipping/", "keys/")
OTHERS = (
    "", "orders/?q=SF2009999", "goods/?sort=stock", "goods/?q=I77", "stock/?q=K77",
    "keys/debugger/", "performance/", "log/",
)  # fmt: skip


def copy(model: type[models.Model], pk: int, count: int = MANY, **changed: str) -> None:
    """Repeat a row that the acts made; what must differ is said in SQL, by the number n of the copy."""
    meta = model._meta
    assert meta.pk is not None
    columns = {
        str(field.column): changed.get(str(field.column), f"one.{field.column}")
        for field in meta.local_concrete_fields
        if not field.generated and (not field.primary_key or field.column in changed)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
            f" FROM {meta.db_table} one, generate_series(1, %s) n WHERE one.{meta.pk.column} = %s",
            [count, pk],
        )


def make_large() -> tuple[Supplier, Sku, Bill]:
    """A supplier with ten thousand goods, parts to ship, parcels, movements of a sku and lines of a bill."""
    supplier, shop = make_supplier(), make_distributor(deposit_fen=10_000_00)
    sku = make_live_product(supplier).skus.get()
    copy(Product, sku.product_id, id="1000000 + n", item_no="'I' || n", owner_no="'I' || n")
    copy(
        Sku,
        sku.pk,
        id="1000000 + n",
        product_id="1000000 + n",
        sku_no="'K' || n",
        owner_no="'K' || n",
    )
    copy(Stock, sku.pk, sku_id="1000000 + n")
    now = timezone.now()
    placed = placing.place(make_request(shop, {sku: 1}), at=now)
    copy_order(Order.objects.get(order_no=placed.document["order_no"]), 1_000_000)
    copy_order(make_shipped_order(shop, {sku: 1}, at=now), 2_000_000)
    opening = sku.movements.earliest("pk")
    copy(Movement, opening.pk, version="1000 + n", cause="'copy:' || n")
    copy(
        Transfer, Transfer.objects.get(reference=earn(supplier, 10_00)).pk, reference="'copy-' || n"
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bill = settlement.issue(supplier_pk=supplier.pk, period=OCTOBER, actor=OPERATIONS, at=now)
    assert bill is not None
    return supplier, sku, bill


def copy_order(order: Order, base: int) -> None:
    """Repeat an order with all that hangs on it."""
    part, line = order.fulfilments.get(), order.lines.get()
    key = f"{base} + n"
    copy(Order, order.pk, id=key, order_no=f"'P' || {key}", out_order_no=f"'M' || {key}")
    copy(Consignee, order.pk, order_id=key)
    copy(Fulfilment, part.pk, id=key, order_id=key)
    copy(Line, line.pk, id=key, order_id=key, fulfilment_id=key)
    for parcel in part.shipments.all():
        copy(Shipment, parcel.pk, id=key, fulfilment_id=key, tracking_no=f"'SF' || {key}")
        copy(ShipmentLine, parcel.lines.get().pk, shipment_id=key, line_id=key)


@pytest.mark.django_db
def test_a_new_suppliers_lists_say_what_to_do_next() -> None:
    client = log_in(make_person(make_supplier().company))

    pages = {path: body(client, path) for path in (*LISTS, *FORMS_FIRST)}

    assert [path for path in LISTS if 'class="empty"' not in pages[path]] == []
    assert [path for path in FORMS_FIRST if '<form method="post"' not in pages[path]] == []
    assert [path for path, page in pages.items() if "<tbody" in page] == []


def body(client: Client, path: str) -> str:
    """What a page says, without what stands around it."""
    return str(client.get(f"/supplier/{path}").content.decode().partition("<main")[2])


@pytest.mark.browser
@pytest.mark.http
@pytest.mark.long
def test_ten_thousand_of_everything_are_listed_with_few_questions_and_fit_a_telephone(
    quiet: Page, live_web: LiveWeb, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    supplier, sku, bill = make_large()
    client = log_in(make_person(supplier.company))
    long = [
        *("goods/", "stock/", "orders/", "orders/?show=shipped"),
        *(f"stock/{sku.sku_no}/movements/", f"bills/{bill.bill_no}/"),
    ]
    enter(quiet, live_web, client)
    quiet.set_viewport_size({"width": PHONE, "height": 800})

    for path in dict.fromkeys((*long, *LISTS, *FORMS_FIRST, *OTHERS)):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(f"/supplier/{path}").status_code == 200, path
    widths = {}
    for path in long:
        quiet.goto(f"{live_web.url}/supplier/{path}", wait_until="load")
        widths[path] = quiet.evaluate("document.documentElement.scrollWidth")

    assert set(widths.values()) == {PHONE}, widths
    assert bill.lines.count() == MANY + 1
