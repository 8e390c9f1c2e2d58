"""Old events: kept for the policy's days, then deleted with what was told of them."""

from datetime import datetime, timedelta

from companies import policies
from kit import bulk

AT_ONCE = 5_000

_FORGET = """
WITH old AS (
    SELECT id FROM integration_event WHERE occurred_at < %s AND seq IS NOT NULL
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED),
heard AS (
    SELECT delivery.id FROM integration_delivery delivery JOIN old ON old.id = delivery.event_id),
tried AS (
    DELETE FROM integration_attempt WHERE delivery_id IN (SELECT id FROM heard)),
told AS (
    DELETE FROM integration_delivery WHERE id IN (SELECT id FROM heard))
DELETE FROM integration_event WHERE id IN (SELECT id FROM old)
"""


def forget(*, at: datetime) -> int:
    """Delete what is older than the policy's days, some thousands at a time; return how many events.

    What nobody has heard by then has been readable in the feed all the while.
    """
    before = at - timedelta(days=policies.read().events_kept_days)
    forgotten = 0
    while True:
        deleted = bulk.execute(_FORGET, [before, AT_ONCE])
        forgotten += deleted
        if deleted < AT_ONCE:
            return forgotten
