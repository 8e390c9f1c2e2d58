"""Writing down who read or printed a consignee's name, phone and address, of which part of an order."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from kit.actors import Actor
from orders import telling
from orders.models import Fulfilment, History
from orders.telling import Deed


class Sheet(StrEnum):
    """Where they stood; history says it as the act."""

    PAGE = "consignee_shown"
    LABEL = "label_printed"
    SLIP = "slip_printed"


def note_reader(*, parts: Collection[Fulfilment], actor: Actor, at: datetime) -> None:
    """Write down who reads consignees in full, once a reader and part: both come again and again."""
    known = History.objects.filter(
        order__in=[part.order_id for part in parts], act=Sheet.PAGE, actor_name=actor.name
    )
    subjects = set(known.values_list("subject", flat=True))
    fresh = [part for part in parts if f"fulfilment {part.pk}" not in subjects]
    if fresh:
        note(parts=fresh, sheet=Sheet.PAGE, actor=actor, at=at)


@transaction.atomic(durable=True)
def note(*, parts: Collection[Fulfilment], sheet: Sheet, actor: Actor, at: datetime) -> None:
    """Write into the history of each part that its consignee was shown in full, and to whom."""
    deeds = [Deed(part.order_id, f"fulfilment {part.pk}", sheet, actor) for part in parts]
    telling.note(deeds, at=at)
