"""What the columns of a product sheet mean: rows of text become items with typed values.

One row is one sku; rows of one item stand together and agree on what belongs to the product. A row
that cannot be read spoils its item and no other.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit import money
from kit.errors import DomainError
from supplychain import catalogue, checking
from supplychain.models import RowOutcome
from supplychain.sheets import Columns, Row

MAX_SHOWN = 60
# A spreadsheet keeps 15 digits of a number and makes the others up.
MAX_DIGITS = 15
SEPARATORS = re.compile("[;；\n]")
YES = {"1", "yes", "true", "y", "是", "上架"}
NO = {"0", "no", "false", "n", "否", "下架"}
# What a specification without a name is called.
UNNAMED_SPEC = "规格"


class CellInvalid(DomainError):
    code = "cell_invalid"
    text = _("“{value}” is not {wanted}.")


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


# Headings that are understood. The English ones are the names in SPEC §12.
HEADINGS = {
    "item_no": "货号",
    "name": "商品名称",
    "category": "分类",
    "brand": "品牌",
    "unit": "单位",
    "origin": "产地",
    "attributes": "属性",
    "images": "图片",
    "listed": "上架",
    "sku_no": "规格编码",
    "spec": "规格",
    "barcode": "条码",
    "supply_price": "供货价",
    "supply_price_fen": "供货价(分)",
    "retail_price": "建议零售价",
    "retail_price_fen": "建议零售价(分)",
    "stock": "库存",
    "stock_before": "导出时库存",
    "min_quantity": "起售数",
    "max_quantity": "限购数",
    "multiple": "倍数",
    "weight_g": "重量(克)",
}
# What else they are called, as `_plain` leaves of them.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "item_no": ("商品货号", "商品编码", "商品编号", "款号", "货品编码", "spu编码"),
    "name": ("名称", "品名", "商品名", "商品标题", "标题"),
    "category": ("类目", "商品分类", "商品类目", "品类", "分类路径"),
    "brand": ("商品品牌", "品牌名称"),
    "unit": ("计量单位", "销售单位"),
    "origin": ("原产地", "产地城市"),
    "attributes": ("商品属性", "类目属性", "参数"),
    "images": ("主图", "商品图片", "商品主图", "图片名称", "图片文件名"),
    "listed": ("是否上架", "上架状态"),
    "sku_no": ("sku", "sku编码", "sku货号", "规格货号", "规格编号", "商家编码", "单品编码"),
    "spec": ("规格属性", "规格值", "商品规格", "规格型号"),
    "barcode": ("条形码", "商品条码", "69码", "国际条码"),
    "supply_price": ("供货价元", "供货单价", "供价", "结算价", "成本价", "进货价"),
    "retail_price": ("建议零售价元", "零售价", "建议售价", "市场价", "吊牌价"),
    "stock": ("库存数量", "库存数", "可用库存", "现货库存"),
    "min_quantity": ("起订量", "起批量", "最小起订量", "起售数量"),
    "max_quantity": ("限购", "限购数量"),
    "multiple": ("购买倍数", "倍数购买"),
    "weight_g": ("重量", "重量g", "毛重克", "克重"),
}
COLUMNS = Columns(
    names={name: name for name in HEADINGS} | {text: name for name, text in HEADINGS.items()},
    required=[
        ("item_no",),
        ("name",),
        ("category",),
        ("sku_no",),
        ("supply_price_fen", "supply_price"),
    ],
)
PRODUCT_COLUMNS = (
    "name", "category", "brand", "unit", "origin", "attributes", "images", "listed",
)  # fmt: skip
# The columns of a sku, by its field where the names differ.
FIELDS = {
    "supply_price": "supply_price_fen",
    "retail_price": "retail_price_fen",
    "stock": "opening_stock",
    "sku_no": "owner_no",
}


def meant(heading: str) -> str:
    """Return the column that a heading most likely means; empty where it is none of ours."""
    return _BY_NAME.get(_plain(heading), "")


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


def _plain(heading: str) -> str:
    """Return what counts of a heading: marks, brackets and blanks do not."""
    return re.sub(r"[^\w]+", "", heading).casefold()


_BY_NAME = {
    _plain(text): column
    for column, text in HEADINGS.items()
    for text in (column, text, *ALIASES.get(column, ()))
}


def text_of(row: Row, column: str) -> str:
    """Return what stands in a column, such as the number by which rows are grouped.

    Empty where nothing stands, or what cannot be read: such a row stands alone.
    """
    try:
        return _text(row.cells.get(column, ""))
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
        item.refuse(row.line, RowUnreadable(reason=row.broken[:MAX_SHOWN]))
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


# --- cells ------------------------------------------------------------------------------------------


def _invalid(cell: Any, wanted: Any) -> CellInvalid:
    return CellInvalid(value=str(cell)[:MAX_SHOWN], wanted=wanted)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _digits(cell)
    raise _invalid(cell, _("a text"))


def _digits(cell: float) -> str:
    """Return a number as a spreadsheet shows it, without the rounding errors it keeps."""
    if isinstance(cell, int):
        return str(cell)
    text = f"{cell:.{MAX_DIGITS}g}"
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) or abs(cell) >= 10**MAX_DIGITS:
        raise _invalid(cell, _("a number that a spreadsheet keeps exactly; write it as text"))
    return text


def _whole_number(cell: Any) -> int:
    text = _text(cell)
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise _invalid(cell, _("a whole number"))
    return int(text)


def _yuan(cell: Any) -> int:
    try:
        return money.fen(_text(cell))
    except ValueError:
        raise _invalid(cell, _("an amount in yuan such as 12.50")) from None


def _yes_or_no(cell: Any) -> bool:
    text = _text(cell).lower()
    if text not in YES | NO:
        raise _invalid(cell, _("yes or no"))
    return text in YES


def _owner_no(cell: Any) -> str:
    return checking.check_owner_no(_text(cell))


def _category(cell: Any) -> str:
    return "/".join(catalogue.tidy_path(_text(cell)))


def _brand(cell: Any) -> str:
    return catalogue.tidy_brand(_text(cell))


def _names(cell: Any) -> tuple[str, ...]:
    """Read file names separated by semicolons, or a list of them."""
    parts = [_text(part) for part in cell] if isinstance(cell, list) else _parts(_text(cell))
    return tuple(part for part in parts if part)


def _spec(cell: Any) -> dict[str, str]:
    """Read `颜色:红;尺码:XL`, a value without a name, or an object."""
    if isinstance(cell, dict):
        return {name.strip(): _text(value) for name, value in cell.items()}
    parts = [part for part in _parts(_text(cell)) if part]
    if len(parts) == 1 and not re.search("[:：]", parts[0]):
        return {UNNAMED_SPEC: parts[0]}
    return _pairs(cell, parts, _("a specification such as 颜色:红;尺码:XL"))


def _attributes(cell: Any) -> dict[str, str]:
    """Read `材质:棉;季节:夏`, or an object."""
    if isinstance(cell, dict):
        return {name.strip(): _text(value) for name, value in cell.items()}
    parts = [part for part in _parts(_text(cell)) if part]
    return _pairs(cell, parts, _("attributes such as 材质:棉;季节:夏"))


def _pairs(cell: Any, parts: Iterable[str], wanted: Any) -> dict[str, str]:
    pairs = [re.split("[:：]", part, maxsplit=1) for part in parts]
    if any(len(pair) != 2 for pair in pairs) or len({pair[0] for pair in pairs}) != len(pairs):
        raise _invalid(cell, wanted)
    return {name.strip(): value.strip() for name, value in pairs}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in SEPARATORS.split(text)]


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "item_no": _owner_no,
    "name": _text,
    "category": _category,
    "brand": _brand,
    "unit": _text,
    "origin": _text,
    "attributes": _attributes,
    "images": _names,
    "listed": _yes_or_no,
    "sku_no": _owner_no,
    "spec": _spec,
    "barcode": _text,
    "supply_price": _yuan,
    "supply_price_fen": _whole_number,
    "retail_price": _yuan,
    "retail_price_fen": _whole_number,
    "stock": _whole_number,
    "stock_before": _whole_number,
    "min_quantity": _whole_number,
    "max_quantity": _whole_number,
    "multiple": _whole_number,
    "weight_g": _whole_number,
}
