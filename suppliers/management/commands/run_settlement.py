"""Issue the bills of suppliers: `manage.py run_settlement`."""

import calendar
import json
import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from kit import money
from kit.actors import OPERATIONS
from suppliers import settlement
from suppliers.models import Bill, Supplier
from suppliers.periods import Period

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Command(BaseCommand):
    help = """Issue the bills of every period that is over and has none.

Safe to repeat: what is billed is not billed again, and nothing to do is success. Suppliers who are
settled with when they ask get no bill here.

Example:
  manage.py run_settlement
  manage.py run_settlement --period 2026-11
  manage.py run_settlement --supplier S1001 --json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--period", metavar="YYYY-MM", help="only periods of this month")
        parser.add_argument("--supplier", metavar="NUMBER", help="only this supplier")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Issue them, and say which."""
        bills = settlement.run(
            at=timezone.now(),
            actor=OPERATIONS,
            supplier_pk=_supplier_pk(options["supplier"]),
            period=_month(options["period"]),
        )
        if options["json"]:
            shown = [_document(bill) for bill in bills]
            self.stdout.write(json.dumps({"bills": shown}, ensure_ascii=False, indent=2))
            return
        for bill in bills:
            self.stdout.write(_line(bill))
        self.stdout.write(_("{count} bills issued.").format(count=len(bills)))


def _supplier_pk(number: str | None) -> int | None:
    if number is None:
        return None
    found = Supplier.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(_("There is no supplier “{number}”.").format(number=number))
    return found


def _month(text: str | None) -> Period | None:
    if text is None:
        return None
    found = MONTH.fullmatch(text)
    if found is None:
        raise CommandError(_("“{text}” is no month such as 2026-11.").format(text=text))
    year, month = int(found[1]), int(found[2])
    return Period(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def _document(bill: Bill) -> dict[str, Any]:
    return {
        "bill_no": bill.bill_no,
        "supplier": bill.supplier.number,
        "period_from": bill.period_from.isoformat(),
        "period_to": bill.period_to.isoformat(),
        "lines_fen": bill.lines_fen,
        "carried_fen": bill.carried_fen,
        "total_fen": bill.total_fen,
    }


def _line(bill: Bill) -> str:
    return (
        f"{bill.bill_no}  {bill.supplier.number}  {bill.period_from}…{bill.period_to}"
        f"  {money.yuan(bill.total_fen)}"
    )
