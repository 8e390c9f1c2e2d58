"""Pushing stock: distributors learn within a second what moved of the goods they asked for.

Nothing of this is in the way of orders. The movement is the fact, and already there; a flusher
follows the movements, works out what every distributor concerned can order now, and writes events of
up to `MAX_ITEMS` skus: one a second for each distributor, with the newest of whatever moved meanwhile.
What came to 0 or from 0 does not wait for that second.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from integration import following, outbox
from integration.models import Position
from integration.outbox import Message
from kit import bulk, values
from supplychain import offers
from supplychain.selecting import ORDERED_DAYS
from supplychain.telling import MANY

FOLLOWER = "stock"
MOVEMENTS = "supplychain_movement"
MAX_ITEMS = 500
INTERVAL = timedelta(seconds=1)
# What a second may bring; after a large import the rest follows second by second.
MOVEMENTS_AT_ONCE = 10_000

_MOVED = """
SELECT sku_id, COALESCE(allotment_id, 0), max(id) FROM supplychain_movement
WHERE id = ANY(%s::bigint[]) GROUP BY 1, 2
"""
# A whole catalogue that is stocked at once is no matter of half a second.
_CROSSED = """
SELECT sku_id, COALESCE(allotment_id, 0), max(id) FROM (
    SELECT sku_id, allotment_id, id FROM supplychain_movement
    WHERE id > %s AND (balance_after = 0 OR balance_after = quantity) ORDER BY id LIMIT 1000) AS first
GROUP BY 1, 2
"""
# Whom a movement concerns: that of a pool everybody who asked for the goods, that of an allotment
# the distributor it is for.
_CONCERNED = """
wanted AS (
    SELECT buyer.distributor_id, moved.sku_id
    FROM unnest(%(skus)s::bigint[]) AS moved (sku_id)
    JOIN supplychain_sku sku ON sku.id = moved.sku_id
    JOIN LATERAL (
        SELECT distributor_id FROM supplychain_selection WHERE product_id = sku.product_id
        UNION SELECT distributor_id FROM supplychain_orderedproduct
        WHERE product_id = sku.product_id AND ordered_at >= %(since)s
        UNION SELECT distributor_id FROM supplychain_allotment WHERE sku_id = sku.id) AS buyer ON true
    UNION SELECT distributor_id, sku_id FROM supplychain_allotment
    WHERE id = ANY(%(allotments)s::bigint[])
    UNION SELECT distributor_id, sku_id
    FROM unnest(%(buyers)s::bigint[], %(bought)s::bigint[]) AS named (distributor_id, sku_id))
"""
# What waited longest comes first; what is more than an event holds waits for the next second.
_TELL = f"""
WITH {_CONCERNED},
waited AS MATERIALIZED (
    SELECT first.id, first.distributor_id, first.sku_id
    FROM distributors_distributor buyer
    CROSS JOIN LATERAL (SELECT id, distributor_id, sku_id FROM supplychain_stockwaiting one
        WHERE one.distributor_id = buyer.id ORDER BY id LIMIT {MAX_ITEMS}) AS first
    WHERE %(in_turn)s),
pair AS (
    SELECT distributor_id, sku_id, min(turn) AS turn
    FROM (SELECT distributor_id, sku_id, id AS turn FROM waited
        UNION ALL SELECT distributor_id, sku_id, NULL FROM wanted) AS every
    GROUP BY distributor_id, sku_id),
goods AS MATERIALIZED (
    SELECT sku.id AS sku_id, sku.sku_no, product.id AS product_id, product.chosen_only,
        stock.available, stock.version,
        '{{"item_no": ' || to_json(product.item_no) || ', "sku_no": ' || to_json(sku.sku_no) AS head
    FROM (SELECT DISTINCT sku_id FROM pair) AS moved
    JOIN supplychain_sku sku ON sku.id = moved.sku_id
    JOIN supplychain_stock stock ON stock.sku_id = sku.id
    JOIN supplychain_product product ON product.id = sku.product_id
    LEFT JOIN suppliers_supplier supplier ON supplier.id = product.supplier_id
    WHERE sku.offered AND sku.frozen_at IS NULL AND product.state = 'listed'
        AND (product.supplier_id IS NULL OR supplier.state = 'active')),
