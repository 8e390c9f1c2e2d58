"""Taking up what went wrong: who takes care of it, what was found out, until when it can wait."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from console.models import Attention
from kit.actors import Actor
from kit.actors import person as acting
from kit.errors import DomainError

MAX_NOTE = 500
MAX_PUT_OFF = timedelta(days=30)
# What nobody has touched for so long is about something long gone.
KEPT = timedelta(days=90)


class TakenByAnother(DomainError):
    code = "taken_by_another"
    text = _("{owner} takes care of it already.")


class PutOffWrongly(DomainError):
    code = "put_off_wrongly"
    text = _("It can be put off until a later time, {days} days from now at most.")


@transaction.atomic(durable=True)
def take(*, kind: str, subject_pk: int, person: Person, at: datetime) -> Attention:
    """Take care of something; taking it twice changes nothing.

    :raises TakenByAnother: somebody else does.
    """
    found = _locked(kind, subject_pk, at)

    if found.owner_id not in (None, person.pk):
        raise TakenByAnother(owner=str(found.owner))
    found.owner = person

    return _save(found, acting(person.email), at)


@transaction.atomic(durable=True)
def note(
    *,
    kind: str,
    subject_pk: int,
    owner: Person | None,
    note: str,
    put_off_until: datetime | None,
    actor: Actor,
    at: datetime,
) -> Attention:
    """Say who takes care of something, what is to be known of it, and until when it can wait.

    :raises PutOffWrongly: that is over already, or too far away.
    """
    if put_off_until is not None and not at < put_off_until <= at + MAX_PUT_OFF:
        raise PutOffWrongly(days=MAX_PUT_OFF.days)
    found = _locked(kind, subject_pk, at)

    found.owner, found.note, found.put_off_until = owner, note, put_off_until

    return _save(found, actor, at)


def forget(*, at: datetime) -> int:
    """Delete what nobody has touched for long; return how many."""
    old = Attention.objects.filter(changed_at__lt=at - KEPT)
    return old.delete()[0]


def _locked(kind: str, subject_pk: int, at: datetime) -> Attention:
    """Return the row of a thing, made where there is none: two who come at once wait for each other."""
    Attention.objects.bulk_create(
        [Attention(kind=kind, subject_pk=subject_pk, changed_at=at)], ignore_conflicts=True
    )
    rows = Attention.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("owner").get(kind=kind, subject_pk=subject_pk)


def _save(found: Attention, actor: Actor, at: datetime) -> Attention:
    found.changed_by, found.changed_at = str(actor), at
    found.save()
    return found
