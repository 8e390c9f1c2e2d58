"""`make run`: everything is up, stays up, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from running import embedded, processes, servers, supervising, web
from running.web import ROOT

READY_SECONDS = 120.0
STOP_SECONDS = 10.0


@dataclass
class Run:
    """One `python -m running` of a test, and what it says."""

    home: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(self) -> str:
        return (self.home.parent / "console.txt").read_text()

    def wait_until_ready(self) -> None:
        _wait(
            lambda: f"Huopan is ready at {self.url}" in self.says() or self.has_ended(),
            READY_SECONDS,
        )
        assert not self.has_ended(), self.says()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def parts(self) -> list[int]:
        return processes.marked(supervising.MARK, str(self.home))


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name) / "home"
        embedded.remove(Path(name) / "home")


@pytest.fixture
def start(home: Path) -> Iterator[Callable[[], Run]]:
    runs: list[Run] = []

    def start_one() -> Run:
        port = processes.free_port()
        runs.append(Run(home, port, _process(home, port)))
        return runs[-1]

    yield start_one
    for run in runs:
        run.process.send_signal(signal.SIGTERM)
        run.process.wait(30)


@pytest.mark.http
@pytest.mark.long
def test_all_is_up_part_by_part_and_as_a_whole_comes_back_when_killed_and_leaves_nothing_behind(
    start: Callable[[], Run],
) -> None:
    run = start()
    run.wait_until_ready()
    assert web.is_ready(run.url)

    _kill(run, "gunicorn")
    _wait(lambda: "web ended with -9" in run.says() and web.is_ready(run.url), READY_SECONDS)
    _kill_stores(run.home)
    _wait(lambda: "was gone" in run.says() and web.is_ready(run.url), READY_SECONDS)
    run.process.kill()
    run.process.wait()
    following = start()
    following.wait_until_ready()
    assert not web.is_ready(run.url)
    assert web.is_ready(following.url)
    asked_at = time.monotonic()
    following.process.terminate()

    assert following.process.wait(30) == 0
    assert time.monotonic() - asked_at < STOP_SECONDS
    assert following.parts() == []
    assert not embedded.are_up(run.home)
    assert servers.recorded(run.home) == servers.USUAL


def test_a_port_in_use_is_named_in_one_sentence(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        process = _process(home, port)

        assert process.wait(60) == 1
    assert f"Port {port} is in use" in (home.parent / "console.txt").read_text()


def test_a_second_run_from_the_same_folder_is_refused(home: Path) -> None:
    home.mkdir()
    with supervising._only_one(supervising.Choices(home, 1, demo=False)):
        process = _process(home, processes.free_port())

        assert process.wait(60) == 1
    assert f"(process {os.getpid()})" in (home.parent / "console.txt").read_text()


@pytest.mark.parametrize(
    ("_case", "port"), [("a word", "http"), ("zero", "0"), ("too great", "65536")]
)
def test_a_port_that_is_none_is_refused(home: Path, _case: str, port: str) -> None:
    process = _process(home, port)

    assert process.wait(60) == 1
    assert "must be a number from 1 to 65535" in (home.parent / "console.txt").read_text()


def _process(home: Path, port: int | str) -> "subprocess.Popen[bytes]":
    own = {"HUOPAN_HOME": str(home), "HUOPAN_PORT": str(port), "HUOPAN_DEMO": "0"}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "MEDIA_ROOT"}
    }
    with (home.parent / "console.txt").open("wb") as console:
        return subprocess.Popen(
            [sys.executable, "-m", "running"],
            cwd=ROOT,
            env=inherited | own,
            stdout=console,
            stderr=subprocess.STDOUT,
        )


def _kill(run: Run, part: str) -> None:
    """Kill the child that runs this program, not the ones that it started."""
    for pid in run.parts():
        status = (processes.PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
        command = (processes.PROCESSES / str(pid) / "cmdline").read_text()
        if int(status[1]) == run.process.pid and part in command:
            os.kill(pid, signal.SIGKILL)
            return
    raise AssertionError(f"no {part} runs")


def _kill_stores(home: Path) -> None:
    folder = home / "servers"
    for pid in (
        int((folder / "postgres/data/postmaster.pid").read_text().split()[0]),
        int((folder / "valkey/pid").read_text()),
    ):
        os.kill(pid, signal.SIGKILL)


def _wait(happened: Callable[[], bool], within_seconds: float) -> None:
    give_up_at = time.monotonic() + within_seconds
    while not happened():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.1)
