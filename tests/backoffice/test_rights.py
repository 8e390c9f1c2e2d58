"""The table of rights: it knows every route, and each role comes exactly as far as it says."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.urls import URLPattern, reverse

import backoffice.front
import backoffice.urls
from backoffice import rights
from backoffice.rights import Right
from backoffice.templatetags.huopan import MENUS
from companies import acting
from companies.models import Company, Duty, Membership, Person, Role
from distributors import onboarding as distributor_onboarding
from suppliers.models import Supplier
from supplychain.models import Stock
from tests.factories import NOON, make_distributor, make_level, make_supplier
from tests.people import log_in, make_live_product, make_person

pytestmark = pytest.mark.django_db
CASES: list[tuple[Role, tuple[str, ...]]] = [
    (Role.OWNER, ()),
    (Role.MEMBER, ()),
    (Role.READER, ()),
    (Role.MEMBER, (Duty.SHIPPING,)),
    (Role.MEMBER, (Duty.FINANCE, Duty.GOODS)),
]
# Under no company: the front door, log-in, joining.
OF_NO_COMPANY = {"home", "switch_role", "join"}


def make_colleague(supplier: Supplier, role: Role, *duties: str) -> Person:
    person = make_person(supplier.company, role=role)
    Membership.objects.filter(person=person).update(duties=list(duties))
    return person


def routes() -> dict[str, URLPattern]:
    """Every route of a company's pages, by the name that the table knows it by."""
    found = {
        f"supplier:{pattern.name}": pattern
        for pattern in backoffice.urls.urlpatterns
        if isinstance(pattern, URLPattern)
    }
    for pattern in backoffice.front.urlpatterns:
        if isinstance(pattern, URLPattern) and pattern.name not in OF_NO_COMPANY:
            found[str(pattern.name)] = pattern
    return found


def path_of(name: str, pattern: URLPattern) -> str:
    """An address of a route; what it names does not exist."""
    converters: dict[str, Any] = pattern.pattern.converters
    unknown = {
        key: 999_999 if "Int" in type(kind).__name__ else "none" for key, kind in converters.items()
    }
    return reverse(name, kwargs=unknown)


def test_the_table_knows_every_route_and_no_other() -> None:
    missing = routes().keys() - rights.ROUTES.keys()
    gone = rights.ROUTES.keys() - routes().keys()

    assert not missing, f"give them a line in backoffice/rights.py: {sorted(missing)}"
    assert not gone, f"backoffice/rights.py names what is not there: {sorted(gone)}"


@pytest.mark.parametrize(("role", "duties"), CASES)
def test_each_role_comes_as_far_as_the_table_says(role: Role, duties: tuple[str, ...]) -> None:
    person = make_colleague(make_supplier(), role, *duties)
    [acts] = acting.roles_of(person)
    client = log_in(person)

    wrong = {}
    for name, pattern in routes().items():
        line, path = rights.needed(name), path_of(name, pattern)
        if line.right is Right.PUBLIC:
            continue
        may = rights.may(acts, name)
        asked = {"post" if line.changes else "get": may} | ({"post": False} if acts.reader else {})
        for method, allowed in asked.items():
            status = getattr(client, method)(path).status_code
            if (status != 403) != allowed and status != 405:
                wrong[method, path] = status

    assert wrong == {}


@pytest.mark.parametrize(("role", "duties"), CASES)
def test_the_menu_is_what_the_table_opens(role: Role, duties: tuple[str, ...]) -> None:
    person = make_colleague(make_supplier(), role, *duties)
    [acts] = acting.roles_of(person)

    page = log_in(person).get("/supplier/").content.decode()

    menu = re.search(r'<nav class="menu".*?</nav>', page, flags=re.S)
    assert menu is not None
    expected = {reverse(name) for name, _ in MENUS[acting.SUPPLIER] if rights.may(acts, name)}
    assert set(re.findall(r'href="([^"]+)"', menu[0])) == expected


def test_the_start_leads_nobody_where_they_have_no_right() -> None:
    person = make_colleague(make_supplier(), Role.MEMBER, Duty.FINANCE)

    page = log_in(person).get("/supplier/").content.decode()

    main = page[page.index("<main") :]
    assert reverse("supplier:bills") in main
    assert reverse("supplier:orders") not in main
    assert reverse("supplier:goods") not in main


def test_a_page_without_right_says_who_can_give_it_and_changes_nothing() -> None:
    supplier = make_supplier()
    owner = make_person(supplier.company)
    sku = make_live_product(supplier).skus.get()
    clerk = log_in(make_colleague(supplier, Role.MEMBER, Duty.SHIPPING))

    shown = clerk.get("/supplier/stock/")
    sent = clerk.post(f"/supplier/stock/{sku.sku_no}/", {"available": "1", "version": "1"})

    assert (shown.status_code, sent.status_code) == (403, 403)
    assert owner.email in shown.content.decode()
    assert "Goods and stock" in shown.content.decode()
    assert Stock.objects.get(sku=sku).available == 20


def test_whoever_is_narrowed_to_a_suppliers_work_has_no_role_on_the_other_side() -> None:
    supplier = make_supplier()
    person = make_colleague(supplier, Role.MEMBER, Duty.SHIPPING)
    distributor_onboarding.open_distributor(
        name="", company=supplier.company, level=make_level(), at=NOON
    )

    assert [role.side for role in acting.roles_of(person)] == [acting.SUPPLIER]


def test_a_required_second_factor_is_set_up_before_anything_else() -> None:
    supplier = make_supplier()
    owner, clerk = make_person(supplier.company), make_person(supplier.company)
    theirs = log_in(clerk)
    shop = make_distributor(deposit_fen=0).company
    buyer = make_person(shop)
    Company.objects.filter(pk=shop.pk).update(two_factor_required=True)
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={})

    log_in(owner).post("/team/two-factor/", {"required": "1"})

    for path in ("/supplier/", "/team/"):
        assert theirs.get(path).headers["location"] == "/accounts/2fa/"
    assert log_in(owner).get("/supplier/").status_code == 200
    assert log_in(buyer).get("/portal/").headers["location"] == "/accounts/2fa/"
    Authenticator.objects.create(user=clerk, type=Authenticator.Type.TOTP, data={})
    assert theirs.get("/supplier/").status_code == 200


def test_nobody_requires_a_second_factor_that_they_do_not_have() -> None:
    supplier = make_supplier()
    client = log_in(make_person(supplier.company))

    page = client.post("/team/two-factor/", {"required": "1"}, follow=True).content.decode()

    supplier.company.refresh_from_db()
    assert not supplier.company.two_factor_required
    assert "Set up the two-step log-in for yourself first" in page
