"""The gate: nonce and rate of all signed requests that wait at the same moment, in one go.

Each request is handed over once, not once for its nonce and once for its rate.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils import timezone

from api import limiting
from api.limiting import Allowance
from integration import nonces
from kit.coalescing import Coalescer

REQUESTS_AT_ONCE = 200

# A key and the nonce that came with it.
Claim = tuple[int, str]


class Passage(NamedTuple):
    """What became of a claim: is its nonce new, and does the key's allowance let it pass."""

    fresh: bool
    allowance: Allowance
    allowed: bool


def enter(*, key_pk: int, nonce: str) -> Passage:
    """Take a nonce for good, and one request off the key's allowance."""
    return _GATE.submit((key_pk, nonce))


def _enter_many(claims: Sequence[Claim]) -> list[Passage]:
    """Of two equal nonces in a batch the first has it."""
    free = nonces.use(claims, at=timezone.now())
    taken = limiting.take_many([key_pk for key_pk, _ in claims])
    passages = []
    for claim, (allowance, allowed) in zip(claims, taken, strict=True):
        passages.append(Passage(claim in free, allowance, allowed))
        free.discard(claim)
    return passages


_GATE: Coalescer[Claim, Passage] = Coalescer(_enter_many, REQUESTS_AT_ONCE)
