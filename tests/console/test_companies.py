"""Companies in the console: visits that change nothing, effects of prices, profiles and notes."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

import backoffice.urls
import portal.urls
from backoffice.seeing_as import KEPT_BACK
from books.models import Rollup
from companies import noting
from companies.models import Person, Visit, VisitedPage
from console import rights, timelines
from distributors.models import Distributor
from kit.actors import OPERATIONS
from suppliers.models import Supplier
from supplychain import offers
from supplychain.models import Product, RateOverride
from tests.backoffice.test_roles import of_distributor, of_supplier, paths
from tests.console.staff import client_of, make_staff, make_world
from tests.console.test_rights import fingerprint
from tests.factories import NOON, make_distributor, make_level, make_sku, make_supplier
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


def make_rollup(day: date, subject: str, pk: int, **sums: int) -> None:
    """What a closed day came to; what is not said is 0."""
    whole = [f.name for f in Rollup._meta.fields if f.get_internal_type().endswith("IntegerField")]
    zeros = dict.fromkeys(set(whole) - {"subject_pk"}, 0)
    Rollup.objects.create(
        span="day", first_day=day, subject=subject, subject_pk=pk, **{**zeros, **sums}
    )


def data() -> dict[str, str]:
    return {name: hashed for name, hashed in fingerprint().items() if name not in OF_VISITS}


@pytest.mark.long
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
        # What is open to a visitor is open to an owner; the rest must be what an owner meets, too.
        shut = [path for path, code in visited.items() if code not in (200, 405)]
        owned = codes(log_in_by_password(owners[member]), shut)

        assert (posted, switched.status_code) == ({403}, 403)
        assert after == before
        opened |= {
            path: (visited[path], owned[path]) for path in shut if visited[path] != owned[path]
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


def test_a_company_s_timeline_says_everything_with_who_and_a_note_stays_among_colleagues(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    world = make_world()
    shop, company = world.distributor, world.distributor.company
    boss = make_staff(superuser=True)
    client = client_of(boss, "en")
    address = f"/admin/companies/{company.pk}/timeline/"
    client.post(
        f"/admin/distributors/{shop.pk}/state/", {"to": "suspended", "reason": "papers missing"}
    )
    client.post(f"/admin/companies/{company.pk}/note/", {"text": "calls on Mondays"})
    begin_visit(boss, shop, "distributor")

    with django_assert_max_num_queries(15):
        page = client.get(address)
    told = {(one.kind, one.what) for one in page.context["happenings"]}
    kinds = {kind for kind, _what in told}
    only_notes = client.get(address, {"kind": "note"}).context["happenings"]
    plain = client_of(make_staff("see_companies"), "en").get(address)
    log = log_in_by_password(make_person(company)).get("/team/visits/").content.decode()

    assert kinds == {"decision", "change", "money", "note", "visit"}
    assert ("decision", "Change the state") in told
    assert ("note", "calls on Mondays") in told
    assert [(one.what, one.by) for one in only_notes] == [("calls on Mondays", boss.email)]
    assert not {"money", "change"} & {one.kind for one in plain.context["happenings"]}
    assert "calls on Mondays" not in log


def test_older_pages_of_a_timeline_lose_nothing_that_happened_in_one_moment() -> None:
    shop = make_distributor()
    company = shop.company
    for number in range(7):
        moment = NOON + timedelta(minutes=number // 3)
        noting.write(company_pk=company.pk, text=str(number), actor=OPERATIONS, at=moment)
    side = timelines.side_of(company)

    seen, before = [], NOON + timedelta(days=1)
    for _page in range(4):
        page, following = timelines.of(side, ["note"], before=before, size=4)
        seen += [int(one.what) for one in page]
        if following is None:
            break
        before = following

    assert sorted(seen) == list(range(7))


def test_a_profile_shows_what_a_partner_came_to() -> None:
    shop, supplier = make_distributor(), make_supplier()
    today = timezone.localdate()
    for days, subject, pk in (
        (3, "distributor", shop.pk),
        (60, "distributor", shop.pk),
        (3, "supplier", supplier.pk),
    ):
        make_rollup(today - timedelta(days=days), subject, pk, orders=2, sales_fen=100_00)
    client = client_of(make_staff("see_companies"), "en")

    bought = client.get(f"/admin/distributors/{shop.pk}/").context["turnover"]
    sold = client.get(f"/admin/suppliers/{supplier.pk}/").context["turnover"]

    assert [(one.days, one.orders, one.sales_fen) for one in bought] == [
        (30, 2, 100_00),
        (90, 4, 200_00),
    ]
    assert [one.sales_fen for one in sold] == [100_00, 100_00]


def test_a_company_takes_its_second_role_and_the_sheet_says_what_is_handed_over() -> None:
    supplier = make_supplier()
    client = client_of(make_staff("open_companies", "see_companies"), "en")
    address = f"/admin/distributors/new/?company={supplier.company_id}"

    form = client.get(address).context["form"]
    sheet = client.post(
        address,
        {
            "company": supplier.company_id,
            "email": "first@example.com",
            "level": make_level().pk,
            "credit_line_fen": "0",
            "low_deposit_threshold_fen": "0",
        },
    ).content.decode()

    shop = Distributor.objects.get(company=supplier.company)
    key = shop.partner.keys.get()
    assert form.initial["company"] == str(supplier.company_id)
    for handed_over in (
        shop.number,
        key.public_id,
        "/api/v1/",
        "/accounts/login/",
        "first@example.com",
    ):
        assert handed_over in sheet
    assert key.secret_last4 in sheet
    assert key.public_id in client.get(f"/admin/distributors/{shop.pk}/").content.decode()
