"""What may be applied for, by whom, for how much; and what is refused leaves no trace."""

from datetime import timedelta
from typing import Any

import pytest

from aftersales import applying, options
from aftersales.applying import AskedTooMuch, EvidenceRequired, ResubmissionsUsedUp, TypeUnknown
from aftersales.evidence import EvidenceUnknown
from aftersales.models import Case, CaseState, CaseType, Evidence
from aftersales.options import AftersaleNotOpen, AftersaleWindowClosed, MoreThanCanBeClaimed
from companies import policies
from distributors.models import Distributor
from integration.models import Event
from kit.errors import DomainError, NotFound, WrongState
from orders.models import History
from orders.reasons import ReasonUnknown
from tests.aftersales import stage
from tests.aftersales.stage import ANNA, LATER, SHOP, Stage
from tests.factories import NOON, make_distributor, make_evidence

pytestmark = pytest.mark.django_db
ALL = set(CaseType)
BEFORE = ALL - {CaseType.EXCHANGE}
WINDOW_ENDS = NOON + timedelta(days=7)


def refuse(scene: Stage, refusal: type[DomainError], **fields: Any) -> DomainError:
    """Apply, be refused, and see that nothing is left of it."""
    before = (stage.sums(scene), stage.counters(scene), History.objects.count())
    with pytest.raises(refusal) as refused:
        stage.apply(scene, **fields)
    assert not Case.objects.exists()
    assert (stage.sums(scene), stage.counters(scene), History.objects.count()) == before
    scene.order.refresh_from_db()
    assert scene.order.open_cases == 0
    return refused.value


def types(scene: Stage, *, days: int = 0) -> set[CaseType]:
    [line] = options.of(scene.order, at=LATER + timedelta(days=days))
    return {option.type for option in line.types}


def test_an_application_waits_for_the_platform_and_keeps_its_pieces() -> None:
    scene = stage.make_stage()

    case = stage.apply(scene, CaseType.REFUND_ONLY, 2)

    assert (case.state, case.version, case.asked_fen) == (CaseState.APPLIED, 1, 2 * 57_75)
    assert case.due_at == LATER + timedelta(hours=48)
    assert stage.counters(scene) == {"in_case": 2}
    scene.order.refresh_from_db()
    assert scene.order.open_cases == 1


def test_an_application_is_told_and_written_down() -> None:
    scene = stage.make_stage()

    case = stage.apply(scene, reason="not_received")

    event = Event.objects.get(type="aftersale.applied")
    assert (event.object_no, event.object_version) == (case.case_no, 1)
    assert event.data["order_no"] == scene.order.order_no
    assert event.data["out_order_no"] == scene.order.out_order_no
    row = History.objects.get(subject=f"aftersale {case.case_no}")
    assert (row.from_state, row.to_state, row.reason) == ("", "applied", "not_received")


@pytest.mark.parametrize(
    ("_days", "_received", "_types"),
    [(0, False, BEFORE), (7, False, BEFORE), (0, True, set()), (7, True, ALL)],
)
def test_what_can_be_applied_for_follows_policy_and_receipt(
    _days: int, _received: bool, _types: set[CaseType]
) -> None:
    scene = stage.make_stage(days=_days, received=_received)

    assert types(scene) == _types


def test_nothing_can_be_applied_for_before_anything_is_shipped() -> None:
    scene = stage.make_stage(shipped=False)

    assert types(scene) == set()
    refuse(scene, MoreThanCanBeClaimed)


def test_after_receipt_the_classic_policy_knows_claims_only() -> None:
    scene = stage.make_stage(received=True)

    refuse(scene, AftersaleWindowClosed)

    [line] = options.of(scene.order, at=LATER)
    assert isinstance(line.closed, AftersaleWindowClosed)


def test_the_open_policy_ends_with_its_window() -> None:
    scene = stage.make_stage(days=7, received=True)

    refuse(scene, AftersaleWindowClosed, at=WINDOW_ENDS)
    case = stage.apply(scene, at=WINDOW_ENDS - timedelta(seconds=1))

    assert case.after_receipt


def test_a_distributor_without_aftersales_can_apply_for_nothing() -> None:
    scene = stage.make_stage()
    Distributor.objects.filter(pk=scene.shop.pk).update(aftersale_open=False)
    scene.order.distributor.refresh_from_db()

    refuse(scene, AftersaleNotOpen)

    [line] = options.of(scene.order, at=LATER)
    assert isinstance(line.closed, AftersaleNotOpen)
    assert line.types == ()


def test_one_piece_is_never_in_two_cases() -> None:
    scene = stage.make_stage()
    stage.apply(scene, CaseType.REFUND_ONLY, 2)

    with pytest.raises(MoreThanCanBeClaimed) as refused:
        stage.apply(scene, CaseType.COMPENSATION, 2)

    assert refused.value.values["left"] == 1
    assert stage.counters(scene) == {"in_case": 2}
    assert stage.apply(scene, CaseType.COMPENSATION, 1).asked_fen == 57_75


@pytest.mark.parametrize("_quantity", [0, -1, 4])
def test_pieces_that_are_not_there_are_refused(_quantity: int) -> None:
    refuse(stage.make_stage(), MoreThanCanBeClaimed, quantity=_quantity)


def test_an_exchange_before_receipt_is_refused() -> None:
    refuse(stage.make_stage(days=7), MoreThanCanBeClaimed, type_=CaseType.EXCHANGE)


