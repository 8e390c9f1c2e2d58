"""Settlement by many at the same moment: one bill for a period, paid once, answered or voided."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from ledger.models import Kind, Transfer
from suppliers import answering_bills, paying_bills, securing, settlement
from suppliers.models import Bill, BillLine, BillState
from tests.factories import NOON, OCTOBER, earn, make_bill, make_supplier
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 6
ROUNDS = 10
DAY = date(2026, 11, 20)


def outcome(act: Callable[[], Any]) -> str:
    """What came of an act: `done`, or the code of its refusal."""
    answer = racing.answered(act)
    return answer.code if isinstance(answer, DomainError) else "done"


def test_six_workers_issue_one_bill_for_each_period_and_every_line_once() -> None:
    suppliers = [make_supplier() for _ in range(ROUNDS)]
    for supplier in suppliers:
        for fen in (5_00, 7_00, -1_00):
            earn(supplier, fen)

    issued = racing.race(lambda _: settlement.run(at=NOON, actor=OPERATIONS), WORKERS)

    assert settlement.run(at=NOON, actor=OPERATIONS) == []
    assert {bill.pk for bills in issued for bill in bills} == set(
        Bill.objects.values_list("pk", flat=True)
    )
    assert Bill.objects.count() == len(suppliers)
    assert BillLine.objects.filter(live=True).count() == 3 * len(suppliers)
    assert {bill.total_fen for bill in Bill.objects.all()} == {11_00}


def test_a_bill_is_paid_once_whoever_records_it() -> None:
    for number in range(ROUNDS):
        bill = make_bill(amounts=(80_00,))
        answering_bills.accept(
            supplier=bill.supplier, bill_no=bill.bill_no, actor=OPERATIONS, at=NOON
        )

        answers = racing.race(
            lambda worker, bill=bill, number=number: outcome(  # type: ignore[misc]
                lambda: paying_bills.pay(
                    bill_no=bill.bill_no,
                    bank_reference=f"bank-{number}-{worker}",
                    paid_on=DAY,
                    actor=OPERATIONS,
                    at=NOON,
                )
            ),
            WORKERS,
        )

        assert Counter(answers) == {"done": 1, "state_conflict": WORKERS - 1}
        assert Transfer.objects.filter(code="bill_paid", reference=bill.bill_no).count() == 1
        assert accounts.balance(Kind.PAYABLE, bill.supplier_id) == 0


def test_a_bill_is_agreed_to_or_voided_and_never_both() -> None:
    for _ in range(ROUNDS):
        bill = make_bill()
        acts: tuple[Callable[[], Any], ...] = (
            lambda bill=bill: answering_bills.accept(  # type: ignore[misc]
                supplier=bill.supplier, bill_no=bill.bill_no, actor=OPERATIONS, at=NOON
            ),
            lambda bill=bill: settlement.void(  # type: ignore[misc]
                bill_no=bill.bill_no, reason="x", actor=OPERATIONS, at=NOON
            ),
        )

        answers = racing.race(lambda one, acts=acts: outcome(acts[one]), 2)  # type: ignore[misc]

        assert Counter(answers) == {"done": 1, "state_conflict": 1}
        bill.refresh_from_db()
        live = bill.lines.filter(live=True).exists()
        assert live == (bill.state == BillState.ACCEPTED)


def test_security_is_paid_back_once_down_to_nothing() -> None:
    for number in range(ROUNDS):
        supplier = make_supplier()
        about: dict[str, Any] = {"supplier_pk": supplier.pk, "actor": OPERATIONS, "at": NOON}
        securing.pay_in(amount_fen=50_00, bank_reference=f"in-{number}", **about)

        answers = racing.race(
            lambda worker, number=number, about=about: outcome(  # type: ignore[misc]
                lambda: securing.give_back(
                    amount_fen=50_00, bank_reference=f"out-{number}-{worker}", **about
                )
            ),
            WORKERS,
        )

        assert Counter(answers) == {"done": 1, "security_insufficient": WORKERS - 1}
        assert securing.paid_fen(supplier) == 0


def test_a_voided_period_that_is_issued_again_by_many_has_one_bill() -> None:
    for _ in range(ROUNDS):
        first = make_bill()
        settlement.void(bill_no=first.bill_no, reason="x", actor=OPERATIONS, at=NOON)

        bills = racing.race(
            lambda _, pk=first.supplier_id: settlement.issue(  # type: ignore[misc]
                supplier_pk=pk, period=OCTOBER, actor=OPERATIONS, at=NOON
            ),
            WORKERS,
        )

        assert len({bill.pk for bill in bills if bill is not None}) == 1
        assert Bill.objects.of(first.supplier).exclude(state=BillState.VOID).count() == 1
