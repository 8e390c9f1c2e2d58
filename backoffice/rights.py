"""Who may use which page of a company: one table, which draws the menu and guards every request.

Every route under /supplier/ and /team/ has a line here; without one nobody gets in.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from companies.acting import Acting
from companies.models import Duty


class Right(enum.Enum):
    """What a page asks of whoever opens it."""

    # No log-in: the page is for everybody.
    PUBLIC = "public"
    # Whoever belongs to the company.
    ANYONE = "anyone"
    GOODS = "goods"
    SHIPPING = "shipping"
    FINANCE = "finance"
    # Keys and what machines sent: of owners, and of members who are narrowed to no duties.
    MACHINES = "machines"
    OWNER = "owner"


@dataclass(frozen=True)
class Needed:
    """The right that a route needs; one that only serves changing things is closed to readers."""

    right: Right
    changes: bool = False


NAMES: Mapping[Right, Promise] = {
    Right.GOODS: pgettext_lazy("right", "Goods and stock"),
    Right.SHIPPING: pgettext_lazy("right", "Orders and shipping"),
    Right.FINANCE: pgettext_lazy("right", "Bills"),
    Right.MACHINES: pgettext_lazy("right", "Keys of machines"),
    Right.OWNER: pgettext_lazy("right", "Owner"),
}
OF_DUTY = {
    Duty.GOODS.value: Right.GOODS,
    Duty.SHIPPING.value: Right.SHIPPING,
    Duty.FINANCE.value: Right.FINANCE,
}
OF_MEMBERS = frozenset({Right.ANYONE, Right.MACHINES, *OF_DUTY.values()})


def _shows(right: Right) -> Needed:
    """A page to look at; forms on it may change something, which readers may not."""
    return Needed(right)


def _changes(right: Right) -> Needed:
    """A form, or an act."""
    return Needed(right, changes=True)


ROUTES: Mapping[str, Needed] = {
    "supplier:home": _shows(Right.ANYONE),
    "supplier:performance": _shows(Right.ANYONE),
    "supplier:put_notice_away": _changes(Right.ANYONE),
    # Becoming a supplier, and being one.
    "apply": _shows(Right.PUBLIC),
    "application": _shows(Right.PUBLIC),
    "supplier:papers": _shows(Right.OWNER),
    "supplier:paper": _shows(Right.OWNER),
    "supplier:holiday": _shows(Right.GOODS),
    "supplier:end_holiday": _changes(Right.GOODS),
    # Goods and stock.
    "supplier:goods": _shows(Right.GOODS),
    "supplier:new_product": _changes(Right.GOODS),
    "supplier:pictures": _changes(Right.GOODS),
    "supplier:goods_bulk": _changes(Right.GOODS),
    "supplier:save_view": _changes(Right.GOODS),
    "supplier:delete_view": _changes(Right.GOODS),
    "supplier:keep_draft": _changes(Right.GOODS),
    "supplier:discard_draft": _changes(Right.GOODS),
    "supplier:preview_detail": _changes(Right.GOODS),
    "supplier:category_attributes": _shows(Right.GOODS),
    "supplier:goods_files": _shows(Right.GOODS),
    "supplier:goods_template": _shows(Right.GOODS),
    "supplier:goods_export": _shows(Right.GOODS),
    "supplier:goods_file": _shows(Right.GOODS),
    "supplier:goods_file_progress": _shows(Right.GOODS),
    "supplier:goods_file_refused": _shows(Right.GOODS),
    "supplier:goods_file_columns": _changes(Right.GOODS),
    "supplier:check_goods_file": _changes(Right.GOODS),
    "supplier:load_goods_file": _changes(Right.GOODS),
    "supplier:cancel_goods_file": _changes(Right.GOODS),
    "supplier:correct_goods_row": _changes(Right.GOODS),
    "supplier:product": _shows(Right.GOODS),
    "supplier:change_product": _changes(Right.GOODS),
    "supplier:listing": _changes(Right.GOODS),
    "supplier:withdrawal": _changes(Right.GOODS),
    "supplier:stock": _shows(Right.GOODS),
    "supplier:level": _shows(Right.GOODS),
    "supplier:movements": _shows(Right.GOODS),
    "supplier:count_stock": _changes(Right.GOODS),
    "supplier:stock_mail": _changes(Right.GOODS),
    "supplier:freight": _shows(Right.GOODS),
    "supplier:new_template": _changes(Right.GOODS),
    "supplier:template": _shows(Right.GOODS),
    # Orders and shipping.
    "supplier:orders": _shows(Right.SHIPPING),
    "supplier:begin": _changes(Right.SHIPPING),
    "supplier:slips": _shows(Right.SHIPPING),
    "supplier:labels": _shows(Right.SHIPPING),
    "supplier:picking": _shows(Right.SHIPPING),
    "supplier:guess": _shows(Right.SHIPPING),
    "supplier:ship_many": _changes(Right.SHIPPING),
    "supplier:shipping_file": _shows(Right.SHIPPING),
    "supplier:shipping_columns": _changes(Right.SHIPPING),
    "supplier:ship_file": _changes(Right.SHIPPING),
    "supplier:discard_shipping": _changes(Right.SHIPPING),
    "supplier:shipping_xlsx": _shows(Right.SHIPPING),
    "supplier:order": _shows(Right.SHIPPING),
    "supplier:parcel": _shows(Right.SHIPPING),
    "supplier:parcel_correction": _changes(Right.SHIPPING),
    "supplier:parcel_voiding": _changes(Right.SHIPPING),
    "supplier:parcel_return": _changes(Right.SHIPPING),
    "supplier:shortage": _changes(Right.SHIPPING),
    "supplier:cases": _shows(Right.SHIPPING),
    "supplier:photo": _shows(Right.SHIPPING),
    "supplier:goodwill_parcel": _shows(Right.SHIPPING),
    "supplier:case": _shows(Right.SHIPPING),
    # Bills.
    "supplier:bills": _shows(Right.FINANCE),
    "supplier:request_bill": _changes(Right.FINANCE),
    "supplier:bill": _shows(Right.FINANCE),
    "supplier:bill_acceptance": _changes(Right.FINANCE),
    "supplier:bill_dispute": _changes(Right.FINANCE),
    "supplier:attach_invoice": _changes(Right.FINANCE),
    "supplier:bill_invoice": _shows(Right.FINANCE),
    "supplier:bill_xlsx": _shows(Right.FINANCE),
    "supplier:bill_pdf": _shows(Right.FINANCE),
    # Machines.
    "supplier:keys": _shows(Right.MACHINES),
    "supplier:create_key": _changes(Right.MACHINES),
    "supplier:requests": _shows(Right.MACHINES),
    "supplier:request": _shows(Right.MACHINES),
    "supplier:debugger": _shows(Right.MACHINES),
    "supplier:bind_addresses": _changes(Right.MACHINES),
    "supplier:rotate_key": _changes(Right.MACHINES),
    "supplier:revoke_key": _changes(Right.MACHINES),
    # The team, on either side of a company.
    "team": _shows(Right.ANYONE),
    "visits": _shows(Right.OWNER),
    "invite": _changes(Right.OWNER),
    "resend_invitation": _changes(Right.OWNER),
    "revoke_invitation": _changes(Right.OWNER),
    "change_member": _changes(Right.OWNER),
    "remove_member": _changes(Right.OWNER),
    "require_two_factor": _changes(Right.OWNER),
    "supplier:log": _shows(Right.OWNER),
}


def held(role: Acting) -> frozenset[Right]:
    """Return the rights of a role."""
    if role.owner:
        return OF_MEMBERS | {Right.OWNER}
    if role.duties is None:
        return OF_MEMBERS
    return frozenset({Right.ANYONE, *(OF_DUTY[duty] for duty in role.duties)})


def needed(route: str) -> Needed:
    """Return what a route needs.

    :raises ImproperlyConfigured: the table has no line for it.
    """
    if route not in ROUTES:
        raise ImproperlyConfigured(f"the route “{route}” has no line in backoffice/rights.py")
    return ROUTES[route]


def may(role: Acting, route: str) -> bool:
    """Tell whether a role may use a route: open it, and send its form where it is one."""
    line = needed(route)
    if line.right is Right.PUBLIC:
        return True
    return line.right in held(role) and not (line.changes and role.reader)


def may_follow(role: Acting, url: str) -> bool:
    """Tell whether a role may follow a link; what leads out of the table is open to all."""
    try:
        route = resolve(url.partition("#")[0].partition("?")[0]).view_name
    except Resolver404:
        return True
    return route not in ROUTES or may(role, route)
