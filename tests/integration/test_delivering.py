"""Callbacks: everything is delivered at least once, whatever the other side does, and delays nobody."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from standardwebhooks import Webhook, WebhookVerificationError

from integration import calling, delivering, endpoints, outbox, retrying
from integration.models import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    Event,
    Partner,
)
from tests.factories import NOON, make_distributor
from tests.integration.receivers import Heard, Receiver, receiving
from tests.integration.shops import Clock, call_back, states_of, tell

pytestmark = pytest.mark.django_db(transaction=True)
# Nobody listens there.
NOWHERE = "http://127.0.0.1:9/hook"


def endpoint_of(partner: Partner) -> Endpoint:
    return Endpoint.objects.get(partner=partner)


def warnings_to(partner: Partner) -> int:
    return Event.objects.filter(partner=partner, type="endpoint.degraded").count()


def dispatch(start: threading.Barrier | None = None) -> None:
    if start is not None:
        start.wait()
    delivering.deliver()
    connection.close()


def test_an_event_is_delivered_once_with_what_the_feed_shows(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    tell(shop, 1)

    acknowledged, again = delivering.deliver(now=clock), delivering.deliver(now=clock)

    assert (acknowledged, again) == (1, 0)
    [heard] = receiver.heard
    assert heard.body == {
        "seq": 1,
        "id": f"evt_{shop.pk}_1",
        "type": "order.placed",
        "occurred_at": "2026-11-22T12:00:00+08:00",
        "object_version": 1,
        "data": {"order_no": "H1"},
        "previous": None,
    }
    assert heard.headers["webhook-id"] == f"evt_{shop.pk}_1"
    assert states_of(shop) == {1: DeliveryState.DELIVERED}
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.error, attempt.answer) == (200, "", "ok")


def test_the_official_verifier_accepts_our_calls_and_no_altered_one(
    shop: Partner, receiver: Receiver
) -> None:
    secret = call_back(shop, receiver.url)
    tell(shop, 1)
    delivering.deliver()

    [heard] = receiver.heard
    Webhook(secret).verify(heard.raw, heard.headers)

    later = {**heard.headers, "webhook-timestamp": str(int(heard.headers["webhook-timestamp"]) + 1)}
    for raw, headers in [
        (heard.raw + b" ", heard.headers),
        (heard.raw, {**heard.headers, "webhook-id": "evt_1_2"}),
        (heard.raw, later),
    ]:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(raw, headers)


def test_while_a_secret_is_rotated_the_former_one_verifies_too(
    shop: Partner, receiver: Receiver
) -> None:
    former = call_back(shop, receiver.url)
    newest = endpoints.rotate_secret(partner=shop, at=NOON).secret
    assert newest is not None
    endpoint_of(shop)
    Endpoint.objects.update(former_until=datetime.now(tz=NOON.tzinfo) + timedelta(hours=1))
    tell(shop, 1)
    delivering.deliver()
    Endpoint.objects.update(former_until=NOON)
    tell(shop, 2)
    delivering.deliver()

    during, after = receiver.heard
    for secret in (former, newest):
        Webhook(secret).verify(during.raw, during.headers)
    Webhook(newest).verify(after.raw, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(after.raw, after.headers)


def test_only_the_types_that_are_wanted_are_delivered(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url, "order.*", "deposit.low")
    tell(shop, 1)
    tell(shop, 2, kind="shipment.created")
    tell(shop, 3, kind="deposit.low")

    delivering.deliver(now=clock)

    assert receiver.seqs == [1, 3]


def test_what_fails_is_tried_at_the_published_times_then_parked_and_warned_of_once(
    shop: Partner, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "JITTER", 0)
    call_back(shop, NOWHERE)
    tell(shop, 1)
    waits: list[int] = []
    before = clock.at

    while states_of(shop)[1] == DeliveryState.PENDING:
        due_at = Delivery.objects.get(event__seq=1).due_at
        clock.at = max(clock.at, due_at)
        delivering.deliver(now=clock)
        waits.append(round((clock.at - before).total_seconds()))
        before = clock.at

    assert tuple(waits) == retrying.WAITS
    assert round(sum(waits) / 3600, 1) == 75.6
    assert endpoint_of(shop).state == EndpointState.DEGRADED
    assert warnings_to(shop) == 1
    assert set(Attempt.objects.values_list("status", "error")) == {(None, calling.UNREACHABLE)}


def test_after_five_days_without_an_answer_everything_arrives_and_nothing_is_missing(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    receiver.answers(503)
    for hour in range(0, 120, 6):
        tell(shop, hour, at=clock.at)
        for _ in range(3):
            delivering.deliver(now=clock)
            clock.turn(hours=2)
    outbox.stamp()
    refused = len(receiver.heard)
    receiver.answers(200)

    clock.turn(hours=1)
    delivering.deliver(now=clock)

    assert endpoint_of(shop).state == EndpointState.LIVE
    assert set(states_of(shop).values()) == {DeliveryState.DELIVERED}
    assert sorted(set(receiver.seqs[refused:])) == list(range(1, 20 + warnings_to(shop) + 1))
    assert warnings_to(shop) == 1


def test_what_is_parked_is_tried_every_hour_and_all_released_at_the_first_2xx(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    tell(shop, 1, 2, 3)
    receiver.answers(500)
    Delivery.objects.update(tries=retrying.TRIES - 1)
    delivering.deliver(now=clock)
    assert set(states_of(shop).values()) == {DeliveryState.PARKED}
    receiver.heard.clear()

    clock.turn(minutes=59)
    delivering.deliver(now=clock)
    assert receiver.heard == []
    clock.turn(minutes=2)
    delivering.deliver(now=clock)
    assert len(receiver.heard) == 1
    receiver.answers(200)
    clock.turn(minutes=61)
    delivering.deliver(now=clock)

    assert set(states_of(shop).values()) == {DeliveryState.DELIVERED}


def test_an_event_that_is_always_refused_holds_up_no_other(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)

    def answer(heard: Heard) -> tuple[int, dict[str, str], bytes]:
        return (500 if heard.body["seq"] == 2 else 200, {}, b"")

    receiver.answer = answer
    tell(shop, 1, 2, 3, 4, 5)

    delivering.deliver(now=clock)

    assert [seq for seq, state in states_of(shop).items() if state != "delivered"] == [2]
    assert endpoint_of(shop).failures == 0


def test_the_answer_410_stops_all_calls_until_the_owner_resumes(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    tell(shop, 1, 2)
    receiver.answers(410)
    delivering.deliver(now=clock)
    clock.turn(days=10)
    delivering.deliver(now=clock)
    assert len(receiver.heard) == 1
    assert endpoint_of(shop).state == EndpointState.STOPPED
    assert warnings_to(shop) == 1

    receiver.answers(200)
    endpoints.resume(partner=shop, at=clock.at)
    delivering.deliver(now=clock)

    assert set(states_of(shop).values()) == {DeliveryState.DELIVERED}


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(
    shop: Partner, receiver: Receiver, clock: Clock, status: int
) -> None:
    call_back(shop, receiver.url)
    tell(shop, 1, 2)
    receiver.answers(status, Retry_After="600")
    delivering.deliver(now=clock)
    assert len(receiver.heard) == 1

    receiver.answers(200)
    clock.turn(seconds=599)
    delivering.deliver(now=clock)
    assert len(receiver.heard) == 1
    clock.turn(seconds=1)
    delivering.deliver(now=clock)

    assert set(states_of(shop).values()) == {DeliveryState.DELIVERED}


def test_while_it_is_paused_events_are_kept_and_told_afterwards(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    endpoints.pause(partner=shop, at=NOON)
    tell(shop, 1)
    delivering.deliver(now=clock)
    assert receiver.heard == []

    endpoints.resume(partner=shop, at=NOON)
    delivering.deliver(now=clock)

    assert receiver.seqs == [1]


def test_at_another_address_what_waited_is_tried_at_once(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, NOWHERE)
    tell(shop, 1)
    delivering.deliver(now=clock)
    clock.turn(seconds=1)

    endpoints.save(partner=shop, url=receiver.url, at=clock.at)
    delivering.deliver(now=clock)

    assert receiver.seqs == [1]


def test_two_dispatchers_at_once_tell_everything_once(shop: Partner, receiver: Receiver) -> None:
    call_back(shop, receiver.url)
    tell(shop, *range(200))
    start = threading.Barrier(3)
    threads = [threading.Thread(target=dispatch, args=[start]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivering.deliver()

    assert sorted(receiver.seqs) == list(range(1, 201))


def test_the_endpoint_of_a_dispatcher_that_died_is_taken_over_after_a_minute(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    tell(shop, 1)
    delivering._claim(clock.at, (1, 1))

    delivering.deliver(now=clock)
    assert receiver.heard == []
    clock.turn(seconds=delivering.CLAIM_SECONDS + 1)
    delivering.deliver(now=clock)

    assert receiver.seqs == [1]


def test_endpoints_that_hang_delay_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "TOTAL_SECONDS", 4)
    healthy = [make_distributor(deposit_fen=0).partner for _ in range(10)]
    bad = [make_distributor(deposit_fen=0).partner for _ in range(6)]
    with receiving() as good, receiving() as hanging:
        hanging.misbehave = lambda _line: (hanging.closing.wait(30), None)[1]
        for partner in healthy:
            call_back(partner, good.url)
            tell(partner, 1, 2, 3)
        for partner in bad:
            call_back(partner, hanging.url)
            tell(partner, 1, 2, 3)
        waiting = threading.Thread(target=dispatch)
        waiting.start()
        while len(good.heard) < 30 and waiting.is_alive():
            waiting.join(0.05)
        heard_by_then, still_waiting = len(good.heard), waiting.is_alive()
        waiting.join()

    assert (heard_by_then, still_waiting) == (30, True)
    assert all(set(states_of(partner).values()) == {"delivered"} for partner in healthy)
    assert all(set(states_of(partner).values()) == {"pending"} for partner in bad)


@pytest.mark.parametrize(
    "kind", ["order", "order.", "*", "payment.made", "order.placed ", "ORDER.*"]
)
def test_a_type_that_does_not_exist_is_refused(shop: Partner, kind: str) -> None:
    with pytest.raises(endpoints.EventTypeUnknown):
        endpoints.save(partner=shop, url=NOWHERE, types=[kind], at=NOON)
    assert not Endpoint.objects.exists()
