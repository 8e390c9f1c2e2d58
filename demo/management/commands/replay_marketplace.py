"""Replay real demand through the API, and prove the money to the fen."""

import os
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from demo import demand, market, replaying, tables, walk
from demo.demand import Purchase
from demo.replaying import Sums
from huopan_client import Failure
from kit import money
from kit.errors import DomainError
from running import processes, web

USUAL = settings.BASE_DIR.parent / "shared" / "data" / "marketplace_orders.csv"
START_SECONDS = 60
STOP_SECONDS = 8

Item = TypeVar("Item")


class Command(BaseCommand):
    help = """Replay a marketplace's orders: sellers become suppliers, one distributor has all demand.

Exact to the fen: each order's pieces with their prices, sellers and freight; the fee is 5 %. An item that
was sent at several freights is offered as several products; consignees are invented, and all of it
happens now. Orders are placed (100 a request) and received through the signed HTTP API, and shipped by
the suppliers' act. Ends with what was paid by the API's answers beside what was earned by the ledger, and
verify_books; exits 1 where they differ. Safe to repeat. Without FILE, and where the usual one is absent,
orders of the same shape are generated. For development: it opens companies and recharges.

Example:
  manage.py replay_marketplace --orders 500
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("file", nargs="?", type=Path, help=f"orders as CSV ({USUAL})")
        parser.add_argument("--url", help="a server that runs; without it one is started")
        parser.add_argument("--orders", type=int, help="only so many, from the beginning")
        parser.add_argument("--force", action="store_true", help="do it in production, too")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Replay, and prove."""
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("This is production: a replay would open a thousand companies.")
        purchases = self._purchases(options["file"], options["orders"])
        began = time.monotonic()
        try:
            place = market.set_up(purchases, at=timezone.now(), progress=_progress)
            with _server(options["url"]) as url:
                sums = replaying.replay(
                    purchases, place, url, at=timezone.now(), progress=_progress
                )
            sums.prove()
            self._show(sums, len(place.suppliers), time.monotonic() - began)
        except (DomainError, Failure, replaying.Refused, replaying.NotIdentical) as trouble:
            raise CommandError(str(trouble)) from None
        clean, words = walk.verdict(timezone.now())
        self.stdout.write(words)
        if not clean:
            raise CommandError("The books are broken; run verify_books.")

    def _purchases(self, file: Path | None, limit: int | None) -> list[Purchase]:
        if limit is not None and limit < 1:
            raise CommandError("--orders is at least 1.")
        path = file or USUAL
        if path.exists():
            try:
                return demand.read(path, limit)
            except demand.FileUnreadable as trouble:
                raise CommandError(str(trouble)) from None
        if file is not None:
            raise CommandError(f"There is no file {file}.")
        self.stderr.write(f"{USUAL} is absent: orders of the same shape are generated instead.")
        return demand.generated(limit or demand.GENERATED_ORDERS)

    def _show(self, sums: Sums, suppliers: int, seconds: float) -> None:
        rows = [
            ("", "商品 goods", "运费 freight", "服务费 fees", "合计 total"),
            ("文件 the file", *_yuan(sums.file_goods_fen, sums.file_freight_fen), "", ""),
            (
                "接口应答 API answers",
                *_yuan(sums.api_goods_fen, sums.api_freight_fen),
                "（含 incl.）",
                *_yuan(sums.api_goods_fen + sums.api_freight_fen),
            ),
            (
                "账本 ledger",
                *_yuan(sums.payable_goods_fen, sums.payable_freight_fen, sums.fees_fen),
                *_yuan(sums.payable_goods_fen + sums.payable_freight_fen + sums.fees_fen),
            ),
        ]
        self.stdout.write(
            f"{sums.orders} 单 orders（{sums.new} 新 new），{sums.lines} 行 lines，"
            f"{suppliers} 家供货商 suppliers，{seconds:.0f} s"
        )
        self.stdout.write("\n".join(tables.aligned(rows)))
        paid_fen = sums.api_goods_fen + sums.api_freight_fen
        payable_fen = sums.payable_goods_fen + sums.payable_freight_fen
        self.stdout.write(
            f"Σ 协议价+运费 prices + freight {money.yuan(paid_fen)} = Σ 应付 payables"
            f" {money.yuan(payable_fen)} + Σ 服务费 fees {money.yuan(sums.fees_fen)}"
        )


def _yuan(*amounts_fen: int) -> tuple[str, ...]:
    return tuple(map(money.yuan, amounts_fen))


def _progress(items: Iterable[Item], words: str, total: int) -> Iterable[Item]:
    # disable=None: no bar where nobody looks.
    bar: Iterable[Item] = tqdm(items, desc=words, total=total, disable=None)
    return bar


@contextmanager
def _server(url: str | None) -> Iterator[str]:
    """Give the server that runs, or one of our own for as long as it is needed."""
    if url is not None:
        yield url
        return
    port = processes.free_port()
    own = f"http://{processes.LOOPBACK}:{port}"
    environment = os.environ | {"HUOPAN_PORT": str(port), "PUBLIC_URL": own}
    child = web.child(environment, Path(settings.HOME) / "log" / "replay-web.log")
    child.start()
    try:
        web.wait(child, own, START_SECONDS)
        yield own
    finally:
        child.stop(within_seconds=STOP_SECONDS)
