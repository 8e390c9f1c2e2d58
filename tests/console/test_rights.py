"""Who may do what: a right opens a page, and nothing else changes anything."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import resolve

from companies import policies
from companies.models import Person
from console import reference, rights
from console.models import Right
from console.pages import Decision
from kit.actors import OPERATIONS
from tests.console import routes
from tests.console.staff import client_of, make_staff, make_world
from tests.factories import NOON

# Rows that staff with the right keep in ordinary forms.
PLAIN = (
    "/admin/supplychain/brand/",
    "/admin/supplychain/category/",
)
# What concerns nobody but the reader: which reports come by mail. Without an answer nothing happens.
OWN_MATTERS = {"subscribe", "unsubscribe"}
# What is looked for is sent so that it stands in no address; it changes nothing.
ASKING = {"find"}
# Tables that change by looking: sessions, log-ins, tickets of forms.
UNWATCHED = {"django_session", "companies_cache", "companies_person", "integration_nonce"}

# What would decide, if it were let.
FORGED = {
    "reason": "x", "verdict": "approve", "to": "suspended", "trusted": "on", "quantity": "1",
    "how": "set", "version": "1", "amount_fen": "100", "reference": "FORGED", "value": "20",
    "name": "forged", "email": "forged@example.com", "credit_line_fen": "1", "visible_to": "chosen",
}  # fmt: skip


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
    person = make_staff()
    client = client_of(person)
    pages = [routes.address(route, keys) for route in routes.ROUTES]
    before = fingerprint()

    answers = {
        address: (_forge(client, address), routes.refuses(resolve(address), person, "get"))
        for address in [*pages, *routes.lists(), *routes.rows()]
    }

    assert {address: found for address, found in answers.items() if found != (403, True)} == {}
    assert fingerprint() == before


def test_every_group_is_let_in_exactly_where_the_table_says(transactional_db: None) -> None:
    keys = routes.keys_of(make_world())
    people = {name: make_staff(group=name) for name in rights.GROUPS}
    before = fingerprint()

    wrong = []
    for route in routes.ROUTES:
        view, right = resolve(routes.address(route, keys)), routes.page_of(route).right
        for name, person in people.items():
            method, sent = ("options", {}) if _may(name, right) else ("post", FORGED)
            if routes.refuses(view, person, method, sent) == _may(name, right):
                wrong.append((name, route.name))

    assert wrong == []
    assert fingerprint() == before


def test_every_group_reads_exactly_the_rows_that_the_table_says(transactional_db: None) -> None:
    reference.load()
    wrong = {}

    for name in rights.GROUPS:
        person = make_staff(group=name)
        client = client_of(person)
        registry: dict[Any, Any] = dict(admin.site._registry)
        for model, rows in registry.items():
            address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            may: bool = _may(name, rows.right)
            codes = set() if may else {client.get(address).status_code, _forge(client, address)}
            if may != person.has_perm(rows.right) or not codes <= {403}:
                wrong[name, address] = may

    assert wrong == {}


def test_the_table_of_rights_shows_what_guards(db: None) -> None:
    reference.load()

    page = client_of(make_staff("see_records")).get("/admin/rights/")

    groups = {rights.title(name): set(codes) for name, (_title, codes) in rights.GROUPS.items()}
    table = dict(zip(rights.RIGHTS, page.context["table"], strict=True))
    assert {
        name: {code for code, row in table.items() if dict(row.groups)[name]} for name in groups
    } == groups
    assert {code for code, row in table.items() if row.is_sensitive} == rights.SENSITIVE


def test_money_keys_policies_and_people_take_the_password_once_more(transactional_db: None) -> None:
    keys = routes.keys_of(make_world())
    boss = make_staff(superuser=True)
    boss.password = "some hash"
    boss.save()
    client = client_of(boss)
    sensitive = [
        routes.address(route, keys)
        for route in routes.ROUTES
        if issubclass(routes.page_of(route), Decision)
        and rights.is_sensitive(routes.page_of(route).right)
    ]
    before = fingerprint()

    asked = {client.get(a).headers.get("Location", "").split("?")[0] for a in sensitive}
    posted = {
        client.post(a, {"reason": "x"}).headers.get("Location", "").split("?")[0] for a in sensitive
    }
    unchanged = fingerprint() == before
    _confirm(client, boss, minutes_ago=1)
    after_it = client.get(sensitive[0]).status_code
    _confirm(client, boss, minutes_ago=11)
    too_old = client.get(sensitive[0]).status_code

    assert asked == posted == {"/accounts/reauthenticate/"}
    assert unchanged
    assert (after_it, too_old) == (200, 302)


def test_where_two_steps_are_required_staff_without_them_get_no_further(
    transactional_db: None,
) -> None:
    world = make_world()
    person = make_staff(superuser=True)
    client = client_of(person)
    policies.decide(name="staff_two_factor", value=True, actor=OPERATIONS, at=NOON)
    before = fingerprint()

    addresses = ["/admin/", "/admin/orders/order/", f"/admin/orders/{world.order.pk}/"]
    led = {client.get(address).headers.get("Location") for address in addresses}
    recharge = client.post(
        f"/admin/distributors/{world.distributor.pk}/recharge/", {"amount_fen": "1"}
    )
    unchanged = fingerprint() == before
    set_up = client.get("/accounts/2fa/totp/activate/")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})

    assert led == {"/accounts/2fa/totp/activate/"}
    assert recharge.status_code == 302
    assert unchanged
    assert "平台员工须两步登录" in set_up.content.decode()
    assert client.get("/admin/").status_code == 200


def test_reading_everything_changes_nothing_either(transactional_db: None) -> None:
    keys = routes.keys_of(make_world())
    seeing = [code for code in rights.RIGHTS if code.startswith("see_")]
    client = client_of(make_staff(*seeing))
    before = fingerprint()

    for route in routes.ROUTES:
        address = routes.address(route, keys)
        if routes.page_of(route).right.startswith("console.see_"):
            assert client.get(address, follow=True).status_code == 200, address
            refused = (422,) if route.name in OWN_MATTERS else (403, 405)
            refused = (200,) if route.name in ASKING else refused
            assert _forge(client, address) in refused, address

    assert fingerprint() == before


def test_no_address_of_the_admin_edits_what_an_act_owns_or_deletes_a_row(
    transactional_db: None,
) -> None:
    make_world()
    client = client_of(make_staff(superuser=True))
    before = fingerprint()
    values = {
        "state": "closed", "balance_fen": "1", "amount_fen": "1", "post": "yes", "_save": "1",
        "action": "delete_selected", "_selected_action": "1", "form-0-state": "closed",
    }  # fmt: skip

    answers = {
        address: client.post(address, values).status_code
        for address in _editing_addresses()
        if address.endswith("/delete/") or not address.startswith(PLAIN)
    }

    # A list that gets a POST only shows itself; a thing with a page of its own leads there.
    assert set(answers.values()) <= {200, 302, 403, 405}
    assert all(code == 403 for a, code in answers.items() if a.endswith(("/add/", "/delete/")))
    assert fingerprint() == before


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


def _may(group: str, right: str) -> bool:
    return right.removeprefix("console.") in rights.GROUPS[group][1]


def _confirm(client: Client, person: Person, *, minutes_ago: int) -> None:
    """As if somebody had given the password so long ago."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - minutes_ago * 60}
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


def _forge(client: Client, address: str) -> int:
    return client.post(address, FORGED).status_code


def _editing_addresses() -> list[str]:
    """Every address under which Django's admin would change or show a row, of rows there are."""
    found = []
    for address in routes.lists():
        found += [address, f"{address}add/", f"{address}export/"]
    for address in routes.rows():
        start = address.removesuffix("change/")
        found += [address, f"{start}delete/", f"{start}history/"]
    return found
