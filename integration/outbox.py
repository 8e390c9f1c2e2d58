"""The outbox: what partners are told, written in the transaction of the change it tells.

Rows go in without a number. `stamp` numbers committed rows, partner by partner, without a gap;
feeds and deliveries show numbered rows only (DECISIONS, trap 3).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from integration.models import Event
from kit import bulk, values

STAMP_PARTNERS = 500


class Message(values.Value, frozen=True):
    """Something to tell one partner: the full object as it is now, without consumer data.

    `data` and `previous` may come as JSON text already, where one text serves twice.
    """

    partner_pk: int
    type: str
    object_no: str
    object_version: int | None
    data: dict[str, Any] | str
    previous: dict[str, Any] | None = None


def record(messages: Sequence[Message], *, at: datetime) -> None:
    """Write messages into the running transaction; they exist if and only if it commits."""
    if not messages:
        return
    assert transaction.get_connection().in_atomic_block, "a message belongs to a change"
    bulk.insert(
        "integration_event",
        {
            "partner_id": ("bigint", [m.partner_pk for m in messages]),
            "type": ("text", [m.type for m in messages]),
            "object_no": ("text", [m.object_no for m in messages]),
            "object_version": ("bigint", [m.object_version for m in messages]),
            "data": ("jsonb", [_json(m.data) for m in messages]),
            "previous": ("jsonb", _previous(messages)),
            "occurred_at": ("timestamptz", bulk.Same(at)),
        },
    )


def _previous(messages: Sequence[Message]) -> bulk.Same | list[str | None]:
    if not any(message.previous for message in messages):
        return bulk.Same(None)
    return [_json(message.previous) if message.previous else None for message in messages]


def stamp(partner_pk: int | None = None) -> int:
    """Number what was committed without a number; return how many rows that was.

    Safe to run at any time and by many at once: partners are taken one by one under a short lock,
    and those that another process is numbering just now are left to it.
    """
    waiting = bulk.query(
        "SELECT DISTINCT partner_id FROM integration_event"
        " WHERE seq IS NULL AND (%s::bigint IS NULL OR partner_id = %s) ORDER BY 1 LIMIT %s",
        [partner_pk, partner_pk, STAMP_PARTNERS],
    )
    return sum(_stamp_one(pk) for (pk,) in waiting)


def read(partner_pk: int, *, after: int, limit: int) -> list[Event]:
    """Return a partner's numbered events past a position, in order."""
    return list(Event.objects.filter(partner_id=partner_pk, seq__gt=after).order_by("seq")[:limit])


# What was numbered just now is to be delivered, at once, where its partner wants to be called.
_ADDRESS = """
INSERT INTO integration_delivery (endpoint_id, event_id, due_at)
SELECT endpoint.id, event.id, event.occurred_at
FROM integration_event event
JOIN integration_endpoint endpoint ON endpoint.partner_id = event.partner_id
WHERE event.seq > %s AND event.partner_id = %s AND (endpoint.types = '{}'
    OR event.type = ANY(endpoint.types)
    OR split_part(event.type, '.', 1) || '.*' = ANY(endpoint.types))
ORDER BY event.seq
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def _stamp_one(partner_pk: int) -> int:
    rows = bulk.query(
        "SELECT last_seq FROM integration_partner WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED",
        [partner_pk],
    )
    if not rows:
        return 0
    # A second statement: it sees what was committed while the first waited for nothing.
    stamped = bulk.execute(
        "UPDATE integration_event event SET seq = numbered.seq FROM ("
        " SELECT id, %s + row_number() OVER (ORDER BY id) AS seq FROM integration_event"
        " WHERE partner_id = %s AND seq IS NULL) AS numbered WHERE event.id = numbered.id",
        [rows[0][0], partner_pk],
    )
    bulk.execute(
        "UPDATE integration_partner SET last_seq = last_seq + %s WHERE id = %s",
        [stamped, partner_pk],
    )
    bulk.execute(_ADDRESS, [rows[0][0], partner_pk])
    return stamped


def _json(data: dict[str, Any] | str) -> str:
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
