"""Delivering: endpoints with something due are claimed, called, and what came back is written down.

The rows are the queue. A dispatcher claims an endpoint for itself (SKIP LOCKED, then a lease, so that
one that dies is followed), calls it over one or two lines, and settles what it heard in one
transaction. Endpoints that fail wait in a pool of their own, so that nobody waits for them.

What an endpoint answers to one event counts for that event. When no machine answers, or several calls
in a row fail, the endpoint is down: everything that is due has failed with it, and it is left alone
for a while. The first 2xx ends that, and releases whatever was kept.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils import timezone

from integration import endpoints, messages, outbox, retrying, signing_calls
from integration.calling import Answer, Caller
from integration.models import Delivery, DeliveryState, Endpoint, EndpointState
from integration.outbox import Message
from kit import bulk
from kit.times import rfc3339

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

# Calls at the same time, to endpoints that answer and to those that do not.
LINES, FAILING_LINES = 96, 32
# Lines to one endpoint that answers.
LINES_EACH = 2
# Deliveries of an endpoint that are taken at once, and seconds after which the rest is left for later.
TAKEN_AT_ONCE, RUN_SECONDS = 200, 10
# A dispatcher that has said nothing for so long is dead.
CLAIM_SECONDS = 60
# So many failures in a row mean the endpoint and not the event.
FAILURES_IN_A_ROW = 3
# A dispatcher ends after so long, so that a new one starts with fresh code.
SHIFT_SECONDS = 20


@dataclass(frozen=True)
class Told:
    """One delivery that was tried, when, and what came back."""

    delivery: Delivery
    at: datetime
    answer: Answer


@dataclass
class Run:
    """What one endpoint is told at once, over its lines."""

    endpoint: Endpoint
    deliveries: list[Delivery]
    lines: list[Future[list[Told]]] = field(default_factory=list)

    @property
    def told(self) -> list[Told]:
        """What was tried, in order of time."""
        return sorted((one for line in self.lines for one in line.result()), key=lambda t: t.at)


def deliver(*, now: Clock = timezone.now, seconds: float = SHIFT_SECONDS) -> int:
    """Call back everybody who has something due, until nothing is, or the shift is over.

    Returns how many deliveries were acknowledged. Many may do so at once.
    """
    ends_at = time.monotonic() + seconds
    acknowledged = 0
    under_way: dict[Future[list[Told]], Run] = {}
    with (
        ThreadPoolExecutor(LINES, "callback") as answering,
        ThreadPoolExecutor(FAILING_LINES, "failing callback") as failing,
    ):
        while True:
            if time.monotonic() < ends_at:
                for run in _claim(now(), _free_lines(under_way.values())):
                    pool = failing if run.endpoint.failures else answering
                    _start(run, pool, now)
                    under_way |= dict.fromkeys(run.lines, run)
            if not under_way:
                return acknowledged
            done, _ = wait(under_way, timeout=1, return_when=FIRST_COMPLETED)
            runs = {id(run): run for run in (under_way[line] for line in done)}
            for run in runs.values():
                if all(line.done() for line in run.lines):
                    acknowledged += _settle_or_leave(run, now())
            for line in done:
                del under_way[line]


def _free_lines(runs: Iterable[Run]) -> tuple[int, int]:
    """Return how many more endpoints may be called: of those that answer, and of the others."""
    failing = {id(run): bool(run.endpoint.failures) for run in runs}
    bad = sum(failing.values())
    return LINES // LINES_EACH - (len(failing) - bad), FAILING_LINES - bad


# Of the endpoints that fail, one delivery is a try for all.
_CLAIM = """
WITH due AS (
    SELECT endpoint.id FROM integration_endpoint endpoint
    WHERE endpoint.state IN ('live', 'degraded') AND (endpoint.failures > 0) = %(failing)s
        AND (endpoint.claimed_until IS NULL OR endpoint.claimed_until < %(at)s)
        AND (endpoint.held_until IS NULL OR endpoint.held_until <= %(at)s)
        AND EXISTS (SELECT FROM integration_delivery delivery
            WHERE delivery.endpoint_id = endpoint.id AND delivery.due_at <= %(at)s
                AND delivery.state IN ('pending', 'parked'))
    ORDER BY endpoint.last_called_at NULLS FIRST, endpoint.id LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED)
