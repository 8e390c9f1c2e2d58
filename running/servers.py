"""Which database and broker this checkout uses when the environment names none.

Imports nothing of Django, so that settings can ask it and it can start before them.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RECORD = "servers.json"


@dataclass(frozen=True)
class Servers:
    """Addresses of the two stores, as URLs."""

    database_url: str
    redis_url: str


# What is assumed where nothing was started: a developer's own servers on their usual ports.
USUAL = Servers("postgres://huopan@127.0.0.1:5432/huopan", "redis://127.0.0.1:6379/0")


def recorded(home: Path) -> Servers:
    """Return the servers that were started under `home`, or the usual addresses."""
    try:
        return Servers(**json.loads((home / RECORD).read_text()))
    except (FileNotFoundError, PermissionError):
        # Servers that another user started are not ours to use.
        return USUAL


def record(home: Path, servers: Servers) -> None:
    """Remember the servers, so that every other process of this checkout finds them."""
    write_secret(home / RECORD, json.dumps(asdict(servers), indent=2))


def forget(home: Path) -> None:
    """Say that no servers run under `home` any more."""
    (home / RECORD).unlink(missing_ok=True)


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    # Per process: two that start at once must not write into the same draft.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
