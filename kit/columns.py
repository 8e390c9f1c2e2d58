"""Columns of lists: money in yuan, states as coloured words."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import pgettext_lazy

from kit import money

PILL = '<span class="hp-pill hp-{}">{}</span>'
STATE = pgettext_lazy("field", "state")

Column = Callable[[Any], str]


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


def pill(row: Any) -> str:
    """Show the state of a row as a word whose colour the style sheet knows by the state."""
    return format_html(PILL, row.state, row.get_state_display())


pill.short_description = STATE  # type: ignore[attr-defined]
pill.admin_order_field = "state"  # type: ignore[attr-defined]
