"""What is measured, round by round, and how it is told."""

import json
import os
import random
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from django.db import connection
from django.utils import timezone

from bench import client, floor, seeding, usage
from bench.client import Measured
from bench.floor import Range
from books import verifying
from distributors.models import Distributor
from supplychain.models import Sku

DISTRIBUTORS, SKUS = 1_000, 1_000
STOCK = 50_000_000
BATCH = 100
FLOOR_CLIENTS, HOT_FLOOR_CLIENTS = 8, 16
BATCH_CLIENTS, SINGLE_CLIENTS = 4, 64
SETTLE_REQUESTS = 2_000

FLOOR, HOT_FLOOR = "floor", "floor, one hot sku"
BATCHES, HOT_BATCHES = "batches of 100, HTTP", "batches of 100, one hot sku"
SINGLES, HOT_SINGLES = "single orders, HTTP, c=64", "single orders, one hot sku"
OSCAR = "django-oscar, library call"
HELD_AGAINST = {
    BATCHES: FLOOR,
    SINGLES: FLOOR,
    HOT_BATCHES: HOT_FLOOR,
    HOT_SINGLES: HOT_FLOOR,
    OSCAR: FLOOR,
}
# docs/performance.md: what each must reach, as a multiple of its floor.
TARGETS = {BATCHES: 2.0, SINGLES: 0.2, HOT_BATCHES: 3.0}


@dataclass(frozen=True)
class Row:
    """One measurement: orders a second, latencies in ms a request, CPU ms an order."""

    name: str
    orders_per_second: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    python_ms: float | None = None
    postgres_ms: float | None = None
    refused: int = 0
    sold_of_100: int | None = None


