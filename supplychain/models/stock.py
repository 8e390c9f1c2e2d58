"""What there is of a sku: pools, allotments, and every movement."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import states
from supplychain.models.goods import Sku

MAX_STOCK = 100_000_000
# What ended holds give back must fit beside a pool that was set to its utmost meanwhile.
STOCK_CEILING = 2 * MAX_STOCK


class Stock(models.Model):
    """The one exact pool of a sku, shared by all distributors; narrow, because it is hot.

    `version` rises by 1 with every movement; `available` can never fall below 0.
    """

    sku = models.OneToOneField(Sku, models.PROTECT, primary_key=True, related_name="stock")
    available = models.IntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stocks")
        constraints = [
            models.CheckConstraint(
                name="stock_never_below_zero",
                condition=Q(available__gte=0, available__lte=STOCK_CEILING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.available}"


class Allotment(models.Model):
    """A part of a pool that one distributor alone draws from, first; then, if allowed, from the pool."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="allotments", db_index=False)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="allotments")
    available = models.IntegerField(default=0)
    version = models.BigIntegerField(default=0)
    then_pool = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("allotment")
        verbose_name_plural = _("allotments")
        constraints = [
            models.UniqueConstraint(fields=["sku", "distributor"], name="allotment_once"),
            models.CheckConstraint(
                name="allotment_never_below_zero",
                condition=Q(available__gte=0, available__lte=STOCK_CEILING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} → {self.distributor}: {self.available}"


class MovementKind(models.TextChoices):
    """Why stock changed."""

    SET = "set", _("set")
    ADJUST = "adjust", _("adjusted")
    ALLOT = "allot", _("allotted")
    ORDER = "order", _("ordered")
    HOLD = "hold", _("held")
    LAPSE = "lapse", _("hold ended")
    CANCEL = "cancel", _("cancelled")
    RESTOCK = "restock", _("restocked after inspection")
    RESHIP = "reship", _("re-shipped")


class Movement(models.Model):
    """One change of a pool (or of an allotment, where that is named), with the balance after it.

    `cause` is unique per kind and pool, so that one fact moves stock at most once.
    """

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="movements", db_index=False)
    allotment = models.ForeignKey(
        Allotment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        db_index=False,
    )
    kind = models.CharField(max_length=12, choices=MovementKind)
    quantity = models.IntegerField()
    balance_after = models.IntegerField()
    version = models.BigIntegerField()
    cause = models.CharField(max_length=128)
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    actor = models.CharField(max_length=200)
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        triggers = [states.immutable()]
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "allotment", "version"],
                name="movement_version_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["cause", "kind", "sku", "allotment"],
                name="movement_once_per_cause",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="movement_balance_not_negative", condition=Q(balance_after__gte=0)
            ),
            models.CheckConstraint(name="movement_moves_something", condition=~Q(quantity=0)),
        ]
        indexes = [
            # Not of what orders move.
            models.Index(
                fields=["actor", "-moved_at", "-id"],
                name="movement_by_hand",
                condition=Q(kind__in=["set", "adjust"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.quantity:+d} ({self.get_kind_display()})"


class StockWaiting(models.Model):
    """A sku whose stock a distributor is still to be told: more changed than one event holds."""

    distributor = models.ForeignKey(Distributor, models.CASCADE, related_name="+", db_index=False)
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("stock to be told")
        verbose_name_plural = _("stocks to be told")
        constraints = [
            models.UniqueConstraint(fields=["distributor", "sku"], name="stock_waiting_once")
        ]
        indexes = [models.Index(fields=["distributor", "id"], name="stock_waiting_first")]

    def __str__(self) -> str:
        return f"{self.distributor}: {self.sku}"
