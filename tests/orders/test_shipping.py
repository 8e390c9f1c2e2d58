"""Shipping: parcels by line and quantity, by the source they belong to, and by nobody else."""

import pytest

from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from orders import placing, shipping
from orders.models import Fulfilment, FulfilmentState, History, Line, Order, OrderState, Shipment
from suppliers.models import Supplier
from supplychain.models import Sku
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier

pytestmark = pytest.mark.django_db


def place(quantities: dict[Sku, int]) -> Order:
    shop = make_distributor(deposit_fen=10_000_00)
    placing.place(make_request(shop, quantities), at=NOON)
    return Order.objects.get(distributor=shop)


def ship(
    part: Fulfilment, *, pieces: dict[int, int] | None = None, tracking_no: str = "SF1234567890123"
) -> Shipment:
    return shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        pieces=pieces,
        actor=OPERATIONS,
        at=NOON,
    )


def state_of(order: Order) -> str:
    order.refresh_from_db()
    return order.state


def test_shipping_everything_moves_fulfilment_and_order_and_tells_the_distributor() -> None:
    order = place({make_sku(): 2})

    ship(order.fulfilments.get())

    assert state_of(order) == OrderState.SHIPPED
    assert order.fulfilments.get().state == FulfilmentState.SHIPPED
    assert order.lines.get().shipped == 2
    told = Event.objects.filter(type__in=["order.shipped", "shipment.created"])
    assert {event.type for event in told} == {"order.shipped", "shipment.created"}
    assert "13800000000" not in str([event.data for event in told])
    acts = History.objects.values_list("subject", "act")
    assert ("shipment SF SF1234567890123", "shipped") in acts


def test_parcels_may_hold_parts_of_lines() -> None:
    order = place({make_sku(): 3})
    part, line = order.fulfilments.get(), order.lines.get()

    ship(part, pieces={line.pk: 2}, tracking_no="SF0000000000001")
    assert state_of(order) == OrderState.PARTLY_SHIPPED
    ship(part, pieces={line.pk: 1}, tracking_no="SF0000000000002")

    assert state_of(order) == OrderState.SHIPPED
    line.refresh_from_db()
    assert line.shipped == 3


def test_an_order_of_two_sources_is_partly_shipped_until_both_have() -> None:
    supplier = make_supplier()
    order = place({make_sku(): 1, make_sku(supplier=supplier): 1})
    own, theirs = order.fulfilments.order_by("pk")

    ship(own, tracking_no="SF0000000000001")
    assert state_of(order) == OrderState.PARTLY_SHIPPED
    ship(theirs, tracking_no="SF0000000000002")

    assert state_of(order) == OrderState.SHIPPED


@pytest.mark.parametrize(
    ("_case", "quantity"), [("one more", 3), ("none", 0), ("less than none", -1)]
)
def test_no_parcel_holds_more_than_is_left_or_nothing(_case: str, quantity: int) -> None:
    order = place({make_sku(): 2})
    line = order.lines.get()

    with pytest.raises((shipping.TooManyPieces, shipping.NothingToShip)):
        ship(order.fulfilments.get(), pieces={line.pk: quantity})

    assert not Shipment.objects.exists()
    line.refresh_from_db()
    assert line.shipped == 0
    assert state_of(order) == OrderState.PLACED


def test_what_is_shipped_cannot_be_shipped_again() -> None:
    order = place({make_sku(): 1})
    ship(order.fulfilments.get())

    with pytest.raises(WrongState):
        ship(order.fulfilments.get(), tracking_no="SF0000000000009")

    assert Shipment.objects.count() == 1


@pytest.mark.parametrize("stranger", ["another supplier", "the platform"])
def test_only_its_source_ships_a_fulfilment(stranger: str) -> None:
    order = place({make_sku(supplier=make_supplier()): 1})
    source: Supplier | None = make_supplier() if stranger == "another supplier" else None

    with pytest.raises(NotFound):
        shipping.ship(
            fulfilment_pk=order.fulfilments.get().pk,
            supplier=source,
            carrier_code="SF",
            tracking_no="SF1234567890123",
            actor=OPERATIONS,
            at=NOON,
        )

    assert not Shipment.objects.exists()


@pytest.mark.parametrize(
    ("carrier", "tracking_no", "refusal"),
    [
        ("NOPE", "SF1234567890123", shipping.CarrierUnknown),
        ("SF", "12 34", shipping.TrackingNoUnreadable),
        ("SF", "=1+1", shipping.TrackingNoUnreadable),
        ("SF", "１２３４５６", shipping.TrackingNoUnreadable),
    ],
)
def test_a_label_must_be_readable(
    carrier: str, tracking_no: str, refusal: type[DomainError]
) -> None:
    order = place({make_sku(): 1})

    with pytest.raises(refusal):
        shipping.ship(
            fulfilment_pk=order.fulfilments.get().pk,
            supplier=None,
            carrier_code=carrier,
            tracking_no=tracking_no,
            actor=OPERATIONS,
            at=NOON,
        )

    assert not Shipment.objects.exists()


def test_a_tracking_number_is_one_parcel() -> None:
    first, second = place({make_sku(): 1}), place({make_sku(): 1})
    ship(first.fulfilments.get())

    with pytest.raises(shipping.TrackingNoTaken):
        ship(second.fulfilments.get())

    assert Line.objects.get(order=second).shipped == 0


def test_bad_parcels_of_a_batch_are_refused_one_by_one() -> None:
    orders = [place({make_sku(): 1}) for _ in range(3)]
    parcels = [
        shipping.Parcel(order.fulfilments.get().pk, carrier, f"SF000000000000{index}")
        for index, (order, carrier) in enumerate(zip(orders, ["SF", "NOPE", "顺丰"], strict=True))
    ]

    outcomes = shipping.ship_many(parcels=parcels, supplier=None, actor=OPERATIONS, at=NOON)

    assert isinstance(outcomes[1], shipping.CarrierUnknown)
    assert [state_of(order) for order in orders] == ["shipped", "placed", "shipped"]


def test_a_batch_costs_the_same_number_of_queries_however_large(
    django_assert_max_num_queries: object,
) -> None:
    orders = [place({make_sku(): 1}) for _ in range(12)]
    parcels = [
        shipping.Parcel(order.fulfilments.get().pk, "SF", f"SF00000000000{index:02}")
        for index, order in enumerate(orders)
    ]

    with django_assert_max_num_queries(30):  # type: ignore[operator]
        shipping.ship_many(parcels=parcels, supplier=None, actor=OPERATIONS, at=NOON)

    assert Shipment.objects.count() == 12


def test_what_a_source_has_begun_is_being_processed() -> None:
    order = place({make_sku(): 1})
    part = order.fulfilments.get()

    fresh = shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=NOON)
    again = shipping.begin(fulfilment_pks=[part.pk], supplier=None, actor=OPERATIONS, at=NOON)

    assert (fresh, again) == (1, 0)
    assert state_of(order) == OrderState.PROCESSING
