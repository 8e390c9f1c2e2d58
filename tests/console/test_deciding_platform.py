"""What staff decide on the platform itself: its policies, and who its people are."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from companies import policies
from companies.models import Membership, Person
from console import reference
from tests.console.staff import client_of, make_staff, text
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_policy_is_decided_within_its_range_and_remembered() -> None:
    staff = make_staff("see_records", "decide_policies")
    client = client_of(staff)

    client.post("/admin/policies/quote_minutes/", {"value": "30"})
    wrong = client.post("/admin/policies/quote_minutes/", {"value": "100000"})
    client.post("/admin/policies/show_price_parts/", {"value": "on"})
    client.post("/admin/policies/allowed_applications/", {"value": ["coupons"]})

    decided = policies.read()
    assert wrong.status_code == 422
    assert (decided.quote_minutes, decided.show_price_parts) == (30, True)
    assert decided.allowed_applications == ["coupons"]
    assert staff.email in text(client.get("/admin/policies/"))


def test_a_colleague_is_added_with_groups_and_a_password_shown_once() -> None:
    reference.load()
    group = Group.objects.get(name="finance")
    client = client_of(make_staff(superuser=True))

    sheet = client.post(
        "/admin/people/new/", {"email": "F@Example.com", "name": "李会计", "groups": [group.pk]}
    )

    person = Person.objects.get(email="f@example.com")
    shown = [value for _label, value in sheet.context["facts"]]
    assert any(person.check_password(value) for value in shown)
    assert person.is_staff
    assert person.has_perm("console.recharge_deposits")
    assert not Membership.objects.filter(person=person).exists()


def test_nobody_changes_their_own_rights() -> None:
    reference.load()
    me = make_staff("manage_people")
    group = Group.objects.get(name="readonly")
    client = client_of(me)

    groups = client.post(
        f"/admin/people/{me.pk}/", {"name": "我", "active": "on", "groups": [group.pk]}
    )
    password = client.post(f"/admin/people/{me.pk}/password/")

    assert groups.status_code == password.status_code == 409
    assert not me.groups.exists()


def test_nobody_gives_more_than_they_have() -> None:
    reference.load()
    me, other, chief = make_staff("manage_people"), make_staff(), make_staff(superuser=True)
    client = client_of(me)
    finance = Group.objects.get(name="finance")
    hash_before = chief.password

    answers = [
        client.post(
            f"/admin/people/{other.pk}/", {"name": "他", "active": "on", "groups": [finance.pk]}
        ),
        client.post(f"/admin/people/{chief.pk}/password/"),
        client.post(f"/admin/groups/{finance.pk}/", {"rights": ["recharge_deposits"]}),
        client.post("/admin/groups/new/", {"name": "新组", "rights": ["recharge_deposits"]}),
    ]

    chief.refresh_from_db()
    assert [answer.status_code for answer in answers] == [409] * 4
    assert not other.groups.exists()
    assert chief.password == hash_before
    assert finance.permissions.count() > 1
    assert not Group.objects.filter(name="新组").exists()


def test_who_is_shut_out_is_out_at_once() -> None:
    other = make_staff("see_goods")
    theirs = client_of(other)
    chief = client_of(make_staff(superuser=True))

    before = theirs.get("/admin/supplychain/product/").status_code
    chief.post(f"/admin/people/{other.pk}/", {"name": "他"})
    after = theirs.get("/admin/supplychain/product/").status_code

    assert (before, after) == (200, 302)


def test_a_group_is_given_rights_by_name() -> None:
    reference.load()
    group = Group.objects.get(name="service")
    client = client_of(make_staff(superuser=True))

    client.post(f"/admin/groups/{group.pk}/", {"rights": ["see_goods", "ship_orders"]})

    assert group.name == "service"
    assert set(group.permissions.values_list("codename", flat=True)) == {"see_goods", "ship_orders"}


def test_an_invitation_shows_its_link_once(client: Client) -> None:
    supplier = make_supplier()
    staff = client_of(make_staff("see_companies", "open_companies"))

    sheet = staff.post(
        f"/admin/companies/{supplier.company_id}/invitation/",
        {"email": "new@example.com", "role": "owner"},
    )

    link = sheet.context["facts"][-1][1]
    assert "/join/" in link
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200
