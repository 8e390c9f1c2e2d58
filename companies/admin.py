"""Companies and the platform's decisions about its policies, as rows."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from companies.models import Company, PolicyChange
from kit.columns import by
from kit.rows import Rows


@admin.register(Company)
class CompanyRows(Rows):
    """Every tenant; its roles are rows of their own."""

    right = "console.see_companies"
    page = "console:company"
    list_display = ("number", "name", "contact_name", "contact_phone", "opened_at")
    search_fields = ("number", "name", "memberships__person__email")
    search_help_text = _("Number, name or a member's e-mail")


@admin.register(PolicyChange)
class PolicyChangeRows(Rows):
    """What was decided, newest first."""

    right = "console.see_records"
    list_display = ("name", "value", by("actor", _("by whom")), "changed_at")
    list_filter = ("name",)
