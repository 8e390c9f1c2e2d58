"""How much partners' machines ask for: exact counts by minute, and what is read out of them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from kit import bulk

# Durations are counted up to each of these (µs), and beyond the last.
BOUNDS_US = (
    2_000, 5_000, 10_000, 20_000, 35_000, 50_000, 75_000, 100_000, 150_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000,
)  # fmt: skip
KEPT_DAYS = 35
# After so long a minute is of no interest any more, and hours are kept.
MINUTES_KEPT_HOURS = 49

# Whose, by which key, Unix minute, route, class of status, code of the error.
Kind = tuple[int, int, int, str, int, str]

_SIZE = len(BOUNDS_US) + 1
_SUMS = f"ARRAY[{', '.join(f'sum(took[{n}])' for n in range(1, _SIZE + 1))}]"
_BOTH = ", ".join(f"usage.took[{n}] + excluded.took[{n}]" for n in range(1, _SIZE + 1))
_COLUMNS = "partner_id, minute, key_id, route, status_class, code"
_ADD = (
    f" ON CONFLICT ({_COLUMNS}) DO UPDATE SET"
    f" requests = usage.requests + excluded.requests, took = ARRAY[{_BOTH}]"
)


def add(counts: Mapping[Kind, list[int]]) -> None:
    """Add what was counted, in the running transaction."""
    # Always in the same order, so that two processes can never wait for each other.
    kinds = sorted(counts)
    if not kinds:
        return
    took = [f"t{number}" for number in range(_SIZE)]
    bulk.execute(
        f"INSERT INTO integration_usage AS usage ({_COLUMNS}, requests, took)"
        " SELECT partner_id, to_timestamp(minute * 60), key_id, route, status_class, code,"
        f" {' + '.join(took)}, ARRAY[{', '.join(took)}]"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::text[],"
        f" {', '.join(['%s::bigint[]'] * _SIZE)})"
        f" AS new (partner_id, key_id, minute, route, status_class, code, {', '.join(took)}){_ADD}",
        [
            *[bulk.array(kind[position] for kind in kinds) for position in range(6)],
            *[bulk.array(counts[kind][position] for kind in kinds) for position in range(_SIZE)],
        ],
    )


def note_firsts(firsts: Collection[tuple[int, str]], *, at: datetime) -> None:
    """Remember which partners have succeeded at which routes."""
    if not firsts:
        return
    ordered = sorted(firsts)
    bulk.execute(
        "INSERT INTO integration_firstcall (partner_id, route, at)"
        " SELECT partner_id, route, %s FROM unnest(%s::bigint[], %s::text[])"
        " AS new (partner_id, route) ON CONFLICT DO NOTHING",
        [at, bulk.array(one[0] for one in ordered), bulk.array(one[1] for one in ordered)],
    )


def note_positions(positions: Mapping[int, tuple[int, int, float]]) -> None:
    """Remember how far keys have read the feed: by key, whose it is, the event, and when (Unix)."""
    if not positions:
        return
    keys = sorted(positions)
    bulk.execute(
        "INSERT INTO integration_feedposition (key_id, partner_id, seq, read_at)"
        " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])"
        " ON CONFLICT (key_id) DO UPDATE SET seq = excluded.seq, read_at = excluded.read_at"
        " WHERE excluded.read_at >= integration_feedposition.read_at",
        [
            bulk.array(keys),
            bulk.array(positions[key][0] for key in keys),
            bulk.array(positions[key][1] for key in keys),
            bulk.array(datetime.fromtimestamp(positions[key][2], UTC) for key in keys),
        ],
    )


def tidy(*, at: datetime) -> int:
    """Put minutes that are over for two days together as hours, delete the oldest; return how many went."""
    folded = bulk.execute(
        "WITH old AS (DELETE FROM integration_usage WHERE minute < %s"
        " AND minute <> date_trunc('hour', minute) RETURNING *)"
        f" INSERT INTO integration_usage AS usage ({_COLUMNS}, requests, took)"
        " SELECT partner_id, date_trunc('hour', minute) AS hour, key_id, route, status_class, code,"
        f" sum(requests), {_SUMS} FROM old GROUP BY partner_id, hour, key_id, route, status_class, code"
        f" ORDER BY 1, 2, 3, 4, 5, 6{_ADD}",
        [at - timedelta(hours=MINUTES_KEPT_HOURS)],
    )
    deleted = bulk.execute(
        "DELETE FROM integration_usage WHERE minute < %s", [at - timedelta(days=KEPT_DAYS)]
    )
    return folded + deleted


def quantile_ms(took: list[int], share: float) -> float | None:
    """Return below how many milliseconds a share of requests stayed, or None of nothing.

    >>> quantile_ms([0, 8, 2] + [0] * (len(BOUNDS_US) - 2), 0.5)
    3.9
    """
    wanted = sum(took) * share
    if not wanted:
        return None
    before, low_us = 0, 0
    for count, high_us in zip(took, (*BOUNDS_US, 2 * BOUNDS_US[-1]), strict=True):
        if before + count >= wanted and count:
            return round((low_us + (high_us - low_us) * (wanted - before) / count) / 1000, 1)
        before, low_us = before + count, high_us
    raise AssertionError("the share is at most one")


class Slot(NamedTuple):
    """What was asked for from `at` on, until the next slot."""

    at: datetime
    requests: int
    errors: int


class Route(NamedTuple):
    """What was asked for of one route, and how long that took."""

    route: str
    requests: int
    errors: int
    took: list[int]


class Failure(NamedTuple):
    """How often an error came, and when last (to the minute)."""

    code: str
    requests: int
    last_at: datetime


def slots(partner_pk: int, *, since: datetime, until: datetime, length: timedelta) -> list[Slot]:
    """Return slots of equal length without a gap, those without requests included."""
    seconds = int(length.total_seconds())
    rows = bulk.query(
        "SELECT floor(extract(epoch FROM minute - %s) / %s)::int AS slot, sum(requests)::bigint,"
        " coalesce(sum(requests) FILTER (WHERE status_class >= 4), 0)::bigint"
        " FROM integration_usage WHERE partner_id = %s AND minute >= %s AND minute < %s GROUP BY 1",
        [since, seconds, partner_pk, since, until],
    )
    found = {slot: (requests, errors) for slot, requests, errors in rows}
    count = -(-int((until - since).total_seconds()) // seconds)
    return [Slot(since + number * length, *found.get(number, (0, 0))) for number in range(count)]


def routes(partner_pk: int, *, since: datetime) -> list[Route]:
    """Return what was asked for by route, the most used first."""
    rows = bulk.query(
        "SELECT route, sum(requests)::bigint,"
        " coalesce(sum(requests) FILTER (WHERE status_class >= 4), 0)::bigint,"
        f" {_SUMS}::bigint[] FROM integration_usage WHERE partner_id = %s AND minute >= %s"
        " GROUP BY route ORDER BY 2 DESC, 1",
        [partner_pk, since],
    )
    return [Route(*row) for row in rows]


def failures(partner_pk: int, *, since: datetime) -> list[Failure]:
    """Return errors by their code, the most frequent first."""
    rows = bulk.query(
        "SELECT code, sum(requests)::bigint, max(minute) FROM integration_usage"
        " WHERE partner_id = %s AND minute >= %s AND status_class >= 4"
        " GROUP BY code ORDER BY 2 DESC, 1",
        [partner_pk, since],
    )
    return [Failure(*row) for row in rows]


def total(partner_pk: int, *, since: datetime) -> int:
    """Return how many requests there were."""
    [(requests,)] = bulk.query(
        "SELECT coalesce(sum(requests), 0)::bigint FROM integration_usage"
        " WHERE partner_id = %s AND minute >= %s",
        [partner_pk, since],
    )
    return int(requests)


def peak(partner_pk: int, *, since: datetime) -> tuple[int, datetime | None]:
    """Return the most requests that one key made in one minute, and when; of the last two days."""
    rows = bulk.query(
        "SELECT sum(requests)::bigint, minute FROM integration_usage"
        " WHERE partner_id = %s AND minute >= %s GROUP BY key_id, minute ORDER BY 1 DESC, 2 LIMIT 1",
        [partner_pk, since],
    )
    return (int(rows[0][0]), rows[0][1]) if rows else (0, None)


def first_calls(partner_pk: int) -> set[str]:
    """Return the routes at which a partner's machines have ever succeeded."""
    rows = bulk.query("SELECT route FROM integration_firstcall WHERE partner_id = %s", [partner_pk])
    return {route for (route,) in rows}
