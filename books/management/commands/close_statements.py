"""Close the statements of days that are over: `manage.py close_statements`."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from books import statements
from books.statements import Closed, DayNotClosed
from distributors.models import Distributor
from kit import money


class Command(BaseCommand):
    help = """Close every distributor's days up to yesterday, or up to a day, that are not closed yet.

Safe to repeat: a closed day never changes, and nothing to do is success. The clock does the same
each night, some minutes after midnight in Asia/Shanghai.

Example:
  manage.py close_statements
  manage.py close_statements --day 2026-11-21 --distributor D2001 --json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--day", metavar="YYYY-MM-DD", help="up to this day")
        parser.add_argument("--distributor", metavar="NUMBER", help="only this distributor")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Close them, and say which."""
        try:
            closed = statements.run(
                at=timezone.now(),
                day=_day(options["day"]),
                distributor_pk=_distributor_pk(options["distributor"]),
            )
        except DayNotClosed as refusal:
            raise CommandError(str(refusal)) from None
        if options["json"]:
            shown = [_document(one) for one in closed]
            self.stdout.write(json.dumps({"statements": shown}, ensure_ascii=False, indent=2))
            return
        for one in closed:
            self.stdout.write(_line(one))
        done = ngettext("{count} day is closed.", "{count} days are closed.", len(closed))
        self.stdout.write(done.format(count=len(closed)))


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise CommandError(_("“{text}” is no day such as 2026-11-21.").format(text=text)) from None


def _distributor_pk(number: str | None) -> int | None:
    if number is None:
        return None
    found = Distributor.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(_("There is no distributor “{number}”.").format(number=number))
    return found


def _document(one: Closed) -> dict[str, Any]:
    return {**asdict(one), "day": one.day.isoformat()}


def _line(one: Closed) -> str:
    moved = f"+{money.yuan(one.credited_fen)} -{money.yuan(one.debited_fen)}"
    return f"{one.day}  {one.distributor}  {moved}  = {money.yuan(one.closing_fen)}"
