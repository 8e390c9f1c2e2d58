"""Write the pages and drawings of the state machines: `manage.py document_machines`."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.machines import pages

FOLDER = Path(settings.BASE_DIR) / "docs" / "states"


class Command(BaseCommand):
    """Keep what is written of the machines equal to the machines; needs no database."""

    help = (
        "Write docs/states/: a drawing of every state machine, and a page for every state with who"
        " may do what next, the deadline and what happens then."
        " Example: manage.py document_machines --check"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where to, or only compare."""
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write them")
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if a page is not up to date"
        )

    def handle(self, **options: Any) -> None:
        """Write or compare."""
        folder: Path = options["folder"]
        made = pages.pages()
        stale = sorted(_stale(folder, made))
        if options["check"]:
            if stale:
                raise CommandError(
                    f"{', '.join(stale)}: not up to date, run manage.py document_machines"
                )
            self.stdout.write(f"{len(made)} files in {folder} are up to date")
            return
        for name in stale:
            _write(folder / name, made.get(name))
        self.stdout.write(f"{len(stale)} of {len(made)} files in {folder} were written")


def _stale(folder: Path, made: Mapping[str, str]) -> set[str]:
    """Return the files that are missing, say something else, or belong to nothing any more."""
    known = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    changed = {
        name for name in known & made.keys() if (folder / name).read_text("utf-8") != made[name]
    }
    return changed | (known ^ made.keys())


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
