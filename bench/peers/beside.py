"""Run a peer beside ours: in its own environment, on a database of its own on our server."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from bench import usage
from bench.bench import OSCAR, Row
from bench.peers import installing

SCRIPT = Path(__file__).with_name("django_oscar.py")
DATABASE = "peer_oscar"
RUN_SECONDS = 600


class Oscar:
    """django-oscar with products, buyers and stock, ready to be measured."""

    def __init__(self, *, seconds: float, postgres_pid: int) -> None:
        self.seconds, self.postgres_pid = seconds, postgres_pid
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
        _run("prepare")

    def orders(self) -> Row:
        """Measure orders of one line each, from four processes, then a rush for scarce stock."""
        before = usage.cpu_seconds(self.postgres_pid)
        measured = _run("orders", "--seconds", str(self.seconds))
        spent = usage.cpu_seconds(self.postgres_pid) - before
        rush = _run("rush")
        return Row(
            OSCAR,
            measured["orders"] / measured["seconds"],
            p50_ms=measured["p50_ms"],
            p99_ms=measured["p99_ms"],
            python_ms=measured["python_ms"],
            postgres_ms=spent * 1000 / measured["orders"],
            sold_of_100=rush["sold"],
        )


def _run(*arguments: str) -> dict[str, Any]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}").geturl()
    said = subprocess.run(
        [str(installing.python()), str(SCRIPT), *arguments],
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "DATABASE_URL": url},
        stdout=subprocess.PIPE, text=True, check=True, timeout=RUN_SECONDS,
    )  # fmt: skip
    return dict(json.loads(said.stdout or "{}"))
