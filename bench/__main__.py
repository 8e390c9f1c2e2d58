"""`make bench`: Huopan beside the floor, interleaved, on servers of its own.

Orders a second depend on the machine and on what else it does; the ratios to the floor of the same
minutes, and the CPU time an order takes, are what counts (docs/performance.md).
"""

import argparse
import sys
import time
from pathlib import Path

import django

from bench import servers
from bench.peers import installing


def main() -> int:
    """Measure and print the table; return 1 unless targets are reached and the books are clean."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of one measurement (6)")
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured (3)")
    parser.add_argument("--json", action="store_true", help="print the medians as JSON")
    parser.add_argument("--peers", action="store_true", help="measure django-oscar beside ours")
    parser.add_argument("--callbacks", action="store_true", help="measure callbacks instead")
    parser.add_argument("--push", action="store_true", help="measure pushing stock instead")
    parser.add_argument(
        "--feed",
        nargs="?",
        type=int,
        const=100_000,
        metavar="PRODUCTS",
        help="measure copying a catalogue instead (of 100,000 products)",
    )
    parser.add_argument(
        "--lists",
        nargs="?",
        type=int,
        const=1_000_000,
        metavar="ORDERS",
        help="measure every list and the dashboard instead (at 1,000,000 orders)",
    )
    parser.add_argument(
        "--imports",
        nargs="?",
        type=int,
        const=50_000,
        metavar="ROWS",
        help="measure loading a file of goods instead (of 50,000 rows)",
    )
    chosen = parser.parse_args()
    if chosen.peers:
        try:
            installing.install()
        except installing.NotInstalledError as refusal:
            print(refusal, file=sys.stderr)
            return 1
    with servers.started("bench") as home:
        if chosen.callbacks:
            return _measure_callbacks()
        if chosen.imports:
            return _measure_imports(chosen.imports)
        if chosen.push:
            return _measure_push()
        if chosen.lists:
            return _measure_lists(chosen.lists)
        return _measure_feed(home, chosen.feed) if chosen.feed else _measure(home, chosen)


def _measure(home: Path, chosen: argparse.Namespace) -> int:
    django.setup()
    from django.core.management import call_command

    from bench import bench
    from bench.peers import beside

    call_command("migrate", verbosity=0)
    with servers.answering(home) as web:
        running = bench.Bench(port=web.port, web_pid=web.pid, seconds=chosen.seconds)
        peers = []
        if chosen.peers:
            oscar = beside.Oscar(seconds=chosen.seconds, postgres_pid=running.postgres_pid)
            peers.append(oscar.orders)
        rounds = running.rounds(chosen.rounds, peers)
    clean, books = running.books()
    reached = bench.report(rounds, deadlocks=running.deadlocks, books=books, as_json=chosen.json)
    return 0 if clean and reached and not running.deadlocks else 1


def _measure_callbacks() -> int:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import callbacks, seeding

    call_command("migrate", verbosity=0)
    seeding.seed(distributors=600, skus=1, stock_each=1, at=timezone.now())
    outcome = callbacks.measure()
    callbacks.report(outcome)
    return 0 if outcome.reached else 1


def _measure_imports(rows: int) -> int:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import imports

    call_command("migrate", verbosity=0)
    outcomes = imports.measure(rows, at=timezone.now())
    imports.report(outcomes)
    return 0 if all(one.reached for one in outcomes) else 1


def _measure_push() -> int:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import pushing, seeding

    call_command("migrate", verbosity=0)
    floor = seeding.seed(
        distributors=pushing.DISTRIBUTORS, skus=pushing.SKUS, stock_each=1_000, at=timezone.now()
    )
    outcome = pushing.measure(floor)
    pushing.report(outcome)
    return 0 if outcome.reached else 1


def _measure_lists(orders: int) -> int:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import filling, listing
    from books import rollups
    from kit import bulk

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    filling.fill(orders=orders, skus=max(orders // 10, 100), at=timezone.now())
    filled = time.perf_counter()
    days = len(rollups.roll(at=timezone.now()))
    # As the server does by itself within a minute.
    bulk.execute("ANALYZE")
    print(f"filled in {filled - began:.0f} s; {days} days rolled up in", end=" ")
    print(f"{time.perf_counter() - filled:.0f} s", flush=True)
    return 0 if listing.report(listing.measure()) else 1


def _measure_feed(home: Path, products: int) -> int:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench import feed

    call_command("migrate", verbosity=0)
    with servers.answering(home) as web:
        outcome = feed.measure(web.port, web_pid=web.pid, products=products, at=timezone.now())
    feed.report(outcome)
    return 0 if outcome.reached else 1


if __name__ == "__main__":
    sys.exit(main())
