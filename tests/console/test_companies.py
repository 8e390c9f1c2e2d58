"""Companies in the console: visits that change nothing, effects of prices, profiles and notes."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve

import backoffice.urls
import portal.urls
from backoffice.seeing_as import KEPT_BACK
from companies.models import Person, Visit, VisitedPage
from console import rights
from distributors.models import Distributor
from suppliers.models import Supplier
from tests.backoffice.test_roles import of_distributor, of_supplier, paths
from tests.console.staff import client_of, make_staff
from tests.console.test_rights import fingerprint
from tests.factories import make_supplier
from tests.people import log_in_by_password, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)
VISITOR = ("see_companies", "look_as_companies")
# What a visit writes down.
OF_VISITS = {"companies_visit", "companies_visitedpage", "django_admin_log"}


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def begin_visit(person: Person, member: Supplier | Distributor, side: str) -> Client:
    """A browser in which somebody of the platform sees a company's pages."""
    client = client_of(person, "en")
    address = f"/admin/companies/{member.company_id}/visit/"
    answer = client.post(address, {"side": side, "reason": "helps by phone"})
    assert answer.headers["Location"] == "/", answer.content.decode()
    return client


def codes(client: Client, addresses: list[str]) -> dict[str, int]:
    return {address: client.get(address).status_code for address in addresses}


def data() -> dict[str, str]:
    return {name: hashed for name, hashed in fingerprint().items() if name not in OF_VISITS}


def test_a_visitor_opens_every_page_as_the_owner_does_and_sends_nothing() -> None:
    supplier = make_supplier()
    order = make_order_for(supplier)
    shop = order.distributor
    of_ours = paths("supplier", backoffice.urls.urlpatterns, of_supplier(supplier))
    of_theirs = paths("portal", portal.urls.urlpatterns, of_distributor(shop, order))
    staff = make_staff(*VISITOR)
    owners = {one: make_person(one.company) for one in (supplier, shop)}
    opened: dict[str, tuple[int, int]] = {}

    for member, side, found in (
        (supplier, "supplier", [*of_ours, "/team/", "/supplier/apply/"]),
        (shop, "distributor", [*of_theirs, "/team/"]),
    ):
        client = begin_visit(staff, member, side)
        before = data()
        visited = codes(client, found)
        posted = {client.post(path, {"reason": "x", "on_sale": "0"}).status_code for path in found}
        switched = client.post("/switch-role/", {"role": f"{member.company.number}/{side}"})
        after = data()
        owned = codes(log_in_by_password(owners[member]), found)

        assert (posted, switched.status_code) == ({403}, 403)
        assert after == before
        opened |= {
            path: (code, owned[path]) for path, code in visited.items() if code != owned[path]
        }

    kept_back = {resolve(path).view_name for path in opened}
    assert {code for code, _of_owner in opened.values()} == {403}
    assert kept_back == KEPT_BACK
    assert client.get("/admin/companies/company/").status_code == 200
    assert VisitedPage.objects.filter(refused=False).count() > 60


def test_a_visit_masks_consumers_ends_in_time_and_stands_in_the_company_s_own_log() -> None:
    supplier = make_supplier()
    order = make_order_for(supplier)
    address = f"/supplier/orders/{order.order_no}/"
    staff = make_staff(*VISITOR)
    client = begin_visit(staff, supplier, "supplier")

    page = client.get(address).content.decode()
    visit = Visit.objects.get()
    log = log_in_by_password(make_person(supplier.company)).get("/team/visits/").content.decode()
    staff.user_permissions.set(rights.permissions(["see_companies"]))
    without_right = client.get(address)
    again = begin_visit(make_staff(*VISITOR), supplier, "supplier")
    Visit.objects.update(ends_at=visit.began_at - timedelta(seconds=1))
    too_late = again.post(address, {"tracking_no": "SF1234567890123"})

    assert "13800000000" not in page
    assert "海德三道" not in page
    assert f"You see {supplier.company} as its owner does." in page
    assert visit.ends_at - visit.began_at == timedelta(minutes=30)
    assert staff.email in log
    assert "helps by phone" in log
    assert address in log
    assert {without_right.headers["Location"], too_late.headers["Location"]} == {"/admin/"}
    assert again.get(address).status_code == 404
    assert order.fulfilments.get().state == "awaiting_shipment"
