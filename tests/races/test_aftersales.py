"""Cases that many work on at the same moment: one decides, and nothing comes back twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aftersales import applying, timing
from aftersales.models import Case, CaseState, CaseType
from companies import policies
from kit.actors import person
from kit.errors import DomainError
from orders import correcting, receiving, tracking
from orders.models import History, Shipment
from orders.tracking import Heard
from tests.aftersales import stage
from tests.aftersales.stage import ADDRESS, ANNA, LATER, SHOP, Stage
from tests.factories import NOON
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12
PAIRS = 40
TRIES = 200
RICH = 100_000_00
DUE = LATER + timedelta(days=30)


def outcome(act: Callable[[], Any]) -> str:
    """What came of an act: `done`, or the code of its refusal."""
    answer = racing.answered(act)
    return answer.code if isinstance(answer, DomainError) else "done"


def withdraw(case: Case) -> str:
    return outcome(
        lambda: applying.withdraw(
            distributor=case.distributor, case_no=case.case_no, actor=SHOP, at=LATER
        )
    )


def steps_to(state: str) -> int:
    return History.objects.filter(subject__startswith="aftersale ", to_state=state).count()


def deposit(scene: Stage) -> int:
    return stage.sums(scene).deposit


def test_of_many_who_decide_one_case_at_once_one_decides() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene)

    def decide(number: int) -> str:
        staff = person(f"staff{number}@platform.example")
        if number % 2:
            return outcome(lambda: stage.reject(case, actor=staff))
        return outcome(lambda: stage.approve(case, actor=staff))

    outcomes = racing.race(decide, THREADS)

    assert Counter(outcomes) == {"done": 1, "state_conflict": THREADS - 1}
    case = stage.get(case)
    refunded = case.state == CaseState.REFUNDED
    assert case.version == (3 if refunded else 2)
    assert deposit(scene) == 818_75 + 57_75 * refunded
    racing.assert_books_are_clean()


def test_of_20_refunds_of_60_percent_of_one_line_one_is_made() -> None:
    scene = stage.make_stage(quantity=10, available=20)
    paid_fen = deposit(scene)

    def refund(number: int) -> str:
        return outcome(lambda: stage.approve(stage.apply(scene, CaseType.REFUND_ONLY, 6)))

    outcomes = racing.race(refund, 20)

    assert Counter(outcomes) == {"done": 1, "more_than_applicable": 19}
    assert deposit(scene) == paid_fen + 6 * 57_75
    assert scene.line.refunded == 6
    racing.assert_books_are_clean()


def test_of_20_compensations_of_60_percent_no_more_comes_back_than_was_paid() -> None:
    scene = stage.make_stage(quantity=10, available=20)
    paid_fen = deposit(scene)
    price_fen = 10 * 57_75

    def compensate(number: int) -> str:
        return outcome(
            lambda: stage.approve(
                stage.apply(scene, CaseType.COMPENSATION, 10, asked_fen=price_fen * 6 // 10)
            )
        )

    def insist(number: int) -> str:
        # While another has a case of these pieces open, they are in it.
        answers = (compensate(number) for _ in range(TRIES))
        return next(answer for answer in answers if answer != "more_than_applicable")

    outcomes = racing.race(insist, 20)

    assert Counter(outcomes) == {"done": 1, "aftersale_amount_too_high": 19}
    assert deposit(scene) == paid_fen + price_fen * 6 // 10
    racing.assert_books_are_clean()


def test_cases_of_one_line_that_are_approved_at_once_refund_each_its_own_pieces() -> None:
    scene = stage.make_stage(quantity=THREADS, available=20)
    paid_fen = deposit(scene)
    cases = [stage.apply(scene) for _ in range(THREADS)]

    outcomes = racing.race(lambda n: outcome(lambda: stage.approve(cases[n])), THREADS)

    assert set(outcomes) == {"done"}
    assert deposit(scene) == paid_fen + THREADS * 57_75
    assert stage.counters(scene) == {
        "refunded": THREADS,
        "refunded_fen": THREADS * 57_75,
        "written_off": THREADS,
    }
    racing.assert_books_are_clean()


def test_pieces_that_are_received_and_refunded_at_once_are_earned_and_given_back_exactly() -> None:
    scenes = [stage.make_stage(quantity=1, deposit_fen=RICH) for _ in range(PAIRS)]
    cases = [stage.apply(scene) for scene in scenes]

    def approve(case: Case) -> str:
        return outcome(lambda: stage.approve(case))

    def receive(scene: Stage) -> str:
        return outcome(lambda: stage.receive(scene))

    def work(number: int) -> list[str]:
        lane = slice(number // 2, PAIRS, THREADS // 2)
        if number % 2:
            return [approve(case) for case in cases[lane]]
        return [receive(scene) for scene in scenes[lane]]

    outcomes = [one for lane in racing.race(work, THREADS) for one in lane]

    # A receipt that comes second finds nothing on its way; the refund always happens.
    assert set(outcomes) <= {"done", "nothing_to_receive"}
    assert all(stage.get(case).state == CaseState.REFUNDED for case in cases)
    assert all(scene.line.refunded_fen == 57_75 for scene in scenes)
    assert all(scene.line.received + scene.line.written_off == 1 for scene in scenes)
    # The freight is the source's either way.
    assert all(deposit(scene) == RICH - 8_00 for scene in scenes)
    racing.assert_books_are_clean()


def test_a_case_that_is_withdrawn_as_its_time_runs_out_ends_once() -> None:
    policies.decide(name="aftersale_when_late", value="approve", actor=ANNA, at=NOON)
    scene = stage.make_stage(quantity=PAIRS, available=100, deposit_fen=RICH)
    paid_fen = deposit(scene)
    cases = [stage.apply(scene) for _ in range(PAIRS)]

    def work(number: int) -> list[str]:
        if number % 3 == 0:
            return [str(timing.run_due(at=DUE)) for _ in range(3)]
        return [withdraw(case) for case in cases[number::THREADS]]

    racing.race(work, THREADS)
    timing.run_due(at=DUE)

    states = Counter(stage.get(case).state for case in cases)
    assert set(states) <= {CaseState.REFUNDED, CaseState.WITHDRAWN}
    assert steps_to("refunded") == states[CaseState.REFUNDED]
    assert steps_to("withdrawn") == states[CaseState.WITHDRAWN]
    assert deposit(scene) == paid_fen + states[CaseState.REFUNDED] * 57_75
    assert scene.line.in_case == 0
    racing.assert_books_are_clean()


def test_two_beats_and_four_workers_end_every_wait_once() -> None:
    scene = stage.make_stage(days=7, received=True, quantity=12, available=20)
    late = [stage.apply(scene) for _ in range(4)]
    rejected = [stage.reject(stage.apply(scene)) for _ in range(4)]
    waiting = [
        stage.approve(stage.apply(scene, CaseType.RETURN_REFUND), return_address=ADDRESS)
        for _ in range(4)
    ]

    counts = racing.race(lambda _: timing.run_due(at=DUE) + timing.run_due(at=DUE), 8)

    # One that another worker had in hand is left to it.
    assert sum(counts) == 12
    assert History.objects.filter(act="late").count() == 4
    assert (steps_to("closed"), steps_to("expired")) == (4, 4)
    assert all(stage.get(case).late_at for case in late)
    assert {stage.get(case).state for case in rejected} == {CaseState.CLOSED}
    assert {stage.get(case).state for case in waiting} == {CaseState.EXPIRED}
    racing.assert_books_are_clean()


def test_a_lost_parcel_that_many_workers_find_is_refunded_once() -> None:
    scene = stage.make_stage()
    parcel = Shipment.objects.get()
    heard = Heard(parcel.carrier_code, parcel.tracking_no, "exception", LATER)
    tracking.record(heard=[heard], at=LATER)
    correcting.write_off(shipment_pk=parcel.pk, actor=ANNA, at=LATER, note="丢失")

    counts = racing.race(lambda _: timing.open_for_parcels(at=LATER), 8)

    assert sum(counts) == 1
    assert Case.objects.count() == 1
    assert deposit(scene) == 992_00
    racing.assert_books_are_clean()


def test_no_order_deadlocks_with_its_cases_and_its_receipt() -> None:
    scene = stage.make_stage(quantity=30, available=100, deposit_fen=RICH)
    before = racing.deadlocks()

    def work(number: int) -> None:
        for _ in range(5):
            if number % 4 == 0:
                outcome(lambda: stage.receive(scene, 1))
            elif number % 4 == 1:
                receiving.receive_due(at=DUE)
            elif number % 4 == 2:
                outcome(lambda: stage.approve(stage.apply(scene)))
            else:
                timing.run_due(at=DUE)

    racing.race(work, THREADS)

    racing.assert_no_deadlock_since(before)
    racing.assert_books_are_clean()
