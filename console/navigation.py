"""The side bar: by nouns of the business; what somebody may not open is not there."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console import inbox

Item = dict[str, Any]


def groups(request: HttpRequest) -> list[Item]:
    """Return the groups of links that somebody may open; called by the frame."""
    home = reverse("admin:index")
    found = []
    for group in _all(request):
        items = [_shown(item, request, home) for item in group["items"] if _may(item, request)]
        if items:
            found.append(group | {"items": items})
    return found


def _may(item: Item, request: HttpRequest) -> bool:
    return not item["right"] or request.user.has_perm(f"console.{item['right']}")


def _shown(item: Item, request: HttpRequest, home: str) -> Item:
    """Say of a link whether it leads to where somebody is, or above; all is below home."""
    link = str(item["link"])
    active = request.path == link or (link != home and request.path.startswith(link))
    return item | {"link": link, "active": active}


def _all(request: HttpRequest) -> list[Item]:
    return [
        _group("", [_item(_("What waits"), "inbox", "admin:index", "")]),
        _group(
            _("Goods"),
            [
                _list(_("Products"), "inventory_2", "supplychain_product", "see_goods"),
                _item(_("Reviews"), "rate_review", "console:reviews", "see_goods")
                | _badge(request),
                _item(
                    _("Change many products"), "edit_square", "console:many_products", "see_goods"
                ),
                _item(_("Done to many"), "checklist", "console:bulk_jobs", "see_goods"),
                _item(
                    _("Own goods by file"), "upload_file", "console:goods_files", "edit_products"
                ),
                _list(_("Skus and stock"), "barcode", "supplychain_sku", "see_goods"),
                _list(_("Stock movements"), "swap_vert", "supplychain_movement", "see_goods"),
                _list(_("Allotments"), "bookmark_manager", "supplychain_allotment", "see_goods"),
                _item(_("Test a price"), "calculate", "console:test_price", "see_goods"),
                _list(_("Categories"), "account_tree", "supplychain_category", "see_goods"),
                _list(_("Brands"), "sell", "supplychain_brand", "see_goods"),
                _list(
                    _("Freight templates"),
                    "local_shipping",
                    "supplychain_freighttemplate",
                    "see_goods",
                ),
            ],
        ),
        _group(
            _("Orders"),
            [
                _list(_("Orders"), "receipt_long", "orders_order", "see_orders"),
                _item(_("Exceptions"), "report", "console:exceptions", "see_orders"),
                _item(_("Explain an order"), "manage_search", "console:explain", "see_orders"),
                _item(_("Ship own goods"), "local_shipping", "console:own_shipping", "ship_orders"),
                _list(_("Fulfilments"), "package_2", "orders_fulfilment", "see_orders"),
                _list(_("Parcels"), "deployed_code", "orders_shipment", "see_orders"),
                _list(_("Holds"), "lock_clock", "orders_hold", "see_orders"),
                _list(_("Refused orders"), "do_not_disturb_on", "orders_refusal", "see_orders"),
                _list(_("Cancellations"), "block", "orders_cancellation", "see_orders"),
                _list(_("After-sale cases"), "assignment_return", "aftersales_case", "see_orders"),
                _list(_("Goodwill"), "volunteer_activism", "aftersales_claim", "see_orders"),
                _list(_("Events"), "campaign", "integration_event", "see_orders"),
                _list(_("Deliveries of callbacks"), "send", "integration_delivery", "see_orders"),
            ],
        ),
        _group(
            _("Partners"),
            [
                _list(_("Distributors"), "storefront", "distributors_distributor", "see_companies"),
                _list(_("Levels"), "military_tech", "distributors_level", "see_companies"),
                _list(_("Suppliers"), "factory", "suppliers_supplier", "see_companies"),
                _list(
                    _("Applications of suppliers"),
                    "how_to_reg",
                    "suppliers_application",
                    "open_companies",
                ),
                _list(
                    _("Applications of distributors"),
                    "person_add",
                    "distributors_shopapplication",
                    "open_companies",
                ),
                _list(_("Papers of suppliers"), "badge", "suppliers_paper", "open_companies"),
                _list(_("Notices to suppliers"), "campaign", "suppliers_notice", "see_companies"),
                _list(_("Holidays"), "beach_access", "supplychain_holiday", "see_companies"),
                _list(_("Companies"), "domain", "companies_company", "see_companies"),
                _list(_("API keys"), "key", "integration_apikey", "see_companies"),
                _list(_("Callback addresses"), "webhook", "integration_endpoint", "see_companies"),
            ],
        ),
        _group(
            _("Money"),
            [
                _item(_("Settlement"), "event_repeat", "console:settlement", "see_money"),
                _list(_("Bills"), "request_quote", "suppliers_bill", "see_money"),
                _list(_("Manual lines"), "edit_note", "suppliers_adjustment", "see_money"),
                _list(_("Recharges"), "add_card", "distributors_recharge", "see_money"),
                _list(_("Withdrawals"), "payments", "distributors_withdrawal", "see_money"),
                _item(_("Trial balance"), "balance", "console:trial_balance", "see_money"),
                _list(_("Statements"), "calendar_month", "books_statement", "see_money"),
                _list(_("Reconciliations"), "compare", "books_reconciliation", "see_money"),
                _item(_("Bank reconciliation"), "rule", "console:bank", "see_money"),
                _list(_("Accounts"), "account_balance", "ledger_account", "see_money"),
                _list(_("Transfers"), "sync_alt", "ledger_transfer", "see_money"),
                _item(_("Proofs of the books"), "verified", "console:proofs", "see_money"),
            ],
        ),
        _group(
            _("Platform"),
            [
                _item(_("Policies"), "tune", "console:policies", "see_records"),
                _item(_("Health"), "monitor_heart", "console:health", "see_records"),
                _item(_("What staff decided"), "history", "console:records", "see_records"),
                _item(_("Every change"), "difference", "console:audit", "see_records"),
                _item(_("Table of rights"), "rule_settings", "console:rights", "see_records"),
                _item(_("Staff and groups"), "group", "console:people", "manage_people"),
            ],
        ),
    ]


def styles(request: HttpRequest) -> str:  # noqa: ARG001
    """Return the address of our style sheet; called by the admin site."""
    return static("console/console.css")


def icon(request: HttpRequest) -> str:  # noqa: ARG001
    """Return the address of our icon; called by the admin site."""
    return static("console/icon.svg")


def _group(title: Promise | str, items: list[Item]) -> Item:
    return {"title": title, "separator": bool(title), "items": items}


def _list(title: Promise, icon: str, model: str, right: str) -> Item:
    return _item(title, icon, f"admin:{model}_changelist", right)


def _item(title: Promise, icon: str, address: str, right: str) -> Item:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(address),
        "right": right,
    }


def _badge(request: HttpRequest) -> Item:
    """Show how many reviews wait, where there are any."""
    may_see = request.user.has_perm("console.see_goods")
    count = inbox.reviews_waiting() if may_see else ""
    return {"badge": count} if count else {}
