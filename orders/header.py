"""The order header: computed from its lines and fulfilments, by one function, for many at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from kit import bulk
from orders import earning
from orders.models import OrderState

# The state of `orders_order` from its parts; also what verify_books holds the stored state against.
# What was refunded in full stays refunded, also when nothing can come any more (`completed_at`).
STATE_SQL = """
CASE
    WHEN sums.wanted = 0 THEN 'cancelled'
    WHEN sums.refunded >= sums.wanted THEN 'refunded'
    WHEN orders_order.completed_at IS NOT NULL THEN 'completed'
    WHEN sums.received + sums.written_off >= sums.wanted THEN 'received'
    WHEN sums.shipped >= sums.wanted THEN 'shipped'
    WHEN sums.shipped > 0 THEN 'partly_shipped'
    WHEN sums.begun THEN 'processing'
    ELSE 'placed'
END
"""
# What is still wanted of an order, and how far it has come; {orders} narrows the orders looked at.
# `days` is the longest after-sale window of what was received.
SUMS_SQL = """
SELECT line.order_id,
    sum(line.quantity - line.cancelled) AS wanted,
    sum(line.shipped) AS shipped,
    sum(line.received) AS received,
    sum(line.written_off) AS written_off,
    sum(line.refunded) - sum(line.cancelled) AS refunded,
    coalesce(max(line.aftersale_days) FILTER (WHERE line.received > 0), 0)::int AS days,
    bool_or(part.begun_at IS NOT NULL) AS begun
FROM orders_line line JOIN orders_fulfilment part ON part.id = line.fulfilment_id
WHERE {orders} GROUP BY line.order_id
"""


@dataclass(frozen=True, slots=True)
class Move:
    """A header that has moved, or only got a new version because a part of it changed."""

    order_pk: int
    before: str
    after: str

    @property
    def moved(self) -> bool:
        return self.before != self.after


def recompute(order_pks: Collection[int], *, at: datetime) -> list[Move]:
    """Compute the headers of locked orders anew, each with its next version.

    An order that is received in full is completed at once, unless a case is open or some line has
    an after-sale window; then `completing` does it when that is over.
    """
    earning.freight_of_what_was_sent_in_vain(order_pks, at=at)
    _stamp(order_pks, at)
    rows = bulk.query(
        f"""
        WITH sums AS ({SUMS_SQL.format(orders="line.order_id = ANY(%s::bigint[])")}),
        computed AS (
            SELECT orders_order.id, orders_order.state AS before, {STATE_SQL} AS after
            FROM orders_order JOIN sums ON sums.order_id = orders_order.id)
        UPDATE orders_order SET state = computed.after, version = version + 1, changed_at = %s
        FROM computed WHERE orders_order.id = computed.id
        RETURNING orders_order.id, computed.before, computed.after
        """,
        [bulk.array(order_pks), at],
    )
    return [Move(*row) for row in rows]


def _stamp(order_pks: Collection[int], at: datetime) -> None:
    """Stamp what is received in full, the end of its window, and with neither that it is completed.

    What was refunded on the way needs no receipt; but something of the order must have been
    received.
    """
    bulk.execute(
        f"""
        WITH sums AS ({SUMS_SQL.format(orders="line.order_id = ANY(%s::bigint[])")})
        UPDATE orders_order SET
            received_at = coalesce(received_at, %s),
            aftersale_until = CASE WHEN received_at IS NULL AND sums.days > 0
                THEN %s + make_interval(days => sums.days) ELSE aftersale_until END,
            completed_at = CASE
                WHEN open_cases = 0 AND aftersale_until IS NULL AND sums.days = 0 THEN %s END
        FROM sums
        WHERE sums.order_id = orders_order.id AND completed_at IS NULL AND sums.received > 0
            AND sums.received + sums.written_off >= sums.wanted
        """,
        [bulk.array(order_pks), at, at, at],
    )


# States an order passes through unseen when it is completed in the act that received it.
PASSED = {OrderState.COMPLETED: OrderState.RECEIVED}
