"""What is promised before an order is placed: quotes freeze prices, holds keep stock and deposit too."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from distributors.models import Distributor
from kit import states
from orders.models.order import Order
from supplychain.models import Allotment, Sku


class Quote(models.Model):
    """Prices that were told a distributor and stay good until `expires_at`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="quotes")
    # {sku_no: [supply, markup, rate_bp, fee, agreement]} as `pricing.Price` holds them.
    prices = models.JSONField()
    quoted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes = [models.Index(fields=["expires_at"], name="quote_by_age")]

    def __str__(self) -> str:
        return str(self.uid)


class HoldState(models.TextChoices):
    """What became of a hold."""

    ACTIVE = "active", pgettext_lazy("hold", "active")
    CONSUMED = "consumed", pgettext_lazy("hold", "consumed")
    RELEASED = "released", pgettext_lazy("hold", "released")
    LAPSED = "lapsed", pgettext_lazy("hold", "lapsed")


class HoldKind(models.TextChoices):
    """For what stock is kept: a consumer who has not paid yet, or a deposit that is short."""

    CONSUMER = "consumer", _("until the consumer pays")
    FUNDS = "funds", _("until the deposit covers it")


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds, narrowed."""

    def of(self, distributor: Distributor) -> "HoldQuerySet":
        """Those of a distributor."""
        return self.filter(distributor=distributor)

    def locked(self) -> "HoldQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Hold(states.StateModel):
    """An order that is promised and not placed: stock is kept and prices are frozen.

    active → consumed (placed), released (given up) or lapsed (its time is over). A consumer's hold
    reserves `total_fen` on the deposit; one that waits for funds reserves nothing there, and keeps
    the sealed request, from which it is placed as soon as the deposit covers it.
    """

    hold_id = models.CharField(max_length=40, unique=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="holds")
    out_order_no = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=HoldKind, default=HoldKind.CONSUMER)
    state = states.StateField(choices=HoldState, default=HoldState.ACTIVE)
    goods_fen = models.BigIntegerField()
    freight_fen = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    # What of the deposit it reserves.
    reserved_fen = models.BigIntegerField()
    # [[supplier or null, freight in fen, hours to ship within], …] by source, as it was split.
    sources = models.JSONField(default=list)
    level_code = models.CharField(max_length=16)
    application = models.CharField(max_length=32, blank=True, default="")
    # Where it goes: freight and sources were decided for this.
    province = models.CharField(max_length=32)
    city = models.CharField(max_length=32)
    # The whole request, sealed, of an order that waits for funds; emptied when it ends.
    sealed_request = models.BinaryField(null=True, blank=True)
    # What makes the waiting order what it is, as `orders.repeating` compares it.
    lines_hash = models.BinaryField(max_length=16)
    consignee_hash = models.BinaryField(max_length=16)
    remark_hash = models.BinaryField(max_length=16)
    extensions = models.SmallIntegerField(default=0)
    version = models.IntegerField(default=1)
    order = models.OneToOneField(Order, models.PROTECT, null=True, blank=True, related_name="hold")
    actor = models.CharField(max_length=200)
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=200, blank=True, default="")

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        triggers = [
            states.drawn(("active", "consumed"), ("active", "released"), ("active", "lapsed"))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "out_order_no"],
                name="hold_active_once_per_out_order_no",
                condition=Q(state="active"),
            ),
            models.CheckConstraint(
                name="hold_reserves_its_total_or_nothing",
                condition=Q(kind="consumer", reserved_fen=F("total_fen"))
                | Q(kind="funds", reserved_fen=0),
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="hold_due", condition=Q(state="active")),
            models.Index(fields=["distributor", "-id"], name="hold_newest_of_distributor"),
            models.Index(fields=["out_order_no"], name="hold_by_out_order_no"),
            models.Index(
                fields=["distributor", "id"],
                name="hold_waits_for_funds",
                condition=Q(state="active", kind="funds"),
            ),
        ]

    def __str__(self) -> str:
        return self.hold_id

    @states.transition(
        field=state,
        source=HoldState.ACTIVE,
        target=HoldState.CONSUMED,
        custom=states.by("distributor", "timer"),
    )
    def consume(self) -> None:
        """The order is placed."""

    @states.transition(
        field=state,
        source=HoldState.ACTIVE,
        target=HoldState.RELEASED,
        custom=states.by("distributor"),
    )
    def release(self) -> None:
        """The distributor gives it up."""

    @states.transition(
        field=state, source=HoldState.ACTIVE, target=HoldState.LAPSED, custom=states.by("timer")
    )
    def lapse(self) -> None:
        """Its time is over."""


class HoldLine(models.Model):
    """A sku that is kept, with the price at which it will be placed."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="lines", db_index=False)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+")
    line_id = models.CharField(max_length=64)
    sku_no = models.CharField(max_length=64)
    quantity = models.IntegerField()
    supply_price_fen = models.BigIntegerField()
    markup_fen = models.BigIntegerField()
    fee_rate_bp = models.IntegerField()
    service_fee_fen = models.BigIntegerField()
    agreement_price_fen = models.BigIntegerField()
    allotment = models.ForeignKey(
        Allotment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    from_allotment = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("held line")
        verbose_name_plural = _("held lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["hold", "line_id"], name="held_line_once"),
            models.CheckConstraint(
                name="held_line_makes_sense",
                condition=Q(quantity__gte=1, from_allotment__gte=0)
                & Q(from_allotment__lte=F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_id}/{self.line_id}"


class Refusal(models.Model):
    """An order that was refused, kept for some days outside the books: it changed nothing."""

    distributor = models.ForeignKey(Distributor, models.CASCADE, related_name="refusals")
    out_order_no = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    # What the refusal named, with one entry for each cause.
    causes = models.JSONField(default=list)
    actor = models.CharField(max_length=200)
    refused_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("refused order")
        verbose_name_plural = _("refused orders")
        indexes = [
            models.Index(fields=["distributor", "-id"], name="refusal_newest"),
            models.Index(fields=["out_order_no"], name="refusal_by_out_order_no"),
        ]

    def __str__(self) -> str:
        return f"{self.out_order_no}: {self.code}"
