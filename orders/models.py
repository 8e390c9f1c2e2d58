"""Orders: header, lines with counters, fulfilments by source, parcels, quotes and history."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import sealing, states
from suppliers.models import Supplier
from supplychain.models import Allotment, Sku


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
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="order_newest_of_distributor"),
            models.Index(
                fields=["distributor"],
                include=["open_fen"],
                name="order_open_amounts",
                condition=Q(open_fen__gt=0),
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
        """Name, phone and address detail, in the clear; empty once erased."""
        if self.erased_at:
            return ("", "", "")
        name, phone, detail = sealing.unseal(self.sealed).split("\n", 2)
        return (name, phone, detail)


class FulfilmentState(models.TextChoices):
    """How far one source has come with its part."""

    AWAITING_SHIPMENT = "awaiting_shipment", _("awaiting shipment")
    PARTLY_SHIPPED = "partly_shipped", _("partly shipped")
    SHIPPED = "shipped", _("shipped")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class FulfilmentQuerySet(models.QuerySet["Fulfilment"]):
    """Fulfilments, narrowed."""

    def of(self, supplier: Supplier) -> "FulfilmentQuerySet":
        """Those a supplier serves."""
        return self.filter(supplier=supplier)

    def own(self) -> "FulfilmentQuerySet":
        """Those the platform serves from its own stock."""
        return self.filter(supplier__isnull=True)


class Fulfilment(states.StateModel):
    """The part of an order that one source ships: a supplier, or the platform's own stock.

    awaiting_shipment → partly_shipped → shipped → closed; awaiting_shipment → shipped;
    awaiting_shipment → cancelled. `begun_at` is set when the source prints, exports or says so.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="fulfilments", db_index=False)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="fulfilments", db_index=False
    )
    state = states.StateField(choices=FulfilmentState, default=FulfilmentState.AWAITING_SHIPMENT)
    freight_fen = models.BigIntegerField()
    ship_due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    # Freight is earned once, with the first receipt.
    freight_earned_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = FulfilmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        triggers = [
            states.drawn(
                ("awaiting_shipment", "partly_shipped"),
                ("awaiting_shipment", "shipped"),
                ("partly_shipped", "shipped"),
                ("shipped", "closed"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "supplier"],
                name="fulfilment_once_per_source",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="fulfilment_freight_not_negative", condition=Q(freight_fen__gte=0)
            ),
        ]
        indexes = [
            models.Index(
                fields=["supplier", "ship_due_at"],
                name="fulfilment_to_ship",
                condition=Q(state__in=["awaiting_shipment", "partly_shipped"]),
            ),
            models.Index(fields=["supplier", "-id"], name="fulfilment_newest_of_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.supplier or _('own stock')}"

    @states.transition(
        field=state,
        source=FulfilmentState.AWAITING_SHIPMENT,
        target=FulfilmentState.PARTLY_SHIPPED,
    )
    def ship_part(self) -> None:
        """A first parcel left, more is to come."""

    @states.transition(
        field=state,
        source=[FulfilmentState.AWAITING_SHIPMENT, FulfilmentState.PARTLY_SHIPPED],
        target=FulfilmentState.SHIPPED,
    )
    def ship_all(self) -> None:
        """Everything that was left is on its way."""

    @states.transition(field=state, source=FulfilmentState.SHIPPED, target=FulfilmentState.CLOSED)
    def close(self) -> None:
        """Every parcel has come to its end."""


class Line(models.Model):
    """One sku of an order: its frozen price, and counters in place of states.

    `cancelled + frozen + shipped <= quantity`; `frozen` waits for an answer to a cancellation.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    fulfilment = models.ForeignKey(Fulfilment, models.PROTECT, related_name="lines")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="lines")
    line_id = models.CharField(max_length=64)
    item_no = models.CharField(max_length=64)
    sku_no = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    spec_text = models.CharField(max_length=200, blank=True, default="", db_default="")
    supply_price_fen = models.BigIntegerField()
    markup_fen = models.BigIntegerField()
    fee_rate_bp = models.IntegerField()
    service_fee_fen = models.BigIntegerField()
    agreement_price_fen = models.BigIntegerField()
    quantity = models.IntegerField()
    cancelled = models.IntegerField(default=0, db_default=0)
    frozen = models.IntegerField(default=0, db_default=0)
    shipped = models.IntegerField(default=0, db_default=0)
    received = models.IntegerField(default=0, db_default=0)
    returned = models.IntegerField(default=0, db_default=0)
    refunded = models.IntegerField(default=0, db_default=0)
    refunded_fen = models.BigIntegerField(default=0, db_default=0)
    allotment = models.ForeignKey(
        Allotment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    from_allotment = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "line_id"], name="line_id_once_per_order"),
            models.CheckConstraint(
                name="line_counters_within_quantity",
                condition=Q(quantity__gte=F("cancelled") + F("frozen") + F("shipped"))
                & Q(quantity__gte=1, cancelled__gte=0, frozen__gte=0, shipped__gte=0)
                & Q(received__gte=0, received__lte=F("shipped"))
                & Q(returned__gte=0, returned__lte=F("shipped"))
                & Q(refunded__gte=0, refunded__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="line_price_is_its_parts",
                condition=Q(
                    agreement_price_fen=F("supply_price_fen")
                    + F("markup_fen")
                    + F("service_fee_fen")
                ),
            ),
            models.CheckConstraint(
                name="line_refunds_within_debit",
                condition=Q(
                    refunded_fen__gte=0,
                    refunded_fen__lte=F("agreement_price_fen") * F("quantity"),
                ),
            ),
            models.CheckConstraint(
                name="line_from_allotment_within_quantity",
                condition=Q(from_allotment__gte=0, from_allotment__lte=F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_id}"

    @property
    def to_ship(self) -> int:
        """Pieces that may still be shipped."""
        return self.quantity - self.cancelled - self.frozen - self.shipped


class ShipmentState(models.TextChoices):
    """Where a parcel is."""

    IN_TRANSIT = "in_transit", _("in transit")
    DELIVERED = "delivered", _("delivered")
    EXCEPTION = "exception", _("exception")
    RETURNING = "returning", _("returning")
    RECEIVED = "received", _("received")
    RETURNED = "returned", _("returned")
    LOST = "lost", _("lost")
    VOIDED = "voided", _("voided")


class Shipment(states.StateModel):
    """One parcel. in_transit → received, when the distributor confirms or the timer does.

    The other states are drawn with the acts that reach them.
    """

    fulfilment = models.ForeignKey(Fulfilment, models.PROTECT, related_name="shipments")
    carrier_code = models.CharField(max_length=24)
    tracking_no = models.CharField(max_length=40)
    state = states.StateField(choices=ShipmentState, default=ShipmentState.IN_TRANSIT)
    shipped_at = models.DateTimeField()
    # When it counts as received by itself.
    receive_due_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        triggers = [states.drawn(("in_transit", "received"))]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier_code", "tracking_no"],
                name="shipment_once_per_tracking_no",
                condition=~Q(state=ShipmentState.VOIDED),
            )
        ]
        indexes = [
            models.Index(
                fields=["receive_due_at"],
                name="shipment_receive_due",
                condition=Q(state__in=["in_transit", "delivered"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.carrier_code} {self.tracking_no}"

    @states.transition(field=state, source=ShipmentState.IN_TRANSIT, target=ShipmentState.RECEIVED)
    def receive(self) -> None:
        """Everything in it has been received."""


class ShipmentLine(models.Model):
    """Which line and how many pieces a parcel holds."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(Line, models.PROTECT, related_name="parcels")
    quantity = models.IntegerField()
    received = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("parcel line")
        verbose_name_plural = _("parcel lines")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="parcel_line_once"),
            models.CheckConstraint(
                name="parcel_line_received_within_quantity",
                condition=Q(quantity__gte=1, received__gte=0, received__lte=F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} × {self.quantity}"


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
        indexes = [models.Index(fields=["order", "id"], name="history_of_order")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.act}"


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
