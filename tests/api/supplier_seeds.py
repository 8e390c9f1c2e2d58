"""What the examples of suppliers' calls speak of."""

import pgtrigger
from django.db import connection
from django.utils import timezone

from aftersales import telling_suppliers
from api import supplier_examples as examples
from api.examples import ORDER_NO
from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Fulfilment, Order
from suppliers.models import Bill, Supplier
from supplychain.models import Product, Sku
from tests.api.signed import Shop, Works, order_body
from tests.factories import make_bill, make_sku

WITH_A_PARCEL = ("supplier_shipments_read", "supplier_shipments_correct", "supplier_shipments_void")


def seed(shop: Shop, operation: str) -> Works:
    """Return a supplier's machine, for which all is there that an operation's example names."""
    works = Works()
    if operation.startswith("supplier_bills"):
        seed_bill(works.supplier)
        return works
    sku = make_sku(supplier=works.supplier, supply_price_fen=50_00, available=420)
    Sku.objects.filter(pk=sku.pk).update(sku_no=examples.SKU_NO, owner_no=examples.OWNER_NO)
    Product.objects.filter(pk=sku.product_id).update(item_no=examples.ITEM_NO)
    telling_suppliers.tell(at=timezone.now())
    shop.post("/orders", order_body(examples.SKU_NO, number="M1", quantity=2))
    Order.objects.update(order_no=ORDER_NO)
    telling_suppliers.tell(at=timezone.now())
    if operation in WITH_A_PARCEL:
        seed_parcel(works.supplier)
    return works


def seed_parcel(supplier: Supplier) -> None:
    """The order is on its way, in the parcel of the examples."""
    _count_from("orders_shipment", int(examples.SHIPMENT_ID))
    shipping.ship(
        fulfilment_pk=Fulfilment.objects.get().pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no=examples.TRACKING_NO,
        actor=OPERATIONS,
        at=timezone.now(),
    )


def seed_bill(supplier: Supplier) -> None:
    """A bill under the number of the examples, and with their line."""
    _count_from("suppliers_billline", 15)
    bill = make_bill(supplier)
    with pgtrigger.ignore("suppliers.Bill:issued_bill_stays"):
        Bill.objects.filter(pk=bill.pk).update(bill_no=examples.BILL_NO)


def _count_from(table: str, key: int) -> None:
    """Let the next row of an empty table have this key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, key])
