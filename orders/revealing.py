"""Writing down who had a consignee's name, phone and address printed, of which part of an order."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from kit.actors import Actor
from orders import telling
from orders.models import Fulfilment
from orders.telling import Deed


class Sheet(StrEnum):
    """On what they were printed; history says it as the act."""

    LABEL = "label_printed"
    SLIP = "slip_printed"


@transaction.atomic(durable=True)
def note(*, parts: Collection[Fulfilment], sheet: Sheet, actor: Actor, at: datetime) -> None:
    """Write into the history of each part that its consignee was printed, and by whom."""
    deeds = [Deed(part.order_id, f"fulfilment {part.pk}", sheet, actor) for part in parts]
    telling.note(deeds, at=at)
