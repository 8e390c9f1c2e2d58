"""In which role somebody acts: one at a time, and the one last used at first."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from companies import acting
from companies.models import Person
from distributors import onboarding
from kit.errors import NotFound
from tests.factories import NOON, make_distributor, make_level, make_supplier
from tests.people import make_person


def request_of(person: Person) -> object:
    request = RequestFactory().get("/")
    request.user = Person.objects.get(pk=person.pk)
    request.session = SessionStore()
    return request


def make_double() -> Person:
    """Somebody whose company is a supplier and a distributor."""
    supplier = make_supplier()
    onboarding.open_distributor(name="", level=make_level(), at=NOON, company=supplier.company)
    return make_person(supplier.company)


@pytest.mark.django_db
def test_a_company_with_both_roles_gives_two_and_never_both_at_once() -> None:
    somebody = make_double()

    found = acting.roles_of(somebody)

    assert [role.side for role in found] == ["distributor", "supplier"]
    assert len({role.company_pk for role in found}) == 1


@pytest.mark.django_db
def test_a_switched_role_lasts_through_the_session_and_begins_the_next() -> None:
    somebody = make_double()
    request = request_of(somebody)
    supplier = next(r for r in acting.roles_of(somebody) if r.side == acting.SUPPLIER)

    acting.switch(request, supplier.key)  # type: ignore[arg-type]

    assert acting.current(request) == supplier  # type: ignore[arg-type]
    assert acting.current(request_of(somebody)) == supplier  # type: ignore[arg-type]


@pytest.mark.django_db
def test_nobody_acts_in_a_role_of_a_company_they_do_not_belong_to() -> None:
    somebody = make_person(make_supplier().company)
    other = make_distributor(deposit_fen=0)
    request = request_of(somebody)

    with pytest.raises(NotFound):
        acting.switch(request, f"{other.company.number}/distributor")  # type: ignore[arg-type]

    current = acting.current(request)  # type: ignore[arg-type]
    assert current is not None
    assert current.side == acting.SUPPLIER


@pytest.mark.django_db
def test_a_role_that_ended_is_acted_in_no_more() -> None:
    somebody = make_person(make_supplier().company)
    request = request_of(somebody)
    role = acting.current(request)  # type: ignore[arg-type]
    assert role is not None
    acting.switch(request, role.key)  # type: ignore[arg-type]

    somebody.memberships.all().delete()

    later = request_of(somebody)
    later.session = request.session  # type: ignore[attr-defined]
    assert acting.current(later) is None  # type: ignore[arg-type]
