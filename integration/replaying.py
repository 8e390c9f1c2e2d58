"""Telling events again: by id, by type and time, or everything after a position."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from integration.models import Delivery, DeliveryState, Endpoint, Event, Partner
from kit import bulk
from kit.errors import DomainError, NotFound

MAX_AT_ONCE = 10_000


class TooManyToReplay(DomainError):
    code = "too_many_to_replay"
    text = _("{matched} events match; {limit} can be told again at once. Name less of the time.")


@dataclass(frozen=True)
class Wanted:
    """Which events: those that match everything that is said."""

    ids: Collection[int] = ()
    types: Sequence[str] = ()
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    after_seq: int | None = None
    only_undelivered: bool = False


def count(*, partner: Partner, wanted: Wanted) -> int:
    """Return how many numbered events match, whatever their number."""
    return _events(partner, wanted).count()


@transaction.atomic(durable=True)
def replay(*, partner: Partner, wanted: Wanted, at: datetime) -> int:
    """Tell events again, under their old ids and numbers; return how many.

    :raises NotFound: the partner is not called back.
    :raises TooManyToReplay: more match than can be told at once; nothing is.
    """
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(partner=partner).first()
    if endpoint is None:
        raise NotFound
    pks = list(
        _events(partner, wanted).order_by("seq").values_list("pk", flat=True)[: MAX_AT_ONCE + 1]
    )
    if len(pks) > MAX_AT_ONCE:
        raise TooManyToReplay(matched=count(partner=partner, wanted=wanted), limit=MAX_AT_ONCE)
    bulk.execute(
        "INSERT INTO integration_delivery (endpoint_id, event_id, due_at)"
        " SELECT %s, unnest(%s::bigint[]), %s ON CONFLICT (endpoint_id, event_id) DO UPDATE SET"
        " state = 'pending', tries = 0, due_at = EXCLUDED.due_at, delivered_at = NULL",
        [endpoint.pk, bulk.array(pks), at],
    )
    return len(pks)


def _events(partner: Partner, wanted: Wanted) -> QuerySet[Event]:
    events = Event.objects.filter(partner=partner, seq__isnull=False)
    if wanted.ids:
        events = events.filter(seq__in=wanted.ids)
    if wanted.types:
        events = events.filter(_of_types(wanted.types))
    if wanted.occurred_from is not None:
        events = events.filter(occurred_at__gte=wanted.occurred_from)
    if wanted.occurred_to is not None:
        events = events.filter(occurred_at__lt=wanted.occurred_to)
    if wanted.after_seq is not None:
        events = events.filter(seq__gt=wanted.after_seq)
    if wanted.only_undelivered:
        told = Delivery.objects.filter(
            endpoint__partner=partner, state=DeliveryState.DELIVERED
        ).values("event_id")
        events = events.exclude(pk__in=told)
    return events


def _of_types(types: Sequence[str]) -> Q:
    matching = Q()
    for one in types:
        family, star, _rest = one.partition(".*")
        matching |= Q(type__startswith=f"{family}.") if star else Q(type=one)
    return matching
