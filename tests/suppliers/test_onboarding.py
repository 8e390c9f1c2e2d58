"""Opening suppliers, and deciding whether their goods are offered."""

import json

import pytest
from django.core.management import CommandError, call_command

from companies import opening
from companies.models import Company, Person
from kit.errors import NotFound, WrongState
from suppliers import onboarding
from suppliers.models import Supplier
from tests.factories import NOON, make_distributor, make_supplier
from tests.people import make_person
from tests.races.racing import race

MOVES = {
    ("active", "suspended"),
    ("suspended", "active"),
    ("active", "closed"),
    ("suspended", "closed"),
}
STATES = ("active", "suspended", "closed")
ROADS = {"active": [], "suspended": ["suspended"], "closed": ["closed"]}


@pytest.mark.django_db
def test_suppliers_are_numbered_one_after_the_other() -> None:
    first = onboarding.open_supplier(name="甲", at=NOON).supplier
    second = onboarding.open_supplier(name="乙", at=NOON).supplier

    assert int(second.number[1:]) == int(first.number[1:]) + 1
    assert first.number.startswith("S")
    assert not first.trusted


@pytest.mark.django_db
def test_a_distributor_can_become_a_supplier_too_but_only_once() -> None:
    company = make_distributor(deposit_fen=0).company

    opened = onboarding.open_supplier(name="", company=company, at=NOON)

    assert opened.supplier.company == company
    with pytest.raises(opening.RoleTaken):
        onboarding.open_supplier(name="", company=company, at=NOON)
    assert Supplier.objects.filter(company=company).count() == 1


@pytest.mark.django_db
def test_a_supplier_whose_first_person_is_refused_is_not_opened() -> None:
    somebody = make_person(make_supplier().company)
    before = Company.objects.count()

    with pytest.raises(opening.EmailTaken):
        onboarding.open_supplier(name="丙", email=somebody.email, at=NOON)

    assert Supplier.objects.count() == 1
    assert Company.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_suppliers_opened_at_the_same_moment_get_numbers_of_their_own() -> None:
    opened = race(lambda n: onboarding.open_supplier(name=f"供货商{n}", at=NOON), 4)

    assert len({one.supplier.number for one in opened}) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_state_changes_with_its_reason_or_is_refused(before: str, after: str) -> None:
    supplier = make_supplier()
    for state in ROADS[before]:
        onboarding.change_state(supplier_pk=supplier.pk, to=state, reason="earlier", at=NOON)

    if (before, after) in MOVES:
        changed = onboarding.change_state(
            supplier_pk=supplier.pk, to=after, reason="late twice", at=NOON
        )
        assert (changed.state, changed.state_reason) == (after, "late twice")
        return

    with pytest.raises(WrongState):
        onboarding.change_state(supplier_pk=supplier.pk, to=after, reason="late twice", at=NOON)
    supplier.refresh_from_db()
    assert (supplier.state, supplier.state_reason != "late twice") == (before, True)


@pytest.mark.django_db
def test_trust_is_given_and_taken() -> None:
    supplier = make_supplier(trusted=False)

    assert onboarding.trust(supplier_pk=supplier.pk, trusted=True).trusted
    assert not onboarding.trust(supplier_pk=supplier.pk, trusted=False).trusted
    with pytest.raises(NotFound):
        onboarding.trust(supplier_pk=-1, trusted=True)


@pytest.mark.django_db
def test_the_command_opens_a_supplier_and_prints_what_is_handed_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("open_supplier", "西湖茶叶", "--trusted", "--email", "Owner@Tea.example", "--json")

    facts = json.loads(capsys.readouterr().out)
    supplier = Supplier.objects.get(number=facts["number"])
    assert (facts["name"], facts["trusted"]) == ("西湖茶叶", True)
    assert supplier.trusted
    assert Person.objects.get(email="owner@tea.example").check_password(facts["password"])
    assert facts["login_url"].endswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "arguments"),
    [
        ("an empty name", [" "]),
        ("a name on two lines", ["a\nb"]),
        ("no e-mail address", ["甲", "--email", "nobody"]),
        ("no such company", ["甲", "--company", "C0"]),
    ],
)
def test_the_command_refuses_nonsense_and_opens_nothing(_case: str, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("open_supplier", *arguments)

    assert not Supplier.objects.exists()


@pytest.mark.django_db
def test_the_command_says_why_an_address_is_refused() -> None:
    somebody = make_person(make_supplier().company)

    with pytest.raises(CommandError, match=somebody.email):
        call_command("open_supplier", "甲", "--email", somebody.email)

    assert Supplier.objects.count() == 1
