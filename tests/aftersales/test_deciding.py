"""What the platform decides: by whom, within which amounts, and where a case goes on from there."""

from typing import Any

import pytest

from aftersales import deciding, inspecting
from aftersales.deciding import (
    AddressTooLong,
    AmountBeyondCap,
    FreightBeyondCap,
    LiabilityUnknown,
    NoteMissing,
    SecondPersonNeeded,
)
from aftersales.models import Case, CaseState, CaseType
from companies import policies
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from orders.models import History
from suppliers.models import Supplier
from tests.aftersales import stage
from tests.aftersales.stage import ADDRESS, ANNA, BEN, LATER, Stage
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def return_case(scene: Stage, **fields: Any) -> Case:
    return stage.approve(stage.apply(scene, CaseType.RETURN_REFUND), **fields)


def review(case: Case, **fields: Any) -> Case:
    given = {"agreed": True, "actor": BEN, "at": LATER, **fields}
    return deciding.review(case_no=case.case_no, **given)


def test_every_step_of_an_approval_is_told_with_the_case_as_it_was_then() -> None:
    case = stage.approve(stage.apply(stage.make_stage()), note="同意")

    told = Event.objects.filter(type__startswith="aftersale.").order_by("pk")

    assert [(event.type, event.object_version) for event in told] == [
        ("aftersale.applied", 1),
        ("aftersale.approved", 2),
        ("aftersale.refunded", 3),
    ]
    assert [event.data["state"] for event in told] == ["applied", "approved", "refunded"]
    assert told[2].previous == {"state": "approved"}
    assert told[2].data["refunded_fen"] == 57_75
    assert "liability" not in told[2].data
    steps = History.objects.filter(subject=f"aftersale {case.case_no}").order_by("pk")
    assert [(row.from_state, row.to_state) for row in steps] == [
        ("", "applied"),
        ("applied", "approved"),
        ("approved", "refunded"),
    ]


@pytest.mark.parametrize(
    ("_fields", "_refusal"),
    [
        ({"approved_fen": 0}, AmountBeyondCap),
        ({"approved_fen": 30_01}, AmountBeyondCap),
        ({"freight_fen": 8_01}, FreightBeyondCap),
        ({"freight_fen": -1}, FreightBeyondCap),
        ({"liability": "nobody"}, LiabilityUnknown),
        ({"return_address": "地" * 301}, AddressTooLong),
    ],
)
def test_terms_beyond_what_was_asked_or_can_come_back_are_refused(
    _fields: dict[str, Any], _refusal: type[DomainError]
) -> None:
    scene = stage.make_stage()
    case = stage.apply(scene, asked_fen=30_00)

    with pytest.raises(_refusal):
        stage.approve(case, **_fields)

    assert (stage.get(case).state, stage.get(case).version) == (CaseState.APPLIED, 1)
    assert stage.sums(scene).deposit == 818_75


def test_a_case_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        deciding.reject(case_no="A0", note="无", actor=ANNA, at=LATER)


def test_a_decided_case_is_not_decided_again() -> None:
    scene = stage.make_stage()
    case = stage.approve(stage.apply(scene))

    with pytest.raises(WrongState):
        stage.approve(case)
    with pytest.raises(WrongState):
        stage.reject(case)

    assert stage.sums(scene).deposit == 876_50


def test_who_rejects_says_why() -> None:
    case = stage.apply(stage.make_stage())

    with pytest.raises(NoteMissing):
        stage.reject(case, note=" ")
    stage.reject(case, note="凭证不足")

    case = stage.get(case)
    assert (case.state, case.decision_note) == (CaseState.REJECTED, "凭证不足")
    assert case.decided_by == str(ANNA)


def test_goods_are_sent_to_the_address_that_is_given() -> None:
    case = return_case(stage.make_stage(days=7, received=True), return_address=ADDRESS)

    assert (case.state, case.return_address) == (CaseState.AWAITING_RETURN, ADDRESS)


def test_goods_are_sent_to_the_address_of_their_supplier() -> None:
    scene = stage.make_stage(days=7, received=True)
    Supplier.objects.filter(pk=scene.supplier.pk).update(return_address="供货商仓库")  # type: ignore[union-attr]

    assert return_case(scene).return_address == "供货商仓库"


def test_own_goods_are_sent_to_our_own_address() -> None:
    policies.decide(name="own_return_address", value="自营仓库", actor=ANNA, at=NOON)
    scene = stage.make_stage(days=7, received=True, own=True)

    assert return_case(scene).return_address == "自营仓库"


