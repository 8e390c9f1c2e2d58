"""Run all of Huopan from one command, in the foreground: stores, web, worker and clock.

The order of starting is the order of need; stopping goes the other way round. A child that dies is
started again. Should this process itself be killed, its children leave, and the next run ends
whatever stayed.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

from running import children, embedded, preparing, processes, web
from running.children import Child
from running.rights import StartError
from running.servers import Servers

# Every process below this one carries this variable, so that orphans are recognised.
MARK = "HUOPAN_SUPERVISED_BY"
READY_SECONDS = 120
PING_SECONDS = 1.0
WATCH_SECONDS = 0.5
STORES_WATCH_SECONDS = 5.0
STOP_SECONDS = 7.0
CHILD_STOP_SECONDS = 4.0
ORPHAN_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0

DOORS = (
    ("Platform staff", "/admin/"),
    ("Suppliers", "/supplier/"),
    ("Distributors", "/portal/"),
    ("API reference", "/api/docs/"),
    ("API guides", "/api/docs/guides/"),
)


class StopAsked(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass(frozen=True)
class Choices:
    """What the environment decides about a run."""

    home: Path
    port: int
    demo: bool

    @property
    def url(self) -> str:
        """The address of the web application."""
        return f"http://{processes.LOOPBACK}:{self.port}"

    @property
    def log_folder(self) -> Path:
        """Where the children's words go."""
        return self.home / "log"


@dataclass
class Watched:
    """A child, and how patient to be with it."""

    child: Child
    started_at: float = 0.0
    failures: int = 0
    resume_at: float = 0.0

    def start(self) -> None:
        """Start it and remember when."""
        self.child.start()
        self.started_at, self.resume_at = time.monotonic(), 0.0

    def tend(self) -> None:
        """Start it again where it has died, after a pause that grows with every failure."""
        if self.child.exit_code is None:
            return
        if not self.resume_at:
            self._plan()
        elif time.monotonic() >= self.resume_at:
            self.child.kill()
            self.start()

    def _plan(self) -> None:
        now = time.monotonic()
        self.failures = 1 if now - self.started_at > STEADY_SECONDS else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE_SECONDS)
        self.resume_at = now + pause
        say(
            f"{self.child.name} ended with {self.child.exit_code}; starting it again in "
            f"{pause:.0f} s. Its log: {self.child.log}"
        )


def run(choices: Choices) -> None:
    """Run until somebody asks to stop.

    :raises StartError: something cannot start; the message says why in one sentence.
    """
    choices.home.mkdir(parents=True, exist_ok=True)
    with _only_one(choices), _stop_on_signal():
        _end_orphans(choices.home)
        _refuse_used_port(choices)
        watched: list[Watched] = []
        try:
            stores = _start_stores(choices)
            _prepare(choices)
            _start_children(choices, stores, watched)
            _welcome(choices)
            _watch(choices, stores, watched)
        finally:
            _stop(choices, watched)


def say(words: str) -> None:
    """Tell the person at the console."""
    print(words, flush=True)


