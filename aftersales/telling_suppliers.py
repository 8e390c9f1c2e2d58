"""Telling suppliers' machines: what is to ship, and what became of it, read from history afterwards.

Nothing of this is in the way of orders: the line of history is the fact, and already there. A
flusher follows it and writes events without consumer data to the suppliers whose parts it concerns,
once they have a key that reads events. Bills are told where they are issued.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from integration import following, outbox
from integration.outbox import Message
from kit import bulk
from kit.times import rfc3339

FOLLOWER = "suppliers"
HISTORY = "orders_history"

# The part's own steps by its source are not told to it: it has taken them.
_NEWS = """
SELECT supplier.partner_id, placed.order_no, part.state, part.ship_due_at, history.act,
    cancellation.cancellation_no, aftersale.case_no, aftersale.type
FROM orders_history history
JOIN orders_fulfilment part ON part.order_id = history.order_id
JOIN suppliers_supplier supplier ON supplier.id = part.supplier_id
JOIN orders_order placed ON placed.id = history.order_id
LEFT JOIN orders_cancellation cancellation ON history.subject LIKE 'cancellation %%'
    AND cancellation.cancellation_no = split_part(history.subject, ' ', 2)
LEFT JOIN aftersales_case aftersale ON history.subject LIKE 'aftersale %%'
    AND history.from_state = '' AND history.to_state <> ''
    AND aftersale.case_no = split_part(history.subject, ' ', 2)
LEFT JOIN orders_line line ON line.id = aftersale.line_id
WHERE history.id = ANY(%s::bigint[])
    AND (history.subject = 'order' AND history.act IN ('placed', 'address_changed')
        OR cancellation.fulfilment_id = part.id
        OR line.fulfilment_id = part.id)
    AND EXISTS (SELECT FROM integration_apikey key WHERE key.partner_id = supplier.partner_id
        AND key.state = 'live' AND 'events' = ANY(key.scopes))
ORDER BY history.id, part.id
"""
_OF_ORDERS = {"placed": "part.to_ship", "address_changed": "part.address_changed"}


@transaction.atomic(durable=True)
def tell(*, at: datetime) -> int:
    """Tell suppliers what happened to their parts since the last time; return how many events.

    Run it as often and by as many as you like.
    """
    position = following.claim(FOLLOWER, HISTORY)
    if position is None:
        return 0
    rows = following.advance(position, HISTORY)
    if not rows:
        return 0
    news = [_message(*row) for row in bulk.query(_NEWS, [bulk.array(rows)])]
    outbox.record(news, at=at)
    return len(news)


def _message(
    partner_pk: int,
    order_no: str,
    state: str,
    ship_due_at: datetime,
    act: str,
    cancellation_no: str | None,
    case_no: str | None,
    case_type: str | None,
) -> Message:
    data: dict[str, Any] = {
        "order_no": order_no,
        "state": state,
        "ship_due_at": rfc3339(ship_due_at),
    }
    if cancellation_no is not None:
        kind, data["cancellation_no"] = f"part.cancellation_{act}", cancellation_no
    elif case_no is not None:
        kind = "part.case_opened"
        data |= {"case_no": case_no, "case_type": case_type}
    else:
        kind = _OF_ORDERS[act]
    return Message(partner_pk, kind, order_no, None, data)
