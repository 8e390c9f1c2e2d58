"""Following goods: what has changed since a position, every change once, whoever commits late.

Changes are written by triggers in the transaction that makes them, numbered after its commit by
whoever reads next (as events are: ADR 0007), and kept for the policy's days. Nothing is written for
each distributor: what concerns a reader is decided when it reads.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from distributors.models import Distributor
from kit import bulk, values
from kit.errors import DomainError
from supplychain import offers, showing
from supplychain.models import ChangeKind

MAX_SEQ = 2**63 - 1
STAMPED_AT_ONCE = 20_000
FORGOTTEN_AT_ONCE = 5_000

_MARK = "SELECT last_seq, forgotten_seq FROM supplychain_changemark ORDER BY id LIMIT 1"
# A second statement numbers: it sees what was committed while the first waited for nothing.
_STAMP = """
WITH numbered AS (
    SELECT id, %s + row_number() OVER (ORDER BY id) AS seq FROM supplychain_change
    WHERE seq IS NULL ORDER BY id LIMIT %s),
stamped AS (
    UPDATE supplychain_change change SET seq = numbered.seq
    FROM numbered WHERE change.id = numbered.id RETURNING change.id)
UPDATE supplychain_changemark SET last_seq = last_seq + (SELECT count(*) FROM stamped)
WHERE id = %s RETURNING last_seq
"""
# Last: whether the reader could see the product at all before it changed. To the rule of sight the
# change stands in the product's place.
_READ = f"""
SELECT change.seq, change.kind, change.product_id, product.item_no, change.changed_at,
    change.product_id IS NULL OR change.distributor_id IS NOT NULL OR (
        (NOT supplychain_product.chosen_only OR EXISTS (
            SELECT FROM supplychain_opening opening
            WHERE opening.product_id = change.product_id
            AND opening.distributor_id = {{distributor}}))
        AND {offers.WITHIN_LIMITS})
FROM supplychain_change change
CROSS JOIN LATERAL (
    SELECT change.category_id, change.brand_id, change.chosen_only) AS supplychain_product
LEFT JOIN supplychain_product product ON product.id = change.product_id
WHERE change.seq > %(start)s
    AND (change.distributor_id IS NULL OR change.distributor_id = {{distributor}})
ORDER BY change.seq LIMIT %(limit)s
""".format(distributor="%(distributor)s")
_FORGET = """
WITH old AS (
    SELECT id, seq FROM supplychain_change WHERE seq IS NOT NULL AND changed_at < %s
    ORDER BY seq LIMIT %s),
gone AS (
    DELETE FROM supplychain_change WHERE id IN (SELECT id FROM old))