def test_without_an_address_a_return_waits_for_one() -> None:
    case = return_case(stage.make_stage(days=7, received=True))

    assert (case.state, case.return_address) == (CaseState.APPROVED, "")
    assert case.due_at is not None


def test_another_person_rules_on_what_was_rejected() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene)
    stage.reject(case)
    stage.escalate(case)

    with pytest.raises(SecondPersonNeeded):
        stage.rule(case, for_distributor=True, actor=ANNA)
    assert stage.sums(scene).deposit == 818_75
    stage.rule(case, for_distributor=True)

    case = stage.get(case)
    assert (case.state, case.approved_fen, case.liability) == ("refunded", 57_75, "supplier")
    assert stage.sums(scene).deposit == 876_50


def test_the_command_line_may_rule_on_what_it_decided() -> None:
    case = stage.apply(stage.make_stage())
    stage.reject(case, actor=OPERATIONS)
    stage.escalate(case)

    assert stage.rule(case, for_distributor=True, actor=OPERATIONS).state == CaseState.REFUNDED


def test_a_case_that_is_ruled_against_is_closed_and_lets_its_pieces_go() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene)
    stage.reject(case)
    stage.escalate(case)

    stage.rule(case, for_distributor=False, note="证据不成立")

    case = stage.get(case)
    assert (case.state, case.decision_note) == (CaseState.CLOSED, "证据不成立")
    assert stage.counters(scene) == {}
    stage.assert_books_are_clean()


def test_a_dispute_over_an_inspection_that_is_won_is_refunded_without_looking_again() -> None:
    scene = stage.make_stage(days=7, received=True)
    case = stage.bring_back(return_case(scene))
    stage.inspect(case, "fail", restocked=1)
    inspecting.dispute(distributor=scene.shop, case_no=case.case_no, actor=stage.SHOP, at=LATER)

    case = stage.rule(case, for_distributor=True)

    assert (case.state, case.goods_are_back) == (CaseState.REFUNDED, False)
    assert stage.counters(scene) == {
        "refunded": 1,
        "refunded_fen": 57_75,
        "returned": 1,
        "restocked": 1,
    }
    stage.assert_books_are_clean()


def test_a_large_refund_is_reviewed_by_somebody_else() -> None:
    policies.decide(name="refund_review_above_fen", value=50_00, actor=ANNA, at=NOON)
    scene = stage.make_stage()
    case = stage.approve(stage.apply(scene))
    assert (case.state, stage.sums(scene).deposit) == (CaseState.REFUND_REVIEW, 818_75)

    with pytest.raises(SecondPersonNeeded):
        review(case, actor=ANNA)
    review(case)

    assert stage.get(case).state == CaseState.REFUNDED
    assert stage.sums(scene).deposit == 876_50


def test_amount_and_freight_together_decide_whether_a_refund_is_large() -> None:
    policies.decide(name="refund_review_above_fen", value=60_00, actor=ANNA, at=NOON)
    scene = stage.make_stage()

    at_once = stage.approve(stage.apply(scene), freight_fen=2_25)
    reviewed = stage.approve(stage.apply(scene), freight_fen=2_26)

    assert (at_once.state, reviewed.state) == (CaseState.REFUNDED, CaseState.REFUND_REVIEW)


def test_a_refund_that_finance_sends_back_is_rejected_with_the_goods_where_they_are() -> None:
    policies.decide(name="refund_review_above_fen", value=50_00, actor=ANNA, at=NOON)
    scene = stage.make_stage(days=7, received=True)
    case = stage.bring_back(return_case(scene))
    case = stage.inspect(case, restocked=1)
    assert case.state == CaseState.REFUND_REVIEW

    case = review(case, agreed=False, note="金额有误")

    assert (case.state, case.goods_are_back) == (CaseState.REJECTED, True)
    assert stage.sums(scene).pool == 7
    assert stage.counters(scene) == {"in_case": 1}


def test_finance_says_why_it_sends_a_refund_back() -> None:
    policies.decide(name="refund_review_above_fen", value=50_00, actor=ANNA, at=NOON)
    case = stage.approve(stage.apply(stage.make_stage()))

    with pytest.raises(NoteMissing):
        review(case, agreed=False)

    assert stage.get(case).state == CaseState.REFUND_REVIEW
