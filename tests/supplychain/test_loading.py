"""Loading products from a file: what is read, what is refused where, and that it can be repeated."""

import csv
import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from PIL import Image

from kit.actors import OPERATIONS
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import loading, sheets
from supplychain.loading import Report
from supplychain.models import (
    Brand,
    Category,
    Movement,
    Picture,
    Product,
    ProductState,
    Revision,
    RevisionState,
    Sku,
)
from tests.factories import NOON, make_product, make_sku, make_supplier

pytestmark = pytest.mark.django_db

TEA = {
    "item_no": "TEA",
    "name": "龙井茶",
    "category": "食品/茶叶",
    "sku_no": "TEA-250",
    "supply_price": "50.00",
}
Rows = Sequence[Mapping[str, Any]]


def write_csv(folder: Path, rows: Rows, *, encoding: str = "utf-8") -> Path:
    path = folder / "goods.csv"
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(folder: Path, rows: Rows) -> Path:
    path = folder / "goods.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    return path


def write_xlsx(folder: Path, rows: Rows, *, above: int = 0) -> Path:
    path = folder / "goods.xlsx"
    names = list(dict.fromkeys(name for row in rows for name in row))
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet()
    page.write_row(above, 0, names)
    for number, row in enumerate(rows, above + 1):
        page.write_row(number, 0, [row.get(name, "") for name in names])
    book.close()
    return path


def load(path: Path, supplier: Supplier | None = None, **options: Any) -> Report:
    return loading.load(
        path=path,
        supplier=supplier,
        actor=OPERATIONS,
        at=NOON,
        pictures_folder=path.parent,
        **options,
    )


def places(report: Report) -> list[tuple[int, str, str]]:
    return [(error.line, error.column, error.code) for error in report.errors]


def command(path: Path, *options: str) -> Any:
    out = io.StringIO()
    call_command("load_products", str(path), *options, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue()) if "--json" in options else out.getvalue()


# --- what is read -----------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_jsonl])
def test_a_row_with_the_required_columns_is_a_listed_product(tmp_path: Path, write: Any) -> None:
    report = load(write(tmp_path, [TEA]))

    product = Product.objects.get()
    assert (product.item_no, product.name, product.state) == ("TEA", "龙井茶", "listed")
    assert product.category.path == "食品/茶叶"
    assert product.category.parent == Category.objects.get(path="食品")
    assert Sku.objects.values_list("sku_no", "supply_price_fen").get() == ("TEA-250", 50_00)
    assert (report.rows, report.created, report.listed, report.refused) == (1, 1, 1, 0)


FULL: dict[str, Any] = {
    **TEA,
    "brand": "狮峰",
    "unit": "盒",
    "origin": "杭州",
    "spec": "颜色:红;尺码：XL",
    "barcode": "6901234567890",
    "retail_price": "99",
    "stock": "7",
    "min_quantity": "2",
    "max_quantity": "20",
    "multiple": "2",
    "weight_g": "250",
}


def test_every_column_is_kept(tmp_path: Path) -> None:
    load(write_csv(tmp_path, [FULL]))

    product, sku = Product.objects.get(), Sku.objects.get()
    assert product.brand == Brand.objects.get(name="狮峰")
    assert (product.unit, product.origin) == ("盒", "杭州")
    assert (sku.spec, sku.barcode) == ({"颜色": "红", "尺码": "XL"}, "6901234567890")
    assert (sku.retail_price_fen, sku.weight_g) == (99_00, 250)
    assert (sku.min_quantity, sku.max_quantity, sku.multiple) == (2, 20, 2)
    assert sku.stock.available == 7


def test_numbers_of_a_spreadsheet_are_read_as_they_are_shown(tmp_path: Path) -> None:
    row = FULL | {
        "item_no": 1001,
        "sku_no": 1001.0,
        "barcode": 6901234567890,
        "supply_price": 0.1 + 0.2,
        "stock": 7.0,
        "listed": True,
    }

    load(write_xlsx(tmp_path, [row]))

    sku = Sku.objects.get()
    assert (sku.product.item_no, sku.sku_no, sku.barcode) == ("1001", "1001", "6901234567890")
    assert (sku.supply_price_fen, sku.stock.available) == (30, 7)


