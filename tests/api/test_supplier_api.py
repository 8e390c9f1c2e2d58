"""A supplier's machine does what its clerk does, and learns nothing that the clerk does not."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from aftersales import telling_suppliers
from api import supplier_urls, urls
from api.scopes import PUBLIC
from distributors.models import Distributor
from integration.keys import SCOPES
from integration.models import Side
from kit.actors import OPERATIONS
from orders import addressing, cancelling, placing
from orders.models import Cancellation, Fulfilment, Order, Shipment
from orders.requests import Consignee
from suppliers.models import Supplier
from supplychain.models import Movement, Sku
from tests.api.signed import Shop, Works
from tests.factories import (
    NOON,
    make_bill,
    make_case,
    make_distributor,
    make_level,
    make_request,
    make_shipped_order,
    make_sku,
    make_supplier,
)

CANARY = "金丝雀"
MOST_QUERIES = 15
GUIDE = Path(settings.BASE_DIR) / "docs" / "api" / "supplier.md"
SF = "SF1234567890{:03}"


@pytest.fixture
def works(transactional_db: None) -> Works:
    """A supplier that sells tea."""
    return Works()


def routes(patterns: list[URLPattern]) -> Iterator[tuple[str, type[Any], str]]:
    """Every address with its view and method, but for what everybody may call."""
    for pattern in patterns:
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        for method, scope in view.scopes.items():
            if scope != PUBLIC:
                yield str(pattern.pattern), view, method


SUPPLIERS = list(routes(supplier_urls.supplier))
ORDERED = Consignee("张三", "13800000000", "广东省", "深圳市", "南山区", "海德三道199号")


def order(
    supplier: Supplier,
    *,
    quantity: int = 2,
    sku: Sku | None = None,
    shop: Distributor | None = None,
    **fields: Any,
) -> Order:
    """An order of tea, of this supplier's alone."""
    sku = sku or make_sku(supplier=supplier, supply_price_fen=40_00)
    request = make_request(shop or make_distributor(), {sku: quantity}, **fields)
    placed = placing.place(request, at=NOON)
    return Order.objects.get(order_no=placed.document["order_no"])


def test_keys_of_one_side_open_nothing_of_the_other(works: Works) -> None:
    shop = Shop()

    for route, _view, method in SUPPLIERS:
        answer = shop.send(method, f"/supplier/{_plain(route)}")
        assert (answer.status_code, answer.json()["code"]) == (403, "side_not_allowed"), route
    for route, _view, method in routes(urls.v1):
        answer = works.send(method, f"/{_plain(route)}")
        assert (answer.status_code, answer.json()["code"]) == (403, "side_not_allowed"), route


def test_every_call_of_suppliers_needs_a_signature_and_the_scope_it_declares(
    works: Works,
) -> None:
    keys = {
        needed: Works(works.supplier, scopes=[s for s in SCOPES[Side.SUPPLIER] if s != needed])
        for needed in SCOPES[Side.SUPPLIER]
    }

    for route, view, method in SUPPLIERS:
        target = f"/supplier/{_plain(route)}"
        unsigned = works.client.generic(method, f"/api/v1{target}")
        assert (unsigned.status_code, unsigned.json()["code"]) == (401, "signature_invalid")
        key = keys.get(view.scopes[method])
        if key is not None:
            answer = key.send(method, target)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), route
            assert answer.json()["values"] == {"scope": view.scopes[method]}


