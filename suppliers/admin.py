"""Suppliers as rows; each has a page of its own in the console."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kit.columns import by, flag, pill, yuan
from kit.rows import Rows
from suppliers.models import Adjustment, Application, Bill, Notice, Paper, Supplier


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


@admin.register(Application)
class ApplicationRows(Rows):
    """Who wants to supply goods."""

    right = "console.open_companies"
    page = "console:application"
    hint = _("Companies apply by the form that the log-in page leads to.")
    list_display = (
        "application_no",
        "company_name",
        "state",
        "contact_name",
        "contact_phone",
        "main_goods",
        "submitted_at",
        by("decided_by", _("decided by")),
    )
    list_filter = ("state", "submitted_at")
    search_fields = ("application_no", "company_name", "credit_code", "email", "contact_phone")
    search_help_text = _("Number, company, credit code, e-mail or phone")


@admin.register(Paper)
class PaperRows(Rows):
    """What suppliers and applicants handed in."""

    right = "console.open_companies"
    hint = _("A supplier's papers are accepted or sent back on its page; policies say which.")
    hidden = ("file",)
    list_display = (
        "paper_no",
        "kind",
        "state",
        "supplier_page",
        "handed_in_at",
        by("decided_by", _("decided by")),
        "reason",
    )
    list_select_related = ("supplier__company", "application")
    list_filter = ("state", "kind")
    search_fields = ("paper_no", "supplier__number", "supplier__company__name")
    search_help_text = _("Number or supplier")

    @admin.display(description=_("supplier"))
    def supplier_page(self, row: Paper) -> str:
        """Lead to where the paper is decided."""
        if row.supplier is not None:
            page, whose = "console:supplier", row.supplier.company.name
        else:
            assert row.application is not None
            page, whose = "console:application", row.application.company_name
        pk = row.supplier_id or row.application_id
        return format_html('<a href="{}">{}</a>', reverse(page, args=[pk]), whose)


@admin.register(Notice)
class NoticeRows(Rows):
    """What the platform says to suppliers."""

    right = "console.see_companies"
    page = "console:notice"
    hint = _("A notice stands on every supplier's start page until each person has put it away.")
    doors = (("console:write_notice", "console.change_companies", _("Write a notice")),)
    list_display = (
        "title",
        "shown_from",
        "shown_until",
        by("written_by", _("written by")),
        "written_at",
    )
    search_fields = ("title", "text")
    search_help_text = _("Title or text")


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
