"""Opening, locking and reading accounts."""

from collections.abc import Collection, Iterable, Mapping

from django.db import models

from kit import bulk
from ledger.models import Account, Kind, Transfer

# An account by what it stands for: its kind and the key of who holds it, or None.
Key = tuple[str, int | None]


def find(keys: Iterable[Key]) -> dict[Key, int]:
    """Return the primary key of each account, opening those that do not exist yet.

    Deposits are opened by `open_deposit` alone, because they carry a floor.
    """
    wanted = set(keys)
    found = _look_up(wanted)
    missing = sorted(wanted - found.keys(), key=str)
    if missing:
        assert all(kind != Kind.DEPOSIT for kind, _ in missing), missing
        rows = [Account(kind=kind, holder=holder) for kind, holder in missing]
        Account.objects.bulk_create(rows, ignore_conflicts=True)
        found = _look_up(wanted)
    return found


def open_deposit(*, distributor_pk: int, credit_line_fen: int = 0) -> Account:
    """Open a distributor's deposit at 0 fen."""
    return Account.objects.create(
        kind=Kind.DEPOSIT, holder=distributor_pk, balance_fen=0, credit_line_fen=credit_line_fen
    )


def deposit_of(distributor_pk: int) -> Account:
    """Return a distributor's deposit."""
    return Account.objects.get(kind=Kind.DEPOSIT, holder=distributor_pk)


def lock_deposits(distributor_pks: Collection[int]) -> dict[int, Account]:
    """Lock deposits in primary-key order, first in the rank of locks; return them by distributor."""
    rows = (
        Account.objects.filter(kind=Kind.DEPOSIT, holder__in=distributor_pks)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    return {row.holder: row for row in rows if row.holder is not None}


def reserve(changes: Mapping[int, int]) -> None:
    """Raise what locked deposits hold back, by so many fen each; a negative amount frees it."""
    moved = {pk: fen for pk, fen in changes.items() if fen}
    if not moved:
        return
    touched = bulk.execute(
        "UPDATE ledger_account account SET held_fen = account.held_fen + change.fen"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS change (holder, fen)"
        " WHERE account.kind = 'deposit' AND account.holder = change.holder",
        [bulk.array(moved), bulk.array(moved.values())],
    )
    assert touched == len(moved), (touched, moved)


def balance(kind: Kind, holder: int | None = None) -> int:
    """Return what was credited less what was debited, in fen, from the transfers themselves."""
    account = Account.objects.filter(kind=kind, holder=holder).first()
    if account is None:
        return 0
    credited = Transfer.objects.filter(credit=account).aggregate(fen=models.Sum("amount_fen"))
    debited = Transfer.objects.filter(debit=account).aggregate(fen=models.Sum("amount_fen"))
    return (credited["fen"] or 0) - (debited["fen"] or 0)


def _look_up(keys: set[Key]) -> dict[Key, int]:
    rows = bulk.query(
        "SELECT account.kind, account.holder, account.id FROM ledger_account account"
        " JOIN unnest(%s::text[], %s::bigint[]) AS wanted (kind, holder)"
        " ON account.kind = wanted.kind AND account.holder IS NOT DISTINCT FROM wanted.holder",
        [bulk.array(kind for kind, _ in keys), bulk.array(holder for _, holder in keys)],
    )
    return {(kind, holder): pk for kind, holder, pk in rows}
