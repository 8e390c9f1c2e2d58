"""Parts that were not shipped in time: told once, and from then on cancelled without asking."""

from datetime import datetime

from django.db import transaction

from integration import outbox
from kit import actors, bulk
from orders import header, rendering, telling
from orders.models import Fulfilment, Order
from orders.shipping import TO_SHIP
from orders.telling import Deed

DUE_AT_ONCE = 200
TIMER = actors.timer("lateness")


def note_late(*, at: datetime) -> int:
    """Tell of the parts whose deadline has passed unshipped; return how many that were.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        done = _note_some_late(at)
        count += done
        if done < DUE_AT_ONCE:
            return count


@transaction.atomic(durable=True)
def _note_some_late(at: datetime) -> int:
    """Take what others are not busy with; they leave it to a later tick, or ship it just now."""
    due = Fulfilment.objects.filter(state__in=TO_SHIP, late_at=None, ship_due_at__lt=at)
    found = due.order_by("ship_due_at", "pk").values_list("order", flat=True)[:DUE_AT_ONCE]
    orders = Order.objects.filter(pk__in=list(found)).order_by("pk")
    locked = orders.select_for_update(no_key=True, skip_locked=True)
    order_pks = list(locked.values_list("pk", flat=True))
    late = list(
        due.filter(order__in=order_pks).order_by("pk").select_for_update(of=("self",), no_key=True)
    )
    if not late:
        return 0
    late_at = {"late_at": ("timestamptz", [at] * len(late))}
    bulk.update("orders_fulfilment", [part.pk for part in late], late_at)
    telling.note(
        [Deed(part.order_id, f"fulfilment {part.pk}", "late", TIMER) for part in late], at=at
    )
    moves = header.recompute({part.order_id for part in late}, at=at)
    telling.tell(moves, actor=TIMER, at=at)
    _tell_late(late, at)
    return len(late)


def _tell_late(late: list[Fulfilment], at: datetime) -> None:
    """Tell of each late part under the order's number and its own number within the order."""
    order_pks = sorted({part.order_id for part in late})
    orders = Order.objects.filter(pk__in=order_pks).select_related("distributor")
    by_pk = {order.pk: order for order in orders}
    shown = dict(zip(by_pk, rendering.documents(list(by_pk.values())), strict=True))
    numbers = _numbers(order_pks)
    messages = []
    for part in late:
        order, number = by_pk[part.order_id], numbers[part.pk]
        data = shown[order.pk]["fulfilments"][number - 1]
        messages.append(
            outbox.Message(
                order.distributor.partner_id,
                "fulfilment.late",
                f"{order.order_no}/{number}",
                order.version,
                {"order_no": order.order_no, "out_order_no": order.out_order_no, **data},
            )
        )
    outbox.record(messages, at=at)


def _numbers(order_pks: list[int]) -> dict[int, int]:
    """Return the number of each part within its order, as `rendering` counts them."""
    numbers: dict[int, int] = {}
    last: dict[int, int] = {}
    rows = Fulfilment.objects.filter(order__in=order_pks).order_by("pk")
    for pk, order_pk in rows.values_list("pk", "order"):
        numbers[pk] = last[order_pk] = last.get(order_pk, 0) + 1
    return numbers
