"""The order header, to whom it goes, and what happened to it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import hiding, sealing, states


class OrderState(models.TextChoices):
    """What the header shows; computed from the lines by `orders.header`, never chosen."""

    PLACED = "placed", _("placed")
    PROCESSING = "processing", _("processing")
    PARTLY_SHIPPED = "partly_shipped", _("partly shipped")
    SHIPPED = "shipped", _("shipped")
    RECEIVED = "received", _("received")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
    REFUNDED = "refunded", _("refunded")


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders, narrowed."""

    def of(self, distributor: Distributor) -> "OrderQuerySet":
        """Those a distributor placed."""
        return self.filter(distributor=distributor)

    def locked(self) -> "OrderQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Order(models.Model):
    """What a distributor bought, for one consumer, under one number for ever.

    The prices of its lines are frozen. `open_fen` is what of its total still lies in `orders_open`:
    neither earned nor given back. The hashes tell whether a repeated number means the same content.
    """

    order_no = models.CharField(max_length=32)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="orders", db_index=False
    )
    out_order_no = models.CharField(max_length=64)
    state = models.CharField(max_length=24, choices=OrderState, default=OrderState.PLACED)
    version = models.BigIntegerField(default=1, db_default=1)
    level_code = models.CharField(max_length=16)
    goods_fen = models.BigIntegerField()
    freight_fen = models.BigIntegerField()
    total_fen = models.BigIntegerField()
    open_fen = models.BigIntegerField()
    application = models.CharField(max_length=32, blank=True, default="", db_default="")
    channel = models.CharField(max_length=32, blank=True, default="", db_default="")
    paid_fen = models.BigIntegerField(null=True, blank=True)
    payment_reference = models.CharField(max_length=64, blank=True, default="", db_default="")
    consumer_ref = models.CharField(max_length=64, blank=True, default="", db_default="")
    remark = models.CharField(max_length=500, blank=True, default="", db_default="")
    lines_hash = models.BinaryField(max_length=16)
    consignee_hash = models.BinaryField(max_length=16)
    remark_hash = models.BinaryField(max_length=16)
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    # Cases that are not at their end; while there are any, nothing completes or receives by itself.
    open_cases = models.IntegerField(default=0, db_default=0)
    # The end of the after-sale window, once everything is received and some line has one.
    aftersale_until = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            # A constraint and not `unique=True`, which would add a second index for LIKE.
            models.UniqueConstraint(fields=["order_no"], name="order_no_once"),
            models.UniqueConstraint(
                fields=["distributor", "out_order_no"], name="order_once_per_out_order_no"
            ),
            models.CheckConstraint(
                name="order_total_is_goods_and_freight",
                condition=Q(total_fen=F("goods_fen") + F("freight_fen"), freight_fen__gte=0),
            ),
            models.CheckConstraint(
                name="order_open_amount_within_total",
                condition=Q(open_fen__gte=0, open_fen__lte=F("total_fen")),
            ),
            models.CheckConstraint(
                name="order_open_cases_not_negative", condition=Q(open_cases__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="order_newest_of_distributor"),
            models.Index(
                fields=["distributor"],
                include=["open_fen"],
                name="order_open_amounts",
                condition=Q(open_fen__gt=0),
            ),
            models.Index(
                fields=["aftersale_until"],
                name="order_window_ends",
                condition=Q(completed_at__isnull=True, aftersale_until__isnull=False),
            ),
            BrinIndex(fields=["placed_at"], name="order_by_time", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.order_no


class Consignee(models.Model):
    """To whom an order goes. Apart from the order and mutable, so that it can be erased.

    Name, phone and address are sealed together; the phone's keyed hash finds them.
    """

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="consignee")
    sealed = models.BinaryField()
    phone_hash = models.BinaryField(max_length=16, db_index=True)
    province = models.CharField(max_length=32)
    city = models.CharField(max_length=32)
    district = models.CharField(max_length=32, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("consignee")
        verbose_name_plural = _("consignees")

    def __str__(self) -> str:
        return f"{self.province}{self.city}"

    @property
    def opened(self) -> tuple[str, str, str]:
        """Name, phone and address detail, in the clear; empty once erased, masked where hidden."""
        if self.erased_at:
            return ("", "", "")
        name, phone, detail = sealing.unseal(self.sealed).split("\n", 2)
        if hiding.is_on():
            return (hiding.name(name), hiding.phone(phone), hiding.REST)
        return (name, phone, detail)


class History(models.Model):
    """Who did what to an order, when, from what to what, and why. Never changed."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="history", db_index=False)
    # What of the order it is about: `order`, or `fulfilment`, `shipment`, `line` with its number.
    subject = models.CharField(max_length=80)
    act = models.CharField(max_length=24)
    from_state = models.CharField(max_length=24, blank=True, default="", db_default="")
    to_state = models.CharField(max_length=24, blank=True, default="", db_default="")
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    actor_kind = models.CharField(max_length=12)
    actor_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("order history")
        verbose_name_plural = _("order histories")
        triggers = [states.immutable()]
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["order", "id"], name="history_of_order"),
            # Not of what placing writes, which is all about the order itself.
            models.Index(
                fields=["actor_name", "-at", "-id"],
                name="history_by_person_or_key",
                condition=~Q(subject="order") & Q(actor_kind__in=["person", "key"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.act}"
