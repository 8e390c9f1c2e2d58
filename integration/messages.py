"""What partners read of an event: the same in the feed, in callbacks and in what is sent again."""

from typing import Any

import msgspec

from integration.models import Event
from kit.times import rfc3339


def document(event: Event) -> dict[str, Any]:
    """Show a numbered event: SPEC §9."""
    return {
        "seq": event.seq,
        "id": event.public_id,
        "type": event.type,
        "occurred_at": rfc3339(event.occurred_at),
        "object_version": event.object_version,
        "data": event.data,
        "previous": event.previous,
    }


def body(event: Event) -> bytes:
    """Return the bytes of a callback."""
    return msgspec.json.encode(document(event))