def test_no_call_shows_what_is_not_the_suppliers(works: Works) -> None:
    supplier, other = works.supplier, make_supplier()
    shop = make_distributor(level=make_level(fee_rate_bp=777), deposit_fen=100_000_00)
    shop.company.name = f"云平台{CANARY}"
    shop.company.save()
    tea = make_sku(supplier=supplier, supply_price_fen=40_00, markup_fen=3_33)
    foreign = make_sku(supplier=other, supply_price_fen=17_77)
    gone = Consignee(f"张{CANARY}", "13911112222", "广东省", "深圳市", "南山区", f"{CANARY}大厦")
    shipped = make_shipped_order(
        shop, {tea: 2, foreign: 1}, number=f"OUT-{CANARY}", consignee=gone, remark=CANARY
    )
    waiting = order(supplier, sku=tea, shop=shop, number=f"OUT2-{CANARY}", consignee=ORDERED)
    theirs = order(other, sku=foreign, shop=shop)
    mine, others = make_bill(supplier), make_bill(other)
    parcel = Shipment.objects.get(fulfilment__supplier=supplier)
    own = {"order_no": shipped.order_no, "shipment_id": str(parcel.pk), "bill_no": mine.bill_no}
    strange = {
        "order_no": theirs.order_no,
        "shipment_id": str(Shipment.objects.get(fulfilment__supplier=other).pk),
        "bill_no": others.bill_no,
    }

    answers = [
        works.send(method, f"/supplier/{_filled(route, own)}") for route, _view, method in SUPPLIERS
    ]
    answers += [works.get(f"/supplier/orders?state={state}") for state in ("shipped", "closed")]
    refused = [
        [
            works.send(method, f"/supplier/{_filled(route, numbers)}")
            for numbers in (strange, dict.fromkeys(strange, "NEVER-WAS"))
        ]
        for route, _view, method in SUPPLIERS
        if "<" in route
    ]
    to_ship = works.get(f"/supplier/orders/{waiting.order_no}").json()

    # 40.00 + 3.33, and 7.77 % on it: what the distributor pays for one, two, and in fees.
    line = shipped.lines.get(sku=tea)
    amounts = {line.agreement_price_fen, 2 * line.agreement_price_fen, line.service_fee_fen, 3_33}
    secrets = [CANARY, "13911112222", shop.number, foreign.sku_no, theirs.order_no, others.bill_no]
    for answer in answers:
        text = answer.content.decode()
        assert not [secret for secret in secrets if secret in text], text
        assert not _numbers(answer.json()) & amounts, text
        assert "agreement_price" not in text
    for foreign_answer, never in refused:
        bodies = [{**answer.json(), "request_id": ""} for answer in (foreign_answer, never)]
        assert bodies[0] == bodies[1]
        assert bodies[0]["status"] == 404
    assert to_ship["consignee"]["phone"] == "13800000000"
    assert list(waiting.history.filter(act="consignee_shown").values_list("actor_name")) == [
        (works.key.public_id,)
    ]
    assert not shipped.history.filter(act="consignee_shown").exists()
    assert to_ship["lines"][0]["supply_price_fen"] == 40_00


def test_a_day_of_shipping_by_machine(works: Works) -> None:
    supplier, shop = works.supplier, make_distributor(deposit_fen=100_000_00)
    tea = make_sku(supplier=supplier, supply_price_fen=40_00, available=1_000)
    numbers = [order(supplier, sku=tea, shop=shop).order_no for _ in range(4)]

    first = works.get("/supplier/orders?limit=3").json()
    rest = works.get(f"/supplier/orders?limit=3&after={first['next']}").json()
    begun = works.post(f"/supplier/orders/{numbers[0]}/beginning").json()
    body = {"carrier_code": "SF", "tracking_no": SF.format(0), "lines": _pieces(1)}
    shipped = works.post(f"/supplier/orders/{numbers[0]}/shipments", body)
    again = works.post(f"/supplier/orders/{numbers[0]}/shipments", body)
    parcel = f"/supplier/shipments/{shipped.json()['shipment_id']}"
    fix = {"carrier_code": "SF", "tracking_no": SF.format(9), "reason": "录错"}
    corrected = [works.send("PUT", parcel, _json(fix)).json() for _ in range(2)]
    voided = [works.post(f"{parcel}/voiding", {"reason": "没有寄出"}) for _ in range(2)]

    assert [item["order_no"] for item in first["items"] + rest["items"]] == numbers
    assert rest["next"] is None
    assert begun["begun_at"]
    assert shipped.status_code == 201
    assert shipped.json()["lines"] == [{"line_id": "1", "sku_no": tea.sku_no, "quantity": 1}]
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == shipped.json()
    assert [one["tracking_no"] for one in corrected] == [SF.format(9)] * 2
    assert [one.json()["state"] for one in voided] == ["voided", "voided"]
    assert works.get(f"/supplier/orders/{numbers[0]}").json()["lines"][0]["to_ship"] == 2


