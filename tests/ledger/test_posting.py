"""Posting: once per fact, balanced, above the floor, and never changed afterwards."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from kit.actors import OPERATIONS, Actor, person
from kit.values import replace
from ledger import accounts, posting
from ledger.models import Account, Kind, Transfer
from ledger.posting import Posting
from tests.factories import NOON

pytestmark = pytest.mark.django_db

SHOP, SUPPLIER = 7, 9
RECHARGE = Posting(
    code="recharge",
    reference="BANK-1",
    debit=(Kind.BANK, None),
    credit=(Kind.DEPOSIT, SHOP),
    amount_fen=100_00,
    distributor_pk=SHOP,
)
ORDER = Posting(
    code="order_placed",
    reference="H1",
    debit=(Kind.DEPOSIT, SHOP),
    credit=(Kind.ORDERS_OPEN, None),
    amount_fen=40_00,
    distributor_pk=SHOP,
    order_no="H1",
)


@pytest.fixture(autouse=True)
def deposit() -> Account:
    return accounts.open_deposit(distributor_pk=SHOP)


def post(*postings: Posting, actor: Actor = OPERATIONS) -> None:
    posting.post(postings, at=NOON, actor=actor)


def stored() -> int | None:
    return accounts.deposit_of(SHOP).balance_fen


def test_a_posting_moves_its_amount_from_one_account_to_the_other() -> None:
    post(RECHARGE)
    post(ORDER)

    assert accounts.balance(Kind.BANK) == -100_00
    assert accounts.balance(Kind.DEPOSIT, SHOP) == stored() == 60_00
    assert accounts.balance(Kind.ORDERS_OPEN) == 40_00


def test_whatever_is_posted_all_balances_together_are_nothing() -> None:
    post(RECHARGE, ORDER)
    post(
        replace(ORDER, code="goods_earned", debit=ORDER.credit, credit=(Kind.PAYABLE, SUPPLIER)),
        replace(RECHARGE, reference="BANK-2", amount_fen=1),
    )

    balances = [accounts.balance(Kind(row.kind), row.holder) for row in Account.objects.all()]

    assert len(balances) == 4
    assert sum(balances) == 0


def test_a_fact_is_posted_once_and_a_second_time_changes_nothing() -> None:
    post(RECHARGE)

    with pytest.raises(posting.AlreadyPosted) as refused, transaction.atomic():
        post(RECHARGE)

    assert refused.value.values == {"reference": "BANK-1"}
    assert stored() == 100_00
    assert Transfer.objects.count() == 1


def test_of_several_postings_all_are_written_or_none() -> None:
    post(RECHARGE)

    with pytest.raises(posting.AlreadyPosted), transaction.atomic():
        post(replace(RECHARGE, reference="BANK-2"), RECHARGE)

    assert stored() == 100_00
    assert Transfer.objects.count() == 1


def test_the_same_reference_under_another_code_is_another_fact() -> None:
    post(RECHARGE, replace(RECHARGE, code="gift"))

    assert stored() == 200_00
    assert posting.is_posted("gift", "BANK-1")
    assert not posting.is_posted("gift", "BANK-2")


def test_the_database_refuses_to_overdraw_a_deposit_and_nothing_is_written() -> None:
    post(RECHARGE)

    with pytest.raises(IntegrityError, match="account_not_overdrawn"), transaction.atomic():
        post(replace(ORDER, amount_fen=100_01))

    assert stored() == 100_00
    assert not Transfer.objects.filter(code="order_placed").exists()


def test_a_credit_line_lowers_the_floor_and_what_is_held_raises_it() -> None:
    post(RECHARGE)
    Account.objects.filter(kind=Kind.DEPOSIT).update(credit_line_fen=50_00, held_fen=10_00)

    post(replace(ORDER, amount_fen=140_00))

    assert stored() == -40_00
    assert accounts.deposit_of(SHOP).available_fen == 0
    with pytest.raises(IntegrityError, match="account_not_overdrawn"), transaction.atomic():
        post(replace(ORDER, reference="H2", amount_fen=1))


def test_only_deposits_may_store_a_balance() -> None:
    with pytest.raises(IntegrityError, match="account_stores"), transaction.atomic():
        Account.objects.create(kind=Kind.BANK, balance_fen=0)

    with pytest.raises(IntegrityError, match="account_stores"), transaction.atomic():
        Account.objects.create(kind=Kind.DEPOSIT, holder=8)


def test_every_account_exists_once() -> None:
    first = accounts.find([(Kind.BANK, None), (Kind.PAYABLE, SUPPLIER)])

    again = accounts.find([(Kind.PAYABLE, SUPPLIER), (Kind.BANK, None)])

    assert again == first
    with pytest.raises(IntegrityError, match="account_once"), transaction.atomic():
        Account.objects.create(kind=Kind.BANK)


def test_a_posting_of_nothing_is_left_out() -> None:
    post(RECHARGE, replace(RECHARGE, reference="BANK-2", amount_fen=0))

    assert Transfer.objects.count() == 1


def _set_amount() -> None:
    Transfer.objects.update(amount_fen=1)


def _set_note() -> None:
    Transfer.objects.update(note="another")


def _delete() -> None:
    Transfer.objects.all().delete()


def _raw_update() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_transfer SET posted_at = now()")


def _raw_delete() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_transfer")


@pytest.mark.parametrize("_change", [_set_amount, _set_note, _delete, _raw_update, _raw_delete])
def test_what_is_posted_cannot_be_changed_or_deleted(_change: Callable[[], None]) -> None:
    post(RECHARGE, actor=person("li@example.com"))

    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        _change()

    transfer = Transfer.objects.get()
    assert (transfer.amount_fen, transfer.posted_at) == (100_00, NOON)
    assert transfer.actor == "person:li@example.com"


@pytest.mark.parametrize(
    ("_amount_fen", "_credit", "_rule"),
    [
        (0, Kind.DEPOSIT, "transfer_moves_a_positive_amount"),
        (-1, Kind.DEPOSIT, "transfer_moves_a_positive_amount"),
        (1, Kind.BANK, "transfer_between_two_accounts"),
    ],
)
def test_the_database_refuses_a_transfer_that_moves_nothing(
    _amount_fen: int, _credit: Kind, _rule: str
) -> None:
    bank = accounts.find([(Kind.BANK, None)])[Kind.BANK, None]

    with pytest.raises(IntegrityError, match=_rule), transaction.atomic():
        Transfer.objects.create(
            code="oddity",
            reference="1",
            debit_id=bank,
            credit=Account.objects.get(kind=_credit),
            amount_fen=_amount_fen,
            posted_at=NOON,
            actor="somebody",
        )

    assert not Transfer.objects.exists()


def test_an_account_with_transfers_cannot_be_deleted() -> None:
    post(RECHARGE)

    with pytest.raises(IntegrityError):
        Account.objects.filter(kind=Kind.BANK).delete()
