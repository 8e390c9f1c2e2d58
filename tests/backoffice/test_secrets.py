"""What a supplier must never see, over every page it has: price, fee, level, distributor, others."""

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.urls import resolve
from django.utils import timezone
from python_calamine import CalamineWorkbook

import backoffice.urls
from distributors import levels, onboarding, recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS, person
from kit.money import yuan
from orders import placing, shipping
from orders.models import Order
from orders.requests import Consignee
from suppliers.models import Supplier
from supplychain import drafting, holidays, import_files, stock
from tests.backoffice.test_roles import of_supplier, paths
from tests.factories import (
    CONSIGNEE,
    NOON,
    earn,
    make_api_request,
    make_bill,
    make_request,
    make_supplier,
)
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db(transaction=True)
SHOP, LEVEL, OTHER = "金丝雀云商城", "金丝雀等级", "金丝雀供货商"
OUT_NO = "CANARY-OUT-1"
# Lists that show other rows when asked so.
SEARCHED = {"orders", "cases", "goods", "stock", "bills"}
SEARCHES = ("?show=shipped", "?show=closed", "?show=open", "?q=SF1234567890123")
# Who bought what is shipped already: named on the label then, and masked since.
GONE = Consignee("张金丝雀", "13911112222", "广东省", "深圳市", "南山区", "金丝雀大厦")


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def make_shop() -> Distributor:
    level = levels.define(code="CANARY-LEVEL", name=LEVEL, rank=31_007, fee_rate_bp=1_234, at=NOON)
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


def fill_desk(other: Supplier) -> dict[str, str]:
    """Leave something of another supplier on every page there is; return how addresses name it."""
    foreign = of_supplier(other)
    clerk = make_person(other.company, email="canary@other.example")
    drafting.keep(
        person=clerk, supplier=other, product=None, fields={"name": ["金丝雀茶"]}, at=NOON
    )
    import_files.take_in(
        supplier=other,
        sheet=ContentFile(b"a,b\n1,2", name="CANARY.csv"),
        actor=person(clerk.email),
        at=NOON,
    )
    holidays.plan(
        supplier=other,
        first_day=timezone.localdate(NOON),
        last_day=timezone.localdate(NOON),
        message="金丝雀放假",
        actor=person(clerk.email),
        at=NOON,
    )
    make_api_request(other, target="/api/v1/supplier/orders?q=CANARY")
    return {name: str(number) for name, number in foreign.items() if name not in ("pk", "line")}


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
    for out_no, quantity, consignee in ((OUT_NO, 2, CONSIGNEE), (OUT_NO + "-2", 7, GONE)):
        request = make_request(
            shop, {sku: quantity, foreign: 1}, number=out_no, consignee=consignee
        )
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
        shop.partner.keys.get().public_id, GONE.phone, *fill_desk(other).values(),
    ]  # fmt: skip
    mine = of_supplier(supplier)
    make_api_request(supplier)
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
        for query in ("", *(SEARCHES if resolve(path).url_name in SEARCHED else ())):
            pages[path + query] = text_of(client.get(path + query))
    for path in ("/team/", "/accounts/2fa/"):
        pages[path] = text_of(client.get(path))
    pages["slips"] = client.get("/supplier/orders/slips/", {"of": numbers}).content.decode()

    assert sum("¥" in page for page in pages.values()) > 5
    for path, page in pages.items():
        for canary in canaries:
            assert canary not in page, (path, canary)
