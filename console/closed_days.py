"""A distributor's closed day as staff see it, and its files in the bytes that were frozen."""

import json
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from books.models import Statement
from console.pages import Page
from kit import downloads
from kit.errors import NotFound

SHOWN = 200


def statement(pk: int) -> Statement:
    """Return a closed day.

    :raises NotFound: there is none.
    """
    rows = Statement.objects.select_related("distributor__company")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class StatementPage(Page):
    """Its totals, and what moved."""

    right = "console.see_money"
    template_name = "console/statement.html"

    def heading(self) -> str:
        found = statement(self.kwargs["pk"])
        return f"{found.distributor.company} {found.day}"

    def context(self) -> dict[str, Any]:
        found = statement(self.kwargs["pk"])
        items = json.loads(bytes(found.json))["items"]
        return {
            "statement": found,
            "moved": [
                {**item, "posted_at": parse_datetime(item["posted_at"])} for item in items[:SHOWN]
            ],
            "more": max(0, len(items) - SHOWN),
            "back": reverse("admin:books_statement_changelist"),
        }


class StatementFile(Page):
    """A closed day as a file."""

    right = "console.see_money"
    form: ClassVar[str] = ""
    kind: ClassVar[str] = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = statement(self.kwargs["pk"])
        name = f"{found.distributor.number}-{found.day.isoformat()}.{self.form}"
        return downloads.attachment(self.content(found), self.kind, name)

    def content(self, found: Statement) -> bytes:
        """Return the frozen bytes."""
        raise NotImplementedError


class StatementCsv(StatementFile):
    """For spreadsheets."""

    form, kind = "csv", downloads.CSV

    def content(self, found: Statement) -> bytes:
        return bytes(found.csv)


class StatementJson(StatementFile):
    """For machines."""

    form, kind = "json", "application/json"

    def content(self, found: Statement) -> bytes:
        return bytes(found.json)
