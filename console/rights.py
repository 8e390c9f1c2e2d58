"""Rights of the platform's people, and the groups that a new installation begins with.

A page names one right. Groups bundle them; a superuser has all. Rights are permissions of Django
under the app `console`.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RIGHTS: dict[str, Promise] = {
    "see_goods": _("See products, prices and stock"),
    "see_orders": _("See orders, parcels and after-sale cases"),
    "see_consumers": _("See name, phone and address of consumers"),
    "see_money": _("See accounts and transfers"),
    "see_companies": _("See suppliers and distributors"),
    "see_records": _("See what staff decided"),
    "review_products": _("Review products and changes"),
    "edit_products": _("Add and change the platform's own products"),
    "list_products": _("List and delist products, choose who sees them"),
    "set_prices": _("Set markups, rates and levels"),
    "keep_stock": _("Set stock and allotments"),
    "edit_reference": _("Edit categories, brands and freight templates"),
    "open_companies": _("Open suppliers and distributors"),
    "change_companies": _("Suspend, close and limit companies, put them on levels"),
    "look_as_companies": _("See pages of suppliers and distributors as they do, read only"),
    "manage_keys": _("Make and revoke keys, bind addresses"),
    "recharge_deposits": _("Recharge deposits"),
    "pay_withdrawals": _("Decide and pay withdrawals"),
    "unfreeze_accounts": _("Unfreeze accounts that a proof has frozen"),
    "match_bank": _("Load bank files and settle what does not match"),
    "set_credit": _("Set credit lines and warning thresholds"),
    "settle_suppliers": _("Issue, answer and void bills, propose and decide manual lines"),
    "pay_suppliers": _("Record payments of bills and security deposits"),
    "ship_orders": _("Ship the platform's own goods"),
    "take_up_exceptions": _("Take up exceptions, note and put them off"),
    "decide_aftersales": _("Decide after-sale cases"),
    "inspect_returns": _("Inspect returned goods"),
    "refund_orders": _("Refund orders before receipt"),
    "review_refunds": _("Review large refunds"),
    "decide_policies": _("Decide policies"),
    "manage_people": _("Manage staff and groups"),
}

# What takes the password, or a code of the second step, once more: money, keys, policies and people.
SENSITIVE = frozenset(
    {
        "manage_keys",
        "recharge_deposits",
        "pay_withdrawals",
        "unfreeze_accounts",
        "match_bank",
        "set_credit",
        "settle_suppliers",
        "pay_suppliers",
        "review_refunds",
        "decide_policies",
        "manage_people",
    }
)
# What each right lets somebody do, by the name of the act; decision pages enter themselves.
ACTS: dict[str, dict[str, str | Promise]] = {}

_SEE = ("see_goods", "see_orders", "see_money", "see_companies", "see_records")
# What a group is called, and the rights it begins with.
GROUPS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "catalogue": (
        _("Catalogue"),
        (
            "see_goods",
            "see_companies",
            "review_products",
            "edit_products",
            "list_products",
            "set_prices",
            "keep_stock",
            "edit_reference",
        ),
    ),
    "service": (
        _("Service"),
        (
            "see_goods",
            "see_orders",
            "see_consumers",
            "see_companies",
            "take_up_exceptions",
            "decide_aftersales",
            "inspect_returns",
            "refund_orders",
        ),
    ),
    "finance": (
        _("Finance"),
        (
            "see_orders",
            "see_money",
            "see_companies",
            "match_bank",
            "recharge_deposits",
            "pay_withdrawals",
            "unfreeze_accounts",
            "set_credit",
            "settle_suppliers",
            "pay_suppliers",
            "review_refunds",
        ),
    ),
    "operations": (
        _("Operations"),
        (
            *_SEE,
            "see_consumers",
            "keep_stock",
            "open_companies",
            "change_companies",
            "look_as_companies",
            "manage_keys",
            "ship_orders",
            "take_up_exceptions",
            "inspect_returns",
        ),
    ),
    "owner": (_("Owner"), tuple(RIGHTS)),
    "readonly": (_("Read only"), _SEE),
}


def is_sensitive(right: str) -> bool:
    """Tell whether acts of a right such as `console.manage_keys` ask who it is once more."""
    return right.removeprefix("console.") in SENSITIVE


def permissions(codes: Iterable[str]) -> QuerySet[Permission]:
    """Return Django's rows for some rights."""
    return Permission.objects.filter(content_type__app_label="console", codename__in=list(codes))


def title(group_name: str) -> str:
    """Return what a group is called: those of ours in the reader's language."""
    known = GROUPS.get(group_name)
    return str(known[0]) if known else group_name
