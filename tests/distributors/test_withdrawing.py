"""Withdrawals: held from the application on, agreed to by two where large, debited once, or freed."""

from datetime import timedelta
from typing import Any

import pytest

from books import verifying
from distributors import agreeing, deciding_withdrawals, recharging, withdrawing
from distributors.models import Distributor, Withdrawal
from integration.models import Event
from kit.actors import OPERATIONS, person
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts, freezing, posting
from ledger.models import Account, Kind, Transfer
from orders import holding, placing
from tests.factories import (
    NOON,
    make_distributor,
    make_recharge,
    make_request,
    make_sku,
    make_withdrawal,
)

pytestmark = pytest.mark.django_db
LI, WANG = person("li@example.com"), person("wang@example.com")
LARGE = 10_000_01


def deposit(shop: Distributor) -> tuple[int | None, int, int]:
    """Balance, held, available."""
    account = accounts.deposit_of(shop.pk)
    return account.balance_fen, account.held_fen, account.available_fen


def now(one: Withdrawal) -> Withdrawal:
    return Withdrawal.objects.get(pk=one.pk)


def approve(one: Withdrawal, by: Any = LI) -> Withdrawal:
    return deciding_withdrawals.approve(withdrawal_no=one.withdrawal_no, actor=by, at=NOON)


def check(one: Withdrawal, by: Any = LI) -> Withdrawal:
    return deciding_withdrawals.check_once(withdrawal_no=one.withdrawal_no, actor=by, at=NOON)


def pay(one: Withdrawal, reference: str = "OUT-1") -> Withdrawal:
    return deciding_withdrawals.pay(
        withdrawal_no=one.withdrawal_no, bank_reference=reference, actor=LI, at=NOON
    )


def reject(one: Withdrawal, reason: str = "账户不符") -> Withdrawal:
    return deciding_withdrawals.reject(
        withdrawal_no=one.withdrawal_no, reason=reason, actor=LI, at=NOON
    )


def cancel(one: Withdrawal, by: Distributor | None = None) -> Withdrawal:
    return withdrawing.cancel(
        distributor=by or one.distributor, withdrawal_no=one.withdrawal_no, actor=LI, at=NOON
    )


def told(one: Withdrawal) -> list[str]:
    rows = Event.objects.filter(object_no=one.withdrawal_no).order_by("pk")
    return list(rows.values_list("type", flat=True))


def assert_books_are_clean() -> None:
    breaches = verifying.look(at=NOON).breaches
    assert not breaches, [(one.check.name, one.rows[:2]) for one in breaches]


def test_an_application_holds_its_amount_and_moves_no_money() -> None:
    shop = make_distributor(deposit_fen=100_00)

    asked = make_withdrawal(shop, amount_fen=60_00)

    assert deposit(shop) == (100_00, 60_00, 40_00)
    assert (asked.account_tail, withdrawing.account_of(asked)) == (
        "1234",
        ("招商银行深圳分行", "6225888800001234"),
    )
    assert b"6225888800001234" not in bytes(asked.account_sealed)
    assert Transfer.objects.count() == 1
    assert_books_are_clean()


def test_what_is_held_is_not_spent_on_orders() -> None:
    shop = make_distributor(deposit_fen=100_00)
    make_withdrawal(shop, amount_fen=60_00)

    [outcome] = placing.place_many([make_request(shop, {make_sku(): 1})], at=NOON)

    assert isinstance(outcome, posting.DepositInsufficient)
    assert deposit(shop) == (100_00, 60_00, 40_00)


def test_a_paid_withdrawal_debits_the_deposit_under_its_bank_reference_and_is_told() -> None:
    shop = make_distributor(deposit_fen=100_00)
    asked = make_withdrawal(shop, amount_fen=60_00)
    approve(asked)
    assert deposit(shop) == (100_00, 60_00, 40_00)

    pay(asked)

    transfer = Transfer.objects.get(code="withdrawal_paid")
    assert (transfer.reference, transfer.amount_fen) == ("OUT-1", 60_00)
    assert (transfer.debit.holder, transfer.credit.kind) == (shop.pk, Kind.BANK)
    assert deposit(shop) == (40_00, 0, 40_00)
    assert (now(asked).state, now(asked).paid_at) == ("paid", NOON)
    assert told(asked) == ["withdrawal.approved", "withdrawal.paid"]
    assert_books_are_clean()


def test_the_whole_deposit_can_be_withdrawn_to_the_fen() -> None:
    shop = make_distributor(deposit_fen=100_00)
    asked = make_withdrawal(shop, amount_fen=100_00)

    approve(asked)
    pay(asked)

    assert deposit(shop) == (0, 0, 0)
    assert_books_are_clean()


