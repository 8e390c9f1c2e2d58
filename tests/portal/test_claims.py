"""A distributor's claims in the portal: opened by hand, run to their end, and never another's."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aftersales import goodwill
from aftersales.models import Claim
from distributors.models import Distributor
from kit.actors import OPERATIONS
from ledger import accounts
from orders.models import Order
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_evidence,
    make_photo,
    make_received_order,
    make_sku,
)
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)
# What a page of a list may ask the database.
MAX_QUERIES = 15
PARCEL = {"tracking_no": "SF1234567890123", "carrier": "SF"}
BACK: list[tuple[str, dict[str, Any], str]] = [
    ("agreement", {"amount_fen": "20.00", "note": "同意"}, "agreed"),
    ("return-address", {"return_address": "云平台 13900000000 西湖区1号"}, "awaiting_return"),
    ("return-shipment", PARCEL, "returning"),
    ("received", {}, "received"),
]
ROADS = {
    "refund": [BACK[0], ("refund", {}, "refunded")],
    "return": [*BACK, ("refund", {}, "refunded")],
    "exchange": [
        *BACK,
        ("reshipment", {"tracking_no": "YT8888888888888", "carrier": "YTO"}, "reshipped"),
        ("completion", {}, "completed"),
    ],
}


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Distributor:
    return make_distributor()


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in(make_person(shop.company))


@pytest.fixture
def order(shop: Distributor) -> Order:
    return make_received_order(shop, {make_sku(supply_price_fen=50_00): 2})


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.png", make_photo(), "image/png")


def filled(**changed: Any) -> dict[str, Any]:
    """The form of a new claim."""
    return {
        "line": "1", "type": "refund", "quantity": "1", "reason": "damaged", "amount_fen": "30.00",
        "description": "外箱破损", **changed,
    }  # fmt: skip


def act(client: Client, claim: Claim, name: str, values: dict[str, Any] | None = None) -> Any:
    return client.post(f"/portal/claims/{claim.claim_no}/{name}/", values or {})


def offered(page: str) -> set[str]:
    """What a claim's page lets its reader do."""
    return set(re.findall(r'action="/portal/claims/[^/]+/([a-z-]+)/"', page))


def ask_and_offer(claim: Claim, *, kind: str = "amount", fen: int = 15_00) -> None:
    goodwill.ask(
        distributor=claim.distributor,
        claim_no=claim.claim_no,
        note="整箱破损",
        amount_fen=fen,
        actor=OPERATIONS,
        at=NOON,
    )
    goodwill.offer(
        claim_no=claim.claim_no,
        kind=kind,
        amount_fen=fen,
        liability="supplier",
        note="平台承担",
        actor=OPERATIONS,
        at=NOON,
    )


def test_a_claim_is_opened_from_a_received_order_with_photos(client: Client, order: Order) -> None:
    door = f"/portal/orders/{order.order_no}/claim/"
    assert door in client.get(f"/portal/orders/{order.order_no}/").content.decode()
    assert client.get(door).status_code == 200

    answer = client.post(door, filled(photos=[photo()]))

    claim = Claim.objects.get()
    assert answer.headers["location"] == f"/portal/claims/{claim.claim_no}/"
    assert (claim.amount_fen, claim.description, claim.reason) == (30_00, "外箱破损", "damaged")
    kept = claim.evidence.get()
    page = client.get(f"/portal/claims/{claim.claim_no}/").content.decode()
    assert f"/portal/aftersales/photos/{kept.upload_id}/" in page
    shown = client.get(f"/portal/aftersales/photos/{kept.upload_id}/")
    assert shown.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("type_", ROADS)
def test_a_claim_is_run_to_its_end(client: Client, order: Order, type_: str) -> None:
    claim = make_claim(order, type=type_)

    for name, values, state in ROADS[type_]:
        page = client.get(f"/portal/claims/{claim.claim_no}/").content.decode()
        assert name in offered(page)
        answer = act(client, claim, name, values)
        assert answer.status_code == 302, answer.content.decode()
        claim.refresh_from_db()
        assert claim.state == state

    page = client.get(f"/portal/claims/{claim.claim_no}/").content.decode()
    assert offered(page) == {"goodwill"}
    assert claim.amount_fen == 20_00


def test_what_is_missing_is_said_and_nothing_has_changed(client: Client, order: Order) -> None:
    claim = make_claim(order, type="return")

    without_words = act(client, claim, "rejection", {"note": ""})
    too_early = act(client, claim, "received")
    act(client, claim, "agreement", {"amount_fen": "0"})
    no_parcel = act(client, claim, "return-shipment", {"tracking_no": "", "carrier": ""})

    assert (without_words.status_code, too_early.status_code) == (422, 409)
    assert "cannot be done while the state is “applied”" in too_early.content.decode()
    assert no_parcel.status_code == 422
    claim.refresh_from_db()
    assert (claim.state, claim.version) == ("agreed", 2)


