"""Load products from a file at the command line."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from kit.actors import OPERATIONS
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import loading
from supplychain.loading import Report

PLATFORM = "platform"
MAX_ERRORS_SHOWN = 200


class Command(BaseCommand):
    help = """Load products from an .xlsx, .csv or .jsonl file of up to 50,000 rows, one row a sku.

Columns (or their Chinese names):
  item_no 货号*, name 商品名称*, category 分类* (a path such as 食品/茶叶), sku_no 规格编码*,
  supply_price_fen 供货价(分)* or supply_price 供货价* (in yuan, such as 12.50),
  brand 品牌, spec 规格 (颜色:红;尺码:XL), barcode 条码, retail_price 建议零售价 (in yuan) or
  retail_price_fen 建议零售价(分), stock 库存, min_quantity 起售数, max_quantity 限购数, multiple 倍数,
  weight_g 重量(克), unit 单位, origin 产地, attributes 属性 (材质:棉;季节:夏),
  images 图片 (file names beside the file, separated by ;),
  listed 上架 (yes or no; counts once the product is approved)

The rows of one item stand together. What is left empty stays as it is. Rows that are refused are
named with line and column, and the exit status is 1; the others are loaded. Running the same file
again continues where it stopped, and changes nothing that is there.

The platform's own goods and those of trusted suppliers go live at once, those of other suppliers
wait for review, unless --listed approves and lists them.

Examples:
  manage.py load_products tea.xlsx --owner platform --dry-run
  manage.py load_products tea.csv --owner S1001 --listed --json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what must be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("file", type=Path, help="an .xlsx, .csv or .jsonl file")
        parser.add_argument(
            "--owner", required=True, help="`platform`, or a supplier's number such as S1001"
        )
        parser.add_argument(
            "--listed", action="store_true", help="approve and list what the file brings"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be loaded or refused"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the file and tell what came of it."""
        supplier = _owner(options["owner"])
        try:
            report = _load(options, supplier)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        except OperationalError as error:
            reason = str(error).strip()
            raise CommandError(
                _("The database did not answer in time; run it again to go on: {reason}").format(
                    reason=reason
                )
            ) from None
        self._tell(report, options)
        if report.errors:
            raise CommandError(_("{count} rows were refused.").format(count=report.refused))

    def _tell(self, report: Report, options: dict[str, Any]) -> None:
        if options["json"]:
            facts = {"dry_run": options["dry_run"], **asdict(report)}
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))
            return
        for error in report.errors[:MAX_ERRORS_SHOWN]:
            place = _("line {line}, {column}").format(line=error.line, column=error.column or "-")
            self.stderr.write(f"{place}: {error.text} [{error.code}]")
        hidden = len(report.errors) - MAX_ERRORS_SHOWN
        if hidden > 0:
            self.stderr.write(_("… and {count} more; --json shows all.").format(count=hidden))
        self.stdout.write(_summary(report, dry_run=options["dry_run"]))


def _owner(number: str) -> Supplier | None:
    if number == PLATFORM:
        return None
    supplier = Supplier.objects.filter(number=number).first()
    if supplier is None:
        raise CommandError(_("There is no supplier “{number}”.").format(number=number))
    return supplier


def _load(options: dict[str, Any], supplier: Supplier | None) -> Report:
    path: Path = options["file"]
    with tqdm(unit="row", file=sys.stderr, disable=options["verbosity"] == 0) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return loading.load(
            path=path,
            supplier=supplier,
            actor=OPERATIONS,
            at=timezone.now(),
            listed=options["listed"],
            dry_run=options["dry_run"],
            pictures_folder=path.parent,
            progress=show,
        )


def _summary(report: Report, *, dry_run: bool) -> str:
    heading = _("Nothing was changed; it would be:") if dry_run else _("Loaded:")
    counts = _(
        "{rows} rows; products: {created} new, {changed} changed, {unchanged} unchanged,"
        " {waiting} waiting for review, {listed} listed, {delisted} delisted;"
        " stock of {stocks} skus set; {refused} rows refused."
    )
    return f"{heading} {counts.format_map(asdict(report))}"
