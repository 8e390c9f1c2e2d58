"""Refusals as machines and people read them."""

import importlib
from typing import Any

import grimp
import psycopg2
import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg2 import errors as database

from api import errors
from api.codes import CODES
from kit.errors import DomainError, NotFound
from ledger.models import Account, Kind
from tests.api.signed import Shop, order_body
from tests.factories import NOON, make_distributor, make_sku

PACKAGES = (
    "api",
    "books",
    "aftersales",
    "orders",
    "supplychain",
    "suppliers",
    "distributors",
    "integration",
    "companies",
    "ledger",
    "kit",
)
# Of modules that the API imports, but by acts that none of its views calls.
ELSEWHERE = {
    "address_invalid",
    "aftersale_type_unknown",
    "allotment_changed",
    "already_posted",
    "amount_out_of_range",
    "approved_amount_too_high",
    "bill_note_missing",
    "bill_too_long_to_print",
    "four_eyes_needed",
    "inspection_result_unknown",
    "liability_unknown",
    "note_missing",
    "nothing_disputed",
    "nothing_to_bill",
    "nothing_to_ship_again",
    "offer_out_of_range",
    "period_not_over",
    "photos_required",
    "picture_quota_exceeded",
    "policy_refused",
    "reason_needed",
    "reference_invalid",
    "refunded_freight_too_high",
    "rejection_reason_missing",
    "restocked_too_many",
    "return_address_invalid",
    "scope_unknown",
    "second_person_needed",
    "stock_out_of_range",
    "threshold_out_of_range",
    "too_many_keys",
    "too_many_parcels",
    "too_many_pictures",
    "too_many_stocks",
    "tracking_no_unchanged",
    "unfreeze_reason_missing",
}


def test_every_code_that_a_call_can_meet_is_listed_and_no_other() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    modules = graph.find_upstream_modules("api", as_package=True)
    modules |= graph.find_descendants("api")
    for module in modules:
        importlib.import_module(module)

    met = {kind.code for kind in DomainError.all_kinds() if kind.__module__ in modules}

    assert met - ELSEWHERE == set(CODES)


def test_every_code_is_explained_in_both_languages(client: Client) -> None:
    chinese = client.get("/api/v1/meta/errors", headers={"Accept-Language": "zh-CN"}).json()
    english = client.get("/api/v1/meta/errors", headers={"Accept-Language": "en"}).json()

    for ours, theirs in zip(chinese["items"], english["items"], strict=True):
        for name in ("cause", "remedy"):
            assert ours[name] != theirs[name], ours["code"]
            assert any(ord(letter) > 0x4E00 for letter in ours[name]), ours["code"]


def test_a_refusal_is_a_problem_in_chinese_and_in_english(client: Client) -> None:
    chinese = client.get("/api/v1/nowhere")
    english = client.get("/api/v1/nowhere", headers={"Accept-Language": "en-GB,en;q=0.8"})

    assert chinese["Content-Type"] == "application/problem+json"
    assert chinese.json() == {
        "type": "/api/docs/errors#route_unknown",
        "title": "没有这个地址。",
        "status": 404,
        "code": "route_unknown",
        "detail": "这里没有 /api/v1/nowhere。",
        "retryable": False,
        "values": {"path": "/api/v1/nowhere"},
        "errors": [],
        "request_id": chinese["Huopan-Request-Id"],
    }
    assert english.json()["detail"] == "There is no /api/v1/nowhere here."


def test_every_answer_carries_its_request_id(shop: Shop, client: Client) -> None:
    answers = [
        shop.get("/deposit"),
        shop.get("/orders/NONE"),
        client.get("/api/v1/deposit"),
        client.get("/api/v1/nowhere"),
        client.get("/api/v1/meta/limits"),
    ]

    ids = [answer["Huopan-Request-Id"] for answer in answers]

    assert len(set(ids)) == len(answers)
    assert all(len(one) == 16 for one in ids)


@pytest.mark.parametrize("path", ["nowhere", "", "orders/", "orders/A/nowhere", "deposit/"])
def test_an_address_that_leads_nowhere_is_a_problem_too(client: Client, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS", "TRACE", "BREW"):
        answer = client.generic(method, f"/api/v1/{path}")

        assert answer.status_code == 404
        assert answer.json()["code"] == "route_unknown"


def test_a_method_that_is_not_there_is_refused_with_those_that_are(shop: Shop) -> None:
    answers = [shop.send(method, "/orders") for method in ("DELETE", "OPTIONS", "PATCH", "TRACE")]

    for answer in answers:
        assert answer.status_code == 405
        assert answer.json()["code"] == "method_not_allowed"
        assert answer["Allow"] == "GET, POST"


def test_head_is_a_get_without_the_body(shop: Shop) -> None:
    answer = shop.send("HEAD", "/deposit")

    assert answer.status_code == 200
    assert answer.content == b""


def test_a_bug_of_ours_tells_nothing_of_the_inside(
    transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(make_distributor(deposit_fen=0))
    Account.objects.filter(kind=Kind.DEPOSIT).delete()  # what can never be

    answer = shop.get("/deposit")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["retryable"] is True
    assert b"Account" not in answer.content
    assert answer["Huopan-Request-Id"] in caplog.text


@pytest.mark.parametrize(
    "_case",
    [
        database.LockNotAvailable,
        database.QueryCanceled,
        database.DeadlockDetected,
        database.AdminShutdown,
        database.TooManyConnections,
        psycopg2.OperationalError,
    ],
)
def test_a_database_that_is_busy_or_away_asks_to_try_again(_case: type[Exception]) -> None:
    error = OperationalError("…")
    error.__cause__ = _case("…")

    answer = errors.handle(error, {})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    assert answer.data["code"] == "busy"


def test_an_order_that_waits_too_long_for_a_lock_is_put_off(shop: Shop) -> None:
    tea = make_sku()
    with psycopg2.connect(**connection.get_connection_params()) as other:
        other.cursor().execute("SELECT FROM ledger_account FOR UPDATE")

        answer = shop.post("/orders", order_body(tea.sku_no, number="A1"))
        other.rollback()

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert shop.post("/orders", order_body(tea.sku_no, number="A1")).status_code == 201


def test_a_refusal_without_an_entry_is_a_conflict_and_not_a_crash() -> None:
    class Unheard(DomainError):
        text = "No {thing}."

    Unheard.code = "unheard"
    try:
        shown = errors.problem(Unheard(thing="tea"))
    finally:
        del Unheard.code

    assert (shown["status"], shown["detail"]) == (409, "No tea.")


def test_values_are_such_as_json_can_carry() -> None:
    refusal = NotFound(at=NOON, of={1}, why=NotFound)

    values = errors.problem(refusal)["values"]

    assert values["at"] == "2026-11-22T12:00:00+08:00"
    assert values["of"] == [1]


def test_many_faults_are_all_named_but_not_without_end(shop: Shop) -> None:
    body: dict[str, Any] = order_body("S", number="A1")
    body["lines"] = [{"line_id": ""} for _ in range(100)]

    answer = shop.post("/orders", body)

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 100
