"""Open a supplier from the command line."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import handing_over
from kit.errors import DomainError
from suppliers import onboarding


class Command(BaseCommand):
    help = """Open a supplier: a company, its number, and its first person with a password.

Example:
  manage.py open_supplier "West Lake Tea" --trusted --email owner@tea.example
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be given."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("name", type=handing_over.name, help="the company's name")
        parser.add_argument(
            "--trusted", action="store_true", help="its goods go live without review"
        )
        parser.add_argument("--email", type=handing_over.email, help="log-in of its first person")
        parser.add_argument(
            "--company",
            type=handing_over.company,
            help="number of a company that gets this as a second role",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> str:
        """Open it, and show what is handed over."""
        try:
            opened = onboarding.open_supplier(
                name=options["name"],
                trusted=options["trusted"],
                email=options["email"] or "",
                company=options["company"],
                at=timezone.now(),
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        supplier = opened.supplier
        facts = {
            "number": supplier.number,
            "name": supplier.company.name,
            "company_number": supplier.company.number,
            "trusted": supplier.trusted,
            **handing_over.log_in(opened.first_person),
        }
        title = _("Opened supplier {number} “{name}”.").format_map(facts)
        return handing_over.shown(title, facts, as_json=options["json"])
