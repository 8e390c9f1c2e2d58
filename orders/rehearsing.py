"""Deciding orders without placing any: what would become of each, in the order in which they come.

The judgement is that of placing itself, on the same facts; nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kit.errors import DomainError, WrongState
from orders import drawing, placing
from orders.checking import Priced
from orders.deciding import Decision, Waited
from orders.models import Order
from orders.requests import OrderRequest

WAITS = "waiting_for_funds"

# What would be placed, what is in the books already, or why it would be refused.
Answer = Priced | Order | DomainError


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One answer for each order, and what each deposit would have left for more, in fen."""

    answers: list[Answer]
    left_fen: dict[int, int]


@transaction.atomic(durable=True)
def rehearse(requests: Sequence[OrderRequest], *, at: datetime) -> Rehearsal:
    """Say what would become of many orders if they were placed now; see `placing.place_many`."""
    batch = placing.read(requests, at)
    decision = Decision(batch, drawing.seen(batch.offers))
    return Rehearsal([_shown(answer) for answer in decision.answers], decision.deposits)


def _shown(answer: object) -> Answer:
    if isinstance(answer, Order | DomainError):
        return answer
    if isinstance(answer, Waited):
        return WrongState(state=WAITS)
    priced: Priced = answer.priced  # type: ignore[attr-defined]
    return priced