def test_headings_may_be_chinese_and_the_file_what_excel_writes_in_china(tmp_path: Path) -> None:
    row = {"货号": "TEA", "商品名称": "龙井茶", "分类": "食品", "规格编码": "T1", "供货价": "12.5"}

    load(write_csv(tmp_path, [row], encoding="gb18030"))

    assert Product.objects.get().name == "龙井茶"
    assert Sku.objects.get().supply_price_fen == 12_50


def test_rows_of_one_item_are_its_skus(tmp_path: Path) -> None:
    red = TEA | {"sku_no": "RED", "spec": "红"}
    blue = {"item_no": "TEA", "sku_no": "BLUE", "spec": "蓝", "supply_price": "51"}

    report = load(write_csv(tmp_path, [red, blue]))

    rows = Sku.objects.values_list("owner_no", "spec", "supply_price_fen", "position")
    assert list(rows) == [("RED", {"规格": "红"}, 50_00, 0), ("BLUE", {"规格": "蓝"}, 51_00, 1)]
    assert (report.rows, report.created) == (2, 1)


def test_jsonl_knows_objects_and_lists(tmp_path: Path) -> None:
    row = TEA | {"spec": {"颜色": "红"}, "stock": 5, "images": [], "listed": False}

    load(write_jsonl(tmp_path, [row]))

    sku = Sku.objects.get()
    assert (sku.spec, sku.stock.available) == ({"颜色": "红"}, 5)
    assert sku.product.state == ProductState.DRAFT


def test_texts_that_exports_protected_from_spreadsheets_are_read_back(tmp_path: Path) -> None:
    load(write_csv(tmp_path, [TEA | {"name": "'=1+1"}]))

    assert Product.objects.get().name == "=1+1"


def test_pictures_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (20, 20), "red" if name == "a.png" else "blue").save(
            tmp_path / "img" / name
        )

    load(write_csv(tmp_path, [TEA | {"images": "img/a.png; img/b.png"}]))

    shown = Product.objects.get().pictures.order_by("position").values_list("picture", flat=True)
    assert list(shown) == list(Picture.objects.order_by("pk").values_list("pk", flat=True))
    assert len(shown) == 2


# --- again ------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), "red").save(tmp_path / "a.png")
    path = write_csv(tmp_path, [FULL | {"images": "a.png", "listed": "是"}])
    load(path)
    before = Product.objects.values().get(), Sku.objects.values().get()

    report = load(path)

    assert (report.unchanged, report.created, report.changed, report.stocks) == (1, 0, 0, 0)
    assert before == (Product.objects.values().get(), Sku.objects.values().get())
    assert Revision.objects.count() == Picture.objects.count() == Movement.objects.count() == 1


def test_an_interrupted_load_is_continued_by_running_it_again(tmp_path: Path) -> None:
    rows = [TEA | {"item_no": f"T{number}", "sku_no": f"T{number}"} for number in range(5)]
    load(write_csv(tmp_path, rows[:2]))

    report = load(write_csv(tmp_path, rows))

    assert (report.unchanged, report.created) == (2, 3)
    assert Product.objects.count() == 5


def test_what_is_left_empty_stays_as_it_is(tmp_path: Path) -> None:
    load(write_csv(tmp_path, [FULL]))

    report = load(write_csv(tmp_path, [TEA | {"supply_price": "55", "brand": "", "stock": ""}]))

    sku = Sku.objects.get()
    assert report.changed == 1
    assert (sku.supply_price_fen, sku.retail_price_fen, sku.spec["颜色"]) == (55_00, 99_00, "红")
    assert (sku.stock.available, sku.product.brand) == (7, Brand.objects.get())


def test_skus_that_the_file_does_not_name_stay(tmp_path: Path) -> None:
    load(write_csv(tmp_path, [TEA | {"sku_no": "RED", "spec": "红"}]))

    load(write_csv(tmp_path, [TEA | {"sku_no": "BLUE", "spec": "蓝"}]))

    assert Sku.objects.filter(offered=True).count() == 2


