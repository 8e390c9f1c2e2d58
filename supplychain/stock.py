"""Stock: one exact pool per sku, and allotments beside it.

Whoever changes stock locks the rows first (`lock`: allotments, then pools, each in primary-key
order), decides on what it read, and writes all changes at once (`move`). The statement that writes
checks again, and every change is a movement with the balance after it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import bulk, numbers, values
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from supplychain.models import MAX_STOCK, Allotment, MovementKind, Sku, Stock


class StockInsufficient(DomainError):
    code = "stock_insufficient"
    text = _("“{sku_no}” is short: {wanted} wanted, {available} available.")


class StockChanged(DomainError):
    code = "stock_changed"
    text = _("Stock has changed since you looked: it is version {version} now, with {available}.")


class AllotmentChanged(DomainError):
    code = "allotment_changed"
    text = _("The allotment has changed since you looked: it holds {available} now.")


class StockOutOfRange(DomainError):
    code = "stock_out_of_range"
    text = _("Stock is from 0 to {limit}; {available} is not.")


@dataclass(slots=True)
class Level:
    """What a locked row holds now; `take` and `give` change it as the act decides."""

    available: int
    version: int


@dataclass(slots=True)
class Locked:
    """Rows held until the transaction ends, with the movements decided so far."""

    pools: dict[int, Level]
    allotments: dict[int, Level]
    movements: list["Change"] = field(default_factory=list)

    def change(
        self,
        sku_pk: int,
        quantity: int,
        *,
        kind: MovementKind,
        cause: str,
        allotment_pk: int | None = None,
        note: str = "",
    ) -> None:
        """Decide one change; `quantity` is signed. The caller has made sure that it fits."""
        level = self.pools[sku_pk] if allotment_pk is None else self.allotments[allotment_pk]
        level.available += quantity
        level.version += 1
        assert level.available >= 0, (sku_pk, allotment_pk, level.available)
        self.movements.append(
            Change(
                sku_pk, allotment_pk, quantity, kind, cause, note, level.available, level.version
            )
        )


class Change(values.Value, frozen=True):
    """A movement that has been decided, with the balance and version after it."""

    sku_pk: int
    allotment_pk: int | None
    quantity: int
    kind: MovementKind
    cause: str
    note: str
    balance_after: int
    version: int


def lock(sku_pks: Collection[int], allotment_pks: Collection[int] = ()) -> Locked:
    """Lock allotments and pools, last in the rank of locks, and read what they hold."""
    allotments = _lock_rows("supplychain_allotment", "id", allotment_pks) if allotment_pks else {}
    pools = _lock_rows("supplychain_stock", "sku_id", sku_pks) if sku_pks else {}
    return Locked(pools, allotments)


def move(locked: Locked, *, at: datetime, actors: Sequence[Actor] | Actor) -> None:
    """Write what was decided: the new levels, and a movement for each change.

    `actors` is one for all, or one for each movement.
    """
    changes = locked.movements
    if not changes:
        return
    pools = {change.sku_pk for change in changes if change.allotment_pk is None}
    allotments = {change.allotment_pk for change in changes if change.allotment_pk is not None}
    _write_levels("supplychain_allotment", "id", allotments, locked.allotments)
    _write_levels("supplychain_stock", "sku_id", pools, locked.pools)
    names = [str(actors)] * len(changes) if isinstance(actors, Actor) else [str(a) for a in actors]
    _write_movements(changes, names, at)
    locked.movements = []


@transaction.atomic(durable=True)
def set_available(
    *,
    sku_pk: int,
    available: int,
    actor: Actor,
    at: datetime,
    expected_version: int | None = None,
    note: str = "",
) -> Stock:
    """Set what a pool holds; with `expected_version` only if nobody changed it meanwhile.

    :raises NotFound: there is no such sku.
    :raises StockChanged: its version is another.
    :raises StockOutOfRange: negative or absurd.
    """
    if expected_version is not None:
        level = lock([sku_pk]).pools.get(sku_pk)
        if level and level.version != expected_version:
            raise StockChanged(version=level.version, available=level.available)
    set_many_within(available={sku_pk: available}, actor=actor, at=at, note=note)
    return Stock.objects.get(sku_id=sku_pk)


@transaction.atomic(durable=True)
def adjust(*, sku_pk: int, quantity: int, actor: Actor, at: datetime, note: str = "") -> Stock:
    """Add to a pool, or take from it with a negative quantity.

    :raises NotFound: there is no such sku.
    :raises StockInsufficient: the pool does not hold that much.
    :raises StockOutOfRange: more than a pool may hold.
    """
    locked = lock([sku_pk])
    level = locked.pools.get(sku_pk)
    if level is None:
        raise NotFound
    if level.available + quantity < 0:
        raise _short(sku_pk, wanted=-quantity, available=level.available)
    if level.available + quantity > MAX_STOCK:
        raise StockOutOfRange(limit=MAX_STOCK, available=level.available + quantity)
    if quantity:
        locked.change(sku_pk, quantity, kind=MovementKind.ADJUST, cause=_cause(), note=note)
        move(locked, at=at, actors=actor)
    return Stock.objects.get(sku_id=sku_pk)


@transaction.atomic(savepoint=False)
def set_many_within(
    *, available: Mapping[int, int], actor: Actor, at: datetime, note: str = ""
) -> int:
    """Set what pools hold, by sku, in the caller's transaction; return how many changed.

    :raises NotFound: one of the skus does not exist.
    :raises StockOutOfRange: negative or absurd.
    """
    locked = lock(list(available))
    cause = _cause()
    for sku_pk, wanted in available.items():
        level = locked.pools.get(sku_pk)
        if level is None:
            raise NotFound
        if not 0 <= wanted <= MAX_STOCK:
            raise StockOutOfRange(limit=MAX_STOCK, available=wanted)
        if wanted != level.available:
            quantity = wanted - level.available
            locked.change(sku_pk, quantity, kind=MovementKind.SET, cause=cause, note=note)
    changed = len(locked.movements)
    move(locked, at=at, actors=actor)
    return changed


@transaction.atomic(durable=True)
def allot(
    *,
    sku_pk: int,
    distributor: Distributor,
    quantity: int,
    then_pool: bool,
    actor: Actor,
    at: datetime,
    expected: int | None = None,
) -> Allotment:
    """Reserve `quantity` pieces of a pool for one distributor, in place of what it had before.

    With `expected` only if it holds so many now.

    :raises NotFound: there is no such sku.
    :raises AllotmentChanged: it holds another number.
    :raises StockInsufficient: pool and old allotment together do not hold that much.
    """
    allotment, created = Allotment.objects.get_or_create(
        sku=Sku.objects.filter(pk=sku_pk).first() or _missing(),
        distributor=distributor,
        defaults={"then_pool": then_pool},
    )
    locked = lock([sku_pk], [allotment.pk])
    holds = locked.allotments[allotment.pk].available
    if expected is not None and holds != expected:
        raise AllotmentChanged(available=holds)
    more = quantity - holds
    pool = locked.pools[sku_pk]
    if quantity < 0 or more > pool.available:
        raise _short(sku_pk, wanted=quantity, available=quantity - more + pool.available)
    if more:
        cause = _cause()
        locked.change(sku_pk, -more, kind=MovementKind.ALLOT, cause=cause)
        locked.change(sku_pk, more, kind=MovementKind.ALLOT, cause=cause, allotment_pk=allotment.pk)
    elif pool.available and then_pool != (created or allotment.then_pool):
        _show_change(locked, sku_pk)
    move(locked, at=at, actors=actor)
    Allotment.objects.filter(pk=allotment.pk).update(then_pool=then_pool)
    allotment.refresh_from_db()
    return allotment


def _show_change(locked: Locked, sku_pk: int) -> None:
    """Raise the version of a pool of which nothing moves: what somebody can order is another."""
    cause = _cause()
    for quantity, way in ((-1, "out"), (1, "in")):
        locked.change(sku_pk, quantity, kind=MovementKind.ALLOT, cause=f"{cause}/{way}")


def _missing() -> Sku:
    raise NotFound


def _short(sku_pk: int, *, wanted: int, available: int) -> StockInsufficient:
    sku_no = Sku.objects.values_list("sku_no", flat=True).get(pk=sku_pk)
    return StockInsufficient(sku_no=sku_no, wanted=wanted, available=available)


def _cause() -> str:
    """Name an act of a person, which has no number of its own."""
    return "by-hand:" + numbers.unguessable(12)


def _lock_rows(table: str, key: str, pks: Collection[int]) -> dict[int, Level]:
    rows = bulk.query(
        f"SELECT {key}, available, version FROM {table} WHERE {key} = ANY(%s::bigint[])"
        f" ORDER BY {key} FOR NO KEY UPDATE",
        [bulk.array(pks)],
        planned=True,
    )
    return {pk: Level(available, version) for pk, available, version in rows}


def _write_levels(table: str, key: str, pks: Collection[int], levels: Mapping[int, Level]) -> None:
    if not pks:
        return
    ordered = sorted(pks)
    written = bulk.execute(
        f"UPDATE {table} AS level SET available = new.available, version = new.version"
        " FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS new (pk, available, version)"
        f" WHERE level.{key} = new.pk AND level.version < new.version AND new.available >= 0",
        [
            bulk.array(ordered),
            bulk.array(levels[pk].available for pk in ordered),
            bulk.array(levels[pk].version for pk in ordered),
        ],
        planned=True,
    )
    assert written == len(ordered), (table, written, len(ordered))


def _write_movements(changes: Sequence[Change], actors: Sequence[str], at: datetime) -> None:
    bulk.insert(
        "supplychain_movement",
        {
            "sku_id": ("bigint", [c.sku_pk for c in changes]),
            "allotment_id": ("bigint", [c.allotment_pk for c in changes]),
            "kind": ("text", [c.kind.value for c in changes]),
            "quantity": ("int", [c.quantity for c in changes]),
            "balance_after": ("int", [c.balance_after for c in changes]),
            "version": ("bigint", [c.version for c in changes]),
            "cause": ("text", [c.cause for c in changes]),
            "note": ("text", [c.note for c in changes]),
            "actor": ("text", list(actors)),
            "moved_at": ("timestamptz", bulk.Same(at)),
        },
        alike=(("allotment_id", "kind", "note"), ("quantity",), ("actor",)),
    )
