"""Applying to become a supplier, the papers that are asked for, and notices."""

from datetime import timedelta

import pytest
from django.core.files.storage import storages

from companies import papers, policies
from companies.applying import ApplicationChanged
from companies.models import Company, Person
from kit import credit_codes
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from suppliers import applying, checklist, forgetting, noticing
from suppliers.models import Application, Paper, PaperKind, Supplier
from tests.factories import (
    NOON,
    make_answers,
    make_application,
    make_notice,
    make_paper,
    make_supplier,
    make_upload,
)
from tests.people import make_person
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("_case", "code", "valid"),
    [
        ("digits only", "914403001922038216", True),
        ("with a letter for its check digit", "91330100799655058B", True),
        ("another check digit", "91330100799655058C", False),
        ("two digits exchanged", "91330100799655085B", False),
        ("a letter that is not used", "9133010079965505OB", False),
        ("too short", "9133010079965505", False),
    ],
)
def test_a_credit_code_is_known_by_its_check_digit(_case: str, code: str, valid: bool) -> None:
    assert credit_codes.is_valid(code) is valid


def test_an_application_is_corrected_where_it_was_sent_back_and_opens_a_supplier() -> None:
    sent = make_application(contact_name="李雷")
    applying.send_back(
        application_pk=sent.pk, submission=1, note="执照不清晰", actor=OPERATIONS, at=NOON
    )

    corrected = applying.correct(
        token=applying.token_of(sent),
        answers=make_answers(email=sent.email, contact_name="韩梅梅"),
        uploads={PaperKind.BUSINESS_LICENCE: make_upload("新执照.pdf")},
        at=NOON,
    )
    done = applying.approve(application_pk=sent.pk, submission=2, actor=OPERATIONS, at=NOON)

    assert corrected.answers_before["contact_name"] == "李雷"
    assert done.supplier.company.contact_name == "韩梅梅"
    assert done.invitation is not None
    assert (done.invitation.invitation.email, done.invitation.invitation.role) == (
        sent.email,
        "owner",
    )
    states = sorted(Paper.objects.values_list("kind", "state", "supplier"))
    assert states == [
        ("bank_account", "accepted", done.supplier.pk),
        ("business_licence", "accepted", done.supplier.pk),
        ("business_licence", "replaced", None),
        ("legal_person_id", "accepted", done.supplier.pk),
    ]
    assert all(item.done for item in checklist.items(done.supplier) if item.required)
    with pytest.raises(WrongState):
        applying.approve(application_pk=sent.pk, submission=2, actor=OPERATIONS, at=NOON)


def test_what_was_sent_again_meanwhile_is_not_decided_unread() -> None:
    sent = make_application()
    applying.send_back(application_pk=sent.pk, submission=1, note="x", actor=OPERATIONS, at=NOON)
    applying.correct(token=applying.token_of(sent), answers=make_answers(), uploads={}, at=NOON)

    with pytest.raises(ApplicationChanged):
        applying.approve(application_pk=sent.pk, submission=1, actor=OPERATIONS, at=NOON)

    assert not Supplier.objects.exists()


def test_many_staff_approving_at_once_open_one_supplier() -> None:
    sent = make_application()

    def approve(_number: int) -> str:
        answer = racing.answered(
            lambda: applying.approve(
                application_pk=sent.pk, submission=1, actor=OPERATIONS, at=NOON
            )
        )
        return answer.code if isinstance(answer, DomainError) else "opened"

    outcomes = racing.race(approve, 6)

    assert sorted(outcomes) == ["opened", *["state_conflict"] * 5]
    assert (Supplier.objects.count(), Company.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("code", "fields", "given"),
    [
        ("credit_code_invalid", {"credit_code": "91330100799655058C"}, 3),
        ("application_answer_missing", {"company_name": " "}, 3),
        ("application_answer_missing", {"main_goods": "茶" * 501}, 3),
        ("application_papers_missing", {}, 2),
        ("paper_not_asked", {}, 9),
    ],
)
def test_an_application_that_is_not_complete_is_refused_and_leaves_no_trace(
    code: str, fields: dict[str, str], given: int
) -> None:
    kinds = list(PaperKind)[:given]
    before = files()

    with pytest.raises(DomainError) as refusal:
        applying.apply(
            answers=make_answers(**fields),
            uploads=dict.fromkeys(kinds, make_upload()),
            language="en",
            at=NOON,
        )

    assert refusal.value.code == code
    assert not Application.objects.exists()
    assert files() == before


