"""Invitations: how people join a company, and leave it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from companies.models import Company, Invitation, InvitationState, Membership, Person, Role
from kit.actors import Actor
from kit.errors import DomainError, NotFound


class AlreadyMember(DomainError):
    code = "already_member"
    text = _("“{email}” is a member already.")


class InvitationWorthless(DomainError):
    code = "invitation_worthless"
    text = _("This invitation is used, taken back or past its time. Ask for a new one.")


class LastOwner(DomainError):
    code = "last_owner"
    text = _("The last owner of a company stays.")


@dataclass(frozen=True)
class NewInvitation:
    """An invitation and the token of its link, which is kept nowhere."""

    invitation: Invitation
    token: str


@transaction.atomic(durable=True)
def invite(*, company: Company, email: str, role: str, actor: Actor, at: datetime) -> NewInvitation:
    """Invite somebody; an earlier open invitation of the same address is taken back.

    :raises AlreadyMember: the address belongs to a member.
    """
    email = email.strip().lower()
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
        company=invitation.company, person=person, role=invitation.role, joined_at=at
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
def remove(*, company: Company, membership_pk: int) -> None:
    """End a membership.

    :raises NotFound: the company has no such member.
    :raises LastOwner: nobody would be left who owns the company.
    """
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    membership = company.memberships.filter(pk=membership_pk).first()
    if membership is None:
        raise NotFound
    owners = company.memberships.filter(role=Role.OWNER).count()
    if membership.role == Role.OWNER and owners == 1:
        raise LastOwner
    membership.delete()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
