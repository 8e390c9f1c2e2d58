"""Money in and out by many at the same moment: credited once, paid once, and never spent twice."""

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from distributors import (
    applying_for_recharges,
    deciding_recharges,
    deciding_withdrawals,
    recharging,
    withdrawing,
)
from distributors.models import Distributor, Recharge, Withdrawal
from integration.models import Event
from kit.actors import OPERATIONS, person
from kit.errors import DomainError
from ledger import accounts, freezing
from ledger.models import Account, Transfer
from orders import placing
from tests.factories import (
    NOON,
    make_distributor,
    make_recharge,
    make_request,
    make_sku,
    make_slip,
    make_withdrawal,
)
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20
ROUNDS = 6
LARGE = 10_000_01
PEOPLE = (person("li@example.com"), person("wang@example.com"))


def outcome(act: Callable[[], Any]) -> str:
    """What came of an act: `done`, or the code of its refusal."""
    answer = racing.answered(act)
    return answer.code if isinstance(answer, DomainError) else "done"


def deposit(shop: Distributor) -> tuple[int | None, int]:
    """Balance and what is held."""
    account = accounts.deposit_of(shop.pk)
    return account.balance_fen, account.held_fen


def each_at_once(acts: Sequence[Callable[[], Any]]) -> list[str]:
    """Do different things at one moment."""
    return racing.race(lambda number: outcome(acts[number]), len(acts))


def approve(applied: Recharge, reference: str) -> Recharge:
    return deciding_recharges.approve(
        recharge_no=applied.recharge_no, bank_reference=reference, actor=OPERATIONS, at=NOON
    )


def test_a_recharge_that_two_people_approve_twenty_times_is_credited_once() -> None:
    for amount_fen in (LARGE, LARGE - 1):
        applied = make_recharge(amount_fen=amount_fen)

        def press(number: int, applied: Recharge = applied) -> str:
            who = PEOPLE[number % 2]
            if number < 2:
                outcome(
                    lambda: deciding_recharges.check_once(
                        recharge_no=applied.recharge_no,
                        bank_reference=f"B{applied.pk}",
                        actor=who,
                        at=NOON,
                    )
                )
            return outcome(
                lambda: deciding_recharges.approve(
                    recharge_no=applied.recharge_no,
                    bank_reference=f"B{applied.pk}",
                    actor=who,
                    at=NOON,
                )
            )

        outcomes = Counter(racing.race(press, THREADS))

        assert outcomes["done"] == 1
        assert outcomes.keys() <= {"done", "state_conflict", "four_eyes_needed"}
        assert deposit(applied.distributor) == (amount_fen, 0)
        assert Transfer.objects.filter(reference=f"B{applied.pk}").count() == 1
        assert Event.objects.filter(object_no=applied.recharge_no).count() == 1
    racing.assert_books_are_clean()


def test_a_payment_that_is_approved_and_recharged_directly_at_once_is_credited_once() -> None:
    for number in range(ROUNDS):
        reference = f"BANK-{number}"
        applied = [make_recharge(), make_recharge()]
        roads: list[Callable[[], Any]] = [
            functools.partial(approve, applied[0], reference),
            functools.partial(approve, applied[1], reference),
            functools.partial(
                recharging.recharge,
                distributor_pk=applied[0].distributor_id,
                amount_fen=100_00,
                reference=reference,
                actor=OPERATIONS,
                at=NOON,
            ),
        ]

        outcomes = Counter(each_at_once(roads * 3))

        assert outcomes["done"] == 1
        assert outcomes.keys() <= {"done", "already_posted", "state_conflict"}
        assert Transfer.objects.filter(reference=reference).count() == 1
        assert sum(deposit(one.distributor)[0] or 0 for one in applied) == 100_00
    racing.assert_books_are_clean()


def test_a_slip_that_many_show_at_once_stands_for_one_recharge() -> None:
    shops = [make_distributor(deposit_fen=0) for _ in range(6)]
    slip = make_slip()

    outcomes = racing.race(lambda n: outcome(lambda: make_recharge(shops[n % 6], slip=slip)), 12)

    assert Counter(outcomes)["done"] >= 1
    assert set(outcomes) <= {"done", "slip_used_already"}
    assert Recharge.objects.count() == 1


def test_the_same_application_by_many_at_once_is_one() -> None:
    shop = make_distributor()

    def ask(number: int) -> str:
        if number % 2:
            return make_withdrawal(shop).withdrawal_no
        return make_recharge(shop, payment_reference="PAY").recharge_no

    answers = racing.race(ask, 12)

    assert len(set(answers)) == 2
    assert (Recharge.objects.count(), Withdrawal.objects.count()) == (1, 1)
    assert deposit(shop) == (1_000_00, 100_00)
    racing.assert_books_are_clean()


