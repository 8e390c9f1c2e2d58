"""Run the model for long: `python -m tests.model --examples 2000 --steps 50 [--seed N]`.

Prints every act with its outcomes, and every step of every machine with how often it was taken. A
failing example is shrunk and shown as the deeds that lead to it, unless `--no-shrink` is given.
"""

import argparse
import os
import sys
from pathlib import Path

import pytest

TEST = Path(__file__).with_name("test_model.py")


def main() -> int:
    """Pass the wishes on to the test that runs in the suite."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000, metavar="N")
    parser.add_argument("--steps", type=int, default=50, metavar="N")
    parser.add_argument("--seed", type=int, metavar="N", help="another one than the suite's")
    parser.add_argument(
        "--require-all", action="store_true", help="fail where a step was not taken"
    )
    parser.add_argument("--no-shrink", action="store_true", help="show the first failure at once")
    wanted = parser.parse_args()
    os.environ["MODEL_EXAMPLES"] = str(wanted.examples)
    os.environ["MODEL_STEPS"] = str(wanted.steps)
    os.environ["MODEL_SHRINK"] = "0" if wanted.no_shrink else "1"
    os.environ["MODEL_REQUIRE_ALL"] = "1" if wanted.require_all else "0"
    if wanted.seed is not None:
        os.environ["MODEL_SEED"] = str(wanted.seed)
    return int(pytest.main(["-q", "-s", "-p", "no:cacheprovider", str(TEST)]))


if __name__ == "__main__":
    sys.exit(main())
