"""Suppliers as rows; each has a page of its own in the console."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kit.columns import by, flag, pill, yuan
from kit.rows import Rows
from suppliers.models import Adjustment, Bill, Supplier


@admin.register(Supplier)
class SupplierRows(Rows):
    """Who supplies goods."""

    right = "console.see_companies"
    page = "console:supplier"
    hint = _("A supplier uploads goods at its supply price and ships them.")
    doors = (("console:open_supplier", "console.open_companies", _("Open a supplier")),)
    list_display = (
        "number",
        "company",
        "state",
        flag("trusted", _("trusted"), "good"),
        "cycle",
        yuan("security_required_fen", _("required security")),
        "state_reason",
        "state_changed_at",
    )
    list_select_related = ("company",)
    list_filter = ("state", "trusted", "cycle")
    search_fields = ("number", "company__name", "company__number")
    search_help_text = _("Number or name")


@admin.register(Bill)
class BillRows(Rows):
    """What suppliers were billed, by period."""

    right = "console.see_money"
    page = "console:bill"
    hint = _(
        "A bill lists what was posted for a supplier in a period; once issued it never changes."
    )
    doors = (("console:settlement", "console.see_money", _("What is to be billed")),)
    hidden = ("invoice",)
    list_display = (
        "bill_no",
        "supplier",
        "period_from",
        "period_to",
        yuan("lines_fen", _("lines")),
        yuan("carried_fen", _("carried over")),
        yuan("total_fen", _("total")),
        pill,
        "issued_at",
        "paid_on",
        "bank_reference",
    )
    list_select_related = ("supplier__company",)
    list_filter = ("state", "period_to")
    search_fields = ("bill_no", "bank_reference", "supplier__number", "supplier__company__name")
    search_help_text = _("Bill number, bank reference or supplier")


@admin.register(Adjustment)
class AdjustmentRows(Rows):
    """Amounts for or against suppliers that somebody proposed and somebody else decided."""

    right = "console.see_money"
    page = "console:adjustment"
    hint = _("A manual line comes onto its supplier's next bill once a second person agreed to it.")
    list_display = (
        "adjustment_no",
        "supplier",
        yuan("amount_fen", _("amount")),
        "reason",
        "order_no",
        pill,
        by("proposed_by", _("proposed by")),
        "proposed_at",
        by("decided_by", _("decided by")),
        "decided_at",
    )
    list_select_related = ("supplier__company",)
    list_filter = ("state",)
    search_fields = ("adjustment_no", "order_no", "supplier__number", "supplier__company__name")
    search_help_text = _("Number, order number or supplier")
