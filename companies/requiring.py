"""Whether a company's people need a second factor to enter its pages, and who has one."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies.acting import Acting
from companies.models import Company, Person
from kit.errors import DomainError

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class OwnFactorFirst(DomainError):
    code = "own_factor_first"
    text = _("Set up the two-step log-in for yourself first; then you can require it of all.")


@transaction.atomic(durable=True)
def require_two_factor(*, company: Company, required: bool, by: Person) -> None:
    """Let a company's people in only with a second factor, or with their password alone again.

    :raises OwnFactorFirst: whoever requires it has none.
    """
    if required and not has_two_factor(by):
        raise OwnFactorFirst
    Company.objects.filter(pk=company.pk).update(two_factor_required=required)


def is_missing(role: Acting, person: Person) -> bool:
    """Tell whether somebody must set up a second factor before they go on in a role."""
    return role.two_factor_required and not has_two_factor(person)


def has_two_factor(person: Person) -> bool:
    """Tell whether somebody logs in with a second factor."""
    return person.pk in with_two_factor([person.pk])


def with_two_factor(person_pks: list[int]) -> set[int]:
    """Return who of these log in with a second factor."""
    rows = Authenticator.objects.filter(user_id__in=person_pks, type__in=SECOND_FACTORS)
    return set(rows.values_list("user_id", flat=True))
