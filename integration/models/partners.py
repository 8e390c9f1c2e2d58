"""Partners: how a company's machines are known, and with which keys they sign."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from kit import states


class Side(models.TextChoices):
    """In which of its roles a company's machines speak. Rights of two sides are never added up."""

    DISTRIBUTOR = "distributor", _("distributor")
    SUPPLIER = "supplier", _("supplier")


class Partner(models.Model):
    """A company in one role, as machines know it: where it may call from, and what it was told.

    `last_seq` counts its events without a gap; only the sequencer moves it.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="partners")
    side = models.CharField(max_length=16, choices=Side)
    # CIDR texts; empty: any address may call.
    allowed_addresses = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    last_seq = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(fields=["company", "side"], name="partner_once_per_side")
        ]

    def __str__(self) -> str:
        return f"{self.company} ({self.get_side_display()})"


class KeyState(models.TextChoices):
    """Whether a key still signs."""

    LIVE = "live", _("live")
    REVOKED = "revoked", _("revoked")


class ApiKey(states.StateModel):
    """A public id and a secret that sign requests. live → revoked, for good.

    While rotating, the former secret works until `former_until`. Secrets are sealed, because a
    signature needs them back; they are shown once.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="keys")
    public_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60, blank=True, default="")
    scopes = ArrayField(models.CharField(max_length=24), default=list)
    secret_sealed = models.BinaryField()
    secret_last4 = models.CharField(max_length=4)
    former_secret_sealed = models.BinaryField(null=True, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    state = states.StateField(choices=KeyState, default=KeyState.LIVE)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=200, blank=True, default="")
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        triggers = [states.drawn(("live", "revoked"))]
        constraints = [
            models.CheckConstraint(
                name="key_former_secret_has_an_end",
                condition=Q(former_secret_sealed__isnull=True, former_until__isnull=True)
                | Q(former_secret_sealed__isnull=False, former_until__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @states.transition(
        field=state,
        source=KeyState.LIVE,
        target=KeyState.REVOKED,
        custom=states.by("company", "platform"),
    )
    def revoke(self) -> None:
        """It signs nothing any more."""


class Nonce(models.Model):
    """A nonce that was used with a valid signature. The table is UNLOGGED: losing it in a crash costs
    nothing, since the distributor's own order number guards every effect (DECISIONS 13).
    """

    pk = models.CompositePrimaryKey("key_id", "nonce")
    key_id = models.BigIntegerField()
    nonce = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["used_at"], name="nonce_by_age")]

    def __str__(self) -> str:
        return self.nonce
