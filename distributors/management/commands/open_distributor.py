"""Open a distributor from the command line."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import handing_over
from distributors import levels, onboarding, recharging
from distributors.models import Level
from kit.actors import OPERATIONS
from kit.errors import DomainError


class Command(BaseCommand):
    help = """Open a distributor: a company, its deposit, its API key and its first person.

Secrets are printed this once. Without --level it gets the lowest level there is; where there is
none yet, one without a service fee is made.

Example:
  manage.py open_distributor "Cloud Mall" --level L1 --deposit-fen 1000000 \\
      --email owner@mall.example --callback-url https://mall.example/huopan --ip 203.0.113.7
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("name", type=handing_over.name, help="the company's name")
        parser.add_argument("--level", help="code of its level")
        parser.add_argument(
            "--deposit-fen", type=_amount, default=0, help="what its deposit starts with, in fen"
        )
        parser.add_argument("--email", type=handing_over.email, help="log-in of its first person")
        parser.add_argument("--callback-url", default="", help="where it is called back")
        parser.add_argument(
            "--ip",
            action="append",
            default=[],
            help="an address or network it calls from; may be repeated",
        )
        parser.add_argument(
            "--company",
            type=handing_over.company,
            help="number of a company that gets this as a second role",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> str:
        """Open it, recharge it, and show what is handed over."""
        try:
            opened = _open(options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        facts = _facts(opened, options)
        title = _("Opened distributor {number} “{name}” on level {level}.").format_map(facts)
        return handing_over.shown(title, facts, as_json=options["json"])


def _open(options: dict[str, Any]) -> onboarding.OpenedDistributor:
    at = timezone.now()
    opened = onboarding.open_distributor(
        name=options["name"],
        level=_level(options["level"]),
        at=at,
        email=options["email"] or "",
        company=options["company"],
        callback_url=options["callback_url"],
        addresses=options["ip"],
    )
    if options["deposit_fen"]:
        recharging.recharge(
            distributor_pk=opened.distributor.pk,
            amount_fen=options["deposit_fen"],
            reference=f"opening-{opened.distributor.number}",
            actor=OPERATIONS,
            at=at,
        )
    return opened


def _level(code: str | None) -> Level:
    known = {level.code: level for level in Level.objects.order_by("rank")}
    if code is None:
        return next(iter(known.values()), None) or levels.define(
            code="standard", name="标准", rank=1, fee_rate_bp=0, at=timezone.now()
        )
    if code not in known:
        raise CommandError(
            _("There is no level “{code}”; there are: {known}.").format(
                code=code, known=", ".join(known) or "-"
            )
        )
    return known[code]


def _facts(opened: onboarding.OpenedDistributor, options: dict[str, Any]) -> dict[str, Any]:
    distributor = opened.distributor
    return {
        "number": distributor.number,
        "name": distributor.company.name,
        "company_number": distributor.company.number,
        "level": distributor.level.code,
        "deposit_fen": options["deposit_fen"],
        **handing_over.log_in(opened.first_person),
        "api_url": settings.PUBLIC_URL.rstrip("/") + "/api/v1/",
        "key": opened.key.key.public_id,
        "secret": opened.key.secret,
        "callback_url": options["callback_url"] or None,
        "callback_secret": opened.callback_secret,
        "addresses": options["ip"],
    }


def _amount(text: str) -> int:
    """Read an amount before anything is opened that it could be refused for."""
    if not (text.isascii() and text.isdigit() and int(text) <= recharging.MAX_RECHARGE_FEN):
        raise ArgumentTypeError(f"an amount is from 0 to {recharging.MAX_RECHARGE_FEN} fen")
    return int(text)
