"""Reading the statement of our own bank account: csv or xlsx, a movement a row.

The plain form has the columns `date, reference, amount, counterparty, text`, amounts in yuan with
what went out below zero. Headings as Chinese banks write them are understood too, and so are two
columns for what came in and what went out. Other columns are passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from books import cells
from books.cells import CellMissing, CellUnreadable
from kit import money
from kit.errors import DomainError
from supplychain import sheets
from supplychain.sheets import Columns, Row

MAX_FAULTS = 20
MAX_REFERENCE, MAX_NAME, MAX_TEXT = 128, 120, 300
MAX_FEN = 10**13
_FORMS = {
    "date": "date 日期 交易日期 记账日期 入账日期 交易时间",
    "reference": "reference 流水号 交易流水号 银行流水号 凭证号 交易号",
    "amount": "amount 金额 金额（元） 金额(元) 交易金额 发生额",
    "in": "in 收入 收入金额 贷方金额 贷方发生额 贷方发生额（收入） 贷方发生额(收入)",
    "out": "out 支出 支出金额 借方金额 借方发生额 借方发生额（支出） 借方发生额(支出)",
    "counterparty": "counterparty 对方户名 对方名称 对方账户名称 交易对方",
    "text": "text 摘要 附言 用途 备注",
}
COLUMNS = Columns(
    names={heading: name for name, forms in _FORMS.items() for heading in forms.split()},
    required=(("date",), ("reference",), ("amount", "in", "out")),
    ignores_others=True,
)


class BankFileFaulty(DomainError):
    code = "bank_file_faulty"
    text = _("{count} rows cannot be read, so nothing was loaded.")


class ReferenceRepeated(DomainError):
    code = "reference_repeated"
    text = _("Line {line}: the reference {reference} stands on line {first} already.")


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the bank's: positive came in."""

    line: int
    booked_on: date
    reference: str
    amount_fen: int
    counterparty: str
    text: str


def read(path: Path) -> list[Movement]:
    """Return what the bank says moved.

    :raises BankFileFaulty: some rows cannot be read; `causes` has the first of them.
    :raises DomainError: the file cannot be read as a whole; see `sheets.open_sheet`.
    """
    found: dict[str, Movement] = {}
    faults: list[DomainError] = []
    for row in sheets.open_sheet(path, COLUMNS).rows:
        if not (row.broken or row.cells.get("reference") or row.cells.get("date")):
            continue  # totals below the table
        try:
            _add(found, _movement(row))
        except DomainError as fault:
            faults.append(fault)
    _refuse(faults)
    return list(found.values())


def _add(found: dict[str, Movement], movement: Movement) -> None:
    first = found.setdefault(movement.reference, movement)
    if first is not movement:
        raise ReferenceRepeated(line=movement.line, reference=movement.reference, first=first.line)


def _movement(row: Row) -> Movement:
    if row.broken:
        raise CellUnreadable(line=row.line, value=row.broken, wanted=_("a row"))
    return Movement(
        line=row.line,
        booked_on=cells.day(_needed(row, "date"), line=row.line),
        reference=_short(row, cells.words(_needed(row, "reference"), line=row.line)),
        amount_fen=_amount_fen(row),
        counterparty=cells.words(row.cells.get("counterparty", ""), line=row.line)[:MAX_NAME],
        text=cells.words(row.cells.get("text", ""), line=row.line)[:MAX_TEXT],
    )


def _needed(row: Row, name: str) -> object:
    if name not in row.cells:
        raise CellMissing(line=row.line, column=name)
    return row.cells[name]


def _short(row: Row, reference: str) -> str:
    if len(reference) > MAX_REFERENCE:
        raise CellUnreadable(line=row.line, value=reference[:40], wanted=_("a reference"))
    return reference


def _amount_fen(row: Row) -> int:
    """Return what came in, or below zero what went out; of two columns one is empty, or 0."""
    given = {name: row.cells[name] for name in ("amount", "in", "out") if name in row.cells}
    fen = {name: cells.fen(cell, line=row.line) for name, cell in given.items()}
    amount_fen = fen.get("amount", 0) or fen.get("in", 0) or -abs(fen.get("out", 0))
    both = bool(fen.get("in")) and bool(fen.get("out"))
    if both or not 0 < abs(amount_fen) <= MAX_FEN:
        raise CellUnreadable(line=row.line, value=money.yuan(amount_fen), wanted=_("one amount"))
    return amount_fen


def _refuse(faults: Sequence[DomainError]) -> None:
    if faults:
        raise BankFileFaulty(count=len(faults), causes=faults[:MAX_FAULTS])
