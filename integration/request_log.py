"""The log of requests: written by `recording`, read by those whose machines made them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from companies import policies
from integration import masking
from integration.models import ApiRequest
from kit import bulk, sealing

KEPT_BYTES = 8 * 1024
MAX_NUMBERS = 50
MAX_PATH = 300
FORGOTTEN_AT_ONCE = 5_000
MAX_KEPT = 200_000
# What is sent there is a consignee.
PERSONAL_ROUTES = ("/address",)

_NUMBERS = re.compile(r'"(?:out_order_no|order_no)"\s*:\s*"([A-Za-z0-9_.:/-]{1,64})"')


class Call(NamedTuple):
    """A request and its answer as they went by; `at` in Unix seconds, bodies cut at KEPT_BYTES."""

    partner_pk: int
    key_pk: int
    at: float
    request_id: str
    method: str
    target: str
    route: str
    numbers: tuple[str, ...]
    status: int
    code: str
    took_us: int
    address: str
    sent: bytes
    sent_bytes: int
    answered: bytes
    answered_bytes: int
    string_to_sign: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Content:
    """What a kept request said: masked, and cut off where it was long (`*_bytes` is its true size)."""

    target: str
    sent: str
    sent_bytes: int
    answered: str
    answered_bytes: int
    string_to_sign: str
    headers: dict[str, str]


def write(calls: Sequence[Call]) -> None:
    """Write requests down, in the running transaction."""
    if not calls:
        return
    contents = [_content(call) for call in calls]
    pairs = list(zip(calls, contents, strict=True))
    bulk.insert(
        "integration_apirequest",
        {
            "partner_id": ("bigint", [call.partner_pk for call in calls]),
            "key_id": ("bigint", [call.key_pk for call in calls]),
            "at": ("timestamptz", [datetime.fromtimestamp(call.at, UTC) for call in calls]),
            "request_id": ("text", [call.request_id for call in calls]),
            "method": ("text", [call.method[:8] for call in calls]),
            "path": ("text", [_path(call.target) for call in calls]),
            "route": ("text", [call.route for call in calls]),
            "status": ("smallint", [call.status for call in calls]),
            "code": ("text", [call.code for call in calls]),
            "numbers": ("jsonb", [json.dumps(_numbers(*pair)) for pair in pairs]),
            "took_us": ("integer", [call.took_us for call in calls]),
            "address": ("inet", [call.address or None for call in calls]),
            "sealed": ("bytea", [_sealed(content) for content in contents]),
        },
    )


def opened(row: ApiRequest) -> Content:
    """Return what a kept request said."""
    return Content(**json.loads(sealing.unseal(row.sealed)))


# Of one partner no more than so many, whatever its age.
_TRIM = """
WITH edge AS (
    SELECT partner.id AS partner_id, (
        SELECT one.id FROM integration_apirequest one WHERE one.partner_id = partner.id
        ORDER BY one.id DESC OFFSET %s LIMIT 1) AS pk
    FROM integration_partner partner)
DELETE FROM integration_apirequest WHERE id IN (
    SELECT old.id FROM integration_apirequest old JOIN edge ON edge.partner_id = old.partner_id
    WHERE old.id <= edge.pk LIMIT %s)
"""
_OLD = """
DELETE FROM integration_apirequest WHERE id IN (
    SELECT id FROM integration_apirequest WHERE at < %s LIMIT %s)
"""


def forget(*, at: datetime) -> int:
    """Delete requests that are older than the policy's days, or too many; return how many."""
    before = at - timedelta(days=policies.read().requests_kept_days)
    return _delete(_OLD, before) + _delete(_TRIM, MAX_KEPT)


def _delete(statement: str, limit: datetime | int) -> int:
    """Delete some thousands at a time, until nothing is left."""
    forgotten = 0
    while True:
        deleted = bulk.execute(statement, [limit, FORGOTTEN_AT_ONCE])
        forgotten += deleted
        if deleted < FORGOTTEN_AT_ONCE:
            return forgotten


def _content(call: Call) -> Content:
    return Content(
        target=call.target,
        sent=_text(call.sent, is_personal=call.route.endswith(PERSONAL_ROUTES)),
        sent_bytes=call.sent_bytes,
        answered=_text(call.answered),
        answered_bytes=call.answered_bytes,
        string_to_sign=call.string_to_sign,
        headers=call.headers,
    )


def _text(body: bytes, *, is_personal: bool = False) -> str:
    # What is cut off within a character loses that character.
    return masking.masked(body.decode(errors="replace"), is_personal=is_personal)


def _sealed(content: Content) -> bytes:
    return sealing.seal(json.dumps(vars(content)))


def _path(target: str) -> str:
    return target.partition("?")[0].replace("\0", "")[:MAX_PATH]


def _numbers(call: Call, content: Content) -> list[str]:
    found = [*call.numbers, *_NUMBERS.findall(content.sent), *_NUMBERS.findall(content.answered)]
    # PostgreSQL takes no zero in a text.
    return list(dict.fromkeys(number for number in found if "\0" not in number))[:MAX_NUMBERS]
