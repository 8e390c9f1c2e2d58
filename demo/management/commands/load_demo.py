"""Load the demo from the command line."""

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo import applicants, companies, desk, handover, month, stocking
from demo.companies import Cast


class Command(BaseCommand):
    help = """Load the demo: companies with their people, 200 products, and a month of orders.

Everything is made by the acts that real use goes through. Safe to repeat: a load that was cut off goes
on, and a complete one changes nothing. All log-ins have one known password, so it refuses to run in
production.

Example:
  manage.py load_demo
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument(
            "--days",
            type=int,
            choices=range(1, month.DAYS + 1),
            default=month.DAYS,
            metavar="N",
            help=f"how many days of trade to load ({month.DAYS})",
        )
        parser.add_argument("--force", action="store_true", help="load it in production, too")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load what is missing, then show the log-ins."""
        if settings.PRODUCTION and not options["force"]:
            raise CommandError(
                "This is production, and the demo's password is known to everybody."
                " --force loads it nevertheless."
            )
        call_command("load_reference", verbosity=0)
        cast = companies.open_all(now=companies.present_day(timezone.now()))
        if desk.is_set(cast):
            self._say("The demo is loaded already; nothing was changed.")
        else:
            self._load(cast, options["days"])
        self.stdout.write("\n".join(handover.lines(cast, handover.keep(cast, timezone.now()))))

    def _load(self, cast: Cast, days: int) -> None:
        began = time.monotonic()
        handover.keep(cast, timezone.now())
        self._say(f"{len(cast.suppliers)} suppliers and {len(cast.distributors)} distributors.")
        self._say(f"{stocking.stock_up(cast)} products brought in.")
        tally = month.live(cast, self._progress, days=days)
        self._say(
            f"{tally.placed} orders placed in {days} days, {sum(tally.refused.values())} refused;"
            f" {tally.parcels} parcels shipped, {tally.received} orders received."
        )
        applicants.arrive(cast)
        desk.lay_out(cast)
        self._say(f"The demo is loaded ({time.monotonic() - began:.0f} s).")

    def _progress(self, words: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r  {words} ", ending="")

    def _say(self, words: str) -> None:
        self.stderr.write(self.style.SUCCESS(words) if self.stderr.isatty() else words)
