"""An account's newest transfers, with the balance after each where that costs little."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from console.pages import Page
from distributors.models import Distributor
from kit.errors import NotFound
from ledger import accounts
from ledger.models import Account, Kind, Transfer
from suppliers.models import Supplier

A_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """A transfer as one of its accounts sees it; `balance_fen` is after it, None if unknown."""

    transfer: Transfer
    amount_fen: int
    other: Account
    balance_fen: int | None


def newest(account: Account, count: int) -> list[Entry]:
    """Return an account's newest entries; of a deposit with the running balance."""
    return entries(account, count, balance_fen=account.balance_fen)


def entries(
    account: Account, count: int, *, balance_fen: int | None, before: int | None = None
) -> list[Entry]:
    """Return entries before a key, newest first; `balance_fen` is the balance after the first one."""
    narrowed = Q() if before is None else Q(pk__lt=before)
    # Each side by its own index, so that an account with millions of rows costs no more.
    sides = [
        Transfer.objects.filter(narrowed, **{side: account})
        .select_related("debit", "credit")
        .order_by("-pk")[:count]
        for side in ("debit", "credit")
    ]
    rows = sorted([*sides[0], *sides[1]], key=lambda row: -row.pk)[:count]
    found = []
    for row in rows:
        amount = row.amount_fen if row.credit_id == account.pk else -row.amount_fen
        other = row.debit if row.credit_id == account.pk else row.credit
        found.append(Entry(row, amount, other, balance_fen))
        balance_fen = None if balance_fen is None else balance_fen - amount
    return found


class AccountPage(Page):
    """An account with its transfers. Sums of platform-wide accounts are made when asked for."""

    right = "console.see_money"
    template_name = "console/account.html"

    def heading(self) -> str:
        account = self._account()
        return f"{account.get_kind_display()} {holder_of(account) or ''}".strip()

    def context(self) -> dict[str, Any]:
        account = self._account()
        before = _number(self.request, "before")
        known = account.holder is not None or "sum" in self.request.GET
        balance_fen = accounts.balance(Kind(account.kind), account.holder) if known else None
        running_fen = balance_fen if before is None else _number(self.request, "balance")
        shown = entries(account, A_PAGE, balance_fen=running_fen, before=before)
        return {
            "account": account,
            "holder": holder_of(account),
            "balance_fen": balance_fen,
            "entries": shown,
            "older": _older(shown),
            "back": reverse("admin:ledger_account_changelist"),
        }

    def _account(self) -> Account:
        found = Account.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found


def holder_of(account: Account) -> Supplier | Distributor | None:
    """Return whose account it is, where it is a supplier's or a distributor's."""
    if account.kind == Kind.DEPOSIT:
        return Distributor.objects.select_related("company").filter(pk=account.holder or 0).first()
    if account.kind in (Kind.PAYABLE, Kind.EARNED, Kind.SECURITY):
        return Supplier.objects.select_related("company").filter(pk=account.holder or 0).first()
    return None


def _older(shown: list[Entry]) -> str:
    """Return the query of the page before, empty where there is none."""
    if len(shown) < A_PAGE:
        return ""
    last = shown[-1]
    if last.balance_fen is None:
        return f"before={last.transfer.pk}"
    return f"before={last.transfer.pk}&balance={last.balance_fen - last.amount_fen}"


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
