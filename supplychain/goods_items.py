"""Rows of a sheet of goods become items: products with their skus, and typed values.

One row is one sku; rows of one item stand together and agree on what belongs to the product. A row
that cannot be read spoils its item and no other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError
from supplychain import sheet_cells
from supplychain.goods_columns import FIELDS, PARSERS, PRODUCT_COLUMNS
from supplychain.models import RowOutcome
from supplychain.sheet_cells import CellInvalid
from supplychain.sheets import Row


class CellMissing(DomainError):
    code = "cell_missing"
    text = _("It must be filled in.")


class CellDiffers(DomainError):
    code = "cell_differs"
    text = _("It is different on line {line}; the rows of one item must agree.")


class PriceGivenTwice(DomainError):
    code = "price_given_twice"
    text = _("Give the price in yuan or in fen, not both.")


class RowUnreadable(DomainError):
    code = "row_unreadable"
    text = _("The row cannot be read: {reason}")


class SkuNoRepeated(DomainError):
    code = "sku_no_repeated"
    text = _("This sku is on line {line} already.")


class ItemScattered(DomainError):
    code = "item_scattered"
    text = _("The rows of “{item_no}” began on line {line}; the rows of one item stand together.")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong where, as whoever wrote the file can find it."""

    line: int
    column: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SkuRow:
    """One row that was read: the values given for the product and for its sku."""

    line: int
    item_no: str
    product: Mapping[str, Any]
    sku: Mapping[str, Any]


@dataclass(slots=True)
class Item:
    """The rows of one product; with errors it is not loaded."""

    item_no: str
    line: int
    rows: list[SkuRow] = field(default_factory=list)
    row_count: int = 0
    product: dict[str, Any] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    # The same as `errors`, with what else the refusals know.
    refusals: list[tuple[int, str, DomainError]] = field(default_factory=list)
    # Whether it names pictures that a dry run does not store.
    has_new_pictures: bool = False
    # What came of it, and of which product.
    outcome: RowOutcome | None = None
    product_pk: int | None = None

    def refuse(self, line: int, refusal: DomainError, column: str = "") -> None:
        """Note what is wrong."""
        place = column or refusal.pointer
        self.errors.append(RowError(line, place, refusal.code, str(refusal)))
        self.refusals.append((line, place, refusal))


@dataclass(slots=True)
class Seen:
    """On which lines items began, and skus stand, of the rows read before."""

    items: dict[str, int] = field(default_factory=dict)
    skus: dict[str, int] = field(default_factory=dict)


def items(rows: Iterable[Row], seen: Seen | None = None) -> Iterator[Item]:
    """Yield the items of a sheet, each with its rows or with what is wrong with them.

    Of a part of a sheet `seen` tells what stands before it.
    """
    seen = seen or Seen()
    current: Item | None = None
    for row in rows:
        item_no = text_of(row, "item_no")
        if current is None or not item_no or current.item_no != item_no:
            if current is not None:
                yield _agreed(current)
            current = Item(item_no, row.line)
            _refuse_scattered(current, seen.items)
        _add(current, row, seen.skus)
    if current is not None:
        yield _agreed(current)


def text_of(row: Row, column: str) -> str:
    """Return what stands in a column, such as the number by which rows are grouped.

    Empty where nothing stands, or what cannot be read: such a row stands alone.
    """
    try:
        return sheet_cells.text(row.cells.get(column, ""))
    except CellInvalid:
        return ""


def _refuse_scattered(item: Item, began: dict[str, int]) -> None:
    line = began.get(item.item_no, item.line)
    if line < item.line:
        refusal = ItemScattered(pointer="item_no", item_no=item.item_no, line=line)
        item.refuse(item.line, refusal)
    elif item.item_no:
        began[item.item_no] = item.line


def _add(item: Item, row: Row, skus: dict[str, int]) -> None:
    item.row_count += 1
    if row.broken:
        item.refuse(row.line, RowUnreadable(reason=row.broken[: sheet_cells.MAX_SHOWN]))
        return
    values: dict[str, Any] = {}
    for column, cell in row.cells.items():
        try:
            values[column] = PARSERS[column](cell)
        except DomainError as refusal:
            item.refuse(row.line, refusal, column)
    for missing in _missing(item, row):
        item.refuse(row.line, missing)
    sku_no = values.get("sku_no")
    line = skus.get(sku_no, row.line) if sku_no else row.line
    if line < row.line:
        item.refuse(row.line, SkuNoRepeated(pointer="sku_no", line=line))
    elif sku_no:
        skus[sku_no] = row.line
    # What was not touched since it was exported says nothing: pieces were sold since.
    if "stock_before" in values and values.pop("stock_before") == values.get("stock"):
        values.pop("stock", None)
    product = {name: values.pop(name) for name in PRODUCT_COLUMNS if name in values}
    values.pop("item_no", None)
    sku = {FIELDS.get(name, name): value for name, value in values.items()}
    item.rows.append(SkuRow(row.line, item.item_no, product, sku))


def _missing(item: Item, row: Row) -> Iterator[DomainError]:
    wanted = ["item_no", "sku_no"] + ([] if item.rows else ["name", "category"])
    for column in wanted:
        if column not in row.cells:
            yield CellMissing(pointer=column)
    for yuan, fen in (("supply_price", "supply_price_fen"), ("retail_price", "retail_price_fen")):
        if yuan in row.cells and fen in row.cells:
            yield PriceGivenTwice(pointer=yuan)
    if not {"supply_price", "supply_price_fen"} & row.cells.keys():
        yield CellMissing(pointer="supply_price_fen")


def _agreed(item: Item) -> Item:
    """Gather what the rows say of the product; each says the same, or nothing."""
    lines: dict[str, int] = {}
    for row in item.rows:
        for column, value in row.product.items():
            if column in lines and item.product[column] != value:
                item.refuse(row.line, CellDiffers(pointer=column, line=lines[column]))
            elif column not in lines:
                lines[column], item.product[column] = row.line, value
    return item
