"""The simulated carrier: real HTTP, signed, until the parcels have fared as they should."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from kit.actors import OPERATIONS
from orders import placing, shipping
from orders.models import Order, Scan, Shipment
from tests.conftest import LiveWeb
from tests.factories import make_distributor, make_request, make_sku

pytestmark = pytest.mark.http


def make_parcels(count: int) -> list[Shipment]:
    shop, sku = make_distributor(), make_sku(supply_price_fen=1_00)
    at = timezone.now() - timedelta(hours=5)
    placing.place_many([make_request(shop, {sku: 1}) for _ in range(count)], at=at)
    return [
        shipping.ship(
            fulfilment_pk=order.fulfilments.get().pk,
            supplier=None,
            carrier_code="SF",
            tracking_no=f"SF900000000000{number}",
            actor=OPERATIONS,
            at=at,
        )
        for number, order in enumerate(Order.objects.filter(distributor=shop).order_by("pk"))
    ]


def simulate(url: str, **options: object) -> str:
    out = io.StringIO()
    call_command("simulate_carrier", url=url, stdout=out, **options)
    return out.getvalue().strip()


def test_parcels_are_carried_to_the_door_and_then_there_is_nothing_more_to_say(
    live_web: LiveWeb,
) -> None:
    make_parcels(2)

    first = simulate(live_web.url, steps=1)
    rest = simulate(live_web.url)
    nothing = simulate(live_web.url)

    assert first == "2 scans of 2 parcels were pushed: 2 in_transit."
    assert rest == "6 scans of 2 parcels were pushed: 2 delivered."
    assert nothing.startswith("No parcel")
    times = list(Scan.objects.filter(shipment=Shipment.objects.first()).order_by("scanned_at"))
    assert [scan.status for scan in times] == [
        "picked_up",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]


def test_one_parcel_is_refused_and_comes_back(live_web: LiveWeb) -> None:
    first, second = make_parcels(2)

    said = simulate(live_web.url, end="returned", tracking_no=second.tracking_no, json=True)

    first.refresh_from_db()
    second.refresh_from_db()
    assert [item["state"] for item in json.loads(said)][-1] == "returned"
    assert (first.state, second.state) == ("in_transit", "returned")


def test_a_carrier_with_another_secret_is_refused(live_web: LiveWeb, settings: Settings) -> None:
    [parcel] = make_parcels(1)
    settings.CARRIER_PUSH_SECRET = ["another secret"]

    with pytest.raises(CommandError, match="401"):
        simulate(live_web.url)

    parcel.refresh_from_db()
    assert parcel.state == "in_transit"
