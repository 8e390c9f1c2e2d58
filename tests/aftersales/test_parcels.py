"""Parcels that do not arrive settle themselves: refused ones come back, lost ones are refunded."""

from datetime import datetime, timedelta

import pytest

from aftersales import inspecting, timing, tracking
from aftersales.models import Case, CaseState, CaseType, Opener
from companies import policies
from distributors.models import Distributor
from orders import correcting
from orders import tracking as carrying
from orders.models import OrderState, Shipment
from orders.tracking import Heard, ParcelUnknown, Recorded
from tests.aftersales import stage
from tests.aftersales.stage import ADDRESS, ANNA, LATER, SHOP, Stage
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Stage:
    return stage.make_stage()


def scan(parcel: Shipment, status: str) -> None:
    heard = Heard(parcel.carrier_code, parcel.tracking_no, status, LATER)
    carrying.record(heard=[heard], at=LATER)


def lose(parcel: Shipment) -> None:
    scan(parcel, "exception")
    correcting.write_off(shipment_pk=parcel.pk, actor=ANNA, at=LATER, note="承运商确认丢失")


def run(at: datetime = LATER) -> int:
    return timing.open_for_parcels(at=at)


def test_a_refused_parcel_opens_a_case_that_waits_for_it(scene: Stage) -> None:
    scan(Shipment.objects.get(), "refused")

    assert (run(), run()) == (1, 0)

    case = Case.objects.get()
    assert (case.type, case.state, case.opener) == ("return_refund", "returning", "carrier")
    assert (case.quantity, case.approved_fen, case.reason) == (3, 173_25, "refused_delivery")
    assert stage.counters(scene) == {"in_case": 3}


def test_a_refused_parcel_that_is_back_is_inspected_and_refunded(scene: Stage) -> None:
    parcel = Shipment.objects.get()
    scan(parcel, "refused")
    run()
    scan(parcel, "returned")

    assert (run(), run()) == (1, 0)
    case = Case.objects.get()
    assert (case.state, case.goods_are_back) == (CaseState.INSPECTING, True)
    stage.inspect(case, restocked=2)

    assert stage.sums(scene) == stage.Sums(deposit=992_00, open=0, payable=8_00, pool=9)
    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.REFUNDED
    stage.assert_books_are_clean()


def test_a_parcel_that_is_back_before_anybody_looked_is_inspected_at_once(scene: Stage) -> None:
    scan(Shipment.objects.get(), "returned")

    assert run() == 1

    assert Case.objects.get().state == CaseState.INSPECTING


def test_a_lost_parcel_is_refunded_at_once_whatever_the_switches_say(scene: Stage) -> None:
    Distributor.objects.filter(pk=scene.shop.pk).update(aftersale_open=False)
    lose(Shipment.objects.get())

    assert (run(), run()) == (1, 0)

    case = Case.objects.get()
    assert (case.state, case.opener, case.reason) == ("refunded", Opener.CARRIER, "not_received")
    assert stage.counters(scene) == {"refunded": 3, "refunded_fen": 173_25, "written_off": 3}
    stage.assert_books_are_clean()


def test_a_lost_parcel_leaves_alone_what_is_in_a_case_already(scene: Stage) -> None:
    mine = stage.apply(scene, CaseType.REFUND_ONLY, 2)
    lose(Shipment.objects.get())

    run()
    stage.approve(mine)

    assert Case.objects.count() == 2
    assert stage.counters(scene) == {"refunded": 3, "refunded_fen": 173_25, "written_off": 3}
    stage.assert_books_are_clean()


def test_a_return_that_is_applied_for_a_refused_parcel_waits_for_that_parcel(scene: Stage) -> None:
    parcel = Shipment.objects.get()
    scan(parcel, "refused")
    case = stage.apply(scene, CaseType.RETURN_REFUND, 3)

    case = stage.approve(case, return_address=ADDRESS)

    assert (case.state, case.shipment, case.return_address) == ("returning", parcel, "")
    assert run() == 0


def test_a_refused_parcel_that_is_lost_on_its_way_back_is_ruled_on(scene: Stage) -> None:
    parcel = Shipment.objects.get()
    scan(parcel, "refused")
    run()
    correcting.write_off(shipment_pk=parcel.pk, actor=ANNA, at=LATER, note="丢失")

    assert run() == 1
    case = Case.objects.get()
    assert case.state == CaseState.ARBITRATION
    stage.rule(case, for_distributor=True)

    assert stage.counters(scene) == {"refunded": 3, "refunded_fen": 173_25, "written_off": 3}
    stage.assert_books_are_clean()


