"""Columns of lists: money in yuan, states as coloured words, actors by name."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext, pgettext_lazy

from kit import money

# A tone is `good`, `waiting`, `bad`, or a state that the style sheet knows.
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
    """Show the state of a row as a word whose colour the style sheet knows by the state.

    Where a state means something else for one kind of row, `hp-case-applied` says so.
    """
    tone = f"{row.state} hp-{row._meta.model_name}-{row.state}"
    return format_html(PILL, tone, row.get_state_display())


pill.short_description = STATE  # type: ignore[attr-defined]
pill.admin_order_field = "state"  # type: ignore[attr-defined]


def by(field: str, label: str | Promise) -> Column:
    """Return a column that shows an actor such as `person:a@example.com` in words."""

    def column(row: Any) -> str:
        return who(getattr(row, field))

    column.__name__ = field + "_name"
    described: Any = column
    described.short_description = label
    return column


def flag(field: str, label: str | Promise, tone: str) -> Column:
    """Return a column that says something of the rows where it is true, and nothing of the others."""

    def column(row: Any) -> str:
        return format_html(PILL, tone, label) if getattr(row, field) else ""

    column.__name__ = field + "_flag"
    described: Any = column
    described.short_description = label
    described.admin_order_field = field
    described.empty_value_display = ""
    return column


def who(actor: str) -> str:
    """Show an actor, as it is stored, in words."""
    if not actor:
        return "—"
    kind, _colon, name = str(actor).partition(":")
    words = {
        "person": name,
        "key": gettext("key {name}").format(name=name),
        "timer": gettext("by itself"),
        "carrier": gettext("carrier {name}").format(name=name),
        "operations": gettext("operations"),
        "visitor": gettext("somebody who was not logged in"),
        "database": gettext("by hand in the database"),
    }
    return words.get(kind, str(actor))


def enumerated(items: Iterable[Any]) -> str:
    """Join with the comma of the reader's language."""
    return pgettext("between things", ", ").join(str(item) for item in items)
