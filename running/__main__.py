"""Run Huopan in the foreground: `python -m running`, or `make run`."""

import argparse
import os
import sys

from running import embedded, supervising
from running.rights import StartError
from running.supervising import Choices

EXPLANATION = """\
HUOPAN_PORT   the port of the web application (8000)
HUOPAN_HOME   the folder of the servers' data and of the logs (.local)
HUOPAN_DEMO   0 to start without demo companies, catalogue and walk-through (1)
DATABASE_URL and REDIS_URL
              servers to use instead of this checkout's own

Example: HUOPAN_PORT=8001 HUOPAN_DEMO=0 python -m running
"""


def main() -> int:
    """Read the environment, run, and return the exit code."""
    argparse.ArgumentParser(
        prog="python -m running",
        description="Run PostgreSQL, Valkey, web, workers and beat until Ctrl-C.",
        epilog=EXPLANATION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    try:
        supervising.run(_choices())
    except StartError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _choices() -> Choices:
    port = os.environ.get("HUOPAN_PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65_536:
        raise StartError(f"HUOPAN_PORT is {port!r}, but must be a number from 1 to 65535.")
    return Choices(
        home=embedded.usual_home(),
        port=int(port),
        demo=os.environ.get("HUOPAN_DEMO", "1") not in {"0", "", "false", "no"},
    )


if __name__ == "__main__":
    sys.exit(main())
