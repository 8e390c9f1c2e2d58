"""What a supplier must never see, over every page it has: price, fee, level, distributor, others."""

import io
from typing import Any

import pytest
from django.core.cache import cache
from python_calamine import CalamineWorkbook

import backoffice.urls
from distributors import levels, onboarding, recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS
from kit.money import yuan
from orders import placing, shipping
from orders.models import Order
from supplychain import stock
from tests.backoffice.test_roles import of_supplier, paths
from tests.factories import NOON, earn, make_bill, make_request, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db(transaction=True)
SHOP, LEVEL, OTHER = "金丝雀云商城", "金丝雀等级", "金丝雀供货商"
OUT_NO = "CANARY-OUT-1"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def make_shop() -> Distributor:
    level = levels.define(code="CANARY-LEVEL", name=LEVEL, rank=7, fee_rate_bp=1_234, at=NOON)
    opened = onboarding.open_distributor(
        name=SHOP, level=level, at=NOON, email="canary@shop.example"
    )
    recharging.recharge(
        distributor_pk=opened.distributor.pk,
        amount_fen=9_876_54,
        reference="CANARY-BANK",
        actor=OPERATIONS,
        at=NOON,
    )
    return opened.distributor


def text_of(answer: Any) -> str:
    """What a reader of an answer sees: of a workbook every cell."""
    if "spreadsheet" in answer["Content-Type"]:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
        return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    return str(answer.getvalue().decode(errors="replace"))


def test_no_page_of_a_supplier_tells_what_a_distributor_pays_nor_who_it_is() -> None:
    supplier, other = make_supplier(), make_supplier()
    other.company.name = OTHER
    other.company.save()
    product = make_live_product(supplier, price_fen=50_00)
    sku, foreign = product.skus.get(), make_live_product(other, name="金丝雀茶").skus.get()
    sku.markup_fen = 3_33
    sku.save(update_fields=["markup_fen"])
    shop = make_shop()
    stock.allot(
        sku_pk=sku.pk, distributor=shop, quantity=5, then_pool=True, actor=OPERATIONS, at=NOON
    )
    numbers = []
    for out_no, quantity in ((OUT_NO, 2), (OUT_NO + "-2", 7)):
        request = make_request(shop, {sku: quantity, foreign: 1}, number=out_no)
        numbers.append(placing.place(request, at=NOON).document["order_no"])
    order, shipped = (Order.objects.get(order_no=number) for number in numbers)
    shipping.ship(
        fulfilment_pk=shipped.fulfilments.get(supplier=supplier).pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no="SF1234567890123",
        actor=OPERATIONS,
        at=NOON,
    )
    line = order.lines.get(sku=sku)
    canaries = [
        SHOP, LEVEL, OTHER, OUT_NO, "CANARY", "金丝雀", "canary@", "12.34", "1234 ",
        yuan(line.agreement_price_fen), yuan(line.service_fee_fen), yuan(line.markup_fen),
        yuan(order.total_fen), yuan(order.goods_fen), shop.number, foreign.sku_no, other.number,
        shop.partner.keys.get().public_id,
    ]  # fmt: skip
    mine = of_supplier(supplier)
    about = {"distributor_pk": shop.pk, "out_order_no": OUT_NO, "order_no": order.order_no}
    earn(supplier, 77_00, at=NOON.replace(month=9), note="CANARY", **about)
    bill = make_bill(supplier, amounts=())
    client = log_in(make_person(supplier.company))
    arguments: list[dict[str, Any]] = [
        {
            **mine,
            "order_no": number,
            "bill_no": bill.bill_no,
            "item_no": product.item_no,
            "sku_no": sku.sku_no,
            "pk": mine["pk"] if number == order.order_no else 0,
        }
        for number in (order.order_no, shipped.order_no)
    ]

    addresses: list[str] = []
    for filled in arguments:
        addresses += paths("supplier", backoffice.urls.urlpatterns, filled)
    pages = {}
    for path in dict.fromkeys(addresses):
        for query in ("", "?show=shipped", "?show=closed", "?q=SF1234567890123"):
            pages[path + query] = text_of(client.get(path + query))
    pages["slips"] = client.get("/supplier/orders/slips/", {"of": numbers}).content.decode()

    assert sum("¥" in page for page in pages.values()) > 5
    for path, page in pages.items():
        for canary in canaries:
            assert canary not in page, (path, canary)
