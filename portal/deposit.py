"""A distributor's deposit: what it may spend, and every transfer with the balance after it."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from distributors.models import Distributor
from ledger import accounts
from ledger.models import Account, Transfer
from orders.models import Order
from portal import access
from portal.access import distributor_only

PAGE = 50
RECENT = 8
SALT = "portal.deposit"
NEWEST = 2**63 - 1
CODES: dict[str, Promise] = {
    "recharge": _("Recharge"),
    "withdrawal": _("Withdrawal"),
    "order_placed": _("Order placed"),
    "cancelled": _("Cancelled"),
    "refund": _("Refund"),
    "reversal": _("Reversal"),
}


@dataclass(frozen=True)
class Summary:
    """A deposit at one moment, in fen."""

    available_fen: int
    balance_fen: int
    credit_line_fen: int
    held_fen: int
    open_orders_fen: int


@dataclass(frozen=True)
class Row:
    """A transfer as the deposit felt it: its signed amount, and the balance after it."""

    transfer: Transfer
    label: str | Promise
    amount_fen: int
    balance_fen: int


@require_GET
@distributor_only
def deposit(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the deposit and its transfers, the newest first."""
    account = accounts.deposit_of(distributor.pk)
    rows, following = transfers(account, request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "summary": summary(distributor, account),
        "rows": rows,
        "page": {"next": following},
        "kept": {},
    }
    return access.shown(request, distributor, "deposit.html", context)


def summary(distributor: Distributor, account: Account) -> Summary:
    """Return what a distributor may spend, and what its unfinished orders hold."""
    unfinished = Order.objects.of(distributor).filter(open_fen__gt=0)
    return Summary(
        available_fen=account.available_fen,
        balance_fen=account.balance_fen or 0,
        credit_line_fen=account.credit_line_fen,
        held_fen=account.held_fen,
        open_orders_fen=unfinished.aggregate(fen=Sum("open_fen"))["fen"] or 0,
    )


def transfers(account: Account, after: str, size: int) -> tuple[list[Row], str]:
    """Return a page of an account's transfers, and the cursor of the next, which carries the balance."""
    balance_fen, below = _start(after)
    newest = [_side(account, field, below, size + 1) for field in ("credit", "debit")]
    found = list(newest[0].union(newest[1], all=True).order_by("-id")[: size + 1])
    rows: list[Row] = []
    for transfer in found[:size]:
        # The balance comes with the rows, in one statement, so that no transfer can come between.
        balance_fen = transfer.held_now_fen if balance_fen is None else balance_fen
        amount_fen = (
            transfer.amount_fen if transfer.credit_id == account.pk else -transfer.amount_fen
        )
        label = CODES.get(transfer.code, transfer.code)
        rows.append(Row(transfer, label, amount_fen, balance_fen))
        balance_fen -= amount_fen
    if len(found) <= size:
        return rows, ""
    return rows, signing.dumps([found[size - 1].pk, balance_fen], salt=SALT)


def _start(after: str) -> tuple[int | None, int]:
    """Return the balance after the first row of a page, and the key below which it begins."""
    try:
        below, balance_fen = signing.loads(after, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None, NEWEST
    return balance_fen, below


def _side(account: Account, field: str, below: int, size: int) -> Any:
    held = Account.objects.filter(pk=account.pk).values("balance_fen")
    rows = Transfer.objects.filter(**{field: account}, pk__lt=below)
    return rows.annotate(held_now_fen=Subquery(held)).order_by("-id")[:size]
