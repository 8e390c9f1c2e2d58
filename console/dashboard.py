"""The dashboard: what a period came to, held against the one before it, each number with its list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from books import figures, rollups
from books.figures import Best, Bucket, Figures
from books.models import Subject
from console import charts, figure_sheets
from console.charts import Chart, Point
from console.pages import Page, Rights
from kit import downloads, money
from suppliers import periods
from suppliers.periods import DAY, Period

# No longer than this is shown at once.
MAX_DAYS = 800
DAYS_SHOWN = 62
WEEKS_SHOWN = 30 * 7
UNITS: dict[str, Promise] = {"day": _("by day"), "week": _("by week"), "month": _("by month")}
PRESETS: dict[str, Promise] = {
    "today": _("Today"),
    "7d": _("7 days"),
    "30d": _("30 days"),
    "month": _("This month"),
    "last_month": _("Last month"),
    "12w": _("12 weeks"),
    "12m": _("12 months"),
}
USUAL = "30d"
HEADINGS: dict[str, Promise] = {
    Subject.PRODUCT: _("Best selling goods"),
    Subject.DISTRIBUTOR: _("Distributors that buy most"),
    Subject.SUPPLIER: _("Sources that sell most"),
}


@dataclass(frozen=True)
class Chosen:
    """What the reader asked for."""

    period: Period
    unit: str
    preset: str

    @property
    def query(self) -> str:
        """The same again, for an address."""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return urlencode({**days, "by": self.unit})


@dataclass(frozen=True)
class Card:
    """A number, how it changed in percent, and where it leads. `good` says which way is better."""

    label: str
    value: str
    change: str
    tone: str
    address: str
    earlier: str


@dataclass(frozen=True)
class BestRow:
    """One of the best, as it is shown."""

    name: str
    address: str
    orders: int
    units: int
    list_address: str
    sales_fen: int
    refunds_fen: int
    share: float


@dataclass(frozen=True)
class BestTable:
    """The best of a kind."""

    heading: str
    rows: list[BestRow]


def fill(request: HttpRequest, may: Rights, at: datetime) -> dict[str, Any]:
    """Return what the home page shows of it; nothing to who may not see orders."""
    if not may["see_orders"]:
        return {}
    chosen = choose(request.GET, today=periods.day_of(at))
    found = figures.read(chosen.period, at=at)
    with_money = may["see_money"]
    return {
        "chosen": chosen,
        "presets": PRESETS.items(),
        "units": UNITS.items(),
        "cards": list(cards(found, with_money=with_money)),
        "charts": list(_charts(found, chosen.unit, with_money)),
        "buckets": found.buckets(chosen.unit),
        "unit": chosen.unit,
        "best": [
            BestTable(str(heading), list(best_rows(kind, found, with_money)))
            for kind, heading in HEADINGS.items()
        ],
        "previous": found.previous,
        "nothing": not any(found.days.values()),
    }


class DashboardXlsx(Page):
    """The figures of a period as a workbook."""

    right = "console.see_orders"
    title = _("Figures")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        at = timezone.now()
        chosen = choose(request.GET, today=periods.day_of(at))
        content = figure_sheets.xlsx(
            figures.read(chosen.period, at=at),
            unit=chosen.unit,
            with_money=Rights(self.person)["see_money"],
        )
        name = f"figures-{chosen.period.first}-{chosen.period.last}.xlsx"
        return downloads.attachment(content, downloads.XLSX, name)


def choose(asked: QueryDict, *, today: date) -> Chosen:
    """Return the period and unit that are asked for; the usual ones where it makes no sense."""
    preset = asked.get("period", "")
    first, last = _day(asked.get("from", "")), _day(asked.get("to", ""))
    if preset in PRESETS or first is None or last is None:
        preset = preset if preset in PRESETS else USUAL
        period = preset_period(preset, today=today)
    else:
        last = min(max(first, last), today)
        period = Period(max(min(first, last), last - MAX_DAYS * DAY), last)
    length = (period.last - period.first).days
    usual = usual_unit(period)
    unit = asked.get("by", "")
    too_many = unit == "day" and length > 2 * WEEKS_SHOWN
    return Chosen(period, unit if unit in UNITS and not too_many else usual, preset)


def usual_unit(period: Period) -> str:
    """Return the step by which a period is shown unless another is asked for."""
    length = (period.last - period.first).days
    return "day" if length < DAYS_SHOWN else "week" if length < WEEKS_SHOWN else "month"


def preset_period(preset: str, *, today: date) -> Period:
    """Return the days that a word stands for."""
    month = today.replace(day=1)
    if preset == "month":
        return Period(month, today)
    if preset == "last_month":
        last = month - DAY
        return Period(last.replace(day=1), last)
    if preset == "12m":
        year_ago = month - timedelta(days=335)
        return Period(year_ago.replace(day=1), today)
    days = {"today": 1, "7d": 7, "30d": 30, "12w": 84}[preset]
    return Period(today - (days - 1) * DAY, today)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 2000 else None


def cards(found: Figures, *, with_money: bool) -> Iterator[Card]:
    """Yield the numbers of a period; amounts only where the reader may see money."""
    now, then = found.total, found.total_before
    orders = _orders(found.period)
    if with_money:
        yield _money(_("Sales"), now.sales_fen, then.sales_fen, orders)
    yield _card(_("Orders"), now.orders, then.orders, orders, _count)
    yield _card(_("Pieces"), now.units, then.units, orders, _count)
    if with_money:
        ledger = _transfers(found.period)
        yield _money(_("Refunds"), now.refunds_fen, then.refunds_fen, f"{ledger}&fact=refunds", -1)
        fees = f"{ledger}&credit=service_fees"
        yield _money(_("Fee income"), now.fees_earned_fen, then.fees_earned_fen, fees)
        margins = f"{ledger}&credit=platform_margin"
        yield _money(_("Markup income"), now.margins_earned_fen, then.margins_earned_fen, margins)
        recharged = f"{ledger}&debit=bank&credit=deposit"
        yield _money(_("Recharged"), now.recharged_fen, then.recharged_fen, recharged)
        accounts = f"{reverse('admin:ledger_account_changelist')}?kind__exact=deposit"
        lying, lay = (found.deposits_fen(one.last) for one in (found.period, found.previous))
        yield _money(_("On deposits at the end"), lying, lay, accounts, 0)
    parcels = _parcels(found.period)
    yield _card(_("Parcels"), now.parcels, then.parcels, parcels, _count)
    yield _card(
        _("Hours until shipment"), now.shipping_hours, then.shipping_hours, parcels, _hours, -1
    )
    late = _share(now.late_parcels, now.parcels), _share(then.late_parcels, then.parcels)
    yield _card(_("Shipped late"), *late, parcels, _percent, -1)


def _money(label: Promise, now: int, then: int, address: str, better: int = 1) -> Card:
    return _card(label, now, then, address, _yuan, better)


def _card(
    label: Promise,
    now: float | None,
    then: float | None,
    address: str,
    shown: Callable[[float], str],
    better: int = 1,
) -> Card:
    """`better` is 1 where more is better, -1 where less is, 0 where neither."""
    change, tone = "", ""
    if now is not None and then:
        rate = (now - then) / abs(then) * 100
        change = f"{rate:+,.1f} %"
        tone = "good" if rate * better > 0 else "bad" if rate * better < 0 else ""
    value, earlier = (gettext("none") if one is None else shown(one) for one in (now, then))
    return Card(str(label), value, change, tone, address, earlier)


def _charts(found: Figures, unit: str, with_money: bool) -> Iterator[Chart]:
    buckets = found.buckets(unit)
    earlier = Figures(found.previous, found.previous, found.before_fen, found.days).buckets(unit)
    pairs = [
        (one, earlier[place] if place < len(earlier) else None) for place, one in enumerate(buckets)
    ]

    def chart(
        title: Promise, value: Callable[[Bucket], float], shown: Callable[[float], str]
    ) -> Chart:
        points = [
            Point(bucket_label(one.period, unit), value(one), value(then) if then else None)
            for one, then in pairs
        ]
        return charts.draw(str(title), points, shown)

    if with_money:
        yield chart(_("Sales"), lambda one: one.sums.sales_fen / 100, _whole_yuan)
    yield chart(_("Orders"), lambda one: one.sums.orders, _count)
    if with_money:
        yield chart(_("Refunds"), lambda one: one.sums.refunds_fen / 100, _whole_yuan)
        yield chart(_("Fee income"), lambda one: one.sums.fees_earned_fen / 100, _whole_yuan)
        yield chart(_("On deposits at the end"), lambda one: one.deposits_fen / 100, _whole_yuan)
    yield chart(_("Hours until shipment"), lambda one: one.sums.shipping_hours or 0, _hours)


def bucket_label(period: Period, unit: str) -> str:
    """Return what stands below a bar."""
    return f"{period.first:%Y-%m}" if unit == "month" else f"{period.first:%m-%d}"


def best_rows(kind: str, found: Figures, with_money: bool) -> Iterator[BestRow]:
    """Yield those of a kind that sold most, with their share of all sales in percent."""
    whole = found.total.sales_fen
    for one in found.best.get(kind, []):
        yield BestRow(
            one.name or gettext("own stock"),
            _page(kind, one),
            one.sums.orders,
            one.sums.units,
            _list(kind, one, found.period),
            one.sums.sales_fen if with_money else 0,
            one.sums.refunds_fen if with_money else 0,
            _share(one.sums.sales_fen, whole) or 0,
        )


def _page(kind: str, one: Best) -> str:
    return reverse(f"console:{kind}", args=[one.pk]) if one.pk else ""


def _list(kind: str, one: Best, period: Period) -> str:
    """Return the list of the orders, or of the source's parts of orders, that a row counts."""
    if kind == Subject.DISTRIBUTOR:
        return f"{_orders(period)}&distributor__id__exact={one.pk}"
    if kind == Subject.PRODUCT:
        return f"{_orders(period)}&lines__sku__product__id__exact={one.pk}"
    source = f"supplier__id__exact={one.pk}" if one.pk else "source=own"
    address = reverse("admin:orders_fulfilment_changelist")
    return f"{address}?{source}&{_between('order__placed_at', period)}"


def _orders(period: Period) -> str:
    return f"{reverse('admin:orders_order_changelist')}?{_between('placed_at', period)}"


def _parcels(period: Period) -> str:
    return f"{reverse('admin:orders_shipment_changelist')}?{_between('shipped_at', period)}"


def _transfers(period: Period) -> str:
    keys = rollups.keys_of(period.first, period.last)
    span = f"days={period.first}..{period.last}&keys={keys}"
    return f"{reverse('admin:ledger_transfer_changelist')}?{span}"


def _between(name: str, period: Period) -> str:
    moments = {
        f"{name}__gte": periods.midnight(period.first),
        f"{name}__lt": periods.midnight(period.last + DAY),
    }
    return urlencode(moments)


def _share(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


def _count(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"


def _yuan(fen: float) -> str:
    return money.yuan(int(fen))


def _whole_yuan(yuan: float) -> str:
    return f"¥{yuan:,.0f}"


def _hours(hours: float) -> str:
    return f"{hours:,.1f}"


def _percent(share: float) -> str:
    return f"{share:.1f} %"
