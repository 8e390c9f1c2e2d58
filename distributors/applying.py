"""Applying to become a distributor: the form, its business licence, and what opens on approval."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import applying, papers
from companies.applying import AnswerMissing, PapersMissing
from companies.joining import NewInvitation
from companies.models import Company
from companies.papers import Upload
from distributors import onboarding
from distributors.models import Level, ShopApplication
from distributors.onboarding import OpenedDistributor
from kit.actors import Actor

# What the business licence is called among the papers that are written.
LICENCE = "licence"
MAX_ORDERS_A_MONTH = 10_000_000

token_of = applying.token_of
find = partial(applying.find, ShopApplication)
send_back = partial(applying.send_back, ShopApplication)
reject = partial(applying.reject, ShopApplication)


@dataclass(frozen=True, kw_only=True)
class Answers(applying.Answers):
    """What an applicant says of its company and its shop."""

    sold_goods: str
    shop_system: str
    orders_a_month: int


@dataclass(frozen=True)
class Approved:
    """A distributor that was opened for an application, and how its first person comes in.

    No invitation: the address belongs to a member of the company already.
    """

    application: ShopApplication
    opened: OpenedDistributor
    invitation: NewInvitation | None


def apply(
    *, answers: Answers, licence: Upload | None, language: str, at: datetime
) -> ShopApplication:
    """Apply to become a distributor. Whether anybody is known already is not said.

    :raises AnswerMissing: an answer is missing, too long or too large.
    :raises CreditCodeInvalid: the check digit is wrong.
    :raises PapersMissing: the business licence is missing.
    """
    checked = _checked(answers)
    if licence is None:
        raise _licence_missing()
    application = applying.begun(ShopApplication, checked, language=language, at=at)
    with papers.written({LICENCE: licence}) as paths:
        application.licence, application.licence_name = paths[LICENCE], licence.name
        return _apply(application)


def correct(
    *, token: str, answers: Answers, licence: Upload | None, at: datetime
) -> ShopApplication:
    """Send an application again that was sent back; a licence that is not given anew stays.

    :raises NotFound: the link leads to none.
    :raises WrongState: it was not sent back, or is corrected already.
    :raises AnswerMissing: an answer is missing, too long or too large.
    :raises CreditCodeInvalid: the check digit is wrong.
    :raises PapersMissing: the business licence is missing, or was deleted meanwhile.
    """
    found = find(token)
    checked = _checked(answers)
    with papers.written({LICENCE: licence} if licence else {}) as paths:
        return _correct(found.pk, checked, licence, paths.get(LICENCE, ""), at)


@transaction.atomic(durable=True)
def approve(
    *,
    application_pk: int,
    submission: int,
    level: Level,
    actor: Actor,
    at: datetime,
    company: Company | None = None,
) -> Approved:
    """Open the distributor that applied, on a level, and invite its first person as owner.

    `company` is one there is already, which takes its second role.

    :raises NotFound: there is no such application.
    :raises ApplicationChanged: it is another submission by now.
    :raises WrongState: it is decided, or sent back.
    :raises RoleTaken: the company is a distributor already.
    """
    application = applying.to_decide(ShopApplication, application_pk, submission)
    applying.move(application, application.approve)
    opened = onboarding.open_within(
        name=application.company_name, level=level, at=at, company=company
    )
    application.distributor = opened.distributor
    applying.decided(application, "", actor, at)
    invitation = applying.let_in(
        opened.distributor.company, application, is_new=company is None, actor=actor, at=at
    )
    return Approved(application, opened, invitation)


@transaction.atomic(durable=True)
def _apply(application: ShopApplication) -> ShopApplication:
    application.save()
    return application


@transaction.atomic(durable=True)
def _correct(
    application_pk: int, answers: Answers, licence: Upload | None, path: str, at: datetime
) -> ShopApplication:
    application = applying.locked(ShopApplication, application_pk)
    before = application.licence
    if licence is not None:
        application.licence, application.licence_name = path, licence.name
    if not application.licence:
        raise _licence_missing()
    applying.corrected(application, answers, at)
    if licence is not None and before:
        transaction.on_commit(lambda: papers.delete([before]))
    return application


def _checked(answers: Answers) -> Answers:
    tidied = applying.checked(ShopApplication, answers)
    if not 0 < answers.orders_a_month <= MAX_ORDERS_A_MONTH:
        raise AnswerMissing(
            pointer="/orders_a_month",
            name=applying.label_of(ShopApplication, "orders_a_month"),
            limit=len(str(MAX_ORDERS_A_MONTH)),
        )
    return Answers(orders_a_month=answers.orders_a_month, **tidied)


def _licence_missing() -> PapersMissing:
    return PapersMissing(kinds=str(_("Business licence")))
