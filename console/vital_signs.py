"""How the installation is: each sign with its limit, and what to do when it is red."""

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

import django
import redis
from celery import current_app
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from books import invariants
from books.models import Proof
from console import health, limits, measuring
from console.limits import HOUR, MINUTE, Limit
from console.pages import Page
from console.proofs import digest
from kit import bulk
from ledger.models import Link

# Movements that are looked through for those of the last hour, newest first.
LOOKED_THROUGH = 50_000
SLOWEST = 10
VERSION_FILE = settings.BASE_DIR / "pyproject.toml"


@dataclass(frozen=True)
class Sign:
    """One measure: what it is now, what it must not pass, and what helps. `None`: nobody could tell."""

    label: str
    value: str
    limit: str
    is_good: bool
    remedy: str
    address: str = ""


class HealthPage(Page):
    """Everything at once, red first to be seen."""

    right = "console.see_records"
    template_name = "console/health.html"
    title = _("Health")

    def context(self) -> dict[str, Any]:
        now = timezone.now()
        measured = {**measuring.waiting(at=now), **measuring.readings(at=now)}
        server = _server()
        groups = [
            (_("Clock and queues"), [*_beat(now), *_broker(), *_held(limits.QUEUES, measured)]),
            (_("Books"), list(_held(limits.BOOKS, measured))),
            (_("Database"), [*_database(measured, server, now), *_held(limits.DATABASE, measured)]),
            (_("This machine"), list(_disks())),
        ]
        newest = Proof.objects.order_by("-pk").first()
        return {
            "groups": groups,
            "red": sum(not sign.is_good for _title, signs in groups for sign in signs),
            "proof": newest,
            "rules": len(invariants.CHECKS),
            "digest": digest(Link.objects.order_by("-position").first()),
            "busiest": _busiest(now),
            "versions": _versions(server),
            "at": now,
        }


def _held(held: tuple[Limit, ...], measured: dict[str, int]) -> Iterator[Sign]:
    for one in held:
        value = measured[one.measure]
        yield Sign(
            str(one.label),
            _shown(value, one.unit),
            _at_most(one.most, one.unit),
            value <= one.most,
            str(one.remedy),
            reverse(one.address) if one.address else "",
        )


def _beat(now: datetime) -> Iterator[Sign]:
    age = health.beat_age(now)
    yield Sign(
        gettext("Last tick of the clock"),
        pgettext("the clock", "never") if age is None else _shown(age, "seconds"),
        _at_most(2 * MINUTE, "seconds"),
        age is not None and age <= 2 * MINUTE,
        gettext("Nothing happens by itself: start beat, or run manage.py sweep every minute."),
    )


def _broker() -> Iterator[Sign]:
    waiting = _queued()
    yield Sign(
        gettext("Broker"),
        gettext("unreachable") if waiting is None else gettext("answers"),
        gettext("answers"),
        waiting is not None,
        gettext("Orders come in without it, and the sweep does the rest: start Redis again."),
    )
    if waiting is not None:
        yield Sign(
            gettext("Tasks in its queues"),
            f"{sum(waiting.values()):,}",
            _at_most(1_000, ""),
            sum(waiting.values()) <= 1_000,
            gettext("Workers are too few or stand still: start more, or look at their log."),
        )


def _queued() -> dict[str, int] | None:
    """Return how many tasks lie in each queue; None where the broker does not answer."""
    seconds = health.BROKER_SECONDS
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=seconds, socket_timeout=seconds
    )
    try:
        return {queue.name: int(client.llen(queue.name)) for queue in current_app.conf.task_queues}
    except (redis.RedisError, OSError):
        return None
    finally:
        client.close()


@dataclass(frozen=True)
class Server:
    """What the database server says of itself."""

    version: str
    connections_most: int
    clock: datetime


def _server() -> Server:
    [row] = bulk.query(
        "SELECT current_setting('server_version'), current_setting('max_connections')::int,"
        " clock_timestamp()"
    )
    return Server(*row)


