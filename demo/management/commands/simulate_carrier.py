"""Play the carrier: push scans of parcels that are on their way, against a server that runs."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo import carrier
from orders.models import Shipment

LIMIT = 1_000


class Command(BaseCommand):
    help = """Push signed scans by real HTTP for parcels on their way, the oldest first.

Says of each parcel what was not said yet, until it is delivered, or has fared as --end says. Needs a
running server that shares CARRIER_PUSH_SECRET; exits 1 when a scan is refused.

Examples:
  manage.py simulate_carrier --limit 20
  manage.py simulate_carrier --tracking-no SF9000000000012 --end refused --steps 1
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="where the server runs")
        parser.add_argument("--end", choices=list(carrier.JOURNEYS), default="delivered")
        parser.add_argument("--steps", type=int, help="say so many scans of each parcel, not all")
        parser.add_argument("--tracking-no", help="of this parcel alone")
        parser.add_argument("--limit", type=int, default=50, help=f"parcels, at most {LIMIT}")
        parser.add_argument("--json", action="store_true", help="print what became of each scan")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Push, and count what became of it."""
        if not 1 <= options["limit"] <= LIMIT:
            raise CommandError(f"--limit must be 1 to {LIMIT}.")
        if not settings.CARRIER_PUSH_SECRET:
            raise CommandError("CARRIER_PUSH_SECRET is not set: nobody can push.")
        tracks = carrier.tracks_of(
            _parcels(options), end=options["end"], at=timezone.now(), steps=options["steps"]
        )
        items = self._push(options["url"], tracks)
        if options["json"]:
            self.stdout.write(json.dumps(items, ensure_ascii=False))
        else:
            self._tell(items)
        refused = sum(item["status"] != 200 for item in items)
        if refused:
            raise CommandError(f"{refused} of {len(items)} scans were refused.")

    def _push(self, url: str, tracks: list[carrier.Track]) -> list[dict[str, Any]]:
        try:
            return carrier.open_carrier(url, settings.CARRIER_PUSH_SECRET[0]).push(tracks)
        except carrier.Unexpected as trouble:
            raise CommandError(f"The server refused: {trouble}") from None
        except requests.RequestException as trouble:
            raise CommandError(f"{url} does not answer: {trouble}") from None

    def _tell(self, items: list[dict[str, Any]]) -> None:
        if not items:
            self.stdout.write("No parcel is on its way of which there is anything to say.")
            return
        last = {item["tracking_no"]: item.get("state", "refused") for item in items}
        states = ", ".join(f"{count} {state}" for state, count in Counter(last.values()).items())
        self.stdout.write(f"{len(items)} scans of {len(last)} parcels were pushed: {states}.")


def _parcels(options: dict[str, Any]) -> list[Shipment]:
    rows = Shipment.objects.filter(state__in=carrier.UNDER_WAY).order_by("pk")
    if options["tracking_no"]:
        rows = rows.filter(tracking_no=options["tracking_no"].strip().upper())
    return list(rows[: options["limit"]])
