"""Answering cancellations in the console, and own goods that cannot be shipped."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kit.actors import OPERATIONS
from orders import cancelling
from orders.models import Asker, Cancellation, Order, Shipment
from supplychain.models import Stock
from tests.console.staff import World, client_of, make_staff, make_world

pytestmark = pytest.mark.django_db(transaction=True)

LABEL = {"carrier_code": "SF", "tracking_no": "SF9999999999999", "note": "已发出"}


@pytest.fixture
def world() -> World:
    return make_world(at=timezone.now())


@pytest.fixture
def client() -> Client:
    return client_of(make_staff("see_orders", "refund_orders", "ship_orders"))


def page(world: World, act: str = "") -> str:
    return f"/admin/cancellations/{world.cancellation.pk}/{act}"


def state(world: World) -> str:
    return str(Cancellation.objects.get(pk=world.cancellation.pk).state)


def test_what_waits_is_counted_listed_by_deadline_and_shown_with_its_answers(
    world: World, client: Client
) -> None:
    home = client.get("/admin/").content.decode()
    listed = client.get("/admin/orders/cancellation/?state__exact=requested").content.decode()
    shown = client.get(page(world)).content.decode()
    order = client.get(f"/admin/orders/{world.cancellation.fulfilment.order_id}/").content.decode()

    assert "待答复的取消申请" in home
    for text in (listed, shown, order):
        assert str(world.cancellation) in text
    assert page(world, "grant/") in shown
    assert page(world, "refusal/") in shown
    assert "不想要了" in shown


def test_who_may_only_look_gets_no_answers_to_give(world: World) -> None:
    shown = client_of(make_staff("see_orders")).get(page(world)).content.decode()

    assert page(world, "grant/") not in shown
    assert page(world, "refusal/") not in shown


def test_a_cancellation_is_granted(world: World, client: Client) -> None:
    answer = client.post(page(world, "grant/"), follow=True)

    assert answer.redirect_chain == [(page(world), 302)]
    assert state(world) == "granted"
    assert page(world, "grant/") not in answer.content.decode()


def test_a_cancellation_is_refused_with_the_parcel_and_not_without(
    world: World, client: Client
) -> None:
    without = client.post(page(world, "refusal/"), LABEL | {"tracking_no": ""})
    assert (without.status_code, state(world)) == (422, "requested")

    answer = client.post(page(world, "refusal/"), LABEL)

    assert (answer.status_code, state(world)) == (302, "refused")
    assert Shipment.objects.get(tracking_no="SF9999999999999").lines.get().quantity == 1
    assert "SF9999999999999" in client.get(page(world)).content.decode()


def test_the_second_answer_is_told_that_there_is_one(world: World, client: Client) -> None:
    cancelling.grant(cancellation_no=str(world.cancellation), actor=OPERATIONS, at=timezone.now())

    answer = client.post(page(world, "refusal/"), LABEL)

    assert answer.status_code == 409
    assert "已同意" in answer.content.decode()
    assert not Shipment.objects.filter(tracking_no="SF9999999999999").exists()


def test_own_goods_that_are_missing_are_cancelled(world: World, client: Client) -> None:
    part = world.cancellation.fulfilment
    line = part.lines.get()

    answer = client.post(
        f"/admin/fulfilments/{part.pk}/shortage/", {f"line_{line.pk}": "1", "empty_stock": "on"}
    )

    assert answer.status_code == 302
    made = Cancellation.objects.latest("pk")
    assert (made.asker, made.state) == (Asker.SOURCE, "granted")
    line.refresh_from_db()
    assert (line.frozen, line.cancelled) == (1, 1)
    assert Stock.objects.get(sku=line.sku).available == 0


def test_an_order_shows_how_its_cancellations_moved_money_stock_and_news(
    world: World, client: Client
) -> None:
    cancelling.grant(cancellation_no=str(world.cancellation), actor=OPERATIONS, at=timezone.now())
    order = Order.objects.get(pk=world.cancellation.fulfilment.order_id)

    reader = client_of(make_staff("see_orders", "see_money"))
    shown = reader.get(f"/admin/orders/{order.pk}/").content.decode()

    assert "订单取消" in shown
    assert "cancellation.granted" in shown
    assert "+1" in shown


def test_an_unanswered_one_is_red_when_its_time_is_over(world: World, client: Client) -> None:
    Cancellation.objects.update(answer_due_at=timezone.now() - timedelta(minutes=1))

    shown = client.get(page(world)).content.decode()

    assert "hp-bad" in shown
