"""Pieces of lines that go back into stock: the pool's part of a line first, then the allotment's."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from kit import bulk
from kit.actors import Actor
from orders.models import Line
from supplychain import stock
from supplychain.models import MAX_STOCK, MovementKind


@transaction.atomic(savepoint=False)
def give_back(
    *, pieces: Mapping[Line, int], kind: MovementKind, cause: str, actor: Actor, at: datetime
) -> None:
    """Give pieces of locked lines back, in the caller's transaction.

    The movement of a line is caused by `<cause>/<line_id>`. Locks stock, last in the rank of locks.
    """
    locked = lock(pieces)
    for line, quantity in pieces.items():
        put(locked, line, quantity, kind=kind, cause=f"{cause}/{line.line_id}")
    stock.move(locked, at=at, actors=actor)
    write(pieces)


def lock(lines: Collection[Line]) -> stock.Locked:
    """Lock all stock to which pieces of some lines may go back."""
    allotments = {line.allotment_id for line in lines if line.allotment_id is not None}
    return stock.lock({line.sku_id for line in lines}, allotments)


def put(locked: stock.Locked, line: Line, quantity: int, *, kind: MovementKind, cause: str) -> None:
    """Decide to give pieces of a line back; `stock.move` and `write` make it so.

    What a pool or allotment cannot hold any more is not given back.
    """
    to_pool = quantity
    if line.allotment_id is not None:
        from_pool = line.quantity - line.from_allotment
        to_pool = min(quantity, max(0, from_pool - line.restocked))
    shares = ((None, to_pool), (line.allotment_id, quantity - to_pool))
    for allotment_pk, share in shares:
        level = (
            locked.pools[line.sku_id] if allotment_pk is None else locked.allotments[allotment_pk]
        )
        fitting = max(0, min(share, MAX_STOCK - level.available))
        if fitting:
            locked.change(line.sku_id, fitting, kind=kind, cause=cause, allotment_pk=allotment_pk)
            line.restocked += fitting


def write(lines: Collection[Line]) -> None:
    """Write how many pieces of some lines went back."""
    bulk.update(
        "orders_line",
        [line.pk for line in lines],
        {"restocked": ("int", [line.restocked for line in lines])},
    )
