"""Run everything that is due once, without Celery: `manage.py sweep`."""

import json
import logging
import time
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import schedule
from config.celery import app

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """One duty that was run: how many things it did, or what stopped it."""

    duty: str
    count: int | None
    seconds: float
    error: str = ""


class Command(BaseCommand):
    help = (
        "Run every duty of config/schedule.py that is due, once, without Celery and without Redis."
        " A duty that fails does not keep the others from running. Example: manage.py sweep --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *_args: Any, **options: Any) -> None:
        app.loader.import_default_modules()
        done = [_run(name, entry["task"]) for name, entry in schedule.ENTRIES.items()]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in done]))
        else:
            self._tell(done)
        failed = [one.duty for one in done if one.error]
        if failed:
            raise CommandError(f"{len(failed)} of {len(done)} duties failed: {', '.join(failed)}.")

    def _tell(self, done: list[Done]) -> None:
        for one in done:
            words = one.error or ("done" if one.count is None else f"{one.count} done")
            self.stdout.write(f"{one.duty:<32} {words}  ({one.seconds:.2f} s)")


def _run(duty: str, task_name: str) -> Done:
    began = time.monotonic()
    try:
        result = app.tasks[task_name]()
    except Exception as error:  # the other duties still run
        log.exception("%s failed", duty)
        return Done(duty, None, _since(began), f"{type(error).__name__}: {error}")
    return Done(duty, result if isinstance(result, int) else None, _since(began))


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
