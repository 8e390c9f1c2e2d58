"""What the platform waits for, counted cheaply: each count reads a small index and stops at LIMIT."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit import bulk

# Beyond this a count says "so many or more".
LIMIT = 10_000

_TO_SHIP = "FROM orders_fulfilment WHERE state IN ('awaiting_shipment', 'partly_shipped')"
_CASES = "FROM aftersales_case"
# Of the platform or a source: those of distributors end by themselves.
_CASES_NEAR = f"""{_CASES} WHERE ended_at IS NULL AND due_at < %(at)s + interval '12 hours'
    AND state NOT IN ('rejected', 'awaiting_return', 'inspection_failed', 'reshipped')"""
_OWN_TO_RESHIP = f"""{_CASES} AS one JOIN orders_line AS line ON line.id = one.line_id
    JOIN orders_fulfilment AS part ON part.id = line.fulfilment_id
    WHERE one.state = 'reshipping' AND part.supplier_id IS NULL"""
_OWN_GOODWILL = """FROM aftersales_claim AS one JOIN orders_line AS line ON line.id = one.line_id
    JOIN orders_fulfilment AS part ON part.id = line.fulfilment_id
    WHERE one.goodwill = 'settled' AND one.goodwill_kind = 'reship' AND part.supplier_id IS NULL
        AND NOT EXISTS (SELECT FROM aftersales_claimparcel AS parcel
            WHERE parcel.claim_id = one.id AND parcel.direction = 'goodwill')"""
_UNSTAMPED = """SELECT occurred_at FROM integration_event WHERE seq IS NULL
    ORDER BY partner_id, id LIMIT %(limit)s"""

# By as long as a sweep of theirs may be late.
_OVERDUE = """FROM (
    SELECT FROM orders_hold WHERE state = 'active' AND expires_at < %(at)s - interval '2 minutes'
    UNION ALL SELECT FROM orders_cancellation
    WHERE state = 'requested' AND answer_due_at < %(at)s - interval '5 minutes') AS overdue"""
# How long addresses that answer have been kept waiting for what was due.
_OLDEST_DUE = """SELECT COALESCE(EXTRACT(epoch FROM %(at)s - min(oldest.due_at)), 0)
    FROM integration_endpoint AS called, LATERAL (SELECT due_at FROM integration_delivery
        WHERE endpoint_id = called.id AND state IN ('pending', 'parked') ORDER BY due_at LIMIT 1) AS oldest
    WHERE called.state = 'live' AND called.failures = 0 AND oldest.due_at <= %(at)s"""
_WAITING = {
    "revisions_open": (
        "FROM supplychain_revision WHERE state = 'open'",
        "Products and changes that wait for review",
    ),
    "revisions_approved": (
        "FROM supplychain_revision WHERE state = 'approved'",
        "Approved price rises that wait for their time",
    ),
    "applications_open": (
        "FROM suppliers_application WHERE state = 'applied'",
        "Applications of suppliers that wait for a decision",
    ),
    "shop_applications_open": (
        "FROM distributors_shopapplication WHERE state = 'applied'",
        "Applications of distributors that wait for a decision",
    ),
    "papers_to_check": (
        "FROM suppliers_paper WHERE state = 'waiting' AND supplier_id IS NOT NULL",
        "Papers of suppliers that wait for a check",
    ),
    "own_to_ship": (
        f"{_TO_SHIP} AND supplier_id IS NULL",
        "Fulfilments from own stock that wait for shipment",
    ),
    "fulfilments_to_ship": (
        _TO_SHIP,
        "Fulfilments that wait for shipment",
    ),
    "fulfilments_late": (
        f"{_TO_SHIP} AND ship_due_at < %(at)s",
        "Fulfilments past the time by which they should have been shipped",
    ),
    "shipments_receipt_overdue": (
        "FROM orders_shipment WHERE state IN ('in_transit', 'delivered') AND receive_due_at < %(at)s",
        "Parcels that should count as received by now",
    ),
    "parcels_in_trouble": (
        "FROM orders_shipment WHERE state IN ('exception', 'returning')",
        "Parcels in trouble, or on their way back",
    ),
    "cancellations_requested": (
        "FROM orders_cancellation WHERE state = 'requested'",
        "Cancellations that wait for the platform's answer",
    ),
    "cases_applied": (
        f"{_CASES} WHERE state = 'applied'",
        "After-sale cases that wait for the platform's decision",
    ),
    "cases_near": (
        _CASES_NEAR,
        "After-sale cases whose deadline, of the platform or a source, is near or past",
    ),
    "cases_to_inspect": (
        f"{_CASES} WHERE state = 'inspecting'",
        "Returned goods that wait for inspection",
    ),
    "refunds_to_review": (
        f"{_CASES} WHERE state = 'refund_review'",
        "Large refunds that wait for review",
    ),
    "cases_in_arbitration": (
        f"{_CASES} WHERE state = 'arbitration'",
        "After-sale cases that wait for a ruling",
    ),
    "goodwill_asked": (
        "FROM aftersales_claim WHERE goodwill = 'asked'",
        "Claims for which the platform is asked for goodwill",
    ),
    "own_goodwill_to_ship": (
        _OWN_GOODWILL,
        "Claims for which new goods from own stock were promised as goodwill",
    ),
    "own_to_reship": (
        _OWN_TO_RESHIP,
        "Cases for which new goods from own stock are to be shipped",
    ),
    "bills_disputed": (
        "FROM suppliers_bill WHERE state = 'disputed'",
        "Bills with lines that their supplier doubts",
    ),
    "bills_to_pay": (
        "FROM suppliers_bill WHERE state = 'accepted' AND total_fen > 0",
        "Bills that their supplier agreed to and that are to be paid",
    ),
    "manual_lines_proposed": (
        "FROM suppliers_adjustment WHERE state = 'proposed'",
        "Manual lines that wait for a second person",
    ),
    "recharges_waiting": (
        "FROM distributors_recharge WHERE state IN ('applied', 'checked')",
        "Recharges that staff have to check or approve",
    ),
    "withdrawals_waiting": (
        "FROM distributors_withdrawal WHERE state IN ('applied', 'checked')",
        "Withdrawals that staff have to decide",
    ),
    "withdrawals_to_pay": (
        "FROM distributors_withdrawal WHERE state = 'approved'",
        "Withdrawals that are to be paid",
    ),
    "bank_lines_open": (
        "FROM books_bankline WHERE match IN ('open', 'differing')",
        "Lines of the bank that match no transfer",
    ),
    "accounts_frozen": (
        "FROM ledger_account WHERE frozen_at IS NOT NULL",
        "Accounts that a proof has frozen",
    ),
    "skus_frozen": (
        "FROM supplychain_sku WHERE frozen_at IS NOT NULL",
        "Skus that a proof has frozen",
    ),
    "rules_broken": (
        """FROM books_proof AS proof, jsonb_array_elements(proof.breaches)
        WHERE proof.id = (SELECT max(id) FROM books_proof)""",
        "Rules that the newest proof of the books found broken",
    ),
    "deposits_low": (
        "FROM distributors_distributor WHERE deposit_is_low",
        "Deposits below their distributor's own threshold",
    ),
    "callbacks_down": (
        "FROM integration_endpoint WHERE state IN ('degraded', 'stopped')",
        "Callback addresses that do not answer, or answered 410",
    ),
    "outbox_unstamped": (
        "FROM integration_event WHERE seq IS NULL",
        "Events that have no number yet",
    ),
    "timers_overdue": (
        _OVERDUE,
        "Holds and cancellations whose time was over minutes ago, and that nobody ended",
    ),
    "callbacks_parked": (
        """FROM integration_endpoint AS called, LATERAL (SELECT FROM integration_delivery
        WHERE endpoint_id = called.id AND state = 'parked' AND state IN ('pending', 'parked')
        LIMIT %(limit)s) AS parked WHERE called.state <> 'live'""",
        "Deliveries that wait for their callback address to answer again",
    ),
}
_GAUGES = {
    "outbox_oldest_unstamped_seconds": (
        f"SELECT COALESCE(EXTRACT(epoch FROM %(at)s - min(occurred_at)), 0) FROM ({_UNSTAMPED}) AS u",
        "Age of the oldest event without a number",
    ),
    "newest_proof_seconds": (
        "SELECT COALESCE(EXTRACT(epoch FROM %(at)s - max(proved_at)), 0) FROM books_proof",
        "Age of the newest proof of the books; it is made every night",
    ),
    "callbacks_oldest_due_seconds": (
        _OLDEST_DUE,
        "How long the oldest callback to an address that answers has been due",
    ),
    "oldest_transaction_seconds": (
        """SELECT COALESCE(EXTRACT(epoch FROM max(clock_timestamp() - xact_start)), 0)
        FROM pg_stat_activity WHERE datname = current_database()""",
        "Age of the oldest open transaction",
    ),
    "locks_awaited": (
        """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'""",
        "Sessions that wait for a lock",
    ),
    "database_bytes": (
        "SELECT pg_database_size(current_database())",
        "Size of the database",
    ),
    "transfers_unlinked": (
        """SELECT (SELECT COALESCE(max(id), 0) FROM ledger_transfer)
        - (SELECT COALESCE(max(transfer_id), 0) FROM ledger_link)""",
        "Keys of transfers that the chain has not reached yet",
    ),
    "database_connections": (
        "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()",
        "Connections to the database",
    ),
}
_COUNTERS = {
    "orders_placed_estimate": (
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM orders_order_id_seq",
        "Orders placed, by the last key that was drawn",
    ),
    "transfers_posted_estimate": (
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_transfer_id_seq",
        "Transfers posted, by the last key that was drawn",
    ),
    "database_deadlocks": (
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
        "Deadlocks since the statistics of the database began",
    ),
}


