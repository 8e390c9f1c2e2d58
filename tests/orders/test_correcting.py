"""Parcels that were entered wrongly, do not arrive, or come back."""

from datetime import timedelta

import pytest

from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from orders import correcting, placing, receiving, shipping, tracking
from orders.models import Fulfilment, History, Line, Order, Shipment, ShipmentState
from orders.tracking import Heard
from suppliers.models import Supplier
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=5)
NUMBER, OTHER = "73000000000001", "73000000000002"


def make_part(*, quantity: int = 2, supplier: Supplier | None = None) -> Fulfilment:
    shop = make_distributor()
    sku = make_sku(supplier=supplier)
    placing.place(make_request(shop, {sku: quantity}), at=NOON)
    return Order.objects.get(distributor=shop).fulfilments.get()


def ship(part: Fulfilment, number: str = NUMBER, quantity: int | None = None) -> Shipment:
    line = part.lines.get()
    return shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="ZTO",
        tracking_no=number,
        pieces={line.pk: quantity} if quantity else None,
        actor=OPERATIONS,
        at=NOON,
    )


def scan(status: str, number: str = NUMBER) -> None:
    heard = Heard("ZTO", number, status, NOON + timedelta(hours=1))
    tracking.record(heard=[heard], at=LATER)


def correct(
    parcel: Shipment,
    number: str = OTHER,
    *,
    carrier: str = "ZTO",
    reason: str = "录错单号",
    supplier: Supplier | None = None,
) -> Shipment:
    return correcting.correct(
        shipment_pk=parcel.pk,
        supplier=supplier,
        carrier_code=carrier,
        tracking_no=number,
        reason=reason,
        actor=OPERATIONS,
        at=LATER,
    )


def void(parcel: Shipment, *, supplier: Supplier | None = None, by_staff: bool = True) -> Shipment:
    return correcting.void(
        shipment_pk=parcel.pk,
        supplier=supplier,
        by_staff=by_staff,
        reason="重复发货",
        actor=OPERATIONS,
        at=LATER,
    )


def test_a_corrected_number_is_told_with_the_old_one_and_history_keeps_both() -> None:
    parcel = ship(make_part())

    correct(parcel, " 顺丰 ".strip() and "sf1234567890123", carrier="顺丰")

    parcel.refresh_from_db()
    assert (parcel.carrier_code, parcel.tracking_no) == ("SF", "SF1234567890123")
    event = Event.objects.get(type="shipment.tracking_changed")
    assert event.previous == {"carrier_code": "ZTO", "tracking_no": NUMBER}
    assert (event.data["tracking_no"], event.object_version) == ("SF1234567890123", 2)
    left, entered = History.objects.filter(act__in=["renumbered", "corrected"])
    assert (left.subject, left.reason) == (f"shipment ZTO {NUMBER}", "→ SF SF1234567890123")
    assert (entered.subject, entered.reason) == ("shipment SF SF1234567890123", "录错单号")


def test_what_was_scanned_under_a_wrong_number_is_not_of_the_parcel() -> None:
    parcel = ship(make_part())
    scan("exception")

    correct(parcel)

    parcel.refresh_from_db()
    assert (parcel.state, parcel.scanned_at) == ("in_transit", None)
    scan("delivered", OTHER)
    parcel.refresh_from_db()
    assert parcel.state == "delivered"


def test_a_number_can_be_corrected_back() -> None:
    parcel = ship(make_part())

    correct(parcel, OTHER)
    correct(parcel, NUMBER)

    parcel.refresh_from_db()
    assert (parcel.tracking_no, parcel.version) == (NUMBER, 3)


