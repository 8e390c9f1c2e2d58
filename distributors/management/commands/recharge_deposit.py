"""Recharge a distributor's deposit from the command line."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from distributors import recharging
from distributors.models import Distributor
from kit import money
from kit.actors import OPERATIONS
from kit.errors import DomainError


class Command(BaseCommand):
    help = """Credit a distributor's deposit with money that has come in.

The reference (a bank's, say) makes it happen once: the same one again is refused.

Example:
  manage.py recharge_deposit D2001 --fen 1000000 --reference BANK-20261122-001
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what must be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("distributor", help="its number, such as D2001")
        parser.add_argument("--fen", type=int, required=True, help="the amount in fen")
        parser.add_argument("--reference", required=True, help="what names this payment")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> str:
        """Credit it, and show what is available now."""
        reference = options["reference"].strip()
        distributor = Distributor.objects.filter(number=options["distributor"]).first()
        if distributor is None:
            raise CommandError(
                _("There is no distributor “{number}”.").format(number=options["distributor"])
            )
        try:
            account = recharging.recharge(
                distributor_pk=distributor.pk,
                amount_fen=options["fen"],
                reference=reference,
                actor=OPERATIONS,
                at=timezone.now(),
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        facts = {
            "number": distributor.number,
            "amount_fen": options["fen"],
            "reference": reference,
            "available_fen": account.available_fen,
        }
        if options["json"]:
            return json.dumps(facts, ensure_ascii=False, indent=2)
        return _(
            "Credited {amount} to {number} under “{reference}”; available now: {available}."
        ).format(
            amount=money.yuan(options["fen"]),
            available=money.yuan(account.available_fen),
            number=distributor.number,
            reference=reference,
        )
