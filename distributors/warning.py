"""The warning that a deposit runs low: once per crossing of the distributor's own threshold."""

from collections.abc import Collection
from datetime import datetime

from integration import outbox
from kit import bulk

_CROSS = """
UPDATE distributors_distributor distributor SET deposit_is_low = NOT distributor.deposit_is_low
FROM ledger_account account
WHERE account.kind = 'deposit' AND account.holder = distributor.id
    AND distributor.id = ANY(%s::bigint[])
    AND distributor.deposit_is_low IS DISTINCT FROM (
        account.balance_fen + account.credit_line_fen - account.held_fen
            < distributor.low_deposit_threshold_fen)
RETURNING distributor.partner_id, distributor.number, distributor.deposit_is_low,
    account.balance_fen + account.credit_line_fen - account.held_fen,
    distributor.low_deposit_threshold_fen
"""


def watch(distributor_pks: Collection[int], *, at: datetime) -> None:
    """Note which deposits crossed their threshold, and tell those that fell below it.

    Joins the transaction that moved the deposits and holds their locks.
    """
    crossed = bulk.query(_CROSS, [bulk.array(distributor_pks)])
    messages = [
        outbox.Message(
            partner_pk,
            "deposit.low",
            number,
            None,
            {"available_fen": available_fen, "threshold_fen": threshold_fen},
        )
        for partner_pk, number, low, available_fen, threshold_fen in crossed
        if low
    ]
    outbox.record(messages, at=at)
