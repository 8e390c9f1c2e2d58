"""Through the real web server: what only the wire shows."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.signed import Shop, order_body
from tests.conftest import LiveWeb
from tests.factories import make_sku

pytestmark = pytest.mark.http


def send(
    web: LiveWeb,
    shop: Shop,
    method: str,
    target: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Send bytes exactly as they are; return status and object."""
    connection = http.client.HTTPConnection(urlsplit(web.url).netloc, timeout=20)
    signed = (
        shop.sign(method, target, body) | {"Content-Type": "application/json"} | (headers or {})
    )
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in signed.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/auth/echo",
        "/api/v1/auth/echo?",
        "/api/v1/auth/echo?b=2&a=1&a=&&c",
        "/api/v1/auth/echo?q=%e8%8c%b6&Q=%E8%8C%B6+x%20y",
        "/api/v1/auth/%65cho",
        "/api/v1/auth/echo?a=b?c=d",
    ],
)
def test_path_and_query_are_signed_as_they_arrive(live_web: LiveWeb, target: str) -> None:
    shop = Shop()
    path, _mark, query = target.partition("?")

    status, answer = send(live_web, shop, "POST", target, b'{"a":  1}')

    assert status == 200, answer
    assert answer["string_to_sign"].split("\n")[1:3] == [path, query]


def test_an_order_goes_all_the_way(live_web: LiveWeb) -> None:
    shop, tea = Shop(), make_sku(available=3)
    body = json.dumps(order_body(tea.sku_no, number="A1"), ensure_ascii=False).encode()

    first, order = send(live_web, shop, "POST", "/api/v1/orders", body)
    second, again = send(live_web, shop, "POST", "/api/v1/orders", body)
    _status, found = send(live_web, shop, "GET", "/api/v1/orders/by-out-no/A1")

    assert (first, second) == (201, 200)
    assert order == again == found


def test_a_replayed_request_has_no_second_effect_on_another_process(live_web: LiveWeb) -> None:
    shop = Shop()
    headers = shop.sign("GET", "/api/v1/deposit")

    statuses = [
        send(live_web, shop, "GET", "/api/v1/deposit", headers=headers)[0] for _ in range(10)
    ]

    assert sorted(statuses) == [200] + [401] * 9
