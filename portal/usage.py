"""How much the distributor's machines ask for, how fast they are answered, and how near limits are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from companies import policies
from distributors.models import Distributor
from integration import limits, usage
from integration.usage import Slot
from orders import requests
from portal import access
from portal.access import distributor_only

# By name in the address: how far back, and how long a bar of the chart is.
SPANS = {
    "day": (timedelta(hours=24), timedelta(minutes=30)),
    "month": (timedelta(days=30), timedelta(days=1)),
}
CHART_WIDTH = 960
CHART_HEIGHT = 180
ROUTES_SHOWN = 30
NEAR_PERCENT = 80
MIB = 1024 * 1024


@dataclass(frozen=True)
class Bar:
    """A bar of the chart in its units: requests, and at its foot those that failed."""

    slot: Slot
    until: datetime
    x: int
    width: int
    top: int
    height: int
    error_top: int
    error_height: int


@require_GET
@distributor_only
def page(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show requests over time, by route, and beside the limits."""
    span = request.GET.get("span", "day")
    span = span if span in SPANS else "day"
    back, length = SPANS[span]
    until = _end_of(timezone.now(), length)
    since, partner_pk = until - back, distributor.partner_id
    slots = usage.slots(partner_pk, since=since, until=until, length=length)
    routes = usage.routes(partner_pk, since=since)
    took = [sum(counts) for counts in zip(*(route.took for route in routes), strict=True)]
    peak, peak_at = usage.peak(partner_pk, since=until - timedelta(hours=24))
    allowed = settings.API_RATE_PER_MINUTE
    context = {
        "tab": "usage",
        "span": span,
        "bars": _bars(slots, length),
        "highest": max((slot.requests for slot in slots), default=0),
        "since": since,
        "requests": sum(slot.requests for slot in slots),
        "errors": sum(slot.errors for slot in slots),
        "p50": usage.quantile_ms(took, 0.5),
        "p95": usage.quantile_ms(took, 0.95),
        "routes": [
            (route, usage.quantile_ms(route.took, 0.5), usage.quantile_ms(route.took, 0.95))
            for route in routes[:ROUTES_SHOWN]
        ],
        "peak": peak,
        "peak_at": peak_at,
        "peak_percent": round(100 * peak / allowed, 1),
        "is_near": 100 * peak >= NEAR_PERCENT * allowed,
        "limits": _limits(),
        "chart_width": CHART_WIDTH,
        "chart_height": CHART_HEIGHT,
    }
    return access.shown(request, distributor, "usage.html", context)


def _end_of(at: datetime, length: timedelta) -> datetime:
    """Return when the slot ends that a moment lies in; days are those of the installation."""
    local = timezone.localtime(at)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((local - midnight) // length + 1) * length


def _bars(slots: Sequence[Slot], length: timedelta) -> list[Bar]:
    highest = max((slot.requests for slot in slots), default=0) or 1
    step = CHART_WIDTH // len(slots)
    bars = []
    for number, slot in enumerate(slots):
        height = _height(slot.requests, highest)
        error_height = _height(slot.errors, highest)
        bars.append(
            Bar(
                slot=slot,
                until=slot.at + length,
                x=number * step,
                width=step - 2,
                top=CHART_HEIGHT - height,
                height=height,
                error_top=CHART_HEIGHT - error_height,
                error_height=error_height,
            )
        )
    return bars


def _height(count: int, highest: int) -> int:
    # Whatever is there at all is seen.
    return max(2, count * CHART_HEIGHT // highest) if count else 0


def _limits() -> list[tuple[Promise, str]]:
    decided = policies.read()
    return [
        (gettext_lazy("Requests a minute, each key"), f"{settings.API_RATE_PER_MINUTE:,}"),
        (gettext_lazy("Items of a page"), f"{limits.PAGE_ITEMS:,}"),
        (gettext_lazy("Orders in one batch"), f"{requests.MAX_BATCH:,}"),
        (gettext_lazy("Lines of an order"), f"{requests.MAX_LINES:,}"),
        (gettext_lazy("Skus in one look-up of prices or stock"), f"{limits.LOOKUP_SKUS:,}"),
        (gettext_lazy("Products in one look-up"), f"{limits.LOOKUP_PRODUCTS:,}"),
        (gettext_lazy("Bytes of a body"), f"{limits.BODY_BYTES // MIB} MiB"),
        (gettext_lazy("Bytes of a batch of orders"), f"{limits.BATCH_BODY_BYTES // MIB} MiB"),
        (gettext_lazy("Holds open at a time"), f"{decided.open_holds_limit:,}"),
        (gettext_lazy("Days for which events can be read"), f"{decided.events_kept_days:,}"),
    ]
