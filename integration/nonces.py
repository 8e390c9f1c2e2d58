"""Nonces: each is good once for its key, remembered for longer than a signature's window."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kit import bulk

# Longer than the ±300 s in which a timestamp is accepted.
KEPT_SECONDS = 900


def use(claims: Sequence[tuple[int, str]], *, at: datetime) -> set[tuple[int, str]]:
    """Take (key, nonce) pairs for good; return those that were still free, each one only once."""
    wanted = sorted(set(claims))
    taken = bulk.query(
        "INSERT INTO integration_nonce (key_id, nonce, used_at)"
        " SELECT key_id, nonce, %s FROM unnest(%s::bigint[], %s::text[]) AS claim (key_id, nonce)"
        " ON CONFLICT DO NOTHING RETURNING key_id, nonce",
        [at, bulk.array(key for key, _ in wanted), bulk.array(nonce for _, nonce in wanted)],
    )
    return {(key, nonce) for key, nonce in taken}


def forget(*, at: datetime) -> int:
    """Delete the nonces that no timestamp can carry any more; return how many."""
    return bulk.execute(
        "DELETE FROM integration_nonce WHERE used_at < %s", [at - timedelta(seconds=KEPT_SECONDS)]
    )