def _start_stores(choices: Choices) -> Servers:
    if _has_own_stores():
        say("Using the servers of DATABASE_URL and REDIS_URL.")
        return Servers(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    say(f"Starting PostgreSQL and Valkey under {choices.home} ...")
    started = embedded.start(choices.home)
    return Servers(
        os.environ.get("DATABASE_URL", started.database_url),
        os.environ.get("REDIS_URL", started.redis_url),
    )


def _has_own_stores() -> bool:
    return all(map(os.environ.get, ("DATABASE_URL", "REDIS_URL")))


def _prepare(choices: Choices) -> None:
    say("Preparing the database ...")
    _python(choices, "-m", "running.preparing", log=choices.log_folder / "preparing.log")
    if choices.demo and preparing.has_command("load_demo"):
        say("Loading the demo companies and catalogue ...")
        _python(choices, "manage.py", "load_demo", log=_log_ins(choices))


def _log_ins(choices: Choices) -> Path:
    return choices.log_folder / "log-ins.txt"


def _python(choices: Choices, *command: str, log: Path) -> None:
    """Run a command to its end; what it answers goes to `log`, what it reports to the console."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as answers:
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=web.ROOT,
            env=_environment(choices),
            stdin=subprocess.DEVNULL,
            stdout=answers,
            check=False,
        )
    if ended.returncode != 0:
        raise StartError(f"`{' '.join(command)}` failed; {log} and the lines above say why.")


def _environment(choices: Choices) -> dict[str, str]:
    return {
        "PUBLIC_URL": choices.url,
        **os.environ,
        "HUOPAN_HOME": str(choices.home),
        "HUOPAN_PORT": str(choices.port),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        MARK: str(choices.home),
    }


def _start_children(choices: Choices, stores: Servers, watched: list[Watched]) -> None:
    say("Starting web, workers and beat ...")
    parts = _children(choices)
    for child in parts:
        watched.append(Watched(child))
        watched[-1].start()
    serving, worker, _callbacks, beat = parts
    web.wait(serving, choices.url, READY_SECONDS)
    _wait_for_worker(worker, stores.redis_url, _worker_name(choices))
    if beat.exit_code is not None:
        raise StartError(f"beat ended; the end of {beat.log}:\n{beat.last_words()}")


def _children(choices: Choices) -> list[Child]:
    environment = _environment(choices)
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    worker = [
        *celery,
        *("worker", "--concurrency=2", "--queues=default,slow", "--loglevel=INFO"),
        *("--without-gossip", "--without-mingle", f"--hostname={_worker_name(choices)}"),
    ]
    # Apart, so that an endpoint that hangs keeps no other work waiting: one process, many threads.
    callbacks = [
        *celery,
        *("worker", "--concurrency=1", "--queues=callbacks", "--loglevel=INFO"),
        *("--without-gossip", "--without-mingle", f"--hostname=callbacks-{choices.port}@huopan"),
    ]
    clock = choices.home / "beat"
    beat = [*celery, "beat", f"--schedule={clock}", "--pidfile=", "--loglevel=INFO"]
    return [
        web.child(environment, choices.log_folder / "web.log"),
        Child("worker", worker, environment, web.ROOT, choices.log_folder / "worker.log"),
        Child("callbacks", callbacks, environment, web.ROOT, choices.log_folder / "callbacks.log"),
        Child("beat", beat, environment, web.ROOT, choices.log_folder / "beat.log"),
    ]


def _worker_name(choices: Choices) -> str:
    return f"worker-{choices.port}@huopan"


def _wait_for_worker(worker: Child, redis_url: str, name: str) -> None:
    client = Celery(broker=redis_url)
    give_up_at = time.monotonic() + READY_SECONDS
    while not _answers(client, name):
        if worker.exit_code is not None or time.monotonic() > give_up_at:
            raise StartError(
                f"The worker did not become ready; the end of {worker.log}:\n{worker.last_words()}"
            )


def _answers(client: Celery, name: str) -> bool:
    with suppress(OSError):
        return bool(client.control.ping(destination=[name], timeout=PING_SECONDS, limit=1))
    return False


def _welcome(choices: Choices) -> None:
    say("")
    for people, path in DOORS:
        say(f"  {people:<16}{choices.url}{path}")
    say(f"  {'Logs':<16}{choices.log_folder}")
    if choices.demo and _log_ins(choices).exists():
        say(f"\n{_log_ins(choices).read_text().strip()}")
    say(f"\nHuopan is ready at {choices.url}\n")
    if choices.demo and preparing.has_command("walk_through"):
        _walk_through(choices)
    say("Stop with Ctrl-C.")


def _walk_through(choices: Choices) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "walk_through", "--url", choices.url],
        cwd=web.ROOT,
        env=_environment(choices),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode != 0:
        say(f"The walk-through ended with {ended.returncode}; Huopan runs on.")


def _watch(choices: Choices, stores: Servers, watched: list[Watched]) -> None:
    looked_at = time.monotonic()
    while True:
        time.sleep(WATCH_SECONDS)
        for each in watched:
            each.tend()
        if time.monotonic() - looked_at > STORES_WATCH_SECONDS and not _has_own_stores():
            stores = _revive_stores(choices, stores, watched)
            looked_at = time.monotonic()


def _revive_stores(choices: Choices, stores: Servers, watched: list[Watched]) -> Servers:
    if embedded.are_up(choices.home):
        return stores
    say("PostgreSQL or Valkey was gone; starting it again.")
    found = _start_stores(choices)
    if found != stores:
        # Their ports were taken meanwhile: only a new process reads the new addresses.
        for each in watched:
            each.child.stop(CHILD_STOP_SECONDS)
            each.start()
    return found


def _stop(choices: Choices, watched: list[Watched]) -> None:
    say("Stopping ...")
    give_up_at = time.monotonic() + STOP_SECONDS
    for each in reversed(watched):
        each.child.stop(min(CHILD_STOP_SECONDS, give_up_at - time.monotonic()))
    if not _has_own_stores():
        embedded.stop(choices.home)
    say("Stopped.")


def _end_orphans(home: Path) -> None:
    orphans = processes.marked(MARK, str(home))
    if orphans:
        say(f"Ending {len(orphans)} processes that a killed run left behind ...")
        children.end(orphans, ORPHAN_SECONDS)


def _refuse_used_port(choices: Choices) -> None:
    if not processes.port_is_free(choices.port):
        raise StartError(
            f"Port {choices.port} is in use: stop what listens there, or choose another one by "
            f"HUOPAN_PORT={choices.port + 1} make run."
        )


@contextmanager
def _only_one(choices: Choices) -> Iterator[None]:
    path = choices.home / "run.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(
                f"Huopan already runs from {choices.home} (process {path.read_text().strip()}): "
                "stop it first, or give this one another HUOPAN_HOME and HUOPAN_PORT."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _stop_on_signal() -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into an exception; stopping is not interrupted by more."""

    def ask(number: int, frame: object) -> None:
        del number, frame
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise StopAsked

    before: dict[signal.Signals, Callable[..., object] | int | None] = {}
    for each in (signal.SIGINT, signal.SIGTERM):
        before[each] = signal.signal(each, ask)
    try:
        yield
    except StopAsked:
        pass
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
