"""Show one order going all the way through, against a server that runs."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo import carrier, handover, tables, walk
from demo.walk import Step, Walk
from huopan_client import Client, Failure, Unreachable
from kit.errors import DomainError

HEADS = (
    ("步骤", "结果", "可用货款", "未结订单", "库存", "应付供货商", "自营收入", "服务费"),
    ("step", "answer", "deposit", "open", "stock", "payable", "own sales", "fees"),
)
WIDTHS = (22, 32, 11, 11, 9, 11, 11, 11)
FIGURES_FROM = 2


class Command(BaseCommand):
    help = """Walk one signed order through all its states by real HTTP, and show what each step did.

Needs a running server and the demo; exits 1 when anything is not as it must be.

Example:
  manage.py walk_through --url http://127.0.0.1:8000
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="where the server runs")
        parser.add_argument(
            "--credentials", type=Path, help=f"JSON with key and secret ({handover.place()})"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Walk, print, and judge."""
        kept = handover.read(options["credentials"])
        if kept is None:
            raise CommandError("No credentials were found: run load_demo first.")
        shop = Client(options["url"], kept.key, kept.secret)
        number = f"WALK-{timezone.localtime():%Y%m%d-%H%M%S}"
        try:
            self._walk(Walk(shop, number), options["url"])
        except Unreachable as trouble:
            raise CommandError(f"{options['url']} does not answer: {trouble}") from None
        except (walk.Astray, Failure, carrier.Unexpected, DomainError) as trouble:
            raise CommandError(f"The walk went astray: {trouble}") from None
        except requests.RequestException as trouble:
            raise CommandError(f"The carrier got no answer: {trouble}") from None

    def _walk(self, walking: Walk, url: str) -> None:
        self.stdout.write(f"一张订单走到底 One order, all the way through   {url}/api/v1/")
        self.stdout.write(
            f"分销商 Distributor {walking.distributor.company.name} {walking.distributor.number}"
            f" · 供货商 Supplier {walking.supplier.company.name} {walking.supplier.number}"
            f" · 外部单号 {walking.number}\n"
        )
        for head in HEADS:
            self._row(head)
        self.stdout.write("─" * (sum(WIDTHS) + len(tables.GAP) * (len(WIDTHS) - 1)))
        before: tuple[str, ...] = ()
        for place, step in enumerate(walking.steps()):
            before = self._step(place, step, before)
        clean, words = walk.verdict(timezone.now())
        self.stdout.write(f"\n{walking.shares}\n{words}")
        if not clean:
            raise CommandError("The books are broken; run verify_books.")

    def _step(self, place: int, step: Step, before: tuple[str, ...]) -> tuple[str, ...]:
        """Show a step; a figure that did not change is only a dot."""
        figures = step.books.shown()
        shown = [
            "·" if before and figure == former else figure
            for figure, former in zip(figures, before or figures, strict=True)
        ]
        name = f"{place or ' '} {step.name}"
        self._row((name, step.outcome, *shown))
        return figures

    def _row(self, cells: tuple[str, ...]) -> None:
        padded = [
            (tables.right if place >= FIGURES_FROM else tables.left)(cell, size)
            for place, (cell, size) in enumerate(zip(cells, WIDTHS, strict=True))
        ]
        self.stdout.write(tables.GAP.join(padded).rstrip())
