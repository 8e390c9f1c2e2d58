"""Scans of carriers: kept once, in whatever order and however often they are told."""

import itertools
from datetime import timedelta

import pytest
from django.db.utils import InternalError

from integration.models import Event
from kit.actors import OPERATIONS
from orders import placing, receiving, shipping, tracking
from orders.models import History, Order, Scan, Shipment
from orders.tracking import Heard, ParcelUnknown, Recorded, ScanInFuture, StatusUnknown
from tests.factories import NOON, make_distributor, make_request, make_sku

pytestmark = pytest.mark.django_db
NUMBER = "73000000000001"
HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=3)


def make_parcel(number: str = NUMBER) -> Shipment:
    shop = make_distributor()
    placing.place(make_request(shop, {make_sku(): 2}), at=NOON)
    part = Order.objects.get(distributor=shop).fulfilments.get()
    return shipping.ship(
        fulfilment_pk=part.pk,
        supplier=None,
        carrier_code="ZTO",
        tracking_no=number,
        actor=OPERATIONS,
        at=NOON,
    )


def scan(status: str, hours: int = 1, number: str = NUMBER, text: str = "") -> Heard:
    return Heard("ZTO", number, status, NOON + hours * HOUR, text)


def tell(*heard: Heard) -> list[tracking.Outcome]:
    return tracking.record(heard=heard, at=LATER)


def told() -> list[str]:
    rows = Event.objects.filter(type__startswith="shipment.").order_by("pk")
    return list(rows.values_list("type", flat=True))


def test_a_signed_scan_delivers_the_parcel_and_starts_the_days_until_receipt() -> None:
    parcel = make_parcel()

    outcomes = tell(scan("picked_up", 1), scan("delivered", 30))

    parcel.refresh_from_db()
    assert outcomes == [Recorded("delivered", False), Recorded("delivered", False)]
    assert (parcel.state, parcel.delivered_at) == ("delivered", NOON + 30 * HOUR)
    assert parcel.receive_due_at == NOON + 30 * HOUR + timedelta(days=7)
    assert told() == ["shipment.created", "shipment.delivered"]


def test_what_a_scan_did_is_told_with_version_and_former_state_and_written_down() -> None:
    parcel = make_parcel()

    tell(scan("delivered", text="已签收"))

    event = Event.objects.get(type="shipment.delivered")
    assert (event.object_version, event.previous) == (2, {"state": "in_transit"})
    assert event.data["order_no"] == parcel.fulfilment.order.order_no
    assert (event.data["state"], event.data["tracking_no"]) == ("delivered", NUMBER)
    row = History.objects.get(act="delivered")
    assert (row.subject, row.from_state, row.to_state) == (
        f"shipment ZTO {NUMBER}",
        "in_transit",
        "delivered",
    )
    assert (row.actor_kind, row.actor_name, row.reason) == ("carrier", "ZTO", "已签收")


def test_a_scan_that_is_told_again_changes_nothing() -> None:
    parcel = make_parcel()
    tell(scan("delivered"))
    parcel.refresh_from_db()
    version = parcel.version

    outcomes = tell(scan("delivered"), scan("delivered"))

    parcel.refresh_from_db()
    assert outcomes == [Recorded("delivered", True), Recorded("delivered", True)]
    assert Scan.objects.count() == 1
    assert parcel.version == version
    assert told() == ["shipment.created", "shipment.delivered"]


def test_a_scan_twice_in_one_call_is_kept_once() -> None:
    make_parcel()

    outcomes = tell(scan("in_transit"), scan("in_transit"))

    assert outcomes == [Recorded("in_transit", False), Recorded("in_transit", True)]
    assert Scan.objects.count() == 1


JOURNEYS = {
    "to the door": (["picked_up", "in_transit", "out_for_delivery", "delivered"], "delivered"),
    "lost and found": (["in_transit", "exception", "in_transit", "delivered"], "delivered"),
    "in trouble": (["picked_up", "in_transit", "exception"], "exception"),
    "over the trouble": (["picked_up", "exception", "in_transit"], "in_transit"),
    "refused": (["in_transit", "refused", "returning", "returned"], "returned"),
    "turned back": (["picked_up", "exception", "returning"], "returning"),
}


