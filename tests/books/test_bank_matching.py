"""The bank's own statement against the ledger: which transfer each movement proves."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from books import bank_files, bank_matching
from books.bank_matching import Loaded
from books.models import BankFile, BankLine, BankMatch
from distributors import recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS, person
from kit.errors import DomainError, NotFound, WrongState
from ledger.models import Transfer
from orders import placing
from suppliers import answering_bills, paying_bills, securing
from suppliers.periods import DAY
from tests.factories import (
    NOON,
    make_bill,
    make_distributor,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db(transaction=True)

HEADING = "date,reference,amount,counterparty,text\n"
TODAY = date(2026, 11, 22)
ANN = person("ann@example.com")


def load(tmp_path: Path, *rows: str, name: str = "bank.csv", heading: str = HEADING) -> Loaded:
    file = tmp_path / name
    file.write_text(heading + "".join(f"{row}\n" for row in rows))
    return bank_matching.load(path=file, name=name, actor=ANN, at=NOON)


def recharge(shop: Distributor, fen: int, reference: str, at: Any = NOON) -> Transfer:
    recharging.recharge(
        distributor_pk=shop.pk, amount_fen=fen, reference=reference, actor=OPERATIONS, at=at
    )
    return Transfer.objects.get(code="recharge", reference=reference)


def line(reference: str) -> BankLine:
    return BankLine.objects.get(reference=reference)


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=0)


def test_a_reference_of_ours_with_the_same_amount_is_certain(
    shop: Distributor, tmp_path: Path
) -> None:
    credited = recharge(shop, 500_00, "B1")

    loaded = load(tmp_path, "2026-11-22,B1,500.00,somebody,")

    assert (loaded.lines, loaded.known, loaded.matched) == (1, 0, 1)
    found = line("B1")
    assert (found.match, found.rule, found.transfer) == (
        "matched",
        "reference_and_amount",
        credited,
    )


def test_every_road_over_the_bank_is_known_by_its_reference(tmp_path: Path) -> None:
    supplier = make_supplier()
    securing.pay_in(
        supplier_pk=supplier.pk, amount_fen=900, bank_reference="S1", actor=OPERATIONS, at=NOON
    )
    securing.give_back(
        supplier_pk=supplier.pk, amount_fen=400, bank_reference="S2", actor=OPERATIONS, at=NOON
    )
    bill = make_bill(supplier)
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=OPERATIONS, at=NOON)
    paying_bills.pay(
        bill_no=bill.bill_no, bank_reference="P1", paid_on=TODAY, actor=OPERATIONS, at=NOON
    )

    rows = ["2026-11-22,S1,9.00,,", "2026-11-22,S2,-4.00,,", "2026-11-22,P1,-80.00,,"]
    loaded = load(tmp_path, *rows)

    assert loaded.matched == 3
    codes = dict(BankLine.objects.values_list("reference", "transfer__code"))
    assert codes == {"S1": "security_in", "S2": "security_out", "P1": "bill_paid"}


def test_a_reference_of_ours_with_another_amount_differs(shop: Distributor, tmp_path: Path) -> None:
    credited = recharge(shop, 500_00, "B1")

    load(tmp_path, "2026-11-22,B1,-500.00,,")

    assert (line("B1").match, line("B1").transfer) == ("differing", credited)


@pytest.mark.parametrize(
    ("_case", "row", "is_found"),
    [
        ("three days later", "2026-11-25,X,500.00,{name},", True),
        ("three days before", "2026-11-19,X,500.00,{name},", True),
        ("four days later", "2026-11-26,X,500.00,{name},", False),
        ("another amount", "2026-11-22,X,500.01,{name},", False),
        ("the other way", "2026-11-22,X,-500.00,{name},", False),
        ("another name", "2026-11-22,X,500.00,别家,", False),
        ("no name", "2026-11-22,X,500.00,,", False),
    ],
)
def test_the_same_amount_and_name_within_three_days_is_likely(
    shop: Distributor, tmp_path: Path, _case: str, row: str, is_found: bool
) -> None:
    recharge(shop, 500_00, "ours")

    load(tmp_path, row.format(name=f" {shop.company.name} "))

    expected = ("matched", "amount_and_name") if is_found else ("open", "")
    assert (line("X").match, line("X").rule) == expected


@pytest.mark.parametrize(
    ("_case", "ours", "theirs"),
    [("two transfers", 2, 1), ("two lines", 1, 2), ("two of both", 2, 2)],
)
def test_what_fits_more_than_once_is_never_guessed(
    shop: Distributor, tmp_path: Path, _case: str, ours: int, theirs: int
) -> None:
    for number in range(ours):
        recharge(shop, 500_00, f"ours-{number}")

    load(tmp_path, *[f"2026-11-22,X{n},500.00,{shop.company.name}," for n in range(theirs)])

    assert {one.match for one in BankLine.objects.all()} == {"open"}


def test_a_transfer_that_comes_after_the_file_is_matched_when_the_rules_run_again(
    shop: Distributor, tmp_path: Path
) -> None:
    load(tmp_path, "2026-11-22,B1,500.00,,")
    assert bank_matching.match_open() == 0

    recharge(shop, 500_00, "B1")

    assert bank_matching.match_open() == 1
    assert line("B1").match == "matched"


def test_a_file_is_loaded_once(shop: Distributor, tmp_path: Path) -> None:
    load(tmp_path, "2026-11-22,B1,500.00,,")

    with pytest.raises(bank_matching.BankFileKnown):
        load(tmp_path, "2026-11-22,B1,500.00,,", name="another name.csv")

    assert (BankFile.objects.count(), BankLine.objects.count()) == (1, 1)


def test_files_may_overlap_and_a_line_counts_once(tmp_path: Path) -> None:
    load(tmp_path, "2026-11-21,B1,1.00,,", "2026-11-22,B2,2.00,,")

    loaded = load(tmp_path, "2026-11-22,B2,2.00,,", "2026-11-23,B3,3.00,,", name="b.csv")

    assert (loaded.lines, loaded.known) == (1, 1)
    assert BankLine.objects.count() == 3
    with pytest.raises(bank_matching.BankFileEmpty):
        load(tmp_path, "2026-11-23,B3,3.00,,", name="c.csv")


@pytest.mark.parametrize("row", ["2026-11-22,B1,501.00,,", "2026-11-23,B1,500.00,,"])
def test_a_reference_that_comes_again_with_something_else_is_refused_with_its_file(
    tmp_path: Path, row: str
) -> None:
    load(tmp_path, "2026-11-22,B1,500.00,,")

    with pytest.raises(bank_matching.BankLineChanged) as refusal:
        load(tmp_path, "2026-11-22,B0,1.00,,", row, name="b.csv")

    assert refusal.value.values == {"line": 3, "reference": "B1"}
    assert (BankFile.objects.count(), BankLine.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("_case", "rows", "code"),
    [
        ("no day", ["soon,B1,1.00,,"], "cell_unreadable"),
        ("no such day", ["2026-02-30,B1,1.00,,"], "cell_unreadable"),
        ("nothing moved", ["2026-11-22,B1,0.00,,"], "cell_unreadable"),
        ("no reference", ["2026-11-22,,1.00,,"], "cell_missing"),
        ("twice in one file", ["2026-11-22,A,1,,", "2026-11-22,A,1,,"], "reference_repeated"),
    ],
)
def test_a_file_with_rows_that_cannot_be_read_is_not_loaded(
    tmp_path: Path, _case: str, rows: list[str], code: str
) -> None:
    with pytest.raises(bank_files.BankFileFaulty) as refusal:
        load(tmp_path, *rows)

    assert [cause.code for cause in refusal.value.causes] == [code]
    assert not BankFile.objects.exists()


def test_columns_as_chinese_banks_write_them_are_understood(tmp_path: Path) -> None:
    heading = "序号,交易时间,流水号,借方发生额（支出）,贷方发生额（收入）,余额,对方户名,摘要\n"

    load(
        tmp_path,
        '1,2026-11-22 09:30:12,F1,,"1,234.50",9.99,杭州某店,货款',
        "2,20261122,F2,80.00,0.00,1.00,某供货商,结算",
        ",,,,,,,",
        heading=heading,
    )

    moved = {one.reference: (one.booked_on, one.amount_fen) for one in BankLine.objects.all()}
    assert moved == {"F1": (TODAY, 1_234_50), "F2": (TODAY, -80_00)}
    assert line("F1").counterparty == "杭州某店"


def test_a_line_is_settled_by_hand_with_a_note_and_its_transfer(
    shop: Distributor, tmp_path: Path
) -> None:
    credited = recharge(shop, 500_00, "ours")
    load(tmp_path, "2026-11-22,X,500.00,别家,")
    [found] = bank_matching.candidates(line("X"))
    assert found.transfer_pk == credited.pk

    bank_matching.settle(
        line_pk=line("X").pk, note=" paid by the  owner ", transfer_pk=credited.pk, actor=ANN
    )

    settled = line("X")
    assert (settled.match, settled.rule, settled.note) == (
        "settled",
        "by_hand",
        "paid by the owner",
    )
    assert (settled.transfer, settled.settled_by) == (credited, str(ANN))
    assert bank_matching.unproved() == []


@pytest.mark.parametrize("note", ["", "  ", "x" * 301])
def test_nothing_is_settled_without_saying_why(tmp_path: Path, note: str) -> None:
    load(tmp_path, "2026-11-22,X,500.00,,")

    with pytest.raises(bank_matching.NoteMissing):
        bank_matching.settle(line_pk=line("X").pk, note=note, transfer_pk=None, actor=ANN)

    assert line("X").match == BankMatch.OPEN


def test_a_transfer_proves_one_line_and_only_the_banks_prove_any(
    shop: Distributor, tmp_path: Path
) -> None:
    credited = recharge(shop, 500_00, "B1")
    placing.place(make_request(shop, {make_sku(): 1}), at=NOON)
    placed = Transfer.objects.get(code="order_placed")
    load(tmp_path, "2026-11-22,B1,500.00,,", "2026-11-22,X,500.00,,")

    for transfer_pk in (credited.pk, placed.pk, 0):
        with pytest.raises(bank_matching.TransferProved):
            bank_matching.settle(line_pk=line("X").pk, note="x", transfer_pk=transfer_pk, actor=ANN)

    assert (line("X").match, line("X").transfer) == ("open", None)


def test_what_is_matched_or_settled_is_not_settled_again(shop: Distributor, tmp_path: Path) -> None:
    recharge(shop, 500_00, "B1")
    load(tmp_path, "2026-11-22,B1,500.00,,")

    with pytest.raises(WrongState):
        bank_matching.settle(line_pk=line("B1").pk, note="x", transfer_pk=None, actor=ANN)
    with pytest.raises(NotFound):
        bank_matching.settle(line_pk=0, note="x", transfer_pk=None, actor=ANN)

    assert line("B1").note == ""


def test_transfers_that_no_line_proves_are_listed_for_the_days_the_files_speak_of(
    shop: Distributor, tmp_path: Path
) -> None:
    for number in range(-2, 3):
        recharge(shop, 1, f"day {number}", NOON + number * DAY)
    assert bank_matching.unproved() == []

    load(tmp_path, "2026-11-21,X,5.00,,", "2026-11-23,day 1,0.01,,")

    assert [one.reference for one in bank_matching.unproved()] == ["day 0", "day -1"]


def test_a_hundred_lines_cost_no_more_queries_than_one(
    shop: Distributor, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        recharge(shop, 100 + number, f"R{number}", NOON - timedelta(minutes=number))

    with django_assert_max_num_queries(12):
        loaded = load(tmp_path, *[f"2026-11-22,R{n},1.{n:02d},," for n in range(30)])

    assert loaded.matched == 30


def test_no_file_is_read_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_text("hello\nworld\n")

    with pytest.raises(DomainError):
        bank_matching.load(path=file, name="bank.csv", actor=ANN, at=NOON)

    assert not BankFile.objects.exists()
