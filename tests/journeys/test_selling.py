"""Whole journeys, from a supplier's upload to everyone's money. Newcomers: read these first.

People act through acts (the pages of back office and console call the same), a distributor's shop
through signed requests. Times: everything happens at noon of one day unless a test says otherwise.
"""

from datetime import timedelta
from typing import Any

import pytest

from books import verifying
from distributors import onboarding as distributors
from distributors import recharging
from kit.actors import OPERATIONS, person
from ledger import accounts
from ledger.models import Kind
from orders import receiving, shipping
from orders.models import Fulfilment, Order
from suppliers import onboarding as suppliers
from suppliers.models import Supplier
from supplychain import reviewing, stock
from supplychain.content import Content, SkuContent
from supplychain.models import Sku
from tests.api.signed import Shop, order_body
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_freight,
    make_level,
    make_product,
    make_sku,
)

pytestmark = pytest.mark.django_db(transaction=True)

CLERK = person("clerk@supplier.test")
STAFF = person("staff@platform.test")


def test_goods_of_a_supplier_reach_a_consumer_and_everyone_gets_their_money() -> None:
    # The platform opens a supplier and a shop that pays 5 % on top, and money comes in.
    supplier = suppliers.open_supplier(name="杭州茶厂", at=NOON).supplier
    level = make_level(fee_rate_bp=500)
    shop = Shop(distributors.open_distributor(name="云店", level=level, at=NOON).distributor)
    recharging.recharge(
        distributor_pk=shop.distributor.pk,
        amount_fen=500_00,
        reference="BANK-1",
        actor=STAFF,
        at=NOON,
    )
    # The supplier uploads tea at 50 yuan; staff approve it with a markup of 2 yuan; stock is set.
    revision = reviewing.propose_product(
        supplier=supplier,
        owner_no="TEA",
        content=tea(supply_price_fen=50_00),
        actor=CLERK,
        at=NOON,
    )
    reviewing.approve(revision_pk=revision.pk, markups_fen={"TEA-250": 2_00}, actor=STAFF, at=NOON)
    sku = Sku.objects.get()
    stock.set_available(sku_pk=sku.pk, available=10, actor=CLERK, at=NOON)

    # The shop sees it at (50 + 2) × 1.05, sells two to a consumer, and the supplier ships them.
    [price] = shop.post("/prices/lookup", {"sku_nos": [sku.sku_no]}).json()["items"]
    assert price["agreement_price_fen"] == 54_60
    order = place(shop, sku, number="M-1", quantity=2, expected_fen=54_60)
    assert deposit(shop) == {"available_fen": 500_00 - 109_20, "open_orders_fen": 109_20}
    ship_everything(supplier, "SF1234567890")
    received = shop.post(f"/orders/{order['order_no']}/receipt").json()

    # Every fen is where it belongs, the shop was told each step, and the books agree.
    assert received["state"] == "completed"
    assert deposit(shop) == {"available_fen": 500_00 - 109_20, "open_orders_fen": 0}
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 2 * 50_00
    assert accounts.balance(Kind.PLATFORM_MARGIN) == 2 * 2_00
    assert accounts.balance(Kind.SERVICE_FEES) == 2 * 2_60
    assert told(shop) == [
        "recharge.approved",
        "order.placed",
        "shipment.created",
        "order.shipped",
        "order.received",
        "order.completed",
    ]
    assert stock_of(shop, sku) == 8
    assert_books_are_clean()


def test_an_order_of_two_sources_travels_in_three_parcels_and_counts_as_received_by_itself() -> (
    None
):
    shop = Shop(make_distributor(deposit_fen=1_000_00, level=make_level(fee_rate_bp=1_000)))
    supplier = suppliers.open_supplier(name="景德镇瓷厂", at=NOON).supplier
    own = make_sku(supply_price_fen=10_00)
    cups = make_sku(
        supply_price_fen=20_00,
        product=make_product(
            supplier=supplier, freight_template=make_freight(first_fen=6_00, further_fen=1_00)
        ),
    )
    body = order_body(own.sku_no, number="M-1")
    body["lines"].append({**body["lines"][0], "line_id": "2", "sku_no": cups.sku_no, "quantity": 3})

    order = shop.post("/orders", body).json()
    assert (order["goods_fen"], order["freight_fen"]) == (11_00 + 3 * 22_00, 6_00 + 2 * 1_00)
    ours, theirs = Fulfilment.objects.order_by("pk")
    [line] = theirs.lines.all()
    send(ours, "SF0000000001")
    send(theirs, "SF0000000002", pieces={line.pk: 1})
    assert state(shop, order) == "partly_shipped"
    send(theirs, "SF0000000003")
    assert state(shop, order) == "shipped"
    receiving.receive_due(at=NOON + timedelta(days=16))

    assert state(shop, order) == "completed"
    assert accounts.balance(Kind.OWN_SALES) == 10_00
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 3 * 20_00 + 8_00
    assert accounts.balance(Kind.SERVICE_FEES) == 1_00 + 3 * 2_00
    parcels = shop.get(f"/orders/{order['order_no']}/shipments").json()["items"]
    assert [len(parcel["lines"]) for parcel in parcels] == [1, 1, 1]
    assert_books_are_clean()


