"""What a partner's machines sent and were answered: found again, grouped, and shown in full."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from companies import policies
from integration import request_log, shell_calls, usage
from integration.models import ApiRequest, Partner
from integration.request_log import KEPT_BYTES, Content
from kit import paging

PAGE = 50
MAX_SEARCH = 300
STATUSES = {"2": (200, 299), "4": (400, 499), "5": (500, 599)}
FAILURES_SHOWN = 12
REFUSED_READ = 500
# Counting stops there, however many are kept.
COUNTED = 20_000
_REQUEST_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Wanted:
    """Which requests are looked for."""

    text: str
    status: str
    code: str

    @property
    def parameters(self) -> dict[str, str]:
        """Return them as a query holds them."""
        return {"q": self.text, "status": self.status, "code": self.code}


@dataclass(frozen=True)
class Refused:
    """An address from which a call was refused, and when last."""

    address: str
    at: datetime
    request_id: str


def listing(partner: Partner, asked: QueryDict, *, at: datetime) -> dict[str, Any]:
    """Return what the page of requests shows: the newest first, and the errors by their code."""
    days = policies.read().requests_kept_days
    since = at - timedelta(days=days)
    wanted = _wanted(asked)
    rows = _narrowed(ApiRequest.objects.filter(partner_id=partner.pk), wanted)
    names = dict(partner.keys.values_list("pk", "public_id"))
    page = paging.newest_first(rows.defer("sealed"), after=asked.get("after", ""), size=PAGE)
    return {
        "page": page,
        "rows": [(row, names.get(row.key_id, "")) for row in page.rows],
        "wanted": wanted,
        "is_narrowed": any(wanted.parameters.values()),
        "kept": wanted.parameters,
        "failures": usage.failures(partner.pk, since=since)[:FAILURES_SHOWN],
        "seen": usage.total(partner.pk, since=since),
        "shown": _counted(ApiRequest.objects.filter(partner_id=partner.pk, at__gte=since)),
        "counted": COUNTED,
        "days": days,
        "statuses": STATUSES,
    }


def detail(partner: Partner, request_id: str) -> dict[str, Any] | None:
    """Return what the page of one request and its answer shows; None where it is not theirs."""
    row = found(partner, request_id)
    if row is None:
        return None
    content = request_log.opened(row)
    return {
        "row": row,
        "key": partner.keys.filter(pk=row.key_id).first(),
        "content": content,
        "sent": _pretty(content.sent),
        "answered": _pretty(content.answered),
        "is_sent_cut": content.sent_bytes > KEPT_BYTES,
        "is_answer_cut": content.answered_bytes > KEPT_BYTES,
        "kept_bytes": KEPT_BYTES,
        "curl": curl(row, content),
    }


def found(partner: Partner, request_id: str) -> ApiRequest | None:
    """Return a request that a partner's machine made, if it is kept."""
    if not _REQUEST_ID.fullmatch(request_id):
        return None
    rows = ApiRequest.objects.filter(partner_id=partner.pk, request_id=request_id)
    return rows.first()


def refused_addresses(partner: Partner, *, limit: int) -> list[Refused]:
    """Return addresses from which calls were refused, each with its last time, the newest first."""
    rows = ApiRequest.objects.filter(
        partner_id=partner.pk, code="ip_not_allowed", status__gte=400
    ).order_by("-pk")
    found: dict[str, Refused] = {}
    for row in rows.defer("sealed")[:REFUSED_READ]:
        if row.address and row.address not in found:
            found[row.address] = Refused(row.address, row.at, row.request_id)
    return list(found.values())[:limit]


def curl(row: ApiRequest, content: Content) -> str:
    """Return the request as commands for a shell, which sign it anew."""
    key = content.headers.get("Huopan-Key", "")
    return shell_calls.curl(method=row.method, target=content.target, body=content.sent, key=key)


def _wanted(asked: QueryDict) -> Wanted:
    status = asked.get("status", "")
    return Wanted(
        text=asked.get("q", "").replace("\0", "").strip()[:MAX_SEARCH],
        status=status if status in STATUSES else "",
        code=asked.get("code", "").replace("\0", "").strip()[:48],
    )


def _narrowed(rows: QuerySet[ApiRequest], wanted: Wanted) -> QuerySet[ApiRequest]:
    if wanted.text.startswith("/"):
        rows = rows.filter(path__contains=wanted.text)
    elif wanted.text:
        rows = rows.filter(Q(numbers__contains=[wanted.text]) | Q(request_id=wanted.text[:16]))
    if wanted.status:
        rows = rows.filter(status__range=STATUSES[wanted.status])
    if wanted.code:
        rows = rows.filter(code=wanted.code, status__gte=400)
    return rows


def _counted(rows: QuerySet[ApiRequest]) -> int:
    return rows[:COUNTED].count()


def _pretty(text: str) -> str:
    """Return JSON with its lines indented; what is no JSON, or cut off, as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
