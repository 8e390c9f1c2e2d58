"""Following a table as it grows: every row once, however late its transaction commits.

Rows get their numbers before they are committed, so a lower one may come to light after a higher one
was read. Numbers that were passed over are kept as gaps, and looked for until every transaction is
over that could still bring them. Whoever writes the table pays nothing for being followed.
"""

from collections.abc import Sequence

from integration.models import Position
from kit import bulk

ROWS_AT_ONCE = 50_000

_START = """
INSERT INTO integration_position (name, top, notes)
SELECT %s, COALESCE({place}, 0), '{{}}' FROM {table} ON CONFLICT DO NOTHING
"""
_OLDEST = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
# One statement, so that rows and horizon are of one snapshot.
_READ = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    ARRAY(SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s),
    ARRAY(SELECT gap.row_id FROM integration_gap gap JOIN {table} late ON late.id = gap.row_id
        WHERE gap.position_id = %s ORDER BY gap.row_id)
"""
# What is not there yet came from a restored copy, and speaks of another server's transactions.
_FORGET = """
DELETE FROM integration_gap
WHERE position_id = %s AND (row_id = ANY(%s::bigint[]) OR horizon <= %s OR horizon > %s)
"""
_KEEP = """
INSERT INTO integration_gap (position_id, row_id, horizon) SELECT %s, unnest(%s::bigint[]), %s
"""


def claim(name: str, table: str, *, from_the_first: bool = False) -> Position | None:
    """Take a reader's position for the running transaction; None where another has it just now.

    A new reader begins at the table's end, or with the first row that is there.
    """
    positions = Position.objects.select_for_update(no_key=True, skip_locked=True)
    position = positions.filter(pk=name).first()
    place = "min(id) - 1" if from_the_first else "max(id)"
    if position is None and bulk.execute(_START.format(table=table, place=place), [name]):
        position = positions.filter(pk=name).first()
    return position


def advance(position: Position, table: str, *, at_once: int = ROWS_AT_ONCE) -> list[int]:
    """Return the keys of the rows that were committed since the last time, and move on.

    What is more than `at_once` comes the next time.

    What is done with them belongs to the same transaction: if it fails, they are read again.
    """
    [(oldest, newest)] = bulk.query(_OLDEST)
    [(horizon, fresh, late)] = bulk.query(
        _READ.format(table=table), [position.top, at_once, position.pk]
    )
    bulk.execute(_FORGET, [position.pk, bulk.array(late), oldest, newest])
    missing = _missing(position.top, fresh)
    if missing:
        bulk.execute(_KEEP, [position.pk, bulk.array(missing), horizon])
    if fresh:
        position.top = fresh[-1]
        position.save()
    return [*late, *fresh]


def _missing(top: int, fresh: list[int]) -> Sequence[int]:
    if not fresh or fresh[-1] - top == len(fresh):
        return ()
    return sorted(set(range(top + 1, fresh[-1])).difference(fresh))
