"""Rows as the platform's people see them: found, filtered and read, but never edited in place.

What changes a row is an act, and an act has a page of its own. Each list names the one right that
opens it; everything else Django's admin could do is shut.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from unfold import admin as unfold

from kit import money

# Beyond this a list says no more how many there are: narrow it, or page on.
COUNTED = 10_000

# Untyped on purpose: the stubs of Django know less than Django allows.
_Admin: Any = unfold.ModelAdmin

Column = Callable[[Any], str]


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


class Rows(_Admin):  # type: ignore[misc]
    """A table that is looked at. `right` opens it; `page` names the address of a thing's own page."""

    right: ClassVar[str] = ""
    page: ClassVar[str] = ""
    # Columns that the reading page leaves out, besides what is sealed.
    hidden: ClassVar[Sequence[str]] = ()
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
        return [yuan(f.name, f.verbose_name) if f.name.endswith("_fen") else f.name for f in fields]

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


def yuan(field: str, label: str | Promise) -> Column:
    """Return a column that shows an amount of fen as yuan."""

    def column(row: Any) -> str:
        amount_fen = getattr(row, field)
        return "—" if amount_fen is None else money.yuan(amount_fen)

    column.__name__ = field + "_yuan"
    described: Any = column
    described.short_description = label
    described.admin_order_field = field
    return column
