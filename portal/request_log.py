"""What the distributor's machines sent and were answered: found again, grouped, and shown in full."""

import json
import re
import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from companies import policies
from distributors.models import Distributor
from integration import request_log, usage
from integration.models import ApiRequest
from integration.request_log import KEPT_BYTES, Content
from kit import paging
from portal import access
from portal.access import distributor_only

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


@require_GET
@distributor_only
def requests(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List requests, the newest first, and the errors among them by their code."""
    days = policies.read().requests_kept_days
    since = timezone.now() - timedelta(days=days)
    partner_pk = distributor.partner_id
    wanted = _wanted(request)
    rows = _narrowed(ApiRequest.objects.filter(partner_id=partner_pk), wanted)
    names = dict(distributor.partner.keys.values_list("pk", "public_id"))
    page = paging.newest_first(rows.defer("sealed"), after=request.GET.get("after", ""), size=PAGE)
    context = {
        "tab": "requests",
        "page": page,
        "rows": [(row, names.get(row.key_id, "")) for row in page.rows],
        "wanted": wanted,
        "is_narrowed": any(wanted.parameters.values()),
        "kept": wanted.parameters,
        "failures": usage.failures(partner_pk, since=since)[:FAILURES_SHOWN],
        "seen": usage.total(partner_pk, since=since),
        "shown": _counted(ApiRequest.objects.filter(partner_id=partner_pk, at__gte=since)),
        "counted": COUNTED,
        "days": days,
        "statuses": STATUSES,
    }
    return access.shown(request, distributor, "requests.html", context)


@require_GET
@distributor_only
def logged(request: HttpRequest, distributor: Distributor, request_id: str) -> HttpResponse:
    """Show one request and its answer."""
    row = found(distributor, request_id)
    if row is None:
        raise Http404
    content = request_log.opened(row)
    key = distributor.partner.keys.filter(pk=row.key_id).first()
    context = {
        "tab": "requests",
        "row": row,
        "key": key,
        "content": content,
        "sent": _pretty(content.sent),
        "answered": _pretty(content.answered),
        "is_sent_cut": content.sent_bytes > KEPT_BYTES,
        "is_answer_cut": content.answered_bytes > KEPT_BYTES,
        "kept_bytes": KEPT_BYTES,
        "curl": curl(row, content),
    }
    return access.shown(request, distributor, "request.html", context)


def found(distributor: Distributor, request_id: str) -> ApiRequest | None:
    """Return a request that a distributor's machine made, if it is kept."""
    if not _REQUEST_ID.fullmatch(request_id):
        return None
    rows = ApiRequest.objects.filter(partner_id=distributor.partner_id, request_id=request_id)
    return rows.first()


def refused_addresses(distributor: Distributor, *, limit: int) -> list[Refused]:
    """Return addresses from which calls were refused, each with its last time, the newest first."""
    rows = ApiRequest.objects.filter(
        partner_id=distributor.partner_id, code="ip_not_allowed", status__gte=400
    ).order_by("-pk")
    found: dict[str, Refused] = {}
    for row in rows.defer("sealed")[:REFUSED_READ]:
        if row.address and row.address not in found:
            found[row.address] = Refused(row.address, row.at, row.request_id)
    return list(found.values())[:limit]


def curl(row: ApiRequest, content: Content) -> str:
    """Return the request as commands for a shell, which sign it anew; the secret is read from there."""
    target = shlex.quote(content.target)
    path, _mark, query = content.target.partition("?")
    # Python must not write the percent signs of a path as printf would read them.
    head = shlex.quote(f"{row.method}\\n{path}\\n{query}\\n".replace("%", "%%"))
    address = settings.PUBLIC_URL.rstrip("/")
    signing = f'printf {head}\'%s\\n%s\\n%s\' "$TS" "$NONCE" "$DIGEST"'
    lines = [
        f"KEY={content.headers.get('Huopan-Key', '')}",
        f"BODY={shlex.quote(content.sent)}",
        "TS=$(date +%s); NONCE=$(openssl rand -hex 16)",
        "DIGEST=$(printf '%s' \"$BODY\" | openssl dgst -sha256 -r | cut -d' ' -f1)",
        f"SIGN=$({signing} | openssl dgst -sha256 -hmac \"$HUOPAN_SECRET\" -r | cut -d' ' -f1)",
        f"curl -X {row.method} {address}{target} \\",
        '  -H "Huopan-Key: $KEY" -H "Huopan-Timestamp: $TS" \\',
        '  -H "Huopan-Nonce: $NONCE" -H "Huopan-Signature: v1=$SIGN" \\',
    ]
    if content.sent:
        lines += ["  -H 'Content-Type: application/json' --data-binary \"$BODY\""]
    else:
        lines[-1] = lines[-1].removesuffix(" \\")
    return "\n".join(lines)


def _wanted(request: HttpRequest) -> Wanted:
    status = request.GET.get("status", "")
    return Wanted(
        text=request.GET.get("q", "").replace("\0", "").strip()[:MAX_SEARCH],
        status=status if status in STATUSES else "",
        code=request.GET.get("code", "").replace("\0", "").strip()[:48],
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
