"""What a policy's value comes to, in a sentence: when waits would end, and how much would be concerned."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from aftersales.models import Case
from companies import policies, requiring
from companies.models import Person
from distributors.models import Distributor, Recharge, Withdrawal
from kit import calendars
from orders.models import Hold
from suppliers.models import Bill

LOOKED_BACK = timedelta(days=30)
# More are not counted: the sentence says so many, or more.
COUNTED = 10_000
UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}


def of(name: str, value: Any, *, at: datetime) -> str:
    """Return what a value of a policy comes to, as things are now."""
    if name in _SENTENCES:
        return _SENTENCES[name](value, at)
    unit = next((UNITS[part] for part in name.split("_") if part in UNITS), None)
    if unit is None or type(value) is not int:
        return gettext("It counts from the moment of deciding on; what was agreed before stays.")
    if "kept" in name:
        return gettext("What is from before {time} would no longer be there.").format(
            time=_moment(at - unit * value)
        )
    return gettext("What begins now would end at {time}; what began before keeps its time.").format(
        time=_moment(at + unit * value)
    )


def _four_eyes(value: int, at: datetime) -> str:
    since = at - LOOKED_BACK
    money_moved = (
        Recharge.objects.filter(applied_at__gte=since).values_list("amount_fen"),
        Withdrawal.objects.filter(applied_at__gte=since).values_list("amount_fen"),
        Bill.objects.filter(made_at__gte=since).values_list("total_fen"),
    )
    amounts = [amount for rows in money_moved for (amount,) in rows[:COUNTED]]
    return gettext("Of the last 30 days, {some} of {all} would have taken two people.").format(
        some=sum(amount > value for amount in amounts), all=len(amounts)
    )


def _reviewed(value: int, at: datetime) -> str:
    rows = Case.objects.filter(applied_at__gte=at - LOOKED_BACK, approved_fen__gt=0)
    amounts = [amount for (amount,) in rows.values_list("approved_fen")[:COUNTED]]
    return gettext("Of the last 30 days, {some} of {all} refunds would have been reviewed.").format(
        some=sum((amount or 0) > value for amount in amounts), all=len(amounts)
    )


def _second_step(value: bool, at: datetime) -> str:  # noqa: ARG001
    pks = list(
        Person.objects.filter(is_staff=True, is_active=True).values_list("pk", flat=True)[:COUNTED]
    )
    without = len(pks) - len(requiring.with_two_factor(pks))
    if not value:
        return gettext("A stolen password alone opens the console.")
    return gettext(
        "{some} of {all} of the staff have no second step yet: the console leads them to set it up."
    ).format(some=without, all=len(pks))


def _open_holds(value: int, at: datetime) -> str:  # noqa: ARG001
    shops = Distributor.objects.count()
    held = Hold.objects.filter(Q(state="active"))[:COUNTED].count()
    return gettext(
        "{held} holds of {shops} distributors are open now; each may have {limit}."
    ).format(held=held, shops=shops, limit=value)


def _days_off(value: list[str], at: datetime) -> str:
    hours = policies.read().ship_within_hours
    return gettext(
        "What is ordered now and has {hours} hours would have to be shipped by {time}; what was"
        " ordered before keeps its time."
    ).format(hours=hours, time=_moment(calendars.after(at, hours, calendars.days(value))))


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


_SENTENCES: dict[str, Callable[[Any, datetime], str]] = {
    "four_eyes_above_fen": _four_eyes,
    "refund_review_above_fen": _reviewed,
    "staff_two_factor": _second_step,
    "open_holds_limit": _open_holds,
    "days_off": _days_off,
}
