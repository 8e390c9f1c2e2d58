"""Through the real web server: what only the wire shows."""

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from orders.models import Order
from supplychain.models import Stock
from tests.api.signed import Shop, order_body
from tests.conftest import LiveWeb
from tests.factories import make_sku

pytestmark = pytest.mark.http

# A cut at every 13th byte meets every part of the request.
CUT_EVERY = 13


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


def test_an_order_cut_off_at_any_byte_is_not_placed_and_one_whose_answer_is_lost_is_placed_once(
    live_web: LiveWeb,
) -> None:
    shop, tea = Shop(), make_sku(available=3)
    body = json.dumps(order_body(tea.sku_no, number="A1")).encode()

    for sent in (*range(0, len(raw(shop, body)), CUT_EVERY), len(raw(shop, body)) - 1):
        cut_off(live_web, raw(shop, body)[:sent])
    assert not Order.objects.exists()

    lose_the_answer(live_web, raw(shop, body))
    status, order = send(live_web, shop, "POST", "/api/v1/orders", body)

    assert status == 200
    assert order["order_no"] == Order.objects.get().order_no
    assert Stock.objects.get(sku=tea).available == 2


def raw(shop: Shop, body: bytes) -> bytes:
    """An order as it goes over the wire, signed anew."""
    headers = shop.sign("POST", "/api/v1/orders", body) | {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /api/v1/orders HTTP/1.1\r\n{head}\r\n".encode() + body


def cut_off(web: LiveWeb, content: bytes) -> None:
    """Send the beginning of a request, and end the line."""
    with connected(web) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
        while line.recv(65_536):
            pass


def lose_the_answer(web: LiveWeb, content: bytes) -> None:
    """Send a request, see that an answer begins, and read none of it."""
    with connected(web) as line:
        line.sendall(content)
        line.recv(1, socket.MSG_PEEK)


def connected(web: LiveWeb) -> socket.socket:
    address = urlsplit(web.url)
    return socket.create_connection((address.hostname, address.port), timeout=20)
