"""Texts in spreadsheets: none is taken for a formula, and each comes back as it was."""

import re

# By these a spreadsheet knows a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
_MARKED = re.compile("'*[" + re.escape("".join(FORMULA)) + "]")


def neutral(text: str) -> str:
    """Return a text as CSV may hold it: one that would be computed begins with a quote.

    So does one that looks as if it had been marked so, or it would not come back.
    """
    return f"'{text}" if _MARKED.match(text) else text


def plain(text: str) -> str:
    """Return what `neutral` was given."""
    return text[1:] if text.startswith("'") and _MARKED.match(text) else text
