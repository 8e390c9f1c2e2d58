"""Every wait of a case ends by itself: with its default outcome, once, however late."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aftersales import deadlines, rendering, returning, timing
from aftersales.models import ENDS, Case, CaseState, CaseType
from companies import policies
from integration.models import Event
from orders import receiving
from orders.models import History, OrderState
from tests.aftersales import stage
from tests.aftersales.stage import ADDRESS, ANNA, LATER, Stage
from tests.factories import NOON

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def scene() -> Stage:
    return stage.make_stage(days=7, received=True)


def applied(scene: Stage) -> Case:
    return stage.apply(scene)


def approved(scene: Stage) -> Case:
    return stage.approve(stage.apply(scene, CaseType.RETURN_REFUND))


def rejected(scene: Stage) -> Case:
    return stage.reject(stage.apply(scene))


def arbitrated(scene: Stage) -> Case:
    return stage.escalate(rejected(scene))


def awaiting(scene: Stage) -> Case:
    return stage.approve(stage.apply(scene, CaseType.RETURN_REFUND), return_address=ADDRESS)


def returning_(scene: Stage) -> Case:
    return stage.send_back(awaiting(scene))


def inspecting(scene: Stage) -> Case:
    return returning.arrive(case_no=returning_(scene).case_no, actor=ANNA, at=LATER)


def failed(scene: Stage) -> Case:
    return stage.inspect(inspecting(scene), "fail")


def reshipping(scene: Stage) -> Case:
    return stage.approve(stage.apply(scene, CaseType.RESEND))


def reshipped(scene: Stage) -> Case:
    return stage.reship(reshipping(scene), scene.supplier)


def reviewed(scene: Stage) -> Case:
    policies.decide(name="refund_review_above_fen", value=1, actor=ANNA, at=NOON)
    return stage.approve(stage.apply(scene))


# How each state is reached, how long it lasts by default, and in what it ends by itself.
WAITS: dict[CaseState, tuple[Callable[[Stage], Case], timedelta, str]] = {
    CaseState.APPLIED: (applied, timedelta(hours=48), "alert"),
    CaseState.APPROVED: (approved, timedelta(hours=48), "alert"),
    CaseState.REJECTED: (rejected, timedelta(days=7), "closed"),
    CaseState.AWAITING_RETURN: (awaiting, timedelta(days=7), "expired"),
    CaseState.RETURNING: (returning_, timedelta(days=15), "alert"),
    CaseState.INSPECTING: (inspecting, timedelta(days=3), "alert"),
    CaseState.INSPECTION_FAILED: (failed, timedelta(days=7), "closed"),
    CaseState.RESHIPPING: (reshipping, timedelta(hours=48), "alert"),
    CaseState.RESHIPPED: (reshipped, timedelta(days=15), "completed"),
    CaseState.ARBITRATION: (arbitrated, timedelta(days=7), "alert"),
    CaseState.REFUND_REVIEW: (reviewed, timedelta(hours=48), "alert"),
}


def test_every_state_that_is_no_end_has_a_deadline_with_an_outcome() -> None:
    assert set(deadlines.DEADLINES) == set(CaseState) - set(ENDS) == set(WAITS)


@pytest.mark.parametrize("_state", WAITS)
def test_a_wait_ends_by_itself_once_and_not_before(scene: Stage, _state: CaseState) -> None:
    reach, lasts, outcome = WAITS[_state]
    case = reach(scene)
    assert (case.state, case.due_at) == (_state, LATER + lasts)

    early = timing.run_due(at=LATER + lasts - SECOND)
    done = timing.run_due(at=LATER + lasts)
    again = timing.run_due(at=LATER + lasts + SECOND)

    assert (early, done, again) == (0, 1, 0)
    case = stage.get(case)
    if outcome == deadlines.ALERT:
        assert (case.state, case.late_at) == (_state, LATER + lasts)
    else:
        assert (case.state, case.late_at) == (outcome, None)
    stage.assert_books_are_clean()


@pytest.mark.parametrize("_state", WAITS)
def test_what_a_document_says_will_happen_is_what_happens(scene: Stage, _state: CaseState) -> None:
    reach, _, outcome = WAITS[_state]

    shown = rendering.document(reach(scene))["next_deadline"]

    assert shown["default"] == outcome


def test_staff_who_are_late_are_noted_and_told_to_nobody_outside(scene: Stage) -> None:
    case = applied(scene)
    events = Event.objects.count()

    timing.run_due(at=LATER + timedelta(days=3))

    row = History.objects.filter(subject=f"aftersale {case.case_no}").latest("pk")
    assert (row.act, row.to_state, row.actor_kind) == ("late", "", "timer")
    assert Event.objects.count() == events


def test_a_case_that_moves_on_may_be_late_again(scene: Stage) -> None:
    case = applied(scene)
    at = LATER + timedelta(days=3)
    timing.run_due(at=at)

    case = stage.reject(case, at=at)

    assert (case.late_at, case.due_at) == (None, at + timedelta(days=7))


def test_where_that_is_decided_a_late_platform_has_approved(scene: Stage) -> None:
    policies.decide(name="aftersale_when_late", value="approve", actor=ANNA, at=NOON)
    case = stage.apply(scene, asked_fen=30_00)

    timing.run_due(at=LATER + timedelta(days=3))

    case = stage.get(case)
    assert (case.state, case.approved_fen, case.refunded_fen) == ("refunded", 30_00, 30_00)
    stage.assert_books_are_clean()


def test_after_an_hour_of_standstill_everything_that_is_due_is_done_once(scene: Stage) -> None:
    cases = [stage.apply(scene), stage.apply(scene), stage.apply(scene)]
    stage.reject(cases[1])
    at = LATER + timedelta(days=7, hours=1)

    assert timing.run_due(at=at) == 3
    assert timing.run_due(at=at) == 0

    states = [stage.get(case).state for case in cases]
    assert states == [CaseState.APPLIED, CaseState.CLOSED, CaseState.APPLIED]


def test_no_parcel_is_received_by_itself_while_a_case_is_open() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene)
    due = NOON + timedelta(days=16)

    assert receiving.receive_due(at=due) == 0
    stage.reject(case)
    timing.run_due(at=due)
    assert receiving.receive_due(at=due) == 1

    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.COMPLETED
