"""The end of an order: its after-sale window is over, no case is open, what was earned is payable."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kit import actors, bulk
from ledger import posting
from ledger.models import Kind
from orders import header, telling

DUE_AT_ONCE = 200

# What of these orders waits in the accounts for open windows, by fact.
_EARNED = """
SELECT placed.order_no, placed.out_order_no, placed.distributor_id, account.holder,
    transfer.line_id, transfer.sku_no, transfer.unit_fen, sum(transfer.quantity)::int,
    sum(transfer.amount_fen)::bigint
FROM orders_order placed JOIN ledger_transfer transfer ON transfer.order_no = placed.order_no
JOIN ledger_account account ON account.id = transfer.credit_id AND account.kind = 'earned'
WHERE placed.id = ANY(%s::bigint[])
GROUP BY placed.id, account.holder, transfer.line_id, transfer.sku_no, transfer.unit_fen
ORDER BY placed.id, transfer.line_id, account.holder
"""


def complete_due(*, at: datetime) -> int:
    """Complete the orders whose window is over and that have no open case; return how many.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        done = _complete_some_due(at)
        count += done
        if not done:
            return count


@transaction.atomic(durable=True)
def _complete_some_due(at: datetime) -> int:
    rows = bulk.query(
        "SELECT id FROM orders_order"
        " WHERE completed_at IS NULL AND aftersale_until <= %s AND open_cases = 0 AND id IN ("
        " SELECT id FROM orders_order WHERE completed_at IS NULL AND aftersale_until <= %s"
        " AND open_cases = 0 ORDER BY aftersale_until LIMIT %s)"
        " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
        [at, at, DUE_AT_ONCE],
    )
    order_pks = [pk for (pk,) in rows]
    if order_pks:
        actor = actors.timer("complete")
        posting.post(_settled(order_pks), at=at, actor=actor)
        bulk.execute(
            "UPDATE orders_order SET completed_at = %s WHERE id = ANY(%s::bigint[])",
            [at, bulk.array(order_pks)],
        )
        telling.tell(header.recompute(order_pks, at=at), actor=actor, at=at)
    return len(order_pks)


def _settled(order_pks: Sequence[int]) -> list[posting.Posting]:
    """Make payable what suppliers have earned: once for a line, and once for the freight of a part."""
    return [
        posting.Posting(
            # Freight has a code of its own: a line may have any name.
            code="earned_settled" if line_id else "freight_settled",
            reference=f"{order_no}/{line_id or supplier_pk}",
            debit=(Kind.EARNED, supplier_pk),
            credit=(Kind.PAYABLE, supplier_pk),
            amount_fen=amount_fen,
            distributor_pk=distributor_pk,
            supplier_pk=supplier_pk,
            order_no=order_no,
            out_order_no=out_order_no,
            line_id=line_id,
            sku_no=sku_no,
            quantity=quantity,
            unit_fen=unit_fen,
        )
        for (
            order_no,
            out_order_no,
            distributor_pk,
            supplier_pk,
            line_id,
            sku_no,
            unit_fen,
            quantity,
            amount_fen,
        ) in bulk.query(_EARNED, [bulk.array(order_pks)])
    ]
