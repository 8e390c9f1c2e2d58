"""Servers of a measurement's own: PostgreSQL, Valkey, a web server; gone when it is over."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from running import embedded, processes, web

WEB_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Web:
    """A web server that answers on a port, and its process."""

    port: int
    pid: int


@contextmanager
def started(name: str) -> Iterator[Path]:
    """Start PostgreSQL and Valkey, let the settings name them, and yield the folder they are in."""
    with tempfile.TemporaryDirectory(prefix=f"huopan-{name}-", dir="/tmp") as folder:
        home = Path(folder)
        home.chmod(0o711)  # `nobody`, who runs the servers for root, must get through
        found = embedded.start(home)
        os.environ.update(
            HUOPAN_HOME=str(home),
            DATABASE_URL=found.database_url,
            REDIS_URL=found.redis_url,
            DJANGO_SETTINGS_MODULE="config.settings",
        )
        try:
            yield home
        finally:
            embedded.remove(home)


@contextmanager
def answering(home: Path) -> Iterator[Web]:
    """Start a web server beside the servers in a folder, and yield it once it answers."""
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"HUOPAN_PORT": str(port), "PUBLIC_URL": url}
    process = web.child(environment, home / "log" / "web.log")
    process.start()
    try:
        web.wait(process, url, WEB_SECONDS)
        assert process.process is not None
        yield Web(port, process.process.pid)
    finally:
        process.stop(within_seconds=10)