def test_a_link_that_somebody_made_up_leads_nowhere() -> None:
    sent = make_application()

    for token in (
        "",
        sent.application_no,
        f"{sent.application_no}.x",
        applying.token_of(sent)[:-1],
    ):
        with pytest.raises(NotFound):
            applying.find(token)

    assert applying.find(applying.token_of(sent)) == sent


@pytest.mark.parametrize(
    ("_case", "content", "code"),
    [
        ("a page that calls itself a PDF", b"<html>%PDF-", "paper_format_not_allowed"),
        ("a PDF that was cut off", b"%PDF-1.4\n", "paper_format_not_allowed"),
        ("a drawing with a script", b"<svg><script>x()</script></svg>", "paper_format_not_allowed"),
        ("too large", b"%PDF-" + b"x" * papers.MAX_BYTES, "paper_too_large"),
    ],
)
def test_only_papers_that_can_be_read_are_taken(_case: str, content: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        papers.read_upload(name="a.pdf", content=content)

    assert refusal.value.code == code


def test_every_kind_of_paper_can_be_asked_for_by_policy() -> None:
    assert list(policies.PAPERS) == PaperKind.values


def test_a_paper_is_accepted_or_sent_back_and_the_newest_of_its_kind_counts() -> None:
    supplier = make_supplier()
    policies.decide(name="papers_required", value=["food_licence"], actor=OPERATIONS, at=NOON)
    policies.decide(name="papers_welcome", value=[], actor=OPERATIONS, at=NOON)
    first, second = make_paper(supplier), make_paper(supplier)
    checklist.accept(paper_pk=second.pk, actor=OPERATIONS, at=NOON)
    third = make_paper(supplier)

    [waiting] = checklist.items(supplier)
    checklist.send_back(paper_pk=second.pk, reason="过期", actor=OPERATIONS, at=NOON)
    [not_yet] = checklist.items(supplier)
    checklist.send_back(paper_pk=third.pk, reason="不清晰", actor=OPERATIONS, at=NOON)
    [sent_back] = checklist.items(supplier)

    first.refresh_from_db()
    assert first.state == "replaced"
    assert (waiting.paper, waiting.done, not_yet.done) == (third, True, False)
    assert sent_back.paper is not None
    assert (sent_back.paper.reason, sent_back.required) == ("不清晰", True)
    with pytest.raises(WrongState):
        checklist.accept(paper_pk=first.pk, actor=OPERATIONS, at=NOON)
    with pytest.raises(checklist.PaperNotAsked):
        make_paper(supplier, kind="trademark")


def test_papers_of_declined_applicants_are_deleted_and_those_of_suppliers_stay() -> None:
    kept, declined = make_application(), make_application()
    applying.approve(application_pk=kept.pk, submission=1, actor=OPERATIONS, at=NOON)
    applying.reject(application_pk=declined.pk, submission=1, note="x", actor=OPERATIONS, at=NOON)
    stored = files()

    early = forgetting.forget_papers(at=NOON + timedelta(days=89))
    late = forgetting.forget_papers(at=NOON + timedelta(days=91))

    assert (early, late) == (0, 3)
    assert len(stored - files()) == 3
    assert set(Paper.objects.values_list("state", flat=True)) == {"accepted"}


def test_a_notice_is_shown_to_each_person_until_they_put_it_away() -> None:
    company = make_supplier().company
    one, other = make_person(company), make_person(company)
    notice = make_notice()

    noticing.put_away(notice_pk=notice.pk, person=one, at=NOON)
    noticing.put_away(notice_pk=notice.pk, person=one, at=NOON)

    assert titles(one) == []
    assert titles(other) == [notice.title]
    noticing.take_back(notice_pk=notice.pk, at=NOON)
    assert titles(other) == []
    with pytest.raises(NotFound):
        noticing.put_away(notice_pk=notice.pk, person=other, at=NOON)


def titles(person: Person) -> list[str]:
    return [one.title for one in noticing.shown(person=person, at=NOON)]


def files() -> set[str]:
    """Every paper that is stored."""
    found, todo = set(), [papers.FOLDER]
    storage = storages[papers.STORAGE]
    while todo:
        folder = todo.pop()
        if storage.exists(folder):
            folders, names = storage.listdir(folder)
            todo += [f"{folder}/{name}" for name in folders]
            found |= {f"{folder}/{name}" for name in names}
    return found
