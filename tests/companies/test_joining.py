"""How people join a company, and leave it."""

from datetime import timedelta

import pytest

from companies import joining
from companies.models import Company, Invitation, Membership, Person, Role
from kit.actors import person as person_actor
from kit.errors import NotFound
from tests.factories import NOON, make_supplier
from tests.people import PASSWORD, make_person
from tests.races.racing import answered, race

OWNER = person_actor("owner@example.com")


def make_company() -> Company:
    return make_supplier().company


def invite(company: Company, email: str = "new@example.com", role: str = "member") -> str:
    """Invite somebody; return the token of the link."""
    return joining.invite(company=company, email=email, role=role, actor=OWNER, at=NOON).token


def state_of(company: Company) -> list[str]:
    return list(company.invitations.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
def test_somebody_new_joins_by_a_link_with_a_name_and_a_password() -> None:
    company = make_company()
    token = invite(company, "  New@Example.com ", "owner")

    joined = joining.accept(token=token, name="李雷", password=PASSWORD, at=NOON)

    assert (joined.email, joined.name) == ("new@example.com", "李雷")
    assert joined.check_password(PASSWORD)
    assert company.memberships.get().role == Role.OWNER
    assert state_of(company) == ["accepted"]


@pytest.mark.django_db
def test_the_token_of_a_link_is_kept_nowhere() -> None:
    token = invite(make_company())

    kept = Invitation.objects.values().get()

    assert token not in str(kept)


@pytest.mark.django_db
def test_somebody_known_joins_with_the_password_they_have() -> None:
    somebody = make_person(make_company())
    company = make_company()
    token = invite(company, somebody.email)

    joined = joining.accept(token=token, name="anybody", password=PASSWORD, at=NOON)

    assert joined == somebody
    assert joined.name == somebody.name
    assert somebody.memberships.count() == 2


@pytest.mark.django_db
def test_a_known_address_is_not_taken_over_by_a_link() -> None:
    somebody = make_person(make_company())
    company = make_company()
    token = invite(company, somebody.email)

    with pytest.raises(joining.InvitationWorthless):
        joining.accept(token=token, name="", password="another password!", at=NOON)

    somebody.refresh_from_db()
    assert somebody.check_password(PASSWORD)
    assert state_of(company) == ["open"]
    assert not company.memberships.exists()


@pytest.mark.django_db
def test_a_link_works_once() -> None:
    company = make_company()
    token = invite(company)
    joining.accept(token=token, name="", password=PASSWORD, at=NOON)

    with pytest.raises(joining.InvitationWorthless):
        joining.accept(token=token, name="", password=PASSWORD, at=NOON)

    assert company.memberships.count() == 1


@pytest.mark.django_db
def test_a_link_past_its_time_is_worth_nothing() -> None:
    company = make_company()
    token = invite(company)

    with pytest.raises(joining.InvitationWorthless):
        joining.accept(token=token, name="", password=PASSWORD, at=NOON + timedelta(days=7))

    assert not Person.objects.filter(email="new@example.com").exists()


@pytest.mark.django_db
def test_a_newer_invitation_takes_the_earlier_one_back() -> None:
    company = make_company()
    earlier = invite(company)

    later = invite(company)

    assert state_of(company) == ["revoked", "open"]
    assert joining.find(token=later, at=NOON).email == "new@example.com"
    with pytest.raises(joining.InvitationWorthless):
        joining.find(token=earlier, at=NOON)


@pytest.mark.django_db
def test_a_member_is_not_invited_again() -> None:
    company = make_company()
    member = make_person(company)

    with pytest.raises(joining.AlreadyMember):
        invite(company, member.email.upper())

    assert not company.invitations.exists()


@pytest.mark.django_db
def test_a_company_takes_back_its_own_open_invitations_and_no_others() -> None:
    company, other = make_company(), make_company()
    token = invite(company)
    invitation = company.invitations.get()

    with pytest.raises(NotFound):
        joining.revoke(company=other, invitation_pk=invitation.pk)
    joining.revoke(company=company, invitation_pk=invitation.pk)

    assert state_of(company) == ["revoked"]
    with pytest.raises(joining.InvitationWorthless):
        joining.find(token=token, at=NOON)
    with pytest.raises(NotFound):
        joining.revoke(company=company, invitation_pk=invitation.pk)


@pytest.mark.django_db
def test_the_last_owner_stays() -> None:
    company = make_company()
    make_person(company)
    make_person(company, role=Role.MEMBER)
    owner = company.memberships.get(role=Role.OWNER)

    with pytest.raises(joining.LastOwner):
        joining.remove(company=company, membership_pk=owner.pk)

    assert company.memberships.count() == 2


@pytest.mark.django_db
def test_a_company_removes_its_own_members_and_no_others() -> None:
    company, other = make_company(), make_company()
    make_person(company)
    make_person(company, role=Role.MEMBER)
    member = company.memberships.get(role=Role.MEMBER)

    with pytest.raises(NotFound):
        joining.remove(company=other, membership_pk=member.pk)
    joining.remove(company=company, membership_pk=member.pk)

    assert not Membership.objects.filter(pk=member.pk).exists()
    assert Person.objects.filter(pk=member.person_id).exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one() -> None:
    company = make_company()
    make_person(company)
    make_person(company)
    pks = list(company.memberships.order_by("pk").values_list("pk", flat=True))

    outcomes = race(
        lambda n: answered(lambda: joining.remove(company=company, membership_pk=pks[n])), 2
    )

    assert company.memberships.count() == 1
    assert sum(isinstance(one, joining.LastOwner) for one in outcomes) == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_twice_at_once_works_once() -> None:
    company = make_company()
    token = invite(company)

    outcomes = race(
        lambda _: answered(
            lambda: joining.accept(token=token, name="", password=PASSWORD, at=NOON)
        ),
        3,
    )

    assert company.memberships.count() == 1
    assert sum(isinstance(one, joining.InvitationWorthless) for one in outcomes) == 2
