"""Trying an endpoint out: one call now, of something real or of nothing, that counts for nothing."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from integration import messages, signing_calls
from integration.calling import Answer, Caller
from integration.models import Endpoint, Event, Partner
from kit.errors import NotFound
from kit.times import rfc3339

TEST = "endpoint.test"


@dataclass(frozen=True)
class Trial:
    """What was sent, and what came back."""

    url: str
    headers: dict[str, str]
    body: bytes
    answer: Answer


def try_out(*, partner: Partner, at: datetime, event_seq: int | None = None) -> Trial:
    """Call a partner's endpoint once and say what came back; nothing is noted or tried again.

    The body is that of one of its events, or says hello. It has an id of its own and no `seq`, so
    that a receiver that knows the event already takes it for new. Takes up to 15 seconds.

    :raises NotFound: the partner is not called back, or has no such event.
    """
    endpoint = Endpoint.objects.filter(partner=partner).first()
    if endpoint is None:
        raise NotFound
    shown = _hello(at) if event_seq is None else messages.document(_event(partner, event_seq))
    message_id = f"evt_test_{uuid.uuid4().hex}"
    body = msgspec.json.encode(shown | {"id": message_id, "seq": None})
    headers = signing_calls.headers(message_id, body, signing_calls.secrets_of(endpoint, at), at)
    caller = Caller()
    try:
        return Trial(
            endpoint.url, headers, body, caller.post(endpoint.url, body=body, headers=headers)
        )
    finally:
        caller.close()


def _hello(at: datetime) -> dict[str, Any]:
    return {
        "seq": None,
        "id": "",
        "type": TEST,
        "occurred_at": rfc3339(at),
        "object_version": None,
        "data": {"hello": "from Huopan"},
        "previous": None,
    }


def _event(partner: Partner, seq: int) -> Event:
    event = Event.objects.filter(partner=partner, seq=seq).first()
    if event is None:
        raise NotFound
    return event
