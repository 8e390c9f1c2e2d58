"""Write the OpenAPI description that the server shows."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api import docs

FILE = Path(settings.BASE_DIR) / "docs" / "api" / "openapi.json"


class Command(BaseCommand):
    """Keep the description in the repository equal to the code."""

    help = (
        "Write the OpenAPI description of the distributor API.\n\n"
        "Example: manage.py export_openapi --check"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where to, in which language, or only compare."""
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.add_argument("--file", type=Path, default=FILE, help="where to write it")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="zh-hans"
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if the file is not up to date"
        )

    def handle(self, **options: Any) -> None:
        """Write or compare."""
        file: Path = options["file"]
        text = json.dumps(docs.schema(options["language"]), ensure_ascii=False, indent=1) + "\n"
        known = file.read_text() if file.exists() else ""
        if options["check"]:
            if known != text:
                raise CommandError(f"{file} is not up to date: run manage.py export_openapi")
            self.stdout.write(f"{file} is up to date")
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.stdout.write(f"wrote {file}")
