"""Reading who sends what under which number: a carrier's export, or lines that were pasted.

No two carriers export alike, so nothing is demanded of a sheet but that each row names an order of
ours and a tracking number. Which columns these are is guessed, by what they hold and by what they are
called, and can be said otherwise.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders import carriers
from orders.shipping import MAX_PARCELS, MAX_TRACKING_LENGTH, TooManyParcels
from supplychain import sheet_cells, sheets
from supplychain.sheet_cells import CellInvalid
from supplychain.sheets import PASSED_OVER, FileUnreadable

MAX_CELL = 200
# Of what is pasted, in characters.
MAX_TEXT = 200_000
MAX_TITLE = 60
LINES_LOOKED_AT = 3
# What may be pasted.
EXAMPLE = "H261122-7K2M9Q4T8WXY SF1234567890123\nH261122-3D5F8H1J6K9Z 73123456789012 中通"

ORDER_NO, TRACKING_NO, CARRIER = "order_no", "tracking_no", "carrier"
COLUMNS = (ORDER_NO, TRACKING_NO, CARRIER)
# What the columns are called, the likeliest first.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    ORDER_NO: (
        "货盘订单号", "平台订单号", "订单号", "订单编号", "商家订单号", "客户订单号", "客户单号", "来源单号",
        "原始单号", "业务单号", "order number", "order no", "order_no",
    ),
    TRACKING_NO: (
        "快递单号", "运单号", "运单号码", "运单编号", "物流单号", "快递运单号", "物流运单号", "面单号",
        "电子面单号", "邮件号", "母单号", "tracking number", "tracking no", "tracking_no", "waybill",
    ),
    CARRIER: (
        "快递公司", "物流公司", "快递公司名称", "物流公司名称", "承运商", "快递公司编码", "物流商", "快递",
        "carrier", "carrier_code",
    ),
}  # fmt: skip

# Our order numbers: `H261122-` and 12 characters.
_OURS = re.compile(r"H\d{6}-[0-9A-Z]{6,20}", re.IGNORECASE)
_PARCELS = re.compile(rf"(?=(?:[A-Z-]*\d){{6}})[A-Z0-9-]{{8,{MAX_TRACKING_LENGTH}}}", re.IGNORECASE)
# A cell is one line, and what cannot be stored does not come in.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BETWEEN = re.compile(r"[\s,，;；、|]+")
_TRIMMINGS = re.compile(r"(?:快递|速递|速运|快运|物流|有限|公司|包裹|[(（].*[)）])+$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sheet or a text, counted from 1 as its writer does; `broken`: it cannot be read."""

    number: int
    cells: Sequence[str]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of cells under their headings; what was pasted may have none, which are empty then."""

    headings: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel as a line names it; what the line does not say is empty."""

    line: int
    order_no: str
    tracking_no: str
    carrier: str = ""
    broken: str = ""


def read_sheet(path: Path) -> Table:
    """Return what stands in an .xlsx or .csv file.

    :raises TooManyParcels: it has more than MAX_PARCELS rows.
    :raises FileUnreadable: there is nothing in it.
    :raises DomainError: it cannot be read as a whole; see `sheets.open_sheet`.
    """
    sheet = sheets.open_sheet(path, sheets.Columns(names={}, required=(), ignores_others=True))
    if sheet.total > MAX_PARCELS:
        raise TooManyParcels(limit=MAX_PARCELS)
    rows = list(sheet.rows)
    # Columns in which nothing stands are left out.
    headings = list(dict.fromkeys(heading for row in rows for heading in row.cells))
    lines = [
        Line(row.line, [_text(row.cells.get(heading)) for heading in headings], _tidy(row.broken))
        for row in rows
    ]
    names = [_tidy(heading.removeprefix(PASSED_OVER)) for heading in headings]
    return _filled(Table(names, lines))


def read_text(text: str) -> Table:
    """Return what was pasted: an order number, a tracking number and perhaps a carrier a line.

    Tabs, commas or blanks stand between them. What has tabs was copied from a spreadsheet, and may
    have any columns, also under headings.

    :raises TooManyParcels: it has more than MAX_PARCELS lines.
    :raises FileUnreadable: there is nothing in it.
    """
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [Line(number, _split(line)) for number, line in numbered]
    headings: Sequence[str] = ()
    if lines and not any(re.search(r"\d", cell) for cell in lines[0].cells):
        headings, lines = lines[0].cells, lines[1:]
    if len(lines) > MAX_PARCELS:
        raise TooManyParcels(limit=MAX_PARCELS)
    width = max([len(headings), *(len(line.cells) for line in lines)])
    even = [Line(line.number, _padded(line.cells, width)) for line in lines]
    return _filled(Table(_padded(headings, width), even))


