"""A distributor's deposit: what it may spend, and every transfer with the balance after it."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from distributors.models import Distributor
from ledger import accounts, reading
from ledger.models import Account
from ledger.reading import Entry
from orders.models import Order
from portal import access
from portal.access import distributor_only

PAGE = 50
RECENT = 8
SALT = "portal.deposit"
CODES: dict[str, Promise] = {
    "recharge": _("Recharge"),
    "withdrawal_paid": _("Withdrawal"),
    "order_placed": _("Order placed"),
    "order_cancelled": _("Cancelled"),
    "freight_returned": _("Freight of a cancellation"),
    "aftersale_refunded": _("After-sale refund"),
    "aftersale_freight_refunded": _("Freight of an after-sale"),
    "goodwill_settled": _("Goodwill"),
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

    transfer: Entry
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
    found = reading.entries(account, limit=size + 1, below=below, balance_fen=balance_fen)
    rows = [
        Row(entry, CODES.get(entry.code, entry.code), entry.amount_fen, entry.balance_fen)
        for entry in found[:size]
    ]
    if len(found) <= size:
        return rows, ""
    last = found[size - 1]
    return rows, signing.dumps([last.pk, last.balance_before_fen], salt=SALT)


def _start(after: str) -> tuple[int | None, int]:
    """Return the balance after the first row of a page, and the key below which it begins."""
    try:
        below, balance_fen = signing.loads(after, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None, reading.NEWEST
    return balance_fen, below
