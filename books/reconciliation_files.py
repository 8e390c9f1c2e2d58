"""Reading the sheet that a finance clerk keeps: xlsx or csv, an order number and an amount a row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from books import cells
from books.cells import CellMissing
from kit.errors import DomainError
from supplychain import sheets
from supplychain.sheets import Columns, Row

MAX_FAULTS = 20
HEADINGS = {
    "out_order_no": "out_order_no",
    "order number": "out_order_no",
    "your order number": "out_order_no",
    "订单号": "out_order_no",
    "订单编号": "out_order_no",
    "商城订单号": "out_order_no",
    "外部订单号": "out_order_no",
    "您的订单号": "out_order_no",
    "amount": "amount",
    "金额": "amount",
    "金额（元）": "amount",
    "金额(元)": "amount",
    "应付金额": "amount",
    "采购金额": "amount",
    "amount_fen": "amount_fen",
    "金额（分）": "amount_fen",
    "金额(分)": "amount_fen",
}
COLUMNS = Columns(
    names=HEADINGS, required=(("out_order_no",), ("amount", "amount_fen")), ignores_others=True
)


class SheetFaulty(DomainError):
    code = "sheet_faulty"
    text = _("{count} rows cannot be read, so nothing was compared.")


def read(path: Path) -> list[tuple[str, int]]:
    """Return the order numbers with their amounts in fen.

    :raises SheetFaulty: some rows cannot be read; `causes` has the first of them.
    :raises DomainError: the file cannot be read as a whole; see `sheets.open_sheet`.
    """
    found, faults = [], []
    for row in sheets.open_sheet(path, COLUMNS).rows:
        if not _is_asked_for(row):
            continue
        try:
            found.append((_number(row), _amount_fen(row)))
        except DomainError as fault:
            faults.append(fault)
    _refuse(faults)
    return found


def _is_asked_for(row: Row) -> bool:
    """Rows without either, such as a line of totals below the table, say nothing."""
    return bool(row.broken or row.cells.get("out_order_no"))


def _number(row: Row) -> str:
    if row.broken:
        raise cells.CellUnreadable(line=row.line, value=row.broken, wanted=_("a row"))
    return cells.words(row.cells["out_order_no"], line=row.line)


def _amount_fen(row: Row) -> int:
    cell: Any = row.cells.get("amount")
    if cell is not None:
        return cells.fen(cell, line=row.line)
    if "amount_fen" not in row.cells:
        raise CellMissing(line=row.line, column=_("amount"))
    return cells.whole_fen(row.cells["amount_fen"], line=row.line)


def _refuse(faults: Sequence[DomainError]) -> None:
    if faults:
        raise SheetFaulty(count=len(faults), causes=faults[:MAX_FAULTS])
