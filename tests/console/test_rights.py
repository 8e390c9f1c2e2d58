"""Who may do what: a right opens a page, and nothing else changes anything."""

from django.contrib import admin
from django.db import connection
from django.test import Client

from console import reference, rights
from console.models import Right
from tests.console import routes
from tests.console.staff import client_of, make_staff, make_world

# Rows that staff with the right keep in ordinary forms.
PLAIN = (
    "/admin/supplychain/brand/",
    "/admin/supplychain/category/",
    "/admin/supplychain/freighttemplate/",
)
# Tables that change by looking: sessions, log-ins, tickets of forms.
UNWATCHED = {"django_session", "companies_cache", "companies_person", "integration_nonce"}


def fingerprint() -> dict[str, str]:
    """What every table holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' ORDER BY relname"
        )
        names = [name for (name,) in cursor.fetchall() if name not in UNWATCHED]
        found = {}
        for name in names:
            cursor.execute(
                f"SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM \"{name}\" t"
            )
            found[name] = cursor.fetchone()[0]
    return found


def test_every_page_names_a_right_that_there_is() -> None:
    named = {route.name: routes.page_of(route).right for route in routes.ROUTES}

    unknown = {name: right for name, right in named.items() if right[8:] not in rights.RIGHTS}

    assert unknown == {}
    assert all(getattr(rows, "right", "") for rows in admin.site._registry.values())


def test_rights_are_permissions_and_the_groups_give_only_such(db: None) -> None:
    reference.load()

    given = {code for _name, codes in rights.GROUPS.values() for code in codes}

    assert given <= rights.RIGHTS.keys()
    assert {code for code, _ in Right._meta.permissions} == rights.RIGHTS.keys()
    assert rights.permissions(rights.RIGHTS).count() == len(rights.RIGHTS)


def test_loading_the_groups_again_leaves_their_rights_as_they_were_changed(db: None) -> None:
    reference.load()
    group = rights.permissions(["see_goods"])[0].group_set.get(name="readonly")
    group.permissions.clear()

    reference.load()

    assert not group.permissions.exists()


def test_without_the_right_every_page_is_refused_and_nothing_changes(
    transactional_db: None,
) -> None:
    keys = routes.keys_of(make_world())
    client = client_of(make_staff())
    before = fingerprint()

    answers = {}
    for route in routes.ROUTES:
        address = routes.address(route, keys)
        answers[address] = {client.get(address).status_code, _forge(client, address)}
    for address in [*routes.lists(), *routes.rows()]:
        answers[address] = {client.get(address).status_code, _forge(client, address)}

    assert {address: codes for address, codes in answers.items() if codes != {403}} == {}
    assert fingerprint() == before


def test_reading_everything_changes_nothing_either(transactional_db: None) -> None:
    keys = routes.keys_of(make_world())
    seeing = [code for code in rights.RIGHTS if code.startswith("see_")]
    client = client_of(make_staff(*seeing))
    before = fingerprint()

    for route in routes.ROUTES:
        address = routes.address(route, keys)
        if routes.page_of(route).right.startswith("console.see_"):
            assert client.get(address, follow=True).status_code == 200, address
            assert _forge(client, address) in (403, 405), address
        else:
            assert _forge(client, address) == 403, address

    assert fingerprint() == before


def test_no_address_of_the_admin_edits_what_an_act_owns(transactional_db: None) -> None:
    make_world()
    client = client_of(make_staff(superuser=True))
    before = fingerprint()
    values = {"state": "closed", "balance_fen": "1", "amount_fen": "1", "post": "yes", "_save": "1"}

    answers = {
        address: client.post(address, values).status_code
        for address in _editing_addresses()
        if not address.startswith(PLAIN)
    }

    # A list that gets a POST only shows itself; a thing with a page of its own leads there.
    assert set(answers.values()) <= {200, 302, 403, 405}
    assert all(code == 403 for a, code in answers.items() if a.endswith(("/add/", "/delete/")))
    assert fingerprint() == before


def test_plain_reference_rows_are_never_deleted(transactional_db: None) -> None:
    make_world()
    client = client_of(make_staff(superuser=True))

    codes = {
        client.post(a, {"post": "yes"}).status_code
        for a in _editing_addresses()
        if a.endswith("/delete/")
    }

    assert codes == {403}


def test_people_of_companies_do_not_come_in_whatever_rights_they_were_given(db: None) -> None:
    person = make_staff("see_goods")
    person.is_staff = False
    person.save()

    answer = client_of(person).get("/admin/supplychain/product/", follow=True)

    assert answer.status_code == 403


def test_the_admin_takes_no_password_of_its_own(db: None, client: Client) -> None:
    answer = client.post("/admin/login/", {"username": "a@example.com", "password": "x"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_forged_request_without_the_token_is_refused(transactional_db: None) -> None:
    world = make_world()
    person = make_staff("recharge_deposits", "see_companies")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    before = fingerprint()

    answer = client.post(
        f"/admin/distributors/{world.distributor.pk}/recharge/",
        {"amount_fen": "100", "reference": "FORGED"},
    )

    assert answer.status_code == 403
    assert fingerprint() == before


def test_consumers_are_masked_for_who_may_not_see_them(transactional_db: None) -> None:
    world = make_world()
    address = f"/admin/orders/{world.order.pk}/"

    masked = client_of(make_staff("see_orders")).get(address).content.decode()
    opened = client_of(make_staff("see_orders", "see_consumers")).get(address).content.decode()

    assert "13800000000" not in masked
    assert "海德三道" not in masked
    assert "13800000000" in opened


def _forge(client: Client, address: str) -> int:
    """Send something that would decide, if it were let."""
    values = {
        "reason": "x", "verdict": "approve", "to": "suspended", "trusted": "on", "quantity": "1",
        "how": "set", "version": "1", "amount_fen": "100", "reference": "FORGED", "value": "20",
        "name": "forged", "email": "forged@example.com", "credit_line_fen": "1", "visible_to": "chosen",
    }  # fmt: skip
    return client.post(address, values).status_code


def _editing_addresses() -> list[str]:
    """Every address under which Django's admin would change or show a row, of rows there are."""
    found = []
    for address in routes.lists():
        found += [address, f"{address}add/", f"{address}export/"]
    for address in routes.rows():
        start = address.removesuffix("change/")
        found += [address, f"{start}delete/", f"{start}history/"]
    return found