def test_stock_is_set_to_what_the_file_says_even_if_nothing_else_changed(tmp_path: Path) -> None:
    load(write_csv(tmp_path, [FULL]))

    report = load(write_csv(tmp_path, [FULL | {"stock": "0"}]))

    assert (report.unchanged, report.stocks) == (1, 1)
    assert Sku.objects.get().stock.available == 0


@pytest.mark.parametrize(
    ("listed", "state"), [("yes", "listed"), ("no", "delisted"), ("", "listed")]
)
def test_the_file_may_list_and_delist(tmp_path: Path, listed: str, state: str) -> None:
    load(write_csv(tmp_path, [TEA]))

    load(write_csv(tmp_path, [TEA | {"listed": listed}]))

    assert Product.objects.get().state == state


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20), "red").save(tmp_path / "a.png")
    path = write_csv(tmp_path, [FULL | {"images": "a.png"}, TEA | {"item_no": "X", "sku_no": ""}])

    tried = load(path, dry_run=True)

    for model in (Product, Sku, Category, Brand, Picture, Revision, Movement):
        assert not model._default_manager.exists()
    assert tried == load(path)


# --- whose goods ------------------------------------------------------------------------------------


def test_a_suppliers_goods_wait_for_review_with_their_stock(tmp_path: Path) -> None:
    supplier = make_supplier(trusted=False)
    path = write_csv(tmp_path, [FULL])

    report = load(path, supplier)
    again = load(path, supplier)

    revision = Revision.objects.get()
    assert (report.created, report.waiting, again.unchanged) == (1, 1, 1)
    assert revision.state == RevisionState.OPEN
    assert revision.proposed["skus"][0]["opening_stock"] == 7
    assert revision.product.supplier == supplier
    assert not Sku.objects.exists()


def test_operations_may_list_a_suppliers_goods_at_once(tmp_path: Path) -> None:
    supplier = make_supplier(trusted=False)
    path = write_csv(tmp_path, [FULL])
    load(path, supplier)

    report = load(write_csv(tmp_path, [FULL | {"name": "西湖龙井"}]), supplier, listed=True)

    revision = Revision.objects.get()
    assert (report.changed, report.waiting, report.listed) == (1, 0, 1)
    assert (revision.state, revision.decided_by) == ("applied", "operations:operations")
    assert revision.product.state == ProductState.LISTED
    assert Sku.objects.get().stock.available == 7


def test_a_file_reaches_goods_of_its_owner_only(tmp_path: Path) -> None:
    other = make_sku(supplier=make_supplier()).product
    row = TEA | {"item_no": other.owner_no}

    load(write_csv(tmp_path, [row]), make_supplier(trusted=True))

    other.refresh_from_db()
    assert other.name != "龙井茶"
    assert Product.objects.count() == 2