def _database(measured: dict[str, int], server: Server, now: datetime) -> Iterator[Sign]:
    most = server.connections_most * 4 // 5
    yield Sign(
        gettext("Connections"),
        f"{measured['database_connections']:,} / {server.connections_most:,}",
        _at_most(most, ""),
        measured["database_connections"] <= most,
        gettext(
            "Raise max_connections, or put a pooler in front; each process and thread holds one."
        ),
    )
    offset = abs((server.clock - now).total_seconds())
    yield Sign(
        gettext("Difference of the clocks"),
        gettext("{seconds} s").format(seconds=f"{offset:.1f}"),
        _at_most(1, "seconds"),
        offset <= 1,
        gettext("Signatures and deadlines go by the clock: let all machines follow a time server."),
    )
    yield Sign(
        gettext("Size of the database"),
        filesizeformat(measured["database_bytes"]),
        "—",
        True,
        gettext("It only grows with orders; compare it with what its disk has free."),
    )


def _disks() -> Iterator[Sign]:
    places = (
        (gettext("Disk of pictures and files"), settings.MEDIA_ROOT),
        (gettext("Disk of Huopan"), settings.BASE_DIR),
    )
    for label, folder in places:
        found = folder if folder.exists() else settings.BASE_DIR
        usage = shutil.disk_usage(found)
        percent = usage.free * 100 // usage.total
        yield Sign(
            label,
            gettext("{free} free ({percent} %)").format(
                free=filesizeformat(usage.free), percent=percent
            ),
            gettext("at least {percent} %").format(percent=15),
            percent >= 15,
            gettext(
                "Delete old logs and catalogue files, or enlarge the disk, before writing stops."
            ),
        )


def _busiest(now: datetime) -> list[tuple[Any, ...]]:
    """Return the skus that moved most in the last hour: where orders wait for each other."""
    return bulk.query(
        """SELECT sku.id, sku.sku_no, product.name, product.id,
            count(*) AS moves, count(DISTINCT newest.actor)
        FROM (SELECT sku_id, actor, moved_at FROM supplychain_movement ORDER BY id DESC LIMIT %s) AS newest
        JOIN supplychain_sku AS sku ON sku.id = newest.sku_id
        JOIN supplychain_product AS product ON product.id = sku.product_id
        WHERE newest.moved_at > %s::timestamptz - interval '1 hour'
        GROUP BY sku.id, sku.sku_no, product.name, product.id ORDER BY moves DESC, sku.id LIMIT %s""",
        [LOOKED_THROUGH, now, SLOWEST],
    )


def _versions(server: Server) -> list[tuple[str, str]]:
    return [
        ("Huopan", _ours()),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Celery", metadata.version("celery")),
        ("PostgreSQL", server.version),
        (pgettext("software", "Broker"), _broker_version()),
    ]


def _ours() -> str:
    lines = VERSION_FILE.read_text().splitlines() if VERSION_FILE.exists() else []
    found = next((line for line in lines if line.startswith("version = ")), "")
    return found.partition('"')[2].rstrip('"') or "—"


def _broker_version() -> str:
    seconds = health.BROKER_SECONDS
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=seconds, socket_timeout=seconds
    )
    try:
        told: Any = client.info("server")
    except (redis.RedisError, OSError):
        return "—"
    finally:
        client.close()
    name = str(told.get("server_name", "redis")).capitalize()
    return f"{name} {told.get('valkey_version', told.get('redis_version', ''))}"


def _shown(value: int, unit: str) -> str:
    if unit != "seconds":
        return f"{value:,}"
    if value < 2 * MINUTE:
        return gettext("{seconds} s").format(seconds=value)
    if value < 2 * HOUR:
        return gettext("{minutes} min").format(minutes=value // MINUTE)
    return gettext("{hours} h").format(hours=value // HOUR)


def _at_most(limit: int, unit: str) -> str:
    return gettext("at most {limit}").format(limit=_shown(limit, unit))
