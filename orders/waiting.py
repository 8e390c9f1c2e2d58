"""Orders that wait until the deposit covers them: placed by themselves, the oldest first."""

from collections.abc import Sequence
from datetime import datetime

from kit import actors, bulk, values
from orders import placing, requests
from orders.requests import OrderRequest

PLACED_AT_ONCE = 100

# Of one distributor it may name more than the deposit covers together: placing decides that.
_COVERED = """
SELECT hold.sealed_request FROM orders_hold hold
JOIN ledger_account account ON account.kind = 'deposit' AND account.holder = hold.distributor_id
JOIN distributors_distributor distributor ON distributor.id = hold.distributor_id
WHERE hold.state = 'active' AND hold.kind = 'funds' AND hold.expires_at > %s
    AND hold.total_fen <= account.balance_fen + account.credit_line_fen - account.held_fen
    AND distributor.state = 'active' AND account.frozen_at IS NULL
ORDER BY hold.id LIMIT %s
"""


def place_funded(*, at: datetime) -> int:
    """Place the waiting orders that their deposits cover by now; return how many were placed.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        covered = _covered(at)
        placed = _place(covered, at) if covered else 0
        count += placed
        # Whatever is left of a full round was taken by others, or is covered no more.
        if len(covered) < PLACED_AT_ONCE or not placed:
            return count


def _covered(at: datetime) -> list[OrderRequest]:
    timer = actors.timer("funds")
    rows = bulk.query(_COVERED, [at, PLACED_AT_ONCE])
    return [values.replace(requests.unseal(sealed), actor=timer) for (sealed,) in rows]


def _place(covered: Sequence[OrderRequest], at: datetime) -> int:
    outcomes = placing.place_held(covered, at=at)
    return sum(isinstance(one, placing.Placed) and not one.replayed for one in outcomes)
