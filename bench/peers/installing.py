"""Install a peer from the package registry, by hash, into an environment of its own."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ENVIRONMENT = Path(__file__).parents[2] / ".local" / "peers" / "oscar"
INSTALL_SECONDS = 600


class NotInstalledError(Exception):
    """A peer cannot be installed; the message says why in one line."""


def install() -> None:
    """Make the peer's environment, unless it is there as its requirements have it.

    :raises NotInstalledError: its packages cannot be had.
    """
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing django-oscar for the comparison …", file=sys.stderr)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    _install_with(sys.executable, "-m", "venv", str(ENVIRONMENT))
    _install_with(
        *(str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-input", "--require-hashes", "-r", str(REQUIREMENTS)),
    )
    stamp.write_text(wanted)


def python() -> Path:
    """Return the peer's interpreter."""
    return ENVIRONMENT / "bin" / "python"


def _install_with(*command: str) -> None:
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise NotInstalledError(_refusal(f"not done within {INSTALL_SECONDS} s")) from None
    if said.returncode != 0:
        lines = (said.stderr or said.stdout).strip().splitlines() or ["no reason given"]
        raise NotInstalledError(_refusal(lines[-1]))


def _refusal(why: str) -> str:
    return f"django-oscar cannot be installed, so leave PEERS=1 away or mend this: {why}"
