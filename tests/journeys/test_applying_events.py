"""What docs/api/callbacks.md tells receivers is enough: whatever order events come in, and however often."""

import random
from collections.abc import Iterable
from typing import Any

import pytest

from kit.actors import OPERATIONS
from orders import shipping
from orders.models import Fulfilment
from tests.api.signed import Shop, order_body
from tests.factories import NOON, make_distributor, make_sku

MESSAGES = 10_000
ORDERS = 30

pytestmark = pytest.mark.django_db(transaction=True)


def test_10000_messages_shuffled_doubled_and_delayed_end_in_the_servers_state() -> None:
    shop = Shop(make_distributor(deposit_fen=10_000_000))
    live_through(shop)
    events = feed(shop)
    chance = random.Random(20261122)
    calls = events + chance.choices(events, k=MESSAGES - len(events))
    chance.shuffle(calls)

    known = receive(calls)

    ours = {order["order_no"]: order for order in every_order(shop)}
    assert known.keys() == ours.keys()
    assert {order["state"] for order in ours.values()} >= {"placed", "shipped", "completed"}
    for order_no, order in ours.items():
        for name in known[order_no].keys() & order.keys():
            assert known[order_no][name] == order[name], (order_no, name)


def receive(calls: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Drop what is known by its id; of one order let the greater version stand."""
    seen: set[str] = set()
    versions: dict[str, int] = {}
    orders: dict[str, dict[str, Any]] = {}
    for event in calls:
        if event["id"] in seen or not event["type"].startswith("order."):
            continue
        seen.add(event["id"])
        order_no = event["data"]["order_no"]
        if event["object_version"] > versions.get(order_no, 0):
            versions[order_no] = event["object_version"]
            orders[order_no] = event["data"]
    return orders


def live_through(shop: Shop) -> None:
    """Orders of which each third goes a step further: placed, shipped, received."""
    tea = make_sku(supply_price_fen=1_00, available=1_000)
    orders = [order_body(tea.sku_no, number=f"M{n}", quantity=2) for n in range(ORDERS)]
    assert shop.post("/orders/batch", {"orders": orders}).status_code == 200
    for place, part in enumerate(Fulfilment.objects.select_related("order").order_by("pk")):
        if place % 3 == 0:
            continue
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=None,
            carrier_code="SF",
            tracking_no=f"SF{place:010d}",
            actor=OPERATIONS,
            at=NOON,
        )
        if place % 3 == 2:
            shop.post(f"/orders/{part.order.order_no}/receipt")


def feed(shop: Shop) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = shop.get("/events?limit=200").json()["items"]
    return events


def every_order(shop: Shop) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = shop.get("/orders?limit=200").json()["items"]
    return orders
