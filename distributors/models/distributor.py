"""Distributors: who sells in its own shop and orders from a prepaid deposit, at its level's fee."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Person
from integration.models import Partner
from kit import states


class Level(models.Model):
    """A rank of distributors and the service fee they pay, in basis points of the base price."""

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=40)
    rank = models.PositiveSmallIntegerField(unique=True)
    fee_rate_bp = models.PositiveIntegerField()
    price_version = models.BigIntegerField()

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                name="level_fee_rate_up_to_100_percent", condition=Q(fee_rate_bp__lte=10_000)
            )
        ]

    def __str__(self) -> str:
        return self.name


class DistributorState(models.TextChoices):
    """Whether a distributor may order."""

    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed")


class BeforeReceipt(models.TextChoices):
    """What becomes of a refund that is asked for before receipt."""

    REVIEW = "review", _("reviewed by the platform")
    AUTO = "auto", _("approved by itself")


class DistributorQuerySet(models.QuerySet["Distributor"]):
    """Distributors, narrowed."""

    def of(self, person: Person) -> "DistributorQuerySet":
        """Those somebody is a member of."""
        return self.filter(company__memberships__person=person)

    def locked(self) -> "DistributorQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Distributor(states.StateModel):
    """A company in its role as a shop, one for each cloud platform.

    active ⇄ suspended; active or suspended → closed. While not active it places nothing and reads
    everything; orders placed before go on.
    """

    company = models.OneToOneField(Company, models.PROTECT, related_name="distributor")
    partner = models.OneToOneField(Partner, models.PROTECT, related_name="distributor")
    number = models.CharField(max_length=16, unique=True)
    level = models.ForeignKey(Level, models.PROTECT, related_name="distributors")
    # Raised with every change of level, so that all its prices get a new version at once.
    price_version = models.BigIntegerField()
    # `deposit.low` fires once per crossing below this; 0: never.
    low_deposit_threshold_fen = models.BigIntegerField(default=0)
    deposit_is_low = models.BooleanField(default=False)
    # Whether it may open after-sales at the platform, and claims of its own.
    aftersale_open = models.BooleanField(default=True, db_default=True)
    claims_open = models.BooleanField(default=True, db_default=True)
    refund_before_receipt = models.CharField(
        max_length=12,
        choices=BeforeReceipt,
        default=BeforeReceipt.REVIEW,
        db_default=BeforeReceipt.REVIEW,
    )
    state = states.StateField(choices=DistributorState, default=DistributorState.ACTIVE)
    state_reason = models.CharField(max_length=200, blank=True, default="")
    state_changed_at = models.DateTimeField(null=True, blank=True)

    objects = DistributorQuerySet.as_manager()

    class Meta:
        verbose_name = _("distributor")
        verbose_name_plural = _("distributors")
        triggers = [
            states.drawn(
                ("active", "suspended"),
                ("suspended", "active"),
                ("active", "closed"),
                ("suspended", "closed"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.company} ({self.number})"

    @states.transition(
        field=state,
        source=DistributorState.ACTIVE,
        target=DistributorState.SUSPENDED,
        custom=states.by("platform"),
    )
    def suspend(self) -> None:
        """Refuse its new orders for a time."""

    @states.transition(
        field=state,
        source=DistributorState.SUSPENDED,
        target=DistributorState.ACTIVE,
        custom=states.by("platform"),
    )
    def resume(self) -> None:
        """Take its orders again."""

    @states.transition(
        field=state,
        source=[DistributorState.ACTIVE, DistributorState.SUSPENDED],
        target=DistributorState.CLOSED,
        custom=states.by("platform"),
    )
    def close(self) -> None:
        """End the relation; what was ordered goes on."""
