"""Every address of the console, opened on a world in which each has something to show."""

from collections.abc import Iterator

from allauth.core.context import request_context
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import ResolverMatch, URLPattern, reverse

from companies.models import Person
from console import reference, urls
from console.pages import Page
from ledger.models import Account
from orders.models import Shipment
from suppliers.models import Adjustment, Bill
from tests import factories
from tests.console.staff import World, make_bulk_job, make_recharge_job, make_staff

# The first step of an address that takes a key, and what the key is of.
STEPS = {
    "products": "product",
    "goods-files": "goods_file",
    "skus": "sku",
    "bulk-jobs": "bulk_job",
    "freight-templates": "freight_template",
    "reviews": "revision",
    "companies": "company",
    "suppliers": "supplier",
    "distributors": "distributor",
    "keys": "key",
    "levels": "level",
    "orders": "order",
    "fulfilments": "fulfilment",
    "cancellations": "cancellation",
    "shipping-files": "shipping_file",
    "parcels": "parcel",
    "cases": "case",
    "goodwill": "claim",
    "photos": "photo",
    "accounts": "account",
    "recharges": "recharge",
    "recharge-jobs": "recharge_job",
    "withdrawals": "withdrawal",
    "applications": "application",
    "shop-applications": "shop_application",
    "papers": "paper",
    "notices": "notice",
    "bills": "bill",
    "bill-lines": "bill_line",
    "manual-lines": "adjustment",
    "proofs": "proof",
    "statements": "statement",
    "bank-lines": "bank_line",
    "people": "person",
    "groups": "group",
}
ROUTES: list[URLPattern] = urls.pages[0]


def keys_of(world: World) -> dict[str, int]:
    """The key that each page is opened with."""
    reference.load()
    distributor = world.distributor
    bill = Bill.objects.get(supplier=world.supplier)
    return {
        "product": world.own_sku.product_id,
        "sku": world.own_sku.pk,
        "goods_file": factories.make_goods_file().pk,
        "revision": world.revision.pk,
        "bulk_job": make_bulk_job(world.own_sku.product_id).pk,
        "freight_template": factories.make_freight(regions=["广东省"]).pk,
        "company": distributor.company_id,
        "supplier": world.supplier.pk,
        "distributor": distributor.pk,
        "key": distributor.partner.keys.get().pk,
        "level": distributor.level_id,
        "order": world.order.pk,
        "fulfilment": world.order.fulfilments.get(supplier=None).pk,
        "cancellation": world.cancellation.pk,
        "shipping_file": factories.make_shipping_file().pk,
        "parcel": Shipment.objects.filter(fulfilment__order=world.order).latest("pk").pk,
        "case": world.case.pk,
        "claim": world.claim.pk,
        "photo": world.case.evidence.get().pk,
        "account": Account.objects.get(kind="deposit", holder=distributor.pk).pk,
        "recharge": distributor.recharges.get().pk,
        "recharge_job": make_recharge_job().pk,
        "withdrawal": distributor.withdrawals.get().pk,
        "application": factories.make_application().pk,
        "shop_application": factories.make_shop_application().pk,
        "paper": factories.make_paper(world.supplier).pk,
        "notice": factories.make_notice().pk,
        "bill": bill.pk,
        "bill_line": bill.lines.get(disputed=True).pk,
        "adjustment": Adjustment.objects.get(supplier=world.supplier, state="proposed").pk,
        "proof": factories.make_proof().pk,
        "statement": factories.make_statement(distributor).pk,
        "bank_line": factories.make_bank_line().pk,
        "person": make_staff("see_goods").pk,
        "group": Group.objects.order_by("pk")[0].pk,
    }


def address(route: URLPattern, keys: dict[str, int]) -> str:
    """Where a page of the console is in this world."""
    pattern = str(route.pattern)
    if pattern.startswith("exceptions/<"):
        return reverse(f"console:{route.name}", args=["trouble", keys["parcel"]])
    if "<slug:name>" in pattern:
        return reverse(f"console:{route.name}", args=["quote_minutes"])
    if "<slug:kind>" in pattern:
        return reverse(f"console:{route.name}", args=["deposit"])
    if "<int:pk>" in pattern:
        return reverse(f"console:{route.name}", args=[keys[STEPS[pattern.split("/")[0]]]])
    return reverse(f"console:{route.name}")


def page_of(route: URLPattern) -> type[Page]:
    """The page that an address leads to."""
    page: type[Page] = route.callback.__wrapped__.view_class  # type: ignore[attr-defined]
    return page


def lists() -> Iterator[str]:
    """Every list of rows."""
    for model in admin.site._registry:
        meta = model._meta
        yield reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def rows() -> Iterator[str]:
    """One row of every list that has any, as the admin shows it."""
    for model in admin.site._registry:
        meta = model._meta
        row = model._default_manager.order_by("pk").first()
        if row is not None:
            yield reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def refuses(
    view: ResolverMatch, person: Person, method: str, values: dict[str, str] | None = None
) -> bool:
    """Whether a page itself refuses somebody, without what stands before every page alike."""
    request = getattr(RequestFactory(), method)("/", values or {})
    request.user, request.session = person, SessionStore()
    request._dont_enforce_csrf_checks = True
    try:
        with request_context(request):
            view.func(request, *view.args, **view.kwargs)
    except PermissionDenied:
        return True
    except ReauthenticationRequired:
        return False
    return False
