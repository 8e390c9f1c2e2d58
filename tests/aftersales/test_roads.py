"""Goods on their way back and out again: addresses, parcels, inspections, new goods."""

from datetime import timedelta
from typing import Any

import pytest

from aftersales import inspecting, reshipping, returning
from aftersales.inspecting import (
    NoOffer,
    OfferOutOfRange,
    PhotosRequired,
    RestockedTooMany,
    ResultUnknown,
)
from aftersales.models import Case, CaseState, CaseType, Direction, Inspection
from aftersales.reshipping import ReshipmentNotLate
from integration.models import Event
from kit.errors import DomainError, NotFound, WrongState
from orders import correcting
from orders.correcting import ParcelInUse
from orders.models import Shipment
from orders.shipping import CarrierUnknown, TrackingNoUnreadable
from tests.aftersales import stage
from tests.aftersales.stage import ADDRESS, ANNA, LATER, SHOP, Stage
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Stage:
    return stage.make_stage(days=7, received=True)


def awaiting(scene: Stage, type_: CaseType = CaseType.RETURN_REFUND) -> Case:
    return stage.approve(stage.apply(scene, type_), return_address=ADDRESS)


def inspecting_case(scene: Stage, type_: CaseType = CaseType.RETURN_REFUND) -> Case:
    return stage.bring_back(awaiting(scene, type_))


def reshipping_case(scene: Stage) -> Case:
    return stage.approve(stage.apply(scene, CaseType.RESEND))


def give_back(case: Case) -> Case:
    return inspecting.give_goods_back(
        case_no=case.case_no,
        carrier_code="SF",
        tracking_no="SF3000000000003",
        actor=ANNA,
        at=LATER,
    )


def accept(case: Case) -> Case:
    return inspecting.accept_offer(
        distributor=case.distributor, case_no=case.case_no, actor=SHOP, at=LATER
    )


def dispute(case: Case) -> Case:
    return inspecting.dispute(
        distributor=case.distributor, case_no=case.case_no, actor=SHOP, at=LATER
    )


# --- back -----------------------------------------------------------------------------------------


def test_an_address_may_change_until_the_goods_have_left(scene: Stage) -> None:
    case = awaiting(scene)

    returning.push_address(case_no=case.case_no, address=" 新 仓库 ", actor=ANNA, at=LATER)
    stage.send_back(case)
    with pytest.raises(WrongState):
        returning.push_address(case_no=case.case_no, address="别处", actor=ANNA, at=LATER)

    assert stage.get(case).return_address == "新 仓库"
    told = Event.objects.filter(type="aftersale.awaiting_return").order_by("pk")
    assert [event.data["return_address"] for event in told] == [ADDRESS, "新 仓库"]


def test_goods_may_come_back_in_several_parcels_and_each_is_noted_once(scene: Stage) -> None:
    case = awaiting(scene)

    stage.send_back(case, "SF1000000000001")
    stage.send_back(case, " sf1000000000001 ")
    stage.send_back(case, "SF1000000000002")

    case = stage.get(case)
    assert case.state == CaseState.RETURNING
    parcels = case.parcels.values_list("direction", "tracking_no")
    assert list(parcels) == [("return", "SF1000000000001"), ("return", "SF1000000000002")]


@pytest.mark.parametrize(
    ("_label", "_refusal"),
    [
        ({"carrier_code": "NOBODY"}, CarrierUnknown),
        ({"tracking_no": "??"}, TrackingNoUnreadable),
    ],
)
def test_a_label_that_is_none_is_refused(
    scene: Stage, _label: dict[str, str], _refusal: type[DomainError]
) -> None:
    case = awaiting(scene)

    with pytest.raises(_refusal):
        stage.send_back(case, **_label)

    assert stage.get(case).state == CaseState.AWAITING_RETURN
    assert not case.parcels.exists()


def test_goods_that_are_not_wanted_back_are_refunded_at_once(scene: Stage) -> None:
    case = awaiting(scene)

    case = returning.waive_return(case_no=case.case_no, actor=ANNA, at=LATER)

    assert case.state == CaseState.REFUNDED
    assert stage.counters(scene) == {"refunded": 1, "refunded_fen": 57_75}


def test_goods_that_have_arrived_have_arrived_once(scene: Stage) -> None:
    case = inspecting_case(scene)

    again = returning.arrive(case_no=case.case_no, actor=ANNA, at=LATER)

    assert (again.state, again.version) == (CaseState.INSPECTING, case.version)
    assert again.goods_are_back
    assert case.parcels.get().arrived_at == LATER


@pytest.mark.parametrize(
    ("_for_distributor", "_state", "_deposit"),
    [(True, CaseState.REFUNDED, 876_50), (False, CaseState.CLOSED, 818_75)],
)
def test_who_bears_a_lost_return_is_ruled_on(
    scene: Stage, _for_distributor: bool, _state: CaseState, _deposit: int
) -> None:
    case = stage.send_back(awaiting(scene))
    returning.lose_return(case_no=case.case_no, actor=ANNA, at=LATER)

    case = stage.rule(case, for_distributor=_for_distributor)

    assert case.state == _state
    assert stage.sums(scene).deposit == _deposit
    assert "returned" not in stage.counters(scene)
    stage.assert_books_are_clean()


# --- inspection -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_finding", "_refusal"),
    [
        ({"result": "good"}, ResultUnknown),
        ({"grade": "shiny"}, ResultUnknown),
        ({"restocked": 2}, RestockedTooMany),
        ({"restocked": -1}, RestockedTooMany),
        ({"result": "pass", "offered_fen": 1_00}, OfferOutOfRange),
        ({"result": "partial"}, OfferOutOfRange),
        ({"result": "partial", "offered_fen": 57_76}, OfferOutOfRange),
        ({"result": "fail", "photos": []}, PhotosRequired),
    ],
)
def test_a_finding_that_makes_no_sense_is_refused(
    scene: Stage, _finding: dict[str, Any], _refusal: type[DomainError]
) -> None:
    case = inspecting_case(scene)

    with pytest.raises(_refusal):
        stage.inspect(case, **_finding)

    assert stage.get(case).state == CaseState.INSPECTING
    assert not Inspection.objects.exists()


