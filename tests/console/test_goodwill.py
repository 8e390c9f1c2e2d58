"""Goodwill in the console: what is asked is seen, answered once, and shipped from own stock."""

from typing import Any

import pytest
from django.test import Client

from aftersales import goodwill
from aftersales.models import Claim
from kit.actors import OPERATIONS
from ledger.models import Transfer
from tests.console.staff import client_of, make_staff
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_evidence,
    make_received_order,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ("see_orders", "decide_aftersales", "ship_orders")


@pytest.fixture
def client() -> Client:
    return client_of(make_staff(*RIGHTS), "en")


def asked(*, fen: int = 20_00, own: bool = True) -> Claim:
    """A claim with a photo, for which goodwill is asked."""
    shop = make_distributor()
    supplier = None if own else make_supplier()
    order = make_received_order(shop, {make_sku(supplier=supplier): 2})
    photo = make_evidence(shop)
    claim = make_claim(order, reason="damaged", evidence=[photo.upload_id])
    return goodwill.ask(
        distributor=shop,
        claim_no=claim.claim_no,
        note="整箱破损",
        amount_fen=fen,
        actor=OPERATIONS,
        at=NOON,
    )


def accept(claim: Claim) -> None:
    goodwill.settle(
        distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, at=NOON
    )


def post(client: Client, claim: Claim, act: str, values: dict[str, Any]) -> Any:
    return client.post(f"/admin/goodwill/{claim.pk}/{act}/", values)


def test_what_is_asked_is_listed_and_shown_with_all_that_an_answer_needs(client: Client) -> None:
    claim = asked()
    silent = make_claim(claim.order)

    listed = client.get("/admin/aftersales/claim/").content.decode()
    page = client.get(f"/admin/goodwill/{claim.pk}/").content.decode()

    assert claim.claim_no in listed
    assert silent.claim_no not in listed
    assert client.get(f"/admin/goodwill/{silent.pk}/").status_code == 404
    for text in ("整箱破损", "¥20.00", "¥52.50", "Offer", "Decline"):
        assert text in page
    assert f"/admin/photos/{claim.evidence.get().pk}/" in page


def test_an_offer_waits_for_the_distributor_and_moves_nothing(client: Client) -> None:
    claim = asked()
    before = Transfer.objects.count()

    answer = post(
        client,
        claim,
        "offer",
        {"kind": "amount", "amount_fen": "15.00", "liability": "platform", "note": "平台承担"},
    )

    claim.refresh_from_db()
    assert answer.status_code == 302
    assert (claim.goodwill, claim.goodwill_fen, claim.liability) == ("offered", 15_00, "platform")
    assert claim.goodwill_answer == "平台承担"
    assert Transfer.objects.count() == before


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"kind": "amount", "amount_fen": ""}, 422),
        ({"kind": "amount", "amount_fen": "0"}, 422),
        ({"kind": "amount", "amount_fen": "52.51"}, 409),
        ({"kind": "amount", "amount_fen": "10", "liability": "nobody"}, 422),
    ],
)
def test_an_offer_that_cannot_be_is_said_to_be_wrong(
    client: Client, values: dict[str, str], status: int
) -> None:
    claim = asked()

    answer = post(client, claim, "offer", {"liability": "platform", "note": "", **values})

    claim.refresh_from_db()
    assert answer.status_code == status
    assert claim.goodwill == "asked"


def test_declining_needs_words_and_a_second_answer_is_refused(client: Client) -> None:
    claim = asked()

    silent = post(client, claim, "refusal", {"note": ""})
    done = post(client, claim, "refusal", {"note": "不属于质量问题"})
    again = post(client, claim, "refusal", {"note": "再说一次"})

    claim.refresh_from_db()
    assert (silent.status_code, done.status_code, again.status_code) == (422, 302, 409)
    assert (claim.goodwill, claim.goodwill_answer) == ("declined", "不属于质量问题")


def test_own_new_goods_are_shipped_from_the_claims_page(client: Client) -> None:
    claim = asked(fen=0)
    post(client, claim, "offer", {"kind": "reship", "liability": "platform", "note": ""})
    accept(claim)
    waiting = client.get("/admin/aftersales/claim/?waiting=ship&source=own").content.decode()

    answer = post(client, claim, "parcel", {"carrier_code": "SF", "tracking_no": "SF1234567890123"})

    assert claim.claim_no in waiting
    assert answer.status_code == 302
    assert claim.parcels.get().direction == "goodwill"
    after = client.get("/admin/aftersales/claim/?waiting=ship").content.decode()
    assert claim.claim_no not in after


def test_a_suppliers_new_goods_are_not_shipped_by_staff(client: Client) -> None:
    claim = asked(fen=0, own=False)
    post(client, claim, "offer", {"kind": "reship", "liability": "supplier", "note": ""})
    accept(claim)

    page = client.get(f"/admin/goodwill/{claim.pk}/").content.decode()
    answer = post(client, claim, "parcel", {"carrier_code": "SF", "tracking_no": "SF1234567890123"})

    assert "/parcel/" not in page
    assert answer.status_code == 404
    assert not claim.parcels.exists()


def test_the_home_page_counts_what_waits_for_an_answer(client: Client) -> None:
    asked()

    page = client.get("/admin/").content.decode()

    assert "Goodwill to answer" in page
    assert "/admin/aftersales/claim/?waiting=answer" in page


def test_who_only_sees_orders_decides_nothing() -> None:
    claim = asked()
    client = client_of(make_staff("see_orders"), "en")

    page = client.get(f"/admin/goodwill/{claim.pk}/").content.decode()
    answer = post(client, claim, "offer", {"kind": "reship", "liability": "platform"})

    assert "/offer/" not in page
    assert answer.status_code == 403
    claim.refresh_from_db()
    assert claim.goodwill == "asked"
