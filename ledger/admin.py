"""The books as rows. Nothing here is ever changed: a correction is another transfer."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from kit.columns import by, flag, yuan
from kit.rows import Frozen, Rows
from ledger import codes
from ledger.models import Account, Kind, Transfer

_DAY = timedelta(days=1)


@admin.register(Account)
class AccountRows(Rows):
    """Both sides of transfers. Only deposits store a balance; others are sums of their transfers."""

    right = "console.see_money"
    page = "console:account"
    list_display = (
        "kind",
        "holder",
        yuan("balance_fen", _("balance")),
        yuan("credit_line_fen", _("credit line")),
        yuan("held_fen", _("held")),
        flag("frozen_at", _("frozen"), "bad"),
    )
    list_filter = ("kind", Frozen)
    search_fields = ("=holder",)
    search_help_text = _("Key of the distributor or supplier")


@admin.display(description=_("what"), ordering="code")
def what(row: Transfer) -> str:
    """Show the fact that was posted."""
    return codes.shown(row.code)


class KindOf(admin.SimpleListFilter):
    """What kind of account a side is. The accounts are looked up first, for the index by side."""

    side: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        pks = list(Account.objects.filter(kind=self.value()).values_list("pk", flat=True))
        return queryset.filter(**{f"{self.side}__in": pks})


class From(KindOf):
    """The account that was debited."""

    title = _("from account")
    parameter_name = side = "debit"


class To(KindOf):
    """The account that was credited."""

    title = _("to account")
    parameter_name = side = "credit"


class Fact(admin.SimpleListFilter):
    """Facts of several kinds of accounts that are looked at as one."""

    title = _("fact")
    parameter_name = "fact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("refunds", _("refunds to deposits"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        back = queryset.filter(credit__kind=Kind.DEPOSIT)
        return back.exclude(debit__kind=Kind.BANK).filter(reverses__isnull=True)


class Given(admin.SimpleListFilter):
    """A filter that is shown only to who came by an address that has it: `12..345`."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        given = request.GET.get(str(self.parameter_name), "")
        return [(given, given)] if given else []

    @property
    def ends(self) -> tuple[str, str]:
        """What stands before the dots and after them; empty where that end is open."""
        low, _dots, high = (self.value() or "").partition("..")
        return low, high


class Days(Given):
    """From one day to another, both included."""

    title = _("days")
    parameter_name = "days"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        low, high = (parse_date(end) for end in self.ends)
        if low:
            queryset = queryset.filter(posted_at__gte=_midnight(low))
        return queryset.filter(posted_at__lt=_midnight(high + _DAY)) if high else queryset


class Keys(Given):
    """From one key to another, where somebody knows between which it must be."""

    title = _("keys")
    parameter_name = "keys"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        low, high = (int(end) if _is_key(end) else None for end in self.ends)
        if low:
            queryset = queryset.filter(pk__gte=low)
        return queryset.filter(pk__lte=high) if high else queryset


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


@admin.register(Transfer)
class TransferRows(Rows):
    """Every amount that ever moved, newest first."""

    right = "console.see_money"
    instead: ClassVar = {"code": what}
    list_display = (
        "posted_at",
        what,
        yuan("amount_fen", _("amount")),
        "debit",
        "credit",
        "order_no",
        "reference",
        by("actor", _("by whom")),
    )
    list_display_links = ("posted_at",)
    list_select_related = ("debit", "credit")
    list_filter = (From, To, Fact, Days, Keys)
    # What a transfer is for says its code; a list of all of them would read the whole table.
    search_fields = ("reference",)
    search_help_text = _("Order number, or a reference in full")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whole numbers only, each through its index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = queryset.filter(order_no=term)
        if not found.exists():
            codes = ["recharge", "withdrawal_paid", "order_placed"]
            found = queryset.filter(code__in=codes, reference=term)
        return found, False
