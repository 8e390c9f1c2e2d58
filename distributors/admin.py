"""Distributors and their levels as rows; each has a page of its own in the console."""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor, Level
from kit.columns import flag, yuan
from kit.fields import percent
from kit.rows import Rows
from ledger.models import Account, Kind


@admin.register(Distributor)
class DistributorRows(Rows):
    """Who orders, with what its deposit still covers."""

    right = "console.see_companies"
    page = "console:distributor"
    hint = _("A distributor orders by API from a prepaid deposit, at the fee of its level.")
    doors = (("console:open_distributor", "console.open_companies", _("Open a distributor")),)
    list_display = (
        "number",
        "company",
        "level",
        yuan("available_fen", _("available")),
        flag("deposit_is_low", _("deposit is low"), "bad"),
        "state",
        "state_reason",
    )
    list_select_related = ("company", "level")
    list_filter = ("state", "level", "deposit_is_low")
    search_fields = ("number", "company__name", "company__number")
    search_help_text = _("Number or name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Add what each deposit still covers, by the account's unique key."""
        deposit = Account.objects.filter(kind=Kind.DEPOSIT, holder=OuterRef("pk"))
        covered = deposit.values_list(F("balance_fen") + F("credit_line_fen") - F("held_fen"))
        rows: QuerySet[Any] = super().get_queryset(request)
        covering: QuerySet[Any] = rows.annotate(available_fen=Subquery(covered))
        return covering


@admin.register(Level)
class LevelRows(Rows):
    """What share of the base price a distributor pays as service fee."""

    right = "console.see_companies"
    page = "console:level"
    hint = _("A level decides the service fee of its distributors, for orders from now on.")
    doors = (("console:new_level", "console.set_prices", _("Add a level")),)
    list_display = ("rank", "code", "name", "fee_rate")
    list_display_links = ("rank", "name")
    ordering = ("rank",)
    search_fields = ("code", "name")

    @admin.display(description=_("fee rate"), ordering="fee_rate_bp")
    def fee_rate(self, row: Level) -> str:
        """Show the rate in percent."""
        return f"{percent(row.fee_rate_bp)} %"
