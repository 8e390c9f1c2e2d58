"""Applying to become a supplier: the form, its papers, and what opens when staff approve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from companies import applying, papers
from companies.applying import PapersMissing
from companies.joining import NewInvitation
from companies.models import Company
from companies.papers import Upload
from kit import actors
from kit.actors import Actor
from suppliers import checklist, onboarding
from suppliers.models import Application, Paper, PaperKind, PaperState, Supplier

MAX_CATEGORIES = 30
MAX_CATEGORY = 60

token_of = applying.token_of
find = partial(applying.find, Application)
send_back = partial(applying.send_back, Application)
reject = partial(applying.reject, Application)


@dataclass(frozen=True, kw_only=True)
class Answers(applying.Answers):
    """What an applicant says of its company and its goods."""

    main_goods: str
    categories: Sequence[str] = ()


@dataclass(frozen=True)
class Approved:
    """A supplier that was opened for an application, and how its first person comes in.

    No invitation: the address belongs to a member of the company already.
    """

    application: Application
    supplier: Supplier
    invitation: NewInvitation | None


def apply(
    *, answers: Answers, uploads: Mapping[PaperKind, Upload], language: str, at: datetime
) -> Application:
    """Apply to become a supplier. Whether anybody is known already is not said.

    :raises AnswerMissing: an answer is missing or too long.
    :raises CreditCodeInvalid: the check digit is wrong.
    :raises PapersMissing: a required paper is missing.
    :raises PaperNotAsked: a paper is of a kind that nobody asks for.
    """
    checked = _checked(answers)
    _check_papers(uploads, known=())
    application = applying.begun(Application, checked, language=language, at=at)
    with papers.written(uploads) as paths:
        return _apply(application, uploads, paths, at)


def correct(
    *, token: str, answers: Answers, uploads: Mapping[PaperKind, Upload], at: datetime
) -> Application:
    """Send an application again that was sent back; papers that are not given anew stay.

    :raises NotFound: the link leads to none.
    :raises WrongState: it was not sent back, or is corrected already.
    :raises AnswerMissing: as for `apply`, and so are the further ones.
    :raises CreditCodeInvalid: the check digit is wrong.
    :raises PapersMissing: a required paper is missing.
    :raises PaperNotAsked: a paper is of a kind that nobody asks for.
    """
    found = find(token)
    checked = _checked(answers)
    _check_papers(uploads, known=[PaperKind(one.kind) for one in papers_of(found)])
    with papers.written(uploads) as paths:
        return _correct(found.pk, checked, uploads, paths, at)


@transaction.atomic(durable=True)
def approve(
    *,
    application_pk: int,
    submission: int,
    actor: Actor,
    at: datetime,
    trusted: bool = False,
    company: Company | None = None,
) -> Approved:
    """Open the supplier that applied, take its papers over, and invite its first person as owner.

    `company` is one there is already, which takes its second role.

    :raises NotFound: there is no such application.
    :raises ApplicationChanged: it is another submission by now.
    :raises WrongState: it is decided, or sent back.
    :raises RoleTaken: the company is a supplier already.
    """
    application = applying.to_decide(Application, application_pk, submission)
    applying.move(application, application.approve)
    opened = onboarding.open_within(
        name=application.company_name, at=at, trusted=trusted, company=company
    )
    application.supplier = opened.supplier
    applying.decided(application, "", actor, at)
    _take_papers_over(application, actor, at)
    invitation = applying.let_in(
        opened.supplier.company, application, is_new=company is None, actor=actor, at=at
    )
    return Approved(application, opened.supplier, invitation)


def papers_of(application: Application) -> list[Paper]:
    """Return the papers that belong to what was sent last, in the order of their kinds."""
    rows = application.papers.exclude(state=PaperState.REPLACED)
    places = {kind: place for place, kind in enumerate(PaperKind.values)}
    return sorted(rows, key=lambda paper: places[paper.kind])


@transaction.atomic(durable=True)
def _apply(
    application: Application,
    uploads: Mapping[PaperKind, Upload],
    paths: Mapping[PaperKind, str],
    at: datetime,
) -> Application:
    application.save()
    _keep(application, uploads, paths, at)
    return application


@transaction.atomic(durable=True)
def _correct(
    application_pk: int,
    answers: Answers,
    uploads: Mapping[PaperKind, Upload],
    paths: Mapping[PaperKind, str],
    at: datetime,
) -> Application:
    application = applying.locked(Application, application_pk)
    applying.corrected(application, answers, at)
    _keep(application, uploads, paths, at)
    return application


def _keep(
    application: Application,
    uploads: Mapping[PaperKind, Upload],
    paths: Mapping[PaperKind, str],
    at: datetime,
) -> None:
    for kind, upload in uploads.items():
        paper = Paper(application=application, kind=kind, file=paths[kind], file_name=upload.name)
        checklist.keep(paper, actor=actors.person(application.email), at=at)


def _take_papers_over(application: Application, actor: Actor, at: datetime) -> None:
    """The supplier's papers are those that staff have just approved it by."""
    for paper in application.papers.filter(state=PaperState.WAITING).locked():
        paper.accept()
        paper.supplier = application.supplier
        paper.decided_by, paper.decided_at = str(actor), at
        paper.save()


def _checked(answers: Answers) -> Answers:
    categories = [one for one in answers.categories if len(one) <= MAX_CATEGORY]
    tidied = applying.checked(Application, answers)
    return Answers(categories=categories[:MAX_CATEGORIES], **tidied)


def _check_papers(uploads: Mapping[PaperKind, Upload], *, known: Sequence[PaperKind]) -> None:
    wanted = checklist.asked()
    for kind in uploads:
        if kind not in {one.kind for one in wanted}:
            raise checklist.PaperNotAsked(kind=kind.label)
    there = {*uploads, *known}
    missing = [str(one.kind.label) for one in wanted if one.required and one.kind not in there]
    if missing:
        raise PapersMissing(kinds="、".join(missing))
