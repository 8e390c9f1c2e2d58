"""Run the stores without root's rights: PostgreSQL refuses to start with them."""

import ctypes
import os
import pwd
import subprocess
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

UNPRIVILEGED = "nobody"
CLONE_NEWUSER = 0x10000000
COMMAND_SECONDS = 330


class StartError(Exception):
    """A part of Huopan cannot start; the message says why in one sentence."""


class Rights(Enum):
    """Whose rights the stores have."""

    OWN = "own"  # those of an ordinary user
    NOBODY = "nobody"  # started by root, run as `nobody`
    NAMESPACE = "namespace"  # root that may not become `nobody`: an ordinary user to itself only


def choose() -> Rights:
    """Return the safest rights that this process is able to give.

    :raises StartError: root can neither become `nobody` nor make a user namespace.
    """
    if os.geteuid() != 0:
        return Rights.OWN
    for rights in (Rights.NOBODY, Rights.NAMESPACE):
        if _works(rights):
            return rights
    raise StartError(
        "PostgreSQL does not run as root, and this root can neither become `nobody` nor make a "
        "user namespace: run as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def run(
    command: Sequence[str | Path], rights: Rights, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder` with these rights and return what it said."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=COMMAND_SECONDS,
        **_identity(rights),
    )


def reaches(path: Path, rights: Rights) -> bool:
    """Tell whether a process with these rights can work in `path`."""
    return run(["test", "-x", f"{path}/."], rights, Path("/")).returncode == 0


def executes(program: Path, rights: Rights) -> bool:
    """Tell whether a process with these rights can run `program`."""
    try:
        return run([program, "--version"], rights, Path("/")).returncode == 0
    except OSError:
        return False


def give(path: Path, rights: Rights) -> None:
    """Hand a file or folder to whoever has these rights."""
    if rights is Rights.NOBODY:
        person = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, person.pw_uid, person.pw_gid)


def _works(rights: Rights) -> bool:
    try:
        return run(["true"], rights, Path("/")).returncode == 0
    except (KeyError, OSError, subprocess.SubprocessError):
        return False


def _identity(rights: Rights) -> dict[str, Any]:
    if rights is Rights.NOBODY:
        group = pwd.getpwnam(UNPRIVILEGED).pw_gid
        return {"user": UNPRIVILEGED, "group": group, "extra_groups": []}
    if rights is Rights.NAMESPACE:
        return {"preexec_fn": _ordinary_user_to_itself(os.geteuid(), os.getegid())}
    return {}


def _ordinary_user_to_itself(user: int, group: int) -> Callable[[], None]:
    library = ctypes.CDLL(None, use_errno=True)

    def enter() -> None:
        if library.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "no user namespace")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"1000 {user} 1")
        Path("/proc/self/gid_map").write_text(f"1000 {group} 1")

    return enter
