"""Parcels in trouble, as staff see and settle them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kit.actors import OPERATIONS
from orders import placing, shipping, tracking
from orders.models import Order, Shipment
from orders.tracking import Heard
from suppliers.models import Supplier
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)
SF, OTHER = "SF1234567890123", "SF1234567890124"
LIST = "/admin/orders/shipment/?trouble=now"


def make_parcel(
    *, supplier: Supplier | None = None, status: str = "", number: str = SF
) -> Shipment:
    shop = make_distributor()
    placing.place(make_request(shop, {make_sku(supplier=supplier): 2}), at=NOON)
    parcel = shipping.ship(
        fulfilment_pk=Order.objects.get(distributor=shop).fulfilments.get().pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no=number,
        actor=OPERATIONS,
        at=NOON,
    )
    if status:
        at = NOON + timedelta(hours=1)
        tracking.record(heard=[Heard("SF", number, status, at, "地址不详")], at=at)
        parcel.refresh_from_db()
    return parcel


def decide(client: Client, parcel: Shipment, act: str, **values: Any) -> int:
    return client.post(f"/admin/parcels/{parcel.pk}/{act}/", values).status_code


def test_parcels_in_trouble_are_listed_with_those_that_come_back_and_no_other() -> None:
    numbers = {
        status: f"SF100000000000{n}"
        for n, status in enumerate(("exception", "refused", "returned", "picked_up"))
    }
    for status, number in numbers.items():
        make_parcel(status=status, number=number)

    page = client_of(make_staff("see_orders")).get(LIST).content.decode()

    shown = {status for status, number in numbers.items() if number in page}
    assert shown == {"exception", "refused"}


def test_the_inbox_counts_them(client: Client) -> None:
    make_parcel(status="exception")

    page = client_of(make_staff("see_orders")).get("/admin/").content.decode()

    assert "异常包裹" in page


def test_a_parcel_shows_its_scans_and_what_may_be_done() -> None:
    parcel = make_parcel(status="exception")
    address = f"/admin/parcels/{parcel.pk}/"

    page = client_of(make_staff("see_orders", "decide_aftersales")).get(address).content.decode()
    other = client_of(make_staff("see_orders")).get(address).content.decode()

    assert "地址不详" in page
    assert "核销包裹" in page
    assert "核销包裹" not in other


def test_staff_write_a_lost_parcel_off_with_a_reason() -> None:
    parcel = make_parcel(supplier=make_supplier(), status="exception")
    client = client_of(make_staff("see_orders", "decide_aftersales"))

    without = decide(client, parcel, "loss")
    done = decide(client, parcel, "loss", reason="承运商确认丢失")

    parcel.refresh_from_db()
    assert (without, done, parcel.state) == (422, 302, "lost")


def test_staff_register_any_parcel_as_back_and_void_any_that_no_carrier_has() -> None:
    supplier = make_supplier()
    back = make_parcel(supplier=supplier, status="refused")
    mistaken = make_parcel(supplier=supplier, number=OTHER)
    client = client_of(make_staff("see_orders", "inspect_returns", "ship_orders"))

    codes = [decide(client, back, "return"), decide(client, mistaken, "voiding", reason="误录")]

    for parcel in (back, mistaken):
        parcel.refresh_from_db()
    assert codes == [302, 302]
    assert (back.state, mistaken.state) == ("returned", "voided")


def test_own_parcels_are_corrected_and_those_of_suppliers_are_not() -> None:
    own = make_parcel()
    theirs = make_parcel(supplier=make_supplier(), number="SF1234567890125")
    client = client_of(make_staff("see_orders", "ship_orders"))
    values = {"tracking_no": OTHER, "carrier_code": "SF", "reason": "录错"}

    codes = [decide(client, parcel, "correction", **values) for parcel in (own, theirs)]

    own.refresh_from_db()
    theirs.refresh_from_db()
    assert codes == [302, 404]
    assert (own.tracking_no, theirs.tracking_no) == (OTHER, "SF1234567890125")


def test_what_the_state_does_not_allow_is_said_and_changes_nothing() -> None:
    parcel = make_parcel()
    client = client_of(make_staff("see_orders", "decide_aftersales", "inspect_returns"))

    codes = [decide(client, parcel, "loss", reason="?"), decide(client, parcel, "return")]

    parcel.refresh_from_db()
    assert codes == [409, 409]
    assert parcel.state == "in_transit"


def test_staff_report_what_they_heard_and_only_what_can_be() -> None:
    parcel = make_parcel(supplier=make_supplier())
    client = client_of(make_staff("see_orders", "decide_aftersales"))

    page = client.get(f"/admin/parcels/{parcel.pk}/report/").content.decode()
    impossible = decide(client, parcel, "report", state="lost", reason="?")
    done = decide(client, parcel, "report", state="exception", reason="破损")

    parcel.refresh_from_db()
    assert 'value="returning"' in page
    assert 'value="in_transit"' not in page
    assert (impossible, done, parcel.state) == (422, 302, "exception")
