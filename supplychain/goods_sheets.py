"""Sheets of goods that owners take away: the template, their own goods, and rows that were refused.

All are under the headings that a file of goods may have, so that each can be edited and uploaded
again; goods that nobody edited change nothing then.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kit import languages, spreadsheets
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import content, goods_columns, pausing
from supplychain.content import Content, SkuContent
from supplychain.goods_columns import HEADINGS
from supplychain.models import (
    UNDECIDED,
    Brand,
    Category,
    CategoryAttribute,
    GoodsFile,
    Product,
    ProductState,
    Revision,
    RowOutcome,
    Sku,
)

PRODUCTS_AT_ONCE = 500
ROWS_AT_ONCE = 1_000
MAX_LISTED = 3_000
ROWS_OF_TEMPLATE = 5_000
REASON = "原因"
YES, NO = "是", "否"
# What people wrote stays text, whatever it begins with.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDTHS = {"name": 36, "category": 24, "spec": 24, "images": 40, "barcode": 18}
EXPLAINED: dict[str, str | Promise] = {
    "item_no": _("Required. Your own number of the product; it never changes."),
    "name": _("Required."),
    "category": _("Required. As on the sheet of categories, such as 食品/茶叶."),
    "brand": _("As on the sheet of brands; empty: no brand."),
    "sku_no": _("Required. Your own number of the sku; the item number where there is only one."),
    "spec": _("What tells the skus of a product apart, such as 颜色:红;尺码:XL."),
    "supply_price": _("Required. In yuan, such as 12.50."),
    "retail_price": _("In yuan."),
    "stock": _("Pieces there are."),
    "stock_before": _(
        "Only in exports: the stock at that moment. Where you leave both as they are, the stock is"
        " not touched, whatever was sold since."
    ),
    "min_quantity": _("From how many pieces it is sold."),
    "max_quantity": _("How many pieces an order may have."),
    "multiple": _("Sold in multiples of so many."),
    "weight_g": _("In grams, a whole number."),
    "unit": _("Such as 件 or 盒."),
    "origin": _("Where it is made."),
    "barcode": _("As text."),
    "images": _(
        "Names of files in the archive of pictures, separated by ; — the first is shown first."
    ),
    "listed": _("是 or 否: whether it is on sale once it is approved."),
}
OFFERED = [column for column in EXPLAINED if column != "stock_before"]
EXPORTED = list(EXPLAINED)

Cell = str | int | float


def template() -> bytes:
    """Return the workbook to fill in, with what each column means, the categories and the brands."""
    paths = list(Category.objects.order_by("path").values_list("path", flat=True)[:MAX_LISTED])
    brands = list(Brand.objects.order_by("name").values_list("name", flat=True)[:MAX_LISTED])
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS | {"constant_memory": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E3F3F1"})
        page = book.add_worksheet("商品")
        for place, column in enumerate(OFFERED):
            page.set_column(place, place, WIDTHS.get(column, 14))
            page.write_string(0, place, HEADINGS[column], bold)
        page.freeze_panes(1, 0)
        if paths:
            _offer(page, "category", f"=分类!$A$2:$A${len(paths) + 1}")
        _offer(page, "listed", [YES, NO])
        meaning = [(HEADINGS[column], str(EXPLAINED[column])) for column in OFFERED]
        _write_sheet(book, bold, "说明", [("列", gettext("What it means")), *meaning], (14, 90))
        _write_sheet(book, bold, "分类", [("分类",), *((path,) for path in paths)], (40,))
        _write_sheet(book, bold, "品牌", [("品牌",), *((name,) for name in brands)], (30,))
        asked = [("分类", "属性", "必填", "可选值"), *_asked()]
        _write_sheet(book, bold, "属性", asked, (40, 20, 8, 60))
    return target.getvalue()


def _asked() -> Iterator[tuple[str, str, str, str]]:
    """Yield what categories ask for; those below them ask for it too."""
    rows = CategoryAttribute.objects.select_related("category").order_by(
        "category__path", "position", "pk"
    )
    for row in rows[:MAX_LISTED]:
        yield row.category.path, row.name, YES if row.required else NO, "、".join(row.choices)


def as_csv(supplier: Supplier | None) -> Iterator[bytes]:
    """Yield all goods of an owner (None: the platform's) as CSV."""
    yield "\ufeff".encode()  # by which spreadsheets know UTF-8
    yield _csv([[HEADINGS[column] for column in EXPORTED]])
    for rows in _goods(supplier):
        yield _csv(rows)


def as_workbook(supplier: Supplier | None) -> IO[bytes]:
    """Return all goods of an owner as a workbook, in a file that is gone when it is closed."""
    headings = [HEADINGS[column] for column in EXPORTED]
    return _workbook(headings, (row for rows in _goods(supplier) for row in rows))


def refused(file: GoodsFile) -> IO[bytes]:
    """Return the rows of a file that are refused, as they stand in it, with the reasons behind."""
    # Of a sheet that was such a one before, the old reasons go.
    width = len(file.headings) - (file.headings[-1:] == [REASON])
    rows = file.rows.filter(outcome=RowOutcome.REFUSED).order_by("line")
    lines = (
        [
            *(list(row.cells[:width]) + [""] * (width - len(row.cells))),
            "；".join(reasons_of(row.errors)),
        ]
        for row in rows.iterator(chunk_size=ROWS_AT_ONCE)
    )
    return _workbook([*file.headings[:width], REASON], lines)


def reasons_of(errors: Iterable[dict[str, Any]]) -> list[str]:
    """Say what is wrong in a row, in the reader's language."""
    found = [f"{heading_of(one['column'])}{said(one)}" for one in errors]
    return found or [gettext("Another row of the same product is refused.")]


def said(error: dict[str, Any]) -> str:
    """Say one thing that is wrong, in the reader's language."""
    told: dict[str, str] = error["said"]
    return languages.for_reader(told, "")


def heading_of(column: str) -> str:
    """Return how a reason names its column."""
    return f"{HEADINGS[column]}: " if column in HEADINGS else ""


# --- goods as rows ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page of products is written with."""

    categories: dict[int, str]
    brands: dict[int, str]
    # Pieces available, by product and sku number.
    stocks: dict[tuple[int, str], int]


def _goods(supplier: Supplier | None) -> Iterator[list[list[Cell]]]:
    """Yield rows, a sku each, some products at a time: what was proposed last, else what is live."""
    last = 0
    while True:
        mine = Product.objects.filter(supplier=supplier, pk__gt=last).order_by("pk")
        products = list(mine[:PRODUCTS_AT_ONCE])
        if not products:
            return
        yield _rows(products)
        last = products[-1].pk


def _rows(products: Sequence[Product]) -> list[list[Cell]]:
    latest = content.of_many(products)
    undecided = Revision.objects.filter(product__in=products, state__in=UNDECIDED)
    latest |= {one.product_id: content.from_json(one.proposed) for one in undecided}
    shown = _Shown(
        categories=_named(Category, "path", {one.category_pk for one in latest.values()}),
        brands=_named(Brand, "name", {one.brand_pk for one in latest.values()}),
        stocks={
            (product_pk, owner_no): available
            for product_pk, owner_no, available in Sku.objects.filter(
                product__in=products, offered=True
            ).values_list("product_id", "owner_no", "stock__available")
        },
    )
    return [
        _row(product, latest[product.pk], sku, shown)
        for product in products
        if product.pk in latest
        for sku in latest[product.pk].skus
    ]


def _row(product: Product, whole: Content, sku: SkuContent, shown: _Shown) -> list[Cell]:
    available = shown.stocks.get((product.pk, sku.owner_no), sku.opening_stock)
    cells: dict[str, Cell | None] = {
        "item_no": product.owner_no,
        "name": _same("name", whole.name, whole.name),
        "category": _same("category", shown.categories[whole.category_pk], None),
        "brand": shown.brands.get(whole.brand_pk or 0, ""),
        "sku_no": sku.owner_no,
        "spec": _same("spec", _paired(sku.spec), sku.spec),
        "supply_price": _yuan(sku.supply_price_fen),
        "retail_price": None if sku.retail_price_fen is None else _yuan(sku.retail_price_fen),
        "stock": available,
        "stock_before": available,
        "min_quantity": sku.min_quantity,
        "max_quantity": sku.max_quantity,
        "multiple": sku.multiple,
        "weight_g": sku.weight_g,
        "unit": whole.unit,
        "origin": whole.origin,
        "barcode": sku.barcode,
        "attributes": _same("attributes", _paired(whole.attributes), whole.attributes),
        "images": ";".join(f"{uid}.jpg" for uid in whole.main_pictures),
        "listed": _listed(product),
    }
    return ["" if (cell := cells[column]) is None else cell for column in EXPORTED]


def _listed(product: Product) -> str | None:
    """What waits for the end of a holiday is on sale to its owner: read back, it goes on waiting."""
    if pausing.is_waiting(product):
        return YES
    return {ProductState.LISTED: YES, ProductState.DELISTED: NO}.get(ProductState(product.state))


def _named(model: type[Category] | type[Brand], field: str, pks: set[Any]) -> dict[int, str]:
    return dict(model._default_manager.filter(pk__in=pks - {None}).values_list("pk", field))


def _paired(values: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in values.items())


def _same(column: str, text: str, value: object) -> str:
    """Return a text if it is read back as what it stands for; else none, which changes nothing."""
    try:
        read = goods_columns.PARSERS[column](text) if text else value
    except DomainError:
        return ""
    return text if value is None or read == value else ""


def _yuan(fen: int) -> float:
    return fen / 100


# --- files ------------------------------------------------------------------------------------------


def _csv(rows: Iterable[Sequence[Any]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return target.getvalue().encode()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}"
    return spreadsheets.neutral(cell) if isinstance(cell, str) else str(cell)


def _workbook(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """Write rows one by one, none of them kept in memory."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E3F3F1"})
        page = book.add_worksheet("商品")
        for place, heading in enumerate(headings):
            page.set_column(place, place, 16)
            page.write_string(0, place, heading, bold)
        for line, cells in enumerate(rows, 1):
            for place, cell in enumerate(cells):
                _write(page, line, place, cell)
        page.freeze_panes(1, 0)
    target.seek(0)
    return target


def _write(page: Any, line: int, place: int, cell: Any) -> None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        page.write_number(line, place, cell)
    elif cell not in ("", None):
        page.write_string(line, place, str(cell))


def _offer(page: Any, column: str, source: str | list[str]) -> None:
    """Let a spreadsheet offer what may stand in a column; it may still be typed otherwise."""
    place = OFFERED.index(column)
    rule = {"validate": "list", "source": source, "error_type": "warning"}
    page.data_validation(1, place, ROWS_OF_TEMPLATE, place, rule)


def _write_sheet(
    book: Any, bold: Any, name: str, rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    page = book.add_worksheet(name)
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    for line, cells in enumerate(rows):
        for place, text in enumerate(cells):
            page.write_string(line, place, text, bold if line == 0 else None)
    page.freeze_panes(1, 0)
