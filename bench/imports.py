"""Loading a large file of goods: taken in here, read, checked and loaded by a worker process."""

import csv
import io
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from companies.models import Company
from integration.models import Partner, Side
from kit.actors import OPERATIONS
from suppliers.models import Supplier
from supplychain import catalogue, import_files, tasks
from supplychain.goods_columns import HEADINGS
from supplychain.models import GoodsFile, Product

CATEGORIES = 12
TARGETS = {"seconds": 120.0, "megabytes": 300.0}
# One in so many rows has something wrong in it.
WRONG_EVERY = 1_000
COLUMNS = (
    "item_no", "name", "category", "brand", "unit", "origin", "sku_no", "spec", "barcode",
    "supply_price", "retail_price", "stock", "min_quantity", "weight_g",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Seconds of a file from being taken in until each row was checked, and loaded; and memory.

    `cpu_seconds` is what the worker took; `megabytes` the most that it had, `reader_megabytes` that of
    the process which it has open workbooks. `again` are the seconds of the same file once more,
    `changed` what that changed.
    """

    kind: str
    rows: int
    checked_seconds: float
    loaded_seconds: float
    again_seconds: float
    changed: int
    megabytes: float
    reader_megabytes: float
    cpu_seconds: float
    created: int
    refused: int

    @property
    def seconds(self) -> float:
        """Return what reading, checking and loading took."""
        return self.checked_seconds + self.loaded_seconds

    @property
    def reached(self) -> bool:
        """Tell whether every target is, and each row has the answer that it must have."""
        wrong = self.rows // WRONG_EVERY
        return (
            self.seconds <= TARGETS["seconds"]
            and max(self.megabytes, self.reader_megabytes) <= TARGETS["megabytes"]
            and (self.created, self.refused, self.changed) == (self.rows - wrong, wrong, 0)
        )


def measure(rows: int, *, at: datetime) -> list[Outcome]:
    """Load a workbook and a CSV of so many rows, each of a trusted supplier of its own."""
    for number in range(CATEGORIES):
        catalogue.category(f"测试/分类{number}")
    catalogue.brand("测试品牌")
    return [_measure(kind, rows, at) for kind in ("xlsx", "csv")]


def report(outcomes: list[Outcome]) -> None:
    """Print what came out."""
    for one in outcomes:
        print(f"{one.kind}, {one.rows:,} rows")
        print(f"  read and checked   {one.checked_seconds:>8.1f} s")
        print(f"  loaded             {one.loaded_seconds:>8.1f} s")
        print(f"  both               {one.seconds:>8.1f} s  (target {TARGETS['seconds']:.0f})")
        print(f"  CPU of the worker  {one.cpu_seconds:>8.1f} s")
        print(f"  the same again     {one.again_seconds:>8.1f} s, {one.changed} changed")
        print(f"  worker at most     {one.megabytes:>8.0f} MB (target {TARGETS['megabytes']:.0f})")
        print(f"  its reader         {one.reader_megabytes:>8.0f} MB")
        print(f"  created, refused   {one.created:>8,}, {one.refused:,}")


def work() -> None:
    """Do what is due as a worker does, and print the most memory in MB and the CPU that took."""
    while tasks.load_goods_files():
        pass
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    most = [one.ru_maxrss / 1024 for one in used]
    print(json.dumps([*most, sum(one.ru_utime + one.ru_stime for one in used)]))


def _measure(kind: str, rows: int, at: datetime) -> Outcome:
    supplier = _supplier(kind, at)
    data = _workbook(rows) if kind == "xlsx" else _csv(rows)
    checked, loaded, most = _load(supplier, kind, data)
    counts = GoodsFile.objects.of(supplier).latest("pk").counts
    before = Product.objects.filter(supplier=supplier).count()
    again = sum(_load(supplier, kind, data)[:2])
    last = GoodsFile.objects.of(supplier).latest("pk").counts
    assert before == Product.objects.filter(supplier=supplier).count()
    return Outcome(
        kind=kind,
        rows=rows,
        checked_seconds=checked,
        loaded_seconds=loaded,
        again_seconds=again,
        changed=last.get("created", 0) + last.get("changed", 0),
        megabytes=most[0],
        reader_megabytes=most[1],
        cpu_seconds=most[2],
        created=counts.get("created", 0),
        refused=counts.get("refused", 0),
    )


def _load(supplier: Supplier, kind: str, data: bytes) -> tuple[float, float, list[float]]:
    began = time.perf_counter()
    file = import_files.take_in(
        supplier=supplier,
        sheet=ContentFile(data, name=f"goods.{kind}"),
        actor=OPERATIONS,
        at=timezone.now(),
    )
    first = _in_a_process()
    checked = time.perf_counter()
    import_files.confirm(
        supplier=supplier, import_no=file.import_no, actor=OPERATIONS, at=timezone.now()
    )
    second = _in_a_process()
    done = time.perf_counter()
    file.refresh_from_db()
    assert file.state == "done", (file.state, file.failure)
    most = [max(first[0], second[0]), max(first[1], second[1]), first[2] + second[2]]
    return checked - began, done - checked, most


def _in_a_process() -> list[float]:
    """Work in a process of its own; return its most memory, its children's, and their CPU."""
    connection.close()
    program = "import django; django.setup(); from bench import imports; imports.work()"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True
    )
    used: list[float] = json.loads(done.stdout.splitlines()[-1])
    return used


def _supplier(kind: str, at: datetime) -> Supplier:
    company = Company.objects.create(number=f"C-{kind}", name=f"供货商 {kind}", opened_at=at)
    partner = Partner.objects.create(company=company, side=Side.SUPPLIER)
    return Supplier.objects.create(
        company=company, partner=partner, number=f"S-{kind}", trusted=True
    )


def _rows(count: int) -> list[list[str | int | float]]:
    return [
        [
            f"P-{number}", f"测试商品 {number} 号", f"测试/分类{number % CATEGORIES}", "测试品牌", "盒",
            "杭州", f"P-{number}", f"颜色:红;尺码:{number % 9}", f"69{number:011}",
            "x" if number % WRONG_EVERY == 0 else 10 + number % 900 / 4, 999, number % 50, 1, 250,
        ]
        for number in range(1, count + 1)
    ]  # fmt: skip


def _workbook(rows: int) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for line, cells in enumerate([[HEADINGS[name] for name in COLUMNS], *_rows(rows)]):
            page.write_row(line, 0, cells)
    return target.getvalue()


def _csv(rows: int) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([[HEADINGS[name] for name in COLUMNS], *_rows(rows)])
    return target.getvalue().encode("gb18030")
