"""The trial balance: what every kind of account was debited and credited, and that it all sums to 0.

As of the end of a day in Asia/Shanghai. A transfer takes from its debit account and adds to its credit
account, so a balance is what was credited less what was debited, and the bank's is below zero.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from books import rollups
from kit import bulk
from ledger import chaining
from ledger.models import Account, Kind

ACCOUNTS_A_PAGE = 50
# A workbook is for reading; whoever has more accounts of a kind asks the ledger.
MAX_ACCOUNTS = 20_000

# Later than every key.
_NO_KEY = 2**63 - 1


def _moved(side: str) -> str:
    """Tell by the first of an account's transfers, which its index has, whether it moved in time."""
    return f"""coalesce((SELECT true FROM ledger_transfer WHERE {side} = account.id
        AND id <= %(last_key)s AND posted_at < %(end)s ORDER BY id LIMIT 1), false)"""


# One pass over the ledger, however many accounts there are.
_SIDES = """
WITH flow AS MATERIALIZED (
    SELECT debit_id, credit_id, sum(amount_fen)::bigint AS fen, count(*) AS transfers
    FROM ledger_transfer WHERE posted_at < %s GROUP BY debit_id, credit_id),
side AS (
    SELECT debit_id AS account_id, fen AS debit_fen, 0::bigint AS credit_fen, transfers FROM flow
    UNION ALL SELECT credit_id, 0, fen, transfers FROM flow)
"""
_LOOKED_FROM = f"(SELECT coalesce(max(transfer_id), 0) - {chaining.LOOK_BACK} FROM ledger_link)"
# By kind from the flows, and from the transfers that are not in them yet: those linked since, and
# those without a link, which lie no further back than the chain looks.
_BY_KIND = f"""
WITH live AS MATERIALIZED (
    SELECT debit_id, credit_id, amount_fen
    FROM ledger_link link JOIN ledger_transfer transfer ON transfer.id = link.transfer_id
    WHERE link.position > (SELECT coalesce(max(flows_position), 0) FROM books_rollmark)
        AND posted_at < %(end)s
    UNION ALL
    SELECT debit_id, credit_id, amount_fen FROM ledger_transfer transfer
    WHERE id > {_LOOKED_FROM} AND posted_at < %(end)s AND NOT EXISTS (SELECT FROM ledger_link link
        WHERE link.transfer_id = transfer.id AND link.transfer_id > {_LOOKED_FROM})),
flow AS MATERIALIZED (
    SELECT debit_kind, credit_kind, sum(amount_fen) AS fen, sum(transfers) AS transfers
    FROM books_flow WHERE day <= %(day)s GROUP BY 1, 2
    UNION ALL
    SELECT debit.kind, credit.kind, sum(amount_fen), count(*)
    FROM live JOIN ledger_account debit ON debit.id = debit_id
    JOIN ledger_account credit ON credit.id = credit_id GROUP BY 1, 2),
side AS (
    SELECT debit_kind AS kind, fen AS debit_fen, 0 AS credit_fen, transfers FROM flow
    UNION ALL SELECT credit_kind, 0, fen, transfers FROM flow),
moved AS (
    SELECT kind, count(*) AS accounts FROM ledger_account account
    WHERE id IN (SELECT debit_id FROM live UNION SELECT credit_id FROM live)
        OR {_moved("debit_id")} OR {_moved("credit_id")} GROUP BY kind)
SELECT kind, coalesce(max(accounts), 0), sum(debit_fen)::bigint, sum(credit_fen)::bigint,
    sum(transfers)::bigint
FROM side LEFT JOIN moved USING (kind) GROUP BY kind
"""
# Only the accounts of a page; each side by its own index.
_BY_ACCOUNT = """
SELECT account.id, account.kind, account.holder, account.balance_fen, account.frozen_at IS NOT NULL,
    (SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_transfer
        WHERE debit_id = account.id AND posted_at < %s),
    (SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_transfer
        WHERE credit_id = account.id AND posted_at < %s)
FROM ledger_account account WHERE account.id = ANY(%s::bigint[]) ORDER BY account.id
"""
_EVERY_ACCOUNT = f"""
{_SIDES}
SELECT account.id, account.kind, account.holder, account.balance_fen, account.frozen_at IS NOT NULL,
    sum(debit_fen)::bigint, sum(credit_fen)::bigint
FROM side JOIN ledger_account account ON account.id = side.account_id
GROUP BY account.id ORDER BY account.kind, account.holder LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of account on the trial balance, in fen."""

    kind: str
    accounts: int
    debit_fen: int
    credit_fen: int
    transfers: int

    @property
    def balance_fen(self) -> int:
        return self.credit_fen - self.debit_fen

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every kind of account at the end of a day, and what they come to together."""

    day: date
    rows: tuple[Row, ...]

    @property
    def debit_fen(self) -> int:
        return sum(row.debit_fen for row in self.rows)

    @property
    def credit_fen(self) -> int:
        return sum(row.credit_fen for row in self.rows)

    @property
    def balance_fen(self) -> int:
        return self.credit_fen - self.debit_fen


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account on the trial balance; `stored_fen` is what is kept of it, where a floor is."""

    pk: int
    kind: str
    holder: int | None
    stored_fen: int | None
    is_frozen: bool
    debit_fen: int
    credit_fen: int

    @property
    def balance_fen(self) -> int:
        return self.credit_fen - self.debit_fen


