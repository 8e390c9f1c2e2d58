"""The team page, and the page behind an invitation's link."""

import re
from functools import partial

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from companies import joining
from companies.models import Company, Invitation, Person, Role
from tests.factories import make_distributor, make_supplier
from tests.people import PASSWORD, log_in, make_person
from tests.races.racing import answered, race

pytestmark = pytest.mark.django_db(transaction=True)
# Without the lock on the company, about every second round ends without an owner.
ROUNDS = 6


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def invite(client: Client, email: str = "new@example.com", role: str = "member") -> str:
    """Invite somebody on the team page; return the path of the link that is shown."""
    page = client.post("/team/invite/", {"email": email, "role": role}).content.decode()
    found = re.search(r'id="join-link">[^<]*?(/join/[\w-]+/)<', page)
    assert found is not None, page
    return found[1]


def make_company() -> tuple[Company, Client]:
    """A company, and the browser of its owner."""
    company = make_supplier().company
    return company, log_in(make_person(company))


def test_an_invitation_is_shown_once_mailed_and_leads_to_membership() -> None:
    company, owner = make_company()

    link = invite(owner, "new@example.com", "owner")
    newcomer = Client()
    page = newcomer.get(link).content.decode()
    answer = newcomer.post(link, {"name": "李雷", "password": PASSWORD, "again": PASSWORD})

    assert company.name in page
    assert link in str(mail.outbox[0].body)
    assert link not in owner.get("/team/").content.decode()
    assert answer.headers["location"] == "/"
    assert newcomer.get("/supplier/").status_code == 200
    assert company.memberships.get(person__email="new@example.com").role == Role.OWNER


@pytest.mark.parametrize(
    ("_case", "password", "again"),
    [
        ("they differ", PASSWORD, PASSWORD + "!"),
        ("too short", "eleven-char", "eleven-char"),
        ("like the address", "newcomer@example.com", "newcomer@example.com"),
        ("none", "", ""),
    ],
)
def test_a_newcomers_password_must_be_good_and_given_twice(
    _case: str, password: str, again: str
) -> None:
    company, owner = make_company()
    link = invite(owner, "newcomer@example.com")

    answer = Client().post(link, {"name": "李雷", "password": password, "again": again})

    assert answer.status_code == 200
    assert not Person.objects.filter(email="newcomer@example.com").exists()
    assert Invitation.objects.get(company=company).state == "open"


def test_somebody_known_joins_with_their_password_and_begins_in_the_new_company() -> None:
    known = make_person(make_supplier().company)
    shop = make_distributor(deposit_fen=0)
    link = invite(log_in(make_person(shop.company)), known.email)
    client = Client()

    client.post(link, {"password": PASSWORD})

    assert client.get("/").headers["location"] == "/portal/"
    assert known.memberships.count() == 2


def test_a_link_does_not_let_anybody_guess_a_known_persons_password() -> None:
    known = make_person(make_supplier().company)
    _company, owner = make_company()
    link = invite(owner, known.email)
    thief = Client(headers={"accept-language": "en"})
    for _ in range(5):
        thief.post(link, {"password": "wrong password!"})

    answer = thief.post(link, {"password": PASSWORD})

    assert "Too many failed login attempts" in answer.content.decode()
    assert known.memberships.count() == 1
    assert thief.get("/supplier/").status_code == 302


def test_a_worthless_link_says_so_and_shows_no_form() -> None:
    answer = Client().get("/join/nothing/")

    assert answer.status_code == 404
    assert b'type="password"' not in answer.content


def test_a_member_sees_the_team_but_changes_nothing() -> None:
    company, owner = make_company()
    invite(owner)
    member = log_in(make_person(company, role=Role.MEMBER))
    invitation, membership = company.invitations.get(), company.memberships.first()
    assert membership is not None

    page = member.get("/team/").content.decode()
    answers = [
        member.post("/team/invite/", {"email": "x@example.com", "role": "owner"}),
        member.post(f"/team/invitations/{invitation.pk}/resend/"),
        member.post(f"/team/invitations/{invitation.pk}/revoke/"),
        member.post(f"/team/members/{membership.pk}/remove/"),
    ]

    assert "/team/invite/" not in page
    assert [answer.status_code for answer in answers] == [403] * 4
    assert company.invitations.get().state == "open"
    assert company.memberships.count() == 2