def test_another_distributors_order_does_not_exist() -> None:
    scene = stage.make_stage()
    other = make_distributor()

    with pytest.raises(NotFound):
        applying.apply(
            distributor=other,
            order_pk=scene.order.pk,
            line_id="1",
            type="refund_only",
            quantity=1,
            reason="other",
            actor=SHOP,
            at=LATER,
        )

    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("_fields", "_refusal"),
    [
        ({"type_": "repair"}, TypeUnknown),
        ({"reason": "changed_mind"}, ReasonUnknown),
        ({"reason": "damaged"}, EvidenceRequired),
        ({"reason": "damaged", "evidence": ["nowhere"]}, EvidenceUnknown),
        ({"asked_fen": 0}, AskedTooMuch),
        ({"asked_fen": 57_76}, AskedTooMuch),
    ],
)
def test_what_makes_no_sense_is_refused(
    _fields: dict[str, Any], _refusal: type[DomainError]
) -> None:
    refuse(stage.make_stage(), _refusal, **_fields)


def test_evidence_belongs_to_one_case() -> None:
    scene = stage.make_stage()
    picture = make_evidence(scene.shop)
    case = stage.apply(scene, reason="damaged", evidence=[picture.upload_id])

    with pytest.raises(EvidenceUnknown):
        stage.apply(scene, reason="damaged", evidence=[picture.upload_id])

    assert Evidence.objects.get().case == case
    assert stage.counters(scene) == {"in_case": 1}


def test_anothers_evidence_does_not_exist() -> None:
    theirs = make_evidence(make_distributor())

    refuse(stage.make_stage(), EvidenceUnknown, reason="damaged", evidence=[theirs.upload_id])


def test_a_refund_before_receipt_approves_itself_where_the_distributor_is_trusted() -> None:
    scene = stage.make_stage()
    Distributor.objects.filter(pk=scene.shop.pk).update(refund_before_receipt="auto")

    case = stage.apply(scene, CaseType.REFUND_ONLY, 1)

    assert case.state == CaseState.REFUNDED
    assert stage.sums(scene).deposit == 876_50
    rows = History.objects.filter(subject=f"aftersale {case.case_no}").order_by("pk")
    assert [(row.to_state, row.actor_name) for row in rows] == [
        ("applied", "hk_shop"),
        ("approved", "auto"),
        ("refunded", "auto"),
    ]


@pytest.mark.parametrize("_type", [CaseType.COMPENSATION, CaseType.RESEND, CaseType.RETURN_REFUND])
def test_nothing_else_approves_itself(_type: CaseType) -> None:
    scene = stage.make_stage()
    Distributor.objects.filter(pk=scene.shop.pk).update(refund_before_receipt="auto")

    assert stage.apply(scene, _type).state == CaseState.APPLIED


def test_a_received_piece_does_not_approve_itself() -> None:
    scene = stage.make_stage(days=7, received=True)
    Distributor.objects.filter(pk=scene.shop.pk).update(refund_before_receipt="auto")

    assert stage.apply(scene).state == CaseState.APPLIED


def withdraw(case: Case) -> Case:
    return applying.withdraw(
        distributor=case.distributor, case_no=case.case_no, actor=SHOP, at=LATER
    )


def test_a_withdrawn_case_lets_its_pieces_go_and_again_changes_nothing() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene)

    withdraw(case)
    again = withdraw(case)

    assert (again.state, again.version) == (CaseState.WITHDRAWN, 2)
    assert stage.counters(scene) == {}
    scene.order.refresh_from_db()
    assert scene.order.open_cases == 0
    stage.assert_books_are_clean()


def test_a_case_whose_goods_are_on_their_way_back_cannot_be_withdrawn() -> None:
    scene = stage.make_stage(days=7, received=True)
    case = stage.approve(stage.apply(scene, CaseType.RETURN_REFUND), return_address=stage.ADDRESS)
    stage.send_back(case)

    with pytest.raises(WrongState):
        withdraw(case)

    assert stage.counters(scene) == {"in_case": 1}


def test_another_distributors_case_does_not_exist() -> None:
    case = stage.apply(stage.make_stage())
    other = make_distributor()

    with pytest.raises(NotFound):
        applying.withdraw(distributor=other, case_no=case.case_no, actor=SHOP, at=LATER)
    with pytest.raises(NotFound):
        applying.escalate(distributor=other, case_no=case.case_no, actor=SHOP, at=LATER)

    assert stage.get(case).version == 1


def test_a_rejected_case_is_submitted_again_with_more_so_often() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene)
    policies.decide(name="aftersale_resubmissions", value=1, actor=ANNA, at=NOON)
    picture = make_evidence(scene.shop)
    stage.reject(case)

    case = resubmit(case, description="补充照片", asked_fen=30_00, evidence=[picture.upload_id])

    assert (case.state, case.asked_fen, case.resubmissions) == (CaseState.APPLIED, 30_00, 1)
    assert case.evidence.get() == picture
    stage.reject(case)
    with pytest.raises(ResubmissionsUsedUp):
        resubmit(case)
    assert stage.get(case).state == CaseState.REJECTED


def resubmit(case: Case, **fields: Any) -> Case:
    return applying.resubmit(
        distributor=case.distributor, case_no=case.case_no, actor=SHOP, at=LATER, **fields
    )


def test_only_a_rejected_case_is_escalated_and_again_changes_nothing() -> None:
    case = stage.apply(stage.make_stage())
    with pytest.raises(WrongState):
        stage.escalate(case)
    stage.reject(case)

    stage.escalate(case)
    again = stage.escalate(case)

    assert (again.state, again.version) == (CaseState.ARBITRATION, 3)