def test_goods_of_a_refused_parcel_that_are_not_refunded_count_as_received(scene: Stage) -> None:
    scan(Shipment.objects.get(), "returned")
    run()
    case = stage.inspect(Case.objects.get(), "fail")

    timing.run_due(at=LATER + timedelta(days=7))

    assert stage.get(case).state == CaseState.CLOSED
    assert run(LATER + timedelta(days=8)) == 0
    assert stage.sums(scene) == stage.Sums(
        deposit=818_75, open=0, payable=158_00, fees=8_25, margin=15_00
    )
    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.COMPLETED
    stage.assert_books_are_clean()


def test_goods_that_were_given_to_their_consumer_again_are_not_inspected_twice(
    scene: Stage,
) -> None:
    scan(Shipment.objects.get(), "returned")
    run()
    case = stage.inspect(Case.objects.get(), "fail")
    inspecting.dispute(distributor=scene.shop, case_no=case.case_no, actor=SHOP, at=LATER)
    inspecting.give_goods_back(
        case_no=case.case_no,
        carrier_code="SF",
        tracking_no="SF3000000000003",
        actor=ANNA,
        at=LATER,
    )

    case = stage.rule(case, for_distributor=True)

    assert (case.state, case.goods_are_back) == (CaseState.REFUNDED, False)
    assert stage.counters(scene) == {"refunded": 3, "refunded_fen": 173_25, "written_off": 3}
    assert stage.sums(scene) == stage.Sums(deposit=992_00, open=0, payable=8_00)
    stage.assert_books_are_clean()


def test_a_large_refund_of_a_lost_parcel_is_reviewed_all_the_same(scene: Stage) -> None:
    policies.decide(name="refund_review_above_fen", value=100_00, actor=ANNA, at=NOON)
    lose(Shipment.objects.get())

    run()

    assert Case.objects.get().state == CaseState.REFUND_REVIEW
    assert run() == 0


# --- what carriers say of the parcels of cases -------------------------------------------------------


def hear(*statuses: str, number: str = "SF1000000000001", hours: int = 2) -> list[object]:
    heard = [
        Heard("SF", number, status, NOON + timedelta(hours=hours + place))
        for place, status in enumerate(statuses)
    ]
    return list(tracking.record(heard=heard, at=NOON + timedelta(days=1)))


@pytest.fixture
def coming_back() -> Case:
    scene = stage.make_stage(days=7, received=True)
    case = stage.approve(stage.apply(scene, CaseType.RETURN_REFUND), return_address=ADDRESS)
    return stage.send_back(case)


def test_a_return_parcel_that_is_signed_for_is_there_to_be_inspected(coming_back: Case) -> None:
    outcomes = hear("picked_up", "in_transit", "delivered")

    assert [outcome.repeated for outcome in outcomes] == [False] * 3  # type: ignore[attr-defined]
    case = stage.get(coming_back)
    assert (case.state, case.goods_are_back) == (CaseState.INSPECTING, True)
    parcel = case.parcels.get()
    assert parcel.picked_up_at == NOON + timedelta(hours=2)
    assert parcel.arrived_at == NOON + timedelta(hours=4)


def test_a_scan_that_is_told_again_changes_nothing(coming_back: Case) -> None:
    hear("picked_up", "delivered")
    version = stage.get(coming_back).version

    outcomes = hear("picked_up", "delivered")

    assert outcomes == [Recorded("picked_up", repeated=True), Recorded("delivered", repeated=True)]
    assert stage.get(coming_back).version == version


def test_a_parcel_of_no_case_is_unknown(coming_back: Case) -> None:
    [outcome] = hear("delivered", number="SF9999999999999")

    assert isinstance(outcome, ParcelUnknown)
    assert stage.get(coming_back).state == CaseState.RETURNING


def test_new_goods_that_are_signed_for_are_received_by_themselves_sooner() -> None:
    scene = stage.make_stage(days=7, received=True)
    case = stage.approve(stage.apply(scene, CaseType.RESEND))
    stage.reship(case, scene.supplier)

    hear("delivered", number="SF2000000000002")

    case = stage.get(case)
    assert (case.state, case.due_at) == (CaseState.RESHIPPED, NOON + timedelta(hours=2, days=7))