def test_the_address_that_was_given_last_is_offered_again(client: Client, order: Order) -> None:
    first, second = make_claim(order, type="return"), make_claim(order, type="return")
    for claim in (first, second):
        act(client, claim, "agreement", {"amount_fen": "0"})
    act(client, first, "return-address", {"return_address": "云平台 13900000000 西湖区1号"})

    page = client.get(f"/portal/claims/{second.claim_no}/").content.decode()

    assert 'value="云平台 13900000000 西湖区1号"' in page


def test_goodwill_is_asked_for_with_an_amount_or_for_new_goods(
    client: Client, order: Order
) -> None:
    amount, goods = make_claim(order), make_claim(order)

    nothing = act(client, amount, "goodwill", {"kind": "amount", "note": "破损"})
    act(client, amount, "goodwill", {"kind": "amount", "amount_fen": "12.50", "note": "破损"})
    act(client, goods, "goodwill", {"kind": "reship", "amount_fen": "12.50", "note": "少件"})

    assert nothing.status_code == 422
    amount.refresh_from_db()
    goods.refresh_from_db()
    assert (amount.goodwill, amount.goodwill_asked_fen) == ("asked", 12_50)
    assert (goods.goodwill, goods.goodwill_asked_fen) == ("asked", 0)
    listed = client.get("/portal/claims/?show=goodwill").content.decode()
    assert {amount.claim_no, goods.claim_no} <= set(re.findall(r"W\d{6}-\w+", listed))


def test_an_accepted_offer_is_on_the_deposit_and_who_bears_it_is_not_shown(
    client: Client, order: Order, shop: Distributor
) -> None:
    claim = make_claim(order)
    ask_and_offer(claim)
    before_fen = accounts.deposit_of(shop.pk).balance_fen or 0
    page = client.get(f"/portal/claims/{claim.claim_no}/").content.decode()

    answer = act(client, claim, "goodwill-acceptance")

    assert {"goodwill-acceptance", "goodwill-refusal"} <= offered(page)
    assert "¥15.00" in page
    assert "平台承担" in page
    assert "everybody gives back" not in page
    assert answer.status_code == 302
    assert accounts.deposit_of(shop.pk).balance_fen == before_fen + 15_00


def test_anothers_claim_order_and_photo_are_not_there(order: Order) -> None:
    claim = make_claim(order)
    kept = make_evidence(order.distributor)
    client = log_in(make_person(make_distributor().company))

    answers = [
        client.get(f"/portal/claims/{claim.claim_no}/"),
        act(client, claim, "agreement", {"amount_fen": "0"}),
        client.get(f"/portal/orders/{order.order_no}/claim/"),
        client.post(f"/portal/orders/{order.order_no}/claim/", filled()),
        client.get(f"/portal/aftersales/photos/{kept.upload_id}/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    found = client.get(f"/portal/claims/?q={claim.claim_no}").content.decode()
    assert f'href="/portal/claims/{claim.claim_no}/"' not in found
    claim.refresh_from_db()
    assert claim.version == 1


def test_a_list_of_claims_asks_little_of_the_database() -> None:
    shop = make_distributor(deposit_fen=10_000_00)
    client = log_in(make_person(shop.company))
    order = make_received_order(shop, {make_sku(): 30})
    for _number in range(30):
        make_claim(order)
    client.get("/portal/claims/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get("/portal/claims/").content.decode()

    assert len(queries) <= MAX_QUERIES
    assert page.count('class="nowrap" href="/portal/claims/') == 30


def test_a_claim_is_found_by_its_number_and_the_orders(client: Client, order: Order) -> None:
    claim = make_claim(order, out_claim_no="W-1")

    assert "W-1" in client.get(f"/portal/claims/{claim.claim_no}/").content.decode()
    for number in (claim.claim_no, claim.out_claim_no, order.order_no, order.out_order_no):
        assert claim.claim_no in client.get("/portal/claims/", {"q": number}).content.decode()
    assert claim.claim_no not in client.get("/portal/claims/?q=NOTHING").content.decode()


def test_claims_that_are_not_open_cannot_be_opened_by_hand(
    client: Client, order: Order, shop: Distributor
) -> None:
    Distributor.objects.filter(pk=shop.pk).update(claims_open=False)
    door = f"/portal/orders/{order.order_no}/claim/"

    page = client.get(door).content.decode()
    client.post(door, filled())

    assert "has not opened claims to you" in page
    assert door not in client.get(f"/portal/orders/{order.order_no}/").content.decode()
    assert not Claim.objects.exists()
