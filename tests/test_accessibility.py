"""Nobody is kept out by a page: axe-core finds nothing serious on any, and all fit a telephone."""

from collections.abc import Iterable

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

import backoffice.urls
import portal.urls
from tests import accessibility
from tests.backoffice.test_roles import of_distributor, of_supplier, paths
from tests.conftest import LiveWeb
from tests.console import routes
from tests.console.staff import client_of, make_staff, make_world
from tests.factories import make_notice, make_supplier
from tests.people import log_in, make_order_for, make_person

pytestmark = [pytest.mark.browser, pytest.mark.http, pytest.mark.long]
PHONE = 390
OF_EVERYBODY = ("/accounts/login/", "/supplier/apply/", "/portal/apply/")
OF_MEMBERS = ("/team/", "/accounts/2fa/", "/accounts/password/change/", "/accounts/reauthenticate/")
# One of each kind: lists, forms, decisions, figures, tables; what all pages share is on each of them.
OF_STAFF = {
    "product", "change_product", "revision", "supplier", "distributor", "order", "ship", "case",
    "bill", "policies", "audit", "people", "health",
}  # fmt: skip
OF_BUYERS = {
    "home", "goods", "basket", "order_files", "orders", "order", "apply", "claims",
    "deposit", "new_recharge", "statements", "integration", "debugger", "requests", "callbacks",
    "documents",
}  # fmt: skip
# The links to all other pages, which are the same on each page of a side.
FRAME = "#nav-sidebar, header.top"
LISTS_OF_STAFF = ("/admin/", "/admin/orders/order/")


@pytest.fixture(autouse=True)
def prepare(quiet: Page) -> None:
    accessibility.bring_along(quiet)
    cache.clear()


def enter(page: Page, live_web: LiveWeb, client: Client) -> None:
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_web.url}])


def pages_among(client: Client, addresses: Iterable[str]) -> list[str]:
    """Those that lead to a whole page: no acts, files, nor parts of pages."""
    found = []
    for address in dict.fromkeys(addresses):
        answer = client.get(address)
        is_html = answer["Content-Type"].startswith("text/html")
        if answer.status_code == 200 and is_html and b"<html" in answer.content:
            found.append(address)
    return found


def faults(page: Page, live_web: LiveWeb, addresses: Iterable[str]) -> dict[str, list[str]]:
    """What keeps people out of these pages, one after the other; of the first, its frame, too."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(live_web.url + address, wait_until="load")
        found[address] = accessibility.barriers(page, without=FRAME if found else "")
    return {address: barriers for address, barriers in found.items() if barriers}


def test_suppliers_pages_keep_nobody_out_and_fit_a_telephone(
    quiet: Page, live_web: LiveWeb
) -> None:
    supplier = make_supplier()
    make_notice(at=timezone.now())
    client = log_in(make_person(supplier.company))
    addresses = paths("supplier", backoffice.urls.urlpatterns, of_supplier(supplier))
    found = pages_among(client, [*addresses, *OF_MEMBERS])
    quiet.set_viewport_size({"width": PHONE, "height": 800})

    wrong = faults(quiet, live_web, OF_EVERYBODY)
    enter(quiet, live_web, client)
    wrong |= faults(quiet, live_web, found)

    assert wrong == {}
    assert len(found) > 35


def test_distributors_pages_keep_nobody_out_and_fit_a_telephone(
    quiet: Page, live_web: LiveWeb
) -> None:
    order = make_order_for(make_supplier())
    client = log_in(make_person(order.distributor.company))
    chosen = [one for one in portal.urls.urlpatterns if one.name in OF_BUYERS]
    addresses = paths("portal", chosen, of_distributor(order.distributor, order))
    found = pages_among(client, addresses)
    enter(quiet, live_web, client)
    quiet.set_viewport_size({"width": PHONE, "height": 800})

    wrong = faults(quiet, live_web, found)

    assert wrong == {}
    assert len(found) == len(OF_BUYERS)


def test_the_consoles_pages_keep_nobody_out(quiet: Page, live_web: LiveWeb) -> None:
    keys = routes.keys_of(make_world())
    found = [routes.address(route, keys) for route in routes.ROUTES if route.name in OF_STAFF]
    enter(quiet, live_web, client_of(make_staff(superuser=True)))

    wrong = faults(quiet, live_web, [*LISTS_OF_STAFF, *found])

    assert wrong == {}
    assert len(found) == len(OF_STAFF)
