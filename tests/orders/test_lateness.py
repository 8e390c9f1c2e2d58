"""Lateness: told once for each part that was not shipped in time; it gives the right to cancel."""

from datetime import timedelta

import pytest

from integration.models import Event
from kit.actors import OPERATIONS
from orders import cancelling, lateness, placing, shipping
from orders.models import Fulfilment, History, Order
from supplychain.models import Sku
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier

pytestmark = pytest.mark.django_db

DUE = NOON + timedelta(hours=48)
LATE = DUE + timedelta(seconds=1)


def place(quantities: dict[Sku, int]) -> Order:
    shop = make_distributor(deposit_fen=10_000_00)
    placing.place(make_request(shop, quantities), at=NOON)
    return Order.objects.get(distributor=shop)


def ship(part: Fulfilment, pieces: dict[int, int] | None = None) -> None:
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=f"SF{part.pk:013}",
        pieces=pieces,
        actor=OPERATIONS,
        at=NOON,
    )


def test_a_part_is_late_after_its_deadline_and_told_once() -> None:
    order = place({make_sku(): 1})

    assert lateness.note_late(at=DUE) == 0
    assert lateness.note_late(at=LATE) == 1
    assert lateness.note_late(at=LATE + timedelta(hours=1)) == 0

    part = order.fulfilments.get()
    assert part.late_at == LATE
    told = Event.objects.get(type="fulfilment.late")
    order.refresh_from_db()
    assert (told.object_no, told.object_version) == (f"{order.order_no}/1", order.version)
    assert told.data["out_order_no"] == order.out_order_no
    assert told.data["line_ids"] == ["1"]
    noted = History.objects.get(act="late")
    assert (noted.subject, noted.actor_kind) == (f"fulfilment {part.pk}", "timer")


def test_only_the_late_one_of_several_parts_is_told_by_its_number() -> None:
    order = place({make_sku(): 1, make_sku(supplier=make_supplier()): 1})
    own, _theirs = order.fulfilments.order_by("pk")
    ship(own)

    assert lateness.note_late(at=LATE) == 1

    assert Event.objects.get(type="fulfilment.late").object_no == f"{order.order_no}/2"


def test_a_part_of_which_some_has_left_is_late_too() -> None:
    order = place({make_sku(): 2})
    ship(order.fulfilments.get(), {order.lines.get().pk: 1})

    assert lateness.note_late(at=LATE) == 1


def test_what_is_shipped_or_cancelled_is_not_late() -> None:
    shipped, cancelled = place({make_sku(): 1}), place({make_sku(): 1})
    ship(shipped.fulfilments.get())
    cancelling.request(
        distributor=cancelled.distributor,
        order_pk=cancelled.pk,
        reason="changed_mind",
        actor=OPERATIONS,
        at=NOON,
    )

    assert lateness.note_late(at=LATE) == 0

    assert not Event.objects.filter(type="fulfilment.late").exists()


def test_all_that_is_late_after_a_standstill_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "DUE_AT_ONCE", 2)
    for _ in range(5):
        place({make_sku(): 1})

    assert lateness.note_late(at=LATE + timedelta(hours=1)) == 5

    assert Event.objects.filter(type="fulfilment.late").count() == 5
