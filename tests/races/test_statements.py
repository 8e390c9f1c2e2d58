"""Days closed, and files of the bank loaded, by many at the same moment: once each."""

from pathlib import Path

import pytest

from books import bank_matching, statements
from books.models import BankLine, Statement
from distributors import recharging
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from suppliers.periods import DAY
from tests.factories import NOON, make_distributor
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 6
DAYS = 3


def test_six_workers_close_every_day_once_while_money_moves() -> None:
    shops = [make_distributor(deposit_fen=1_00) for _ in range(4)]

    def work(number: int) -> int:
        if number % 2:
            for turn in range(20):
                recharging.recharge(
                    distributor_pk=shops[turn % 4].pk,
                    amount_fen=1,
                    reference=f"{number}-{turn}",
                    actor=OPERATIONS,
                    at=NOON + (turn % DAYS) * DAY,
                )
            return 0
        return len(statements.run(at=NOON + DAYS * DAY))

    closed = racing.race(work, WORKERS)
    statements.run(at=NOON + (DAYS + 1) * DAY)

    assert sum(closed) == len(shops) * DAYS
    told = Event.objects.filter(type="statement.ready").count()
    assert Statement.objects.count() == told == len(shops) * (DAYS + 1)
    for shop in shops:
        last = shop.statements.latest("day")
        assert last.closing_fen == accounts.deposit_of(shop.pk).balance_fen
    racing.assert_books_are_clean()


def test_a_file_of_the_bank_that_many_load_at_once_is_loaded_once(tmp_path: Path) -> None:
    make_distributor(deposit_fen=1_00)
    file = tmp_path / "bank.csv"
    file.write_text("date,reference,amount\n2026-11-22,B1,1.00\n2026-11-22,B2,2.00\n")

    def load(number: int) -> bank_matching.Loaded:
        return bank_matching.load(path=file, name=f"{number}.csv", actor=OPERATIONS, at=NOON)

    outcomes = racing.race(lambda number: racing.answered(lambda: load(number)), WORKERS)

    refused = [one.code for one in outcomes if isinstance(one, DomainError)]
    assert refused == ["bank_file_known"] * (WORKERS - 1)
    assert BankLine.objects.count() == 2


def test_a_line_settled_as_the_rules_run_keeps_what_somebody_said(tmp_path: Path) -> None:
    shop = make_distributor(deposit_fen=0)
    file = tmp_path / "bank.csv"
    rows = [f"2026-11-22,B{number},1.00" for number in range(20)]
    file.write_text("\n".join(["date,reference,amount", *rows]))
    bank_matching.load(path=file, name="bank.csv", actor=OPERATIONS, at=NOON)
    for number in range(20):
        recharging.recharge(
            distributor_pk=shop.pk,
            amount_fen=100,
            reference=f"B{number}",
            actor=OPERATIONS,
            at=NOON,
        )
    lines = list(BankLine.objects.order_by("pk").values_list("pk", flat=True))

    def work(number: int) -> list[int]:
        if number == 0:
            bank_matching.match_open()
            return []
        return [pk for pk in lines[number - 1 :: WORKERS - 1] if _settled(pk)]

    said = racing.race(work, WORKERS)

    settled = {pk for found in said for pk in found}
    kept = set(BankLine.objects.filter(match="settled").values_list("pk", flat=True))
    assert kept == settled
    assert BankLine.objects.filter(match="open").count() == 0
    racing.assert_books_are_clean()


def _settled(pk: int) -> bool:
    act = racing.answered(
        lambda: bank_matching.settle(line_pk=pk, note="mine", transfer_pk=None, actor=OPERATIONS)
    )
    return isinstance(act, BankLine)
