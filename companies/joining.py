"""Invitations: how people join a company, and leave it."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from companies.models import (
    Company,
    Duty,
    Invitation,
    InvitationState,
    Membership,
    Person,
    Role,
)
from kit.actors import Actor
from kit.errors import DomainError, NotFound


class AlreadyMember(DomainError):
    code = "already_member"
    text = _("“{email}” is a member already.")


class InvitationWorthless(DomainError):
    code = "invitation_worthless"
    text = _("This invitation is used, taken back or past its time. Ask for a new one.")


class NarrowedOnlyMembers(DomainError):
    code = "narrowed_only_members"
    text = _("Only a member can be narrowed to some of the work: owners do all, readers nothing.")


class LastOwner(DomainError):
    code = "last_owner"
    text = _("The last owner of a company stays.")


@dataclass(frozen=True)
class NewInvitation:
    """An invitation and the token of its link, which is kept nowhere."""

    invitation: Invitation
    token: str


@transaction.atomic(durable=True)
def invite(
    *,
    company: Company,
    email: str,
    role: str,
    duties: Collection[str] = (),
    actor: Actor,
    at: datetime,
) -> NewInvitation:
    """Invite somebody; an earlier open invitation of the same address is taken back.

    :raises AlreadyMember: the address belongs to a member.
    :raises NarrowedOnlyMembers: duties were given with another role than a member's.
    """
    return invite_within(company=company, email=email, role=role, duties=duties, actor=actor, at=at)


@transaction.atomic(savepoint=False)
def invite_within(
    *,
    company: Company,
    email: str,
    role: str,
    duties: Collection[str] = (),
    actor: Actor,
    at: datetime,
) -> NewInvitation:
    """Do as `invite`, in the caller's transaction."""
    email = email.strip().lower()
    narrowed = _duties(role, duties)
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if Membership.objects.filter(company=company, person__email=email).exists():
        raise AlreadyMember(email=email)
    for earlier in company.invitations.filter(email=email, state=InvitationState.OPEN):
        earlier.revoke()
        earlier.save()
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        company=company,
        email=email,
        role=Role(role),
        duties=narrowed,
        token_hash=_hash(token),
        invited_by=str(actor),
        invited_at=at,
        expires_at=at + timedelta(days=policies.read().invitation_days),
    )
    return NewInvitation(invitation, token)


def find(*, token: str, at: datetime) -> Invitation:
    """Return the open invitation that a link's token belongs to.

    :raises InvitationWorthless: there is none, or its time is over.
    """
    invitation = (
        Invitation.objects.select_related("company")
        .filter(token_hash=_hash(token), state=InvitationState.OPEN, expires_at__gt=at)
        .first()
    )
    if invitation is None:
        raise InvitationWorthless
    return invitation


@transaction.atomic(durable=True)
def accept(*, token: str, name: str, password: str, at: datetime) -> Person:
    """Join by an invitation: as somebody new, or as the person who has that address already.

    Somebody known keeps the password there is; the given one must be theirs.

    :raises InvitationWorthless: the link is worth nothing (any more), or the password is not theirs.
    """
    invitation = find(token=token, at=at)
    invitation = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if invitation.state != InvitationState.OPEN:
        raise InvitationWorthless
    person = Person.objects.filter(email=invitation.email).first()
    if person is None:
        person = Person.objects.create_user(invitation.email, password, name=name, joined_at=at)
    elif not person.check_password(password):
        raise InvitationWorthless
    invitation.accept()
    invitation.save()
    Membership.objects.create(
        company=invitation.company,
        person=person,
        role=invitation.role,
        duties=invitation.duties,
        joined_at=at,
    )
    return person


@transaction.atomic(durable=True)
def revoke(*, company: Company, invitation_pk: int) -> None:
    """Take an open invitation back.

    :raises NotFound: the company has no such open invitation.
    """
    invitation = (
        company.invitations.select_for_update(no_key=True)
        .filter(pk=invitation_pk, state=InvitationState.OPEN)
        .first()
    )
    if invitation is None:
        raise NotFound
    invitation.revoke()
    invitation.save()


@transaction.atomic(durable=True)
def change_role(
    *, company: Company, membership_pk: int, role: str, duties: Collection[str] = ()
) -> Membership:
    """Give a member another role, or other work.

    :raises NotFound: the company has no such member.
    :raises NarrowedOnlyMembers: duties were given with another role than a member's.
    :raises LastOwner: nobody would be left who owns the company.
    """
    narrowed = _duties(role, duties)
    membership = _locked_with_the_company(company, membership_pk)
    if role != Role.OWNER:
        _refuse_last_owner(membership)
    membership.role, membership.duties = Role(role), narrowed
    membership.save(update_fields=["role", "duties"])
    return membership


@transaction.atomic(durable=True)
def remove(*, company: Company, membership_pk: int) -> None:
    """End a membership.

    :raises NotFound: the company has no such member.
    :raises LastOwner: nobody would be left who owns the company.
    """
    membership = _locked_with_the_company(company, membership_pk)
    _refuse_last_owner(membership)
    membership.delete()


def _duties(role: str, duties: Collection[str]) -> list[str]:
    """Return duties in their own order."""
    if duties and role != Role.MEMBER:
        raise NarrowedOnlyMembers
    return [duty.value for duty in Duty if duty in duties]


def _locked_with_the_company(company: Company, membership_pk: int) -> Membership:
    """Lock the company, so that two owners who leave at once see each other; return its member."""
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    membership = company.memberships.filter(pk=membership_pk).first()
    if membership is None:
        raise NotFound
    return membership


def _refuse_last_owner(membership: Membership) -> None:
    others = membership.company.memberships.filter(role=Role.OWNER, person__is_active=True)
    if membership.role == Role.OWNER and not others.exclude(pk=membership.pk).exists():
        raise LastOwner


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