@pytest.mark.parametrize("step", ["applied", "checked", "approved"])
def test_a_rejected_withdrawal_frees_what_it_held_whenever_that_was(step: str) -> None:
    asked = make_withdrawal(amount_fen=60_00)
    if step == "checked":
        check(asked)
    if step == "approved":
        approve(asked)

    reject(asked, "账户不符")

    assert deposit(asked.distributor) == (1_000_00, 0, 1_000_00)
    assert (now(asked).state, now(asked).reason) == ("rejected", "账户不符")
    assert told(asked)[-1] == "withdrawal.rejected"
    assert_books_are_clean()


def test_a_cancelled_withdrawal_frees_what_it_held() -> None:
    asked = make_withdrawal(amount_fen=60_00)

    cancel(asked)

    assert deposit(asked.distributor) == (1_000_00, 0, 1_000_00)
    assert now(asked).state == "cancelled"
    assert_books_are_clean()


def test_what_is_approved_is_no_longer_cancelled_by_its_distributor() -> None:
    asked = make_withdrawal(amount_fen=60_00)
    approve(asked)

    with pytest.raises(WrongState):
        cancel(asked)

    assert deposit(asked.distributor)[1] == 60_00
    assert now(asked).state == "approved"


@pytest.mark.parametrize("end", [pay, reject, cancel])
def test_what_has_ended_stays_as_it_is_and_frees_nothing_again(end: Any) -> None:
    asked = make_withdrawal(amount_fen=60_00)
    if end is pay:
        approve(asked)
    end(asked)
    before, state = deposit(asked.distributor), now(asked).state

    acts: list[Any] = [check, approve, pay, reject, cancel]
    for again in acts:
        if again is cancel and end is cancel:
            cancel(asked)  # harmless
        else:
            with pytest.raises(WrongState):
                again(asked)

    assert (deposit(asked.distributor), now(asked).state) == (before, state)
    assert_books_are_clean()


def test_nothing_is_paid_that_is_not_approved() -> None:
    asked = make_withdrawal()

    with pytest.raises(WrongState):
        pay(asked)
    check(asked)
    with pytest.raises(WrongState):
        pay(asked)

    assert not Transfer.objects.filter(code="withdrawal_paid").exists()


def test_above_the_limit_two_people_agree() -> None:
    shop = make_distributor(deposit_fen=20_000_00)
    asked = make_withdrawal(shop, amount_fen=LARGE)

    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(asked)
    check(asked)
    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(asked)
    assert now(asked).state == "checked"
    approve(asked, by=WANG)

    assert now(asked).state == "approved"
    assert_books_are_clean()


def test_a_bank_reference_pays_one_withdrawal() -> None:
    first, second = make_withdrawal(), make_withdrawal()
    for one in (first, second):
        approve(one)
    pay(first, "OUT")

    for reference in ("OUT", " OUT "):
        with pytest.raises(posting.AlreadyPosted):
            pay(second, reference)
    with pytest.raises(recharging.ReferenceInvalid):
        pay(second, " ")

    assert now(second).state == "approved"
    assert deposit(second.distributor) == (1_000_00, 100_00, 900_00)


def test_neither_credit_nor_what_holds_and_other_withdrawals_reserve_can_be_withdrawn() -> None:
    shop = make_distributor(deposit_fen=200_00)
    recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=500_00, at=NOON)
    holding.hold(request=make_request(shop, {make_sku(): 2}), at=NOON)  # 105.00
    make_withdrawal(shop, amount_fen=45_00)

    with pytest.raises(withdrawing.WithdrawalTooLarge) as refused:
        make_withdrawal(shop, amount_fen=50_01)
    assert refused.value.values["most_fen"] == 50_00
    make_withdrawal(shop, amount_fen=50_00)

    assert deposit(shop) == (200_00, 200_00, 500_00)
    assert_books_are_clean()


def test_the_same_open_application_again_is_the_first_one() -> None:
    shop = make_distributor()
    first = make_withdrawal(shop)

    again = make_withdrawal(shop, at=NOON + timedelta(minutes=1), account_no="6225888800001234")
    other = make_withdrawal(shop, account_no="6225888800005678")

    assert (again.pk, again.applied_at) == (first.pk, NOON)
    assert other.pk != first.pk
    assert deposit(shop)[1] == 200_00


@pytest.mark.parametrize(
    ("_case", "fields", "refusal"),
    [
        ("nothing", {"amount_fen": 0}, recharging.AmountOutOfRange),
        ("nobody", {"payee": " "}, withdrawing.PayeeInvalid),
        ("no bank", {"bank": ""}, withdrawing.PayeeInvalid),
        ("a bank on two lines", {"bank": "A\nB"}, withdrawing.PayeeInvalid),
        ("no account", {"account_no": ""}, withdrawing.PayeeInvalid),
        ("an account of words", {"account_no": "我的账户一二三"}, withdrawing.PayeeInvalid),
        ("a note too long", {"note": "n" * 201}, withdrawing.WithdrawalNoteInvalid),
        ("more than there is", {"amount_fen": 1_000_01}, withdrawing.WithdrawalTooLarge),
    ],
)
def test_an_application_that_says_nonsense_is_refused_and_holds_nothing(
    _case: str, fields: dict[str, Any], refusal: type[DomainError]
) -> None:
    shop = make_distributor()

    with pytest.raises(refusal):
        make_withdrawal(shop, **fields)

    assert deposit(shop) == (1_000_00, 0, 1_000_00)
    assert not Withdrawal.objects.exists()