def test_another_companys_people_do_not_exist() -> None:
    other, other_owner = make_company()
    invite(other_owner)
    invitation, membership = other.invitations.get(), other.memberships.get()
    _company, owner = make_company()

    answers = [
        owner.post(f"/team/invitations/{invitation.pk}/resend/"),
        owner.post(f"/team/invitations/{invitation.pk}/revoke/"),
        owner.post(f"/team/members/{membership.pk}/remove/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert membership.person.email not in owner.get("/team/").content.decode()
    assert (other.invitations.get().state, other.memberships.count()) == ("open", 1)


def test_sending_again_makes_a_new_link_and_ends_the_old_one() -> None:
    company, owner = make_company()
    first = invite(owner)

    owner.post(f"/team/invitations/{company.invitations.get().pk}/resend/")

    assert Client().get(first).status_code == 404
    assert company.invitations.filter(state="open").count() == 1
    assert len(mail.outbox) == 2


def test_an_invitation_can_be_taken_back() -> None:
    company, owner = make_company()
    link = invite(owner)

    owner.post(f"/team/invitations/{company.invitations.get().pk}/revoke/")

    assert Client().get(link).status_code == 404


def test_the_last_owner_is_not_removed_and_the_page_says_why() -> None:
    company, owner = make_company()
    member = make_person(company, role=Role.MEMBER)
    theirs, mine = company.memberships.get(person=member), company.memberships.get(role=Role.OWNER)

    owner.post(f"/team/members/{theirs.pk}/remove/")
    page = owner.post(f"/team/members/{mine.pk}/remove/", follow=True).content.decode()

    assert list(company.memberships.all()) == [mine]
    assert "The last owner of a company stays." in page


def test_a_removed_member_is_out_at_once() -> None:
    company, owner = make_company()
    member = make_person(company, role=Role.MEMBER)
    theirs = log_in(member)

    owner.post(f"/team/members/{company.memberships.get(person=member).pk}/remove/")

    assert theirs.get("/supplier/").status_code == 404
    assert theirs.get("/team/").status_code == 404


def test_somebody_invited_for_some_work_gets_just_that() -> None:
    company, owner = make_company()
    page = owner.post(
        "/team/invite/",
        {"email": "new@example.com", "role": "member", "duties": ["shipping", "finance"]},
    ).content.decode()
    link = re.search(r'id="join-link">[^<]*?(/join/[\w-]+/)<', page)
    assert link is not None
    newcomer = Client()

    newcomer.post(link[1], {"name": "李雷", "password": PASSWORD, "again": PASSWORD})

    membership = company.memberships.get(person__email="new@example.com")
    assert membership.duties == ["shipping", "finance"]
    assert newcomer.get("/supplier/orders/").status_code == 200
    assert newcomer.get("/supplier/goods/").status_code == 403


def test_an_owner_changes_what_a_member_may_do_at_once() -> None:
    company, owner = make_company()
    member = make_person(company, role=Role.MEMBER)
    pk = company.memberships.get(person=member).pk
    theirs = log_in(member)

    owner.post(
        f"/team/members/{pk}/role/", {f"member-{pk}-role": "member", f"member-{pk}-duties": "goods"}
    )
    refused = owner.post(
        f"/team/members/{pk}/role/", {f"member-{pk}-role": "owner", f"member-{pk}-duties": "goods"}
    ).content.decode()

    assert theirs.get("/supplier/goods/").status_code == 200
    assert theirs.get("/supplier/orders/").status_code == 403
    assert "Only a member can be narrowed" in refused
    assert company.memberships.get(pk=pk).role == Role.MEMBER


def test_the_last_owner_does_not_become_a_member() -> None:
    company, owner = make_company()
    mine = company.memberships.get()

    page = owner.post(
        f"/team/members/{mine.pk}/role/", {f"member-{mine.pk}-role": "reader"}
    ).content.decode()

    mine.refresh_from_db()
    assert mine.role == Role.OWNER
    assert "The last owner of a company stays." in page


def _make(moves: list[partial[object]], number: int) -> object:
    return moves[number]()


def test_of_two_owners_who_demote_each_other_at_once_one_stays() -> None:
    def demote(company: Company, membership_pk: int) -> object:
        return answered(
            lambda: joining.change_role(
                company=company, membership_pk=membership_pk, role=Role.MEMBER
            )
        )

    for _ in range(ROUNDS):
        company = make_supplier().company
        people = [make_person(company), make_person(company)]
        others = [company.memberships.get(person=person).pk for person in reversed(people)]
        moves = [partial(demote, company, other) for other in others]

        answers = race(partial(_make, moves), threads=2)

        assert company.memberships.filter(role=Role.OWNER).count() == 1
        assert sum(isinstance(answer, joining.LastOwner) for answer in answers) == 1
