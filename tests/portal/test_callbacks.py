"""Callbacks in the portal: how they go, every delivery with its tries, and what can be done about it."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from distributors.models import Distributor
from integration import delivering, endpoints, outbox
from integration.models import Attempt, Delivery, Endpoint, EndpointState
from orders import placing
from tests.factories import NOON, make_distributor, make_request, make_sku
from tests.integration.receivers import Receiver, receiving
from tests.people import log_in, log_in_by_password, make_person

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/portal/callbacks/"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=10_000_00)


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in_by_password(make_person(shop.company))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def order(shop: Distributor, count: int = 1) -> None:
    tea = make_sku(available=500)
    placing.place_many([make_request(shop, {tea: 1}) for _ in range(count)], at=NOON)
    outbox.stamp()
    delivering.deliver()


def test_who_is_not_called_back_is_led_to_where_that_is_set(client: Client) -> None:
    page = client.get(PAGE).content.decode()

    assert "You are not called back yet" in page
    assert "/portal/integration/#callbacks" in page
    for act in ("pause", "resumption", "secret", "trial", "types", "1/again"):
        assert client.post(f"{PAGE}{act}/").status_code == 404


def test_deliveries_are_shown_with_their_tries_and_in_pages(
    shop: Distributor, client: Client, receiver: Receiver
) -> None:
    endpoints.save(partner=shop.partner, url=receiver.url, at=NOON)
    order(shop, 60)
    receiver.answer = lambda _heard: (500, {}, b"<b>oops</b>")
    order(shop)

    with CaptureQueriesContext(connection) as asked:
        page = client.get(PAGE).content.decode()
    waiting = client.get(f"{PAGE}?state=pending").content.decode()

    assert len(asked) <= 15
    assert page.count("Send again") == 50
    assert "Next page" in page
    assert waiting.count("Send again") == 1
    assert "&lt;b&gt;oops&lt;/b&gt;" in waiting
    assert "<code>500</code>" in waiting


def test_a_trial_shows_what_was_sent_and_came_back(
    shop: Distributor, client: Client, receiver: Receiver
) -> None:
    endpoints.save(partner=shop.partner, url=receiver.url, at=NOON)

    page = client.post(f"{PAGE}trial/").content.decode()

    assert "It answered" in page
    assert "webhook-signature: v1," in page
    assert len(receiver.heard) == 1
    assert not Attempt.objects.exists()


def test_an_event_is_sent_again_and_anothers_is_not_there(
    shop: Distributor, client: Client, receiver: Receiver
) -> None:
    endpoints.save(partner=shop.partner, url=receiver.url, at=NOON)
    order(shop)
    other = make_distributor()
    order(other, 3)
    receiver.heard.clear()

    again = client.post(f"{PAGE}1/again/")
    missing = client.post(f"{PAGE}99/again/")
    delivering.deliver()

    assert (again.status_code, missing.status_code) == (302, 404)
    assert receiver.seqs == [1]
    assert not Delivery.objects.filter(endpoint__partner=other.partner).exists()


def test_calls_are_paused_and_go_on(shop: Distributor, client: Client, receiver: Receiver) -> None:
    endpoints.save(partner=shop.partner, url=receiver.url, at=NOON)
    client.post(f"{PAGE}pause/")
    order(shop)
    assert receiver.heard == []
    assert Endpoint.objects.get().state == EndpointState.PAUSED

    client.post(f"{PAGE}resumption/")
    delivering.deliver()

    assert receiver.heard != []


def test_an_address_that_does_not_answer_is_said_on_top(shop: Distributor, client: Client) -> None:
    endpoints.save(partner=shop.partner, url="http://127.0.0.1:9/", at=NOON)
    endpoint = Endpoint.objects.get()
    endpoint.degrade()
    endpoint.down_since = NOON
    endpoint.save()

    page = client.get(PAGE).content.decode()

    assert "Your address does not answer." in page
    assert "since 2026-11-22 12:00" in page


def test_types_are_saved_or_refused_beside_the_field(shop: Distributor, client: Client) -> None:
    endpoints.save(partner=shop.partner, url="http://127.0.0.1:9/", at=NOON)

    saved = client.post(f"{PAGE}types/", {"types": "order.*, deposit.low"})
    wrong = client.post(f"{PAGE}types/", {"types": "orders"})

    assert (saved.status_code, wrong.status_code) == (302, 422)
    assert "“orders” is no type of event" in wrong.content.decode()
    assert Endpoint.objects.get().types == ["order.*", "deposit.low"]


def test_a_new_secret_asks_for_the_password_and_is_shown_once(
    shop: Distributor, client: Client
) -> None:
    endpoints.save(partner=shop.partner, url="http://127.0.0.1:9/", at=NOON)
    stranger = log_in(make_person(shop.company))

    asked = stranger.post(f"{PAGE}secret/")
    shown = client.post(f"{PAGE}secret/").content.decode()

    assert "/accounts/reauthenticate/" in asked.headers["location"]
    assert "whsec_" in shown
    assert "whsec_" not in client.get(PAGE).content.decode()
