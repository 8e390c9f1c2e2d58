"""Money that distributors pay in and out: applied for, checked, and then posted once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distributors.models.distributor import Distributor
from kit import states


class RechargeState(models.TextChoices):
    """Where a recharge is."""

    APPLIED = "applied", _("applied")
    CHECKED = "checked", _("checked once")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RechargeQuerySet(models.QuerySet["Recharge"]):
    """Recharges, narrowed."""

    def of(self, distributor: Distributor) -> "RechargeQuerySet":
        """Those of a distributor."""
        return self.filter(distributor=distributor)

    def locked(self) -> "RechargeQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Recharge(states.StateModel):
    """Money that a distributor says it has paid.

    applied → approved, rejected or withdrawn; above the four-eyes limit applied → checked →
    approved or rejected, by two people. Approved, it is credited once: a bank reference, and a
    slip, serve one recharge only.
    """

    recharge_no = models.CharField(max_length=32, unique=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="recharges")
    amount_fen = models.BigIntegerField()
    payer = models.CharField(max_length=120)
    paid_on = models.DateField(null=True, blank=True)
    # What the distributor names, and what the bank shows: the latter is decided by staff.
    payment_reference = models.CharField(max_length=64, blank=True, default="")
    bank_reference = models.CharField(max_length=128, blank=True, default="")
    # The slip, re-encoded, and the hash of what was uploaded.
    slip = models.CharField(max_length=200, blank=True, default="")
    slip_sha256 = models.CharField(max_length=64, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    state = states.StateField(choices=RechargeState, default=RechargeState.APPLIED)
    version = models.IntegerField(default=1)
    applied_by = models.CharField(max_length=200)
    checked_by = models.CharField(max_length=200, blank=True, default="")
    decided_by = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RechargeQuerySet.as_manager()

    class Meta:
        verbose_name = _("recharge")
        verbose_name_plural = _("recharges")
        triggers = [
            states.drawn(
                ("applied", "checked"),
                ("applied", "approved"),
                ("applied", "rejected"),
                ("applied", "withdrawn"),
                ("checked", "approved"),
                ("checked", "rejected"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["bank_reference"],
                name="recharge_once_per_bank_reference",
                condition=Q(state__in=["checked", "approved"]) & ~Q(bank_reference=""),
            ),
            models.UniqueConstraint(
                fields=["slip_sha256"],
                name="recharge_once_per_slip",
                condition=~Q(state__in=["rejected", "withdrawn"]) & ~Q(slip_sha256=""),
            ),
            models.CheckConstraint(name="recharge_is_positive", condition=Q(amount_fen__gte=1)),
            models.CheckConstraint(
                name="recharge_approved_with_its_bank_reference",
                condition=~Q(state="approved") | ~Q(bank_reference=""),
            ),
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="recharge_newest"),
            models.Index(
                fields=["id"],
                name="recharge_waiting",
                condition=Q(state__in=["applied", "checked"]),
            ),
        ]

    def __str__(self) -> str:
        return self.recharge_no

    @states.transition(
        field=state,
        source=RechargeState.APPLIED,
        target=RechargeState.CHECKED,
        custom=states.by("platform"),
    )
    def check_once(self) -> None:
        """One of two people has seen the money; somebody else approves."""

    @states.transition(
        field=state,
        source=[RechargeState.APPLIED, RechargeState.CHECKED],
        target=RechargeState.APPROVED,
        custom=states.by("platform"),
    )
    def approve(self) -> None:
        """The money is there: the deposit is credited."""

    @states.transition(
        field=state,
        source=[RechargeState.APPLIED, RechargeState.CHECKED],
        target=RechargeState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """The money is not there, or not as said."""

    @states.transition(
        field=state,
        source=RechargeState.APPLIED,
        target=RechargeState.WITHDRAWN,
        custom=states.by("distributor"),
    )
    def withdraw(self) -> None:
        """The distributor takes it back."""


class WithdrawalState(models.TextChoices):
    """Where a withdrawal is."""

    APPLIED = "applied", _("applied")
    CHECKED = "checked", _("checked once")
    APPROVED = "approved", _("approved, to be paid")
    PAID = "paid", _("paid")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    """Withdrawals, narrowed."""

    def of(self, distributor: Distributor) -> "WithdrawalQuerySet":
        """Those of a distributor."""
        return self.filter(distributor=distributor)

    def locked(self) -> "WithdrawalQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Withdrawal(states.StateModel):
    """Money that a distributor wants back from its deposit.

    applied → approved → paid; above the four-eyes limit applied → checked → approved; until it is
    paid it may be rejected, and until it is approved the distributor may cancel it. The amount is
    held on the deposit from the application on.
    """

    withdrawal_no = models.CharField(max_length=32, unique=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="withdrawals")
    amount_fen = models.BigIntegerField()
    payee = models.CharField(max_length=120)
    # Bank and account number, sealed.
    account_sealed = models.BinaryField()
    account_tail = models.CharField(max_length=8)
    bank_reference = models.CharField(max_length=128, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    state = states.StateField(choices=WithdrawalState, default=WithdrawalState.APPLIED)
    version = models.IntegerField(default=1)
    applied_by = models.CharField(max_length=200)
    checked_by = models.CharField(max_length=200, blank=True, default="")
    decided_by = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        triggers = [
            states.drawn(
                ("applied", "checked"),
                ("applied", "approved"),
                ("applied", "rejected"),
                ("applied", "cancelled"),
                ("checked", "approved"),
                ("checked", "rejected"),
                ("checked", "cancelled"),
                ("approved", "paid"),
                ("approved", "rejected"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["bank_reference"],
                name="withdrawal_once_per_bank_reference",
                condition=~Q(bank_reference=""),
            ),
            models.CheckConstraint(name="withdrawal_is_positive", condition=Q(amount_fen__gte=1)),
            models.CheckConstraint(
                name="withdrawal_paid_with_its_bank_reference",
                condition=~Q(state="paid") | ~Q(bank_reference=""),
            ),
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="withdrawal_newest"),
            models.Index(
                fields=["id"],
                name="withdrawal_waiting",
                condition=Q(state__in=["applied", "checked", "approved"]),
            ),
        ]

    def __str__(self) -> str:
        return self.withdrawal_no

    @states.transition(
        field=state,
        source=WithdrawalState.APPLIED,
        target=WithdrawalState.CHECKED,
        custom=states.by("platform"),
    )
    def check_once(self) -> None:
        """One of two people agrees; somebody else approves."""

    @states.transition(
        field=state,
        source=[WithdrawalState.APPLIED, WithdrawalState.CHECKED],
        target=WithdrawalState.APPROVED,
        custom=states.by("platform"),
    )
    def approve(self) -> None:
        """It will be paid."""

    @states.transition(
        field=state,
        source=WithdrawalState.APPROVED,
        target=WithdrawalState.PAID,
        custom=states.by("platform"),
    )
    def pay(self) -> None:
        """The bank has paid it: the deposit is debited."""

    @states.transition(
        field=state,
        source=[WithdrawalState.APPLIED, WithdrawalState.CHECKED, WithdrawalState.APPROVED],
        target=WithdrawalState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """It is not paid; nothing is held any more."""

    @states.transition(
        field=state,
        source=[WithdrawalState.APPLIED, WithdrawalState.CHECKED],
        target=WithdrawalState.CANCELLED,
        custom=states.by("distributor"),
    )
    def cancel(self) -> None:
        """The distributor leaves the money where it is."""
