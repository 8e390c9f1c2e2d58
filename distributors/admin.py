"""Distributors and their levels as rows; each has a page of its own in the console."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from distributors.models import (
    Distributor,
    Level,
    Recharge,
    RechargeState,
    ShopApplication,
    Withdrawal,
)
from kit.columns import by, flag, pill, yuan
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


@admin.register(ShopApplication)
class ShopApplicationRows(Rows):
    """Who wants to become a distributor."""

    right = "console.open_companies"
    page = "console:shop_application"
    hint = _("Companies apply by the form that the log-in page leads to.")
    list_display = (
        "application_no",
        "company_name",
        "state",
        "contact_name",
        "contact_phone",
        "shop_system",
        "orders_a_month",
        "submitted_at",
        by("decided_by", _("decided by")),
    )
    list_filter = ("state", "submitted_at")
    search_fields = ("application_no", "company_name", "credit_code", "email", "contact_phone")
    search_help_text = _("Number, company, credit code, e-mail or phone")


@admin.register(Level)
class LevelRows(Rows):
    """What share of the base price a distributor pays as service fee."""

    right = "console.see_companies"
    page = "console:level"
    hint = _("A level decides the service fee of its distributors, for orders from now on.")
    doors = (
        ("console:assign_levels", "console.change_companies", _("Put distributors on a level")),
        ("console:new_level", "console.set_prices", _("Add a level")),
    )
    list_display = ("rank", "code", "name", "fee_rate")
    list_display_links = ("rank", "name")
    ordering = ("rank",)
    search_fields = ("code", "name")

    @admin.display(description=_("fee rate"), ordering="fee_rate_bp")
    def fee_rate(self, row: Level) -> str:
        """Show the rate in percent."""
        return f"{percent(row.fee_rate_bp)} %"


@admin.display(description=_("applied at"), ordering="applied_at")
def applied_at(row: Recharge | Withdrawal) -> datetime:
    """Show when the distributor applied."""
    return row.applied_at


class ToDecide(admin.SimpleListFilter):
    """What staff have to decide about, in whichever of the two states."""

    title = _("waiting")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("decision", _("to decide")), ("second", _("for a second person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        second = [RechargeState.CHECKED]
        states = second if self.value() == "second" else [RechargeState.APPLIED, *second]
        return queryset.filter(state__in=states)


@admin.register(Recharge)
class RechargeRows(Rows):
    """Money that distributors say they have paid."""

    right = "console.see_money"
    page = "console:recharge_page"
    hint = _("A recharge is credited once staff have seen the money, large ones by two people.")
    hidden = ("slip", "slip_sha256")
    doors = (("console:recharge_jobs", "console.see_money", _("Recharges checked together")),)
    actions = ("check_them",)
    list_display = (
        "recharge_no",
        "distributor",
        yuan("amount_fen", _("amount")),
        "payer",
        "payment_reference",
        "bank_reference",
        pill,
        applied_at,
        by("checked_by", _("checked by")),
        by("decided_by", _("decided by")),
        "decided_at",
    )
    list_select_related = ("distributor__company",)
    list_filter = (ToDecide, "state", "applied_at")
    search_fields = (
        "recharge_no",
        "=bank_reference",
        "=payment_reference",
        "payer",
        "distributor__number",
        "distributor__company__name",
    )
    search_help_text = _("Number, reference, payer or distributor")

    @admin.action(description=_("Check the selected recharges…"), permissions=["check"])
    def check_them(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Lead to the page that asks where the money of each is found."""
        pks = list(queryset.order_by("pk").values_list("pk", flat=True)[: self.list_per_page])
        return HttpResponseRedirect(
            f"{reverse('console:check_recharges')}?recharges={','.join(map(str, pks))}"
        )

    def has_check_permission(self, request: HttpRequest) -> bool:
        """Tell who may go on with recharges."""
        return request.user.has_perm("console.recharge_deposits")


@admin.register(Withdrawal)
class WithdrawalRows(Rows):
    """Money that distributors want back."""

    right = "console.see_money"
    page = "console:withdrawal"
    hint = _("A withdrawal holds its amount on the deposit until it is paid or ended.")
    list_display = (
        "withdrawal_no",
        "distributor",
        yuan("amount_fen", _("amount")),
        "payee",
        "account_tail",
        pill,
        applied_at,
        by("checked_by", _("checked by")),
        by("decided_by", _("decided by")),
        "paid_at",
        "bank_reference",
    )
    list_select_related = ("distributor__company",)
    list_filter = (ToDecide, "state", "applied_at")
    search_fields = (
        "withdrawal_no",
        "=bank_reference",
        "payee",
        "distributor__number",
        "distributor__company__name",
    )
    search_help_text = _("Number, bank reference, payee or distributor")
