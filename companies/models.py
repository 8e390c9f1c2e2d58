"""Companies are the tenants; people belong to them; policies are what the platform decided."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit import states


class Company(models.Model):
    """A tenant. It may be a supplier, a distributor, or both, through the rows that point at it."""

    number = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    contact_name = models.CharField(max_length=60, blank=True, default="")
    contact_phone = models.CharField(max_length=32, blank=True, default="")
    opened_at = models.DateTimeField()
    # Its people enter only with a second factor (`companies.requiring`).
    two_factor_required = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    """Makes people whose e-mail address is their log-in."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Make somebody; without a password nobody can log in until one is set."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        """Make one of the platform's own people with every right."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in. What they may do comes from memberships, or from being staff."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=60, blank=True, default="")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # The role acted in last, where there are several (`companies.acting`).
    last_role = models.CharField(max_length=40, blank=True, default="", editable=False)

    objects = People()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What a member may do for the company; the last owner stays. A reader changes nothing."""

    OWNER = "owner", _("owner")
    MEMBER = "member", _("member")
    READER = "reader", _("reader")


class Duty(models.TextChoices):
    """The work of a supplier to which a member's role may be narrowed; several go together."""

    GOODS = "goods", pgettext_lazy("duty", "goods")
    SHIPPING = "shipping", pgettext_lazy("duty", "shipping")
    FINANCE = "finance", pgettext_lazy("duty", "finance")


def duties_are_of_members(name: str) -> models.CheckConstraint:
    """Only a member is narrowed to duties, and to those there are."""
    return models.CheckConstraint(
        name=name,
        condition=Q(duties=[]) | Q(role=Role.MEMBER, duties__contained_by=list(Duty.values)),
    )


class Membership(models.Model):
    """Somebody acts for a company."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    # The work that a member is narrowed to; none is all but the team.
    duties = ArrayField(models.CharField(max_length=16, choices=Duty), default=list, blank=True)
    joined_at = models.DateTimeField()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["company", "person"], name="membership_once"),
            duties_are_of_members("membership_duties_are_of_members"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.company}"


class InvitationState(models.TextChoices):
    """How far an invitation has come."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    REVOKED = "revoked", _("revoked")


class Invitation(states.StateModel):
    """A link by which somebody joins a company. Only a hash of its token is kept.

    open → accepted | revoked; an open one past `expires_at` is worth nothing.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    # The work that a member is narrowed to; none is all but the team.
    duties = ArrayField(models.CharField(max_length=16, choices=Duty), default=list, blank=True)
    token_hash = models.BinaryField(unique=True)
    state = states.StateField(choices=InvitationState, default=InvitationState.OPEN)
    invited_by = models.CharField(max_length=200)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        triggers = [states.drawn(("open", "accepted"), ("open", "revoked"))]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                name="invitation_open_once",
                condition=Q(state=InvitationState.OPEN),
            ),
            duties_are_of_members("invitation_duties_are_of_members"),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.company}"

    @states.transition(
        field=state,
        source=InvitationState.OPEN,
        target=InvitationState.ACCEPTED,
        custom=states.by("person"),
    )
    def accept(self) -> None:
        """Somebody joined by it."""

    @states.transition(
        field=state,
        source=InvitationState.OPEN,
        target=InvitationState.REVOKED,
        custom=states.by("company"),
    )
    def revoke(self) -> None:
        """The company took it back, or sent a newer one."""


class PolicyChange(models.Model):
    """One decision of the platform about a policy; the newest of a name is in force."""

    name = models.CharField(max_length=64)
    value = models.JSONField()
    actor = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("policy change")
        verbose_name_plural = _("policy changes")
        triggers = [states.immutable()]
        indexes = [models.Index(fields=["name", "-id"], name="policy_newest_of_name")]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"


class Visit(models.Model):
    """Somebody of the platform looks at a company's pages as it sees them, and changes nothing.

    It is over at `ends_at` by itself, or at `ended_at`; `VisitedPage` says what was looked at.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="visits", db_index=False)
    # As whom: its supplier or its distributor.
    side = models.CharField(max_length=16)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("visit of the platform")
        verbose_name_plural = _("visits of the platform")
        default_permissions = ()
        indexes = [models.Index(fields=["company", "-id"], name="visit_newest_of_company")]

    def __str__(self) -> str:
        return f"{self.person} → {self.company}"


class VisitedPage(models.Model):
    """One page that was asked for during a visit, without what was searched on it."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="pages")
    path = models.CharField(max_length=300)
    # Whether it was kept back, because it would have changed or handed out something.
    refused = models.BooleanField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("page of a visit")
        verbose_name_plural = _("pages of visits")
        default_permissions = ()
        triggers = [states.immutable()]

    def __str__(self) -> str:
        return self.path


class CompanyNote(models.Model):
    """What somebody of the platform wrote down about a company, for colleagues. Never changed."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="notes", db_index=False)
    text = models.CharField(max_length=1000)
    written_by = models.CharField(max_length=200)
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("note about a company")
        verbose_name_plural = _("notes about companies")
        default_permissions = ()
        triggers = [states.immutable()]
        indexes = [models.Index(fields=["company", "-id"], name="note_newest_of_company")]

    def __str__(self) -> str:
        return self.text