seen AS MATERIALIZED (
    SELECT distributor.id AS distributor_id, distributor.partner_id, goods.sku_id, goods.sku_no,
        row_number() OVER (PARTITION BY distributor.id ORDER BY turn NULLS LAST, goods.sku_id)
            AS place,
        head || ', "available": ' || (COALESCE(allotment.available, 0)
                + CASE WHEN COALESCE(allotment.then_pool, true) THEN goods.available ELSE 0 END)
            || ', "stock_version": ' || (goods.version + COALESCE(allotment.version, 0)) || '}}'
            AS item
    FROM pair
    JOIN distributors_distributor distributor ON distributor.id = pair.distributor_id
    JOIN goods ON goods.sku_id = pair.sku_id
    LEFT JOIN supplychain_allotment allotment
        ON allotment.sku_id = goods.sku_id AND allotment.distributor_id = distributor.id
    WHERE distributor.state <> 'closed'
        -- The whole rule of sight is asked only where choosing or a limit has a say.
        AND ((NOT goods.chosen_only
                AND distributor.id NOT IN (SELECT distributor_id FROM supplychain_limit))
            OR EXISTS (SELECT FROM supplychain_product
                WHERE supplychain_product.id = goods.product_id
                    AND {offers.OFFERED.format(distributor="distributor.id")}))),
gone AS (DELETE FROM supplychain_stockwaiting WHERE id IN (SELECT id FROM waited)),
put_off AS (
    INSERT INTO supplychain_stockwaiting (distributor_id, sku_id)
    SELECT distributor_id, sku_id FROM seen WHERE place > {MAX_ITEMS}
    ORDER BY distributor_id, place ON CONFLICT DO NOTHING)
SELECT partner_id, count(*), min(sku_no),
    '{{"items": [' || string_agg(item, ', ' ORDER BY place) || ']}}'
FROM seen WHERE place <= {MAX_ITEMS} GROUP BY partner_id ORDER BY partner_id
"""

# A pool (or an allotment, by its key) of a sku.
Shelf = tuple[int, int]


class Sought(values.Value, frozen=True):
    """A sku that a distributor tried to order when there was none."""

    distributor_pk: int
    sku_pk: int


@transaction.atomic(durable=True)
def push(*, at: datetime) -> int:
    """Tell what moved since the last time; return how many events that was.

    Run it as often and by as many as you like. Within a second of the last time, only what came to 0
    or from 0 is told.
    """
    position = following.claim(FOLLOWER, MOVEMENTS)
    if position is None:
        return 0
    early: dict[str, int] = position.notes.get("early", {})
    if not _is_due(position, at):
        return _push_crossings(position, early, at)
    rows = following.advance(position, MOVEMENTS, at_once=MOVEMENTS_AT_ONCE)
    moved = _shelves(_MOVED, bulk.array(rows))
    told = _tell(_without(moved, early), at=at, in_turn=True)
    if told or early:
        position.notes = {"pushed_at": at.isoformat()}
        position.save()
    return told


@transaction.atomic(savepoint=False)
def push_sought(sought: Collection[Sought], *, at: datetime) -> int:
    """Tell distributors that what they sought is not there; return how many events that was.

    Joins the caller's transaction.
    """
    return _tell({}, sought, at=at, in_turn=False)


def _is_due(position: Position, at: datetime) -> bool:
    """Whether a second is over; a clock that was set back does not stop anything."""
    pushed_at = position.notes.get("pushed_at")
    if pushed_at is None:
        return True
    return not timedelta() <= at - datetime.fromisoformat(pushed_at) < INTERVAL


def _push_crossings(position: Position, early: Mapping[str, int], at: datetime) -> int:
    """Tell of 0, and keep in mind up to which movement, lest the second tells it again."""
    crossed = _without(_shelves(_CROSSED, position.top), early)
    if not crossed:
        return 0
    position.notes["early"] = {**early, **{_name(shelf): pk for shelf, pk in crossed.items()}}
    position.save()
    return _tell(crossed, at=at, in_turn=False)


def _shelves(sql: str, movements: object) -> dict[Shelf, int]:
    """Return what moved, with the last movement of each."""
    return {(sku_pk, allotment_pk): pk for sku_pk, allotment_pk, pk in bulk.query(sql, [movements])}


def _without(moved: Mapping[Shelf, int], early: Mapping[str, int]) -> dict[Shelf, int]:
    return {shelf: pk for shelf, pk in moved.items() if pk > early.get(_name(shelf), 0)}


def _name(shelf: Shelf) -> str:
    return f"{shelf[0]}:{shelf[1]}"


def _tell(
    moved: Collection[Shelf],
    sought: Collection[Sought] = (),
    *,
    at: datetime,
    in_turn: bool,
) -> int:
    """Write events; with `in_turn` also what had to wait, as far as it fits."""
    rows = bulk.query(
        _TELL,
        {
            "skus": bulk.array(sku_pk for sku_pk, allotment_pk in moved if not allotment_pk),
            "allotments": bulk.array(pk for _, pk in moved if pk),
            "buyers": bulk.array(one.distributor_pk for one in sought),
            "bought": bulk.array(one.sku_pk for one in sought),
            "since": at - timedelta(days=ORDERED_DAYS),
            "in_turn": in_turn,
        },
    )
    messages = [
        Message(partner_pk, "stock.changed", sku_no if count == 1 else MANY, None, data)
        for partner_pk, count, sku_no, data in rows
    ]
    outbox.record(messages, at=at)
    return len(messages)
