"""Processes that belong to the one that started them, and leave when it leaves."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from running import processes

PR_SET_PDEATHSIG = 1
TAIL_LINES = 15
POLL_SECONDS = 0.05


@dataclass
class Child:
    """One long-running command whose words go to a log file."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the command in a session of its own, so that Ctrl-C reaches only its parent."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_leave_with_parent,
            )

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self.process is None else self.process.poll()

    def stop(self, within_seconds: float) -> None:
        """Ask it to leave, and after that time make it and all it started leave."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(within_seconds, 0))
        self.kill()

    def kill(self) -> None:
        """End it and all it started at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


def end(pids: Sequence[int], within_seconds: float) -> None:
    """Ask processes that somebody left behind to leave, then make them."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sent)
        give_up_at = time.monotonic() + within_seconds
        while any(map(processes.alive, pids)) and time.monotonic() < give_up_at:
            time.sleep(POLL_SECONDS)


# Loaded before any fork: after it, only simple calls are safe.
_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


def _leave_with_parent() -> None:
    """Have Linux ask this process to leave when its parent dies, even by kill -9."""
    if _LIBRARY is not None:
        _LIBRARY.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
