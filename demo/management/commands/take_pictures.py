"""Take the pictures of the README from a demo that runs."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from demo import pictures


class Command(BaseCommand):
    help = "Take the pictures of the README from a demo that runs (`make run`); starts nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = os.environ.get("HUOPAN_PORT", "8000")
        parser.add_argument("--url", default=f"http://127.0.0.1:{port}", help="where the demo runs")
        parser.add_argument(
            "--folder",
            type=Path,
            default=Path(settings.BASE_DIR) / "docs" / "images",
            help="where the pictures go (docs/images)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        for file in pictures.take(url=options["url"].rstrip("/"), folder=options["folder"]):
            self.stdout.write(str(file))
