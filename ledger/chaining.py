"""The chain over the ledger: every transfer's digest covers the one before it.

Whoever changes, drops or slips in a transfer must compute every digest after it anew; a copy of the
newest digest, kept elsewhere, shows even that. Committed transfers are linked by a sequencer, in the
order of their keys as it finds them, so that posting waits for nobody.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kit import bulk
from ledger.models import Link

# What the first digest covers in the place of one before it.
GENESIS = bytes(32)
LINKS_AT_ONCE = 5_000
# A transaction lives for seconds: no transfer with a key this far back is still to be committed.
LOOK_BACK = 200_000
# Any number that nobody else locks: one sequencer at a time.
_LOCK = 4_171_002

# The text that is covered: every column, in a form that depends on no setting of the session.
CANONICAL = """
jsonb_build_array(transfer.id, transfer.code, transfer.reference, transfer.debit_id,
    transfer.credit_id, transfer.amount_fen,
    (extract(epoch FROM transfer.posted_at) * 1000000)::bigint, transfer.actor,
    transfer.distributor_pk, transfer.supplier_pk, transfer.order_no, transfer.out_order_no,
    transfer.line_id, transfer.sku_no, transfer.quantity, transfer.unit_fen, transfer.case_no,
    transfer.note, transfer.reverses_id)::text
"""

_UNLINKED = f"""
SELECT transfer.id, {CANONICAL} FROM ledger_transfer transfer
WHERE transfer.id > (SELECT coalesce(max(transfer_id), 0) - %s FROM ledger_link)
    AND NOT EXISTS (SELECT FROM ledger_link link WHERE link.transfer_id = transfer.id)
ORDER BY transfer.id LIMIT %s
"""

# Every link held against the one before it and against its transfer as it is now.
BROKEN = f"""
WITH linked AS (
    SELECT link.position, link.transfer_id, link.digest,
        lag(link.position, 1, 0::bigint) OVER chain AS position_before,
        lag(link.digest, 1, '\\x{GENESIS.hex()}'::bytea) OVER chain AS digest_before
    FROM ledger_link link WINDOW chain AS (ORDER BY link.position))
SELECT linked.position, linked.transfer_id, transfer.code, transfer.reference,
    CASE WHEN transfer.id IS NULL THEN 'missing'
        WHEN linked.position <> linked.position_before + 1 THEN 'gap' ELSE 'changed' END AS fault
FROM linked LEFT JOIN ledger_transfer transfer ON transfer.id = linked.transfer_id
WHERE transfer.id IS NULL OR linked.position <> linked.position_before + 1
    OR linked.digest <> sha256(linked.digest_before || convert_to({CANONICAL}, 'UTF8'))
ORDER BY linked.position
"""


@dataclass(frozen=True, slots=True)
class Break:
    """The first link that does not hold: its transfer is `missing` or `changed`, or links are (`gap`)."""

    position: int
    transfer_pk: int
    code: str | None
    reference: str | None
    fault: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What verifying found: how long the chain is, its newest digest, and where it breaks first."""

    length: int
    digest: str
    unlinked: int
    broken: Break | None


def link(*, at: datetime) -> int:
    """Link what was committed without a link; return how many transfers that were.

    Safe to run at any time and by many at once: while one links, the others leave it to that one.
    """
    count = 0
    while True:
        linked = _link_some(at)
        count += linked
        if linked < LINKS_AT_ONCE:
            return count


def verify() -> Chain:
    """Hold every link against its transfer; reads only."""
    rows = bulk.query(f"{BROKEN} LIMIT 1")
    last = Link.objects.order_by("-position").first()
    unlinked = bulk.query(
        "SELECT count(*) FROM ledger_transfer transfer"
        " WHERE NOT EXISTS (SELECT FROM ledger_link link WHERE link.transfer_id = transfer.id)"
    )[0][0]
    return Chain(
        length=last.position if last else 0,
        digest=bytes(last.digest).hex() if last else GENESIS.hex(),
        unlinked=unlinked,
        broken=Break(*rows[0]) if rows else None,
    )


def digest_at(position: int) -> str | None:
    """Return the digest of a link in hexadecimal, or None where there is none."""
    found = Link.objects.filter(position=position).first()
    return bytes(found.digest).hex() if found else None


@transaction.atomic
def _link_some(at: datetime) -> int:
    if not bulk.query("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0]:
        return 0
    # A statement after the lock: it sees what the sequencer before this one has committed.
    last = Link.objects.order_by("-position").first()
    position = last.position if last else 0
    digest = bytes(last.digest) if last else GENESIS
    rows = bulk.query(_UNLINKED, [LOOK_BACK, LINKS_AT_ONCE])
    digests = []
    for _pk, text in rows:
        digest = hashlib.sha256(digest + text.encode()).digest()
        digests.append(digest)
    if rows:
        bulk.insert(
            "ledger_link",
            {
                "position": ("bigint", range(position + 1, position + 1 + len(rows))),
                "transfer_id": ("bigint", [pk for pk, _ in rows]),
                "digest": ("bytea", digests),
                "linked_at": ("timestamptz", bulk.Same(at)),
            },
        )
    return len(rows)
