"""What the columns of a sheet of orders mean: rows of cells become orders, or what is wrong with them.

One row is one line; the rows of one order carry the same number, wherever they stand. What belongs
to the order stands on its first row; the others repeat it or leave it empty. A row that cannot be
read spoils its order and no other.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.errors import DomainError
from orders import pasting, refusals
from orders.requests import MAX_LINES, MAX_QUANTITY, Consignee, Line
from supplychain import regions, sheet_cells, sheets
from supplychain.sheet_cells import CellInvalid
from supplychain.sheets import Columns, FileUnreadable, Row

MAX_ORDERS = 2_000
MAX_ROWS = 5_000
MAX_SHOWN = 60
# What a template shows as an example is never an order.
EXAMPLE_MARKS = ("示例", "EXAMPLE")
# The columns, with what the template calls them.
TITLES: Mapping[str, Promise] = {
    "out_order_no": pgettext_lazy("order sheet", "Order number"),
    "sku_no": pgettext_lazy("order sheet", "Sku number"),
    "quantity": pgettext_lazy("order sheet", "Pieces"),
    "name": pgettext_lazy("order sheet", "Consignee's name"),
    "phone": pgettext_lazy("order sheet", "Consignee's phone"),
    "province": pgettext_lazy("order sheet", "Province"),
    "city": pgettext_lazy("order sheet", "City"),
    "district": pgettext_lazy("order sheet", "District"),
    "detail": pgettext_lazy("order sheet", "Street and number"),
    "price": pgettext_lazy("order sheet", "Highest price (¥)"),
    "remark": pgettext_lazy("order sheet", "Remark"),
}
HEADINGS = {
    "out_order_no": ("订单号", "订单编号", "您的订单号", "外部订单号", "order number", "order no"),
    "sku_no": ("规格编码", "商品编码", "单品编码", "sku", "sku number", "sku编码"),
    "quantity": ("数量", "件数", "购买数量", "pieces", "quantity"),
    "name": ("收货人", "收件人", "收货人姓名", "姓名", "consignee", "consignee's name"),
    "phone": (
        "手机号",
        "手机",
        "电话",
        "收货人电话",
        "联系电话",
        "收件人电话",
        "consignee's phone",
    ),
    "province": ("省", "省份", "province"),
    "city": ("市", "城市", "city"),
    "district": ("区", "区县", "区/县", "district"),
    "detail": ("详细地址", "街道地址", "street and number"),
    "address": ("收货地址", "地址", "完整地址", "address"),
    "price": ("最高单价", "最高单价（元）", "最高单价(元)", "协议价", "单价", "highest price (¥)"),
    "remark": ("备注", "买家备注", "remark"),
}
COLUMNS = Columns(
    names={text: name for name, texts in HEADINGS.items() for text in (name, *texts)},
    required=(
        ("out_order_no",),
        ("sku_no",),
        ("quantity",),
        ("name",),
        ("phone",),
        ("address", "province"),
        ("address", "detail"),
    ),
    ignores_others=True,
)
# What belongs to the order, with how long it may be.
_OF_ORDER = {
    "name": 60, "phone": 32, "province": 32, "city": 32, "district": 32, "detail": 200,
    "address": 300, "remark": 500,
}  # fmt: skip
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@~-]{0,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()*#-]{4,30}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class TooManyOrders(DomainError):
    code = "too_many_orders"
    text = _("A file may hold {limit} orders in {rows} rows; this one has more. Split it.")


class OrderCellMissing(DomainError):
    code = "order_cell_missing"
    text = _("Line {line}: {column} must be filled in.")


class OrderCellInvalid(DomainError):
    code = "order_cell_invalid"
    text = _("Line {line}, {column}: “{value}” is not {wanted}.")


class OrderRowsDiffer(DomainError):
    code = "order_rows_differ"
    text = _("Line {line}: {column} differs from line {first}; the rows of one order agree.")


class OrderRowUnreadable(DomainError):
    code = "order_row_unreadable"
    text = _("Line {line} cannot be read: {reason}")


class TooManyLines(DomainError):
    code = "too_many_lines"
    text = _("An order may have {limit} lines; this one has {count}.")


@dataclass(slots=True)
class Drafted:
    """One order as a file has it. With faults it is none yet, and lines or consignee may lack."""

    out_order_no: str
    # Line numbers and cells, as they were read.
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    consignee: Consignee | None = None
    remark: str = ""
    faults: list[DomainError] = field(default_factory=list)


def read(path: Path) -> list[Drafted]:
    """Return the orders of a sheet, in the order in which their first rows stand.

    :raises TooManyOrders: more than MAX_ORDERS, or MAX_ROWS.
    :raises DomainError: the file cannot be read as a whole; see `sheets.open_sheet`.
    """
    sheet = sheets.open_sheet(path, COLUMNS)
    if sheet.total > MAX_ROWS:
        raise _too_many()
    drafts = list(_grouped(sheet.rows))
    if len(drafts) > MAX_ORDERS:
        raise _too_many()
    if not drafts:
        raise FileUnreadable(reason=str(_("There is no order in it.")))
    return [_understood(draft) for draft in drafts]


def said(causes: Iterable[dict[str, Any]]) -> list[str]:
    """Say kept causes in the reader's language, columns too, whoever uploaded the sheet."""
    return refusals.said(
        {**cause, "values": {**cause["values"], "column": str(_title(cause["pointer"]))}}
        if "column" in cause["values"] and cause["pointer"]
        else cause
        for cause in causes
    )