def test_a_recharge_is_approved_rejected_or_taken_back_and_only_one_of_them() -> None:
    for _ in range(ROUNDS):
        applied = make_recharge()
        ways: list[Callable[[], Any]] = [
            functools.partial(approve, applied, f"B{applied.pk}"),
            functools.partial(
                deciding_recharges.reject,
                recharge_no=applied.recharge_no,
                reason="x",
                actor=OPERATIONS,
                at=NOON,
            ),
            functools.partial(
                applying_for_recharges.withdraw,
                distributor=applied.distributor,
                recharge_no=applied.recharge_no,
                actor=OPERATIONS,
                at=NOON,
            ),
        ]

        outcomes = each_at_once(ways)

        state = Recharge.objects.get(pk=applied.pk).state
        assert sorted(outcomes) == ["done", "state_conflict", "state_conflict"]
        assert (deposit(applied.distributor)[0] == 100_00) == (state == "approved")
    racing.assert_books_are_clean()


def test_a_withdrawal_is_paid_or_rejected_once_by_however_many() -> None:
    for _ in range(ROUNDS):
        asked = make_withdrawal()
        deciding_withdrawals.approve(withdrawal_no=asked.withdrawal_no, actor=OPERATIONS, at=NOON)

        def end(number: int, asked: Withdrawal = asked) -> str:
            if number % 2:
                return outcome(
                    lambda: deciding_withdrawals.reject(
                        withdrawal_no=asked.withdrawal_no, reason="x", actor=OPERATIONS, at=NOON
                    )
                )
            return outcome(
                lambda: deciding_withdrawals.pay(
                    withdrawal_no=asked.withdrawal_no,
                    bank_reference=f"O{asked.pk}-{number}",
                    actor=OPERATIONS,
                    at=NOON,
                )
            )

        outcomes = Counter(racing.race(end, 8))

        paid = Withdrawal.objects.get(pk=asked.pk).state == "paid"
        assert outcomes == {"done": 1, "state_conflict": 7}
        assert deposit(asked.distributor) == (900_00 if paid else 1_000_00, 0)
    racing.assert_books_are_clean()


def test_a_withdrawal_is_cancelled_or_approved_and_frees_what_it_held_once() -> None:
    for _ in range(ROUNDS):
        asked = make_withdrawal()

        def decide(number: int, asked: Withdrawal = asked) -> str:
            if number % 2:
                return outcome(
                    lambda: withdrawing.cancel(
                        distributor=asked.distributor,
                        withdrawal_no=asked.withdrawal_no,
                        actor=OPERATIONS,
                        at=NOON,
                    )
                )
            return outcome(
                lambda: deciding_withdrawals.approve(
                    withdrawal_no=asked.withdrawal_no, actor=OPERATIONS, at=NOON
                )
            )

        racing.race(decide, 6)

        state = Withdrawal.objects.get(pk=asked.pk).state
        assert deposit(asked.distributor) == (1_000_00, 100_00 if state == "approved" else 0)
    racing.assert_books_are_clean()


def test_one_reference_pays_one_of_many_withdrawals() -> None:
    asked = [make_withdrawal() for _ in range(8)]
    for one in asked:
        deciding_withdrawals.approve(withdrawal_no=one.withdrawal_no, actor=OPERATIONS, at=NOON)

    outcomes = racing.race(
        lambda n: outcome(
            lambda: deciding_withdrawals.pay(
                withdrawal_no=asked[n].withdrawal_no,
                bank_reference="OUT",
                actor=OPERATIONS,
                at=NOON,
            )
        ),
        8,
    )

    assert Counter(outcomes) == {"done": 1, "already_posted": 7}
    assert Transfer.objects.filter(code="withdrawal_paid").count() == 1
    racing.assert_books_are_clean()


def test_withdrawals_and_orders_at_once_never_take_more_than_there_is() -> None:
    shop, tea = make_distributor(deposit_fen=300_00), make_sku()  # an order is 52.50

    def spend(number: int) -> str:
        if number % 2:
            return outcome(lambda: make_withdrawal(shop, amount_fen=50_00 + number))
        [answer] = placing.place_many([make_request(shop, {tea: 1})], at=NOON)
        return answer.code if isinstance(answer, DomainError) else "done"

    outcomes = Counter(racing.race(spend, 12))

    balance_fen, held_fen = deposit(shop)
    assert outcomes["done"] == 5
    assert outcomes.keys() <= {"done", "withdrawal_too_large", "deposit_insufficient"}
    assert (balance_fen or 0) >= held_fen
    racing.assert_books_are_clean()


def test_an_account_is_frozen_before_an_order_or_after_it() -> None:
    tea = make_sku(available=999)
    for _ in range(ROUNDS):
        shop = make_distributor()
        account = accounts.deposit_of(shop.pk)

        def act(number: int, shop: Distributor = shop, account: Account = account) -> str:
            if number == 0:
                freezing.freeze_account(account_pk=account.pk, reason="I2", at=NOON)
                return "frozen"
            [answer] = placing.place_many([make_request(shop, {tea: 1})], at=NOON)
            return answer.code if isinstance(answer, DomainError) else "placed"

        outcomes = Counter(racing.race(act, 5))

        assert outcomes.keys() <= {"frozen", "placed", "account_frozen"}
        assert deposit(shop)[0] == 1_000_00 - 52_50 * outcomes["placed"]
        [late] = placing.place_many([make_request(shop, {tea: 1})], at=NOON)
        assert isinstance(late, freezing.AccountFrozen)
    racing.assert_books_are_clean()