@pytest.mark.parametrize(
    ("_case", "number", "carrier", "reason", "code"),
    [
        ("no reason", OTHER, "ZTO", " ", "reason_needed"),
        ("a long reason", OTHER, "ZTO", "长" * 201, "reason_needed"),
        ("the same number", NUMBER, "中通", "错", "tracking_no_unchanged"),
        ("no number", "!", "ZTO", "错", "tracking_no_unreadable"),
        ("no carrier", OTHER, "飞毯", "错", "carrier_unknown"),
        ("a number in use", "73000000000003", "ZTO", "错", "tracking_no_taken"),
    ],
)
def test_what_is_no_correction_is_refused_and_changes_nothing(
    _case: str, number: str, carrier: str, reason: str, code: str
) -> None:
    parcel = ship(make_part())
    ship(make_part(), "73000000000003")
    events = Event.objects.count()

    with pytest.raises(DomainError) as refused:
        correct(parcel, number, carrier=carrier, reason=reason)

    parcel.refresh_from_db()
    assert refused.value.code == code
    assert (parcel.tracking_no, parcel.version) == (NUMBER, 1)
    assert Event.objects.count() == events


def test_a_delivered_parcel_keeps_its_number() -> None:
    parcel = ship(make_part())
    scan("delivered")

    with pytest.raises(WrongState):
        correct(parcel)

    parcel.refresh_from_db()
    assert parcel.tracking_no == NUMBER


def test_another_sources_parcel_cannot_be_corrected_voided_or_registered() -> None:
    parcel = ship(make_part(supplier=make_supplier()))
    other = make_supplier()

    with pytest.raises(NotFound):
        correct(parcel, supplier=other)
    with pytest.raises(NotFound):
        correct(parcel, supplier=None)
    with pytest.raises(NotFound):
        void(parcel, supplier=other, by_staff=False)
    with pytest.raises(NotFound):
        correcting.come_back(
            shipment_pk=parcel.pk, supplier=other, by_staff=False, actor=OPERATIONS, at=LATER
        )

    parcel.refresh_from_db()
    assert (parcel.tracking_no, parcel.state) == (NUMBER, "in_transit")


def test_the_pieces_of_a_voided_parcel_are_to_be_shipped_again_under_the_same_number() -> None:
    part = make_part(quantity=2)
    parcel = ship(part)

    void(parcel)

    part.refresh_from_db()
    assert (part.state, part.order.state) == ("awaiting_shipment", "processing")
    assert part.lines.get().to_ship == 2
    assert Event.objects.latest("pk").data["state"] == "voided"
    again = ship(part)
    assert (again.tracking_no, again.state) == (NUMBER, "in_transit")
    part.refresh_from_db()
    assert part.state == "shipped"


@pytest.mark.parametrize(
    ("_case", "first", "second", "state"),
    [("all was shipped", 1, 1, "partly_shipped"), ("a part was shipped", 1, 2, "partly_shipped")],
)
def test_a_part_with_another_parcel_is_partly_shipped_when_one_is_voided(
    _case: str, first: int, second: int, state: str
) -> None:
    part = make_part(quantity=first + second + (_case == "a part was shipped"))
    parcel = ship(part, NUMBER, first)
    ship(part, OTHER, second)

    void(parcel)

    part.refresh_from_db()
    assert (part.state, part.order.state) == (state, "partly_shipped")
    assert part.lines.get().shipped == second


def test_a_supplier_voids_its_own_parcel_and_staff_void_any() -> None:
    supplier = make_supplier()
    first, second = (ship(make_part(supplier=supplier), number) for number in (NUMBER, OTHER))

    void(first, supplier=supplier, by_staff=False)
    void(second, by_staff=True)

    assert set(Shipment.objects.values_list("state", flat=True)) == {"voided"}


def test_a_parcel_that_a_carrier_has_seen_cannot_be_voided() -> None:
    parcel = ship(make_part())
    scan("picked_up")

    with pytest.raises(correcting.ParcelSeen):
        void(parcel)

    parcel.refresh_from_db()
    assert (parcel.state, Line.objects.get().shipped) == ("in_transit", 2)