UPDATE integration_endpoint endpoint SET claimed_until = %(until)s, last_called_at = %(at)s
FROM due WHERE endpoint.id = due.id RETURNING endpoint.id
"""


def _claim(at: datetime, free: tuple[int, int]) -> list[Run]:
    """Take endpoints that have something due, each for this dispatcher alone."""
    until = at + timedelta(seconds=CLAIM_SECONDS)
    pks = [
        pk
        for limit, failing in zip(free, (False, True), strict=True)
        if limit > 0
        for (pk,) in bulk.query(
            _CLAIM, {"at": at, "until": until, "limit": limit, "failing": failing}
        )
    ]
    endpoints = Endpoint.objects.filter(pk__in=pks) if pks else []
    return [Run(endpoint, _due(endpoint, at)) for endpoint in endpoints]


def _due(endpoint: Endpoint, at: datetime) -> list[Delivery]:
    """Return what is due, oldest first: what is parked one by one, and only if there is no more."""
    due = endpoint.deliveries.filter(due_at__lte=at).select_related("event")
    limit = 1 if endpoint.failures else TAKEN_AT_ONCE
    pending = due.filter(state=DeliveryState.PENDING).order_by("due_at", "event_id")[:limit]
    return list(pending) or list(due.filter(state=DeliveryState.PARKED).order_by("due_at")[:1])


def _start(run: Run, pool: ThreadPoolExecutor, now: Clock) -> None:
    proven = run.endpoint.last_answered_at is not None and not run.endpoint.failures
    lines = min(LINES_EACH if proven else 1, len(run.deliveries)) or 1
    run.lines = [
        pool.submit(_tell, run.endpoint, run.deliveries[line::lines], now) for line in range(lines)
    ]


def _tell(endpoint: Endpoint, deliveries: Sequence[Delivery], now: Clock) -> list[Told]:
    """Call, one delivery after the other, until the endpoint proves to be down."""
    told: list[Told] = []
    secrets = signing_calls.secrets_of(endpoint, now())
    enough_at = time.monotonic() + RUN_SECONDS
    caller = Caller()
    try:
        for delivery in deliveries:
            at, body = now(), messages.body(delivery.event)
            headers = signing_calls.headers(delivery.event.public_id, body, secrets, at)
            told.append(Told(delivery, at, caller.post(endpoint.url, body=body, headers=headers)))
            if _is_down(told) or _says_wait(told[-1].answer) or time.monotonic() > enough_at:
                break
    finally:
        caller.close()
    return told


def _is_down(told: Sequence[Told]) -> bool:
    """Tell whether what was heard last means the endpoint and not single events."""
    last = told[-FAILURES_IN_A_ROW:]
    if not last or last[-1].answer.is_ok:
        return False
    return not last[-1].answer.came or len(last) == FAILURES_IN_A_ROW == sum(
        not one.answer.is_ok for one in last
    )


def _says_wait(answer: Answer) -> bool:
    return answer.retry_after_seconds is not None or answer.status == HTTPStatus.GONE


def _settle_or_leave(run: Run, at: datetime) -> int:
    """Settle; what fails by a fault of ours is called again once the claim is over."""
    try:
        return _settle(run, at)
    except Exception:
        logger.exception("what %s answered could not be written down", run.endpoint)
        return 0


@transaction.atomic(durable=True)
def _settle(run: Run, at: datetime) -> int:
    """Write down what was heard, and give the endpoint back."""
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=run.endpoint.pk)
    told = run.told
    acknowledged = [one for one in told if one.answer.is_ok]
    refused = [one for one in told if not one.answer.is_ok]
    _note_tries(told)
    _note_acknowledged(acknowledged)
    _note_refused(refused, at)
    if acknowledged:
        _rise(endpoint, at)
    # An endpoint that was down before is down still, whatever it was that failed this time.
    down = bool(refused) and not told[-1].answer.is_ok
    if down and (endpoint.failures or any(_is_down(line.result()) for line in run.lines)):
        _fall(endpoint, told[-1].answer, at)
    for one in refused:
        _obey(endpoint, one.answer, at)
    endpoint.claimed_until = None
    endpoint.save()
    return len(acknowledged)


def _note_tries(told: Sequence[Told]) -> None:
    bulk.insert(
        "integration_attempt",
        {
            "delivery_id": ("bigint", [one.delivery.pk for one in told]),
            "at": ("timestamptz", [one.at.isoformat() for one in told]),
            "took_ms": ("int", [one.answer.took_ms for one in told]),
            "status": ("int", [one.answer.status for one in told]),
            "error": ("text", [one.answer.error for one in told]),
            "answer": ("text", [one.answer.answer.replace("\0", "") for one in told]),
        },
    )


def _note_acknowledged(told: Sequence[Told]) -> None:
    bulk.update(
        "integration_delivery",
        [one.delivery.pk for one in told],
        {
            "state": ("text", [DeliveryState.DELIVERED.value] * len(told)),
            "tries": ("int", [one.delivery.tries + 1 for one in told]),
            "status": ("int", [one.answer.status for one in told]),
            "error": ("text", [""] * len(told)),
            "delivered_at": ("timestamptz", [one.at.isoformat() for one in told]),
        },
    )


def _note_refused(told: Sequence[Told], at: datetime) -> None:
    """Plan the next try of each, by its own schedule; what was parked stays so."""
    plans = [_plan(one.delivery, at) for one in told]
    bulk.update(
        "integration_delivery",
        [one.delivery.pk for one in told],
        {
            "state": ("text", [state.value for state, _, _ in plans]),
            "tries": ("int", [tries for _, tries, _ in plans]),
            "due_at": ("timestamptz", [due_at.isoformat() for _, _, due_at in plans]),
            "status": ("int", [one.answer.status for one in told]),
            "error": ("text", [one.answer.error for one in told]),
        },
    )


def _plan(delivery: Delivery, at: datetime) -> tuple[DeliveryState, int, datetime]:
    if delivery.state == DeliveryState.PARKED:
        return DeliveryState.PARKED, delivery.tries, retrying.next_probe(at)
    tries = delivery.tries + 1
    due_at = retrying.next_try(tries, at)
    if due_at is None:
        return DeliveryState.PARKED, tries, retrying.next_probe(at)
    return DeliveryState.PENDING, tries, due_at


def _rise(endpoint: Endpoint, at: datetime) -> None:
    """It answers: whatever was kept for it is due now."""
    if endpoint.down_since is not None:
        endpoints.release(endpoint, at)
    if endpoint.state == EndpointState.DEGRADED:
        endpoint.recover()
    endpoint.last_answered_at = at


# What is due fails with its endpoint: %(waits)s[n] are the seconds before try n, counted from 1.
_FAIL_TOGETHER = """
UPDATE integration_delivery SET tries = tries + 1, status = %(status)s, error = %(error)s,
    state = CASE WHEN tries + 1 >= %(tries)s THEN 'parked' ELSE 'pending' END,
    due_at = %(at)s::timestamptz + CASE WHEN tries + 1 >= %(tries)s THEN %(probe)s
        ELSE (%(waits)s::int[])[tries + 2] * (1 + random() * %(jitter)s) END * interval '1 second'
