"""The trial balance: every kind of account, and all of them together 0."""

import io
from datetime import timedelta

import pytest
import python_calamine

from books import rollups, trial_balance, verifying
from kit.actors import OPERATIONS
from ledger import accounts, chaining, posting
from ledger.models import Account, Kind
from tests.books.worlds import SEPTEMBER, make_world
from tests.factories import NOON

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def test_every_kind_is_there_and_they_sum_to_nothing() -> None:
    make_world()

    balance = trial_balance.of(TODAY)

    assert [row.kind for row in balance.rows] == Kind.values
    assert balance.debit_fen == balance.credit_fen > 0
    assert balance.balance_fen == sum(row.balance_fen for row in balance.rows) == 0
    for row in balance.rows:
        of_kind = Account.objects.filter(kind=row.kind)
        summed = sum(accounts.balance(Kind(row.kind), one.holder) for one in of_kind)
        assert row.balance_fen == summed, row.kind


def test_what_was_posted_after_the_day_does_not_count() -> None:
    make_world()

    before = trial_balance.of(SEPTEMBER.date())
    at_first = trial_balance.of((SEPTEMBER - timedelta(days=1)).date())

    moved = {row.kind: row.balance_fen for row in before.rows if row.balance_fen}
    assert moved == {Kind.PAYABLE: -5_00, Kind.GOODWILL: 5_00}
    assert not any(row.debit_fen or row.credit_fen for row in at_first.rows)


@pytest.mark.django_db(transaction=True)
def test_it_is_the_same_rolled_up_and_counts_what_came_late_at_once_and_once() -> None:
    world = make_world()
    days = [(SEPTEMBER - timedelta(days=1)).date(), SEPTEMBER.date(), TODAY]
    before = [trial_balance.of(day) for day in days]
    rollups.roll(at=NOON + timedelta(days=1))
    rollups.roll(at=NOON + timedelta(days=1))

    assert [trial_balance.of(day) for day in days] == before

    deposit = (Kind.DEPOSIT, world.idle.pk)
    late = posting.Posting("recharge", "LATE", (Kind.BANK, None), deposit, 7_00, world.idle.pk)
    posting.post([late], at=SEPTEMBER, actor=OPERATIONS)
    found = [trial_balance.of(day) for day in days]
    chaining.link(at=NOON)
    assert [trial_balance.of(day) for day in days] == found
    rollups.roll(at=NOON + timedelta(days=1))
    assert [trial_balance.of(day) for day in days] == found
    assert found[0] == before[0]
    for old, new in zip(before[1:], found[1:], strict=True):
        rows = {row.kind: row for row in old.rows}
        for row in new.rows:
            known = rows[row.kind]
            change = (row.balance_fen - known.balance_fen, row.transfers - known.transfers)
            moved = {Kind.BANK: (-7_00, 1), Kind.DEPOSIT: (7_00, 1)}
            assert change == moved.get(Kind(row.kind), (0, 0)), row.kind
        [idle] = [row.accounts for row in new.rows if row.kind == Kind.DEPOSIT]
        assert idle == rows[Kind.DEPOSIT].accounts + 1
    report = verifying.verify(at=NOON + timedelta(days=1))
    assert "flows_are_the_ledger" not in [one.check.name for one in report.breaches]


def test_the_accounts_of_a_kind_come_to_its_row() -> None:
    make_world()
    balance = {row.kind: row for row in trial_balance.of(TODAY).rows}

    for kind in Kind:
        rows, following = trial_balance.accounts_of(kind, TODAY)
        assert following is None
        assert sum(row.debit_fen for row in rows) == balance[kind].debit_fen
        assert sum(row.credit_fen for row in rows) == balance[kind].credit_fen
    deposits, _next = trial_balance.accounts_of(Kind.DEPOSIT, TODAY)
    assert all(row.stored_fen == row.balance_fen for row in deposits)


def test_many_accounts_come_page_by_page() -> None:
    Account.objects.bulk_create(
        Account(kind=Kind.EARNED, holder=holder)
        for holder in range(1, trial_balance.ACCOUNTS_A_PAGE + 3)
    )

    first, following = trial_balance.accounts_of(Kind.EARNED, TODAY)
    assert following is not None
    second, last = trial_balance.accounts_of(Kind.EARNED, TODAY, after=following)

    assert (len(first), len(second), last) == (trial_balance.ACCOUNTS_A_PAGE, 2, None)
    assert {row.pk for row in first}.isdisjoint(row.pk for row in second)


def test_the_workbook_shows_the_same_with_every_account() -> None:
    world = make_world()
    balance = trial_balance.of(TODAY)

    content = trial_balance.xlsx(balance, names={("deposit", world.shop.pk): "=SUM(1)"})

    book = python_calamine.load_workbook(io.BytesIO(content))
    kinds, every = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert kinds[-1][1:4] == [balance.debit_fen / 100, balance.credit_fen / 100, 0]
    assert sum(round(float(str(row[4])) * 100) for row in every[1:]) == 0
    # What people wrote stays text.
    assert "=SUM(1)" in [row[1] for row in every]
