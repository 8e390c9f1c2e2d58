"""The only writer of money.

Every posting is a transfer that its fact names: the unique (code, reference) makes it happen at most
once. Where an account has a floor, its stored balance moves in the same statement batch.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kit import bulk, values
from kit.actors import Actor
from kit.errors import DomainError
from ledger import accounts
from ledger.models import Kind


class DepositInsufficient(DomainError):
    code = "deposit_insufficient"
    text = _(
        "The deposit is short by {shortfall_fen} fen: {needed_fen} needed, {available_fen} available."
    )


class AlreadyPosted(DomainError):
    code = "already_posted"
    text = _("“{reference}” has been posted before.")


class Posting(values.Value, frozen=True):
    """A transfer to be written: from the debit account to the credit account, with its context."""

    code: str
    reference: str
    debit: accounts.Key
    credit: accounts.Key
    amount_fen: int
    distributor_pk: int | None = None
    supplier_pk: int | None = None
    order_no: str = ""
    out_order_no: str = ""
    line_id: str = ""
    sku_no: str = ""
    quantity: int | None = None
    unit_fen: int | None = None
    case_no: str = ""
    note: str = ""


def post(
    postings: Sequence[Posting],
    *,
    at: datetime,
    actor: Actor | Sequence[Actor],
    known: Mapping[accounts.Key, int] = MappingProxyType({}),
) -> None:
    """Write transfers and move the balances that are stored; those of 0 fen are left out.

    `actor` is one for all, or one for each posting. Accounts in `known`, by their primary keys, are
    not looked up again.

    The caller has locked the deposits concerned and made sure that they cover it; the database
    refuses the rest.

    :raises AlreadyPosted: one of the facts has its transfer already.
    """
    if isinstance(actor, Actor):
        postings = [posting for posting in postings if posting.amount_fen]
    assert all(posting.amount_fen > 0 for posting in postings)
    if not postings:
        return
    with transaction.atomic(savepoint=False):
        keys = {p.debit for p in postings} | {p.credit for p in postings}
        missing = keys - known.keys()
        found = {**known, **accounts.find(missing)} if missing else known
        _move_balances(postings, found)
        try:
            _write(postings, found, at=at, actor=actor)
        except IntegrityError as error:
            if "transfer_once_per_fact" not in str(error):
                raise
            raise AlreadyPosted(reference=postings[0].reference) from None


def is_posted(code: str, reference: str) -> bool:
    """Tell whether the fact has its transfer."""
    rows = bulk.query(
        "SELECT 1 FROM ledger_transfer WHERE code = %s AND reference = %s", [code, reference]
    )
    return bool(rows)


def _move_balances(postings: Sequence[Posting], found: Mapping[accounts.Key, int]) -> None:
    changes: Counter[int] = Counter()
    for posting in postings:
        for key, sign in ((posting.debit, -1), (posting.credit, 1)):
            if key[0] == Kind.DEPOSIT:
                changes[found[key]] += sign * posting.amount_fen
    if not changes:
        return
    pks = sorted(changes)
    moved = bulk.execute(
        "UPDATE ledger_account account SET balance_fen = account.balance_fen + change.fen"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS change (pk, fen) WHERE account.id = change.pk",
        [bulk.array(pks), bulk.array(changes[pk] for pk in pks)],
        planned=True,
    )
    assert moved == len(pks), (moved, pks)


# Transfers of one act mostly tell the same of their context, or leave it empty.
_ALIKE = (
    ("code", "line_id", "sku_no", "quantity", "unit_fen", "case_no", "note", "supplier_pk"),
    ("debit_id", "credit_id", "distributor_pk", "actor"),
)


def _write(
    postings: Sequence[Posting],
    found: Mapping[accounts.Key, int],
    *,
    at: datetime,
    actor: Actor | Sequence[Actor],
) -> None:
    actors = [actor] * len(postings) if isinstance(actor, Actor) else actor
    bulk.insert(
        "ledger_transfer",
        {
            "code": ("text", [p.code for p in postings]),
            "reference": ("text", [p.reference for p in postings]),
            "debit_id": ("bigint", [found[p.debit] for p in postings]),
            "credit_id": ("bigint", [found[p.credit] for p in postings]),
            "amount_fen": ("bigint", [p.amount_fen for p in postings]),
            "posted_at": ("timestamptz", bulk.Same(at)),
            "actor": ("text", [str(one) for one in actors]),
            "distributor_pk": ("bigint", [p.distributor_pk for p in postings]),
            "supplier_pk": ("bigint", [p.supplier_pk for p in postings]),
            "order_no": ("text", [p.order_no for p in postings]),
            "out_order_no": ("text", [p.out_order_no for p in postings]),
            "line_id": ("text", [p.line_id for p in postings]),
            "sku_no": ("text", [p.sku_no for p in postings]),
            "quantity": ("int", [p.quantity for p in postings]),
            "unit_fen": ("bigint", [p.unit_fen for p in postings]),
            "case_no": ("text", [p.case_no for p in postings]),
            "note": ("text", [p.note for p in postings]),
        },
        alike=_ALIKE,
    )