def titled(table: Table) -> list[tuple[int, str]]:
    """Return the columns of a table, counted from 0, each with its heading or what stands in it first."""
    return [
        (place, f"{place + 1}. {heading or _first(table, place)}"[:MAX_TITLE])
        for place, heading in enumerate(table.headings)
    ]


def guess(table: Table) -> dict[str, int | None]:
    """Return in which column, counted from 0, the order number, tracking number and carrier stand."""
    order_no = _most(table, _is_ours, taken=())
    if order_no is None:
        order_no = _called(table, ORDER_NO, taken=())
    tracking_no = _called(table, TRACKING_NO, taken=(order_no,))
    if tracking_no is None:
        tracking_no = _most(table, _is_parcel, taken=(order_no,))
    carrier = _called(table, CARRIER, taken=(order_no, tracking_no))
    if carrier is None:
        carrier = _most(table, _is_carrier, taken=(order_no, tracking_no))
    return {ORDER_NO: order_no, TRACKING_NO: tracking_no, CARRIER: carrier}


def rows_of(table: Table, columns: Mapping[str, int | None]) -> list[Row]:
    """Return the parcels of a table, by the columns in which their parts stand."""
    return [
        Row(
            line.number,
            _cell(line, columns.get(ORDER_NO)).upper(),
            _cell(line, columns.get(TRACKING_NO)).upper(),
            _cell(line, columns.get(CARRIER)),
            line.broken,
        )
        for line in table.lines
    ]


def carrier_of(words: str) -> carriers.Carrier | None:
    """Return the carrier that a cell means, also where it is written out more fully than we do."""
    return carriers.find(words) or carriers.find(_TRIMMINGS.sub("", words.strip()))


# --- columns ----------------------------------------------------------------------------------------


def _first(table: Table, place: int) -> str:
    lines = table.lines[:LINES_LOOKED_AT]
    return next((cell for line in lines for cell in line.cells[place : place + 1] if cell), "")


def _called(table: Table, column: str, taken: Iterable[int | None]) -> int | None:
    plain = [_plain(heading) for heading in table.headings]
    for name in HEADINGS[column]:
        for place, heading in enumerate(plain):
            if heading == _plain(name) and place not in taken:
                return place
    return None


def _most(table: Table, is_one: Callable[[str], bool], taken: Iterable[int | None]) -> int | None:
    """Return the column most of whose cells are such; None where no cell is."""
    counts = {
        place: sum(is_one(line.cells[place]) for line in table.lines if not line.broken)
        for place in range(len(table.headings))
        if place not in taken
    }
    best = max(counts, key=lambda place: counts[place], default=None)
    return best if best is not None and counts[best] else None


def _is_ours(cell: str) -> bool:
    return bool(_OURS.fullmatch(cell))


def _is_parcel(cell: str) -> bool:
    return bool(_PARCELS.fullmatch(cell))


def _is_carrier(cell: str) -> bool:
    return carrier_of(cell) is not None


def _plain(heading: str) -> str:
    return re.sub(r"[\s_:：*]+", "", heading).casefold()


# --- cells ------------------------------------------------------------------------------------------


def _filled(table: Table) -> Table:
    if not table.lines:
        raise FileUnreadable(reason=str(_("There is no parcel in it.")))
    return table


def _cell(line: Line, place: int | None) -> str:
    return line.cells[place] if place is not None and place < len(line.cells) else ""


def _split(line: str) -> list[str]:
    if "\t" in line:
        return [_tidy(cell) for cell in line.split("\t")]
    # A carrier's name may have blanks in it.
    return [_tidy(cell) for cell in _BETWEEN.split(line.strip(), maxsplit=2)]


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    try:
        return _tidy(sheet_cells.text(cell))
    except CellInvalid:
        return _tidy(str(cell[0] if isinstance(cell, list) and cell else cell))


def _tidy(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()[:MAX_CELL]
