"""Prove that no transfer was changed: exit 1, naming the first broken link."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger import chaining
from ledger.chaining import Chain


class Command(BaseCommand):
    help = """Hold every link of the ledger's chain against its transfer, read-only.

Keep the newest digest elsewhere (--digest prints only that): with it, even a chain that was computed
anew from a forged transfer on is found out. --expect names a position and the digest it had.

Example:
  manage.py verify_chain
  manage.py verify_chain --json
  manage.py verify_chain --expect 1200:5f0c…
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--digest", action="store_true", help="print position:digest only")
        parser.add_argument("--expect", metavar="POSITION:DIGEST", help="what was kept elsewhere")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what the chain shows."""
        chain = chaining.verify()
        if options["digest"]:
            self.stdout.write(f"{chain.length}:{chain.digest}")
        elif options["json"]:
            self.stdout.write(json.dumps(asdict(chain), ensure_ascii=False))
        else:
            self.stdout.write(_sentence(chain))
        if chain.broken is not None:
            raise CommandError(
                _("The chain is broken at link {n}.").format(n=chain.broken.position)
            )
        if options["expect"]:
            _check_expected(options["expect"])


def _sentence(chain: Chain) -> str:
    if chain.broken is not None:
        return _(
            "Link {position} does not hold: transfer {transfer_pk} ({code} {reference}) is {fault}."
        ).format(**asdict(chain.broken))
    return _(
        "The chain holds: {length} transfers linked, {unlinked} not yet. Newest digest: {digest}"
    ).format(length=chain.length, unlinked=chain.unlinked, digest=chain.digest)


def _check_expected(expected: str) -> None:
    position, _mark, digest = expected.partition(":")
    if not position.isdigit() or chaining.digest_at(int(position)) != digest.strip().lower():
        raise CommandError(
            _("The chain is another than what was kept: {kept}").format(kept=expected)
        )
