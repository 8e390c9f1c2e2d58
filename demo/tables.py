"""Tables for the terminal, in which a Chinese character is as wide as two Latin ones."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from unicodedata import east_asian_width

GAP = "  "


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def left(text: str, columns: int) -> str:
    """Pad a text on its right."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """Pad a text on its left, as numbers are."""
    return " " * (columns - width(text)) + text


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows as lines with their columns under each other."""
    table = [list(row) for row in rows]
    columns = [max(map(width, column)) for column in zip_longest(*table, fillvalue="")]
    return [
        GAP.join(left(cell, size) for cell, size in zip(row, columns, strict=False)).rstrip()
        for row in table
    ]
