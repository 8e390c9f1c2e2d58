"""Start PostgreSQL and Valkey for this checkout on a machine that has neither.

Everything lives under one folder, `home` (.local). The servers outlive the process that started
them: whoever starts them again finds them running, and whoever finds them killed starts them anew.
"""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from running import postgres, processes, rights, servers, valkey
from running.postgres import PostgreSQL
from running.rights import Rights, StartError
from running.servers import Servers
from running.valkey import Valkey

MEMORY = "embedded.json"
PORT_ATTEMPTS = 5
# Where the servers live when `home` lies below a folder that `nobody` may not enter.
ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))


@dataclass(frozen=True)
class Memory:
    """What must be known to find the servers again."""

    runtime: str
    rights: str
    postgres_port: int
    valkey_port: int
    superuser_password: str
    password: str


def start(home: Path) -> Servers:
    """Start the servers of `home`, or find them running, and record their addresses.

    :raises StartError: they cannot be started; the message says what to do.
    """
    _make(home)
    with _alone(home):
        memory = _remembered(home) or _begin(home)
        database, broker = _start_database(memory), _start_broker(memory)
        _write(home, replace(memory, postgres_port=database.port, valkey_port=broker.port))
        found = Servers(database_url=database.url, redis_url=broker.url)
        servers.record(home, found)
        return found


def stop(home: Path) -> None:
    """Stop the servers of `home`, if they run; their data stays."""
    if not (home / MEMORY).exists():
        return
    with _alone(home):
        memory = _remembered(home)
        if memory is None:
            return
        _database(memory).stop()
        _broker(memory).stop()
        servers.forget(home)


def remove(home: Path) -> None:
    """Stop the servers of `home` and delete their data wherever it lies."""
    stop(home)
    memory = _remembered(home)
    if memory is not None:
        shutil.rmtree(memory.runtime, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def are_up(home: Path) -> bool:
    """Tell whether both servers of `home` answer."""
    memory = _remembered(home)
    return memory is not None and _database(memory).is_up() and _broker(memory).is_up()


def usual_home() -> Path:
    """Return the folder of this checkout's servers: HUOPAN_HOME, or .local beside the code."""
    beside = Path(__file__).resolve().parent.parent / ".local"
    return Path(os.environ.get("HUOPAN_HOME", beside)).resolve()


def _start_database(memory: Memory) -> PostgreSQL:
    server = _database(memory)
    server.create()
    for _ in range(PORT_ATTEMPTS):
        if server.is_up() or server.start():
            return server
        server = replace(server, port=processes.free_port())
    raise StartError("PostgreSQL found no free port on the loopback.")


def _start_broker(memory: Memory) -> Valkey:
    server = _broker(memory)
    for _ in range(PORT_ATTEMPTS):
        if server.is_up() or server.start():
            return server
        server = replace(server, port=processes.free_port())
    raise StartError("Valkey found no free port on the loopback.")


def _database(memory: Memory) -> PostgreSQL:
    runtime, granted = Path(memory.runtime), Rights(memory.rights)
    return PostgreSQL(
        folder=runtime / "postgres",
        programs=_reachable_folder(postgres.find_programs(), runtime, granted),
        rights=granted,
        port=memory.postgres_port,
        superuser_password=memory.superuser_password,
        password=memory.password,
    )


def _broker(memory: Memory) -> Valkey:
    runtime, granted = Path(memory.runtime), Rights(memory.rights)
    return Valkey(
        folder=runtime / "valkey",
        program=_reachable_file(valkey.find_program(), runtime, granted),
        rights=granted,
        port=memory.valkey_port,
        password=memory.password,
    )


def _reachable_folder(programs: Path, runtime: Path, granted: Rights) -> Path:
    """Return programs that the server's user may run: these, or a copy of their installation."""
    if rights.executes(programs / "postgres", granted):
        return programs
    return _copied(programs.parent, runtime) / programs.name


def _reachable_file(program: Path, runtime: Path, granted: Rights) -> Path:
    if rights.executes(program, granted):
        return program
    return _copied(program.parent, runtime) / program.name


def _copied(installation: Path, runtime: Path) -> Path:
    copy = runtime / "programs" / installation.name
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(installation, draft, symlinks=True)
        draft.rename(copy)
    return copy


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True)
    except FileExistsError:
        # It is there, or another start was a moment faster.
        return
    # Others may pass through, not look inside: `nobody` works in a folder below.
    home.chmod(0o711)


def _begin(home: Path) -> Memory:
    granted = rights.choose()
    memory = Memory(
        runtime=str(_runtime(home, granted)),
        rights=granted.value,
        postgres_port=processes.free_port(),
        valkey_port=processes.free_port(),
        superuser_password=secrets.token_urlsafe(24),
        password=secrets.token_urlsafe(24),
    )
    _write(home, memory)
    return memory


def _runtime(home: Path, granted: Rights) -> Path:
    inside = home.resolve() / "servers"
    if rights.reaches(home.resolve(), granted):
        inside.mkdir(exist_ok=True, mode=0o711)
        return inside
    parent = next(path for path in ELSEWHERE if os.access(path, os.W_OK))
    outside = Path(tempfile.mkdtemp(prefix="huopan-", dir=parent))
    outside.chmod(0o711)
    return outside


def _remembered(home: Path) -> Memory | None:
    try:
        memory = Memory(**json.loads((home / MEMORY).read_text()))
    except FileNotFoundError:
        return None
    # A folder that was moved or cleaned away takes its servers' data with it.
    return memory if Path(memory.runtime).is_dir() else None


def _write(home: Path, memory: Memory) -> None:
    servers.write_secret(home / MEMORY, json.dumps(asdict(memory), indent=2))


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one process at a time start or stop the servers; the next finds what the first did."""
    with (home / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    options = _options(arguments)
    home = options.home.resolve()
    try:
        return {"up": _up, "down": _down, "status": _status}[options.command](home)
    except StartError as refusal:
        print(refusal, file=sys.stderr)
        return 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m running.embedded",
        description="Start, stop or look at this checkout's own PostgreSQL and Valkey.",
        epilog="Example: python -m running.embedded up --home .local",
    )
    parser.add_argument("command", choices=["up", "down", "status"])
    parser.add_argument(
        "--home",
        type=Path,
        default=usual_home(),
        help="the folder they live in (HUOPAN_HOME, .local)",
    )
    return parser.parse_args(arguments)


def _up(home: Path) -> int:
    start(home)
    print(f"PostgreSQL and Valkey are up; {home / servers.RECORD} has their addresses.")
    return 0


def _down(home: Path) -> int:
    stop(home)
    print("PostgreSQL and Valkey are down.")
    return 0


def _status(home: Path) -> int:
    up = are_up(home)
    print("PostgreSQL and Valkey are up." if up else "PostgreSQL and Valkey are not both up.")
    return 0 if up else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
