"""What one source ships of an order, and the lines with their counters."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kit import states
from orders.models.order import Order
from suppliers.models import Supplier
from supplychain.models import Allotment, Sku


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
    awaiting_shipment → cancelled. With the rest cancelled a part counts as shipped. A voided parcel
    leads back: shipped → partly_shipped; shipped or partly_shipped → awaiting_shipment. `begun_at`
    is set when the source prints, exports or says so.
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
    freight_refunded_fen = models.BigIntegerField(default=0, db_default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    # When its lateness was told; from its deadline on the distributor may cancel without consent.
    late_at = models.DateTimeField(null=True, blank=True)
    # A label that was printed before this shows the wrong address.
    address_changed_at = models.DateTimeField(null=True, blank=True)

    objects = FulfilmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        triggers = [
            states.drawn(
                ("awaiting_shipment", "partly_shipped"),
                ("awaiting_shipment", "shipped"),
                ("awaiting_shipment", "cancelled"),
                ("partly_shipped", "shipped"),
                ("partly_shipped", "awaiting_shipment"),
                ("shipped", "closed"),
                ("shipped", "partly_shipped"),
                ("shipped", "awaiting_shipment"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "supplier"],
                name="fulfilment_once_per_source",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="fulfilment_freight_refunded_within_freight",
                condition=Q(
                    freight_fen__gte=0,
                    freight_refunded_fen__gte=0,
                    freight_refunded_fen__lte=F("freight_fen"),
                ),
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
        custom=states.by("source"),
    )
    def ship_part(self) -> None:
        """A first parcel left, more is to come."""

    @states.transition(
        field=state,
        source=[FulfilmentState.AWAITING_SHIPMENT, FulfilmentState.PARTLY_SHIPPED],
        target=FulfilmentState.SHIPPED,
        custom=states.by("source"),
    )
    def ship_all(self) -> None:
        """Everything that was left is on its way, or what had not left is cancelled."""

    @states.transition(
        field=state,
        source=FulfilmentState.AWAITING_SHIPMENT,
        target=FulfilmentState.CANCELLED,
        custom=states.by("distributor", "platform", "source", "timer"),
    )
    def cancel(self) -> None:
        """Every piece of it has been cancelled."""

    @states.transition(
        field=state,
        source=FulfilmentState.SHIPPED,
        target=FulfilmentState.CLOSED,
        custom=states.by("distributor", "platform", "timer"),
    )
    def close(self) -> None:
        """Every parcel has come to its end, and nothing is left to ship."""

    @states.transition(
        field=state,
        source=FulfilmentState.SHIPPED,
        target=FulfilmentState.PARTLY_SHIPPED,
        custom=states.by("source", "platform"),
    )
    def unship_part(self) -> None:
        """A parcel was voided, others are on their way."""

    @states.transition(
        field=state,
        source=[FulfilmentState.SHIPPED, FulfilmentState.PARTLY_SHIPPED],
        target=FulfilmentState.AWAITING_SHIPMENT,
        custom=states.by("source", "platform"),
    )
    def unship_all(self) -> None:
        """Its only parcel was voided."""


class Line(models.Model):
    """One sku of an order: its frozen price, and counters in place of states.

    `cancelled + frozen + shipped <= quantity`; `frozen` waits for an answer to a cancellation.
    Of what was shipped, `received` and `written_off` (refunded on the way: refused, lost, given up)
    have come to their end; `in_case` pieces are in open after-sales. `refunded` counts pieces
    cancelled too. `restocked` is what of all this went back into stock, the pool's part first.
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
    written_off = models.IntegerField(default=0, db_default=0)
    in_case = models.IntegerField(default=0, db_default=0)
    restocked = models.IntegerField(default=0, db_default=0)
    # Days after receipt in which after-sales are open; 0 is the classic policy. Frozen.
    aftersale_days = models.SmallIntegerField(default=0, db_default=0)
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
                & Q(received__gte=0, written_off__gte=0, in_case__gte=0)
                & Q(shipped__gte=F("received") + F("written_off"))
                & Q(shipped__gte=F("in_case") + F("refunded") - F("cancelled"))
                & Q(restocked__gte=0, restocked__lte=F("quantity"))
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
