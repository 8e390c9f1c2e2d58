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


def note_reader(*, part: Fulfilment, actor: Actor, at: datetime) -> None:
    """Write down who reads a consignee on a page, once a person: a page is read again and again."""
    known = History.objects.filter(
        order=part.order_id,
        subject=f"fulfilment {part.pk}",
        act=Sheet.PAGE,
        actor_name=actor.name,
    )
    if not known.exists():
        note(parts=[part], sheet=Sheet.PAGE, actor=actor, at=at)


@transaction.atomic(durable=True)
def note(*, parts: Collection[Fulfilment], sheet: Sheet, actor: Actor, at: datetime) -> None:
    """Write into the history of each part that its consignee was shown in full, and to whom."""
    deeds = [Deed(part.order_id, f"fulfilment {part.pk}", sheet, actor) for part in parts]
    telling.note(deeds, at=at)
