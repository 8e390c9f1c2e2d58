"""Starting many threads at one moment, each on a database connection of its own."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

from books import verifying
from kit import bulk
from kit.errors import DomainError
from orders.placing import Outcome, Placed, Waiting
from supplychain.models import Movement, Sku
from tests.factories import NOON

Result = TypeVar("Result")

# Races run on machines that are busy with other things: a queue is no failure here, a deadlock is.
PATIENCE = "SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'"
SETTLE_SECONDS = 5
# The test itself, and the web that a test before it may have left running.
BYSTANDERS = "(pid = pg_backend_pid() OR application_name = 'web')"


def race(work: Callable[[int], Result], threads: int) -> list[Result]:
    """Run `work(0)` … `work(threads - 1)` at once and return what each returned, in order.

    A refusal or an error of one of them is raised when all are done.
    """
    results: dict[int, Result] = {}
    errors: list[BaseException] = []
    start = threading.Barrier(threads)

    def run(number: int) -> None:
        try:
            bulk.execute(PATIENCE)
            start.wait()
            results[number] = work(number)
        except BaseException as error:  # it is raised again below
            errors.append(error)
            start.abort()
        finally:
            connection.close()

    runners = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(threads)]


def answered(act: Callable[[], Result]) -> Result | DomainError:
    """Return what an act returned, or its refusal."""
    try:
        return act()
    except DomainError as refusal:
        return refusal


def tally(outcomes: Sequence[Outcome]) -> Counter[str]:
    """Count outcomes: `placed`, `replayed`, `waiting`, and the code of each refusal."""
    return Counter(_kind(outcome) for outcome in outcomes)


def available(sku: Sku) -> int:
    """Return what the pool of a sku holds now."""
    sku.stock.refresh_from_db()
    return sku.stock.available


def sold(sku: Sku) -> int:
    """Return how many pieces orders have taken from a sku, from the movements."""
    rows = Movement.objects.filter(sku=sku, kind="order")
    return -sum(rows.values_list("quantity", flat=True))


def deadlocks() -> int:
    """Return how many deadlocks this database has ever had to break."""
    rows = bulk.query(
        "SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database"
        " WHERE datname = current_database()"
    )
    return int(rows[0][1])


def assert_no_deadlock_since(before: int) -> None:
    """A server process reports its deadlocks when it ends: wait until those of the race have."""
    give_up_at = time.monotonic() + SETTLE_SECONDS
    while _others_connected() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert deadlocks() == before


def assert_books_are_clean() -> None:
    """Every invariant holds."""
    breaches = verifying.verify(at=NOON).breaches
    assert not breaches, [(breach.check.name, breach.rows[:3]) for breach in breaches]


def _kind(outcome: Outcome) -> str:
    if isinstance(outcome, Placed):
        return "replayed" if outcome.replayed else "placed"
    if isinstance(outcome, Waiting):
        return "waiting"
    return outcome.code


def _others_connected() -> bool:
    rows = bulk.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        f" AND backend_type = 'client backend' AND NOT {BYSTANDERS}"
    )
    return bool(rows[0][0])