class Bench:
    """A running installation with money, keys and stock, ready to be measured."""

    def __init__(self, *, port: int, web_pid: int, seconds: float) -> None:
        self.port, self.web_pid, self.seconds = port, web_pid, seconds
        seeded = seeding.seed(
            distributors=DISTRIBUTORS, skus=SKUS, stock_each=STOCK, at=timezone.now()
        )
        self.keys, self.sku_nos = seeded.keys, seeded.sku_nos
        self.number = 0
        floor.prepare()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self.deadlocks_before = _deadlocks()
        # How many orders a second to expect, so that a run takes about as long as asked for.
        self.pace = {BATCHES: 2_000.0, SINGLES: 400.0}

    def rounds(self, count: int, peers: Iterable[Callable[[], Row]] = ()) -> list[dict[str, Row]]:
        """Measure everything `count` times, floor, ours and peers in turn."""
        self._warm_up()
        plan: list[Callable[[], Row]] = [
            self._floor,
            self._batches,
            self._singles,
            self._hot_floor,
            self._hot_batches,
            self._hot_singles,
            *peers,
        ]
        return [{row.name: row for row in (measure() for measure in plan)} for _ in range(count)]

    @property
    def deadlocks(self) -> int:
        """Deadlocks since the beginning."""
        return _deadlocks() - self.deadlocks_before

    def books(self) -> tuple[bool, str]:
        """Hold the books against every invariant; return whether they are clean, and a line."""
        report = verifying.verify(at=timezone.now())
        broken = [finding.check.name for finding in report.findings if not finding.holds]
        return not broken, "clean" if not broken else f"BROKEN: {', '.join(broken)}"

    @cached_property
    def _buyers(self) -> Range:
        pks = list(Distributor.objects.order_by("pk").values_list("pk", flat=True))
        return Range(pks[0], pks[-1])

    @cached_property
    def _skus(self) -> Range:
        pks = list(Sku.objects.order_by("pk").values_list("pk", flat=True))
        return Range(pks[0], pks[-1])

    @cached_property
    def postgres_pid(self) -> int:
        """The server that all its processes descend from."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[1])

    def _warm_up(self) -> None:
        for name, size in ((BATCHES, BATCH), (SINGLES, 1)):
            orders = SETTLE_REQUESTS * (5 if size > 1 else 1)
            row = self._measure(name, size, orders, self.sku_nos)
            self.pace[name] = row.orders_per_second

    def _floor(self) -> Row:
        return self._run_floor(FLOOR, self._skus, FLOOR_CLIENTS)

    def _hot_floor(self) -> Row:
        return self._run_floor(
            HOT_FLOOR, Range(self._skus.first, self._skus.first), HOT_FLOOR_CLIENTS
        )

    def _run_floor(self, name: str, skus: Range, clients: int) -> Row:
        before = usage.cpu_seconds(self.postgres_pid)
        rate = floor.run(self._buyers, skus, clients=clients, seconds=self.seconds)
        spent = usage.cpu_seconds(self.postgres_pid) - before
        return Row(name, rate, postgres_ms=spent * 1000 / (rate * self.seconds))

    def _batches(self) -> Row:
        return self._measure(BATCHES, BATCH, self._orders(BATCHES), self.sku_nos)

    def _hot_batches(self) -> Row:
        return self._measure(HOT_BATCHES, BATCH, self._orders(BATCHES), self.sku_nos[:1])

    def _singles(self) -> Row:
        return self._measure(SINGLES, 1, self._orders(SINGLES), self.sku_nos)

    def _hot_singles(self) -> Row:
        return self._measure(HOT_SINGLES, 1, self._orders(SINGLES), self.sku_nos[:1])

    def _orders(self, name: str) -> int:
        return int(self.pace[name] * self.seconds)

    def _measure(self, name: str, size: int, orders: int, sku_nos: list[str]) -> Row:
        requests = [self._request(size, sku_nos) for _ in range(max(1, orders // size))]
        web, postgres = usage.cpu_seconds(self.web_pid), usage.cpu_seconds(self.postgres_pid)
        measured = client.run(
            self.port, requests, clients=BATCH_CLIENTS if size > 1 else SINGLE_CLIENTS
        )
        web = usage.cpu_seconds(self.web_pid) - web
        postgres = usage.cpu_seconds(self.postgres_pid) - postgres
        placed = len(requests) * size
        return Row(
            name,
            placed / measured.seconds,
            p50_ms=measured.percentile(0.5),
            p99_ms=measured.percentile(0.99),
            python_ms=web * 1000 / placed,
            postgres_ms=postgres * 1000 / placed,
            refused=_refused(measured),
        )

    def _request(self, size: int, sku_nos: list[str]) -> bytes:
        _pk, key, secret = random.choice(self.keys)
        orders = [self._order(sku_nos) for _ in range(size)]
        if size == 1:
            return client.request(self.port, key, secret, "/api/v1/orders", orders[0])
        return client.request(self.port, key, secret, "/api/v1/orders/batch", {"orders": orders})

    def _order(self, sku_nos: list[str]) -> dict[str, object]:
        self.number += 1
        return {
            "out_order_no": f"B{os.getpid()}-{self.number}",
            "lines": [
                {
                    "line_id": "1",
                    "sku_no": random.choice(sku_nos),
                    "quantity": 1,
                    "expected_agreement_price_fen": seeding.AGREEMENT_PRICE_FEN,
                }
            ],
            "consignee": {
                "name": "张三",
                "phone": "13800000000",
                "province": "广东省",
                "city": "深圳市",
                "district": "南山区",
                "detail": "海德三道199号",
            },
        }


def report(rounds: list[dict[str, Row]], *, deadlocks: int, books: str, as_json: bool) -> bool:
    """Print medians and ratios; return whether every target is reached."""
    medians = {name: _median([one[name] for one in rounds]) for name in rounds[0]}
    ratios = {name: _ratio(rounds, name) for name in HELD_AGAINST if name in medians}
    if as_json:
        shown = {name: asdict(row) for name, row in medians.items()}
        print(
            json.dumps(
                {"medians": shown, "ratios": ratios, "deadlocks": deadlocks, "books": books},
                indent=2,
            )
        )
    else:
        _print_table(medians, ratios)
        _print_rushes(rounds)
        print(f"\ndeadlocks: {deadlocks}   books: {books}   rounds: {len(rounds)}")
    return all(ratios[name] >= target for name, target in TARGETS.items())


def _print_table(medians: dict[str, Row], ratios: dict[str, float]) -> None:
    print(f"{'':32}{'orders/s':>10}{'x floor':>9}{'target':>8}{'p50 ms':>9}{'p99 ms':>9}", end="")
    print(f"{'Python':>9}{'PostgreSQL':>12}{'refused':>9}")
    for name, row in medians.items():
        ratio = f"{ratios[name]:.{2 if ratios[name] >= 0.1 else 4}f}" if name in ratios else ""
        target = f"{TARGETS[name]:.1f}" if name in TARGETS else ""
        print(
            f"{name:32}{row.orders_per_second:>10,.0f}{ratio:>9}{target:>8}"
            f"{_shown(row.p50_ms):>9}{_shown(row.p99_ms):>9}{_shown(row.python_ms, 3):>9}"
            f"{_shown(row.postgres_ms, 3):>12}{row.refused:>9}"
        )
    print("\nPython, PostgreSQL: CPU milliseconds an order.")


def _print_rushes(rounds: list[dict[str, Row]]) -> None:
    for name in rounds[0]:
        sold = [str(one[name].sold_of_100) for one in rounds if one[name].sold_of_100 is not None]
        if sold:
            print(f"{name}: sold of 100 in stock, many buyers: {', '.join(sold)}")


def _shown(value: float | None, places: int = 1) -> str:
    return "" if value is None else f"{value:.{places}f}"


def _median(rows: list[Row]) -> Row:
    def middle(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None

    return Row(
        rows[0].name,
        middle(row.orders_per_second for row in rows) or 0.0,
        middle(row.p50_ms for row in rows),
        middle(row.p99_ms for row in rows),
        middle(row.python_ms for row in rows),
        middle(row.postgres_ms for row in rows),
        sum(row.refused for row in rows),
        max((row.sold_of_100 for row in rows if row.sold_of_100 is not None), default=None),
    )


def _ratio(rounds: list[dict[str, Row]], name: str) -> float:
    """The median over rounds of ours against the floor of the same minutes."""
    return statistics.median(
        one[name].orders_per_second / one[HELD_AGAINST[name]].orders_per_second for one in rounds
    )


def _refused(measured: Measured) -> int:
    return sum(count for status, count in measured.statuses.items() if status not in (200, 201))


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
