"""Reports by mail: who wants which, and sending each once for its period, however many workers there are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from books import figures
from companies.models import Person
from console import dashboard, figure_sheets
from console.models import Report, Rhythm
from console.pages import Rights
from kit import downloads
from suppliers import periods
from suppliers.periods import DAY, Period

MORNING = time(8, 0)
WEEK_DAYS = 7
# How long after each failed try the next one is; then the period is given up, and the next one waits.
RETRIES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
AT_ONCE = 100
TOP_IN_MAIL = 5


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A report that this worker alone sends."""

    report: Report
    period: Period


@transaction.atomic(durable=True)
def subscribe(*, person: Person, rhythm: str, language: str, at: datetime) -> Report:
    """Send somebody the figures from the next period on; asked for again, only the language changes."""
    report, _is_new = Report.objects.update_or_create(
        person=person,
        rhythm=rhythm,
        defaults={"language": language},
        create_defaults={
            "language": language,
            "due_at": next_due(rhythm, at),
            "subscribed_at": at,
        },
    )
    return report


@transaction.atomic(durable=True)
def unsubscribe(*, person: Person, rhythm: str) -> None:
    """Send it no more; who does not get it is content, too."""
    Report.objects.filter(person=person, rhythm=rhythm).delete()


def send_due(*, at: datetime) -> int:
    """Send what is due; return how many were sent. Run by a timer, as often and by as many as you like."""
    sent = 0
    for _place in range(AT_ONCE):
        claimed = _claim(at)
        if claimed is None:
            break
        if claimed.period.first != claimed.report.covers and may_have(claimed.report.person):
            sent += _send(claimed, at)
    return sent


def period_of(rhythm: str, at: datetime) -> Period:
    """Return what a report of some rhythm covers that is sent now: the newest period that is over.

    >>> period_of("weekly", datetime(2026, 11, 25, 8, tzinfo=timezone.get_default_timezone()))
    Period(first=datetime.date(2026, 11, 16), last=datetime.date(2026, 11, 22))
    """
    last = _begin(rhythm, periods.day_of(at)) - DAY
    return Period(_begin(rhythm, last), last)


def next_due(rhythm: str, at: datetime) -> datetime:
    """Return when the period that runs now is reported: the morning after its end."""
    begin = _begin(rhythm, periods.day_of(at))
    if rhythm == Rhythm.DAILY:
        following = begin + DAY
    elif rhythm == Rhythm.WEEKLY:
        following = begin + WEEK_DAYS * DAY
    else:
        following = (begin + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, MORNING, timezone.get_default_timezone())


def may_have(person: Person) -> bool:
    """Tell whether somebody may (still) see what is in it."""
    return person.is_active and person.is_staff and Rights(person)["see_orders"]


def _begin(rhythm: str, day: date) -> date:
    if rhythm == Rhythm.MONTHLY:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if rhythm == Rhythm.WEEKLY else day


@transaction.atomic(durable=True)
def _claim(at: datetime) -> _Claimed | None:
    """Take one that is due. It is due again only for its next period, unless sending it fails.

    So whoever dies while sending leaves it out rather than have it sent twice.
    """
    due = Report.objects.filter(due_at__lte=at).order_by("due_at", "pk").select_related("person")
    report = due.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if report is None:
        return None
    claimed = _Claimed(report, period_of(report.rhythm, at))
    following = next_due(report.rhythm, at)
    Report.objects.filter(pk=report.pk).update(due_at=following, attempts=F("attempts") + 1)
    return claimed


def _send(claimed: _Claimed, at: datetime) -> int:
    report = claimed.report
    try:
        with translation.override(report.language):
            _message(report, claimed.period, at).send()
    except OSError as failure:
        _fail(report, str(failure), at)
        return 0
    Report.objects.filter(pk=report.pk).update(
        covers=claimed.period.first, attempts=0, failure="", sent_at=at
    )
    return 1


def _fail(report: Report, why: str, at: datetime) -> None:
    """Try again a while later, a few times."""
    rows = Report.objects.filter(pk=report.pk)
    if report.attempts < len(RETRIES):
        rows.update(due_at=at + RETRIES[report.attempts], failure=why[:200])
    else:
        rows.update(attempts=0, failure=why[:200])


def _message(report: Report, period: Period, at: datetime) -> EmailMultiAlternatives:
    found = figures.read(period, at=at)
    with_money = Rights(report.person)["see_money"]
    context: dict[str, Any] = {
        "period": period,
        "cards": list(dashboard.cards(found, with_money=with_money)),
        "best": [
            (str(heading), list(dashboard.best_rows(kind, found, with_money))[:TOP_IN_MAIL])
            for kind, heading in dashboard.HEADINGS.items()
        ],
        "with_money": with_money,
        "home": settings.PUBLIC_URL.rstrip("/"),
        "figures": _address("admin:index") + f"?from={period.first}&to={period.last}#figures",
        "unsubscribe": _address("console:unsubscribe") + f"?rhythm={report.rhythm}",
        "language": report.language,
    }
    subject = (
        _("Huopan: figures of {first} to {last}")
        if period.first != period.last
        else _("Huopan: figures of {first}")
    )
    message = EmailMultiAlternatives(
        subject.format(first=period.first, last=period.last),
        render_to_string("console/report.txt", context),
        to=[report.person.email],
    )
    message.attach_alternative(render_to_string("console/report.html", context), "text/html")
    unit = dashboard.usual_unit(period)
    content = figure_sheets.xlsx(found, unit=unit, with_money=with_money)
    message.attach(f"figures-{period.first}-{period.last}.xlsx", content, downloads.XLSX)
    return message


def _address(name: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name)