def is_number(text: str) -> bool:
    """Tell whether a text can be an order's number."""
    return bool(_NUMBER.fullmatch(text))


def is_plain(text: str) -> bool:
    """Tell whether a text is free of line ends and other control characters."""
    return not _CONTROL.search(text)


def _too_many() -> TooManyOrders:
    return TooManyOrders(limit=MAX_ORDERS, rows=MAX_ROWS)


def _grouped(rows: Iterator[Row]) -> Iterator[Drafted]:
    """Gather rows by their number; what has none that can be read stands alone."""
    found: dict[str, Drafted] = {}
    for row in rows:
        number = "" if row.broken else _shown(row.cells.get("out_order_no", ""))
        if number.upper().startswith(EXAMPLE_MARKS):
            continue
        key = number or f"\n{row.line}"
        draft = found.setdefault(key, Drafted(number[:64]))
        draft.rows.append((row.line, {name: _kept(cell) for name, cell in row.cells.items()}))
        if row.broken:
            draft.faults.append(OrderRowUnreadable(line=row.line, reason=row.broken[:MAX_SHOWN]))
    yield from found.values()


def _kept(cell: Any) -> Any:
    """Return a cell as it is kept: a long text stays long enough to be refused."""
    return cell[:1_000] if isinstance(cell, str) else cell


def _shown(cell: Any) -> str:
    try:
        return sheet_cells.text(cell)
    except CellInvalid:
        return str(cell)[:MAX_SHOWN]


def _understood(draft: Drafted) -> Drafted:
    if draft.faults:
        return draft
    for place, (line, cells) in enumerate(draft.rows, 1):
        _read_line(draft, place, line, cells)
    about = _read_order(draft)
    if len(draft.rows) > MAX_LINES:
        draft.faults.append(TooManyLines(limit=MAX_LINES, count=len(draft.rows)))
    if not draft.faults:
        draft.consignee = _consignee(about)
        draft.remark = about.get("remark", "")
    return draft


def _read_line(draft: Drafted, place: int, line: int, cells: Mapping[str, Any]) -> None:
    number = _cell(draft, line, cells, "out_order_no", _order_number)
    sku_no = _cell(draft, line, cells, "sku_no", _sku_number)
    quantity = _cell(draft, line, cells, "quantity", _quantity)
    has_price = cells.get("price") is not None
    price_fen = _cell(draft, line, cells, "price", sheet_cells.fen) if has_price else None
    if number and sku_no and quantity:
        draft.lines.append(Line(str(place), sku_no, quantity, price_fen))


