"""A supplier makes, changes and ends the keys of its own machines."""

import re
import time

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from companies.models import Role
from integration import keys
from integration.models import ApiKey
from integration.signing_requests import sign, string_to_sign
from tests.factories import NOON, make_api_request, make_supplier
from tests.people import log_in, log_in_by_password, make_person

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = "/supplier/keys/"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def test_a_key_is_made_shown_once_given_a_new_secret_and_revoked() -> None:
    supplier = make_supplier()
    client = log_in_by_password(make_person(supplier.company))

    made = client.post(f"{KEYS}new/", {"name": "ERP", "scopes": ["ship", "stock"]}).content.decode()
    key = ApiKey.objects.get(partner=supplier.partner)
    later = client.get(KEYS).content.decode()
    rotated = client.post(f"{KEYS}{key.public_id}/rotation/").content.decode()
    unexplained = client.post(f"{KEYS}{key.public_id}/revocation/", {"reason": ""})
    key.refresh_from_db()
    state_before = key.state
    client.post(f"{KEYS}{key.public_id}/revocation/", {"reason": "换了系统"})

    secret, other = (re.search(r"hps_[\w-]+", page) for page in (made, rotated))
    assert secret is not None
    assert other is not None
    assert secret.group() != other.group()
    assert "hps_" not in later
    assert key.scopes == ["ship", "stock"]
    assert f"…{secret.group()[-4:]}" in later
    assert (unexplained.status_code, state_before) == (302, "live")
    key.refresh_from_db()
    assert (key.state, key.revoked_reason) == ("revoked", "换了系统")


def test_addresses_are_bound_by_the_list_and_a_bad_one_changes_nothing() -> None:
    supplier = make_supplier()
    client = log_in_by_password(make_person(supplier.company))

    refused = client.post(f"{KEYS}addresses/", {"addresses": "203.0.113.7\nnowhere"})
    supplier.partner.refresh_from_db()
    unchanged = supplier.partner.allowed_addresses
    saved = client.post(f"{KEYS}addresses/", {"addresses": "203.0.113.7, 10.0.0.0/8"})

    assert (refused.status_code, unchanged) == (422, [])
    assert saved.status_code == 302
    supplier.partner.refresh_from_db()
    assert supplier.partner.allowed_addresses == ["203.0.113.7/32", "10.0.0.0/8"]


def test_neither_a_reader_nor_a_log_in_of_long_ago_makes_a_key() -> None:
    supplier = make_supplier()
    reader = log_in_by_password(make_person(supplier.company, role=Role.READER))
    stale = log_in(make_person(supplier.company))

    answers = [client.post(f"{KEYS}new/", {"scopes": ["ship"]}) for client in (reader, stale)]

    assert answers[0].status_code == 403
    assert answers[1].headers["location"].startswith("/accounts/reauthenticate/")
    assert not supplier.partner.keys.exists()


def test_the_log_shows_what_the_suppliers_own_machines_sent_and_nothing_else(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier, other = make_supplier(), make_supplier()
    for one in (supplier, other):
        keys.create(partner=one.partner, at=NOON)
    target = "/api/v1/supplier/orders"
    mine = make_api_request(supplier, target=target, status=409, code="state_conflict")
    foreign = make_api_request(other, target=target)
    client = log_in(make_person(supplier.company))

    with django_assert_max_num_queries(15):
        listed = client.get(f"{KEYS}log/").content.decode()
    found = client.get(f"{KEYS}log/?code=state_conflict").content.decode()
    shown = client.get(f"{KEYS}log/{mine.request_id}/").content.decode()
    debugged = client.get(f"{KEYS}debugger/?of={mine.request_id}")

    assert f"{KEYS}log/{mine.request_id}/" in listed
    assert mine.request_id in found
    assert foreign.request_id not in listed
    assert "openssl dgst" in shown
    assert debugged.status_code == 200
    assert client.get(f"{KEYS}log/{foreign.request_id}/").status_code == 404
    assert client.get(f"{KEYS}debugger/?of={foreign.request_id}").status_code == 404


def test_the_debugger_names_what_is_wrong_with_a_suppliers_signature() -> None:
    supplier = make_supplier()
    new = keys.create(partner=supplier.partner, at=timezone.now())
    client = log_in(make_person(supplier.company))
    path, now, nonce = "/api/v1/supplier/stocks", int(time.time()), "0123456789abcdef"
    good = string_to_sign(
        method="GET", path=path, query="", timestamp=str(now), nonce=nonce, body=b""
    )

    def examined(string: str) -> str:
        signature = sign(new.secret.encode(), string)
        text = (
            f"GET {path} HTTP/1.1\nHuopan-Key: {new.key.public_id}\nHuopan-Timestamp: {now}\n"
            f"Huopan-Nonce: {nonce}\nHuopan-Signature: {signature}\n\n"
        )
        return client.post(f"{KEYS}debugger/", {"request": text, "theirs": string}).content.decode()

    assert "The signature is right." in examined(good)
    assert "The method was signed in small letters" in examined(good.replace("GET", "get", 1))