@pytest.mark.parametrize("_case", JOURNEYS)
def test_scans_lead_to_the_same_state_in_whatever_order_they_are_heard(_case: str) -> None:
    statuses, end = JOURNEYS[_case]
    for count, order in enumerate(itertools.permutations(enumerate(statuses, 1))):
        number = f"7300000000{count:04d}"
        parcel = make_parcel(number)

        for hours, status in order:
            tell(scan(status, hours, number))

        parcel.refresh_from_db()
        assert parcel.state == end, order
        assert parcel.scanned_at == NOON + len(statuses) * HOUR


def test_trouble_is_told_and_keeps_the_parcel_from_being_received_by_itself() -> None:
    parcel = make_parcel()

    tell(scan("exception", text="包裹破损"))
    received = receiving.receive_due(at=parcel.receive_due_at)

    parcel.refresh_from_db()
    assert (received, parcel.state) == (0, "exception")
    assert told() == ["shipment.created", "shipment.exception"]


def test_a_refused_parcel_comes_back_and_its_part_is_closed() -> None:
    parcel = make_parcel()
    tell(scan("refused", 10))
    parcel.refresh_from_db()
    assert parcel.state == "returning"

    tell(scan("returned", 50))

    parcel.refresh_from_db()
    assert (parcel.state, parcel.ended_at) == ("returned", NOON + 50 * HOUR)
    assert parcel.fulfilment.state == "closed"
    assert parcel.fulfilment.order.state == "shipped"
    assert parcel.fulfilment.lines.get().received == 0


def test_what_is_no_parcel_of_ours_is_said_so_and_not_kept() -> None:
    parcel = make_parcel()

    unknown, known = tell(scan("delivered", number="79999999999999"), scan("in_transit"))

    assert isinstance(unknown, ParcelUnknown)
    assert known == Recorded("in_transit", False)
    assert Scan.objects.get().shipment == parcel


def test_a_scan_of_an_older_parcel_with_the_same_number_is_not_of_this_one() -> None:
    parcel = make_parcel()

    (outcome,) = tell(scan("delivered", -24 * 30))

    parcel.refresh_from_db()
    assert isinstance(outcome, ParcelUnknown)
    assert parcel.state == "in_transit"
    assert not Scan.objects.exists()


def test_a_parcel_signed_for_before_it_was_entered_still_waits_the_whole_time() -> None:
    parcel = make_parcel()

    tell(scan("delivered", -48))

    parcel.refresh_from_db()
    assert parcel.receive_due_at == NOON + timedelta(days=7)


def test_a_scan_of_tomorrow_or_without_meaning_is_refused_alone() -> None:
    parcel = make_parcel()

    tomorrow, senseless, good = tell(
        scan("delivered", 24 * 4), scan("teleported"), scan("in_transit")
    )

    parcel.refresh_from_db()
    assert isinstance(tomorrow, ScanInFuture)
    assert isinstance(senseless, StatusUnknown)
    assert good == Recorded("in_transit", False)
    assert (parcel.state, Scan.objects.count()) == ("in_transit", 1)


def test_telephone_numbers_in_the_words_of_carriers_are_masked() -> None:
    make_parcel()

    tell(scan("out_for_delivery", text="派件员 张三 13812345678 正在派送, 单号 73000000000001"))

    assert Scan.objects.get().text == "派件员 张三 138****5678 正在派送, 单号 73000000000001"


def test_a_carrier_may_be_named_as_people_name_it() -> None:
    parcel = make_parcel()

    tell(Heard("中通", NUMBER.lower(), "delivered", NOON + HOUR))

    parcel.refresh_from_db()
    assert parcel.state == "delivered"


def test_too_many_scans_at_once_are_refused_as_a_whole() -> None:
    with pytest.raises(tracking.TooManyScans):
        tell(*[scan("in_transit", hours) for hours in range(201)])

    assert not Scan.objects.exists()


def test_a_scan_is_never_changed() -> None:
    make_parcel()
    tell(scan("in_transit"))

    with pytest.raises(InternalError, match="Cannot update"):
        Scan.objects.update(status="delivered")
