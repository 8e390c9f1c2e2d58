"""Bills: exactly the transfers of a supplier's payable account, each on one bill that counts."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from kit.actors import OPERATIONS, person
from kit.errors import WrongState
from ledger import accounts, chaining, freezing, posting
from ledger.models import Account, Kind, Transfer
from suppliers import (
    adjusting,
    answering_bills,
    paying_bills,
    periods,
    securing,
    settlement,
    unbilled,
)
from suppliers.models import (
    Adjustment,
    Bill,
    BillLine,
    BillState,
    Cycle,
    Supplier,
    UnbilledCount,
)
from suppliers.periods import Period
from tests.factories import NOON, make_supplier

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
IN_OCTOBER = datetime.fromisoformat("2026-10-15T12:00:00+08:00")
LI, WANG = person("li@example.com"), person("wang@example.com")


def earn(supplier: Supplier, fen: int, reference: str, at: datetime = IN_OCTOBER) -> None:
    """Post what a supplier earned, or gave back where it is negative."""
    payable, other = (Kind.PAYABLE, supplier.pk), (Kind.ORDERS_OPEN, None)
    posting.post(
        [
            posting.Posting(
                code="goods_earned" if fen > 0 else "aftersale_refunded",
                reference=reference,
                debit=other if fen > 0 else payable,
                credit=payable if fen > 0 else other,
                amount_fen=abs(fen),
                supplier_pk=supplier.pk,
            )
        ],
        at=at,
        actor=OPERATIONS,
    )


def issue(supplier: Supplier, period: Period = OCTOBER, at: datetime = NOON) -> Bill:
    bill = settlement.issue(supplier_pk=supplier.pk, period=period, actor=OPERATIONS, at=at)
    assert bill is not None
    return bill


def lines_of(bill: Bill) -> dict[str, int]:
    return dict(bill.lines.values_list("transfer__reference", "amount_fen"))


@pytest.mark.django_db
def test_a_bill_lists_what_was_posted_in_its_period_and_comes_to_its_sum() -> None:
    supplier, other = make_supplier(), make_supplier()
    earn(supplier, 100_00, "A")
    earn(supplier, -30_00, "B")
    earn(other, 5_00, "C")
    earn(supplier, 7_00, "D", periods.midnight(date(2026, 11, 1)))

    bill = issue(supplier)

    assert lines_of(bill) == {"A": 100_00, "B": -30_00}
    assert (bill.lines_fen, bill.carried_fen, bill.total_fen) == (70_00, 0, 70_00)
    assert bill.state == BillState.ISSUED


@pytest.mark.django_db
def test_the_last_moment_of_a_period_is_in_it_by_the_clock_of_shanghai() -> None:
    supplier = make_supplier()
    earn(supplier, 1_00, "last", periods.midnight(date(2026, 11, 1)) - timedelta(microseconds=1))
    earn(supplier, 2_00, "first", periods.midnight(date(2026, 11, 1)))

    assert lines_of(issue(supplier)) == {"last": 1_00}


@pytest.mark.django_db
def test_what_comes_late_goes_onto_the_next_bill() -> None:
    supplier = make_supplier()
    earn(supplier, 1_00, "in time")
    issue(supplier)
    earn(supplier, 2_00, "late")
    earn(supplier, 4_00, "november", NOON)

    again = issue(supplier)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    later = issue(supplier, november, at=november.ends_at)

    assert lines_of(again) == {"in time": 1_00}
    assert lines_of(later) == {"late": 2_00, "november": 4_00}


@pytest.mark.django_db
def test_a_period_that_goes_on_is_not_billed() -> None:
    supplier = make_supplier()
    earn(supplier, 1_00, "A")

    with pytest.raises(settlement.PeriodNotOver):
        issue(supplier, at=OCTOBER.ends_at - timedelta(seconds=1))

    assert not Bill.objects.exists()


@pytest.mark.django_db
def test_a_negative_bill_is_carried_into_the_next_and_never_paid() -> None:
    supplier = make_supplier()
    earn(supplier, -50_00, "refund")
    october = issue(supplier)
    earn(supplier, 80_00, "goods", NOON)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))

    bill = issue(supplier, november, at=november.ends_at)

    october.refresh_from_db()
    assert october.carried_to == bill
    assert (bill.lines_fen, bill.carried_fen, bill.total_fen) == (80_00, -50_00, 30_00)
    answering_bills.accept(supplier=supplier, bill_no=october.bill_no, actor=LI, at=NOON)
    with pytest.raises(paying_bills.NothingToPay):
        paying_bills.pay(
            bill_no=october.bill_no,
            bank_reference="X",
            paid_on=NOON.date(),
            actor=LI,
            at=NOON,
        )


@pytest.mark.django_db
def test_paying_moves_the_total_once_and_leaves_nothing_payable() -> None:
    supplier = make_supplier()
    earn(supplier, 70_00, "A")
    bill = issue(supplier)
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=LI, at=NOON)

    for _ in range(2):
        paying_bills.pay(
            bill_no=bill.bill_no, bank_reference="BANK-1", paid_on=NOON.date(), actor=LI, at=NOON
        )

    bill.refresh_from_db()
    assert bill.state == BillState.PAID
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 0
    assert accounts.balance(Kind.BANK) == 70_00
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert (
        settlement.issue(
            supplier_pk=supplier.pk, period=november, actor=OPERATIONS, at=november.ends_at
        )
        is None
    )


@pytest.mark.django_db
def test_nothing_is_paid_from_an_account_that_a_proof_has_frozen() -> None:
    supplier = make_supplier()
    earn(supplier, 50_00, "A")
    bill = issue(supplier)
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=LI, at=NOON)
    about: dict[str, Any] = {"supplier_pk": supplier.pk, "amount_fen": 10_00, "actor": LI}
    about["at"] = NOON
    securing.pay_in(bank_reference="S-1", **about)
    for account in Account.objects.filter(holder=supplier.pk):
        freezing.freeze_account(account_pk=account.pk, reason="proof", at=NOON)

    with pytest.raises(freezing.AccountFrozen):
        paying_bills.pay(
            bill_no=bill.bill_no, bank_reference="B-1", paid_on=NOON.date(), actor=WANG, at=NOON
        )
    with pytest.raises(freezing.AccountFrozen):
        securing.give_back(bank_reference="S-2", **about)

    assert Bill.objects.get().state == BillState.ACCEPTED
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 50_00
    assert accounts.balance(Kind.SECURITY, supplier.pk) == 10_00


def test_a_large_bill_is_paid_by_two_people() -> None:
    supplier = make_supplier()
    earn(supplier, 20_000_00, "A")
    bill = issue(supplier)
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=LI, at=NOON)

    def pay() -> None:
        paying_bills.pay(
            bill_no=bill.bill_no, bank_reference="BANK-1", paid_on=NOON.date(), actor=LI, at=NOON
        )

    with pytest.raises(paying_bills.SecondPayerNeeded):
        pay()
    paying_bills.prepare(bill_no=bill.bill_no, actor=LI, at=NOON)
    with pytest.raises(paying_bills.SecondPayerNeeded):
        pay()
    paying_bills.prepare(bill_no=bill.bill_no, actor=WANG, at=NOON)
    pay()

    assert Bill.objects.get().state == BillState.PAID


@pytest.mark.django_db
def test_a_void_bill_sets_its_transfers_and_what_it_carried_free() -> None:
    supplier = make_supplier()
    september = Period(date(2026, 9, 1), date(2026, 9, 30))
    earn(supplier, -5_00, "S", periods.midnight(date(2026, 9, 10)))
    issue(supplier, september)
    earn(supplier, 9_00, "A")
    first = issue(supplier)

    settlement.void(bill_no=first.bill_no, reason="wrong", actor=LI, at=NOON)

    second = issue(supplier)
    assert second.pk != first.pk
    assert (second.lines_fen, second.carried_fen) == (9_00, -5_00)
    assert BillLine.objects.filter(live=True, bill=first).count() == 0


@pytest.mark.django_db
def test_bills_look_no_further_back_than_the_first_transfer_on_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chaining, "LOOK_BACK", 0)
    supplier = make_supplier()
    november = periods.midnight(date(2026, 11, 1))
    for fen, reference, at in ((1_00, "A", IN_OCTOBER), (2_00, "B", november), (4_00, "C", NOON)):
        earn(supplier, fen, reference, at)
    keys = dict(Transfer.objects.values_list("reference", "pk"))

    bill = issue(supplier)

    supplier.refresh_from_db()
    assert supplier.open_from_pk == keys["B"]
    assert settlement.unbilled_fen(supplier) == 6_00
    # What was posted for October since has a later key.
    earn(supplier, 8_00, "D")
    assert settlement.unbilled_fen(supplier) == 14_00
    settlement.void(bill_no=bill.bill_no, reason="wrong", actor=LI, at=NOON)
    assert settlement.unbilled_fen(supplier) == 15_00
    assert lines_of(issue(supplier)) == {"A": 1_00, "D": 8_00}


@pytest.mark.django_db
def test_what_a_supplier_never_asked_for_is_counted_once_and_bills_take_it_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chaining, "LOOK_BACK", 0)
    supplier = make_supplier()
    Supplier.objects.update(cycle=Cycle.ON_REQUEST)
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    november = periods.midnight(date(2026, 11, 1))
    for fen, reference, at in ((1_00, "A", IN_OCTOBER), (2_00, "B", november), (4_00, "C", NOON)):
        earn(supplier, fen, reference, at)

    def said() -> tuple[object, ...]:
        standing = settlement.standings([supplier], today=periods.day_of(NOON))
        first = settlement.requestable(supplier, today=periods.day_of(NOON))
        return standing, first, settlement.preview(supplier=supplier, period=october)

    in_full = said()
    assert (unbilled.count_up(), unbilled.count_up()) == (1, 0)
    counted = UnbilledCount.objects.get()
    assert (counted.transfers, counted.fen) == (2, 3_00)
    assert said() == in_full
    # What lies below the mark is read from the count, and only from there.
    UnbilledCount.objects.update(fen=3_01)
    assert settlement.unbilled_fen(supplier) == 7_01
    UnbilledCount.objects.update(fen=3_00)
    earn(supplier, -8_00, "D", IN_OCTOBER)
    unbilled.count_up()
    assert settlement.preview(supplier=supplier, period=october).lines_fen == -7_00
    bill = settlement.ask_for_bill(supplier_pk=supplier.pk, actor=LI, at=NOON)

    assert lines_of(bill) == {"A": 1_00, "B": 2_00, "D": -8_00}
    assert settlement.unbilled_fen(supplier) == 4_00
    unbilled.count_up()
    settlement.void(bill_no=bill.bill_no, reason="wrong", actor=LI, at=NOON)
    assert settlement.unbilled_fen(supplier) == -1_00


@pytest.mark.django_db
def test_what_may_still_be_committed_is_never_passed_over() -> None:
    supplier = make_supplier()
    earn(supplier, 1_00, "A")

    issue(supplier)

    supplier.refresh_from_db()
    assert supplier.open_from_pk == 0


@pytest.mark.django_db
def test_an_accepted_bill_cannot_be_voided() -> None:
    supplier = make_supplier()
    earn(supplier, 9_00, "A")
    bill = issue(supplier)
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=LI, at=NOON)

    with pytest.raises(WrongState):
        settlement.void(bill_no=bill.bill_no, reason="wrong", actor=LI, at=NOON)

    bill.refresh_from_db()
    assert bill.state == BillState.ACCEPTED


@pytest.mark.django_db
def test_lines_are_disputed_one_by_one_and_answered() -> None:
    supplier = make_supplier()
    earn(supplier, 9_00, "A")
    earn(supplier, 1_00, "B")
    bill = issue(supplier)
    line = bill.lines.order_by("pk")[0]

    answering_bills.dispute(
        supplier=supplier, bill_no=bill.bill_no, notes={line.pk: "3 pieces"}, actor=LI, at=NOON
    )
    answering_bills.answer(
        bill_no=bill.bill_no, line_pk=line.pk, words="it was 2", actor=WANG, at=NOON
    )
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=LI, at=NOON)

    line.refresh_from_db()
    assert (line.disputed, line.dispute_note, line.answer) == (True, "3 pieces", "it was 2")
    bill.refresh_from_db()
    assert (bill.state, bill.total_fen) == (BillState.ACCEPTED, 10_00)


@pytest.mark.django_db
def test_a_manual_line_takes_a_second_person_and_comes_onto_the_next_bill() -> None:
    supplier = make_supplier()
    line = adjusting.propose(
        supplier_pk=supplier.pk, amount_fen=-3_00, reason="late", actor=LI, at=IN_OCTOBER
    )

    with pytest.raises(adjusting.SecondDeciderNeeded):
        adjusting.decide(adjustment_no=line.adjustment_no, agreed=True, actor=LI, at=IN_OCTOBER)
    adjusting.decide(adjustment_no=line.adjustment_no, agreed=True, actor=WANG, at=IN_OCTOBER)

    assert lines_of(issue(supplier)) == {line.adjustment_no: -3_00}
    assert accounts.balance(Kind.GOODWILL) == 3_00
    assert Adjustment.objects.get().state == "posted"


@pytest.mark.django_db
def test_security_is_never_paid_back_beyond_what_is_there() -> None:
    supplier = make_supplier()
    securing.require(supplier_pk=supplier.pk, amount_fen=100_00)
    securing.pay_in(
        supplier_pk=supplier.pk, amount_fen=60_00, bank_reference="IN", actor=LI, at=NOON
    )

    with pytest.raises(securing.SecurityInsufficient):
        securing.give_back(
            supplier_pk=supplier.pk, amount_fen=60_01, bank_reference="OUT", actor=LI, at=NOON
        )

    supplier.refresh_from_db()
    assert securing.paid_fen(supplier) == 60_00
    assert securing.is_short(supplier)


@pytest.mark.parametrize(
    ("_cycle", "_first", "_last"),
    [
        (Cycle.WEEKLY, date(2026, 11, 16), date(2026, 11, 22)),
        (Cycle.HALF_MONTHLY, date(2026, 11, 16), date(2026, 11, 30)),
        (Cycle.MONTHLY, date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_a_cycle_has_whole_days(_cycle: str, _first: date, _last: date) -> None:
    assert periods.containing(date(2026, 11, 22), _cycle) == Period(_first, _last)


@pytest.mark.django_db
def test_a_run_bills_every_period_that_is_over_and_repeating_it_does_nothing() -> None:
    supplier = make_supplier()
    Supplier.objects.filter(pk=supplier.pk).update(cycle=Cycle.HALF_MONTHLY)
    earn(supplier, 1_00, "A", periods.midnight(date(2026, 10, 3)))
    earn(supplier, 2_00, "B", periods.midnight(date(2026, 10, 20)))
    earn(supplier, 4_00, "C", NOON)

    first = settlement.run(at=NOON, actor=OPERATIONS)
    second = settlement.run(at=NOON, actor=OPERATIONS)

    assert [(bill.period_from.day, bill.total_fen) for bill in first] == [(1, 1_00), (16, 2_00)]
    assert second == []


@pytest.mark.django_db(transaction=True)
def test_six_workers_at_once_issue_each_bill_once() -> None:
    chosen = [make_supplier() for _ in range(4)]
    for supplier in chosen:
        for number in range(5):
            earn(supplier, 1_00 + number, f"{supplier.pk}-{number}")

    at_once(6, lambda: settlement.run(at=NOON, actor=OPERATIONS))

    assert Bill.objects.count() == len(chosen)
    assert BillLine.objects.filter(live=True).count() == 5 * len(chosen)
    assert all(bill.total_fen == 5_10 for bill in Bill.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_in_the_middle_is_made_up_for_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = [make_supplier() for _ in range(3)]
    for supplier in chosen:
        earn(supplier, 1_00, f"{supplier.pk}")
    issued = settlement._issue
    calls = []

    def die_in_the_second(*args: object) -> Bill | None:
        bill = issued(*args)  # type: ignore[arg-type]
        calls.append(bill)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return bill

    monkeypatch.setattr(settlement, "_issue", die_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        settlement.run(at=NOON, actor=OPERATIONS)
    monkeypatch.undo()

    assert Bill.objects.count() == 1
    settlement.run(at=NOON, actor=OPERATIONS)
    assert Bill.objects.count() == len(chosen)


@pytest.mark.django_db
def test_the_database_keeps_a_transfer_off_a_second_bill() -> None:
    supplier = make_supplier()
    earn(supplier, 1_00, "A")
    bill = issue(supplier)
    line = bill.lines.get()
    other = Bill.objects.create(
        bill_no="B2",
        supplier=supplier,
        period_from=date(2026, 9, 1),
        period_to=date(2026, 9, 30),
        made_at=NOON,
    )

    with pytest.raises(IntegrityError, match="transfer_on_one_live_bill"):
        BillLine.objects.create(bill=other, transfer=line.transfer, amount_fen=1_00)


def at_once(count: int, work: Callable[[], object]) -> None:
    def run() -> None:
        work()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "_statement",
    [
        "UPDATE suppliers_bill SET total_fen = 1, lines_fen = 1",
        "UPDATE suppliers_bill SET period_to = '2026-11-30'",
        "UPDATE suppliers_billline SET amount_fen = 1",
        "DELETE FROM suppliers_billline",
        (
            "INSERT INTO suppliers_billline (bill_id, transfer_id, amount_fen, live, disputed,"
            " dispute_note, answer, answered_by) SELECT bill.id, transfer.id, 1, true, false, '', '', ''"
            " FROM suppliers_bill bill, ledger_transfer transfer WHERE transfer.reference = 'late'"
        ),
    ],
)
def test_the_database_refuses_to_change_an_issued_bill(_statement: str) -> None:
    supplier = make_supplier()
    earn(supplier, 1_00, "A")
    bill = issue(supplier)
    earn(supplier, 2_00, "late", NOON)

    with (
        pytest.raises((IntegrityError, InternalError), match="pgtrigger"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(_statement)

    bill.refresh_from_db()
    assert lines_of(bill) == {"A": 1_00}
    assert bill.total_fen == 1_00
