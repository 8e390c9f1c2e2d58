"""Callbacks reach nobody inside: whatever an address is called, and whatever its name resolves to."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from integration import calling, endpoints
from tests.factories import NOON, make_distributor

# {port} is where a listener waits on this machine.
INSIDE = [
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://017700000001:{port}/",
    "https://localhost:{port}/",
    "https://localhost.:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://10.0.0.1:{port}/",
    "https://172.16.0.1:{port}/",
    "https://192.168.1.1:{port}/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1:{port}/",
    "https://[fd00::1]:{port}/",
    "https://[fe80::1]:{port}/",
    "http://127.0.0.1:{port}/",
    "http://example.com:{port}/",
]


class Trap:
    """A listener on this machine, and who has called it."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.callers: list[Any] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, caller = self.listener.accept()
            except OSError:
                return
            self.callers.append(caller)
            line.close()


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    monkeypatch.setattr(settings, "ALLOW_PRIVATE_CALLBACKS", False)
    calling._policy.cache_clear()
    waiting = Trap()
    yield waiting
    waiting.listener.close()
    calling._policy.cache_clear()


@pytest.mark.parametrize("url", INSIDE)
def test_no_address_inside_is_connected_to(trap: Trap, url: str) -> None:
    answer = calling.Caller().post(url.format(port=trap.port), body=b"{}", headers={})

    assert answer.status is None
    assert answer.error in (calling.REFUSED_ADDRESS, calling.UNREACHABLE)
    assert answer.answer == ""
    assert trap.callers == []


def test_a_name_that_changes_its_mind_leads_nowhere(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    resolve_truly = socket.getaddrinfo

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        """A public address for the first who asks, this machine for everybody after."""
        if host[0].isdigit():
            return resolve_truly(host, *args, **kwargs)
        looked_up.append(host)
        address = "93.184.215.14" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, trap.port))]

    monkeypatch.setattr(calling, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    calling.Caller().post(f"https://rebinding.example:{trap.port}/", body=b"{}", headers={})

    assert len(looked_up) == 1
    assert trap.callers == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*_args: Any, **_kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, trap.port))
            for address in ("93.184.215.14", "127.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer = calling.Caller().post(f"https://two.example:{trap.port}/", body=b"", headers={})

    assert answer.error == calling.REFUSED_ADDRESS
    assert trap.callers == []


def test_no_proxy_of_the_environment_is_asked(trap: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")

    calling.Caller().post("https://localhost/", body=b"{}", headers={})

    assert trap.callers == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/hook",
        "https://shop.example.com:22/hook",
        "https://user:word@shop.example.com/hook",
        "https://shop.example.com/hook#part",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/hook",
        "https://printer.local/hook",
        "https://intranet/hook",
        "ftp://shop.example.com/hook",
        "file:///etc/passwd",
        "https://[::1/hook",
        "",
    ],
)
def test_such_an_address_is_refused_when_it_is_saved(trap: Trap, url: str) -> None:
    partner = make_distributor(deposit_fen=0).partner

    with pytest.raises(endpoints.CallbackAddressRefused):
        endpoints.save(partner=partner, url=url, at=NOON)
