"""An account's transfers as its holder reads them: what one fact moved is one entry.

A refund after receipt comes from everybody who earned: source, service fee, markup. Its distributor
must not learn from the parts what the source gets, so it reads the whole, under the number of the
case. Other transfers are entries of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit import bulk
from ledger.models import Account

NEWEST = 2**63 - 1
# Into how many transfers on one account a fact is split at most: what was not earned yet, and the
# shares of source, service fee and markup.
MAX_PARTS = 4

# The balance after the newest is the account's; it is read in the same statement, so that no
# transfer can come between. Each older balance follows from the amounts passed on the way.
_ENTRIES = """
SELECT min(part.id), part.code, coalesce(nullif(part.case_no, ''), part.reference),
    sum(CASE WHEN part.credit_id = account.id THEN part.amount_fen ELSE -part.amount_fen END)::bigint,
    part.order_no, part.out_order_no, part.line_id, part.sku_no, max(part.quantity),
    max(part.note), max(part.posted_at), account.balance_fen
FROM ledger_account account
JOIN LATERAL (
    (SELECT * FROM ledger_transfer WHERE credit_id = account.id AND id < %s
        ORDER BY id DESC LIMIT %s)
    UNION ALL
    (SELECT * FROM ledger_transfer WHERE debit_id = account.id AND id < %s
        ORDER BY id DESC LIMIT %s)
) AS part ON true
WHERE account.id = %s
GROUP BY account.id, part.code, coalesce(nullif(part.case_no, ''), part.reference), part.order_no,
    part.out_order_no, part.line_id, part.sku_no, part.credit_id = account.id
ORDER BY max(part.id) DESC LIMIT %s
"""

# The same from a transfer on, oldest first, with where the last part of each stands in the chain.
_FACTS = """
SELECT max(part.id), part.code, coalesce(nullif(part.case_no, ''), part.reference),
    sum(CASE WHEN part.credit_id = account.id THEN part.amount_fen ELSE -part.amount_fen END)::bigint,
    part.order_no, part.out_order_no, part.line_id, part.sku_no, max(part.quantity),
    max(part.note), part.posted_at, 0, min(part.id),
    CASE WHEN count(*) = count(link.position) THEN max(link.position) END
FROM ledger_account account
JOIN LATERAL (
    (SELECT * FROM ledger_transfer WHERE credit_id = account.id AND id >= %s)
    UNION ALL
    (SELECT * FROM ledger_transfer WHERE debit_id = account.id AND id >= %s)
) AS part ON true
LEFT JOIN ledger_link link ON link.transfer_id = part.id
WHERE account.id = %s
GROUP BY account.id, part.code, coalesce(nullif(part.case_no, ''), part.reference), part.order_no,
    part.out_order_no, part.line_id, part.sku_no, part.posted_at, part.credit_id = account.id
ORDER BY 1
"""


# The same entries, of the whole account at once: the balance after one is the account's less what
# the newer ones moved. Costs time by the number of transfers, so it serves who looks for something.
_MATCHING = """
WITH account AS (SELECT id, balance_fen FROM ledger_account WHERE id = %(account)s),
entry AS (
    SELECT min(part.id) AS pk, max(part.id) AS newest, part.code,
        coalesce(nullif(part.case_no, ''), part.reference) AS reference,
        sum(part.fen)::bigint AS fen, part.order_no, part.out_order_no, part.line_id, part.sku_no,
        max(part.quantity) AS quantity, max(part.note) AS note, max(part.posted_at) AS posted_at
    FROM (
        SELECT transfer.*, amount_fen AS fen FROM ledger_transfer transfer
            WHERE credit_id = (SELECT id FROM account)
        UNION ALL
        SELECT transfer.*, -amount_fen FROM ledger_transfer transfer
            WHERE debit_id = (SELECT id FROM account)) AS part
    GROUP BY part.code, 4, part.order_no, part.out_order_no, part.line_id, part.sku_no, part.fen > 0),
running AS (
    SELECT entry.*, account.balance_fen - coalesce(sum(entry.fen) OVER (
        ORDER BY newest DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint
        AS balance_fen
    FROM entry, account)
SELECT pk, code, reference, fen, order_no, out_order_no, line_id, sku_no, quantity, note, posted_at,
    balance_fen
FROM running
WHERE newest < %(below)s
    AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s::text[]))
    AND (%(number)s = '' OR %(number)s IN (order_no, out_order_no))
    AND (%(since)s::timestamptz IS NULL OR posted_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR posted_at < %(until)s)
ORDER BY newest DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for: posted since and before a moment, of some codes, of an order."""

    codes: Sequence[str] = ()
    order_no: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a fact moved on an account: a signed amount, and the balance after it.

    `pk` is the position below which older entries begin.
    """

    pk: int
    code: str
    reference: str
    amount_fen: int
    order_no: str
    out_order_no: str
    line_id: str
    sku_no: str
    quantity: int | None
    note: str
    posted_at: datetime
    balance_fen: int

    @property
    def balance_before_fen(self) -> int:
        return self.balance_fen - self.amount_fen


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry without its balance: the first of its transfers, and its place in the ledger's chain.

    `position` is None until the whole of it is linked.
    """

    entry: Entry
    first_pk: int
    position: int | None


def facts(account: Account, *, since_pk: int) -> list[Fact]:
    """Return what moved an account from a transfer on, oldest first; balances are left at 0."""
    rows = bulk.query(_FACTS, [since_pk, since_pk, account.pk])
    return [Fact(Entry(*row[:-2]), *row[-2:]) for row in rows]


def entries(
    account: Account, *, limit: int, below: int = NEWEST, balance_fen: int | None = None
) -> list[Entry]:
    """Return an account's newest entries, or those below a position that began with a balance."""
    # So many that the last entry is whole.
    parts = (limit + 1) * MAX_PARTS
    rows = bulk.query(_ENTRIES, [below, parts, below, parts, account.pk, limit])
    found: list[Entry] = []
    for row in rows:
        # The first, unless it is said otherwise, leaves what the account holds now.
        balance_fen = row[-1] if balance_fen is None else balance_fen
        found.append(Entry(*(*row[:-1], balance_fen)))
        balance_fen = found[-1].balance_before_fen
    return found


def matching(account: Account, wanted: Wanted, *, limit: int, below: int = NEWEST) -> list[Entry]:
    """Return an account's newest entries of those looked for, each with the balance after it."""
    params: Any = {
        "account": account.pk,
        "below": below,
        "codes": bulk.array(wanted.codes) if wanted.codes else None,
        "number": wanted.order_no,
        "since": wanted.since,
        "until": wanted.until,
        "limit": limit,
    }
    return [Entry(*row) for row in bulk.query(_MATCHING, params)]
