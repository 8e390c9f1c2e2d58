"""Notices of the platform to its suppliers: written by staff, shown to each person until put away."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from suppliers.models import Notice, NoticePutAway

MAX_TITLE = 80
MAX_TEXT = 1_000


class NoticeInvalid(DomainError):
    code = "notice_invalid"
    text = _("A notice has a title, a text, and an end after its beginning.")


@transaction.atomic(durable=True)
def write(
    *,
    title: str,
    text: str,
    shown_from: datetime,
    shown_until: datetime | None,
    actor: Actor,
    at: datetime,
) -> Notice:
    """Write a notice that suppliers see for a time; without an end until it is taken back.

    :raises NoticeInvalid: title or text are missing or too long, or it ends before it begins.
    """
    title, text = title.strip(), text.strip()
    fits = 0 < len(title) <= MAX_TITLE and 0 < len(text) <= MAX_TEXT
    if not fits or (shown_until is not None and shown_until <= shown_from):
        raise NoticeInvalid
    return Notice.objects.create(
        title=title,
        text=text,
        shown_from=shown_from,
        shown_until=shown_until,
        written_by=str(actor),
        written_at=at,
    )


@transaction.atomic(durable=True)
def take_back(*, notice_pk: int, at: datetime) -> Notice:
    """Show a notice to nobody any more; again changes nothing.

    :raises NotFound: there is no such notice.
    """
    notice = Notice.objects.select_for_update(no_key=True).filter(pk=notice_pk).first()
    if notice is None:
        raise NotFound
    if notice.shown_until is None or notice.shown_until > at:
        notice.shown_until = max(at, notice.shown_from)
        notice.save(update_fields=["shown_until"])
    return notice


def put_away(*, notice_pk: int, person: Person, at: datetime) -> None:
    """Show somebody a notice no more; again changes nothing.

    :raises NotFound: it is not shown to them.
    """
    if not _running(at).filter(pk=notice_pk).exists():
        raise NotFound
    NoticePutAway.objects.get_or_create(
        notice_id=notice_pk, person=person, defaults={"put_away_at": at}
    )


def shown(*, person: Person, at: datetime) -> QuerySet[Notice]:
    """Return the notices that somebody has not put away, newest first."""
    mine = NoticePutAway.objects.filter(notice=OuterRef("pk"), person=person)
    return _running(at).filter(~Exists(mine)).order_by("-shown_from", "-pk")


def _running(at: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(
        Q(shown_until__isnull=True) | Q(shown_until__gt=at), shown_from__lte=at
    )