def test_a_parcel_of_which_something_was_received_cannot_be_voided() -> None:
    part = make_part(quantity=2)
    parcel = ship(part)
    order = part.order
    receiving.receive(
        order_pk=order.pk,
        distributor=order.distributor,
        pieces={"1": 1},
        actor=OPERATIONS,
        at=LATER,
    )

    with pytest.raises(correcting.ParcelInUse):
        void(parcel)

    parcel.refresh_from_db()
    assert (parcel.state, Line.objects.get().shipped) == ("in_transit", 2)


def test_a_parcel_whose_pieces_are_in_a_case_cannot_be_voided() -> None:
    parcel = ship(make_part(quantity=2))
    Line.objects.update(in_case=1)

    with pytest.raises(correcting.ParcelInUse):
        void(parcel)

    assert Line.objects.get().shipped == 2


def test_a_parcel_in_trouble_is_written_off_and_its_pieces_wait_for_a_case() -> None:
    parcel = ship(make_part())
    scan("exception")

    correcting.write_off(shipment_pk=parcel.pk, actor=OPERATIONS, at=LATER, note="承运商确认丢失")

    parcel.refresh_from_db()
    assert (parcel.state, parcel.ended_at) == ("lost", LATER)
    assert parcel.fulfilment.state == "closed"
    line = Line.objects.get()
    assert (line.shipped, line.received, line.written_off) == (2, 0, 0)
    assert Event.objects.latest("pk").data["state"] == "lost"


def test_a_parcel_on_its_way_is_not_written_off() -> None:
    parcel = ship(make_part())

    with pytest.raises(WrongState):
        correcting.write_off(shipment_pk=parcel.pk, actor=OPERATIONS, at=LATER, note="?")

    parcel.refresh_from_db()
    assert parcel.state == "in_transit"


def test_a_source_registers_once_that_its_parcel_is_back() -> None:
    supplier = make_supplier()
    parcel = ship(make_part(supplier=supplier))
    scan("refused")

    for _again in range(2):
        correcting.come_back(
            shipment_pk=parcel.pk, supplier=supplier, by_staff=False, actor=OPERATIONS, at=LATER
        )

    parcel.refresh_from_db()
    assert (parcel.state, parcel.fulfilment.state) == ("returned", "closed")
    assert History.objects.filter(act="returned").count() == 1


def test_a_parcel_that_is_not_on_its_way_back_has_not_come_back() -> None:
    parcel = ship(make_part())

    with pytest.raises(WrongState):
        correcting.come_back(
            shipment_pk=parcel.pk, supplier=None, by_staff=True, actor=OPERATIONS, at=LATER
        )

    parcel.refresh_from_db()
    assert parcel.state == "in_transit"


def report(parcel: Shipment, state: str) -> Shipment:
    return correcting.report(
        shipment_pk=parcel.pk,
        state=ShipmentState(state),
        reason="承运商电话告知",
        actor=OPERATIONS,
        at=LATER,
    )


@pytest.mark.parametrize(
    ("_case", "states", "told"),
    [
        ("in trouble", ["exception"], "shipment.exception"),
        ("found again", ["exception", "in_transit"], "shipment.tracking_changed"),
        ("intercepted", ["returning"], "shipment.exception"),
        ("turned back after trouble", ["exception", "returning"], "shipment.exception"),
    ],
)
def test_staff_note_what_they_heard_of_a_parcel(_case: str, states: list[str], told: str) -> None:
    parcel = ship(make_part())

    for state in states:
        report(parcel, state)

    parcel.refresh_from_db()
    event = Event.objects.latest("pk")
    assert (parcel.state, event.type, event.data["state"]) == (states[-1], told, states[-1])
    assert History.objects.latest("pk").reason == "承运商电话告知"


@pytest.mark.parametrize("_state", ["in_transit", "delivered", "received", "lost", "returned"])
def test_what_cannot_have_become_of_a_parcel_is_not_noted(_state: str) -> None:
    parcel = ship(make_part())
    events = Event.objects.count()

    with pytest.raises(WrongState):
        report(parcel, _state)

    parcel.refresh_from_db()
    assert (parcel.state, Event.objects.count()) == ("in_transit", events)
