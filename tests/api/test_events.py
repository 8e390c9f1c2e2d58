"""The feed of events through the API."""

from typing import Any

from tests.api.signed import Shop, order_body
from tests.factories import make_sku


def follow(shop: Shop, *, limit: int) -> list[Any]:
    """Read the feed to its end."""
    found: list[Any] = []
    while True:
        after = found[-1]["seq"] if found else 0
        page = shop.get(f"/events?after={after}&limit={limit}").json()
        found += page["items"]
        if page["next"] is None:
            return found
        assert page["next"] == str(found[-1]["seq"])


def test_everything_that_happened_is_read_once_in_order_without_gaps(shop: Shop) -> None:
    tea = make_sku(available=9)
    for number in range(4):
        shop.post("/orders", order_body(tea.sku_no, number=f"A{number}"))
    other = Shop()
    other.post("/orders", order_body(tea.sku_no, number="B1"))

    events = follow(shop, limit=2)

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    placed = [event for event in events if event["type"] == "order.placed"]
    assert [event["data"]["out_order_no"] for event in placed] == ["A0", "A1", "A2", "A3"]
    assert len({event["id"] for event in events}) == len(events)


def test_events_carry_no_consumer(shop: Shop) -> None:
    tea = make_sku()
    shop.post("/orders", order_body(tea.sku_no, number="A1"))

    text = shop.get("/events").content.decode()

    assert "A1" in text
    for secret in ("张三", "13800000000", "海德三道"):
        assert secret not in text


def test_after_the_last_event_there_is_nothing_until_something_happens(shop: Shop) -> None:
    tea = make_sku()
    last = follow(shop, limit=200)[-1]["seq"]
    before = shop.get(f"/events?after={last}").json()
    shop.post("/orders", order_body(tea.sku_no, number="A1"))

    after = shop.get(f"/events?after={last}").json()

    assert before == {"items": [], "next": None}
    assert after["items"][0]["seq"] == last + 1
