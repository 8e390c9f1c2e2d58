"""Parcels, what each holds, and what carriers say of them."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kit import states
from orders.models.parts import Fulfilment, Line


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
    """One parcel.

    in_transit → delivered (signed scan) → received; in_transit → received;
    in_transit → exception → in_transit, received or lost; in_transit or exception → returning
    (refused by the consignee, or intercepted) → returned or lost; in_transit → voided, while no
    carrier has seen it. `version` rises with everything that is told of it.
    """

    fulfilment = models.ForeignKey(Fulfilment, models.PROTECT, related_name="shipments")
    carrier_code = models.CharField(max_length=24)
    tracking_no = models.CharField(max_length=40)
    state = states.StateField(choices=ShipmentState, default=ShipmentState.IN_TRANSIT)
    shipped_at = models.DateTimeField()
    # When it counts as received by itself.
    receive_due_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    # When it came back, was given up, or was voided.
    ended_at = models.DateTimeField(null=True, blank=True)
    # The last the carrier said of it.
    scanned_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        triggers = [
            states.drawn(
                ("in_transit", "delivered"),
                ("in_transit", "received"),
                ("in_transit", "exception"),
                ("in_transit", "returning"),
                ("in_transit", "voided"),
                ("delivered", "received"),
                ("exception", "in_transit"),
                ("exception", "received"),
                ("exception", "returning"),
                ("exception", "lost"),
                ("returning", "returned"),
                ("returning", "lost"),
            )
        ]
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
            ),
            models.Index(
                fields=["state", "id"],
                name="shipment_in_trouble",
                condition=Q(state__in=["exception", "returning", "returned", "lost"]),
            ),
            BrinIndex(fields=["shipped_at"], name="shipment_by_time", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_code} {self.tracking_no}"

    @states.transition(
        field=state,
        source=ShipmentState.IN_TRANSIT,
        target=ShipmentState.DELIVERED,
        custom=states.by("carrier"),
    )
    def deliver(self) -> None:
        """The carrier scanned it as signed for."""

    @states.transition(
        field=state,
        source=[ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED, ShipmentState.EXCEPTION],
        target=ShipmentState.RECEIVED,
        custom=states.by("distributor", "timer"),
    )
    def receive(self) -> None:
        """Everything in it has been received, or has been refunded on the way."""

    @states.transition(
        field=state,
        source=ShipmentState.IN_TRANSIT,
        target=ShipmentState.EXCEPTION,
        custom=states.by("carrier", "platform"),
    )
    def meet_trouble(self) -> None:
        """The carrier reports that something is wrong with it."""

    @states.transition(
        field=state,
        source=ShipmentState.EXCEPTION,
        target=ShipmentState.IN_TRANSIT,
        custom=states.by("carrier", "platform"),
    )
    def resume(self) -> None:
        """It has been found, or goes on."""

    @states.transition(
        field=state,
        source=[ShipmentState.IN_TRANSIT, ShipmentState.EXCEPTION],
        target=ShipmentState.RETURNING,
        custom=states.by("carrier", "platform"),
    )
    def turn_back(self) -> None:
        """The consignee refused it, or it was intercepted."""

    @states.transition(
        field=state,
        source=ShipmentState.RETURNING,
        target=ShipmentState.RETURNED,
        custom=states.by("carrier", "source", "platform"),
    )
    def come_back(self) -> None:
        """It is back where it came from."""

    @states.transition(
        field=state,
        source=[ShipmentState.EXCEPTION, ShipmentState.RETURNING],
        target=ShipmentState.LOST,
        custom=states.by("platform"),
    )
    def write_off(self) -> None:
        """The carrier has lost it."""

    @states.transition(
        field=state,
        source=ShipmentState.IN_TRANSIT,
        target=ShipmentState.VOIDED,
        custom=states.by("source", "platform"),
    )
    def void(self) -> None:
        """It was entered by mistake; no carrier has seen it."""


class ShipmentLine(models.Model):
    """Which line and how many pieces a parcel holds."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(Line, models.PROTECT, related_name="parcels")
    quantity = models.IntegerField()
    received = models.IntegerField(default=0)
    # Refunded on the way, so never to be received.
    written_off = models.IntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("parcel line")
        verbose_name_plural = _("parcel lines")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="parcel_line_once"),
            models.CheckConstraint(
                name="parcel_line_received_within_quantity",
                condition=Q(quantity__gte=1, received__gte=0, written_off__gte=0)
                & Q(quantity__gte=F("received") + F("written_off")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} × {self.quantity}"


class Scan(models.Model):
    """What a carrier said of a parcel, once. Never changed."""

    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="scans", db_index=False, null=True, blank=True
    )
    carrier_code = models.CharField(max_length=24)
    tracking_no = models.CharField(max_length=40)
    status = models.CharField(max_length=24)
    text = models.CharField(max_length=200, blank=True, default="")
    place = models.CharField(max_length=80, blank=True, default="")
    scanned_at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        verbose_name = _("carrier scan")
        verbose_name_plural = _("carrier scans")
        triggers = [states.immutable()]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier_code", "tracking_no", "scanned_at", "status", "text"],
                name="scan_once",
            )
        ]
        indexes = [models.Index(fields=["shipment", "scanned_at"], name="scan_of_shipment")]

    def __str__(self) -> str:
        return f"{self.tracking_no} {self.status}"
