"""The proof of the books: clean books are called clean, and a breach is counted and shown."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from books import invariants, verifying
from books.verifying import Report
from ledger.models import Account, Kind
from orders.models import Order
from tests.books.planting import IDLE, PLANTED, account, broken, plant
from tests.books.worlds import SOON, make_world


@pytest.mark.django_db
def test_books_in_which_a_little_of_everything_happened_are_clean() -> None:
    make_world()

    report = verifying.look(at=SOON)

    assert broken(report) == []
    examined = {finding.check.name: finding.examined for finding in report.findings}
    assert examined["orders_are_charged_once"] == 7
    assert [name for name, rows in examined.items() if not rows] == [
        "reversals_turn_round_what_they_name",
        "rolled_up_days_are_the_ledger",
        "rolled_up_parts_come_to_the_whole",
        "rolled_up_months_are_their_days",
        "flows_are_the_ledger",
        "what_is_earned_waits_for_its_window",
        "what_is_counted_as_unbilled_is_on_no_bill",
        "voided_parcels_were_never_seen",
        "no_completion_is_overdue",
        "no_approved_change_is_overdue",
    ]


def test_for_every_rule_something_is_planted_that_breaks_it() -> None:
    planted = {names[0] for _, names in PLANTED}

    assert planted == {check.name for check in invariants.CHECKS}


@pytest.mark.django_db
def test_a_breach_shows_the_row_with_what_it_says_and_what_it_should_say() -> None:
    world = make_world()
    plant(f"UPDATE ledger_account SET balance_fen = 7 WHERE kind = 'deposit' AND holder = {IDLE}")

    report = verifying.look(at=SOON)

    [finding] = [f for f in report.breaches if f.check.invariant == "I2"]
    [row] = finding.rows
    assert row["distributor_pk"] == world.idle.pk
    assert (row["stored_fen"], row["transfers_fen"]) == (7, 0)


@pytest.mark.django_db
def test_at_most_so_many_rows_of_a_breach_are_shown_but_all_are_counted() -> None:
    make_world()
    plant(
        "INSERT INTO ledger_transfer (code, reference, debit_id, credit_id, amount_fen, posted_at,"
        f" actor) SELECT 'recharge', 'x' || n, {account('bank')}, {account('payable')}, 1, now(),"
        " 'somebody' FROM generate_series(1, 50) n"
    )

    report = verifying.look(at=SOON)

    found = {finding.check.name: finding for finding in report.breaches}
    unnamed = found["transfers_name_whose_money_it_is"]
    assert unnamed.broken == 50
    assert len(unnamed.rows) == verifying.ROWS_SHOWN


@pytest.mark.django_db(transaction=True)
def test_the_books_are_proved_in_one_snapshot_that_can_write_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[str, str]] = []
    look = verifying.look

    def spy(*, at: object, rows: int) -> Report:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('transaction_isolation'),"
                " current_setting('transaction_read_only')"
            )
            seen.append(cursor.fetchone())
        return look(at=SOON)

    monkeypatch.setattr(verifying, "look", spy)

    assert verifying.verify(at=SOON).clean
    assert seen == [("repeatable read", "on")]


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_it_checked_and_fails_when_the_books_are_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: SOON)
    make_world()
    Order.objects.update(placed_at=SOON)
    clean = StringIO()
    call_command("verify_books", stdout=clean)
    with transaction.atomic():
        Account.objects.filter(kind=Kind.DEPOSIT).update(held_fen=0, balance_fen=10**9)

    told = StringIO()
    with pytest.raises(CommandError, match="deposits_are_the_sum_of_their_transfers"):
        call_command("verify_books", "--json", stdout=told)

    assert all(check.name in clean.getvalue() for check in invariants.CHECKS)
    document = json.loads(told.getvalue())
    assert document["clean"] is False
    rows = {check["name"]: check["rows"] for check in document["checks"] if not check["holds"]}
    assert len(rows["deposits_are_the_sum_of_their_transfers"]) == 3


@pytest.mark.django_db
def test_an_order_older_than_its_events_need_not_have_any() -> None:
    make_world()
    plant("DELETE FROM integration_delivery; DELETE FROM integration_event")

    report = verifying.look(at=SOON + timedelta(days=91))

    assert "orders_are_told_once" not in broken(report)
