"""Write the OpenAPI description that the server shows, and what is made from it."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api import exporting


class Command(BaseCommand):
    """Keep the description in the repository equal to the code."""

    help = (
        "Write the OpenAPI description of the distributor API, and what is made from it: the table\n"
        "of errors, the Postman collection and the types and calls of the Python client.\n\n"
        "Example: manage.py export_openapi --check"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where to, in which language, or only compare."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--file", type=Path, help="write the description alone, to this file")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="zh-hans"
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if a file is not up to date"
        )
        parser.add_argument(
            "--release",
            action="store_true",
            help="take what is described now as promised: docs/api/compatibility.md",
        )

    def handle(self, **options: Any) -> None:
        """Write or compare."""
        for file, text in _files(options).items():
            if options["check"]:
                if not file.exists() or file.read_text() != text:
                    raise CommandError(f"{file} is not up to date: run manage.py export_openapi")
                self.stdout.write(f"{file} is up to date")
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            self.stdout.write(f"wrote {file}")


def _files(options: dict[str, Any]) -> dict[Path, str]:
    if options["release"]:
        broken = exporting.broken_promises() if exporting.RELEASED.exists() else []
        if broken:
            raise CommandError("A released version promised otherwise: " + "; ".join(broken))
        return {exporting.RELEASED: exporting.released()}
    if options["file"]:
        return {options["file"]: exporting.description(options["language"])}
    return exporting.files()
