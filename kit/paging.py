"""Pages of long lists, by the key of the last row seen: as quick at depth as at the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the page after them; empty on the last one."""

    rows: Sequence[Row]
    next: str = ""


def newest_first(rows: models.QuerySet[Row], *, after: str, size: int) -> Page[Row]:
    """Return a page by descending primary key; an unreadable cursor is the first page."""
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "")
