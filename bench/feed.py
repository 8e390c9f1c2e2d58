"""Copying a large catalogue: pages by cursor, whether deep ones cost more, and the file."""

import gzip
import json
import resource
import selectors
import statistics
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db import connection
from django.utils import timezone

from bench import client, seeding, usage
from distributors.models import Distributor
from kit import bulk
from supplychain import exporting
from supplychain.models import CatalogueExport, Product

LIMIT = 200
ROWS_AT_ONCE = 5_000
READERS = 4
PATH = "/api/v1/products"
TARGETS = {"rate": 10_000.0, "depth": 1.2}
# How many pages at each end of the catalogue are held against each other.
END_PAGES = 50
CHANGED_EVERY = 10

# What differs between copies.
_COPIES = {
    "product": "'id', one.id + number, 'item_no', 'ITEM-' || number, 'owner_no', number::text",
    "sku": "'id', one.id + number, 'product_id', one.product_id + number,"
    " 'sku_no', 'SKU-' || number, 'owner_no', number::text",
    "stock": "'sku_id', one.sku_id + number",
}


@dataclass(frozen=True)
class Outcome:
    """Products a second over HTTP by one and by several readers; ms a page at both ends; the file.

    `cpu_ms` is what a page takes of the web server's CPU.
    """

    one_per_second: float
    many_per_second: float
    cpu_ms: float
    first_ms: float
    last_ms: float
    lost: int
    doubled: int
    file_per_second: float
    file_bytes: int
    file_megabytes_more: float

    @property
    def deeper(self) -> float:
        """Return what a page at the end costs in terms of one at the start."""
        return self.last_ms / self.first_ms

    @property
    def reached(self) -> bool:
        """Tell whether every target is."""
        return (
            max(self.one_per_second, self.many_per_second) >= TARGETS["rate"]
            and self.deeper <= TARGETS["depth"]
            and not self.lost
            and not self.doubled
        )


def measure(port: int, *, web_pid: int, products: int, at: datetime) -> Outcome:
    """Fill an empty database, and copy it through a running web server."""
    seeded = seeding.seed(distributors=READERS, skus=1, stock_each=1_000, at=at)
    _multiply(products)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    walks = [_Walk(port, key, secret) for _pk, key, secret in seeded.keys]
    began = time.perf_counter()
    _run(walks[:1], changing=True)
    one = products / (time.perf_counter() - began)
    alone = walks[0]
    spent, began = usage.cpu_seconds(web_pid), time.perf_counter()
    _run([_Walk(port, walk.key, walk.secret) for walk in walks])
    many = READERS * products / (time.perf_counter() - began)
    spent = usage.cpu_seconds(web_pid) - spent
    seconds, size, more = _file(seeded.keys[0][0])
    listed = set(Product.objects.values_list("item_no", flat=True))
    return Outcome(
        one_per_second=one,
        many_per_second=many,
        cpu_ms=spent * 1000 * LIMIT / (READERS * products),
        first_ms=statistics.median(alone.took[1:END_PAGES]) * 1000,
        last_ms=statistics.median(alone.took[-END_PAGES:-1]) * 1000,
        lost=len(listed - set(alone.numbers)),
        doubled=len(alone.numbers) - len(set(alone.numbers)),
        file_per_second=products / seconds,
        file_bytes=size,
        file_megabytes_more=more,
    )


def report(outcome: Outcome) -> None:
    """Print what came out."""
    print(
        f"one reader           {outcome.one_per_second:>9,.0f} products/s  "
        f"(target {TARGETS['rate']:,.0f}; while products change)"
    )
    print(f"{READERS} readers            {outcome.many_per_second:>9,.0f} products/s")
    print(f"Python a page        {outcome.cpu_ms:>9.1f} ms of CPU")
    print(f"a page at the start  {outcome.first_ms:>9.1f} ms")
    print(f"a page at the end    {outcome.last_ms:>9.1f} ms  (x {outcome.deeper:.2f})")
    print(f"lost, doubled        {outcome.lost:>9}, {outcome.doubled}")
    print(
        f"file                 {outcome.file_per_second:>9,.0f} products/s, "
        f"{outcome.file_bytes / 1e6:.1f} MB, {outcome.file_megabytes_more:.0f} MB more memory"
    )


def _multiply(products: int) -> None:
    """Copy the one product there is, row by row of each table."""
    for first in range(2, products + 1, ROWS_AT_ONCE):
        last = min(products, first + ROWS_AT_ONCE - 1)
        for table, numbers in _COPIES.items():
            key = "sku_id" if table == "stock" else "id"
            bulk.execute(
                f"INSERT INTO supplychain_{table} SELECT copy.* FROM supplychain_{table} one,"
                " generate_series(%s, %s) number,"
                f" LATERAL jsonb_populate_record(one, jsonb_build_object({numbers})) copy"
                f" WHERE one.{key} = (SELECT min({key}) FROM supplychain_{table})",
                [first, last],
            )


class _Walk:
    """A reader on its way through the catalogue."""

    def __init__(self, port: int, key: str, secret: str) -> None:
        self.port, self.key, self.secret = port, key, secret
        self.connection = client.Connection(port)
        self.numbers: list[str] = []
        self.took: list[float] = []
        self.after: str | None = None

    def ask(self) -> None:
        query = {"limit": str(LIMIT)} | ({"after": self.after} if self.after else {})
        self.connection.send(client.get(self.port, self.key, self.secret, PATH, urlencode(query)))

    def take(self) -> bool:
        """Take the answer that has come; tell whether there is more."""
        self.took.append(time.perf_counter() - self.connection.began)
        assert self.connection.status == 200, self.connection.body[:500]
        page = json.loads(self.connection.body)
        self.numbers += [item["item_no"] for item in page["items"]]
        self.after = page["next"]
        return self.after is not None


def _run(walks: list[_Walk], *, changing: bool = False) -> None:
    """Walk side by side, each with one request under way."""
    with selectors.DefaultSelector() as selector:
        for walk in walks:
            selector.register(walk.connection.socket, selectors.EVENT_READ, walk)
            walk.ask()
        under_way = len(walks)
        while under_way:
            for event, _ in selector.select():
                walk = event.data
                if not walk.connection.read():
                    continue
                if not walk.take():
                    under_way -= 1
                    continue
                if changing and len(walk.took) % CHANGED_EVERY == 0:
                    _change(walk.numbers[-1])
                walk.ask()
    for walk in walks:
        walk.connection.socket.close()


def _change(item_no: str) -> None:
    """Touch what was read already and what is still to come."""
    bulk.execute(
        "UPDATE supplychain_product SET version = version + 1, changed_at = %s WHERE id IN ("
        " SELECT id + step FROM supplychain_product, unnest(ARRAY[-7, 0, 7, 5000]) step"
        " WHERE item_no = %s)",
        [timezone.now(), item_no],
    )


def _file(distributor_pk: int) -> tuple[float, int, float]:
    """Write the file; return seconds, bytes and MB of memory that it took at most."""
    distributor = Distributor.objects.get(pk=distributor_pk)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    exporting.ask(distributor=distributor, in_full=False, at=timezone.now())
    began = time.perf_counter()
    exporting.write_due(at=timezone.now())
    seconds = time.perf_counter() - began
    export = CatalogueExport.objects.get()
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with gzip.open(exporting.read(export)) as lines:
        assert sum(1 for _ in lines) == export.products
    return seconds, export.size, more
