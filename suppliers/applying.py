"""Applying to become a supplier: the form, what is sent back, and what staff decide.

An applicant has no log-in. A link stands for it: its token is a signature of the application's
number, so nothing secret is stored and mails can name the link again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import joining
from companies.joining import NewInvitation
from companies.models import Company, Role
from kit import actors, credit_codes, numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from kit.states import TransitionNotAllowed
from suppliers import checklist, onboarding, papers
from suppliers.models import Application, Paper, PaperKind, PaperState, Supplier
from suppliers.papers import Upload

PREFIX = "A"
MAX_NOTE = 500
MAX_CATEGORIES = 30
LIMITS = {
    "company_name": 120,
    "contact_name": 60,
    "contact_phone": 32,
    "email": 254,
    "main_goods": 500,
}
_signer = Signer(salt="suppliers.applying", sep=".")


class AnswerMissing(DomainError):
    code = "application_answer_missing"
    text = _("“{name}” is missing, or longer than {limit} characters.")


class CreditCodeInvalid(DomainError):
    code = "credit_code_invalid"
    text = _("“{value}” is no unified social credit code: compare its 18 characters.")


class PapersMissing(DomainError):
    code = "application_papers_missing"
    text = _("These papers are still needed: {kinds}.")


class ApplicationChanged(DomainError):
    code = "application_changed"
    text = _("The applicant has sent it again meanwhile: read it anew.")


class NoteMissing(DomainError):
    code = "application_note_missing"
    text = _("Write to the applicant, in up to {limit} characters.")


@dataclass(frozen=True)
class Answers:
    """What an applicant says of its company."""

    company_name: str
    credit_code: str
    contact_name: str
    contact_phone: str
    email: str
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


def token_of(application: Application) -> str:
    """Return what stands in the link to an application."""
    return _signer.sign(application.application_no)


def find(token: str) -> Application:
    """Return the application that a link leads to.

    :raises NotFound: it leads to none.
    """
    try:
        number = _signer.unsign(token)
    except BadSignature:
        raise NotFound from None
    found = Application.objects.filter(application_no=number).first()
    if found is None:
        raise NotFound
    return found


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
    application = Application(
        **vars(checked),
        application_no=numbers.day_prefix(PREFIX, at) + numbers.unguessable(8),
        language=language,
        applied_at=at,
        submitted_at=at,
    )
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
def send_back(
    *, application_pk: int, submission: int, note: str, actor: Actor, at: datetime
) -> Application:
    """Ask the applicant to correct something.

    :raises NotFound: there is no such application.
    :raises NoteMissing: no note, or too long a one.
    :raises ApplicationChanged: it is another submission by now.
    :raises WrongState: it is decided, or sent back already.
    """
    application = _to_decide(application_pk, submission)
    _move(application, application.send_back)
    return _decided(application, _written(note), actor, at)


@transaction.atomic(durable=True)
def reject(
    *, application_pk: int, submission: int, note: str, actor: Actor, at: datetime
) -> Application:
    """Decline an application, with the reason.

    :raises NotFound: there is no such application.
    :raises NoteMissing: no reason, or too long a one.
    :raises ApplicationChanged: it is another submission by now.
    :raises WrongState: it is decided, or sent back.
    """
    application = _to_decide(application_pk, submission)
    _move(application, application.reject)
    return _decided(application, _written(note), actor, at)


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
    application = _to_decide(application_pk, submission)
    _move(application, application.approve)
    opened = onboarding.open_within(
        name=application.company_name, at=at, trusted=trusted, company=company
    )
    application.supplier = opened.supplier
    if company is None:
        _name_contact(opened.supplier.company, application)
    _decided(application, "", actor, at)
    _take_papers_over(application, actor, at)
    return Approved(
        application, opened.supplier, _invite(opened.supplier.company, application, actor, at)
    )


def papers_of(application: Application) -> list[Paper]:
    """Return the papers that belong to what was sent last, in the order of their kinds."""
    rows = application.papers.exclude(state=PaperState.REPLACED)
    places = {kind: place for place, kind in enumerate(PaperKind.values)}
    return sorted(rows, key=lambda paper: places[paper.kind])


def answers_of(application: Application) -> dict[str, Any]:
    """Return the answers of an application as they are kept for comparison."""
    names = (*LIMITS, "credit_code", "categories")
    return {name: getattr(application, name) for name in names}


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
    application = Application.objects.locked().get(pk=application_pk)
    before = answers_of(application)
    _move(application, application.correct)
    for name, value in vars(answers).items():
        setattr(application, name, value)
    application.answers_before = before
    application.submission += 1
    application.submitted_at = at
    application.save()
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


def _to_decide(application_pk: int, submission: int) -> Application:
    application = Application.objects.locked().filter(pk=application_pk).first()
    if application is None:
        raise NotFound
    if application.submission != submission:
        raise ApplicationChanged
    return application


def _move(application: Application, step: Any) -> None:
    try:
        step()
    except TransitionNotAllowed:
        raise WrongState(state=application.get_state_display()) from None


def _decided(application: Application, note: str, actor: Actor, at: datetime) -> Application:
    application.note = note
    application.decided_by, application.decided_at = str(actor), at
    application.save()
    return application


def _written(note: str) -> str:
    if not 0 < len(note.strip()) <= MAX_NOTE:
        raise NoteMissing(limit=MAX_NOTE)
    return note.strip()


def _take_papers_over(application: Application, actor: Actor, at: datetime) -> None:
    """The supplier's papers are those that staff have just approved it by."""
    for paper in application.papers.filter(state=PaperState.WAITING).locked():
        paper.accept()
        paper.supplier = application.supplier
        paper.decided_by, paper.decided_at = str(actor), at
        paper.save()


def _name_contact(company: Company, application: Application) -> None:
    company.contact_name = application.contact_name
    company.contact_phone = application.contact_phone
    company.save(update_fields=["contact_name", "contact_phone"])


def _invite(
    company: Company, application: Application, actor: Actor, at: datetime
) -> NewInvitation | None:
    is_member = company.memberships.filter(person__email=application.email).exists()
    if is_member:
        return None
    return joining.invite_within(
        company=company, email=application.email, role=Role.OWNER, actor=actor, at=at
    )


def _checked(answers: Answers) -> Answers:
    """Return answers without blanks around them."""
    tidied = {name: " ".join(getattr(answers, name).split()) for name in LIMITS}
    for name, limit in LIMITS.items():
        if not 0 < len(tidied[name]) <= limit:
            field: Any = Application._meta.get_field(name)
            raise AnswerMissing(pointer=f"/{name}", name=field.verbose_name, limit=limit)
    code = credit_codes.tidied(answers.credit_code)
    if not credit_codes.is_valid(code):
        raise CreditCodeInvalid(pointer="/credit_code", value=code[:32])
    tidied["email"] = tidied["email"].lower()
    categories = [one for one in answers.categories if len(one) <= 60][:MAX_CATEGORIES]
    return Answers(credit_code=code, categories=categories, **tidied)


def _check_papers(uploads: Mapping[PaperKind, Upload], *, known: Sequence[PaperKind]) -> None:
    wanted = checklist.asked()
    for kind in uploads:
        if kind not in {one.kind for one in wanted}:
            raise checklist.PaperNotAsked(kind=kind.label)
    there = {*uploads, *known}
    missing = [str(one.kind.label) for one in wanted if one.required and one.kind not in there]
    if missing:
        raise PapersMissing(kinds="、".join(missing))
