"""Cancelling and redirecting by hand in the portal."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from distributors.models import Distributor
from kit.actors import OPERATIONS
from ledger import accounts
from orders import cancelling, placing, shipping
from orders.models import Cancellation, Order
from tests.factories import make_distributor, make_request, make_sku
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {
    "name": "李四",
    "phone": "13900000001",
    "province": "广东省",
    "city": "广州市",
    "district": "",
    "detail": "体育西路1号",
}


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Distributor:
    return make_distributor()


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in(make_person(shop.company), language="zh-hans")


@pytest.fixture
def order(shop: Distributor) -> Order:
    """Two pieces for 52.50 yuan each."""
    placing.place(make_request(shop, {make_sku(supply_price_fen=50_00): 2}), at=timezone.now())
    return Order.objects.get()


def begin(order: Order) -> None:
    shipping.begin(
        fulfilment_pks=[order.fulfilments.get().pk],
        supplier=None,
        actor=OPERATIONS,
        at=timezone.now(),
    )


def page(order: Order, act: str = "") -> str:
    return f"/portal/orders/{order.order_no}/{act}"


def wanted(order: Order, pieces: int, **fields: Any) -> dict[str, Any]:
    """What the form sends for so many pieces of the only line."""
    return {f"pieces_{order.lines.get().pk}": pieces, "reason": "changed_mind"} | fields


def test_pieces_are_cancelled_at_once_and_the_money_is_back(client: Client, order: Order) -> None:
    shown = client.get(page(order, "cancellation/"))
    answer = client.post(page(order, "cancellation/"), wanted(order, 1), follow=True)

    assert shown.status_code == 200
    text = answer.content.decode()
    assert "已取消，货款已退回预存货款。" in text
    assert str(Cancellation.objects.get()) in text
    assert accounts.deposit_of(order.distributor_id).balance_fen == 1_000_00 - 52_50


def test_a_request_is_shown_with_its_deadline_and_withdrawn(client: Client, order: Order) -> None:
    begin(order)
    client.post(page(order, "cancellation/"), wanted(order, 2, note="等不及了"))
    cancellation = Cancellation.objects.get()
    asked = client.get(page(order)).content.decode()

    answer = client.post(f"/portal/cancellations/{cancellation}/withdrawal/", follow=True)

    assert "等不及了" in asked
    assert "到期未答复将自动同意" in asked
    assert answer.redirect_chain == [(page(order), 302)]
    cancellation.refresh_from_db()
    assert cancellation.state == "withdrawn"


def test_a_request_is_shown_with_the_shops_own_number(client: Client, order: Order) -> None:
    cancelling.request(
        distributor=order.distributor,
        order_pk=order.pk,
        reason="changed_mind",
        out_cancellation_no="C-1",
        actor=OPERATIONS,
        at=timezone.now(),
    )

    assert "您的取消单号 C-1" in client.get(page(order)).content.decode()


def test_what_was_answered_meanwhile_is_not_withdrawn(client: Client, order: Order) -> None:
    client.post(page(order, "cancellation/"), wanted(order, 2))
    cancellation = Cancellation.objects.get()

    answer = client.post(f"/portal/cancellations/{cancellation}/withdrawal/", follow=True)

    assert "已同意" in answer.content.decode()
    cancellation.refresh_from_db()
    assert cancellation.state == "granted"


@pytest.mark.parametrize("pieces", [0, 3])
def test_what_cannot_be_cancelled_is_shown_again(client: Client, order: Order, pieces: int) -> None:
    answer = client.post(page(order, "cancellation/"), wanted(order, pieces))

    assert answer.status_code == 422
    assert not Cancellation.objects.exists()


def test_an_order_is_sent_elsewhere(client: Client, order: Order) -> None:
    shown = client.get(page(order, "address/")).content.decode()
    answer = client.post(page(order, "address/"), NEW, follow=True)

    assert "海德三道199号" in shown
    assert "体育西路1号" in answer.content.decode()


def test_what_has_left_is_not_sent_elsewhere(client: Client, order: Order) -> None:
    shipping.ship(
        fulfilment_pk=order.fulfilments.get().pk,
        supplier=None,
        carrier_code="SF",
        tracking_no="SF1234567890123",
        actor=OPERATIONS,
        at=timezone.now(),
    )

    shown = client.get(page(order)).content.decode()
    answer = client.post(page(order, "address/"), NEW)

    assert page(order, "address/") not in shown
    assert page(order, "cancellation/") not in shown
    assert answer.status_code == 422
    order.consignee.refresh_from_db()
    assert order.consignee.city == "深圳市"


@pytest.mark.parametrize("act", ["cancellation/", "address/"])
def test_anothers_order_is_not_there(order: Order, act: str) -> None:
    stranger = log_in(make_person(make_distributor().company))

    shown, answer = stranger.get(page(order, act)), stranger.post(page(order, act), NEW)

    assert (shown.status_code, answer.status_code) == (404, 404)


def test_anothers_cancellation_is_not_there(client: Client, order: Order) -> None:
    begin(order)
    client.post(page(order, "cancellation/"), wanted(order, 2))
    stranger = log_in(make_person(make_distributor().company))

    answer = stranger.post(f"/portal/cancellations/{Cancellation.objects.get()}/withdrawal/")

    assert answer.status_code == 404
    assert Cancellation.objects.get().state == "requested"
