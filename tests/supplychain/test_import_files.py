"""Files of goods: read, checked, corrected and loaded by jobs that may die at any row."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from python_calamine import CalamineWorkbook

from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from suppliers.models import Supplier, SupplierState
from supplychain import (
    goods_sheets,
    import_files,
    import_jobs,
    import_rows,
    import_uploads,
    listing,
    pictures,
    sheets,
    stock,
)
from supplychain.models import (
    Brand,
    Category,
    GoodsFile,
    GoodsRow,
    Movement,
    Picture,
    Product,
    Revision,
    Sku,
)
from tests.factories import NOON, make_category, make_supplier
from tests.people import make_live_product, picture

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


@pytest.fixture(autouse=True)
def _tree() -> None:
    make_category("食品/茶叶")


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    """A folder of uploads in which nobody else leaves anything."""
    private = settings.STORAGES["private"]
    options = private["OPTIONS"] | {"location": tmp_path / "private"}
    settings.STORAGES = settings.STORAGES | {"private": private | {"OPTIONS": options}}


def sheet(rows: Rows, *, encoding: str = "utf-8", name: str = "商品.csv") -> SimpleUploadedFile:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile(name, file.getvalue().encode(encoding))


def many(count: int) -> list[dict[str, str]]:
    return [TEA | {"货号": f"T{n}", "规格编码": f"T{n}"} for n in range(count)]


def archive(**files: bytes) -> SimpleUploadedFile:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return SimpleUploadedFile("pictures.zip", target.getvalue())


def take_in(supplier: Supplier | None, file: Rows | SimpleUploadedFile, **more: Any) -> GoodsFile:
    upload = file if isinstance(file, SimpleUploadedFile) else sheet(file)
    return import_files.take_in(supplier=supplier, sheet=upload, actor=OPERATIONS, at=NOON, **more)


def work(at: datetime = NOON) -> None:
    while import_jobs.work(at=at) >= 0:
        pass


def checked(supplier: Supplier | None, rows: Rows | SimpleUploadedFile, **more: Any) -> GoodsFile:
    file = take_in(supplier, rows, **more)
    work()
    file.refresh_from_db()
    assert file.state == "checked", (file.state, file.failure)
    return file


def about(file: GoodsFile) -> dict[str, Any]:
    return {"supplier": file.supplier, "import_no": file.import_no, "at": NOON}


def load(file: GoodsFile) -> GoodsFile:
    import_files.confirm(**about(file), actor=OPERATIONS)
    work()
    file.refresh_from_db()
    return file


def wrong(file: GoodsFile) -> list[tuple[int, str, str]]:
    rows = file.rows.order_by("line")
    return [(row.line, one["column"], one["code"]) for row in rows for one in row.errors]


def kept() -> list[str]:
    """What lies in the folder of uploads."""
    storage = storages["private"]
    folders = storage.listdir("imports")[0] if storage.exists("imports") else []
    return [name for folder in folders for name in storage.listdir(f"imports/{folder}")[1]]


# --- the whole way ----------------------------------------------------------------------------------


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
    assert set(file.rows.exclude(product=None).values_list("line", "product__owner_no")) == {
        (2, "T0"),
        (3, "T1"),
    }
    again = load(checked(supplier, rows))
    assert again.counts == {"unchanged": 2, "refused": 1}
    assert Revision.objects.count() == Movement.objects.count() == 2
    assert kept() == []


def test_what_an_untrusted_supplier_loads_waits_for_review() -> None:
    supplier = make_supplier(trusted=False)

    file = checked(supplier, many(1))
    told = dict(file.counts)

    assert told == load(file).counts == {"waiting": 1}
    assert Revision.objects.get().state == "open"
    assert not Sku.objects.exists()


def test_a_cell_is_corrected_in_place_and_what_hung_on_it_is_judged_again() -> None:
    supplier = make_supplier()
    red = TEA | {"规格编码": "RED", "规格": "红"}
    rows = [*many(1), red, red | {"规格编码": "T0", "规格": "蓝"}, many(1)[0] | {"货号": "OTHER"}]
    file = checked(supplier, rows)

    assert wrong(file) == [(4, "sku_no", "sku_no_repeated"), (5, "sku_no", "sku_no_repeated")]
    assert file.counts == {"created": 1, "refused": 3}

    judged = import_files.correct(**about(file), line=4, column="sku_no", value="BLUE")

    file.refresh_from_db()
    assert [row.line for row in judged if row.outcome == "created"] == [2, 3, 4]
    assert wrong(file) == [(5, "sku_no", "sku_no_repeated")]
    assert file.counts == {"created": 3, "refused": 1}
    with pytest.raises(NotFound):
        import_files.correct(**about(file), line=99, column="sku_no", value="X")
    assert load(file).counts == {"created": 3, "refused": 1}
    assert set(Sku.objects.values_list("owner_no", flat=True)) == {"T0", "RED", "BLUE"}
    with pytest.raises(WrongState):
        import_files.correct(**about(file), line=5, column="sku_no", value="FREE")


def test_the_failures_are_taken_away_corrected_and_uploaded() -> None:
    supplier = make_supplier()
    file = load(checked(supplier, [*many(1), TEA | {"库存": "x"}, TEA | {"货号": "=1+1"}]))

    page = CalamineWorkbook.from_filelike(goods_sheets.refused(file)).get_sheet_by_index(0)
    rows = page.to_python()

    assert rows[0] == [*TEA, "原因"]
    assert [row[0] for row in rows[1:]] == ["TEA", "=1+1"]
    assert all(row[-1] for row in rows[1:])
    names = [str(name) for name in rows[0]]
    mended: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows[1:]]
    mended[0]["库存"], mended[1]["货号"], mended[1]["规格编码"] = "3", "B", "B"
    assert load(checked(supplier, mended)).counts == {"created": 2}


# --- columns ----------------------------------------------------------------------------------------


def test_columns_are_asked_for_where_they_are_unclear_and_remembered_by_owner() -> None:
    names = {
        "货号": "甲",
        "商品名称": "品名",
        "分类": "类目",
        "规格编码": "SKU",
        "供货价": "乙",
        "库存": "丙",
    }
    rows = [{names[key]: value for key, value in TEA.items()}]
    supplier = make_supplier()
    file = take_in(supplier, rows)
    work()
    file.refresh_from_db()

    assert (file.state, file.columns) == ("mapping", ["", "name", "category", "sku_no", "", ""])
    said = ["item_no", "name", "category", "sku_no", "supply_price", ""]
    for bad in (["", *said[1:]], ["name", *said[1:]]):
        with pytest.raises((sheets.ColumnMissing, sheets.ColumnRepeated)):
            import_files.say_columns(**about(file), columns=bad)

    import_files.say_columns(**about(file), columns=said)
    work()
    file.refresh_from_db()
    mine, theirs = take_in(supplier, rows), take_in(make_supplier(), rows)
    work()
    mine.refresh_from_db()
    theirs.refresh_from_db()

    assert (file.counts, file.rows.get().errors) == ({"created": 1}, [])
    assert (mine.state, mine.columns) == ("checked", said)
    assert theirs.state == "mapping"


# --- who may what -----------------------------------------------------------------------------------


def test_no_category_or_brand_is_made_and_nothing_put_on_sale_that_the_platform_took_off() -> None:
    supplier = make_supplier()
    off = make_live_product(supplier)
    listing.delist_product(product_pk=off.pk, supplier=None, actor=OPERATIONS, at=NOON)
    rows = [
        TEA | {"分类": "新分类"},
        TEA | {"货号": "B", "规格编码": "B", "品牌": "新牌"},
        TEA | {"货号": off.owner_no, "规格编码": off.owner_no, "上架": "是"},
    ]

    file = checked(supplier, rows)

    assert wrong(file) == [
        (2, "category", "category_unknown"),
        (3, "brand", "brand_unknown"),
        (4, "listed", "off_sale_by_platform"),
    ]
    with pytest.raises(import_files.NothingToLoad):
        import_files.confirm(**about(file), actor=OPERATIONS)
    assert not Brand.objects.exists()
    assert Category.objects.count() == 2


def test_a_file_of_another_owner_does_not_exist_and_reaches_no_goods_of_theirs() -> None:
    supplier = make_supplier()
    other = make_live_product(make_supplier())
    file = load(checked(supplier, [TEA | {"货号": other.owner_no, "规格编码": other.owner_no}]))

    assert file.counts == {"created": 1}
    assert Product.objects.get(pk=other.pk).name == "西湖龙井"
    for owner in (None, other.supplier):
        with pytest.raises(NotFound):
            import_files.find(supplier=owner, import_no=file.import_no)


def test_the_platform_loads_its_own_goods_by_the_same_act() -> None:
    assert load(checked(None, many(1))).counts == {"created": 1}
    assert Product.objects.get().supplier is None


def test_a_suspended_supplier_loads_nothing_more() -> None:
    supplier = make_supplier()
    file = checked(supplier, many(1))
    import_files.confirm(**about(file), actor=OPERATIONS)
    Supplier.objects.filter(pk=supplier.pk).update(state=SupplierState.SUSPENDED)

    work()

    file.refresh_from_db()
    assert (file.state, bool(file.failure["zh-hans"])) == ("failed", True)
    assert not Product.objects.exists()


# --- workers that die -------------------------------------------------------------------------------


class Killed(BaseException):
    """What a worker meets that is killed."""


def test_a_job_goes_on_behind_the_rows_that_a_dead_worker_was_done_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_rows, "ROWS_AT_ONCE", 2)
    write, written = import_rows.write, [0]

    def write_or_die(found: Sequence[import_rows.Answer]) -> None:
        write(found)
        written[0] += 1
        if written[0] in dying:
            raise Killed

    dying = {2, 7}
    monkeypatch.setattr(import_rows, "write", write_or_die)
    file = take_in(make_supplier(), many(7))

    for day in range(6):
        at = LATER + timedelta(days=day)
        try:
            work(at)
        except Killed:
            file.refresh_from_db()
            # Two rows were answered before; those of the worker that died are not.
            assert (file.rows_done, Product.objects.count() % 2) == (2, 0)
            continue
        file.refresh_from_db()
        if file.state == "checked":
            import_files.confirm(**about(file), actor=OPERATIONS)

    file.refresh_from_db()
    assert (file.state, file.counts, file.rows_done) == ("done", {"created": 7}, 7)
    assert Product.objects.count() == Revision.objects.count() == Movement.objects.count() == 7


def test_a_worker_that_was_replaced_writes_nothing_more() -> None:
    file = checked(make_supplier(), many(2))
    import_files.confirm(**about(file), actor=OPERATIONS)
    first = import_jobs._claim(NOON)
    second = import_jobs._claim(LATER)
    assert first is not None
    assert second is not None

    with pytest.raises(import_jobs.ClaimLost):
        import_jobs._judge(first, NOON)
    import_jobs._judge(second, NOON)

    assert Product.objects.count() == 2


def test_a_file_that_comes_to_nothing_again_and_again_is_given_up() -> None:
    file = take_in(make_supplier(), many(1))

    for day in range(import_jobs.MAX_ATTEMPTS):
        assert import_jobs._claim(LATER + timedelta(days=day)) is not None
    work(LATER + timedelta(days=9))

    file.refresh_from_db()
    assert file.state == "failed"
    assert not file.rows.exists()
    assert kept() == []


def test_a_cancelled_file_is_not_loaded_and_old_ones_are_forgotten() -> None:
    file = checked(make_supplier(), many(1))
    import_files.confirm(**about(file), actor=OPERATIONS)

    import_files.cancel(**about(file))
    work()

    assert not Product.objects.exists()
    with pytest.raises(WrongState):
        import_files.cancel(**about(file))
    assert import_jobs.forget(at=NOON) == 0
    assert import_jobs.forget(at=LATER) == 1
    assert not GoodsFile.objects.exists()
    assert not GoodsRow.objects.exists()


# --- export -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_own_goods_go_out_and_come_back_unchanged_whatever_they_look_like(kind: str) -> None:
    supplier = make_supplier()
    odd = {
        "商品名称": "'=1+1",
        "品牌": "＝牌",
        "规格": "尺码:@XL",
        "产地": "'-杭州",
        "图片": "a.png",
    }
    Brand.objects.create(code="b", name="＝牌")
    rows = [
        *many(1),
        TEA | odd | {"建议零售价": "99.99", "条码": "0690", "上架": "是"},
        TEA | {"规格编码": "=X"} | {"货号": "C", "规格编码": "C", "商品名称": "+C", "上架": "否"},
    ]
    file = checked(supplier, xlsx(rows), archive=archive(**{"甲/a.png": picture()}))
    assert load(file).counts == {"created": 3}
    make_live_product(make_supplier())
    sku = Sku.objects.get(owner_no="T0")

    if kind == "csv":
        data = b"".join(goods_sheets.as_csv(supplier))
    else:
        data = goods_sheets.as_workbook(supplier).read()
    stock.adjust(sku_pk=sku.pk, quantity=-2, actor=OPERATIONS, at=NOON)
    before = list(Product.objects.order_by("pk").values()), list(Sku.objects.values())
    back = load(checked(supplier, SimpleUploadedFile(f"back.{kind}", data)))

    assert back.counts == {"unchanged": 3}
    assert before == (list(Product.objects.order_by("pk").values()), list(Sku.objects.values()))
    assert Picture.objects.count() == 1
    # Sold since, and not touched in the file: so it stays.
    assert Sku.objects.get(pk=sku.pk).stock.available == 5
    if kind == "csv":
        text = data.decode()
        assert not [mark for mark in ("\n=", ",=", ",+", ",@", ",＝") if mark in text]
        assert [text.count(one) for one in ("''=1+1", "'+C", "'＝牌")] == [1, 1, 1]


def xlsx(rows: Rows) -> SimpleUploadedFile:
    target = io.BytesIO()
    names = list(dict.fromkeys(key for row in rows for key in row))
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for line, row in enumerate([dict(zip(names, names, strict=True)), *rows]):
            for place, name in enumerate(names):
                page.write_string(line, place, str(row.get(name, "")))
    return SimpleUploadedFile("商品.xlsx", target.getvalue())


def test_the_template_is_read_back_by_its_own_headings() -> None:
    page = CalamineWorkbook.from_filelike(io.BytesIO(goods_sheets.template()))

    headings = [str(name) for name in page.get_sheet_by_name("商品").to_python()[0]]

    assert import_rows.guess(headings, {}) == goods_sheets.OFFERED
    assert page.get_sheet_by_name("分类").to_python()[1:] == [["食品"], ["食品/茶叶"]]
    assert len(page.get_sheet_by_name("说明").to_python()) == len(headings) + 1


# --- what strangers send (RELIABILITY A09, A10) -----------------------------------------------------


def zipped(name: str, data: bytes, **files: bytes) -> SimpleUploadedFile:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry, content in files.items():
            packed.writestr(entry, content)
        packed.writestr("xl/worksheets/sheet1.xml", data)
    return SimpleUploadedFile(name, target.getvalue())


def crowded() -> SimpleUploadedFile:
    """An archive whose list of entries alone is larger than an archive's may be."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for number in range(12_000):
            packed.writestr(f"{number:050}.png", b"")
    return SimpleUploadedFile("a.zip", target.getvalue())