def test_a_refused_order_leaves_no_trace_and_its_number_works_once_it_is_mended() -> None:
    shop = Shop(make_distributor(deposit_fen=100_00, level=make_level(fee_rate_bp=0)))
    sku = make_sku(supply_price_fen=30_00, available=3)

    too_many = shop.post("/orders", order_body(sku.sku_no, number="M-1", quantity=4))
    too_cheap = shop.post("/orders", order_body(sku.sku_no, number="M-1", expected_fen=29_99))
    before = told(shop), stock_of(shop, sku), deposit(shop)
    mended = shop.post("/orders", order_body(sku.sku_no, number="M-1", quantity=3))
    again = shop.post("/orders", order_body(sku.sku_no, number="M-1", quantity=3))
    too_dear = shop.post(
        "/orders", order_body(make_sku(supply_price_fen=11_00).sku_no, number="M-2")
    )

    assert [answer.json().get("code") for answer in (too_many, too_cheap, too_dear)] == [
        "stock_insufficient",
        "price_changed",
        "deposit_insufficient",
    ]
    assert before == (["recharge.approved"], 3, {"available_fen": 100_00, "open_orders_fen": 0})
    assert (mended.status_code, again.status_code) == (201, 200)
    assert mended.json() == again.json()
    assert (stock_of(shop, sku), Order.objects.count()) == (0, 1)
    assert_books_are_clean()


def test_a_price_that_rises_is_paid_by_new_orders_only() -> None:
    shop = Shop(make_distributor(level=make_level(fee_rate_bp=0)))
    supplier = suppliers.open_supplier(name="杭州茶厂", at=NOON).supplier
    first = reviewing.propose_product(
        supplier=supplier, owner_no="TEA", content=tea(supply_price_fen=50_00), actor=CLERK, at=NOON
    )
    reviewing.approve(revision_pk=first.pk, actor=STAFF, at=NOON)
    sku = Sku.objects.get()
    stock.set_available(sku_pk=sku.pk, available=10, actor=CLERK, at=NOON)
    place(shop, sku, number="M-1", expected_fen=50_00)

    rise = reviewing.propose_change(
        product_pk=first.product_id,
        supplier=supplier,
        content=tea(supply_price_fen=60_00),
        actor=CLERK,
        at=NOON,
    )
    still = place(shop, sku, number="M-2", expected_fen=50_00)
    reviewing.approve(revision_pk=rise.pk, actor=STAFF, at=NOON)
    refused = shop.post("/orders", order_body(sku.sku_no, number="M-3", expected_fen=50_00)).json()
    dearer = place(shop, sku, number="M-3", expected_fen=60_00)

    assert refused["code"] == "price_changed"
    assert refused["errors"][0]["values"]["agreement_price_fen"] == 60_00
    assert (still["total_fen"], dearer["total_fen"]) == (50_00, 60_00)
    assert shop.get("/orders/by-out-no/M-1").json()["total_fen"] == 50_00
    assert_books_are_clean()


def test_a_suspended_supplier_sells_nothing_more_but_what_was_ordered_is_shipped() -> None:
    shop = Shop(make_distributor())
    supplier = suppliers.open_supplier(name="杭州茶厂", at=NOON).supplier
    sku = make_sku(supply_price_fen=50_00, supplier=supplier)
    order = place(shop, sku, number="M-1")

    suppliers.change_state(supplier_pk=supplier.pk, to="suspended", reason="质检", at=NOON)
    refused = shop.post("/orders", order_body(sku.sku_no, number="M-2"))
    ship_everything(supplier, "SF1234567890")
    shop.post(f"/orders/{order['order_no']}/receipt")

    assert refused.json()["code"] == "sku_not_sellable"
    assert state(shop, order) == "completed"
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 50_00
    assert_books_are_clean()


def tea(*, supply_price_fen: int) -> Content:
    sku = SkuContent(owner_no="TEA-250", supply_price_fen=supply_price_fen)
    return Content(name="龙井茶 250 克", category_pk=make_category().pk, skus=(sku,))


def place(shop: Shop, sku: Sku, *, number: str, **wanted: int) -> Any:
    answer = shop.post("/orders", order_body(sku.sku_no, number=number, **wanted))
    assert answer.status_code == 201, answer.json()
    return answer.json()


def send(part: Fulfilment, tracking_no: str, pieces: dict[int, int] | None = None) -> None:
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        pieces=pieces,
        actor=CLERK if part.supplier else OPERATIONS,
        at=NOON,
    )


def ship_everything(supplier: Supplier, tracking_no: str) -> None:
    send(Fulfilment.objects.of(supplier).get(), tracking_no)


def state(shop: Shop, order: Any) -> str:
    return str(shop.get(f"/orders/{order['order_no']}").json()["state"])


def deposit(shop: Shop) -> dict[str, int]:
    shown = shop.get("/deposit").json()
    return {name: shown[name] for name in ("available_fen", "open_orders_fen")}


def stock_of(shop: Shop, sku: Sku) -> int:
    [row] = shop.post("/stocks/lookup", {"sku_nos": [sku.sku_no]}).json()["items"]
    return int(row["available"])


def told(shop: Shop) -> list[str]:
    return [event["type"] for event in shop.get("/events").json()["items"]]


def assert_books_are_clean() -> None:
    breaches = verifying.verify(at=NOON).breaches
    assert not breaches, [(breach.check.name, breach.rows) for breach in breaches]
