"""The warning that a deposit runs low: once per crossing of the distributor's own threshold."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from integration import outbox
from kit import bulk
from kit.errors import DomainError, NotFound
from ledger import accounts

MAX_THRESHOLD_FEN = 100_000_000_00

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


class ThresholdOutOfRange(DomainError):
    code = "threshold_out_of_range"
    text = _("A warning threshold is from 0 to {limit} fen; {threshold_fen} is not.")


@transaction.atomic(durable=True)
def set_threshold(*, distributor_pk: int, threshold_fen: int, at: datetime) -> Distributor:
    """Warn a distributor once its deposit falls below so many fen; 0: never.

    :raises NotFound: there is no such distributor.
    :raises ThresholdOutOfRange: negative or absurd.
    """
    if not 0 <= threshold_fen <= MAX_THRESHOLD_FEN:
        raise ThresholdOutOfRange(threshold_fen=threshold_fen, limit=MAX_THRESHOLD_FEN)
    accounts.lock_deposits([distributor_pk])
    distributor = Distributor.objects.locked().filter(pk=distributor_pk).first()
    if distributor is None:
        raise NotFound
    distributor.low_deposit_threshold_fen = threshold_fen
    distributor.save(update_fields=["low_deposit_threshold_fen"])
    watch([distributor_pk], at=at)
    return distributor


def watch(distributor_pks: Collection[int], *, at: datetime) -> None:
    """Note which deposits crossed their threshold, and tell those that fell below it.

    Joins the transaction that moved the deposits and holds their locks.
    """
    if not distributor_pks:
        return
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
