"""Own goods by file: one act with suppliers, by the doors of the console."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from supplychain import import_jobs
from supplychain.models import GoodsFile, Product
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_category, make_goods_file, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)
MAX_QUERIES = 15
FILE = "货号,商品名称,分类,规格编码,价,库存\nT1,龙井茶,食品/茶叶,T1,12.50,5\nT2,碧螺春,食品/无,T2,9,5\n"


def work() -> None:
    while import_jobs.work(at=NOON.replace(year=2027)) >= 0:
        pass


def test_staff_say_the_columns_of_a_file_look_it_over_and_load_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_category("食品/茶叶")
    client = client_of(make_staff("see_goods", "edit_products"))

    sent = client.post(
        "/admin/goods-files/upload/", {"file": SimpleUploadedFile("自营.csv", FILE.encode())}
    )
    path = str(sent.headers["location"])
    reading = client.get(path)
    work()
    columns = ["item_no", "name", "category", "sku_no", "supply_price", "stock"]
    said = {f"column_{place}": column for place, column in enumerate(columns)}
    client.post(f"{path}columns/", said)
    work()
    with django_assert_max_num_queries(MAX_QUERIES):
        checked = client.get(path).content.decode()
    refused = b"".join(client.get(f"{path}refused/"))
    client.post(f"{path}loading/")
    work()

    assert reading.headers["Refresh"]
    assert "没有这个分类" in checked or "There is no such category" in checked
    assert refused.startswith(b"PK")
    product = Product.objects.get()
    assert (product.owner_no, product.supplier, product.state) == ("T1", None, "listed")
    assert GoodsFile.objects.get().state == "done"
    with django_assert_max_num_queries(MAX_QUERIES):
        assert "自营.csv" in client.get("/admin/goods-files/").content.decode()


def test_files_of_suppliers_are_not_there_and_who_only_looks_loads_nothing() -> None:
    theirs, own = make_goods_file(make_supplier()), make_goods_file()

    assert (
        client_of(make_staff("edit_products")).get(f"/admin/goods-files/{theirs.pk}/").status_code
        == 404
    )
    looking = client_of(make_staff("see_goods"))
    assert looking.post(f"/admin/goods-files/{own.pk}/cancel/").status_code == 403
    assert GoodsFile.objects.get(pk=own.pk).state == "reading"
