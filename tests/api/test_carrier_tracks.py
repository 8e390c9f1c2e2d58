"""What carriers push: let in by their own signature alone, and answered scan by scan."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api import signing
from integration import outbox
from kit.actors import OPERATIONS
from orders import placing, shipping
from orders.models import Order, Scan, Shipment
from tests.api.signed import Shop
from tests.factories import make_distributor, make_request, make_sku

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/carrier/tracks"
SECRET = "a secret that carriers and the platform share"
NUMBER = "73000000000001"


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.CARRIER_PUSH_SECRET = [SECRET]


def make_parcel() -> Shipment:
    shop = make_distributor()
    now = timezone.now() - timedelta(days=1)
    placing.place(make_request(shop, {make_sku(): 1}), at=now)
    return shipping.ship(
        fulfilment_pk=Order.objects.get(distributor=shop).fulfilments.get().pk,
        supplier=None,
        carrier_code="ZTO",
        tracking_no=NUMBER,
        actor=OPERATIONS,
        at=now,
    )


def track(**changes: Any) -> dict[str, Any]:
    at = (timezone.now() - timedelta(hours=1)).replace(microsecond=0)
    return {
        "carrier_code": "ZTO",
        "tracking_no": NUMBER,
        "status": "delivered",
        "scanned_at": at.isoformat(),
        **changes,
    }


def push(
    body: Any, *, secret: str = SECRET, skew: int = 0, target: str = PATH, **headers: str
) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(time.time()) + skew)
    path, _mark, query = target.partition("?")
    text = signing.string_to_sign(
        method="POST", path=path, query=query, timestamp=timestamp, nonce="", body=content
    )
    signed = {
        "Huopan-Timestamp": timestamp,
        "Huopan-Signature": signing.sign(secret.encode(), text),
    }
    client = Client(raise_request_exception=False)
    return client.post(
        target, content, content_type="application/json", headers={**signed, **headers}
    )


def test_scans_are_recorded_and_answered_in_their_order() -> None:
    parcel = make_parcel()

    answer = push({"tracks": [track(tracking_no="7900000000"), track(text="已签收"), track()]})

    assert answer.status_code == 200, answer.content
    unknown, first, second = answer.json()["items"]
    assert (unknown["status"], unknown["problem"]["code"]) == (404, "parcel_unknown")
    assert unknown["problem"]["retryable"] is True
    assert first == {
        "carrier_code": "ZTO",
        "tracking_no": NUMBER,
        "status": 200,
        "state": "delivered",
        "repeated": False,
    }
    assert (second["status"], second["repeated"]) == (200, False)
    parcel.refresh_from_db()
    assert parcel.state == "delivered"


def test_the_same_push_again_has_no_second_effect() -> None:
    make_parcel()
    body = {"tracks": [track()]}
    push(body)

    again = push(body)

    assert again.json()["items"][0]["repeated"] is True
    assert Scan.objects.count() == 1


def test_a_scan_with_a_wrong_field_does_not_fail_its_neighbours() -> None:
    make_parcel()

    answer = push(
        {
            "tracks": [
                track(scanned_at="yesterday"),
                track(status="teleported"),
                track(colour="red"),
                "nothing",
                track(scanned_at="2200-01-01T00:00:00Z"),
                track(),
            ]
        }
    )

    items = answer.json()["items"]
    assert [item["status"] for item in items] == [422, 422, 422, 422, 422, 200]
    assert items[0]["problem"]["errors"][0]["pointer"] == "/scanned_at"
    assert items[1]["problem"]["code"] == "scan_status_unknown"
    assert items[4]["problem"]["code"] == "scan_in_future"
    assert Scan.objects.count() == 1


@pytest.mark.parametrize(
    ("_case", "changes", "code"),
    [
        ("another secret", {"secret": "another secret"}, "signature_invalid"),
        ("too old", {"skew": -301}, "timestamp_skew"),
        ("of the future", {"skew": 301}, "timestamp_skew"),
        ("no signature", {"Huopan-Signature": ""}, "signature_invalid"),
        ("a signature in capitals", {"Huopan-Signature": "v1=" + "A" * 64}, "signature_invalid"),
        ("no time", {"Huopan-Timestamp": ""}, "signature_invalid"),
    ],
)
def test_whoever_does_not_know_the_secret_is_not_heard(
    _case: str, changes: dict[str, Any], code: str
) -> None:
    parcel = make_parcel()

    answer = push({"tracks": [track()]}, **changes)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    parcel.refresh_from_db()
    assert parcel.state == "in_transit"
    assert not Scan.objects.exists()


def test_without_a_secret_nobody_can_push(settings: Settings) -> None:
    settings.CARRIER_PUSH_SECRET = []
    make_parcel()

    answers = [push({"tracks": [track()]}, secret=guess) for guess in ("", "no such key")]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert not Scan.objects.exists()


def test_the_former_secret_works_while_it_is_replaced(settings: Settings) -> None:
    settings.CARRIER_PUSH_SECRET = ["the new secret", SECRET]
    make_parcel()

    answers = [push({"tracks": [track()]}, secret=one) for one in ("the new secret", SECRET)]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    ("_case", "body", "status"),
    [
        ("nothing", {"tracks": []}, 422),
        ("no list", {"tracks": 1}, 422),
        ("no object", [], 422),
        ("too many", {"tracks": [{}] * 201}, 422),
        ("another field", {"tracks": [{}], "more": 1}, 422),
        ("no JSON", b"{", 400),
        ("too large", b" " * (256 * 1024 + 1), 413),
    ],
)
def test_a_body_of_another_shape_is_refused_as_a_whole(_case: str, body: Any, status: int) -> None:
    assert push(body).status_code == status


def test_parameters_are_refused_as_everywhere() -> None:
    answer = push({"tracks": [track()]}, target=f"{PATH}?force=1")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_field")


def test_the_distributor_reads_what_the_carrier_said_newest_first_and_events_have_no_words() -> (
    None
):
    parcel = make_parcel()
    order = parcel.fulfilment.order
    shop = Shop(order.distributor)
    early = (timezone.now() - timedelta(hours=9)).replace(microsecond=0)
    push(
        {
            "tracks": [
                track(text="已签收，签收人：张三", place="深圳市"),
                track(status="picked_up", scanned_at=early.isoformat(), text="已揽收"),
            ]
        }
    )
    outbox.stamp()

    [shown] = shop.get(f"/orders/{order.order_no}/shipments").json()["items"]
    events = shop.get("/events").json()["items"]

    assert (shown["state"], shown["version"]) == ("delivered", 2)
    assert shown["delivered_at"] == shown["scans"][0]["at"]
    assert [scan["status"] for scan in shown["scans"]] == ["delivered", "picked_up"]
    assert shown["scans"][0]["place"] == "深圳市"
    told = events[-1]
    assert (told["type"], told["object_version"]) == ("shipment.delivered", 2)
    assert told["previous"] == {"state": "in_transit"}
    assert told["data"]["out_order_no"] == order.out_order_no
    assert "张三" not in json.dumps(events, ensure_ascii=False)
