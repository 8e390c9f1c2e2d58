"""The counter at which orders queue: single ones that wait together share a transaction.

Batches have a transaction each, but they queue here too: few connections that are always in use cost
less than one for each thread of the server.
"""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from kit.coalescing import Coalescer
from kit.errors import DomainError
from orders import placing
from orders.requests import OrderRequest


def place(request: OrderRequest) -> placing.Placed | placing.Waiting:
    """Place one order, together with those that wait at the same moment.

    :raises DomainError: it is refused, and nothing has changed; see `placing.place_many`.
    """
    outcome = _counter.submit(request)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def place_many(requests: Sequence[OrderRequest]) -> list[placing.Outcome]:
    """Place a batch; return one outcome each, in order: see `placing.place_many`."""
    return _batches.submit(requests)


def _place_batches(batches: Sequence[Sequence[OrderRequest]]) -> list[list[placing.Outcome]]:
    return [_place_waiting(requests) for requests in batches]


def _place_waiting(requests: Sequence[OrderRequest]) -> list[placing.Outcome]:
    return placing.place_many(requests, at=timezone.now())


_counter: Coalescer[OrderRequest, placing.Outcome] = Coalescer(
    _place_waiting, settings.INTAKE_BATCH
)
_batches: Coalescer[Sequence[OrderRequest], list[placing.Outcome]] = Coalescer(
    _place_batches, 1, runners=settings.INTAKE_LINES
)