def _read_order(draft: Drafted) -> dict[str, str]:
    """Return what the rows say of the order together; each says the same, or nothing."""
    about: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, cells in draft.rows:
        for column, limit in _OF_ORDER.items():
            if column not in cells:
                continue
            said = _cell(draft, line, cells, column, partial(_words, limit=limit))
            if said is None:
                continue
            if column in about and about[column] != said:
                fault = OrderRowsDiffer(
                    line=line, column=_title(column), first=lines[column], pointer=column
                )
                draft.faults.append(fault)
            elif column not in about:
                about[column], lines[column] = said, line
    _complete(draft, about)
    return about


def _complete(draft: Drafted, about: dict[str, str]) -> None:
    """Split an address in one piece, and note what is missing or cannot be."""
    line = draft.rows[0][0]
    if "address" in about:
        parts = pasting.split_address(about.pop("address"))
        for column, part in zip(("province", "city", "district", "detail"), parts, strict=True):
            about.setdefault(column, part)
    for column in ("name", "phone", "province", "city", "detail"):
        if not about.get(column) and not _is_faulty(draft, column):
            draft.faults.append(OrderCellMissing(line=line, column=_title(column), pointer=column))
    if about.get("phone") and not _PHONE.fullmatch(about["phone"]):
        draft.faults.append(_invalid(line, "phone", about["phone"], _("a phone number")))
    if about.get("province"):
        try:
            about["province"] = regions.canonical(about["province"])
        except regions.RegionUnknown as refusal:
            draft.faults.append(refusal)


def _is_faulty(draft: Drafted, column: str) -> bool:
    return any(fault.pointer == column for fault in draft.faults)


def _consignee(about: Mapping[str, str]) -> Consignee:
    parts = ("name", "phone", "province", "city", "district", "detail")
    return Consignee(*(about.get(part, "") for part in parts))


def _cell(
    draft: Drafted, line: int, cells: Mapping[str, Any], column: str, parse: Callable[[Any], Any]
) -> Any:
    """Return what a cell says; None where that is nothing, or wrong and noted."""
    cell = cells.get(column)
    if cell is None:
        missing = OrderCellMissing(line=line, column=_title(column), pointer=column)
        draft.faults.append(missing)
        return None
    try:
        return parse(cell)
    except CellInvalid as refusal:
        wanted = refusal.values["wanted"]
        draft.faults.append(_invalid(line, column, refusal.values["value"], wanted))
        return None


def _invalid(line: int, column: str, value: Any, wanted: object) -> OrderCellInvalid:
    shown = str(value)[:MAX_SHOWN]
    title = _title(column)
    return OrderCellInvalid(line=line, column=title, value=shown, wanted=wanted, pointer=column)


def _title(column: str) -> object:
    return TITLES.get(column, pgettext_lazy("order sheet", "Address"))


# --- cells ------------------------------------------------------------------------------------------


def _words(cell: Any, limit: int) -> str:
    # A line end within a cell is a blank to whoever reads the parcel.
    text = " ".join(sheet_cells.text(cell).split())
    if len(text) > limit:
        raise CellInvalid(value=text[:MAX_SHOWN], wanted=_("short enough"))
    if not is_plain(text):
        raise CellInvalid(value=_CONTROL.sub(" ", text)[:MAX_SHOWN], wanted=_("a text on one line"))
    return text


def _order_number(cell: Any) -> str:
    text = sheet_cells.text(cell)
    if not is_number(text):
        wanted = _("a number of up to 64 letters, digits and -_.:@~")
        raise CellInvalid(value=text[:MAX_SHOWN], wanted=wanted)
    return text


def _sku_number(cell: Any) -> str:
    text = _words(cell, 64)
    if not text:
        raise CellInvalid(value=text, wanted=_("a sku number"))
    return text


def _quantity(cell: Any) -> int:
    quantity = sheet_cells.whole_number(cell)
    if not 1 <= quantity <= MAX_QUANTITY:
        raise CellInvalid(value=str(quantity), wanted=_("a number of pieces that can be ordered"))
    return quantity
