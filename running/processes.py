"""Look at the machine's processes and ports."""

import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections, so that a server that was
# killed finds its port free again.
PORTS = range(15_000, 32_000)
PORT_ATTEMPTS = 200
PROCESSES = Path("/proc")


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    for _ in range(PORT_ATTEMPTS):
        port = random.choice(PORTS)
        if port_is_free(port):
            return port
    raise OSError("no free port found on the loopback")


def port_is_free(port: int, address: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on this port now."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((address, port))
        except OSError:
            return False
    return True


def alive(pid: int) -> bool:
    """Tell whether a process exists and is more than a zombie that waits for its parent."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _state(pid) not in {"Z", "X"}


def working_in(folder: Path) -> list[int]:
    """Return the living processes whose working folder is `folder`."""
    target = str(folder.resolve())
    return [pid for pid in running() if _working_folder(pid) == target]


def marked(name: str, value: str) -> list[int]:
    """Return the living processes that were started with this environment variable."""
    mark = f"{name}={value}".encode()
    return [pid for pid in running() if mark in _environment(pid)]


def running() -> Iterator[int]:
    """Yield the living processes; none where the system has no /proc."""
    if not PROCESSES.is_dir():
        return
    for entry in PROCESSES.iterdir():
        if entry.name.isdigit() and _state(int(entry.name)) not in {"Z", "X", ""}:
            yield int(entry.name)


def _state(pid: int) -> str:
    try:
        # The name in brackets may hold anything, so the fields are counted from its end.
        return (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _working_folder(pid: int) -> str:
    try:
        return str((PROCESSES / str(pid) / "cwd").readlink())
    except OSError:
        return ""


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROCESSES / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
