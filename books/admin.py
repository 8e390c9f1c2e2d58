"""What the books keep, as rows: closed days, reconciliations, files and lines of the bank."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from books.bank_matching import RULES
from books.models import BankFile, BankLine, BankMatch, Reconciliation, Statement
from books.statements import WITHOUT_FILES
from kit.columns import PILL, by, yuan
from kit.rows import Rows

TONES = {
    BankMatch.OPEN: "waiting",
    BankMatch.MATCHED: "good",
    BankMatch.DIFFERING: "bad",
    BankMatch.SETTLED: "good",
}


@admin.register(Statement)
class StatementRows(Rows):
    """Closed days of every distributor."""

    right = "console.see_money"
    page = "console:statement"
    list_display = (
        "day",
        "distributor",
        yuan("opening_fen", pgettext_lazy("statement", "opening")),
        yuan("credited_fen", _("paid in")),
        yuan("debited_fen", _("taken out")),
        yuan("closing_fen", pgettext_lazy("statement", "closing")),
        "transfers",
    )
    list_select_related = ("distributor__company",)
    list_filter = ("day",)
    search_fields = ("=distributor__number", "distributor__company__name")
    search_help_text = _("Number or name of the distributor")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the files where they are."""
        rows: QuerySet[Any] = super().get_queryset(request).defer(*WITHOUT_FILES)
        return rows


@admin.register(Reconciliation)
class ReconciliationRows(Rows):
    """What distributors held against our books."""

    right = "console.see_money"
    hidden = ("differences",)
    list_display = (
        "made_at",
        "distributor",
        "reconciliation_id",
        "day_from",
        "day_to",
        "matched",
        "differing",
        "missing_here",
        "missing_there",
        by("actor", _("by")),
    )
    list_select_related = ("distributor__company",)
    list_filter = ("made_at",)
    search_fields = ("=distributor__number", "distributor__company__name", "=reconciliation_id")
    search_help_text = _("Number or name of the distributor, or of the reconciliation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the rows where they are."""
        rows: QuerySet[Any] = super().get_queryset(request).defer("differences")
        return rows


@admin.display(description=_("match"), ordering="match")
def match(row: BankLine) -> str:
    """Show what became of a line, in its colour."""
    return format_html(PILL, TONES[BankMatch(row.match)], row.get_match_display())


@admin.display(description=_("rule"), ordering="rule")
def rule(row: BankLine) -> str:
    """Show by which rule, and how sure it is."""
    return str(RULES.get(row.rule, row.rule)) or "—"


@admin.register(BankLine)
class BankLineRows(Rows):
    """Movements on our bank account."""

    right = "console.see_money"
    page = "console:bank_line"
    doors = (
        ("console:bank", "see_money", _("Bank reconciliation")),
        ("console:load_bank", "match_bank", _("Load a bank file")),
    )
    list_display = (
        "booked_on",
        "reference",
        yuan("amount_fen", _("amount")),
        "counterparty",
        "text",
        match,
        rule,
    )
    list_filter = ("match", "rule", "booked_on")
    search_fields = ("=reference", "counterparty")
    search_help_text = _("Reference or counterparty")


@admin.register(BankFile)
class BankFileRows(Rows):
    """Files of the bank that were loaded."""

    right = "console.see_money"
    list_display = ("loaded_at", "name", "lines_count", by("actor", _("by")))
    search_fields = ("name",)
