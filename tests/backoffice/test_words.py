"""On a Chinese page everything is Chinese, but for numbers, addresses and names."""

import html
import re

import pytest
from django.urls import resolve
from django.utils import timezone

import backoffice.urls
import portal.urls
from integration import keys
from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Order
from supplychain import content, reviewing
from tests.backoffice.test_roles import (
    make_case_of,
    make_promise_of,
    make_shipping_file,
    make_template,
    of_distributor,
    paths,
)
from tests.factories import (
    NOON,
    make_api_request,
    make_bill,
    make_goods_file,
    make_notice,
    make_paper,
    make_supplier,
)
from tests.people import log_in, make_live_product, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)
# Names of things that Chinese readers write in Latin letters, too.
ALLOWED = {
    "english", "api", "ip", "html", "pdf", "jpeg", "png", "webp", "mb", "https", "http", "g", "sf",
    "ems", "ups", "dhl", "boss", "hpk", "opening", "first",
    "csv", "excel", "xlsx", "zip", "post", "amount",
    # What an engineer reads of in the same words everywhere.
    "curl", "get", "go", "java", "javascript", "json", "mib", "openapi", "php", "postman", "python",
    "seq", "unix", "url",
}  # fmt: skip
# Pages that show other rows under other tabs.
TABBED = {"orders", "cases", "goods", "stock", "bills", "bill", "goods_file", "shipping_file"}
TABS = ("?show=shipped", "?show=low", "?show=open", "?show=ended")
# Numbers, addresses, e-mail: whatever has a digit, a dot, an at or a dash within.
WORD = re.compile(r"[A-Za-z0-9@._/:+&-]*[A-Za-z][A-Za-z0-9@._/:+&-]*")


def latin_words(page: str) -> set[str]:
    """The Latin words that a reader of the page sees."""
    body = re.sub(r"<(script|style|template|code|pre|textarea)\b.*?</\1>", " ", page, flags=re.S)
    attributes = " ".join(
        re.findall(r'(?:placeholder|title|aria-label|alt|data-label)="([^"]*)"', body)
    )
    text = html.unescape(re.sub(r"<[^>]+>", " ", body) + " " + attributes)
    # What begins with a stroke is the address of a call.
    found = (word for word in WORD.findall(text) if not word.startswith("/"))
    words = {word.strip(".:/-+&").lower() for word in found}
    return {w for w in words if not re.search(r"[\d@_./]|[a-z]-[a-z]", w)} - ALLOWED - {""}


def test_no_english_is_left_on_a_suppliers_pages() -> None:
    supplier = make_supplier(trusted=False)
    order, shipped = make_order_for(supplier), make_order_for(supplier)
    shipping.ship(
        fulfilment_pk=shipped.fulfilments.get().pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no="SF1234567890123",
        actor=OPERATIONS,
        at=timezone.now(),
    )
    product = make_live_product(supplier)
    live = content.of(product)
    assert live is not None
    reviewing.propose_change(
        product_pk=product.pk,
        supplier=supplier,
        content=content.from_json(
            content.to_json(live) | {"name": "新名", "unit": "盒", "origin": "杭州"}
        ),
        actor=OPERATIONS,
        at=NOON,
    )
    case, promise = make_case_of(supplier), make_promise_of(supplier)
    bill = make_bill(supplier)
    make_notice()
    keys.create(partner=supplier.partner, at=NOON)
    request_id = make_api_request(supplier).request_id
    client = log_in(make_person(supplier.company), language="zh-hans")
    addresses: list[str] = []
    for order_no in (order.order_no, shipped.order_no):
        numbers = {
            "order_no": order_no,
            "item_no": product.item_no,
            "sku_no": Order.objects.get(order_no=order_no).lines.get().sku_no,
            "case_no": case.case_no,
            "claim_no": promise.claim_no,
            "bill_no": bill.bill_no,
            "upload_id": "x",
            "public_id": "hpk_0",
            "pk": 0,
            "request_id": request_id,
            "file_no": make_shipping_file(supplier).file_no,
            "paper_no": make_paper(supplier).paper_no,
            "import_no": make_goods_file(supplier).import_no,
            "line": 2,
        }
        addresses += paths("supplier", backoffice.urls.urlpatterns, numbers)
    found = {}
    for path in dict.fromkeys(addresses):
        for query in ("", *(TABS if resolve(path).url_name in TABBED else ())):
            answer = client.get(path + query)
            if answer["Content-Type"].startswith("text/"):
                found[path + query] = latin_words(answer.content.decode())
    template = make_template(supplier)
    parcel = shipped.fulfilments.get().shipments.get()
    for path in (f"/supplier/orders/{shipped.order_no}/parcels/{parcel.pk}/",
                 f"/supplier/freight/{template.pk}/", "/supplier/freight/", "/team/",
                 "/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/",
                 "/accounts/reauthenticate/", "/join/x/", "/supplier/apply/",
                 "/supplier/apply/x/", "/portal/apply/", "/portal/apply/x/"):  # fmt: skip
        found[path] = latin_words(client.get(path).content.decode())

    assert {path: words for path, words in found.items() if words} == {}


def test_no_english_is_left_on_a_distributors_pages() -> None:
    order = make_order_for(make_supplier())
    shop = order.distributor
    client = log_in(make_person(shop.company), language="zh-hans")

    found = {}
    for path in paths("portal", portal.urls.urlpatterns, of_distributor(shop, order)):
        answer = client.get(path)
        if answer["Content-Type"].startswith("text/html"):
            found[path] = latin_words(answer.content.decode())

    assert {path: words for path, words in found.items() if words} == {}


def test_refusals_are_chinese_too() -> None:
    supplier = make_supplier()
    product = make_live_product(supplier)
    client = log_in(make_person(supplier.company), language="zh-hans")
    sku_no = product.skus.get().sku_no
    pages = [
        client.post(f"/supplier/stock/{sku_no}/", {"available": "1"}, headers={"HX-Request": "true"}),
        client.post(f"/supplier/stock/{sku_no}/", {"available": "-99"}, headers={"HX-Request": "true"}),
        client.post("/supplier/goods/new/", {"skus-TOTAL_FORMS": "1", "skus-INITIAL_FORMS": "0",
                                             "skus-0-supply_price": "x", "several": "on"}),
        client.post("/supplier/freight/new/", {"rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "0"}),
        client.post("/team/invite/", {"email": "x", "role": "boss"}),
        client.post("/accounts/login/", {"login": "x", "password": ""}),
    ]  # fmt: skip

    found = [latin_words(page.content.decode()) for page in pages]

    assert found == [set()] * len(pages)
