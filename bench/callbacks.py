"""Callbacks: how fast a healthy endpoint is told, and whether bad neighbours slow it down (RELIABILITY W01).

Both use one dispatcher, the real one, against receivers in a process of their own. The second runs
twice, with 120 healthy endpoints among 80 healthy or 80 bad ones, and compares how long the events
of the same 120 take from being due to being acknowledged.
"""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from bench import receivers
from integration import delivering, outbox
from integration.models import Delivery, Endpoint, Event, Partner
from kit import sealing

EVENTS_TO_ONE = 5_000
HEALTHY, BAD, EVENTS_EACH = 120, 80, 50
SECRET = "whsec_" + "a" * 43 + "="
RECEIVERS_SECONDS = 30
TARGETS = {"rate": 500.0, "slower": 2.0}
# What a shop learns of an order, roughly.
DATA = {"order_no": "H261122-0123456789AB", "lines": [{"line_id": "1", "quantity": 1}] * 5}


@dataclass(frozen=True)
class Outcome:
    """Events a second to one endpoint; 95th percentiles in ms, alone and among bad neighbours."""

    per_second: float
    alone_ms: float
    among_bad_ms: float

    @property
    def slower(self) -> float:
        """By how much bad neighbours slow healthy ones."""
        return self.among_bad_ms / self.alone_ms

    @property
    def reached(self) -> bool:
        """Whether both targets are reached."""
        return self.per_second >= TARGETS["rate"] and self.slower <= TARGETS["slower"]


def measure() -> Outcome:
    """Measure on an empty database."""
    with _receivers() as ports:
        per_second = _rate(ports["healthy"])
        alone = _latency([ports["healthy"]] * BAD, ports["healthy"])
        kinds = ["refusing"] * 20 + ["hanging"] * 20 + ["dripping"] * 20 + ["flooding"] * 10
        kinds += ["failing"] * 10
        among = _latency([ports[kind] for kind in kinds], ports["healthy"])
    return Outcome(per_second, alone, among)


def report(outcome: Outcome) -> None:
    """Print what came out."""
    print(
        f"one endpoint          {outcome.per_second:>8,.0f} events/s  (target {TARGETS['rate']:,.0f})"
    )
    print(f"p95 among healthy     {outcome.alone_ms:>8,.0f} ms")
    print(f"p95 among 80 bad      {outcome.among_bad_ms:>8,.0f} ms")
    print(f"slower by             {outcome.slower:>8.2f} x         (target {TARGETS['slower']})")


def _rate(port: int) -> float:
    [endpoint] = _endpoints([port])
    _due(endpoint, EVENTS_TO_ONE)
    began = time.monotonic()
    acknowledged = 0
    while acknowledged < EVENTS_TO_ONE:
        acknowledged += delivering.deliver()
    return acknowledged / (time.monotonic() - began)


def _latency(neighbours: list[int], port: int) -> float:
    """Return the 95th percentile in ms of the healthy ones."""
    healthy = _endpoints([port] * HEALTHY)
    others = _endpoints(neighbours)
    at = timezone.now()
    for endpoint in [*others, *healthy]:
        _due(endpoint, EVENTS_EACH, at)
    waiting = Delivery.objects.filter(endpoint__in=healthy).exclude(state="delivered")
    while waiting.exists():
        delivering.deliver()
    told = Delivery.objects.filter(endpoint__in=healthy).values_list("delivered_at", "due_at")
    took = [(told_at - due_at).total_seconds() for told_at, due_at in told if told_at]
    Endpoint.objects.filter(pk__in=[one.pk for one in others]).delete()
    return statistics.quantiles(took, n=20)[-1] * 1000


def _endpoints(ports: list[int]) -> list[Endpoint]:
    """Give partners that have none an endpoint each, one that has answered before."""
    partners = Partner.objects.filter(side="distributor", endpoint=None).order_by("pk")
    at = timezone.now()
    return Endpoint.objects.bulk_create(
        Endpoint(
            partner=partner,
            url=f"http://127.0.0.1:{port}/hook",
            secret_sealed=sealing.seal(SECRET),
            created_at=at,
            changed_at=at,
            last_answered_at=at,
        )
        for partner, port in zip(partners, ports, strict=False)
    )


def _due(endpoint: Endpoint, count: int, at: datetime | None = None) -> None:
    at = at or timezone.now()
    first = Event.objects.filter(partner=endpoint.partner_id).count()
    Event.objects.bulk_create(
        Event(
            partner_id=endpoint.partner_id,
            type="order.placed",
            object_no=f"B{first + number}",
            object_version=1,
            data=DATA,
            occurred_at=at,
        )
        for number in range(count)
    )
    outbox.stamp(endpoint.partner_id)


@contextmanager
def _receivers() -> Iterator[dict[str, int]]:
    ours, theirs = multiprocessing.Pipe()
    connection.close()
    process = multiprocessing.get_context("spawn").Process(
        target=receivers.serve, args=[theirs], daemon=True
    )
    process.start()
    try:
        assert ours.poll(RECEIVERS_SECONDS), "the receivers did not start"
        ports: dict[str, int] = ours.recv()
        yield ports
    finally:
        process.kill()
        process.join()
