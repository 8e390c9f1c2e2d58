"""The counter at which single orders queue: those that wait together share a transaction."""

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


def _place_waiting(requests: Sequence[OrderRequest]) -> list[placing.Outcome]:
    return placing.place_many(requests, at=timezone.now())


_counter: Coalescer[OrderRequest, placing.Outcome] = Coalescer(
    _place_waiting, settings.INTAKE_BATCH
)
