"""A distributor's deposit: what it may spend, and every transfer with the balance after it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from distributors import withdrawing
from distributors.models import Distributor, Withdrawal
from kit import downloads
from ledger import accounts, reading
from ledger.models import Account
from ledger.reading import Entry, Wanted
from orders.models import Order
from portal import access, deposit_files
from portal.access import distributor_only

PAGE = 50
RECENT = 8
# So many entries one file may hold; who wants more takes it month by month.
MAX_EXPORTED = 50_000
MAX_NUMBER = 64
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
FILES = {"csv": deposit_files.csv_of, "xlsx": deposit_files.xlsx_of}


@dataclass(frozen=True)
class Summary:
    """A deposit at one moment, in fen."""

    available_fen: int
    balance_fen: int
    credit_line_fen: int
    held_fen: int
    withdrawals_fen: int
    open_orders_fen: int
    frozen_at: datetime | None

    @property
    def holds_fen(self) -> int:
        """What holds reserve; the rest of what is held are withdrawals."""
        return self.held_fen - self.withdrawals_fen


@dataclass(frozen=True)
class Row:
    """A transfer as the deposit felt it: its signed amount, and the balance after it."""

    transfer: Entry
    label: str | Promise
    amount_fen: int
    balance_fen: int


class FilterForm(forms.Form):
    """What of the transfers is looked for."""

    since = forms.DateField(
        label=pgettext_lazy("days", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=pgettext_lazy("days", "To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *CODES.items()]
    )
    q = forms.CharField(label=_("Order number"), required=False, max_length=MAX_NUMBER)

    def wanted(self) -> Wanted:
        """Return what is looked for; where something cannot be read, everything."""
        if not self.is_valid():
            return Wanted()
        found = self.cleaned_data
        return Wanted(
            codes=(found["kind"],) if found["kind"] else (),
            order_no=found["q"].strip(),
            since=_midnight(found["since"]),
            until=_midnight(found["until"], days=1),
        )


@require_GET
@distributor_only
def deposit(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the deposit and its transfers, the newest first, or those looked for."""
    account = accounts.deposit_of(distributor.pk)
    form = FilterForm(request.GET)
    wanted = form.wanted()
    rows, following = transfers(account, request.GET.get("after", ""), PAGE, wanted)
    kept = {name: request.GET.get(name, "") for name in form.fields}
    context: dict[str, Any] = {
        "summary": summary(distributor, account),
        "form": form,
        "is_filtered": bool(wanted),
        "rows": rows,
        "page": {"next": following},
        "kept": kept,
        "tab": "deposit",
    }
    return access.shown(request, distributor, "deposit.html", context)


@require_GET
@distributor_only
def export(request: HttpRequest, distributor: Distributor, kind: str) -> HttpResponse:
    """Send the transfers looked for as a file, the newest first."""
    account = accounts.deposit_of(distributor.pk)
    wanted = FilterForm(request.GET).wanted()
    found = reading.matching(account, wanted, limit=MAX_EXPORTED + 1)
    if len(found) > MAX_EXPORTED:
        text = gettext("More than {limit} transfers: choose fewer days, then export again.")
        messages.error(request, text.format(limit=f"{MAX_EXPORTED:,}"))
        return redirect("portal:deposit")
    content, content_type = FILES[kind]([(entry, _label(entry)) for entry in found])
    name = f"{distributor.number}-{timezone.localdate():%Y%m%d}.{kind}"
    return downloads.attachment(content, content_type, name)


def summary(distributor: Distributor, account: Account) -> Summary:
    """Return what a distributor may spend, and what holds the rest."""
    unfinished = Order.objects.of(distributor).filter(open_fen__gt=0)
    asked_back = Withdrawal.objects.of(distributor).filter(state__in=withdrawing.OPEN)
    return Summary(
        available_fen=account.available_fen,
        balance_fen=account.balance_fen or 0,
        credit_line_fen=account.credit_line_fen,
        held_fen=account.held_fen,
        withdrawals_fen=asked_back.aggregate(fen=Sum("amount_fen"))["fen"] or 0,
        open_orders_fen=unfinished.aggregate(fen=Sum("open_fen"))["fen"] or 0,
        frozen_at=account.frozen_at,
    )


def transfers(
    account: Account, after: str, size: int, wanted: Wanted | None = None
) -> tuple[list[Row], str]:
    """Return a page of an account's transfers, and the cursor of the next, which carries the balance."""
    balance_fen, below = _start(after)
    if wanted:
        found = reading.matching(account, wanted, limit=size + 1, below=below)
    else:
        found = reading.entries(account, limit=size + 1, below=below, balance_fen=balance_fen)
    rows = [
        Row(entry, _label(entry), entry.amount_fen, entry.balance_fen) for entry in found[:size]
    ]
    if len(found) <= size:
        return rows, ""
    last = found[size - 1]
    return rows, signing.dumps([last.pk, last.balance_before_fen], salt=SALT)


def _label(entry: Entry) -> str | Promise:
    return CODES.get(entry.code, entry.code)


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """Return when a day begins here, or one some days later."""
    if day is None or not 1970 <= day.year <= 9000:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))


def _start(after: str) -> tuple[int | None, int]:
    """Return the balance after the first row of a page, and the key below which it begins."""
    try:
        below, balance_fen = signing.loads(after, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None, reading.NEWEST
    return balance_fen, below
