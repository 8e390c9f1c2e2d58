"""What belongs to another distributor does not exist: over every address of the router."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern
from django.utils import timezone

from api import book_examples, urls
from api.scopes import OR, PUBLIC
from integration.keys import SCOPES
from integration.models import Side
from supplychain import exporting
from supplychain.models import Opening
from tests.api import book_seeds
from tests.api.cases import applied_case, shipped_order
from tests.api.signed import Shop, order_body
from tests.factories import (
    make_claim,
    make_product,
    make_received_order,
    make_recharge,
    make_sku,
    make_withdrawal,
)

CANARY = "金丝雀"


def routes() -> Iterator[tuple[str, type[Any], str]]:
    """Every address with its view and method."""
    for pattern in urls.v1:
        assert isinstance(pattern, URLPattern)
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        for method, scope in view.scopes.items():
            if scope != PUBLIC:
                yield str(pattern.pattern), view, method


WITH_OBJECT = [(route, method) for route, _view, method in routes() if "<" in route]


@pytest.fixture
def theirs(transactional_db: None) -> dict[str, str]:
    """Another distributor's order, and goods opened to it alone, by the name of the parameter."""
    other = Shop()
    # Never seen by all: what once was is told as delisted to who copied it.
    sku = make_sku(available=50, product=make_product(chosen_only=True, name=CANARY))
    Opening.objects.create(product=sku.product, distributor=other.distributor)
    body = order_body(sku.sku_no, number="THEIRS-1")
    body["consignee"]["name"] = CANARY
    placed = other.post("/orders", body).json()
    claim = make_claim(make_received_order(other.distributor, {sku: 1}), description=CANARY)
    case = applied_case(other, shipped_order(other, sku=sku, number="THEIRS-2"), description=CANARY)
    held = other.post("/holds", order_body(sku.sku_no, number="THEIRS-3")).json()
    cancelled = other.post("/orders", order_body(sku.sku_no, number="THEIRS-4")).json()
    asked = f"/orders/{cancelled['order_no']}/cancellations"
    [cancellation] = other.post(asked, {"reason": "changed_mind", "note": CANARY}).json()["items"]
    book_seeds.seed(other)
    recharge = make_recharge(other.distributor, payer=CANARY)
    file, _new = exporting.ask(distributor=other.distributor, in_full=False, at=timezone.now())
    withdrawal = make_withdrawal(other.distributor, payee=CANARY, amount_fen=1_00)
    return {
        "date": book_examples.DATE,
        "reconciliation_id": book_examples.RECONCILIATION_ID,
        "export_id": file.export_id,
        "recharge_no": recharge.recharge_no,
        "withdrawal_no": withdrawal.withdrawal_no,
        "hold_id": held["hold_id"],
        "cancellation_no": cancellation["cancellation_no"],
        "case_no": case["case_no"],
        "claim_no": claim.claim_no,
        "order_no": placed["order_no"],
        "out_order_no": "THEIRS-1",
        "item_no": sku.product.item_no,
        "sku_no": sku.sku_no,
    }


def test_anothers_object_is_not_found_like_one_that_never_was(
    shop: Shop, theirs: dict[str, str]
) -> None:
    told_apart = {}
    for route, method in WITH_OBJECT:
        foreign, missing = route, route
        for name, value in theirs.items():
            foreign = foreign.replace(f"<str:{name}>", value)
            missing = missing.replace(f"<str:{name}>", "NEVER-WAS")
        assert "<" not in foreign, "say in `theirs` what this parameter names"

        answers = [shop.send(method, f"/{target}", b"") for target in (foreign, missing)]

        bodies = [{**answer.json(), "request_id": ""} for answer in answers]
        if {answer.status_code for answer in answers} != {404} or bodies[0] != bodies[1]:
            told_apart[route, method] = bodies
    assert not told_apart


def test_nothing_that_is_read_shows_anothers_goods_orders_or_money(
    shop: Shop, theirs: dict[str, str]
) -> None:
    targets = [f"/{route}" for route, _view, method in routes() if method == "GET"]

    answers = [shop.get(target) for target in targets if "<" not in target]
    lookups = [
        shop.post("/products/lookup", {"item_nos": [theirs["item_no"]]}),
        shop.post("/prices/lookup", {"sku_nos": [theirs["sku_no"]]}),
        shop.post("/stocks/lookup", {"sku_nos": [theirs["sku_no"]]}),
        shop.post("/orders", order_body(theirs["sku_no"], number="MINE")),
        shop.get("/orders?out_order_no=THEIRS-1"),
    ]

    for answer in answers:
        assert answer.status_code == 200
        for secret in (CANARY, theirs["order_no"], "THEIRS-1", theirs["item_no"]):
            assert secret not in answer.content.decode()
    for answer in lookups:
        assert CANARY not in answer.content.decode()
        assert theirs["order_no"] not in answer.content.decode()
    assert lookups[0].json()["items"][0]["status"] == 404
    assert lookups[3].json()["code"] == "sku_not_sellable"


def test_without_a_signature_nothing_is_answered(shop: Shop) -> None:
    answers = {
        (route, method): shop.client.generic(method, f"/api/v1/{_filled(route)}")
        for route, _view, method in routes()
    }

    answered = {
        each: answer.content
        for each, answer in answers.items()
        if (answer.status_code, answer.json()["code"]) != (401, "signature_invalid")
    }
    assert not answered


def test_every_call_needs_the_scope_it_declares(transactional_db: None) -> None:
    ours = SCOPES[Side.DISTRIBUTOR]
    without: dict[frozenset[str], Shop] = {}
    wrong = {}
    for route, view, method in routes():
        needed = frozenset(view.scopes[method].split(OR))
        if needed not in without:
            without[needed] = Shop(scopes=[scope for scope in ours if scope not in needed])

        answer = without[needed].send(method, f"/{_filled(route)}")

        found = (answer.status_code, answer.json().get("code"))
        if found != ((403, "scope_missing") if needed <= set(ours) else (200, None)):
            wrong[route, method] = found
    assert not wrong


def _filled(route: str) -> str:
    """An address of a route, about nothing that there is."""
    return route.replace("<str:", "").replace(">", "")
