"""How monitoring asks: does the process live, could it serve, and how are things.

`/healthz` touches no store: restarting this process would not mend them. `/readyz` needs the
database, with every migration applied; the broker is only reported, because no order needs it.
"""

import hmac
from datetime import datetime
from ipaddress import ip_address

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console import measuring

BROKER_SECONDS = 0.3
BEAT_KEY = "console.beat_at"
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")

# Migrations are only ever added by a new release, that is, by a new process.
_migrated = False


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say that this process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say whether requests can be served: 200, or 503 with what is missing."""
    database = _database()
    answer = {
        "status": "ok" if database == "ok" else "unavailable",
        "database": database,
        "broker": _broker(),
        "beat_age_seconds": beat_age(timezone.now()),
    }
    return JsonResponse(answer, status=200 if database == "ok" else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show the measures as text, to this machine itself or to who knows METRICS_TOKEN."""
    if not (_knows_token(request) or _is_local(request)):
        raise Http404
    return HttpResponse(measuring.exposition(at=timezone.now()), content_type=EXPOSITION)


def note_beat(at: datetime) -> None:
    """Remember that the clock ticked; the cache is a table, so every process sees it."""
    cache.set(BEAT_KEY, at.timestamp(), timeout=None)


def beat_age(now: datetime) -> int | None:
    """Return how many seconds ago the clock last ticked, None if it is unknown."""
    try:
        beat = cache.get(BEAT_KEY)
    except DatabaseError:
        return None
    return None if beat is None else int(now.timestamp() - beat)


def _database() -> str:
    global _migrated
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "ok" if _migrated else "migrations waiting"


def _broker() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
    )
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return "unreachable"
    finally:
        client.close()
    return "ok"


def _knows_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def _is_local(request: HttpRequest) -> bool:
    """A request that a proxy handed on comes from its machine, but not from this one's people."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
