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
# Partners whose rows are numbered in one transaction.
STAMP_AT_ONCE = 100


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
        alike=(("partner_id",), ("type", "object_version")),
    )


def _previous(messages: Sequence[Message]) -> bulk.Same | list[str | None]:
    if not any(message.previous for message in messages):
        return bulk.Same(None)
    return [_json(message.previous) if message.previous else None for message in messages]


def stamp(partner_pk: int | None = None) -> int:
    """Number what was committed without a number; return how many rows that was.

    Safe to run at any time and by many at once: partners are taken some at a time under a short lock,
    and those that another process is numbering just now are left to it.
    """
    waiting = [
        pk
        for (pk,) in bulk.query(
            "SELECT DISTINCT partner_id FROM integration_event"
            " WHERE seq IS NULL AND (%s::bigint IS NULL OR partner_id = %s) ORDER BY 1 LIMIT %s",
            [partner_pk, partner_pk, STAMP_PARTNERS],
        )
    ]
    return sum(
        _stamp_some(waiting[first : first + STAMP_AT_ONCE])
        for first in range(0, len(waiting), STAMP_AT_ONCE)
    )


def read(partner_pk: int, *, after: int, limit: int) -> list[Event]:
    """Return a partner's numbered events past a position, in order."""
    return list(Event.objects.filter(partner_id=partner_pk, seq__gt=after).order_by("seq")[:limit])


# Joined by the primary key alone: what else is said of `event` there invites the planner, who believes
# that few wait for a number, to look through all that wait for each of them.
_NUMBER = """
WITH numbered AS (
    SELECT event.id, partner.last_seq + row_number() OVER (
        PARTITION BY event.partner_id ORDER BY event.id) AS seq
    FROM integration_event event JOIN integration_partner partner ON partner.id = event.partner_id
    WHERE event.partner_id = ANY(%s::bigint[]) AND event.seq IS NULL),
stamped AS (
    UPDATE integration_event event SET seq = numbered.seq FROM numbered
    WHERE event.id = numbered.id RETURNING event.partner_id, event.seq),
counted AS (
    SELECT partner_id, min(seq) AS first, max(seq) AS last, count(*) AS events
    FROM stamped GROUP BY partner_id)
UPDATE integration_partner partner SET last_seq = counted.last FROM counted
WHERE partner.id = counted.partner_id RETURNING partner.id, counted.first, counted.events
"""
# What was numbered just now is to be delivered, at once, where its partner wants to be called.
_ADDRESS = """
INSERT INTO integration_delivery (endpoint_id, event_id, due_at)
SELECT endpoint.id, event.id, event.occurred_at
FROM unnest(%s::bigint[], %s::bigint[]) AS numbered (partner_id, first)
JOIN integration_endpoint endpoint ON endpoint.partner_id = numbered.partner_id
JOIN integration_event event
    ON event.partner_id = numbered.partner_id AND event.seq >= numbered.first
WHERE endpoint.types = '{}' OR event.type = ANY(endpoint.types)
    OR split_part(event.type, '.', 1) || '.*' = ANY(endpoint.types)
ORDER BY event.partner_id, event.seq
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def _stamp_some(partner_pks: Sequence[int]) -> int:
    rows = bulk.query(
        "SELECT id FROM integration_partner WHERE id = ANY(%s::bigint[]) ORDER BY id"
        " FOR NO KEY UPDATE SKIP LOCKED",
        [bulk.array(partner_pks)],
    )
    if not rows:
        return 0
    # A second statement: it sees what was committed while the first waited for nothing.
    numbered = bulk.query(_NUMBER, [bulk.array(pk for (pk,) in rows)])
    firsts = [bulk.array(pk for pk, _, _ in numbered), bulk.array(seq for _, seq, _ in numbered)]
    bulk.execute(_ADDRESS, firsts)
    return sum(events for _, _, events in numbered)


def _json(data: dict[str, Any] | str) -> str:
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
