"""What staff ship, and how they find an order."""

import pytest

from orders import placing
from orders.models import Fulfilment, Order, Shipment
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)


def test_own_goods_are_shipped_in_two_parcels() -> None:
    part = make_own_part(quantity=3)
    line = part.lines.get()
    client = client_of(make_staff("see_orders", "ship_orders"))
    address = f"/admin/fulfilments/{part.pk}/ship/"

    client.post(f"/admin/fulfilments/{part.pk}/begin/")
    client.post(
        address,
        {"tracking_no": "SF1234567890123", "carrier_code": "SF", f"line_{line.pk}": "1"},
    )
    halfway = Fulfilment.objects.get(pk=part.pk)
    client.post(
        address,
        {"tracking_no": "SF1234567890124", "carrier_code": "SF", f"line_{line.pk}": "2"},
    )

    assert halfway.begun_at is not None
    assert halfway.state == "partly_shipped"
    assert Fulfilment.objects.get(pk=part.pk).state == "shipped"
    assert Shipment.objects.count() == 2


@pytest.mark.parametrize(
    ("_case", "changes", "status"),
    [
        ("more than is left", {"quantity": "4"}, 422),
        ("nothing in it", {"quantity": "0"}, 409),
        ("no number", {"tracking_no": "!!!!!!"}, 409),
        ("no such carrier", {"carrier_code": "XX"}, 422),
    ],
)
def test_a_parcel_that_cannot_be_is_refused_and_nothing_ships(
    _case: str, changes: dict[str, str], status: int
) -> None:
    part = make_own_part(quantity=3)
    values = {"tracking_no": "SF1234567890123", "carrier_code": "SF", "quantity": "1", **changes}
    values[f"line_{part.lines.get().pk}"] = values.pop("quantity")

    answer = client_of(make_staff("see_orders", "ship_orders")).post(
        f"/admin/fulfilments/{part.pk}/ship/", values
    )

    assert answer.status_code == status
    assert not Shipment.objects.exists()
    assert Fulfilment.objects.get(pk=part.pk).state == "awaiting_shipment"


def test_staff_do_not_ship_for_a_supplier() -> None:
    distributor = make_distributor()
    sku = make_sku(supplier=make_supplier())
    placing.place(make_request(distributor, {sku: 1}), at=NOON)
    part = Fulfilment.objects.get()

    client = client_of(make_staff("see_orders", "ship_orders"))

    assert client.get(f"/admin/fulfilments/{part.pk}/ship/").status_code == 404
    assert client.post(f"/admin/fulfilments/{part.pk}/begin/").status_code == 404


@pytest.mark.parametrize("kind", ["ours", "theirs", "parcel", "phone"])
def test_an_order_is_found_by_any_of_its_numbers(kind: str) -> None:
    part = make_own_part(quantity=1)
    other = make_own_part(quantity=1)
    client = client_of(make_staff("see_orders", "ship_orders"))
    client.post(
        f"/admin/fulfilments/{part.pk}/ship/",
        {
            "tracking_no": "SF1234567890123",
            "carrier_code": "SF",
            f"line_{part.lines.get().pk}": "1",
        },
    )
    order = Order.objects.get(pk=part.order_id)
    numbers = {
        "ours": order.order_no,
        "theirs": order.out_order_no,
        "parcel": "SF1234567890123",
        "phone": "13800000000",
    }

    found = client.get("/admin/orders/order/", {"q": numbers[kind]}).context["cl"].result_list

    expected = {order.pk, other.order_id} if kind == "phone" else {order.pk}
    assert {one.pk for one in found} == expected


def make_own_part(quantity: int) -> Fulfilment:
    """A part of an order that waits to be shipped from the platform's own stock."""
    placed = placing.place(make_request(make_distributor(), {make_sku(): quantity}), at=NOON)
    return Fulfilment.objects.get(order__order_no=placed.document["order_no"])
