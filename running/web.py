"""The web application's process, and how to tell that it is ready."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from running.children import Child
from running.rights import StartError

ROOT = Path(__file__).resolve().parent.parent
ANSWER_SECONDS = 5
POLL_SECONDS = 0.1


def child(environment: Mapping[str, str], log: Path) -> Child:
    """Return gunicorn, not yet started; HUOPAN_PORT and WEB_* of `environment` shape it."""
    return Child(
        name="web",
        command=[sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"],
        environment=environment,
        folder=ROOT,
        log=log,
    )


def wait(process: Child, url: str, within_seconds: float) -> None:
    """Return once the application at `url` says that it is ready.

    :raises StartError: it ended, or did not become ready in time.
    """
    give_up_at = time.monotonic() + within_seconds
    while not is_ready(url):
        if process.exit_code is not None or time.monotonic() > give_up_at:
            raise StartError(
                f"{process.name} did not become ready; the end of {process.log}:\n"
                f"{process.last_words()}"
            )
        time.sleep(POLL_SECONDS)


def is_ready(url: str) -> bool:
    """Tell whether the application at `url` and the stores behind it can serve."""
    try:
        # Past any proxy that the environment names: this is the same machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{url}/readyz", timeout=ANSWER_SECONDS):
            return True
    except (urllib.error.URLError, OSError):
        return False
