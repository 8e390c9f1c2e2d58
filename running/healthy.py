"""Tell a container engine whether this container does its work: exit code 0, or 1.

python -m running.healthy web
python -m running.healthy worker
"""

import argparse
import os
import socket
import sys
import urllib.error
import urllib.request

from celery import Celery

ANSWER_SECONDS = 4.0


def web() -> bool:
    """Ask the web application of this container whether it lives."""
    # Its stores' health is not its own: restarting it would not mend them.
    port = os.environ.get("WEB_BIND", ":8000").rpartition(":")[2]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz",
        headers={"Host": os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]},
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):
            return True
    except (urllib.error.URLError, OSError):
        return False


def worker() -> bool:
    """Ask the worker of this container whether it answers through the broker."""
    client = Celery(broker=os.environ["REDIS_URL"])
    name = f"celery@{socket.gethostname()}"
    return bool(client.control.ping(destination=[name], timeout=ANSWER_SECONDS, limit=1))


def main() -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m running.healthy", description=__doc__)
    parser.add_argument("part", choices=["web", "worker"])
    return 0 if {"web": web, "worker": worker}[parser.parse_args().part]() else 1


if __name__ == "__main__":
    sys.exit(main())
