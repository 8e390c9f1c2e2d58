"""What is earned of an order: goods and freight by their source, fee and markup by the platform.

Where a line has an after-sale window, its supplier's share waits in `earned(S)` until the order is
completed; otherwise it is payable at once. The postings name their fact, so each is made once.
"""

from collections.abc import Collection
from datetime import datetime

from kit import actors, bulk
from ledger import posting
from ledger.accounts import Key
from ledger.models import Kind
from orders.models import Fulfilment, Line, Order

# Parts of which nothing was received and nothing ever will be, though a parcel was sent.
_SENT_IN_VAIN = """
SELECT part.id FROM orders_fulfilment part JOIN orders_line line ON line.fulfilment_id = part.id
WHERE part.order_id = ANY(%s::bigint[]) AND part.freight_earned_at IS NULL
GROUP BY part.id
HAVING sum(line.shipped) > 0 AND sum(line.received) = 0
    AND bool_and(line.cancelled + line.written_off = line.quantity)
ORDER BY part.id
"""


def goods(order: Order, part: Fulfilment, line: Line, quantity: int) -> list[posting.Posting]:
    """Return what so many pieces earn that have just been counted in `line.received`."""
    shares = (
        ("goods_earned", _source(part, has_window=line.aftersale_days > 0), line.supply_price_fen),
        ("fee_earned", (Kind.SERVICE_FEES, None), line.service_fee_fen),
        ("margin_earned", (Kind.PLATFORM_MARGIN, None), line.markup_fen),
    )
    return [
        posting.Posting(
            code=code,
            # The counter after this receipt: it only grows, so each receipt earns once.
            reference=f"{order.order_no}/{line.line_id}/{line.received}",
            debit=(Kind.ORDERS_OPEN, None),
            credit=account,
            amount_fen=unit_fen * quantity,
            distributor_pk=order.distributor_id,
            supplier_pk=part.supplier_id if code == "goods_earned" else None,
            order_no=order.order_no,
            out_order_no=order.out_order_no,
            line_id=line.line_id,
            sku_no=line.sku_no,
            quantity=quantity,
            unit_fen=unit_fen,
        )
        for code, account, unit_fen in shares
        if unit_fen
    ]


def freight(
    order: Order, part: Fulfilment, *, has_window: bool, at: datetime
) -> list[posting.Posting]:
    """Return what a part's freight earns: once, and only what of it was not given back before."""
    if part.freight_earned_at is not None:
        return []
    part.freight_earned_at = at
    left_fen = part.freight_fen - part.freight_refunded_fen
    if not left_fen:
        return []
    return [
        posting.Posting(
            code="freight_earned",
            reference=f"{order.order_no}/{part.pk}",
            debit=(Kind.ORDERS_OPEN, None),
            credit=_source(part, has_window=has_window),
            amount_fen=left_fen,
            distributor_pk=order.distributor_id,
            supplier_pk=part.supplier_id,
            order_no=order.order_no,
            out_order_no=order.out_order_no,
        )
    ]


def freight_of_what_was_sent_in_vain(order_pks: Collection[int], *, at: datetime) -> None:
    """Pay the freight of the parts of locked orders whose every piece was refunded on the way.

    The source has sent them; what staff gave back of the freight was given back before.
    """
    pks = [pk for (pk,) in bulk.query(_SENT_IN_VAIN, [bulk.array(order_pks)])]
    if not pks:
        return
    parts = Fulfilment.objects.filter(pk__in=pks).select_related("order").order_by("pk")
    for part in parts.select_for_update(of=("self",), no_key=True):
        postings = freight(part.order, part, has_window=False, at=at)
        posting.post(postings, at=at, actor=actors.timer("freight"))
        part.save(update_fields=["freight_earned_at"])
        bulk.execute(
            "UPDATE orders_order SET open_fen = open_fen - %s WHERE id = %s",
            [sum(one.amount_fen for one in postings), part.order_id],
        )


def _source(part: Fulfilment, *, has_window: bool) -> Key:
    if part.supplier_id is None:
        return (Kind.OWN_SALES, None)
    return (Kind.EARNED if has_window else Kind.PAYABLE, part.supplier_id)
