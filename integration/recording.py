"""Recording what partners' machines ask for, without a request ever waiting for it.

A request leaves its count and, mostly, a reference to what it said in this process's memory. One
thread a process writes that down every second or so: exact counts, every error, and of successes
some each second. What the database does not take, no request ever hears of.
"""

import atexit
import logging
import os
import threading
import time
from bisect import bisect_left
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db import DataError, Error, close_old_connections, transaction

from integration import request_log, usage
from integration.models import ApiKey, Side
from integration.request_log import Call
from integration.usage import BOUNDS_US, Kind

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

# What one key may leave in one process each second; it is counted all the same.
SUCCESSES_A_SECOND = 5
ERRORS_A_SECOND = 20
# What waits in memory to be written down.
SUCCESSES_WAITING = 500
ERRORS_WAITING = 1_000
UNPROVEN_WAITING = 200
KINDS_WAITING = 20_000
FIRSTS_REMEMBERED = 50_000
TOO_MANY_REQUESTS = 429


class Unproven(NamedTuple):
    """An error of somebody who named a key that this process does not know."""

    public_id: str
    call: Call


class Recorder:
    """What one process has seen and not yet written down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._process = 0
        self.forget()

    def forget(self) -> None:
        """Start from nothing."""
        self._counts: dict[Kind, list[int]] = {}
        self._positions: dict[int, tuple[int, int, float]] = {}
        self._second = 0
        self._taken: dict[tuple[int, bool], int] = {}
        self._successes: deque[Call] = deque(maxlen=SUCCESSES_WAITING)
        self._errors: deque[Call] = deque(maxlen=ERRORS_WAITING)
        self._unproven: deque[Unproven] = deque(maxlen=UNPROVEN_WAITING)
        self._firsts: set[tuple[int, str]] = set()

    def count(
        self,
        *,
        partner_pk: int,
        key_pk: int,
        route: str,
        status: int,
        code: str,
        took_us: int,
        now: float,
    ) -> bool:
        """Count a request; tell whether what it said is wanted too. `now` is in Unix seconds."""
        second = int(now)
        kind = (partner_pk, key_pk, second // 60, route, status // 100, code)
        is_error = status >= 400 and status != TOO_MANY_REQUESTS
        with self._lock:
            took = self._counts.get(kind)
            if took is None:
                took = self._new_kind(kind)
            took[bisect_left(BOUNDS_US, took_us)] += 1
            if second != self._second:
                self._second = second
                self._taken.clear()
            taken = self._taken.get((key_pk, is_error), 0)
            self._taken[key_pk, is_error] = taken + 1
        return taken < (ERRORS_A_SECOND if is_error else SUCCESSES_A_SECOND)

    def keep(self, call: Call) -> None:
        """Keep what a counted request said."""
        (self._errors if call.status >= 400 else self._successes).append(call)

    def keep_unproven(self, public_id: str, call: Call) -> None:
        """Keep an error until it is looked up whose key that is, if anybody's."""
        with self._lock:
            self._start_in_this_process()
        self._unproven.append(Unproven(public_id, call))

    def keep_proven(self, call: Call) -> None:
        """Count an error whose key is known, and keep it if it is wanted."""
        if self.count(
            partner_pk=call.partner_pk,
            key_pk=call.key_pk,
            route=call.route,
            status=call.status,
            code=call.code,
            took_us=call.took_us,
            now=call.at,
        ):
            self.keep(call)

    def note_position(self, *, partner_pk: int, key_pk: int, seq: int, now: float) -> None:
        """Remember how far a key has read the feed."""
        with self._lock:
            self._positions[key_pk] = (partner_pk, seq, now)

    def flush(self) -> int:
        """Write down all that waits; return how many requests were kept."""
        with self._writing:
            self._prove()
            counts, positions, calls = self._take()
            try:
                self._write_counts(counts, positions)
            except Error as error:
                logger.warning("%s kinds of requests wait to be counted: %s", len(counts), error)
                self._give_back(counts, positions)
                return 0
            return _write_calls(calls)

    def _new_kind(self, kind: Kind) -> list[int]:
        self._start_in_this_process()
        took = [0] * (len(BOUNDS_US) + 1)
        # With the database away for long, memory is worth more than a count.
        if len(self._counts) < KINDS_WAITING:
            self._counts[kind] = took
        return took

    def _prove(self) -> None:
        """Count and keep the errors of keys that exist; drop those of strangers."""
        waiting = _drained(self._unproven)
        if not waiting:
            return
        names = {one.public_id for one in waiting}
        try:
            rows = ApiKey.objects.filter(public_id__in=names, partner__side=Side.DISTRIBUTOR)
            owners = {row[0]: row[1:] for row in rows.values_list("public_id", "pk", "partner_id")}
        except Error as error:
            logger.warning("errors of %s keys could not be logged: %s", len(names), error)
            return
        for public_id, call in waiting:
            if public_id in owners:
                key_pk, partner_pk = owners[public_id]
                self.keep_proven(call._replace(key_pk=key_pk, partner_pk=partner_pk))

    def _take(self) -> tuple[dict[Kind, list[int]], dict[int, tuple[int, int, float]], list[Call]]:
        with self._lock:
            counts, self._counts = self._counts, {}
            positions, self._positions = self._positions, {}
        calls = sorted(_drained(self._errors) + _drained(self._successes), key=lambda one: one.at)
        return counts, positions, calls

    def _write_counts(
        self, counts: dict[Kind, list[int]], positions: dict[int, tuple[int, int, float]]
    ) -> None:
        if not counts and not positions:
            return
        firsts = {(kind[0], kind[3]) for kind in counts if kind[4] == 2} - self._firsts
        with transaction.atomic():
            usage.add(counts)
            usage.note_firsts(firsts, at=datetime.now(UTC))
            usage.note_positions(positions)
        if len(self._firsts) + len(firsts) > FIRSTS_REMEMBERED:
            self._firsts.clear()
        self._firsts |= firsts

    def _give_back(
        self, counts: dict[Kind, list[int]], positions: dict[int, tuple[int, int, float]]
    ) -> None:
        with self._lock:
            for kind, took in counts.items():
                newer = self._counts.get(kind)
                if newer is not None:
                    took = [one + other for one, other in zip(took, newer, strict=True)]
                if newer is not None or len(self._counts) < KINDS_WAITING:
                    self._counts[kind] = took
            self._positions = positions | self._positions

    def _start_in_this_process(self) -> None:
        # A fork copies this object but not its thread.
        if self._process == os.getpid():
            return
        self._process = os.getpid()
        if settings.REQUEST_LOG_SECONDS:
            threading.Thread(target=self._run, name="request log", daemon=True).start()
            atexit.register(self._flush_alone)

    def _run(self) -> None:
        while settings.REQUEST_LOG_SECONDS:
            time.sleep(settings.REQUEST_LOG_SECONDS)
            self._flush_alone()

    def _flush_alone(self) -> None:
        close_old_connections()
        try:
            self.flush()
        except Exception:
            # The log must outlive whatever one request left in it.
            logger.exception("requests could not be logged")
        finally:
            close_old_connections()


def _write_calls(calls: list[Call]) -> int:
    """Write requests down; where one of them cannot be stored, the others are, one by one."""
    if not calls:
        return 0
    try:
        with transaction.atomic():
            request_log.write(calls)
    except Error as error:
        logger.warning("%s requests could not be logged: %s", len(calls), error)
        if len(calls) == 1 or not isinstance(error, DataError):
            return 0
        return sum(_write_calls([call]) for call in calls)
    return len(calls)


def _drained(waiting: deque[Item]) -> list[Item]:
    return [waiting.popleft() for _ in range(len(waiting))]


RECORDER = Recorder()
