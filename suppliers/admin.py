"""Suppliers as rows; each has a page of its own in the console."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kit.columns import flag
from kit.rows import Rows
from suppliers.models import Supplier


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
        "state_reason",
        "state_changed_at",
    )
    list_select_related = ("company",)
    list_filter = ("state", "trusted")
    search_fields = ("number", "company__name", "company__number")
    search_help_text = _("Number or name")