def test_a_batch_ships_what_it_can_and_names_the_rest_and_repeats_harmlessly(works: Works) -> None:
    supplier, shop = works.supplier, make_distributor(deposit_fen=100_000_00)
    tea = make_sku(supplier=supplier, supply_price_fen=40_00, available=1_000)
    orders = [order(supplier, sku=tea, shop=shop) for _ in range(5)]
    theirs = order(make_supplier(), shop=shop)
    _freeze(orders[3], shop)
    rows = [
        _parcel(orders[0], 0),
        _parcel(theirs, 1),
        _parcel(orders[1], 2, lines=_pieces(3)),
        _parcel(orders[2], 3, carrier_code="NOBODY"),
        _parcel(orders[3], 4),
        _parcel(orders[4], 0),
        _parcel(orders[4], 5, lines=_pieces(1)),
    ]

    first = works.post("/supplier/shipments/batch", {"shipments": rows}).json()["items"]
    again = works.post("/supplier/shipments/batch", {"shipments": rows}).json()["items"]

    told = [(row["status"], row.get("problem", {}).get("code")) for row in first]
    assert told == [
        (201, None),
        (404, "not_found"),
        (409, "too_many_pieces"),
        (422, "carrier_unknown"),
        (409, "nothing_to_ship"),
        (409, "tracking_no_taken"),
        (201, None),
    ]
    assert [row["order_no"] for row in first] == [row["order_no"] for row in rows]
    assert [again[index]["status"] for index in (0, 6)] == [200, 200]
    assert again[0]["shipment"] == first[0]["shipment"]
    assert Shipment.objects.count() == 2
    assert not Fulfilment.objects.filter(order=theirs, shipments__isnull=False).exists()


def test_what_cannot_be_shipped_is_cancelled_without_telling_what_the_buyer_paid(
    works: Works,
) -> None:
    placed = order(works.supplier, quantity=3)
    target = f"/supplier/orders/{placed.order_no}/shortage"

    unknown = works.post(target, {"lines": [{"line_id": "9", "quantity": 1}], "note": "破损"})
    done = works.post(target, {"lines": _pieces(2), "note": "破损", "empty_stock": True})

    assert unknown.status_code == 404
    assert done.status_code == 201
    assert (done.json()["state"], done.json()["reason"]) == ("granted", "out_of_stock")
    assert "refunded" not in done.content.decode()
    assert Cancellation.objects.count() == 1
    [stock] = works.get("/supplier/stocks").json()["items"]
    assert (stock["available"], stock["promised"]) == (0, 1)