@pytest.mark.parametrize(
    ("_case", "files", "code"),
    [
        ("a bomb by its ratio", {"sheet": zipped("a.xlsx", b" " * 30_000_000)}, "file_too_large"),
        ("no archive at all", {"sheet": SimpleUploadedFile("a.xlsx", b"PK")}, "file_unreadable"),
        ("a program", {"sheet": SimpleUploadedFile("a.exe", b"MZ")}, "file_type_unknown"),
        ("macros", {"sheet": SimpleUploadedFile("a.xlsm", b"PK")}, "file_type_unknown"),
        (
            "one line of more than may be uploaded",
            {"sheet": SimpleUploadedFile("a.csv", b"x" * (import_uploads.MAX_SHEET_BYTES + 1))},
            "file_too_large",
        ),
        (
            "names that lead out",
            {"archive": archive(**{"../../a.png": b""})},
            "archive_name_refused",
        ),
        (
            "names from the root",
            {"archive": archive(**{"/etc/a.png": b""})},
            "archive_name_refused",
        ),
        ("a list of entries without end", {"archive": crowded()}, "file_too_large"),
        ("a bomb of pictures", {"archive": zipped("a.zip", b" " * 3_000_000)}, "file_too_large"),
    ],
)
def test_what_cannot_be_a_file_of_goods_is_refused_at_once(
    _case: str, files: dict[str, SimpleUploadedFile], code: str
) -> None:
    for file in files.values():
        file.seek(0)

    with pytest.raises(DomainError) as refused:
        take_in(make_supplier(), files.pop("sheet", sheet([TEA])), **files)

    assert refused.value.code == code
    assert not GoodsFile.objects.exists()
    assert kept() == []