def test_goods_that_fail_are_shown_and_an_offer_waits_for_its_answer(scene: Stage) -> None:
    case = stage.inspect(inspecting_case(scene), "fail", grade="damaged", offered_fen=10_00)

    assert (case.state, case.offered_fen) == (CaseState.INSPECTION_FAILED, 10_00)
    assert case.due_at == LATER + timedelta(days=7)
    assert Inspection.objects.get().photos.count() == 1
    assert stage.counters(scene) == {"in_case": 1}


def test_where_nothing_is_offered_nothing_can_be_accepted(scene: Stage) -> None:
    case = stage.inspect(inspecting_case(scene), "fail")

    with pytest.raises(NoOffer):
        accept(case)

    assert stage.get(case).state == CaseState.INSPECTION_FAILED


def test_a_dispute_repeated_changes_nothing(scene: Stage) -> None:
    case = stage.inspect(inspecting_case(scene), "fail")

    dispute(case)
    again = dispute(case)

    assert (again.state, again.version) == (CaseState.ARBITRATION, case.version + 1)


def test_failed_goods_that_are_sent_back_end_the_case(scene: Stage) -> None:
    case = stage.inspect(inspecting_case(scene), "fail")

    case = give_back(case)

    assert (case.state, case.goods_are_back) == (CaseState.CLOSED, False)
    assert case.parcels.get(direction=Direction.SENT_BACK).tracking_no == "SF3000000000003"
    assert stage.counters(scene) == {}
    with pytest.raises(WrongState):
        give_back(case)
    stage.assert_books_are_clean()


def test_goods_are_sent_back_after_a_ruling_too(scene: Stage) -> None:
    case = dispute(stage.inspect(inspecting_case(scene), "fail"))
    case = stage.rule(case, for_distributor=False)
    assert case.goods_are_back

    case = give_back(case)

    assert (case.state, case.goods_are_back) == (CaseState.CLOSED, False)


# --- out again ----------------------------------------------------------------------------------------


def test_the_source_alone_ships_again(scene: Stage) -> None:
    case = reshipping_case(scene)

    for stranger in (None, make_supplier()):
        with pytest.raises(NotFound):
            stage.reship(case, stranger)
    case = stage.reship(case, scene.supplier)

    assert case.state == CaseState.RESHIPPED
    assert case.parcels.get().direction == Direction.RESHIP


def test_own_goods_are_shipped_again_by_the_platform() -> None:
    scene = stage.make_stage(own=True)

    assert stage.reship(reshipping_case(scene), None).state == CaseState.RESHIPPED


def test_new_goods_that_have_arrived_end_the_case_once(scene: Stage) -> None:
    case = stage.reship(reshipping_case(scene), scene.supplier)

    for _ in range(2):
        case = reshipping.receive(
            distributor=scene.shop, case_no=case.case_no, actor=SHOP, at=LATER
        )

    assert (case.state, case.version) == (CaseState.COMPLETED, 5)
    assert stage.counters(scene) == {}


def test_what_cannot_be_shipped_again_is_refunded_and_its_stock_goes_back() -> None:
    scene = stage.make_stage(days=7, received=True, allotted=4)
    case = stage.approve(stage.apply(scene, CaseType.RESEND, 2))
    assert (stage.sums(scene).pool, stage.sums(scene).allotment) == (5, 0)

    case = reshipping.cannot_reship(case_no=case.case_no, actor=ANNA, at=LATER, note="缺货")

    assert (case.state, case.retaken) == (CaseState.REFUNDED, 0)
    assert (stage.sums(scene).pool, stage.sums(scene).allotment) == (6, 1)
    assert stage.counters(scene) == {"refunded": 2, "refunded_fen": 115_50}
    stage.assert_books_are_clean()


def test_a_distributor_takes_the_money_once_new_goods_are_late(scene: Stage) -> None:
    case = reshipping_case(scene)
    assert case.due_at is not None

    with pytest.raises(ReshipmentNotLate):
        switch(case, at=case.due_at - timedelta(seconds=1))
    assert stage.sums(scene).pool == 6
    switch(case, at=case.due_at)

    assert stage.get(case).state == CaseState.REFUNDED
    assert stage.sums(scene).pool == 7


def switch(case: Case, **fields: Any) -> Case:
    return reshipping.switch_to_refund(
        distributor=case.distributor, case_no=case.case_no, actor=SHOP, **fields
    )


def test_new_goods_that_are_lost_are_refunded_and_gone(scene: Stage) -> None:
    case = stage.reship(reshipping_case(scene), scene.supplier)

    case = reshipping.lose_reshipment(case_no=case.case_no, actor=ANNA, at=LATER)

    assert (case.state, case.retaken) == (CaseState.REFUNDED, 1)
    assert stage.sums(scene).pool == 6
    stage.assert_books_are_clean()


def test_a_parcel_for_which_something_was_given_is_not_voided() -> None:
    scene = stage.make_stage()
    stage.approve(stage.apply(scene, CaseType.COMPENSATION), approved_fen=1_00)

    with pytest.raises(ParcelInUse):
        correcting.void(
            shipment_pk=Shipment.objects.get().pk,
            supplier=scene.supplier,
            by_staff=False,
            reason="录错",
            actor=ANNA,
            at=LATER,
        )

    assert scene.line.shipped == 3
