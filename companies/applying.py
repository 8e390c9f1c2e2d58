"""Applying to either side, as far as both are alike; each side adds what it asks and what it opens.

An applicant has no log-in. A link stands for it: its token is a signature of the application's
number, so nothing secret is stored and mails can name the link again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.signing import BadSignature, Signer
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from companies import joining
from companies.applications import ApplicationState, CompanyApplication
from companies.joining import NewInvitation
from companies.models import Company, Role
from kit import credit_codes, numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from kit.states import TransitionNotAllowed

MAX_NOTE = 500
Kind = TypeVar("Kind", bound=CompanyApplication)


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


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What an applicant of either side says of its company."""

    company_name: str
    credit_code: str
    contact_name: str
    contact_phone: str
    email: str


def token_of(application: CompanyApplication) -> str:
    """Return what stands in the link to an application."""
    return _signer(type(application)).sign(application.application_no)


def find(kind: type[Kind], token: str) -> Kind:
    """Return the application that a link leads to.

    :raises NotFound: it leads to none.
    """
    try:
        number = _signer(kind).unsign(token)
    except BadSignature:
        raise NotFound from None
    found = _rows(kind).filter(application_no=number).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic(durable=True)
def send_back(
    kind: type[Kind],
    *,
    application_pk: int,
    submission: int,
    note: str,
    actor: Actor,
    at: datetime,
) -> Kind:
    """Ask the applicant to correct something.

    :raises NotFound: there is no such application.
    :raises NoteMissing: no note, or too long a one.
    :raises ApplicationChanged: it is another submission by now.
    :raises WrongState: it is decided, or sent back already.
    """
    application = to_decide(kind, application_pk, submission)
    move(application, application.send_back)
    return decided(application, _written(note), actor, at)


@transaction.atomic(durable=True)
def reject(
    kind: type[Kind],
    *,
    application_pk: int,
    submission: int,
    note: str,
    actor: Actor,
    at: datetime,
) -> Kind:
    """Decline an application, with the reason.

    :raises NotFound: there is no such application.
    :raises NoteMissing: no reason, or too long a one.
    :raises ApplicationChanged: it is another submission by now.
    :raises WrongState: it is decided, or sent back.
    """
    application = to_decide(kind, application_pk, submission)
    move(application, application.reject)
    return decided(application, _written(note), actor, at)


def begun(kind: type[Kind], answers: Answers, *, language: str, at: datetime) -> Kind:
    """Return an application that is not written yet, with a number nobody can guess."""
    return kind(
        **vars(answers),
        application_no=numbers.day_prefix(kind.PREFIX, at) + numbers.unguessable(8),
        language=language,
        applied_at=at,
        submitted_at=at,
    )


def locked(kind: type[Kind], pk: int) -> Kind:
    """Return an application, locked until the caller's transaction ends.

    :raises NotFound: there is none.
    """
    rows = _rows(kind).filter(pk=pk).order_by("pk")
    found = rows.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise NotFound
    return found


def to_decide(kind: type[Kind], pk: int, submission: int) -> Kind:
    """Return a locked application, as staff have read it.

    :raises NotFound: there is none.
    :raises ApplicationChanged: it is another submission by now.
    """
    application = locked(kind, pk)
    if application.submission != submission:
        raise ApplicationChanged
    return application


def move(application: CompanyApplication, step: Any) -> None:
    """Take a step of the machine.

    :raises WrongState: it is not drawn.
    """
    try:
        step()
    except TransitionNotAllowed:
        raise WrongState(state=ApplicationState(application.state).label) from None


def decided(application: Kind, note: str, actor: Actor, at: datetime) -> Kind:
    """Write down who decided it, and when."""
    application.note = note
    application.decided_by, application.decided_at = str(actor), at
    application.save()
    return application


def corrected(application: CompanyApplication, answers: Answers, at: datetime) -> None:
    """Put new answers in place of those that were sent back, and keep those beside them.

    :raises WrongState: it was not sent back, or is corrected already.
    """
    before = application.answers
    move(application, application.correct)
    for name, value in vars(answers).items():
        setattr(application, name, value)
    application.answers_before = before
    application.submission += 1
    application.submitted_at = at
    application.save()


def let_in(
    company: Company,
    application: CompanyApplication,
    *,
    is_new: bool,
    actor: Actor,
    at: datetime,
) -> NewInvitation | None:
    """Invite whoever applied as the company's owner; None if it is a member already.

    A company that is new gets the contact that its application names.
    """
    if is_new:
        company.contact_name = application.contact_name
        company.contact_phone = application.contact_phone
        company.save(update_fields=["contact_name", "contact_phone"])
    if company.memberships.filter(person__email=application.email).exists():
        return None
    return joining.invite_within(
        company=company, email=application.email, role=Role.OWNER, actor=actor, at=at
    )


def checked(kind: type[CompanyApplication], answers: Answers) -> dict[str, Any]:
    """Return the written answers without blanks around them, and the credit code.

    :raises AnswerMissing: an answer is missing or too long.
    :raises CreditCodeInvalid: the check digit is wrong.
    """
    tidied = {name: " ".join(getattr(answers, name).split()) for name in kind.LIMITS}
    for name, limit in kind.LIMITS.items():
        if not 0 < len(tidied[name]) <= limit:
            raise AnswerMissing(pointer=f"/{name}", name=label_of(kind, name), limit=limit)
    code = credit_codes.tidied(answers.credit_code)
    if not credit_codes.is_valid(code):
        raise CreditCodeInvalid(pointer="/credit_code", value=code[:32])
    return tidied | {"email": tidied["email"].lower(), "credit_code": code}


def label_of(kind: type[CompanyApplication], name: str) -> Any:
    """Return what a question is called."""
    field: Any = kind._meta.get_field(name)
    return field.verbose_name


def _signer(kind: type[CompanyApplication]) -> Signer:
    """Each side has a salt of its own, so that no link of the one opens the other."""
    return Signer(salt=f"{kind._meta.app_label}.applying", sep=".")


def _rows(kind: type[Kind]) -> "models.QuerySet[Kind]":
    return kind._default_manager.all()


def _written(note: str) -> str:
    if not 0 < len(note.strip()) <= MAX_NOTE:
        raise NoteMissing(limit=MAX_NOTE)
    return note.strip()
