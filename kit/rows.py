"""Rows as the platform's people see them: found, filtered and read, but never edited in place.

What changes a row is an act, and an act has a page of its own. Each list names the one right that
opens it; everything else Django's admin could do is shut.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from unfold import admin as unfold

from kit import downloads, spreadsheets
from kit.columns import Column, by, pill, yuan

# Beyond this a list says no more how many there are: narrow it, or page on.
COUNTED = 10_000

# Untyped on purpose: the stubs of Django know less than Django allows.
_Admin: Any = unfold.ModelAdmin


class Bounded(Paginator):  # type: ignore[type-arg]
    """Counts at most COUNTED rows, so that no list ever waits for a count over a big table."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNTED].count())


class Linked(ChangeList):
    """A list whose rows lead to the page that the thing has, where it has one."""

    def url_for_result(self, result: models.Model) -> str:
        admin: Any = self.model_admin
        page = admin.page
        return reverse(page, args=[result.pk]) if page else str(super().url_for_result(result))

    def get_results(self, request: HttpRequest) -> None:
        """Read a page of rows; that fewer are shown than there are is said only where it is so."""
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class Frozen(admin.SimpleListFilter):
    """Narrows a list to what a proof has frozen, or to what is in use."""

    title = _("frozen")
    parameter_name = "frozen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("frozen")), ("no", _("in use"))]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(frozen_at__isnull=self.value() == "no")


class Rows(_Admin):  # type: ignore[misc]
    """A table that is looked at. `right` opens it; `page` names the address of a thing's own page."""

    right: ClassVar[str] = ""
    page: ClassVar[str] = ""
    # Columns that the reading page leaves out, besides what is sealed.
    hidden: ClassVar[Sequence[str]] = ()
    # What the reading page shows in place of a column.
    instead: ClassVar[Mapping[str, Column]] = {}
    # Columns that are pictures.
    not_exported: ClassVar[Sequence[str]] = ()
    # What a list says above its rows, and the pages it leads to: address, right, label.
    hint: ClassVar[str | Promise] = ""
    doors: ClassVar[Sequence[tuple[str, str, Promise]]] = ()
    actions: Sequence[str] = ()
    list_before_template = "console/list_before.html"
    list_per_page = 50
    show_full_result_count = False
    paginator = Bounded
    preserve_filters = False
    ordering: Sequence[str] = ("-pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Linked

    def get_urls(self) -> list[URLPattern]:
        """Add the export to the addresses of a list."""
        urls: list[URLPattern] = super().get_urls()
        meta = self.model._meta
        export = self.admin_site.admin_view(self.export_view)
        name = f"{meta.app_label}_{meta.model_name}_export"
        return [path("export/", export, name=name), *urls]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Send what the list shows, as searched and filtered, up to COUNTED rows, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).queryset[:COUNTED]
        columns = [c for c in self.get_list_display(request) if c not in self.not_exported]
        answer = downloads.begun_csv(f"{self.model._meta.model_name}.csv")
        writer = csv.writer(answer)
        writer.writerow([str(label_for_field(c, self.model, self)) for c in columns])
        for row in rows:
            writer.writerow([_cell(column, row, self) for column in columns])
        return answer

    def get_list_display(self, request: HttpRequest) -> list[str | Column]:
        """Show the state of a row in its colour."""
        columns: Sequence[str | Column] = super().get_list_display(request)
        return [pill if column == "state" else column for column in columns]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return what can be done to many rows: never deleting."""
        found: dict[str, Any] = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Read one row; where it has a page of its own, that is the place."""
        if self.page and self.has_view_permission(request) and object_id.isdecimal():
            return HttpResponseRedirect(reverse(self.page, args=[int(object_id)]))
        answer: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        return answer

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str | Column]:
        """Show every column but sealed ones, money in yuan."""
        fields = [
            field
            for field in self.model._meta.concrete_fields
            if not isinstance(field, models.BinaryField) and field.name not in self.hidden
        ]
        return [self._column(field) for field in fields]

    def _column(self, field: "models.Field[Any, Any]") -> str | Column:
        if field.name in self.instead:
            return self.instead[field.name]
        if field.name.endswith("_fen"):
            return yuan(field.name, field.verbose_name)
        is_actor = field.name == "actor" or field.name.endswith("_by")
        return by(field.name, field.verbose_name) if is_actor else field.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str | Column]:
        return self.get_fields(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.right) and request.user.has_perm(self.right)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Reference(Rows):
    """Plain reference data, which no act owns: who has `edit_right` adds and changes it in a form."""

    edit_right: ClassVar[str] = ""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return _Admin.get_fields(self, request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return _Admin.get_readonly_fields(self, request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.edit_right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.edit_right)


def _cell(column: str | Column, row: Any, rows: Rows) -> str:
    """Return a cell as text; one that a spreadsheet would take for a formula begins with a quote."""
    field, _attribute, value = lookup_field(column, row, rows)
    if field is not None and getattr(field, "choices", None):
        value = getattr(row, f"get_{field.name}_display")()
    if isinstance(value, datetime):
        value = timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    text = "" if value is None else strip_tags(str(value))
    return text if isinstance(value, int) else spreadsheets.neutral(text)