def test_open_withdrawals_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "MAX_OPEN", 1)
    shop = make_distributor()
    make_withdrawal(shop)

    with pytest.raises(withdrawing.WithdrawalLimitReached):
        make_withdrawal(shop, amount_fen=1_00)

    assert deposit(shop)[1] == 100_00


def test_anothers_withdrawal_is_not_there() -> None:
    asked = make_withdrawal()

    with pytest.raises(NotFound):
        cancel(asked, by=make_distributor())
    with pytest.raises(NotFound):
        approve(Withdrawal(withdrawal_no="T0"))

    assert now(asked).state == "applied"


def test_holding_below_the_threshold_is_told_once_and_ends_when_it_is_freed() -> None:
    shop = make_distributor(deposit_fen=100_00, threshold_fen=50_00)
    lows = Event.objects.filter(type="deposit.low")

    asked = make_withdrawal(shop, amount_fen=60_00)
    make_withdrawal(shop, amount_fen=10_00)
    assert [event.data["available_fen"] for event in lows] == [40_00]
    cancel(asked)

    shop.refresh_from_db()
    assert not shop.deposit_is_low
    assert lows.count() == 1


def test_a_credit_line_that_is_taken_back_is_told_where_it_crosses_the_threshold() -> None:
    shop = make_distributor(deposit_fen=100_00, threshold_fen=150_00)
    lows = Event.objects.filter(type="deposit.low")
    told_before = lows.count()
    recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=100_00, at=NOON)

    for credit_line_fen in (80_00, 10_00, 5_00):
        recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=credit_line_fen, at=NOON)

    assert [event.data["available_fen"] for event in lows.order_by("pk")[told_before:]] == [110_00]


def freeze(shop: Distributor) -> Account:
    account = accounts.deposit_of(shop.pk)
    return freezing.freeze_account(account_pk=account.pk, reason="I2", at=NOON)


def test_nothing_is_spent_from_a_frozen_deposit_and_all_is_refused_without_a_trace() -> None:
    shop, tea = make_distributor(), make_sku()
    approved = approve(make_withdrawal(shop))
    freeze(shop)

    [outcome] = placing.place_many([make_request(shop, {tea: 1})], at=NOON)
    with pytest.raises(freezing.AccountFrozen):
        holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    with pytest.raises(freezing.AccountFrozen):
        make_withdrawal(shop, amount_fen=1_00)
    with pytest.raises(freezing.AccountFrozen):
        pay(approved)

    tea.stock.refresh_from_db()
    assert isinstance(outcome, freezing.AccountFrozen)
    assert tea.stock.available == 100
    assert deposit(shop) == (1_000_00, 100_00, 900_00)
    assert now(approved).state == "approved"


def test_money_still_comes_into_a_frozen_deposit() -> None:
    shop = make_distributor()
    freeze(shop)

    recharging.recharge(
        distributor_pk=shop.pk, amount_fen=5_00, reference="IN", actor=OPERATIONS, at=NOON
    )

    assert deposit(shop)[0] == 1_005_00


@pytest.mark.django_db(transaction=True)
def test_a_frozen_deposit_keeps_its_first_reason_and_is_used_again_when_staff_say_why() -> None:
    shop, other = make_distributor(), make_distributor()
    account = freeze(shop)
    freezing.freeze_account(account_pk=account.pk, reason="later", at=NOON + timedelta(hours=1))
    assert accounts.deposit_of(shop.pk).frozen_reason == "I2"
    assert accounts.deposit_of(other.pk).frozen_at is None

    with pytest.raises(freezing.UnfreezeReasonMissing):
        freezing.unfreeze_account(account_pk=account.pk, reason=" ")
    assert accounts.deposit_of(shop.pk).frozen_at == NOON
    freezing.unfreeze_account(account_pk=account.pk, reason="已更正")

    assert isinstance(placing.place(make_request(shop, {make_sku(): 1}), at=NOON), placing.Placed)
    with pytest.raises(NotFound):
        freezing.freeze_account(account_pk=-1, reason="I2", at=NOON)
    with pytest.raises(NotFound):
        freezing.unfreeze_account(account_pk=-1, reason="I2")


def test_a_recharge_of_a_frozen_distributor_may_be_applied_for() -> None:
    shop = make_distributor()
    freeze(shop)

    assert make_recharge(shop).state == "applied"
