"""How the console's templates show amounts, rates, times, states and actors."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from console import foreseeing, policies
from kit import columns, fields, money
from ledger import codes
from orders import carriers
from supplychain import pictures

register = template.Library()


@register.filter
def yuan(amount_fen: object) -> str:
    """Show fen as yuan."""
    return money.yuan(amount_fen) if isinstance(amount_fen, int) else "—"


@register.filter
def enumerated(items: Iterable[Any]) -> str:
    """Join with the comma of the reader's language."""
    return columns.enumerated(items)


@register.filter
def words(codes_of_list: Iterable[Any]) -> list[str]:
    """Show codes, such as applications, in words; what is no code stays as it is."""
    return [policies.word(str(one)) for one in codes_of_list]


@register.filter
def percent(rate_bp: int) -> str:
    """Show basis points as percent."""
    return f"{fields.percent(rate_bp)} %"


register.filter("signed", foreseeing.signed)


@register.filter
def moment(at: datetime | None) -> str:
    """Show a moment to the minute, in the platform's zone, on one line."""
    if at is None:
        return "—"
    return format_html(
        '<time class="hp-when">{}</time>', f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    )


register.filter("state", columns.pill)


register.filter("who", columns.who)


register.filter("posting", codes.shown)


@register.filter
def carrier(code: str) -> str:
    """Show a carrier by its name."""
    found = carriers.find(code)
    return found.name if found else code


@register.filter
def picture(file: FieldFile | str) -> str:
    """Return the address of a stored picture."""
    return pictures.address(str(file)) if file else ""


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """Look a key up in a mapping, or ask a form for a field."""
    try:
        return mapping[key]
    except (KeyError, TypeError):
        return None


@register.simple_tag
def history(*things: Any) -> str:
    """Return the page of all that changed of some things."""
    pairs = [("of", f"{thing._meta.db_table}:{thing.pk}") for thing in things if thing]
    return f"{reverse('console:audit')}?{urlencode(pairs)}"


@register.simple_tag(takes_context=True)
def doors(context: dict[str, Any], model_admin: Any) -> list[tuple[str, Any]]:
    """Return the pages that a list leads to and the reader may open."""
    user = context["request"].user
    found = getattr(model_admin, "doors", ())
    return [(address, label) for address, right, label in found if user.has_perm(right)]
