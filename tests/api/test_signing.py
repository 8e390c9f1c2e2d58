"""Signatures: what is checked, in which order, and what a stranger learns."""

import gzip
import threading
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from api import callers, gate, signing
from integration import keys
from integration.models import Nonce
from tests.api.signed import Shop
from tests.factories import NOON, make_supplier


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def test_the_echo_shows_the_string_that_was_signed(shop: Shop) -> None:
    answer = shop.post("/auth/echo?b=2&a=%E8%8C%B6&a=", b'{"x": 1}')

    assert answer.status_code == 200
    lines = answer.json()["string_to_sign"].split("\n")
    assert lines[:3] == ["POST", "/api/v1/auth/echo", "b=2&a=%E8%8C%B6&a="]
    assert answer.json()["key_id"] == shop.key.public_id
    assert answer.json()["ip"] == "127.0.0.1"
    assert "orders" in answer.json()["scopes"]


@pytest.mark.parametrize("name", [signing.KEY, signing.TIMESTAMP, signing.NONCE, signing.SIGNATURE])
@pytest.mark.parametrize("value", ["", "１２３", "a b", "x,y", "v1=" + "A" * 64, "0" * 65])
def test_a_header_that_is_missing_or_malformed_is_refused(
    shop: Shop, name: str, value: str
) -> None:
    answer = shop.get("/deposit", headers={name: value})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Huopan-Signature"
    assert not Nonce.objects.exists()


@pytest.mark.parametrize(
    "_case",
    [
        {"target": "/orders?limit=2"},
        {"target": "/orders?limit=1&state=placed"},
        {"target": "/orders?limit=%31"},
        {"target": "/deposit?limit=1"},
        {"method": "POST"},
        {"body": b"{}"},
        {"body": b" "},
        {"timestamp": +1},
        {"nonce": "another-nonce-0001"},
        {"secret": b"another"},
        {"signature": str.upper},
        {"signature": lambda value: value[:-1] + ("0" if value[-1] != "0" else "1")},
        {"key": "of another shop"},
    ],
    ids=lambda case: next(iter(case)),
)
def test_a_change_of_any_signed_part_is_refused_alike(shop: Shop, _case: dict[str, Any]) -> None:
    signed: dict[str, Any] = {"method": "GET", "target": "/orders?limit=1", "body": b""}
    headers = shop.sign(signed["method"], "/api/v1" + signed["target"], b"")
    if "timestamp" in _case:
        headers[signing.TIMESTAMP] = str(int(headers[signing.TIMESTAMP]) + _case["timestamp"])
    if "nonce" in _case:
        headers[signing.NONCE] = _case["nonce"]
    if "secret" in _case:
        headers[signing.SIGNATURE] = signing.sign(_case["secret"], "something else")
    if "signature" in _case:
        version, _, value = headers[signing.SIGNATURE].partition("=")
        headers[signing.SIGNATURE] = f"{version}={_case['signature'](value)}"
    if "key" in _case:
        headers[signing.KEY] = Shop().key.public_id
    sent = signed | {name: _case[name] for name in signed if name in _case}

    answer = shop.send(sent["method"], sent["target"], sent["body"], headers=headers)

    assert code(answer) == (401, "signature_invalid")
    assert not Nonce.objects.exists()


def test_a_known_key_with_a_wrong_secret_and_an_unknown_key_are_refused_alike(shop: Shop) -> None:
    wrong = shop.get("/deposit", headers={signing.SIGNATURE: "v1=" + "0" * 64}).json()
    unknown = shop.get("/deposit", headers={signing.KEY: "hpk_" + "0" * 20}).json()

    for answer in (wrong, unknown):
        del answer["request_id"]
        del answer["values"]["string_to_sign"]
    assert wrong == unknown


@pytest.mark.parametrize(("_case", "status"), [(-299, 200), (299, 200), (-302, 401), (302, 401)])
def test_a_timestamp_may_be_300_seconds_off(shop: Shop, _case: int, status: int) -> None:
    now = int(timezone.now().timestamp())
    headers = shop.sign("GET", "/api/v1/deposit", at=now + _case)

    answer = shop.get("/deposit", headers=headers)

    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "timestamp_skew"
        assert abs(answer.json()["values"]["server_timestamp"] - now) < 5


def test_a_captured_request_has_no_second_effect(shop: Shop) -> None:
    headers = shop.sign("GET", "/api/v1/deposit")
    first = shop.get("/deposit", headers=headers)

    second = shop.get("/deposit", headers=headers)

    assert first.status_code == 200
    assert code(second) == (401, "nonce_reused")


def test_of_fifty_equal_requests_at_once_one_is_accepted(shop: Shop) -> None:
    headers = shop.sign("GET", "/api/v1/meta/limits")  # any text will do
    nonce = headers[signing.NONCE]
    answers: list[bool] = []

    def enter() -> None:
        answers.append(gate.enter(key_pk=shop.key.pk, nonce=nonce).fresh)

    threads = [threading.Thread(target=enter) for _ in range(50)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False] * 49 + [True]


def test_both_secrets_work_while_a_key_is_rotating(shop: Shop) -> None:
    old = shop.secret
    new = keys.rotate(
        key_pk=shop.key.pk, partner=shop.distributor.partner, at=timezone.now()
    ).secret

    statuses = []
    for secret in (old, new):
        shop.secret = secret
        statuses.append(shop.get("/deposit").status_code)

    assert statuses == [200, 200]


