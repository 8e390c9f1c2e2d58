"""Opening companies: a number, a first person, and a role once."""

import pytest

from companies import opening
from companies.models import Person, Role
from tests.factories import NOON, make_supplier
from tests.people import make_person


@pytest.mark.django_db
def test_the_first_person_owns_the_company_and_gets_a_password() -> None:
    company = opening.company(name="西湖茶叶", at=NOON)

    first = opening.owner(company=company, email=" Owner@Tea.example", at=NOON, name="王")

    assert first.password is not None
    assert first.person.check_password(first.password)
    assert first.person.email == "owner@tea.example"
    assert company.memberships.get().role == Role.OWNER


@pytest.mark.django_db
def test_a_member_who_is_named_again_keeps_the_password() -> None:
    company = make_supplier().company
    member = make_person(company)

    first = opening.owner(company=company, email=member.email, at=NOON)

    assert (first.person, first.password) == (member, None)
    assert company.memberships.count() == 1


@pytest.mark.django_db(transaction=True)
def test_somebody_of_another_company_is_refused() -> None:
    somebody = make_person(make_supplier().company)
    company = opening.company(name="西湖茶叶", at=NOON)

    with pytest.raises(opening.EmailTaken):
        opening.owner(company=company, email=somebody.email, at=NOON)

    assert not company.memberships.exists()
    assert Person.objects.count() == 1
