"""Files of goods: read, checked, corrected and loaded by jobs that may die at any row."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from kit.actors import OPERATIONS
from kit.errors import DomainError, WrongState
from suppliers.models import Supplier
from supplychain import catalogue, import_files, import_rows, loading
from supplychain.models import (
    Category,
    GoodsFile,
    GoodsRow,
    Movement,
    Picture,
    Product,
    Revision,
    Sku,
)
from tests.factories import NOON, make_supplier
from tests.people import picture

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + timedelta(days=365)
TEA = {
    "货号": "TEA",
    "商品名称": "龙井茶",
    "分类": "食品/茶叶",
    "规格编码": "TEA-250",
    "供货价": "50.00",
    "库存": "7",
}
Rows = Sequence[Mapping[str, Any]]


def sheet(rows: Rows, *, encoding: str = "utf-8", name: str = "商品.csv") -> SimpleUploadedFile:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile(name, file.getvalue().encode(encoding))


def many(count: int) -> list[dict[str, str]]:
    return [TEA | {"货号": f"T{n}", "规格编码": f"T{n}"} for n in range(count)]


def take_in(supplier: Supplier | None, rows: Rows | SimpleUploadedFile, **more: Any) -> GoodsFile:
    catalogue.category("食品/茶叶")
    file = rows if isinstance(rows, SimpleUploadedFile) else sheet(rows)
    return import_files.take_in(supplier=supplier, sheet=file, actor=OPERATIONS, at=NOON, **more)


def work(at: Any = NOON) -> None:
    while import_files.work(at=at) >= 0:
        pass


def checked(supplier: Supplier | None, rows: Rows | SimpleUploadedFile, **more: Any) -> GoodsFile:
    file = take_in(supplier, rows, **more)
    work()
    file.refresh_from_db()
    assert file.state == "checked", (file.state, file.failure)
    return file


def load(file: GoodsFile) -> GoodsFile:
    import_files.confirm(
        supplier=file.supplier, import_no=file.import_no, actor=OPERATIONS, at=NOON
    )
    work()
    file.refresh_from_db()
    return file


def wrong(file: GoodsFile) -> list[tuple[int, str, str]]:
    rows = file.rows.order_by("line")
    return [(row.line, one["column"], one["code"]) for row in rows for one in row.errors]


def test_a_sheet_is_checked_without_a_trace_then_loaded_and_again_changes_nothing() -> None:
    supplier = make_supplier()
    rows = [*many(2), TEA | {"供货价": "x"}]

    file = checked(supplier, sheet(rows, encoding="gb18030"))

    assert file.counts == {"created": 2, "refused": 1}
    assert wrong(file) == [(4, "supply_price", "cell_invalid")]
    assert not Product.objects.exists()

    done = load(file)

    assert (done.state, done.counts) == ("done", {"created": 2, "refused": 1})
    assert set(Sku.objects.values_list("owner_no", "stock__available")) == {("T0", 7), ("T1", 7)}
    assert load(checked(supplier, rows)).counts == {"unchanged": 2, "refused": 1}
    assert Revision.objects.count() == Movement.objects.count() == 2
