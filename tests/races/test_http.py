"""The same races from outside: signed requests, 50 at a time, against the real web server."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from ledger import accounts
from orders.models import Order
from tests.api.signed import Shop, order_body
from tests.conftest import LiveWeb
from tests.factories import make_distributor, make_level, make_sku
from tests.races import racing

pytestmark = pytest.mark.http

AT_A_TIME = 50
BATCH = 10
SECONDS = 60

Document = dict[str, Any]


class Caller:
    """A shop that sends over connections that each thread keeps."""

    def __init__(self, web: LiveWeb, shop: Shop) -> None:
        self.web, self.shop = web, shop
        self._kept = threading.local()

    def place(self, order: Document) -> list[Document]:
        """Send one order; return its answer as a batch would hold it."""
        answer = self._post("/orders", order)
        shown = answer.json()
        key = "order" if answer.ok else "problem"
        return [{"status": answer.status_code, key: shown}]

    def place_batch(self, orders: Sequence[Document]) -> list[Document]:
        """Send a batch; return its items."""
        answer = self._post("/orders/batch", {"orders": orders})
        assert answer.status_code == 200, answer.text
        items: list[Document] = answer.json()["items"]
        return items

    def _post(self, path: str, body: object) -> requests.Response:
        session = self._kept.__dict__.setdefault("session", requests.Session())
        session.trust_env = False
        raw = json.dumps(body).encode()
        headers = self.shop.sign("POST", f"/api/v1{path}", raw)
        return session.post(  # type: ignore[no-any-return]
            f"{self.web.url}/api/v1{path}",
            data=raw,
            headers=headers | {"Content-Type": "application/json"},
            timeout=SECONDS,
        )


def send_all(calls: Sequence[Callable[[], list[Document]]]) -> list[Document]:
    """Make the calls, so many at a time, and return all answers."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        running = [pool.submit(call) for call in calls]
        return [item for one in running for item in one.result()]


def statuses(answers: Sequence[Document]) -> Counter[str]:
    """Count answers by status and, where refused, by code."""
    return Counter(
        str(answer["status"]) + (f" {answer['problem']['code']}" if "problem" in answer else "")
        for answer in answers
    )


def calls_for(caller: Caller, orders: Sequence[Document]) -> list[Callable[[], list[Document]]]:
    """Send every other ten orders as a batch, the rest one by one."""
    calls: list[Callable[[], list[Document]]] = []
    for start in range(0, len(orders), BATCH):
        some = orders[start : start + BATCH]
        if start // BATCH % 2:
            calls.append(lambda some=some: caller.place_batch(some))  # type: ignore[misc]
        else:
            calls.extend(lambda one=one: caller.place(one) for one in some)  # type: ignore[misc]
    return calls


def test_of_1000_orders_for_a_stock_of_100_exactly_100_are_sold_over_http(
    live_web: LiveWeb,
) -> None:
    level = make_level()
    callers = [
        Caller(live_web, Shop(make_distributor(deposit_fen=10_000_00, level=level)))
        for _ in range(10)
    ]
    tea = make_sku(supply_price_fen=1_00, available=100)
    calls = [
        call
        for number, caller in enumerate(callers)
        for call in calls_for(
            caller, [order_body(tea.sku_no, number=f"{number}-{n}") for n in range(100)]
        )
    ]

    answers = send_all(calls)

    assert statuses(answers) == {"201": 100, "409 stock_insufficient": 900}
    refused = [answer["problem"] for answer in answers if answer["status"] == 409]
    assert {problem["errors"][0]["values"]["available"] for problem in refused} == {0}
    assert {problem["errors"][0]["values"]["sku_no"] for problem in refused} == {tea.sku_no}
    assert (racing.available(tea), racing.sold(tea)) == (0, 100)
    racing.assert_books_are_clean()


def test_a_deposit_for_60_orders_takes_exactly_60_of_200_over_http(live_web: LiveWeb) -> None:
    shop = make_distributor(deposit_fen=60 * 10_50, level=make_level(fee_rate_bp=500))
    caller = Caller(live_web, Shop(shop))
    skus = [make_sku(supply_price_fen=10_00) for _ in range(20)]
    orders = [order_body(skus[n % 20].sku_no, number=f"A{n}") for n in range(200)]

    answers = send_all(calls_for(caller, orders))

    assert statuses(answers) == {"201": 60, "409 deposit_insufficient": 140}
    refused = [answer["problem"] for answer in answers if answer["status"] == 409]
    assert {problem["values"]["shortfall_fen"] for problem in refused} == {10_50}
    assert accounts.deposit_of(shop.pk).balance_fen == 0
    racing.assert_books_are_clean()


def test_one_order_sent_50_times_at_once_over_http_is_one_order(live_web: LiveWeb) -> None:
    caller = Caller(live_web, Shop())
    tea = make_sku(available=100)
    order = order_body(tea.sku_no, number="A1", quantity=2)

    answers = send_all(
        [lambda: caller.place(order)] * 40 + [lambda: caller.place_batch([order])] * 10
    )

    assert statuses(answers) == {"201": 1, "200": 49}
    assert all(answer["order"] == answers[0]["order"] for answer in answers)
    assert Order.objects.count() == 1
    assert racing.available(tea) == 98
    racing.assert_books_are_clean()


def test_one_number_with_two_contents_at_once_over_http_is_a_conflict_that_names_the_field(
    live_web: LiveWeb,
) -> None:
    caller = Caller(live_web, Shop())
    tea = make_sku(available=100)
    orders = [order_body(tea.sku_no, number="A1", quantity=n % 2 + 1) for n in range(20)]

    answers = send_all([lambda order=order: caller.place(order) for order in orders])  # type: ignore[misc]

    assert statuses(answers) == {"201": 1, "200": 9, "409 idempotency_conflict": 10}
    refused = [answer["problem"] for answer in answers if answer["status"] == 409]
    assert {problem["values"]["fields"] for problem in refused} == {"lines"}
    racing.assert_books_are_clean()
