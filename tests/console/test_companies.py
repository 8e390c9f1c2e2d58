"""Companies in the console: visits that change nothing, effects of prices, profiles and notes."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve
from pytest_django import DjangoAssertNumQueries

import backoffice.urls
import portal.urls
from backoffice.seeing_as import KEPT_BACK
from companies.models import Person, Visit, VisitedPage
from console import rights
from distributors.models import Distributor
from suppliers.models import Supplier
from supplychain import offers
from supplychain.models import Product, RateOverride
from tests.backoffice.test_roles import of_distributor, of_supplier, paths
from tests.console.staff import client_of, make_staff
from tests.console.test_rights import fingerprint
from tests.factories import make_distributor, make_level, make_sku, make_supplier
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


def test_what_a_rate_would_do_is_what_it_then_does(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    level, other = make_level(fee_rate_bp=500), make_level(fee_rate_bp=1000)
    shops = [make_distributor(level=level) for _ in range(3)]
    dear, own, hidden = (make_sku(supply_price_fen=100_00) for _ in range(3))
    RateOverride.objects.create(product=own.product, level=level, fee_rate_bp=0)
    Product.objects.filter(pk=hidden.product_id).update(chosen_only=True)
    client = client_of(make_staff("set_prices", "change_companies"), "en")
    form = {"name": level.name, "rank": level.rank, "fee_rate_bp": "7", "preview": "1"}

    with django_assert_max_num_queries(15):
        page = client.post(f"/admin/levels/{level.pk}/", form)
    rate = page.context["effect"]
    many = client.post(
        "/admin/levels/assignment/",
        {"level": other.pk, "distributors": [one.pk for one in shops[:2]], "preview": "1"},
    ).context["effect"]
    level.refresh_from_db()

    assert "3 distributors, 2 listed skus, average +0.95 %" in page.content.decode()
    [case] = rate.largest
    assert (case.sku, case.before_fen, case.after_fen, case.change_bp) == (
        dear,
        105_00,
        107_00,
        190,
    )
    assert (many.distributors, many.skus, many.changed) == (2, 2, 2)
    assert [(one.sku, one.after_fen) for one in many.largest] == [(own, 110_00), (dear, 110_00)]
    assert level.fee_rate_bp == 500
    del form["preview"]
    client.post(f"/admin/levels/{level.pk}/", form)
    shop = Distributor.objects.select_related("level").get(pk=shops[0].pk)
    assert offers.prices_of(shop, [dear])[dear.pk][0].agreement_price_fen == case.after_fen


def test_distributors_are_put_on_a_level_together_and_refused_none_when_none_is_chosen() -> None:
    level, other = make_level(fee_rate_bp=500), make_level(fee_rate_bp=1000)
    shops = [make_distributor(level=level) for _ in range(2)]
    client = client_of(make_staff("change_companies"), "en")

    none = client.post("/admin/levels/assignment/", {"level": other.pk})
    untouched = Distributor.objects.filter(level=other).count()
    done = client.post(
        "/admin/levels/assignment/",
        {"level": other.pk, "distributors": [one.pk for one in shops]},
    )

    assert (none.status_code, untouched, done.status_code) == (422, 0, 302)
    assert Distributor.objects.filter(level=other).count() == 2
