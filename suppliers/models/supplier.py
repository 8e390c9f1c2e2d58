"""Suppliers: who uploads goods at a supply price and ships them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company, Person
from integration.models import Partner
from kit import states


class SupplierState(models.TextChoices):
    """Whether a supplier's goods are offered."""

    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed")


class Cycle(models.TextChoices):
    """How often a supplier is settled with."""

    WEEKLY = "weekly", _("weekly")
    HALF_MONTHLY = "half_monthly", _("half-monthly, on the 1st and the 16th")
    MONTHLY = "monthly", _("monthly")
    ON_REQUEST = "on_request", _("when the supplier asks")


class SupplierQuerySet(models.QuerySet["Supplier"]):
    """Suppliers, narrowed."""

    def of(self, person: Person) -> "SupplierQuerySet":
        """Those somebody is a member of."""
        return self.filter(company__memberships__person=person)

    def locked(self) -> "SupplierQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Supplier(states.StateModel):
    """A company in its role as a source of goods.

    active ⇄ suspended; active or suspended → closed. While not active, its goods cannot be ordered;
    what was ordered before is still shipped.
    """

    company = models.OneToOneField(Company, models.PROTECT, related_name="supplier")
    partner = models.OneToOneField(Partner, models.PROTECT, related_name="supplier")
    number = models.CharField(max_length=16, unique=True)
    # Revisions of a trusted supplier approve themselves, through the same act.
    trusted = models.BooleanField(default=False)
    # Where consumers send goods back to, on one line: name, phone and address.
    return_address = models.CharField(max_length=300, blank=True, default="", db_default="")
    cycle = models.CharField(
        max_length=12, choices=Cycle, default=Cycle.MONTHLY, db_default=Cycle.MONTHLY
    )
    # Every transfer of its payable account with a smaller key is on a bill that counts, or pays one.
    open_from_pk = models.BigIntegerField(default=0, db_default=0)
    # A supplier whose security deposit is below this lists no new goods.
    security_required_fen = models.BigIntegerField(default=0, db_default=0)
    state = states.StateField(choices=SupplierState, default=SupplierState.ACTIVE)
    state_reason = models.CharField(max_length=200, blank=True, default="")
    state_changed_at = models.DateTimeField(null=True, blank=True)

    objects = SupplierQuerySet.as_manager()

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
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
        source=SupplierState.ACTIVE,
        target=SupplierState.SUSPENDED,
        custom=states.by("platform"),
    )
    def suspend(self) -> None:
        """Take its goods off sale for a time."""

    @states.transition(
        field=state,
        source=SupplierState.SUSPENDED,
        target=SupplierState.ACTIVE,
        custom=states.by("platform"),
    )
    def resume(self) -> None:
        """Offer its goods again."""

    @states.transition(
        field=state,
        source=[SupplierState.ACTIVE, SupplierState.SUSPENDED],
        target=SupplierState.CLOSED,
        custom=states.by("platform"),
    )
    def close(self) -> None:
        """End the relation; what was ordered is still shipped and settled."""
