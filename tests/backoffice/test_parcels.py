"""A supplier's parcels: their scans, and what can be done about those not as entered."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from kit.actors import OPERATIONS
from orders import shipping, tracking
from orders.models import Order, Shipment
from orders.tracking import Heard
from suppliers.models import Supplier
from tests.factories import make_supplier
from tests.people import log_in, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)
SF, OTHER = "SF1234567890123", "SF1234567890124"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def client(supplier: Supplier) -> Client:
    return log_in(make_person(supplier.company))


@pytest.fixture
def parcel(supplier: Supplier) -> Shipment:
    order = make_order_for(supplier, quantity=2)
    return shipping.ship(
        fulfilment_pk=order.fulfilments.get().pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no=SF,
        actor=OPERATIONS,
        at=timezone.now(),
    )


def path_of(parcel: Shipment, act: str = "") -> str:
    order = Order.objects.get(fulfilments__shipments=parcel)
    return f"/supplier/orders/{order.order_no}/parcels/{parcel.pk}/{act}"


def scan(status: str, text: str = "") -> None:
    heard = Heard("SF", SF, status, timezone.now() - timedelta(minutes=1), text, "福州市")
    tracking.record(heard=[heard], at=timezone.now())


def test_what_the_carrier_said_is_shown(client: Client, parcel: Shipment) -> None:
    scan("picked_up", "快件已揽收 13812345678")

    page = client.get(path_of(parcel)).content.decode()

    for words in (SF, "已揽收", "福州市", "138****5678"):
        assert words in page
    assert "13812345678" not in page


def test_a_wrong_number_is_corrected_with_a_reason(client: Client, parcel: Shipment) -> None:
    sent = {"tracking_no": "jt1234567890123", "carrier": "JTSD", "reason": "录错单号"}

    answer = client.post(path_of(parcel, "correction/"), sent)

    parcel.refresh_from_db()
    assert answer.status_code == 302
    assert (parcel.carrier_code, parcel.tracking_no) == ("JTSD", "JT1234567890123")


def test_a_correction_without_reason_or_number_is_shown_again(
    client: Client, parcel: Shipment
) -> None:
    answer = client.post(path_of(parcel, "correction/"), {"tracking_no": OTHER, "carrier": "SF"})

    parcel.refresh_from_db()
    assert answer.status_code == 422
    assert OTHER in answer.content.decode()
    assert parcel.tracking_no == SF


def test_a_parcel_entered_by_mistake_is_voided_and_its_pieces_are_to_ship_again(
    client: Client, parcel: Shipment
) -> None:
    answer = client.post(path_of(parcel, "voiding/"), {"reason": "重复录入"}, follow=True)

    parcel.refresh_from_db()
    assert parcel.state == "voided"
    assert "voided" in answer.content.decode()
    assert parcel.fulfilment.lines.get().to_ship == 2


def test_a_parcel_that_the_carrier_has_cannot_be_voided(client: Client, parcel: Shipment) -> None:
    scan("picked_up")

    page = client.get(path_of(parcel)).content.decode()
    answer = client.post(path_of(parcel, "voiding/"), {"reason": "重复录入"})

    parcel.refresh_from_db()
    assert "voiding/" not in page
    assert answer.status_code == 409
    assert "has scanned parcel" in answer.content.decode()
    assert parcel.state == "in_transit"


def test_a_returning_parcel_is_registered_as_back(client: Client, parcel: Shipment) -> None:
    scan("refused")

    answer = client.post(path_of(parcel, "return/"), follow=True)

    parcel.refresh_from_db()
    assert answer.status_code == 200
    assert parcel.state == "returned"


@pytest.mark.parametrize("act", ["", "correction/", "voiding/", "return/"])
def test_another_suppliers_parcel_does_not_exist(parcel: Shipment, act: str) -> None:
    stranger = log_in(make_person(make_supplier().company))
    sent = {"tracking_no": OTHER, "carrier": "SF", "reason": "x"}

    address = path_of(parcel, act)
    answer = stranger.post(address, sent) if act else stranger.get(address)

    parcel.refresh_from_db()
    assert answer.status_code == 404
    assert (parcel.tracking_no, parcel.state) == (SF, "in_transit")
