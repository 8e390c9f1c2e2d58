"""Opening a company, and the first person who logs in for it."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Membership, Person, Role
from kit import numbers
from kit.errors import DomainError

PASSWORD_BYTES = 12


class EmailTaken(DomainError):
    code = "email_taken"
    text = _("“{email}” belongs to somebody who is no member of this company.")


class RoleTaken(DomainError):
    code = "role_taken"
    text = _("“{company}” has this role already.")


@dataclass(frozen=True)
class FirstPerson:
    """Who was opened with a company, and the password to hand over once; None if it is known."""

    person: Person
    password: str | None


def company(*, name: str, at: datetime) -> Company:
    """Open a company under a new number; joins the caller's transaction."""
    return Company.objects.create(number="C" + numbers.unguessable(8), name=name, opened_at=at)


@transaction.atomic(savepoint=False)
def owner(*, company: Company, email: str, at: datetime, name: str = "") -> FirstPerson:
    """Open somebody as the company's owner; a member keeps the password there is.

    :raises EmailTaken: somebody else's address.
    """
    email = email.strip().lower()
    known = Person.objects.filter(email=email).first()
    if known is not None:
        if not Membership.objects.filter(company=company, person=known).exists():
            raise EmailTaken(email=email)
        return FirstPerson(known, None)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person = Person.objects.create_user(email, password, name=name, joined_at=at)
    Membership.objects.create(company=company, person=person, role=Role.OWNER, joined_at=at)
    return FirstPerson(person, password)