def of(day: date) -> TrialBalance:
    """Return the trial balance at the end of a day; kinds without a transfer come with 0."""
    last_key = rollups.last_key(day)
    facts = {"day": day, "end": _end(day), "last_key": _NO_KEY if last_key is None else last_key}
    found = {row[0]: Row(*row) for row in bulk.query(_BY_KIND, facts)}
    return TrialBalance(day, tuple(found.get(kind, Row(kind, 0, 0, 0, 0)) for kind in Kind.values))


def accounts_of(kind: Kind, day: date, *, after: int = 0) -> tuple[list[AccountRow], int | None]:
    """Return a page of a kind's accounts by their keys, and the key after which the next begins."""
    rows = Account.objects.filter(kind=kind, pk__gt=after).order_by("pk")
    pks = list(rows.values_list("pk", flat=True)[: ACCOUNTS_A_PAGE + 1])
    end, shown = _end(day), pks[:ACCOUNTS_A_PAGE]
    found = [AccountRow(*row) for row in bulk.query(_BY_ACCOUNT, [end, end, bulk.array(shown)])]
    return found, shown[-1] if len(pks) > ACCOUNTS_A_PAGE else None


def xlsx(balance: TrialBalance, *, names: "Names") -> bytes:
    """Return a trial balance as a workbook: the kinds, and every account with its holder's name."""
    target = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    rows = [
        AccountRow(*row)
        for row in bulk.query(_EVERY_ACCOUNT, [_end(balance.day), MAX_ACCOUNTS + 1])
    ]
    with xlsxwriter.Workbook(target, options) as book:
        _write_kinds(book, balance)
        _write_accounts(book, rows[:MAX_ACCOUNTS], names)
        if len(rows) > MAX_ACCOUNTS:
            note = _("The first {count} accounts only.").format(count=MAX_ACCOUNTS)
            book.worksheets()[0].write_string(len(balance.rows) + 4, 0, note)
    return target.getvalue()


# Who holds accounts, by kind and key: the caller knows how companies are called.
Names = dict[tuple[str, int], str]


def _end(day: date) -> datetime:
    """Return the first moment after a day in the platform's zone."""
    return datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())


def _write_kinds(book: xlsxwriter.Workbook, balance: TrialBalance) -> None:
    titles = [_("Account"), _("Debit (¥)"), _("Credit (¥)"), _("Balance (¥)"), _("Transfers")]
    rows: list[Sequence[str | int | float]] = [
        (row.label, row.debit_fen / 100, row.credit_fen / 100, row.balance_fen / 100, row.transfers)
        for row in balance.rows
    ]
    total = (balance.debit_fen / 100, balance.credit_fen / 100, balance.balance_fen / 100)
    rows.append((_("Together"), *total))
    name = _("Trial balance {day}").format(day=balance.day)
    _write(book, name, titles, rows, width=26)


def _write_accounts(book: xlsxwriter.Workbook, rows: Iterable[AccountRow], names: Names) -> None:
    titles = [_("Account"), _("Holder"), _("Debit (¥)"), _("Credit (¥)"), _("Balance (¥)")]
    shown = [
        (
            str(Kind(row.kind).label),
            names.get((row.kind, row.holder or 0), str(row.holder or "")),
            row.debit_fen / 100,
            row.credit_fen / 100,
            row.balance_fen / 100,
        )
        for row in rows
    ]
    _write(book, _("Accounts"), titles, shown, width=30)


def _write(
    book: xlsxwriter.Workbook,
    name: str,
    titles: Sequence[str],
    rows: Iterable[Sequence[str | int | float]],
    *,
    width: int,
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    amount = book.add_format({"num_format": "#,##0.00"})
    sheet.set_column(0, len(titles) - 1, width)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, bold)
    for place, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(place, column, value)
            else:
                sheet.write_number(
                    place, column, value, amount if isinstance(value, float) else None
                )
