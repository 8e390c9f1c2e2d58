"""Proving the books night by night: what is found is kept, and only what is broken is frozen.

A breach stops nobody but whom it concerns: the deposit or supplier's account whose money, or the sku
whose stock, does not come to what it should. Everything else goes on.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from books import verifying
from books.models import Proof
from books.verifying import Finding, Report
from kit import bulk
from kit.actors import Actor
from ledger import freezing as frozen_accounts
from supplychain import freezing as frozen_skus

log = logging.getLogger(__name__)

# Of each broken rule so many rows are resolved; what is beyond is told in the alert alone.
ROWS_RESOLVED = 500
MAX_FROZEN = 200
# Rules about money and stock themselves. What was told, or is late, is no reason to stop anybody.
FREEZING = ("I1", "I2", "I3", "I4", "I5", "I6", "I9")
STOCK = "I6"

# What a row of a breach may name, and the accounts that it concerns. Accounts of the platform as a
# whole have no holder: to freeze one would stop everybody.
_ACCOUNTS = {
    "account_id": "SELECT id FROM ledger_account WHERE id = ANY(%s::bigint[])",
    "distributor_pk": "SELECT id FROM ledger_account"
    " WHERE kind = 'deposit' AND holder = ANY(%s::bigint[])",
    "supplier_pk": "SELECT id FROM ledger_account"
    " WHERE kind = 'payable' AND holder = ANY(%s::bigint[])",
    "transfer_id": "SELECT unnest(ARRAY[debit_id, credit_id]) FROM ledger_transfer"
    " WHERE id = ANY(%s::bigint[])",
    "order_pk": "SELECT account.id FROM orders_order placed JOIN ledger_account account"
    " ON account.kind = 'deposit' AND account.holder = placed.distributor_id"
    " WHERE placed.id = ANY(%s::bigint[])",
    "order_no": "SELECT account.id FROM orders_order placed JOIN ledger_account account"
    " ON account.kind = 'deposit' AND account.holder = placed.distributor_id"
    " WHERE placed.order_no = ANY(%s::text[])",
    "hold_id": "SELECT account.id FROM orders_hold hold JOIN ledger_account account"
    " ON account.kind = 'deposit' AND account.holder = hold.distributor_id"
    " WHERE hold.hold_id = ANY(%s::text[])",
    "case_no": "SELECT account.id FROM aftersales_case one JOIN ledger_account account"
    " ON account.kind = 'deposit' AND account.holder = one.distributor_id"
    " WHERE one.case_no = ANY(%s::text[])",
    "claim_no": "SELECT account.id FROM aftersales_claim claim JOIN ledger_account account"
    " ON account.kind = 'deposit' AND account.holder = claim.distributor_id"
    " WHERE claim.claim_no = ANY(%s::text[])",
    "cancellation_no": "SELECT account.id FROM orders_cancellation cancellation"
    " JOIN orders_fulfilment part ON part.id = cancellation.fulfilment_id"
    " JOIN orders_order placed ON placed.id = part.order_id JOIN ledger_account account"
    " ON account.kind = 'deposit' AND account.holder = placed.distributor_id"
    " WHERE cancellation.cancellation_no = ANY(%s::text[])",
    "bill_no": "SELECT account.id FROM suppliers_bill bill JOIN ledger_account account"
    " ON account.kind = 'payable' AND account.holder = bill.supplier_id"
    " WHERE bill.bill_no = ANY(%s::text[])",
}
_HELD = "SELECT id FROM ledger_account WHERE id = ANY(%s::bigint[]) AND holder IS NOT NULL"


@dataclass(slots=True)
class Concerned:
    """What breaches are about: keys of accounts and skus, each with the first rule that names it."""

    accounts: dict[int, str] = field(default_factory=dict)
    skus: dict[int, str] = field(default_factory=dict)


def prove(*, at: datetime, actor: Actor) -> Proof:
    """Verify the books in one snapshot, keep what was found, and freeze what is broken."""
    return record(verifying.verify(at=at, rows=ROWS_RESOLVED), actor=actor)


def record(report: Report, *, actor: Actor) -> Proof:
    """Keep what a run found, freeze what is broken, and raise the alarm."""
    proof = _keep(report, actor=actor)
    if not proof.is_clean:
        names = [finding.check.name for finding in report.breaches]
        log.error("The books are broken: %s (proof %s)", ", ".join(names), proof.pk)
    return proof


@transaction.atomic(durable=True)
def _keep(report: Report, *, actor: Actor) -> Proof:
    concerned = concerns(report.breaches)
    for account_pk, rule in sorted(concerned.accounts.items())[:MAX_FROZEN]:
        frozen_accounts.freeze_account(account_pk=account_pk, reason=rule, at=report.at)
    for sku_pk, rule in sorted(concerned.skus.items())[:MAX_FROZEN]:
        frozen_skus.freeze_sku(sku_pk=sku_pk, reason=rule, at=report.at)
    return Proof.objects.create(
        is_clean=report.clean,
        checks=len(report.findings),
        breaches=[_document(finding) for finding in report.breaches],
        seconds=report.seconds,
        actor=str(actor),
        proved_at=report.at,
    )


def concerns(breaches: Iterable[Finding]) -> Concerned:
    """Return the accounts and skus that breaches of money and stock name.

    A row about stock that names a sku concerns that alone.
    """
    found = Concerned()
    for finding in breaches:
        if finding.check.invariant in FREEZING:
            rule = finding.check.name
            skus = _named(finding, "sku_pk") if finding.check.invariant == STOCK else []
            found.skus = {**dict.fromkeys(skus, rule), **found.skus}
            if not skus:
                found.accounts = {**dict.fromkeys(_accounts(finding), rule), **found.accounts}
    return found


def _accounts(finding: Finding) -> list[int]:
    pks = {
        pk for column, sql in _ACCOUNTS.items() for (pk,) in _resolved(sql, _named(finding, column))
    }
    return [pk for (pk,) in _resolved(_HELD, sorted(pks))]


def _resolved(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return bulk.query(sql, [bulk.array(values)]) if values else []


def _named(finding: Finding, column: str) -> list[Any]:
    return [row[column] for row in finding.rows if row.get(column) is not None]


def _document(finding: Finding) -> dict[str, Any]:
    """Return a finding as it is kept: columns in their order, which jsonb objects would lose."""
    rows = finding.rows[: verifying.ROWS_SHOWN]
    columns = list(rows[0])
    return {
        "name": finding.check.name,
        "count": finding.broken,
        "columns": columns,
        "rows": [[_plain(row[column]) for column in columns] for row in rows],
    }


def _plain(value: Any) -> int | str | None:
    """Return a value as JSON keeps it: sums are whole numbers, and moments are of our zone."""
    if isinstance(value, Decimal) and value == int(value):
        return int(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    return value if isinstance(value, int | None) else str(value)
