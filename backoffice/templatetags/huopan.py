"""What the people's pages need in templates: roles, menus, money, times and masks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from backoffice import rights
from companies import acting
from companies.models import Duty, Invitation, Membership
from kit import money
from kit.columns import enumerated
from ledger import codes
from suppliers.models import Supplier
from supplychain import holidays, pausing
from supplychain.models import Holiday

register = template.Library()
register.filter("posting", codes.shown)
register.filter("waits_for_holiday", pausing.is_waiting)

# What the menu of each side holds: the page's name, its label, and the path by which it is current.
MENUS: dict[str, tuple[tuple[str, str], ...]] = {
    acting.SUPPLIER: (
        ("supplier:home", _("Home")),
        ("supplier:orders", _("Orders")),
        ("supplier:cases", _("After-sales")),
        ("supplier:goods", _("Goods")),
        ("supplier:stock", _("Stock")),
        ("supplier:bills", _("Bills")),
        ("supplier:freight", _("Freight templates")),
        ("supplier:holiday", _("Holiday")),
        ("supplier:papers", _("Papers")),
        ("supplier:performance", _("Performance")),
        ("supplier:keys", _("API keys")),
        ("team", _("Team")),
        ("supplier:log", _("Log")),
    ),
    acting.DISTRIBUTOR: (
        ("portal:home", _("Home")),
        ("portal:goods", _("Goods to order")),
        ("portal:basket", _("Basket")),
        ("portal:order_files", _("Order by Excel")),
        ("portal:orders", _("Orders")),
        ("portal:holds", _("Holds")),
        ("portal:refusals", _("Refused orders")),
        ("portal:cases", _("After-sales")),
        ("portal:claims", _("Claims")),
        ("portal:deposit", _("Deposit")),
        ("portal:statements", _("Statements")),
        ("portal:reconciliations", _("Reconciliation")),
        ("portal:integration", _("API and callbacks")),
        ("team", _("Team")),
    ),
}


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    label: str
    url: str
    current: bool


@register.simple_tag(takes_context=True)
def acting_role(context: dict[str, Any]) -> acting.Acting | None:
    """Return the role the reader acts in."""
    request: HttpRequest | None = context.get("request")
    return acting.current(request) if request is not None and hasattr(request, "user") else None


@register.simple_tag(takes_context=True)
def acting_roles(context: dict[str, Any]) -> list[acting.Acting]:
    """Return all roles the reader could act in."""
    return acting.roles(context["request"])


@register.simple_tag(takes_context=True)
def menu(context: dict[str, Any]) -> list[Entry]:
    """Return the menu of the reader's role."""
    role = acting_role(context)
    if role is None:
        return []
    path = context["request"].path
    names = [(name, label) for name, label in MENUS[role.side] if _is_open(role, name)]
    entries = [(gettext(label), reverse(name)) for name, label in names]
    return [Entry(label, url, _is_current(url, path)) for label, url in entries]


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], route: str) -> bool:
    """Tell whether the reader may use a route of their company: for links and buttons to it."""
    role = acting_role(context)
    return role is not None and rights.may(role, route)


@register.filter
def role_name(member: Membership | Invitation) -> str:
    """Name a role as people see it: a member who is narrowed to some work by that work."""
    duties = [str(Duty(duty).label) for duty in member.duties]
    return enumerated(duties) or str(member.get_role_display())


@register.simple_tag
def holiday_of(supplier: Supplier) -> Holiday | None:
    """Return the holiday of a supplier that runs, or is to come."""
    return holidays.current(supplier)


@register.filter
def yuan(amount_fen: int | None) -> str:
    """Show fen as ¥ yuan; nothing where there is no amount."""
    return "" if amount_fen is None else money.yuan(amount_fen)


@register.filter
def plain_yuan(amount_fen: int | None) -> str:
    """Show fen as a number to be typed over: `12.50`."""
    return "" if amount_fen is None else f"{amount_fen // 100}.{amount_fen % 100:02d}"


@register.filter
def times(amount: int, factor: int) -> int:
    """Multiply."""
    return amount * factor


@register.filter
def distance(amount: int) -> int:
    """Show how much, without its sign."""
    return abs(amount)


@register.filter
def time_left(due_at: datetime) -> str:
    """Say how long there is until a deadline, or for how long it has passed."""
    minutes = int((due_at - timezone.now()).total_seconds() // 60)
    if minutes >= 0:
        return gettext("{time} left").format(time=_span(minutes))
    return gettext("{time} late").format(time=_span(-minutes))


@register.filter
def is_past(at: datetime) -> bool:
    """Tell whether a moment has passed."""
    return at < timezone.now()


@register.filter
def is_near(at: datetime) -> bool:
    """Tell whether a deadline is less than 12 hours away."""
    return (at - timezone.now()).total_seconds() < 12 * 3600


@register.filter
def masked_name(name: str) -> str:
    """Show the first character of a name: `张*`."""
    return name[:1] + "*" * min(2, max(1, len(name) - 1)) if name else ""


@register.filter
def masked_phone(phone: str) -> str:
    """Show the ends of a phone number: `138****0000`."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****" if phone else ""


def _span(minutes: int) -> str:
    if minutes < 60:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
    days = hours // 24
    return ngettext("{count} day", "{count} days", days).format(count=days)


def _is_open(role: acting.Acting, route: str) -> bool:
    """Tell whether a line of the menu is the reader's; a distributor's people all see the same."""
    return role.side != acting.SUPPLIER or rights.may(role, route)


def _is_current(url: str, path: str) -> bool:
    homes = (reverse("supplier:home"), reverse("portal:home"))
    return path == url if url in homes else path.startswith(url)