def test_the_former_secret_ends_with_its_time(shop: Shop) -> None:
    keys.rotate(key_pk=shop.key.pk, partner=shop.distributor.partner, at=NOON.replace(year=2020))

    answer = shop.get("/deposit")

    assert code(answer) == (401, "signature_invalid")


def test_a_revoked_key_is_refused_when_the_cache_has_forgotten_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "CACHE_SECONDS", 0.0)
    before = shop.get("/deposit")
    keys.revoke(key_pk=shop.key.pk, partner=shop.distributor.partner, at=NOON)

    after = shop.get("/deposit")

    assert before.status_code == 200
    assert code(after) == (401, "signature_invalid")


def test_what_is_cached_of_a_key_is_forgotten_within_five_seconds() -> None:
    assert callers.CACHE_SECONDS < 5


def test_a_suppliers_key_does_not_work_here(shop: Shop) -> None:
    supplier = make_supplier()
    new = keys.create(partner=supplier.partner, at=NOON)
    shop.key, shop.secret = new.key, new.secret

    answer = shop.get("/products")

    assert code(answer) == (403, "side_not_allowed")


def test_a_key_without_the_scope_is_refused_by_its_name(transactional_db: None) -> None:
    shop = Shop(scopes=["goods"])

    answer = shop.get("/deposit")

    assert code(answer) == (403, "scope_missing")
    assert answer.json()["values"] == {"scope": "money"}
    assert shop.get("/products").status_code == 200


@pytest.mark.parametrize(
    ("allowed", "seen", "status"),
    [
        ("203.0.113.7", "203.0.113.7", 200),
        ("203.0.113.0/24", "203.0.113.9", 200),
        ("203.0.113.0/24", "::ffff:203.0.113.9", 200),
        ("2001:db8::/32", "2001:db8::5", 200),
        ("203.0.113.7", "203.0.113.8", 403),
    ],
)
def test_a_list_of_addresses_binds_its_keys(
    shop: Shop, allowed: str, seen: str, status: int
) -> None:
    keys.bind_addresses(partner=shop.distributor.partner, addresses=[allowed])

    answer = shop.get("/deposit", REMOTE_ADDR=seen)

    assert answer.status_code == status
    if status == 403:
        assert answer.json()["values"] == {"ip": seen}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [
        (0, "203.0.113.7", 403),
        (1, "203.0.113.7", 200),
        (1, "203.0.113.7, 198.51.100.1", 403),
        (2, "203.0.113.7, 10.0.0.2", 200),
        (2, "203.0.113.7", 403),
        (1, "203.0.113.7:443", 403),
    ],
)
def test_only_our_own_proxies_say_where_a_call_comes_from(
    shop: Shop, settings: Settings, proxies: int, forwarded: str, status: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    keys.bind_addresses(partner=shop.distributor.partner, addresses=["203.0.113.7"])

    answer = shop.get("/deposit", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.1")

    assert answer.status_code == status


@pytest.mark.parametrize("name", ["X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP"])
def test_no_other_header_says_where_a_call_comes_from(shop: Shop, name: str) -> None:
    keys.bind_addresses(partner=shop.distributor.partner, addresses=["203.0.113.7"])

    answer = shop.get("/deposit", headers={name: "203.0.113.7"}, REMOTE_ADDR="10.0.0.1")

    assert code(answer) == (403, "ip_not_allowed")


def test_a_packed_body_is_refused_or_signed_as_it_is_sent(shop: Shop) -> None:
    plain = b'{"sku_nos": ["X"]}'
    headers = shop.sign("POST", "/api/v1/stocks/lookup", plain) | {"Content-Encoding": "gzip"}

    answer = shop.send("POST", "/stocks/lookup", gzip.compress(plain), headers=headers)

    assert code(answer) == (401, "signature_invalid")
    assert not Nonce.objects.exists()


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(shop: Shop) -> None:
    answer = shop.post("/quotes", b" " * (signing.MAX_BODY_BYTES + 1))

    assert code(answer) == (413, "body_too_large")
    assert not Nonce.objects.exists()


def test_a_body_in_chunks_is_refused(shop: Shop) -> None:
    answer = shop.get("/deposit", headers={"Transfer-Encoding": "chunked"})

    assert code(answer) == (411, "length_required")


def test_the_use_of_a_key_is_noted_once_a_minute(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "GATHER_SECONDS", 0.0)
    callers._writer.submit(int).result()  # what other tests' calls set off has been written
    known = callers.find(shop.key.public_id)
    assert known is not None

    first = callers.note_use(known, address="203.0.113.7", at=NOON)
    second = callers.note_use(known, address="203.0.113.8", at=NOON)

    assert first is not None
    assert second is None
    first.result()
    shop.key.refresh_from_db()
    assert shop.key.last_used_at == NOON
    assert shop.key.last_used_address == "203.0.113.7"


def test_without_the_raw_target_the_path_is_encoded_as_clients_do(shop: Shop) -> None:
    answer = shop.get("/products/%E8%8C%B6", RAW_URI="")

    assert code(answer) == (404, "not_found")