def test_a_shortage_under_a_number_is_reported_once(works: Works) -> None:
    placed = order(works.supplier, quantity=3)
    target = f"/supplier/orders/{placed.order_no}/shortage"
    body = {"out_shortage_no": "Q1", "lines": _pieces(1), "note": "破损", "empty_stock": True}

    first = works.post(target, body)
    again = works.post(target, body)
    different = works.post(target, body | {"lines": _pieces(2)})
    elsewhere = works.post(
        f"/supplier/orders/{order(works.supplier, quantity=3).order_no}/shortage", body
    )

    assert (first.status_code, again.status_code, elsewhere.status_code) == (201, 200, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert first.json()["out_shortage_no"] == "Q1"
    refused = different.json()
    assert (refused["code"], refused["values"]["fields"]) == ("out_shortage_no_taken", "lines")
    assert Cancellation.objects.filter(fulfilment__order=placed).count() == 1


def test_stock_that_was_set_over_a_version_may_be_set_again(works: Works) -> None:
    tea, milk = (make_sku(supplier=works.supplier, available=10) for _ in range(2))
    rows = [
        {"sku_no": tea.sku_no, "available": 9, "expected_stock_version": 1},
        {"sku_no": milk.sku_no, "available": 7, "expected_stock_version": 1},
    ]
    shop = make_distributor(deposit_fen=100_000_00)
    # Somebody buys a piece of the milk before it is set, and of the tea afterwards.
    order(works.supplier, sku=milk, shop=shop, quantity=3)

    first = works.send("PUT", "/supplier/stocks", _json({"stocks": rows})).json()["items"]
    order(works.supplier, sku=tea, shop=shop, quantity=2)
    moved = Movement.objects.count()
    again = works.send("PUT", "/supplier/stocks", _json({"stocks": rows})).json()["items"]

    assert [(row["status"], row.get("available")) for row in first] == [(200, 9), (409, None)]
    assert (again[0]["status"], again[0]["available"], again[0]["stock_version"]) == (200, 7, 3)
    # It holds 7 as well, but because of an order: the shop's own count is out of date.
    assert again[1]["problem"]["code"] == "stock_changed"
    assert Movement.objects.count() == moved


def test_stock_is_set_row_by_row_and_guarded_by_its_version(works: Works) -> None:
    skus = [make_sku(supplier=works.supplier, available=10) for _ in range(3)]
    foreign = make_sku(supplier=make_supplier(), available=10)
    version = works.get(f"/supplier/stocks?sku_no={skus[0].sku_no}").json()["items"][0]
    before = Movement.objects.count()
    rows = [
        {"sku_no": skus[0].sku_no, "available": 7, "expected_stock_version": 1},
        {"sku_no": skus[1].sku_no, "available": 5, "expected_stock_version": 99},
        {"sku_no": foreign.sku_no, "available": 5},
        {"sku_no": skus[2].sku_no, "available": 10},
        {"sku_no": skus[0].sku_no, "available": 8},
    ]

    answer = works.send("PUT", "/supplier/stocks", _json({"stocks": rows}))

    assert version["stock_version"] == 1
    told = [
        (row["status"], row.get("available"), row.get("stock_version"))
        for row in answer.json()["items"]
    ]
    assert told == [(200, 7, 2), (409, None, None), (404, None, None), (200, 10, 1), (200, 8, 3)]
    assert answer.json()["items"][1]["problem"]["values"] == {"version": 1, "available": 10}
    assert Movement.objects.count() == before + 2
    foreign.stock.refresh_from_db()
    assert foreign.stock.available == 10


def test_lists_ask_few_questions_however_long_they_are(works: Works) -> None:
    supplier, shop = works.supplier, make_distributor(deposit_fen=100_000_00)
    skus = [make_sku(supplier=supplier, available=1_000) for _ in range(MOST_QUERIES)]
    for sku in skus:
        make_shipped_order(shop, {sku: 1})
        order(supplier, sku=sku, shop=shop)
    bill = make_bill(supplier, amounts=tuple(range(1, MOST_QUERIES + 1)))

    for target in ("orders", "orders?state=shipped", "stocks", "goods", f"bills/{bill}/lines"):
        with CaptureQueriesContext(connection) as queries:
            answer = works.get(f"/supplier/{target}")
        assert len(answer.json()["items"]) == MOST_QUERIES
        assert len(queries) <= MOST_QUERIES, target


def test_a_suspended_supplier_ships_and_sets_no_stock(works: Works) -> None:
    sku = make_sku(supplier=works.supplier, available=10)
    placed = order(works.supplier, sku=sku)
    works.supplier.suspend()
    works.supplier.save()

    refused = works.send(
        "PUT", "/supplier/stocks", _json({"stocks": [{"sku_no": sku.sku_no, "available": 5}]})
    )
    shipped = works.post(f"/supplier/orders/{placed.order_no}/shipments", _label(0))

    assert (refused.status_code, refused.json()["code"]) == (403, "supplier_suspended")
    sku.stock.refresh_from_db()
    assert sku.stock.available == 8
    assert shipped.status_code == 201


def test_a_bill_is_read_doubted_and_accepted(works: Works) -> None:
    bill = make_bill(works.supplier)
    target = f"/supplier/bills/{bill.bill_no}"

    [listed] = works.get("/supplier/bills?state=issued").json()["items"]
    page = works.get(f"{target}/lines?limit=1").json()
    rest = works.get(f"{target}/lines?after={page['next']}").json()
    doubt = {"bill_line_id": rest["items"][0]["bill_line_id"], "note": "没有退回"}
    disputed, repeated = (
        works.post(f"{target}/dispute", {"lines": [doubt]}).json() for _ in range(2)
    )
    accepted = [works.post(f"{target}/acceptance").json() for _ in range(2)]

    assert listed["total_fen"] == 80_00
    assert [row["amount_fen"] for row in page["items"] + rest["items"]] == [100_00, -20_00]
    assert disputed["state"] == "disputed"
    assert repeated == disputed
    assert [one["state"] for one in accepted] == ["accepted", "accepted"]
    assert {part["part"]: part["amount_fen"] for part in accepted[0]["parts"]} == {
        "goods": 100_00,
        "deductions": -20_00,
    }


def test_what_happens_to_a_part_is_told_to_its_supplier_alone(works: Works) -> None:
    telling_suppliers.tell(at=NOON)
    supplier, shop = works.supplier, make_distributor(deposit_fen=100_000_00)
    others, silent = Works(), make_supplier()
    tea = make_sku(supplier=supplier, supply_price_fen=40_00)
    placed = order(supplier, sku=tea, shop=shop, consignee=ORDERED)
    order(others.supplier, shop=shop)
    order(silent, shop=shop)
    telling_suppliers.tell(at=NOON)
    addressing.change_address(
        distributor=shop,
        order_pk=placed.pk,
        consignee=Consignee("李四", "13911112222", "广东省", "深圳市", "福田区", "福华路88号"),
        actor=OPERATIONS,
        at=NOON,
    )
    _freeze(placed, shop)
    shipped = make_shipped_order(shop, {tea: 1})
    case = make_case(shipped)
    bill = make_bill(supplier)
    told = [telling_suppliers.tell(at=NOON) for _ in range(2)]

    page = works.get("/supplier/events?limit=2").json()
    rest = works.get(f"/supplier/events?after={page['next']}")

    events = page["items"] + rest.json()["items"]
    assert [(event["type"], event["data"].get("order_no")) for event in events] == [
        ("part.to_ship", placed.order_no),
        ("bill.issued", None),
        ("part.address_changed", placed.order_no),
        ("part.cancellation_requested", placed.order_no),
        ("part.to_ship", shipped.order_no),
        ("part.case_opened", shipped.order_no),
    ]
    assert events[1]["data"]["bill_no"] == bill.bill_no
    assert events[5]["data"]["case_no"] == case.case_no
    assert told == [4, 0]
    for half in GUIDE.read_text().split("# The supplier API\n"):
        assert {event["type"] for event in events} <= set(re.findall(r"^\| `([\w.]+)`", half, re.M))
    assert "13911112222" not in rest.content.decode()
    [foreign] = others.get("/supplier/events").json()["items"]
    assert foreign["data"]["order_no"] != placed.order_no
    assert not silent.partner.events.exists()


def test_the_guide_names_every_call_in_both_languages() -> None:
    halves = GUIDE.read_text().split("# The supplier API\n")
    calls = {f"{method} /supplier/{_named(route)}" for route, _view, method in SUPPLIERS}

    for half in halves:
        named = set(re.findall(r"`((?:GET|POST|PUT) /[^`?]*)", half))
        assert named == calls
    assert len(halves) == 2


def _named(route: str) -> str:
    return route.replace("<str:", "{").replace(">", "}")


def _plain(route: str) -> str:
    return route.replace("<str:", "").replace(">", "")


def _filled(route: str, numbers: dict[str, str]) -> str:
    for name, value in numbers.items():
        route = route.replace(f"<str:{name}>", value)
    assert "<" not in route, "say in the test what this parameter names"
    return route


def _numbers(value: Any) -> set[int]:
    """Every whole number in an answer."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {number for one in value for number in _numbers(one)}
    return {value} if isinstance(value, int) else set()


def _pieces(quantity: int) -> list[dict[str, Any]]:
    return [{"line_id": "1", "quantity": quantity}]


def _label(number: int) -> dict[str, Any]:
    return {"carrier_code": "SF", "tracking_no": SF.format(number)}


def _parcel(placed: Order, number: int, **fields: Any) -> dict[str, Any]:
    return {"order_no": placed.order_no, **_label(number), **fields}


def _freeze(placed: Order, shop: Distributor) -> None:
    """A cancellation of all of it waits for an answer."""
    placed.fulfilments.update(begun_at=NOON)
    cancelling.request(
        distributor=shop, order_pk=placed.pk, reason="changed_mind", actor=OPERATIONS, at=NOON
    )


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
