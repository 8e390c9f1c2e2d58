"""Callbacks through the API: saved, tried out, watched, paused, told again."""

import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from integration import delivering
from integration.models import Attempt, Delivery, Endpoint
from tests.api.signed import Shop, order_body
from tests.factories import make_sku
from tests.integration.receivers import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def save(shop: Shop, url: str, *types: str) -> dict[str, object]:
    answer = shop.send("PUT", "/webhook", json.dumps({"url": url, "types": types}).encode())
    assert answer.status_code == 200, answer.content
    saved: dict[str, object] = answer.json()
    return saved


def order(shop: Shop, number: str) -> None:
    tea = make_sku(available=9)
    assert shop.post("/orders", order_body(tea.sku_no, number=number)).status_code == 201
    shop.get("/events")


def test_an_order_is_called_back_and_verifies_with_the_secret_shown_once(
    shop: Shop, receiver: Receiver
) -> None:
    saved = save(shop, receiver.url, "order.*")
    order(shop, "A1")
    delivering.deliver()

    [heard] = receiver.heard
    Webhook(str(saved["secret"])).verify(heard.raw, heard.headers)
    assert heard.body["data"]["out_order_no"] == "A1"
    assert "张三" not in heard.raw.decode()
    later = shop.get("/webhook").json()
    assert later["secret"] is None
    assert later["secret_last4"] == str(saved["secret"])[-4:]
    assert (later["state"], later["waiting"], later["parked"]) == ("live", 0, 0)


def test_nobody_is_called_back_who_has_not_said_where(shop: Shop) -> None:
    assert shop.get("/webhook").json()["url"] is None
    assert shop.get("/webhook/deliveries").json() == {"items": [], "next": None}
    for target in ("/webhook/pause", "/webhook/resumption", "/webhook/secret", "/webhook/test"):
        assert shop.post(target).json()["code"] == "not_found"


def test_a_wrong_address_or_type_is_refused_and_the_old_one_stays(shop: Shop) -> None:
    save(shop, "http://127.0.0.1:9/a", "order.*")

    for body, code in [
        (b'{"url":"ftp://shop.example.com/","types":[]}', "callback_address_refused"),
        (b'{"url":"http://127.0.0.1:9/b","types":["order"]}', "event_type_unknown"),
    ]:
        answer = shop.send("PUT", "/webhook", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.types) == ("http://127.0.0.1:9/a", ["order.*"])


def test_a_trial_shows_what_was_sent_and_came_back_and_counts_for_nothing(
    shop: Shop, receiver: Receiver
) -> None:
    saved = save(shop, receiver.url)
    order(shop, "A1")
    [event] = [e for e in shop.get("/events").json()["items"] if e["type"] == "order.placed"]
    receiver.answer = lambda _heard: (418, {}, "不行".encode())

    tried = shop.post("/webhook/test", {"event_id": event["id"]}).json()

    assert (tried["status"], tried["answer"]) == (418, "不行")
    [heard] = receiver.heard
    assert heard.raw.decode() == tried["body"]
    Webhook(str(saved["secret"])).verify(heard.raw, tried["headers"])
    assert heard.body["data"] == event["data"]
    assert heard.body["id"].startswith("evt_test_")
    assert not Attempt.objects.exists()


def test_deliveries_are_listed_with_every_try_in_pages(shop: Shop, receiver: Receiver) -> None:
    save(shop, receiver.url, "order.placed")
    for number in ("A1", "A2", "A3"):
        order(shop, number)
    receiver.answers(500)
    delivering.deliver()

    first = shop.get("/webhook/deliveries?limit=2&state=pending").json()
    second = shop.get(f"/webhook/deliveries?limit=2&state=pending&after={first['next']}").json()

    shown = first["items"] + second["items"]
    assert [row["status"] for row in shown] == [500, 500, 500]
    assert [row["seq"] for row in shown] == sorted((row["seq"] for row in shown), reverse=True)
    assert all(row["attempts"][0]["status"] == 500 for row in shown)
    assert second["next"] is None
    assert shop.get("/webhook/deliveries?state=delivered").json()["items"] == []


def test_a_list_of_deliveries_asks_no_more_queries_for_more_rows(
    shop: Shop, receiver: Receiver, django_assert_max_num_queries: object
) -> None:
    save(shop, receiver.url)
    for number in range(5):
        order(shop, f"A{number}")
    delivering.deliver()

    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert len(shop.get("/webhook/deliveries").json()["items"]) >= 5


def test_events_are_told_again_once_counted(shop: Shop, receiver: Receiver) -> None:
    save(shop, receiver.url, "order.*")
    order(shop, "A1")
    order(shop, "A2")
    delivering.deliver()
    receiver.heard.clear()
    wanted = {"types": ["order.placed"]}

    counted = shop.post("/events/replay", {**wanted, "dry_run": True}).json()
    assert counted == {"matched": 2, "queued": 0}
    delivering.deliver()
    assert receiver.heard == []
    told = shop.post("/events/replay", wanted).json()
    delivering.deliver()

    assert told == {"matched": 2, "queued": 2}
    # Two orders are two objects: neither waits for the other.
    assert {heard.body["data"]["out_order_no"] for heard in receiver.heard} == {"A1", "A2"}
    assert len(receiver.heard) == 2


def test_anothers_events_are_neither_tried_nor_told_again(shop: Shop, receiver: Receiver) -> None:
    other = Shop()
    order(other, "THEIRS")
    theirs = other.get("/events").json()["items"][-1]["id"]
    save(shop, receiver.url)

    answers = [
        shop.post("/webhook/test", {"event_id": theirs}),
        shop.post("/events/replay", {"event_ids": [theirs]}),
        shop.post("/events/replay", {"event_ids": ["evt_1_x"]}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert not Delivery.objects.filter(endpoint__partner=shop.distributor.partner).exists()


def test_pausing_keeps_events_and_resuming_tells_them(shop: Shop, receiver: Receiver) -> None:
    save(shop, receiver.url, "order.*")
    assert shop.post("/webhook/pause").json()["state"] == "paused"
    order(shop, "A1")
    delivering.deliver()
    assert receiver.heard == []

    assert shop.post("/webhook/resumption").json()["state"] == "live"
    delivering.deliver()

    assert len(receiver.heard) == 1


def test_a_new_secret_is_shown_once_and_both_count_for_a_day(
    shop: Shop, receiver: Receiver
) -> None:
    former = save(shop, receiver.url)["secret"]
    rotated = shop.post("/webhook/secret").json()
    order(shop, "A1")
    delivering.deliver()

    assert rotated["former_secret_until"] is not None
    heard = receiver.heard[-1]
    for secret in (former, rotated["secret"]):
        Webhook(str(secret)).verify(heard.raw, heard.headers)