WHERE endpoint_id = %(endpoint)s AND state = 'pending' AND due_at <= %(at)s
"""


def _fall(endpoint: Endpoint, answer: Answer, at: datetime) -> None:
    """It is down: everything that is due has failed with it."""
    bulk.execute(
        _FAIL_TOGETHER,
        {
            "status": answer.status,
            "error": answer.error,
            "at": at,
            "tries": retrying.TRIES,
            "probe": retrying.PROBE_SECONDS,
            "waits": list(retrying.WAITS),
            "jitter": retrying.JITTER,
            "endpoint": endpoint.pk,
        },
    )
    parked = endpoint.deliveries.filter(state=DeliveryState.PARKED)
    parked.filter(due_at__lte=at).update(due_at=retrying.next_probe(at))
    endpoint.failures += 1
    endpoint.down_since = endpoint.down_since or at
    endpoint.held_until = retrying.hold(endpoint.failures, at)
    if endpoint.state == EndpointState.LIVE and parked.exists():
        endpoint.degrade()
        _warn(endpoint, at)


def _obey(endpoint: Endpoint, answer: Answer, at: datetime) -> None:
    """Leave it alone for as long as it asks, and for good if it says 410."""
    if answer.retry_after_seconds is not None:
        seconds = min(answer.retry_after_seconds, retrying.LONGEST_RETRY_AFTER_SECONDS)
        endpoint.held_until = max(endpoint.held_until or at, at + timedelta(seconds=seconds))
    if answer.status == HTTPStatus.GONE and endpoint.state in (
        EndpointState.LIVE,
        EndpointState.DEGRADED,
    ):
        endpoint.stop()
        endpoint.down_since = endpoint.down_since or at
        _warn(endpoint, at)


def _warn(endpoint: Endpoint, at: datetime) -> None:
    """Tell in the feed, where it can be read, that nothing comes through any more."""
    waiting = endpoint.deliveries.exclude(state=DeliveryState.DELIVERED).count()
    since = endpoint.down_since or at
    data = {"state": endpoint.state, "down_since": rfc3339(since), "waiting": waiting}
    outbox.record(
        [Message(endpoint.partner_id, "endpoint.degraded", str(endpoint.pk), None, data)], at=at
    )
