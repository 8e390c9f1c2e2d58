"""What went wrong stands in one queue, by kind, until its cause is gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console import exceptions, taking_up
from console.models import Attention
from distributors.models import Distributor
from kit.actors import OPERATIONS
from orders import cancelling, correcting, placing, shipping
from orders.models import Fulfilment, Order, Shipment, ShipmentState
from supplychain.models import Sku
from tests.console.staff import client_of, make_cancellation, make_staff
from tests.factories import make_distributor, make_request, make_sku, make_supplier

MAX_QUERIES = 15
NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=6)


@pytest.fixture
def shop(transactional_db: None) -> Distributor:
    return make_distributor(deposit_fen=10_000_00)


def order(shop: Distributor, sku: Sku, *, at: Any = LONG_AGO) -> Fulfilment:
    """The part of a new order of one sku."""
    placed = placing.place(make_request(shop, {sku: 2}), at=at)
    return Order.objects.get(order_no=placed.document["order_no"]).fulfilments.get()


def ship(part: Fulfilment, tracking_no: str, *, at: Any = LONG_AGO) -> Shipment:
    """A parcel with all of a part."""
    return shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        actor=OPERATIONS,
        at=at,
    )


def look(client: Client, kind: str, whose: str = "all") -> list[int]:
    """The keys of what a list shows."""
    page = client.get("/admin/exceptions/", {"kind": kind, "whose": whose})
    return [row.thing.pk for row in page.context["rows"]]


def test_each_kind_is_derived_from_the_facts_and_goes_with_them(
    shop: Distributor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    own, theirs = make_sku(), make_sku(supplier=make_supplier())
    late_own, late = order(shop, own), order(shop, theirs)
    stuck, troubled = (
        ship(order(shop, own), "SF1234567890001"),
        ship(order(shop, own), "SF1234567890002"),
    )
    ship(order(shop, own, at=NOW), "SF1234567890003", at=NOW)
    correcting.report(
        shipment_pk=troubled.pk,
        state=ShipmentState.EXCEPTION,
        reason="破损",
        actor=OPERATIONS,
        at=NOW,
    )
    lacking = order(shop, theirs, at=NOW)
    short = cancelling.report_shortage(
        fulfilment_pk=lacking.pk,
        supplier=lacking.supplier,
        pieces={lacking.lines.get().pk: 1},
        empty_stock=False,
        actor=OPERATIONS,
        at=NOW,
    )
    asked = make_cancellation(shop, own, NOW - timedelta(days=1))
    client = client_of(make_staff("see_orders"))

    with django_assert_max_num_queries(MAX_QUERIES):
        client.get("/admin/exceptions/")
    found = {kind: look(client, kind) for kind in exceptions.KINDS}
    ship(late_own, "SF1234567890004", at=NOW)

    assert found["late_own"] == [late_own.pk]
    assert found["late"] == [late.pk]
    assert found["stuck"] == [stuck.pk]
    assert found["trouble"] == [troubled.pk]
    assert found["short"] == [short.pk]
    assert found["cancelling"] == [asked.pk]
    assert look(client, "late_own") == []


def test_one_takes_it_and_another_is_refused(shop: Distributor) -> None:
    part = order(shop, make_sku())
    first, second = make_staff("see_orders", "take_up_exceptions"), make_staff(superuser=True)
    address = f"/admin/exceptions/late_own/{part.pk}/taking/"

    taken = client_of(first).post(address)
    refused = client_of(second).post(address)

    assert (taken.status_code, refused.status_code) == (302, 409)
    assert Attention.objects.get().owner == first
    assert look(client_of(first), "late_own", "mine") == [part.pk]
    assert look(client_of(second), "late_own", "mine") == []
    assert look(client_of(second), "late_own", "free") == []


def test_what_is_put_off_is_not_shown_until_then(shop: Distributor) -> None:
    part = order(shop, make_sku())
    client = client_of(make_staff(superuser=True))
    address = f"/admin/exceptions/late_own/{part.pk}/"
    until = timezone.localtime(NOW + timedelta(days=1))

    done = client.post(address, {"note": "已催仓库", "put_off_until": f"{until:%Y-%m-%dT%H:%M}"})
    past = client.post(address, {"note": "x", "put_off_until": "2020-01-01T00:00"})

    assert (done.status_code, past.status_code) == (302, 409)
    assert Attention.objects.get().note == "已催仓库"
    assert look(client, "late_own") == []
    assert look(client, "late_own", "off") == [part.pk]
    after = exceptions.wrong("late_own", at=NOW + timedelta(days=2))
    assert [one.pk for one in after] == [part.pk]


def test_notes_about_what_is_long_gone_are_forgotten(shop: Distributor) -> None:
    someone = make_staff()
    taking_up.take(kind="late", subject_pk=1, person=someone, at=LONG_AGO - taking_up.KEPT)
    taking_up.take(kind="late", subject_pk=2, person=someone, at=NOW)

    assert taking_up.forget(at=NOW) == 1
    assert Attention.objects.get().subject_pk == 2
