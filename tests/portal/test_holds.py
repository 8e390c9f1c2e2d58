"""Holds and refused orders as a distributor's people see them."""

import re

import pytest
from django.test import Client

from distributors.models import Distributor
from orders import holding, placing
from orders.models import Hold
from orders.requests import WAIT
from tests.factories import NOON, make_distributor, make_request, make_sku
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=1_000_00)


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in(make_person(shop.company))


def hold(shop: Distributor, number: str) -> Hold:
    return holding.hold(request=make_request(shop, {make_sku(): 2}, number=number), at=NOON)


def test_holds_are_listed_with_what_they_keep_and_found_by_state_and_number(
    shop: Distributor, client: Client
) -> None:
    tea = make_sku(supply_price_fen=900_00)
    held, theirs = hold(shop, "A1"), hold(make_distributor(), "THEIRS")
    placing.place(make_request(shop, {tea: 1}, number="A2", on_shortfall=WAIT), at=NOON)

    page = client.get("/portal/holds/").content.decode()
    one = client.get("/portal/holds/", {"q": "A1"}).content.decode()
    lapsed = client.get("/portal/holds/", {"state": "lapsed"}).content.decode()

    assert held.hold_id in page
    assert "¥105.00" in page
    assert f"{tea.sku_no} × 1" in page
    assert "until the deposit covers it" in page
    assert theirs.hold_id not in page
    assert re.findall(r'"Your number">([^<]+)<', one) == ["A1"]
    assert "No holds" in lapsed
    assert client.get("/portal/holds/?state=x").status_code == 404


def test_what_holds_reserve_is_shown_beside_the_deposit(shop: Distributor, client: Client) -> None:
    hold(shop, "A1")

    page = client.get("/portal/").content.decode()

    assert "<b>¥105.00</b><span>Reserved by holds" in page
    assert "<b>¥895.00</b><span>Available for orders" in page


def test_a_hold_is_released_by_hand(shop: Distributor, client: Client) -> None:
    held = hold(shop, "A1")

    answer = client.post(f"/portal/holds/{held.hold_id}/release/", follow=True)

    held.refresh_from_db()
    assert "The hold is released" in answer.content.decode()
    assert (held.state, held.ended_by[:7]) == ("released", "person:")


def test_a_hold_that_was_placed_meanwhile_is_not_released_and_says_so(
    shop: Distributor, client: Client
) -> None:
    request = make_request(shop, {make_sku(): 2}, number="A1")
    held = holding.hold(request=request, at=NOON)
    placing.place(request, at=NOON)

    answer = client.post(f"/portal/holds/{held.hold_id}/release/", follow=True)

    held.refresh_from_db()
    assert "This cannot be done" in answer.content.decode()
    assert held.state == "consumed"


def test_anothers_hold_is_not_there(client: Client) -> None:
    held = hold(make_distributor(), "A1")

    answer = client.post(f"/portal/holds/{held.hold_id}/release/")

    held.refresh_from_db()
    assert answer.status_code == 404
    assert held.state == "active"


def test_refused_orders_say_why_to_people_in_yuan(shop: Distributor, client: Client) -> None:
    costly, scarce = make_sku(supply_price_fen=2_000_00), make_sku(available=0)
    placing.place_many(
        [
            make_request(shop, {costly: 1}, number="A1"),
            make_request(shop, {scarce: 1}, number="A2"),
            make_request(make_distributor(), {scarce: 1}, number="THEIRS"),
        ],
        at=NOON,
    )

    page = client.get("/portal/refusals/").content.decode()
    one = client.get("/portal/refusals/", {"q": "A2"}).content.decode()

    assert "The deposit is short by ¥1,100.00: ¥2,100.00 needed, ¥1,000.00 available." in page
    assert "deposit_insufficient" in page
    assert f"“{scarce.sku_no}” is short: 1 wanted, 0 available." in page
    assert "THEIRS" not in page
    assert re.findall(r'"Your number">([^<]+)<', one) == ["A2"]
