"""Bills of random months are, to the fen, what an independent model says that they must be."""

import os
import random
from datetime import date, datetime, timedelta
from itertools import groupby

import pytest

from kit.actors import OPERATIONS, person
from ledger import posting
from ledger.models import Kind
from suppliers import answering_bills, balances, paying_bills, settlement
from suppliers.models import Bill, Supplier
from tests.factories import make_supplier
from tests.suppliers.months import Month, Moved, happen, make_month, start_of

MONTHS = int(os.environ.get("MONTHS", "30"))
BATCH = 1_000
LI = person("li@example.com")
# What is posted between runs; some of it is posted after a run, but dated before it (a slow act).
MOMENTS = [
    start_of(date(2026, 9, 20)),
    start_of(date(2026, 10, 4)) + timedelta(hours=9),
    start_of(date(2026, 10, 16)) - timedelta(microseconds=1),
    start_of(date(2026, 10, 16)),
    start_of(date(2026, 10, 28)),
    start_of(date(2026, 11, 1)) - timedelta(microseconds=1),
    start_of(date(2026, 11, 1)),
    start_of(date(2026, 11, 9)),
]
RUNS = [
    date(2026, 10, 1),
    date(2026, 10, 17),
    date(2026, 11, 1),
    date(2026, 11, 3),
    date(2026, 12, 2),
]
LATE = timedelta(hours=30)


@pytest.mark.django_db
def test_bills_are_what_the_model_says() -> None:
    for batch in range(0, MONTHS, BATCH):
        dice = random.Random(20261101 + batch)
        _live_through(min(BATCH, MONTHS - batch), batch, dice)


def _live_through(count: int, offset: int, dice: random.Random) -> None:
    months = {}
    for _ in range(count):
        month, supplier = make_month(dice), make_supplier()
        Supplier.objects.filter(pk=supplier.pk).update(cycle=month.cycle)
        supplier.cycle = month.cycle
        months[supplier] = month
    moments = iter([*MOMENTS, None])
    moment = next(moments)
    for today in RUNS:
        while moment is not None and moment < start_of(today):
            _post(months, moment, dice, offset)
            moment = next(moments)
        _run(months, today)
        # Posted after the run, dated before it: it comes late.
        _post(months, start_of(today) - LATE, dice, offset)
        for supplier, month in months.items():
            _answer(supplier, month, dice, start_of(today) + timedelta(hours=10))
        _compare(months)
        _run(months, today)
        _compare(months)
    for supplier, month in months.items():
        assert balances.of(supplier).payable_fen == month.owed()


def _post(
    months: dict[Supplier, Month], moment: datetime, dice: random.Random, offset: int
) -> None:
    postings = [
        _posting(supplier, one)
        for number, (supplier, month) in enumerate(months.items(), offset)
        for one in happen(month, number, dice, moment)
    ]
    posting.post(postings, at=moment, actor=OPERATIONS)


def _posting(supplier: Supplier, one: Moved) -> posting.Posting:
    payable, other = (Kind.PAYABLE, supplier.pk), (Kind.ORDERS_OPEN, None)
    return posting.Posting(
        code="goods_earned" if one.fen > 0 else "aftersale_refunded",
        reference=one.reference,
        debit=other if one.fen > 0 else payable,
        credit=payable if one.fen > 0 else other,
        amount_fen=abs(one.fen),
        supplier_pk=supplier.pk,
    )


def _run(months: dict[Supplier, Month], today: date) -> None:
    settlement.run(at=start_of(today) + timedelta(minutes=40), actor=OPERATIONS)
    for month in months.values():
        month.run(today)


def _answer(supplier: Supplier, month: Month, dice: random.Random, at: datetime) -> None:
    """Doubt, agree, pay or void some bills, in both worlds."""
    rows = Bill.objects.of(supplier).order_by("pk").exclude(state="paid").exclude(state="void")
    live = [bill for bill in month.bills if bill.state not in ("paid", "void")]
    for row, bill in zip(rows, live, strict=True):
        if bill.state in ("issued", "disputed") and dice.random() < 0.2:
            line = row.lines.order_by("pk")[0]
            notes = {line.pk: "?"}
            answering_bills.dispute(
                supplier=supplier, bill_no=row.bill_no, notes=notes, actor=LI, at=at
            )
            bill.state = "disputed"
        elif bill.state in ("issued", "disputed") and dice.random() < 0.5:
            answering_bills.accept(supplier=supplier, bill_no=row.bill_no, actor=LI, at=at)
            bill.state = "accepted"
        elif (
            bill.state in ("issued", "disputed")
            and bill.carried_into is None
            and dice.random() < 0.3
        ):
            settlement.void(bill_no=row.bill_no, reason="again", actor=LI, at=at)
            month.void(bill)
        if bill.state == "accepted" and bill.total > 0 and dice.random() < 0.6:
            paying_bills.pay(
                bill_no=row.bill_no,
                bank_reference=f"bank-{row.pk}",
                paid_on=at.date(),
                actor=OPERATIONS,
                at=at,
            )
            bill.state = "paid"


def _compare(months: dict[Supplier, Month]) -> None:
    pks = [supplier.pk for supplier in months]
    rows = Bill.objects.filter(supplier__in=pks).order_by("supplier_id", "pk")
    lines = rows.values_list("pk", "lines__transfer__reference", "lines__amount_fen")
    of_bill = {
        pk: {reference: fen for _pk, reference, fen in found}
        for pk, found in groupby(lines.order_by("pk"), key=lambda one: one[0])
    }
    ours: dict[int, list[object]] = {pk: [] for pk in pks}
    for row in rows:
        ours[row.supplier_id].append(
            (
                row.period_from,
                row.period_to,
                of_bill[row.pk],
                row.carried_fen,
                row.total_fen,
                row.state,
            )
        )
    for supplier, month in months.items():
        expected = [(b.first, b.last, b.lines, b.carried, b.total, b.state) for b in month.bills]
        assert ours[supplier.pk] == expected, (supplier.pk, month.cycle)
