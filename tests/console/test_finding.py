"""Anything is found by its number, from one box, by who may see it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders import placing
from orders.models import Order, Shipment
from supplychain.models import Product
from tests.console.staff import World, client_of, make_staff, make_world
from tests.factories import NOON, make_distributor, make_request

MAX_QUERIES = 15


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def find(client: Client, term: str) -> str:
    """Where the box leads; empty where it does not jump."""
    answer = client.post("/admin/find/", {"q": term})
    assert answer.status_code in (200, 302)
    return str(answer.headers.get("Location", ""))


def test_a_number_of_whatever_kind_leads_to_what_it_means(world: World) -> None:
    client = client_of(make_staff(superuser=True))
    parcel = Shipment.objects.get(fulfilment__order=world.order)
    bill = world.supplier.bills.get()
    recharge = world.distributor.recharges.get()
    withdrawal = world.distributor.withdrawals.get()
    key = world.distributor.partner.keys.get()
    event = world.distributor.partner.events.order_by("pk")[0]
    type(event).objects.filter(pk=event.pk).update(seq=7)
    product = Product.objects.get(pk=world.own_sku.product_id)

    found = {
        term: find(client, term)
        for term in [
            world.order.order_no.lower(),
            world.order.out_order_no,
            parcel.tracking_no,
            world.case.case_no,
            world.claim.claim_no,
            world.claim.out_claim_no,
            world.cancellation.cancellation_no,
            str(world.cancellation.request),
            world.own_sku.sku_no,
            product.item_no,
            world.distributor.number,
            str(world.supplier.company),
            bill.bill_no,
            recharge.recharge_no,
            withdrawal.withdrawal_no,
            key.public_id,
            f"evt_{event.partner_id}_7",
        ]
    }

    assert list(found.values()) == [
        f"/admin/orders/{world.order.pk}/",
        f"/admin/orders/{world.order.pk}/",
        f"/admin/parcels/{parcel.pk}/",
        f"/admin/cases/{world.case.pk}/",
        f"/admin/goodwill/{world.claim.pk}/",
        f"/admin/goodwill/{world.claim.pk}/",
        f"/admin/cancellations/{world.cancellation.pk}/",
        f"/admin/cancellations/{world.cancellation.pk}/",
        f"/admin/skus/{world.own_sku.pk}/",
        f"/admin/products/{product.pk}/",
        f"/admin/distributors/{world.distributor.pk}/",
        f"/admin/suppliers/{world.supplier.pk}/",
        f"/admin/bills/{bill.pk}/",
        f"/admin/recharges/{recharge.pk}/",
        f"/admin/withdrawals/{withdrawal.pk}/",
        f"/admin/integration/apikey/{key.pk}/change/",
        f"/admin/integration/event/{event.pk}/change/",
    ]


def test_a_phone_finds_orders_for_who_may_see_consumers_and_that_is_recorded(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    phone = world.order.consignee.opened[1]
    service = client_of(make_staff("see_companies", "see_orders", "see_consumers"))
    reader = client_of(make_staff("see_companies", "see_orders"))

    with django_assert_max_num_queries(MAX_QUERIES):
        page = service.post("/admin/find/", {"q": phone})
    hidden = reader.post("/admin/find/", {"q": phone})
    addressed = service.get("/admin/find/", {"q": phone})

    assert page.context["count"] == Order.objects.count()
    assert (hidden.context["count"], addressed.context["count"]) == (0, 0)
    [record] = LogEntry.objects.all()
    assert phone[-4:] in record.change_message
    assert phone not in record.change_message


def test_only_what_the_reader_may_see_is_found(world: World) -> None:
    client = client_of(make_staff("see_companies", "see_goods"))

    assert find(client, world.order.order_no) == ""
    assert find(client, world.distributor.recharges.get().recharge_no) == ""
    assert find(client, world.own_sku.sku_no) == f"/admin/skus/{world.own_sku.pk}/"


def test_a_number_that_several_have_is_listed_by_kind(world: World) -> None:
    other = make_distributor(deposit_fen=1_000_00)
    request = make_request(other, {world.own_sku: 1}, number=world.order.out_order_no)
    placing.place(request, at=NOON)
    client = client_of(make_staff(superuser=True))

    page = client.post("/admin/find/", {"q": world.order.out_order_no})
    nothing = client.post("/admin/find/", {"q": "nothing-of-ours"})

    [(title, hits)] = page.context["groups"]
    assert (title, len(hits)) == ("订单", 2)
    assert nothing.context["groups"] == []
    assert "nothing-of-ours" in nothing.content.decode()
