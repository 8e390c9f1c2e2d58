"""Files that people save: under a name in whatever letters, and never shown inside a page."""

from typing import TypeVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
# By which spreadsheets know UTF-8.
UTF_8_MARK = "\ufeff"

Answer = TypeVar("Answer", bound=HttpResponseBase)


def attachment(content: bytes, kind: str, name: str) -> HttpResponse:
    """Return a file of a kind (`CSV`, `XLSX`, …) that is saved under a name."""
    return saved_as(HttpResponse(content, content_type=kind), name)


def begun_csv(name: str) -> HttpResponse:
    """Return a CSV file to which rows can be written."""
    answer = attachment(b"", CSV, name)
    answer.write(UTF_8_MARK)
    return answer


def saved_as(answer: Answer, name: str) -> Answer:
    """Have an answer saved under a name, whatever it is and however it is sent."""
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
