"""Goods by file from the supplier's pages: uploaded, put right, loaded, taken away."""

import io

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from companies.models import Role
from suppliers.models import Supplier, SupplierState
from supplychain import import_jobs
from supplychain.models import GoodsFile, Product, Sku
from tests.backoffice.test_browser import log_in as log_in_here
from tests.conftest import LiveWeb
from tests.factories import NOON, make_category, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db(transaction=True)
FILES = "/supplier/goods/files/"
MOST_QUERIES = 15
HEADINGS = "货号,商品名称,分类,规格编码,供货价,库存"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()
    make_category("食品/茶叶")


def sheet(*rows: str, headings: str = HEADINGS) -> SimpleUploadedFile:
    return SimpleUploadedFile("秋茶.csv", "\n".join([headings, *rows]).encode())


def row(number: str, price: str = "12.50") -> str:
    return f"{number},龙井茶 {number},食品/茶叶,{number},{price},5"


def work() -> None:
    while import_jobs.work(at=NOON.replace(year=2027)) >= 0:
        pass


def body(answer: object) -> str:
    return answer.content.decode().partition("<main")[2]  # type: ignore[attr-defined,no-any-return]


def uploaded(client: Client, *rows: str, headings: str = HEADINGS) -> str:
    """The address of a new file's page."""
    sent = client.post(FILES, {"file": sheet(*rows, headings=headings)})
    assert sent.status_code == 302, body(sent)
    return str(sent.headers["location"])


def test_a_file_is_uploaded_looked_over_corrected_loaded_and_read_again(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier = make_supplier()
    client = log_in(make_person(supplier.company))
    path = uploaded(client, *(row(f"T{number}") for number in range(60)), row("X", "much"))

    waiting = client.get(path + "progress/?state=reading")
    work()
    refreshed = client.get(path + "progress/?state=reading")
    with django_assert_max_num_queries(MOST_QUERIES):
        seen = body(client.get(path))
    with django_assert_max_num_queries(MOST_QUERIES):
        all_rows = body(client.get(path + "?show=created"))

    assert "hx-get" in waiting.content.decode()
    assert refreshed.headers["HX-Refresh"] == "true"
    assert "60 rows can be loaded" in seen
    assert 'value="much"' in seen
    assert "龙井茶 T49" in all_rows
    assert "after=51" in all_rows

    line = GoodsFile.objects.get().rows.get(item_no="X").line
    part = client.post(
        f"{path}rows/{line}/",
        {"column": "supply_price", "value": "9"},
        headers={"HX-Request": "true"},
    )
    assert "1 row is right now." in part.content.decode()
    assert "61 rows can be loaded" in part.content.decode()
    assert not Product.objects.exists()

    client.post(path + "loading/")
    work()
    with django_assert_max_num_queries(MOST_QUERIES):
        done = body(client.get(path + "?show=created"))

    product = Product.objects.get(owner_no="T0")
    assert f"/supplier/goods/{product.item_no}/" in done
    assert Sku.objects.get(owner_no="X").supply_price_fen == 9_00
    with django_assert_max_num_queries(MOST_QUERIES):
        assert "秋茶.csv" in body(client.get(FILES))


def test_unclear_columns_are_asked_for_on_the_page() -> None:
    client = log_in(make_person(make_supplier().company))
    path = uploaded(client, row("T1"), headings="甲,商品名称,分类,规格编码,供货价,库存")
    work()

    asked = body(client.get(path))
    columns = ["item_no", "name", "category", "sku_no", "supply_price", "stock"]
    said = {f"column_{place}": column for place, column in enumerate(columns)}
    short = client.post(path + "columns/", said | {"column_0": ""}, follow=True)
    client.post(path + "columns/", said)
    work()

    assert "Which column is which?" in asked
    assert "is missing" in body(short)
    assert "1 row can be loaded" in body(client.get(path))
    assert client.post(path + "columns/", said | {"column_0": "supplier_id"}).status_code == 404


def test_what_cannot_be_read_is_refused_beside_its_form() -> None:
    client = log_in(make_person(make_supplier().company))

    answer = client.post(FILES, {"file": SimpleUploadedFile("a.exe", b"MZ")})

    assert answer.status_code == 422
    assert "neither" in body(answer)
    assert not GoodsFile.objects.exists()


def test_own_goods_failures_and_the_template_are_sent_as_sheets() -> None:
    supplier = make_supplier()
    client = log_in(make_person(supplier.company))
    mine = make_live_product(supplier)
    make_live_product(make_supplier())
    path = uploaded(client, row("X", "much"))
    work()

    def first_cells(address: str) -> list[object]:
        data = b"".join(client.get(address))
        page = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        return [line[0] for line in page.to_python()]

    assert first_cells(FILES + "template/") == ["货号"]
    assert first_cells(FILES + "export/") == ["货号", mine.owner_no]
    assert first_cells(path + "refused/") == ["货号", "X"]
    lines = b"".join(client.get(FILES + "export/?kind=csv")).decode()
    assert [line.split(",")[0] for line in lines.splitlines()] == ["\ufeff货号", mine.owner_no]


def test_readers_and_suspended_suppliers_look_and_load_nothing() -> None:
    supplier = make_supplier()
    path = uploaded(log_in(make_person(supplier.company)), row("T1"))
    work()
    reader = log_in(make_person(supplier.company, role=Role.READER))

    assert reader.get(path).status_code == 200
    assert reader.post(path + "loading/").status_code == 403

    Supplier.objects.filter(pk=supplier.pk).update(state=SupplierState.SUSPENDED)
    owner = log_in(make_person(supplier.company))
    for answer in (owner.post(FILES, {"file": sheet(row("T2"))}), owner.post(path + "loading/")):
        assert answer.status_code == 403
    assert GoodsFile.objects.get().state == "checked"


@pytest.mark.browser
@pytest.mark.http
def test_a_clerk_corrects_a_cell_in_its_place_and_loads_the_file(
    quiet: Page,
    live_web: LiveWeb,
) -> None:
    page, supplier = quiet, make_supplier()
    log_in_here(page, live_web, supplier)
    page.goto(f"{live_web.url}{FILES}")
    file = {
        "name": "秋茶.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join([HEADINGS, row("T1"), row("T2", "面议")]).encode(),
    }
    page.get_by_label("商品表格").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="上传并试算").click()
    expect(page.locator("progress")).to_be_visible()
    work()
    expect(page.get_by_text("1 行可以导入")).to_be_visible()
    page.wait_for_load_state()

    page.get_by_role("textbox", name="供货价").fill("8.80")
    page.get_by_role("button", name="改正").click()
    expect(page.get_by_text("2 行可以导入")).to_be_visible()
    page.get_by_role("button", name="导入 2 行").click()
    page.wait_for_url("**/goods/files/*/")
    work()

    expect(page.locator(".badge", has_text="已导入").first).to_be_visible()
    prices = set(Sku.objects.values_list("owner_no", "supply_price_fen"))
    assert prices == {("T1", 12_50), ("T2", 8_80)}
