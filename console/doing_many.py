"""Doing one thing to many things: each by the act for one, with a result of its own.

A few are done while somebody waits, more by a worker; either way rows are the queue, and whoever
takes over goes on with those that have no result yet. An act that was done and not yet noted is
met again as it is: deeds answer that nothing changes.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from console.models import BulkJob, BulkRow, RowResult
from kit import actors, attributing, languages
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState

logger = logging.getLogger(__name__)

# So many are done while somebody waits for the page.
AT_ONCE = 200
MAX_ROWS = 20_000
ROWS_A_TURN = 50
CLAIM = timedelta(minutes=5)
MAX_ATTEMPTS = 3
MAX_LABEL = 200
KEPT_DAYS = 90


class NothingChosen(DomainError):
    code = "nothing_chosen"
    text = _("Nothing is chosen.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    text = _("Up to {limit} can be done in one go; these are {count}.")


class JobGivenUp(DomainError):
    code = "job_given_up"
    text = _("It was tried {attempts} times and came to nothing.")


class NoLongerAllowed(DomainError):
    code = "no_longer_allowed"
    text = _("Whoever began this may not do it any more.")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to be done something to; `seen` tells which state of it was looked at."""

    pk: int
    label: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What a deed is given for one row."""

    subject_pk: int
    seen: str
    values: Mapping[str, Any]
    person: Person
    at: datetime

    @property
    def actor(self) -> Actor:
        """Who acts, as history shows it."""
        return actors.person(self.person.email)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done to many. `do` tells whether it changed anything, or refuses.

    `right` is what doing it takes, `see` what looking at what came of it takes.
    """

    right: str
    title: str | Promise
    do: Callable[[Task], bool]
    see: str = "console.see_goods"


DEEDS: dict[str, Deed] = {}


def begin(
    *,
    deed: str,
    subjects: Sequence[Subject],
    values: Mapping[str, Any],
    shown: Mapping[str, Any],
    person: Person,
    at: datetime,
) -> BulkJob:
    """Do a deed to many: a few at once, more by a worker.

    :raises NothingChosen: there are no subjects.
    :raises TooManyRows: over the limit.
    """
    job = _write(deed, subjects, values, shown, person, at)
    while job.row_count <= AT_ONCE and job.ended_at is None:
        _turn(job, at)
    return job


def work(*, at: datetime) -> int:
    """Do the next rows of the job whose turn it is; return how many. Nothing to do is -1.

    Run by a timer, as often and by as many as you like.
    """
    job = _claim(at)
    if job is None:
        return -1
    with attributing.to(lambda: str(actors.person(job.person.email))):
        return _turn(job, at)


@transaction.atomic(durable=True)
def cancel(*, job_pk: int, actor: Actor, at: datetime) -> BulkJob:
    """Do no more of a job; what is done stays.

    :raises NotFound: there is no such job.
    :raises WrongState: it has come to its end.
    """
    job = _locked(job_pk)
    if job.ended_at is not None:
        raise WrongState(state=_("ended"))
    job.cancelled_by = str(actor)
    _end(job, {}, at)
    return job


def forget(*, at: datetime) -> int:
    """Delete jobs that ended long ago; return how many."""
    old = BulkJob.objects.filter(ended_at__lt=at - timedelta(days=KEPT_DAYS))
    pks = list(old.values_list("pk", flat=True))
    BulkRow.objects.filter(job_id__in=pks).delete()
    BulkJob.objects.filter(pk__in=pks).delete()
    return len(pks)


def said(row: BulkRow) -> str:
    """Say why a row was refused, in the reader's language."""
    told: dict[str, str] = row.said
    return languages.for_reader(told, "")


