"""The platform's own people: who they are, and which groups give them their rights.

Nobody changes their own rights, and nobody gives more than they have.
"""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from companies.opening import PASSWORD_BYTES, EmailTaken, FirstPerson
from kit.errors import DomainError, NotFound


class OwnRights(DomainError):
    code = "own_rights"
    text = _("Nobody changes their own rights: ask a colleague.")


class BeyondOwnRights(DomainError):
    code = "beyond_own_rights"
    text = _("You can give only rights that you have, and change only people who have no more.")


class GroupNameTaken(DomainError):
    code = "group_name_taken"
    text = _("There is a group “{name}” already.")


@transaction.atomic(durable=True)
def add(
    *, by: Person, email: str, name: str, groups: Collection[Group], at: datetime
) -> FirstPerson:
    """Open one of the platform's people, with a password to hand over once.

    :raises EmailTaken: somebody has this address.
    :raises BeyondOwnRights: a group gives more than `by` has.
    """
    email = email.strip().lower()
    _refuse_beyond(by, groups)
    if Person.objects.filter(email=email).exists():
        raise EmailTaken(email=email)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person = Person.objects.create_user(email, password, name=name, is_staff=True, joined_at=at)
    person.groups.set(groups)
    return FirstPerson(person, password)


@transaction.atomic(durable=True)
def change(
    *, by: Person, person_pk: int, name: str, groups: Collection[Group], active: bool
) -> Person:
    """Change the name, the groups of one of the platform's people, and whether they may log in.

    :raises NotFound: there is no such person.
    :raises OwnRights: it is oneself.
    :raises BeyondOwnRights: the person has, or would get, rights that `by` lacks.
    """
    person = _other(by, person_pk)
    _refuse_beyond(by, groups)
    person.name, person.is_active = name, active
    person.save(update_fields=["name", "is_active"])
    person.groups.set(groups)
    return person


@transaction.atomic(durable=True)
def new_password(*, by: Person, person_pk: int) -> FirstPerson:
    """Give one of the platform's people a new password to hand over; their sessions end.

    :raises NotFound: there is no such person.
    :raises OwnRights: it is oneself, who changes the password by the old one.
    :raises BeyondOwnRights: the person has rights that `by` lacks.
    """
    person = _other(by, person_pk)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person.set_password(password)
    person.save(update_fields=["password"])
    return FirstPerson(person, password)


@transaction.atomic(durable=True)
def define_group(
    *, by: Person, group_pk: int | None, name: str, permissions: Collection[Permission]
) -> Group:
    """Add a group (None), or change what a group is called and which rights it gives.

    :raises NotFound: there is no such group.
    :raises GroupNameTaken: another has this name.
    :raises OwnRights: `by` is in it.
    :raises BeyondOwnRights: it gives, or would give, more than `by` has.
    """
    group = Group(name=name)
    if group_pk is not None:
        group = Group.objects.select_for_update().filter(pk=group_pk).first() or _missing()
        if by.groups.filter(pk=group.pk).exists():
            raise OwnRights
        _refuse_beyond(by, [group])
    if Group.objects.filter(name=name).exclude(pk=group.pk or 0).exists():
        raise GroupNameTaken(name=name)
    if not {_name(one) for one in permissions} <= _rights_of(by, permissions):
        raise BeyondOwnRights
    group.name = name
    group.save()
    group.permissions.set(permissions)
    return group


def _other(by: Person, person_pk: int) -> Person:
    """Lock somebody else who has no more rights than `by`."""
    if by.pk == person_pk:
        raise OwnRights
    people = Person.objects.select_for_update(no_key=True).filter(is_staff=True)
    person = people.filter(pk=person_pk).first()
    if person is None:
        raise NotFound
    if person.is_superuser and not by.is_superuser:
        raise BeyondOwnRights
    _refuse_beyond(by, list(person.groups.all()))
    return person


def _refuse_beyond(by: Person, groups: Collection[Group]) -> None:
    given = Permission.objects.filter(group__in=groups).select_related("content_type")
    if not {_name(one) for one in given} <= _rights_of(by, given):
        raise BeyondOwnRights


def _rights_of(by: Person, asked: Collection[Permission]) -> set[str]:
    return {_name(one) for one in asked if by.has_perm(_name(one))}


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def _missing() -> Group:
    raise NotFound