# --- what is refused where --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "column", "code"),
    [
        ({"item_no": ""}, "item_no", "cell_missing"),
        ({"item_no": "A/B"}, "item_no", "number_invalid"),
        ({"name": ""}, "name", "cell_missing"),
        ({"name": "茶" * 121}, "name", "text_invalid"),
        ({"category": ""}, "category", "cell_missing"),
        ({"category": "食品//茶叶"}, "category", "category_path_invalid"),
        ({"category": "1/2/3/4/5/6"}, "category", "category_path_invalid"),
        ({"brand": "牌" * 61}, "brand", "brand_name_invalid"),
        ({"sku_no": ""}, "sku_no", "cell_missing"),
        ({"sku_no": "=A1"}, "sku_no", "number_invalid"),
        ({"supply_price": ""}, "supply_price_fen", "cell_missing"),
        ({"supply_price": "0"}, "supply_price_fen", "value_out_of_range"),
        ({"supply_price": "-5"}, "supply_price", "cell_invalid"),
        ({"supply_price": "12.345"}, "supply_price", "cell_invalid"),
        ({"supply_price": "1e2"}, "supply_price", "cell_invalid"),
        ({"supply_price": "１２"}, "supply_price", "cell_invalid"),
        ({"supply_price": "¥12"}, "supply_price", "cell_invalid"),
        ({"supply_price_fen": "12.5", "supply_price": ""}, "supply_price_fen", "cell_invalid"),
        ({"supply_price_fen": "5000"}, "supply_price", "price_given_twice"),
        ({"retail_price": "x"}, "retail_price", "cell_invalid"),
        ({"stock": "-1"}, "stock", "cell_invalid"),
        ({"stock": "999999999999"}, "stock", "value_out_of_range"),
        ({"min_quantity": "0"}, "min_quantity", "value_out_of_range"),
        ({"max_quantity": "1", "min_quantity": "2"}, "max_quantity", "quantity_rule_invalid"),
        ({"weight_g": "1,000"}, "weight_g", "cell_invalid"),
        ({"spec": "颜色:红;XL"}, "spec", "cell_invalid"),
        ({"listed": "vielleicht"}, "listed", "cell_invalid"),
        ({"images": "../secret.png"}, "images", "picture_not_found"),
        ({"images": "/etc/passwd"}, "images", "picture_not_found"),
        ({"images": "goods.csv"}, "images", "picture_format_not_allowed"),
    ],
)
def test_a_bad_row_is_named_by_line_and_column_and_the_others_are_loaded(
    tmp_path: Path, fields: dict[str, str], column: str, code: str
) -> None:
    (tmp_path.parent / "secret.png").write_bytes(b"")
    good = TEA | {"item_no": "GOOD", "sku_no": "GOOD"}

    report = load(write_csv(tmp_path, [good, TEA | fields]))

    assert places(report) == [(3, column, code)]
    assert (report.rows, report.created, report.refused) == (2, 1, 1)
    assert Product.objects.get().item_no == "GOOD"


def test_an_item_with_one_bad_row_is_refused_whole(tmp_path: Path) -> None:
    red = TEA | {"sku_no": "RED", "spec": "红"}
    blue = TEA | {"sku_no": "BLUE", "spec": "蓝", "supply_price": "0"}

    report = load(write_csv(tmp_path, [red, blue]))

    assert places(report) == [(3, "supply_price_fen", "value_out_of_range")]
    assert report.refused == 2
    assert not Product.objects.exists()


def test_rows_of_one_item_stand_together_and_agree(tmp_path: Path) -> None:
    rows = [
        TEA | {"item_no": "A", "sku_no": "A1"},
        TEA | {"item_no": "B", "sku_no": "B1", "spec": "1"},
        TEA | {"item_no": "B", "sku_no": "B2", "spec": "2", "name": "另一种茶"},
        TEA | {"item_no": "A", "sku_no": "A2"},
        TEA | {"item_no": "C", "sku_no": "A1"},
    ]

    report = load(write_csv(tmp_path, rows))

    assert places(report) == [
        (4, "name", "cell_differs"),
        (5, "item_no", "item_scattered"),
        (6, "sku_no", "sku_no_repeated"),
    ]
    assert list(Product.objects.values_list("item_no", flat=True)) == ["A"]


def test_a_sku_number_of_another_product_of_the_owner_is_refused(tmp_path: Path) -> None:
    load(write_csv(tmp_path, [TEA]))

    report = load(write_csv(tmp_path, [TEA | {"item_no": "OTHER"}]))

    assert places(report) == [(2, "sku_no", "sku_no_taken")]
    assert Product.objects.count() == 1


def test_lines_are_counted_as_editors_and_spreadsheets_count_them(tmp_path: Path) -> None:
    bad = TEA | {"stock": "x"}
    in_csv = tmp_path / "lines.csv"
    in_csv.write_text(
        'item_no,name,category,sku_no,supply_price,spec\n\nA,"茶\n叶",食品,A,1,\nB,杯,食品,B,x,\n'
    )

    assert places(load(write_xlsx(tmp_path, [bad], above=3))) == [(5, "stock", "cell_invalid")]
    assert places(load(in_csv)) == [
        (3, "name", "text_invalid"),
        (5, "supply_price", "cell_invalid"),
    ]


@pytest.mark.parametrize(
    "line",
    ["{", "[1]", '{"item_no": "A", "item_no": "B"}', '{"colour": "red"}', '{"货号": "A", "item_no": "A"}'],
)  # fmt: skip
def test_a_line_of_jsonl_that_is_no_row_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "goods.jsonl"
    path.write_text(json.dumps(TEA) + "\n" + line + "\n")

    report = load(path)

    assert places(report) == [(2, "", "row_unreadable")]
    assert report.created == 1