def test_a_line_without_end_and_entities_from_outside_come_to_nothing(tmp_path: Path) -> None:
    supplier = make_supplier()
    long = take_in(supplier, SimpleUploadedFile("a.csv", b"a,b\n" + b"x" * 10_000_000))
    (tmp_path / "secret").write_text("SECRET")
    entity = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    )
    outside = take_in(supplier, with_sheet(entity))
    work()
    long.refresh_from_db()
    outside.refresh_from_db()

    assert long.state == "failed"
    assert outside.state in ("failed", "mapping")
    assert "SECRET" not in str(outside.headings) + str(list(outside.rows.values_list("cells")))


def with_sheet(xml: str) -> SimpleUploadedFile:
    """A workbook with something else in place of its sheet."""
    source, target = zipfile.ZipFile(xlsx([TEA])), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in source.infolist():
            data = source.read(entry)
            packed.writestr(entry, xml if entry.filename.endswith("sheet1.xml") else data)
    return SimpleUploadedFile("a.xlsx", target.getvalue())


def test_formulas_are_read_as_what_they_came_to_and_never_computed() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, list(TEA))
        page.write_row(1, 0, list(TEA.values()))
        page.write_formula(1, 1, '=HYPERLINK("file:///etc/passwd")', value="茶")
    file = load(checked(make_supplier(), SimpleUploadedFile("a.xlsx", target.getvalue())))

    assert file.counts == {"created": 1}
    assert Product.objects.get().name == "茶"


def huge_picture() -> bytes:
    """13,000 by 13,000 points in a few thousand bytes."""
    target = io.BytesIO()
    Image.new("1", (13_000, 13_000)).save(target, "PNG", compress_level=9)
    return target.getvalue()


def test_pictures_that_are_none_or_too_large_are_refused_by_row_and_nothing_is_stored() -> None:
    files = {
        "huge.png": huge_picture(),
        "script.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "page.png": b"<html><script>alert(1)</script></html>",
        "both.png": picture() + b"<script>alert(1)</script>",
        "long.png": b"\x89PNG\r\n\x1a\n" + b"\0" * (pictures.MAX_BYTES + 1),
        "nested.zip": b"PK\x05\x06" + b"\0" * 18,
    }
    rows = [
        row | {"图片": name} for row, name in zip(many(7), [*files, "missing.png"], strict=True)
    ]

    file = checked(make_supplier(), rows, archive=archive(**files))

    assert [code for _line, _column, code in wrong(file)] == [
        "picture_has_too_many_pixels",
        "picture_format_not_allowed",
        "picture_format_not_allowed",
        "picture_format_not_allowed",
        "picture_too_large",
        "picture_format_not_allowed",
        "picture_not_found",
    ]
    assert not Picture.objects.exists()