@transaction.atomic(durable=True)
def _write(
    deed: str,
    subjects: Sequence[Subject],
    values: Mapping[str, Any],
    shown: Mapping[str, Any],
    person: Person,
    at: datetime,
) -> BulkJob:
    assert deed in DEEDS, deed
    if not subjects:
        raise NothingChosen
    if len(subjects) > MAX_ROWS:
        raise TooManyRows(limit=MAX_ROWS, count=len(subjects))
    job = BulkJob.objects.create(
        deed=deed,
        values=dict(values),
        shown=dict(shown),
        person=person,
        began_at=at,
        row_count=len(subjects),
        # Nobody else takes what is done here and now, unless this process dies.
        claimed_until=at + CLAIM if len(subjects) <= AT_ONCE else at,
    )
    BulkRow.objects.bulk_create(
        [
            BulkRow(
                job=job,
                place=place,
                subject_pk=subject.pk,
                label=subject.label[:MAX_LABEL],
                seen=subject.seen,
            )
            for place, subject in enumerate(subjects, 1)
        ],
        batch_size=1_000,
    )
    return job


@transaction.atomic(durable=True)
def _claim(at: datetime) -> BulkJob | None:
    """Take the job that waits longest; one that comes to nothing is given up."""
    due = BulkJob.objects.filter(ended_at__isnull=True, claimed_until__lte=at)
    locked = due.order_by("claimed_until", "pk").select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    job = locked.select_related("person").first()
    if job is None:
        return None
    if job.attempts >= MAX_ATTEMPTS:
        logger.error("the bulk job %s was tried %s times and is given up", job, job.attempts)
        _end(job, _in_every_language(JobGivenUp(attempts=job.attempts)), at)
        return None
    job.attempts += 1
    job.claimed_until = at + CLAIM
    job.save(update_fields=["attempts", "claimed_until"])
    return job


def _turn(job: BulkJob, at: datetime) -> int:
    """Do the next rows of a claimed job, and note how far it came."""
    deed = DEEDS[job.deed]
    # Asked anew at each turn: rights may have been taken meanwhile.
    person = Person.objects.get(pk=job.person_id)
    if not person.has_perm(deed.right):
        with transaction.atomic(durable=True):
            _end(_locked(job.pk), _in_every_language(NoLongerAllowed()), at)
        job.refresh_from_db()
        return 0
    rows = list(job.rows.filter(result="").order_by("place")[:ROWS_A_TURN])
    for row in rows:
        if BulkRow.objects.filter(pk=row.pk, result="").exists():
            _do(row, deed, Task(row.subject_pk, row.seen, job.values, person, at))
    _end_turn(job.pk, at)
    job.refresh_from_db()
    return len(rows)


def _do(row: BulkRow, deed: Deed, task: Task) -> None:
    try:
        result, why = (RowResult.DONE if deed.do(task) else RowResult.UNCHANGED), {}
    except DomainError as refusal:
        result, why = RowResult.REFUSED, _in_every_language(refusal)
    BulkRow.objects.filter(pk=row.pk).update(result=result, said=why)


@transaction.atomic(durable=True)
def _end_turn(job_pk: int, at: datetime) -> None:
    job = _locked(job_pk)
    if job.ended_at is None and job.rows.filter(result="").exists():
        job.counts, job.attempts, job.claimed_until = _counted(job), 0, at
        job.save()
    else:
        _end(job, {}, job.ended_at or at)


def _end(job: BulkJob, why: dict[str, str], at: datetime) -> None:
    """End a locked job; rows without a result get none any more."""
    job.rows.filter(result="").update(result=RowResult.LEFT, said=why)
    job.counts, job.ended_at = _counted(job), at
    job.save()


def _counted(job: BulkJob) -> dict[str, int]:
    rows = job.rows.exclude(result="").order_by().values("result").annotate(count=Count("pk"))
    return {row["result"]: row["count"] for row in rows}


def _locked(job_pk: int) -> BulkJob:
    job = BulkJob.objects.select_for_update(of=("self",), no_key=True).filter(pk=job_pk).first()
    if job is None:
        raise NotFound
    return job


def _in_every_language(refusal: DomainError) -> dict[str, str]:
    """Say a refusal for whoever reads it later, with its causes where it has any."""
    return languages.in_each(lambda: " ".join(map(str, refusal.causes)) or str(refusal))