@pytest.mark.parametrize(
    ("cell", "column"), [(12.345, "supply_price"), (float("nan"), "stock"), (1e17, "barcode")]
)
def test_numbers_that_nobody_can_mean_are_refused(tmp_path: Path, cell: float, column: str) -> None:
    report = load(write_jsonl(tmp_path, [TEA | {column: cell}]))

    assert places(report) == [(1, column, "cell_invalid")]
    assert not Product.objects.exists()


# --- files that are refused whole -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("goods.txt", "", "file_type_unknown"),
        ("goods.csv", "", "file_unreadable"),
        ("goods.csv", "item_no,name,category,sku_no,supply_price\n\"A", "file_unreadable"),
        ("goods.csv", "item_no,name,category,sku_no,supply_price,colour\n", "column_unknown"),
        ("goods.csv", "item_no,name,category,supply_price\n", "column_missing"),
        ("goods.csv", "item_no,name,category,sku_no\n", "column_missing"),
        ("goods.csv", "item_no,货号,name,category,sku_no,supply_price\n", "column_repeated"),
        ("goods.xlsx", "no workbook", "file_unreadable"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_understood_is_refused(
    tmp_path: Path, name: str, text: str, code: str
) -> None:
    path = tmp_path / name
    path.write_text(text)

    with pytest.raises(DomainError) as refusal:
        load(path)

    assert refusal.value.code == code


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sheets.FileUnreadable):
        load(tmp_path / "nothing.csv")


def test_a_file_of_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 1)
    rows = [TEA, TEA | {"item_no": "B", "sku_no": "B"}]

    for path in (
        write_csv(tmp_path, rows),
        write_xlsx(tmp_path, rows),
        write_jsonl(tmp_path, rows),
    ):
        with pytest.raises(sheets.TooManyRows):
            load(path)

    assert not Product.objects.exists()


def bomb(path: Path, *, lying: bool) -> Path:
    """A small file that unpacks to 200 MB; a lying one claims that it does not."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    if lying:
        data = bytearray(path.read_bytes())
        real, claimed = struct.pack("<I", 200_000_000), struct.pack("<I", 1_000)
        path.write_bytes(bytes(data.replace(real, claimed)))
    return path


@pytest.mark.parametrize("lying", [False, True])
def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_does(
    tmp_path: Path, lying: bool
) -> None:
    path = bomb(tmp_path / "bomb.xlsx", lying=lying)

    with pytest.raises(sheets.FileTooLarge):
        load(path)


def test_a_workbook_of_cells_far_apart_is_refused_before_it_fills_the_memory(
    tmp_path: Path,
) -> None:
    path = write_xlsx(tmp_path, [TEA])
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet()
    page.write(0, 0, "item_no")
    page.write(1_048_575, 16_383, "far away")
    book.close()

    with pytest.raises(sheets.FileUnreadable):
        load(path)


# --- the command ------------------------------------------------------------------------------------


def test_the_command_says_what_it_did_and_fails_when_rows_were_refused(tmp_path: Path) -> None:
    good = command(write_csv(tmp_path, [TEA]), "--owner", "platform", "--json")

    assert (good["rows"], good["created"], good["errors"]) == (1, 1, [])

    bad = write_csv(tmp_path, [TEA | {"stock": "x"}])
    with pytest.raises(CommandError):
        command(bad, "--owner", "platform")


def test_the_command_loads_for_a_supplier_and_knows_no_others(tmp_path: Path) -> None:
    supplier = make_supplier(trusted=False)
    path = write_csv(tmp_path, [TEA])

    command(path, "--owner", supplier.number, "--listed")

    assert Product.objects.get().supplier == supplier
    with pytest.raises(CommandError):
        command(path, "--owner", "S9999")


def test_a_dry_run_of_the_command_changes_nothing(tmp_path: Path) -> None:
    make_product()

    command(write_csv(tmp_path, [TEA]), "--owner", "platform", "--dry-run")

    assert Product.objects.count() == 1