SELECT count(*), max(seq) FROM old
"""
# Of several changes of a product on one page, the strongest is named.
_STRENGTH = [ChangeKind.LISTED, ChangeKind.UPDATED, ChangeKind.PRICE, ChangeKind.DELISTED]


class ChangesNotKept(DomainError):
    code = "changes_not_kept"
    text = _(
        "Changes after {after} are not known any more: copy all products, and go on from there."
    )


class Note(values.Value, frozen=True):
    """A change as one distributor sees it; without a number it is about everything.

    `product` is what is to be sold now, or None where there is nothing of the kind any more.
    """

    seq: int
    kind: str
    item_no: str | None
    changed_at: datetime
    product: showing.Document | None


class Reading(values.Value, frozen=True):
    """What was read: `position` is where to go on, `latest` the newest there is."""

    notes: list[Note]
    position: int
    latest: int


def stamp() -> None:
    """Number what was committed without a number.

    Safe to run at any time and by many at once: who finds another at it leaves it to that one.
    """
    while _stamp_some() == STAMPED_AT_ONCE:
        pass


def latest() -> int:
    """Return the newest position; read in a snapshot, all that it tells of is in the snapshot."""
    rows = bulk.query(_MARK)
    return int(rows[0][0]) if rows else 0


def read(distributor: Distributor, *, after: int | None, limit: int) -> Reading:
    """Return what changed after a position (None: from the oldest kept on), `limit` rows at most.

    Rows that do not concern the distributor count too, so there may be fewer notes, or none.

    :raises ChangesNotKept: what follows the position was deleted, or it is none of ours.
    """
    stamp()
    [(newest, forgotten)] = bulk.query(_MARK) or [(0, 0)]
    start = forgotten if after is None else after
    if not forgotten <= start <= newest:
        raise ChangesNotKept(pointer="/after", after=start)
    rows = bulk.query(_READ, {"distributor": distributor.pk, "start": start, "limit": limit})
    last = rows[-1][0] if rows else start
    # More may have been numbered meanwhile.
    newest = max(newest, last)
    position = last if len(rows) == limit else newest
    return Reading(_notes(rows, distributor), position, newest)


def forget(*, at: datetime) -> int:
    """Delete changes that are older than the policy keeps events; return how many.

    Run by a timer, as often and by as many as you like.
    """
    stamp()
    before = at - timedelta(days=policies.read().events_kept_days)
    forgotten = 0
    while True:
        deleted = _forget_some(before)
        forgotten += deleted
        if deleted < FORGOTTEN_AT_ONCE:
            return forgotten


def _stamp_some() -> int:
    """Number the oldest without a number, in a transaction of their own; return how many."""
    if not bulk.query("SELECT FROM supplychain_change WHERE seq IS NULL LIMIT 1"):
        return 0
    with transaction.atomic():
        bulk.execute(
            "INSERT INTO supplychain_changemark (id, last_seq, forgotten_seq) VALUES (1, 0, 0)"
            " ON CONFLICT DO NOTHING"
        )
        marks = bulk.query(
            "SELECT id, last_seq FROM supplychain_changemark FOR NO KEY UPDATE SKIP LOCKED"
        )
        if not marks:
            return 0
        [(pk, last)] = marks
        return int(bulk.query(_STAMP, [last, STAMPED_AT_ONCE, pk])[0][0]) - int(last)


@transaction.atomic(durable=True)
def _forget_some(before: datetime) -> int:
    [(count, seq)] = bulk.query(_FORGET, [before, FORGOTTEN_AT_ONCE])
    if count:
        bulk.execute(
            "UPDATE supplychain_changemark SET forgotten_seq = GREATEST(forgotten_seq, %s)", [seq]
        )
    return int(count)


def _notes(rows: Iterable[tuple[Any, ...]], distributor: Distributor) -> list[Note]:
    rows = list(rows)
    products = _shown({row[2] for row in rows if row[2] is not None}, distributor)
    newest: dict[int, Note] = {}
    kinds: dict[int, set[str]] = {}
    notes: list[Note] = []
    for seq, kind, pk, item_no, changed_at, reached in rows:
        if pk is None:
            notes.append(Note(seq, kind, None, changed_at, None))
        elif pk in products or reached:
            # What it could not see before is new to it.
            kinds.setdefault(pk, set()).add(kind if reached else ChangeKind.LISTED)
            shown = products.get(pk)
            told = _strongest(kinds[pk]) if shown else ChangeKind.DELISTED
            newest[pk] = Note(seq, told, item_no, changed_at, shown)
    return sorted([*notes, *newest.values()], key=lambda note: note.seq)


def _shown(pks: Iterable[int], distributor: Distributor) -> dict[int, showing.Document]:
    """Return the products that a distributor sees now."""
    visible = offers.offered_to(distributor).filter(pk__in=pks)
    return dict(showing.documents(visible, distributor, in_full=False))


def _strongest(kinds: set[str]) -> ChangeKind:
    """Return what to call several changes at once; on sale now, it was listed in the end."""
    found = next(kind for kind in _STRENGTH if kind in kinds)
    return ChangeKind.LISTED if found == ChangeKind.DELISTED else found
