"""Holidays of suppliers: its goods go off sale by themselves, and come back.

Nothing is asked while orders are placed: a timer delists at the beginning and lists at the end, by
the acts that people use. What is off sale for a holiday carries the timer's name: so does what is
approved or listed meanwhile (`pausing`), and what somebody delists meanwhile stays off sale.
"""

import itertools
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.actors import Actor
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import listing, pausing
from supplychain.models import Holiday, HolidayState, Product, ProductState

TIMER = pausing.TIMER
MAX_MESSAGE = 120
MAX_DAYS = 92
MAX_AHEAD = timedelta(days=366)
DAY = timedelta(days=1)


class HolidayOutOfRange(DomainError):
    code = "holiday_out_of_range"
    text = _("A holiday begins today or within a year, and lasts 1 to {limit} days.")


class HolidayMessageTooLong(DomainError):
    code = "holiday_message_too_long"
    text = _("The sentence has up to {limit} characters on one line.")


class HolidayPlannedAlready(DomainError):
    code = "holiday_planned_already"
    text = _("A holiday is planned or running already: end that one first.")


def current(supplier: Supplier) -> Holiday | None:
    """Return the holiday that runs, or is to come."""
    return Holiday.objects.of(supplier).open().first()


def told(product_pks: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what distributors are told of goods that are off sale for a running holiday, by product."""
    paused = Product.objects.filter(
        pk__in=product_pks, state=ProductState.DELISTED, state_changed_by=str(TIMER)
    )
    supplier_of = dict(paused.values_list("pk", "supplier_id"))
    running = Holiday.objects.filter(
        supplier__in=set(supplier_of.values()), state=HolidayState.RUNNING
    )
    said = {
        one.supplier_id: {
            "message": one.message,
            "open_again_on": timezone.localdate(one.ends_at).isoformat(),
        }
        for one in (running if supplier_of else ())
    }
    return {pk: said[supplier] for pk, supplier in supplier_of.items() if supplier in said}


@transaction.atomic(durable=True)
def plan(
    *,
    supplier: Supplier,
    first_day: date,
    last_day: date,
    message: str,
    actor: Actor,
    at: datetime,
) -> Holiday:
    """Close a supplier from one day to another, both included; from today: at once.

    :raises HolidayOutOfRange: it begins before today or much later, or lasts too long.
    :raises HolidayMessageTooLong: the sentence for distributors does not fit.
    :raises HolidayPlannedAlready: one is planned or running.
    """
    _check(first_day, last_day, message, at)
    Supplier.objects.locked().get(pk=supplier.pk)
    if current(supplier) is not None:
        raise HolidayPlannedAlready
    holiday = Holiday.objects.create(
        supplier=supplier,
        starts_at=_midnight(first_day),
        ends_at=_midnight(last_day + DAY),
        message=message.strip(),
        said_by=str(actor),
        said_at=at,
    )
    if holiday.starts_at <= at:
        _begin(holiday, at)
    return holiday


@transaction.atomic(durable=True)
def end_early(*, supplier: Supplier, actor: Actor, at: datetime) -> Holiday:
    """Call a planned holiday off, or be back before a running one is over.

    :raises NotFound: none is planned or running.
    """
    Supplier.objects.locked().get(pk=supplier.pk)
    holiday = current(supplier)
    if holiday is None:
        raise NotFound
    if holiday.state == HolidayState.RUNNING:
        _end(holiday, actor, at)
        return holiday
    holiday.call_off()
    holiday.ended_at, holiday.ended_by = at, str(actor)
    holiday.save()
    return holiday


def run_due(*, at: datetime) -> int:
    """Begin and end the holidays whose time has come; return how many.

    Safe to run at any time and by many at once. One that was missed altogether begins and ends.
    """
    count = 0
    while _run_one(at):
        count += 1
    return count


@transaction.atomic(durable=True)
def _run_one(at: datetime) -> bool:
    """The supplier's row is taken first, as people's acts do; who lists goods lets go of it soon."""
    due = Holiday.objects.filter(state=HolidayState.PLANNED, starts_at__lte=at).union(
        Holiday.objects.filter(state=HolidayState.RUNNING, ends_at__lte=at)
    )
    for supplier_pk in sorted(due.values_list("supplier_id", flat=True)):
        supplier = Supplier.objects.locked().get(pk=supplier_pk)
        holiday = current(supplier)
        if holiday is None:
            continue
        if holiday.state == HolidayState.PLANNED and holiday.starts_at <= at:
            _begin(holiday, at)
            return True
        if holiday.state == HolidayState.RUNNING and holiday.ends_at <= at:
            _end(holiday, TIMER, at)
            return True
    return False


def _begin(holiday: Holiday, at: datetime) -> None:
    holiday.begin()
    holiday.began_at = at
    listed = Product.objects.of(holiday.supplier).filter(state=ProductState.LISTED)
    holiday.paused = sum(
        len(
            listing.delist_within(
                product_pks=pks,
                supplier=holiday.supplier,
                actor=TIMER,
                at=at,
                reason=holiday.message,
            )
        )
        for pks in _batches(listed.order_by("pk").values_list("pk", flat=True))
    )
    holiday.save()


def _end(holiday: Holiday, actor: Actor, at: datetime) -> None:
    holiday.end()
    holiday.ended_at, holiday.ended_by = at, str(actor)
    paused = Product.objects.of(holiday.supplier).filter(
        state__in=listing.OFF_SALE, state_changed_by=str(TIMER), skus__offered=True
    )
    holiday.resumed = sum(
        len(listing.resume_within(product_pks=pks, actor=actor, at=at))
        for pks in _batches(paused.order_by("pk").distinct().values_list("pk", flat=True))
    )
    holiday.save()


def _batches(pks: Iterable[int]) -> Iterable[Sequence[int]]:
    rest = iter(list(pks))
    while batch := list(itertools.islice(rest, listing.MAX_AT_ONCE)):
        yield batch


def _check(first_day: date, last_day: date, message: str, at: datetime) -> None:
    today = timezone.localdate(at)
    days = (last_day - first_day).days + 1
    if not (today <= first_day <= today + MAX_AHEAD and 1 <= days <= MAX_DAYS):
        raise HolidayOutOfRange(limit=MAX_DAYS)
    if len(message.strip()) > MAX_MESSAGE or not message.strip().isprintable():
        raise HolidayMessageTooLong(limit=MAX_MESSAGE)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