@dataclass(frozen=True)
class Measure:
    """One number with what it means; `kind` is `gauge` or `counter`."""

    name: str
    kind: str
    meaning: str
    value: int


def waiting(*, at: datetime) -> dict[str, int]:
    """Return how much waits for somebody, each up to LIMIT, in one query."""
    counts = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 {source} LIMIT %(limit)s) AS found)"
        for source, _meaning in _WAITING.values()
    )
    row = _one(f"SELECT {counts}", at)
    return dict(zip(_WAITING, row, strict=True))


def reviews_waiting() -> int:
    """Return how many products and changes wait for review."""
    source, _meaning = _WAITING["revisions_open"]
    rows = bulk.query(f"SELECT count(*) FROM (SELECT 1 {source} LIMIT %s) AS found", [LIMIT])
    return int(rows[0][0])


def measures(*, at: datetime) -> Iterator[Measure]:
    """Yield everything that is measured."""
    for name, count in waiting(at=at).items():
        yield Measure(name, "gauge", _WAITING[name][1], count)
    for name, value in readings(at=at).items():
        kind, (_sql, meaning) = (
            ("gauge", _GAUGES[name]) if name in _GAUGES else ("counter", _COUNTERS[name])
        )
        yield Measure(name, kind, meaning, value)


def readings(*, at: datetime) -> dict[str, int]:
    """Return every gauge and counter, in one query."""
    listed = {**_GAUGES, **_COUNTERS}
    row = _one("SELECT " + ", ".join(f"({sql})" for sql, _meaning in listed.values()), at)
    return {name: int(value) for name, value in zip(listed, row, strict=True)}


def exposition(*, at: datetime) -> str:
    """Return all measures in Prometheus' text format."""
    lines = []
    for measure in measures(at=at):
        name = f"huopan_{measure.name}"
        lines += [
            f"# HELP {name} {measure.meaning}",
            f"# TYPE {name} {measure.kind}",
            f"{name} {measure.value}",
        ]
    return "\n".join(lines) + "\n"


def _one(sql: str, at: datetime) -> tuple[Any, ...]:
    params: Any = {"at": at, "limit": LIMIT}
    return bulk.query(sql, params)[0]
