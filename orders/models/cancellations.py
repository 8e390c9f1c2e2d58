"""Cancellations: two parties, by pieces of a line, one for each source concerned."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import states
from orders.models.parcels import Shipment
from orders.models.parts import Fulfilment, Line


class CancellationState(models.TextChoices):
    """Where a cancellation is."""

    REQUESTED = "requested", _("requested")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Asker(models.TextChoices):
    """Who wants the pieces cancelled; what a source or the platform reports is granted at once."""

    DISTRIBUTOR = "distributor", _("distributor")
    SOURCE = "source", _("source: short of goods")
    PLATFORM = "platform", _("platform")


class CancellationQuerySet(models.QuerySet["Cancellation"]):
    """Cancellations, narrowed."""

    def locked(self) -> "CancellationQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Cancellation(states.StateModel):
    """Pieces of one source's part that are not to be shipped.

    requested → granted, refused or withdrawn. While it is requested its pieces are frozen, so that
    shipping them fails. It is refused only with the parcel in which they have left.
    """

    cancellation_no = models.CharField(max_length=32, unique=True)
    fulfilment = models.ForeignKey(Fulfilment, models.PROTECT, related_name="cancellations")
    asker = models.CharField(max_length=12, choices=Asker, default=Asker.DISTRIBUTOR)
    state = states.StateField(choices=CancellationState, default=CancellationState.REQUESTED)
    # A code of /meta/reasons, and words that explain it.
    reason = models.CharField(max_length=32)
    note = models.CharField(max_length=200, blank=True, default="")
    # What came back to the deposit, goods and freight.
    refunded_fen = models.BigIntegerField(default=0)
    refusal_note = models.CharField(max_length=200, blank=True, default="")
    # The parcel that made it too late.
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, null=True, blank=True, related_name="cancellations"
    )
    requested_at = models.DateTimeField()
    answer_due_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = CancellationQuerySet.as_manager()

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        triggers = [
            states.drawn(
                ("requested", "granted"), ("requested", "refused"), ("requested", "withdrawn")
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="cancellation_refused_only_with_its_parcel",
                condition=~Q(state="refused") | Q(shipment__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["answer_due_at"],
                name="cancellation_due",
                condition=Q(state="requested"),
            )
        ]

    def __str__(self) -> str:
        return self.cancellation_no

    @states.transition(
        field=state,
        source=CancellationState.REQUESTED,
        target=CancellationState.GRANTED,
        custom=states.by("platform", "timer"),
    )
    def grant(self) -> None:
        """The pieces are not shipped; money and stock go back."""

    @states.transition(
        field=state,
        source=CancellationState.REQUESTED,
        target=CancellationState.REFUSED,
        custom=states.by("platform"),
    )
    def refuse(self) -> None:
        """The pieces have left already, in a parcel that is named."""

    @states.transition(
        field=state,
        source=CancellationState.REQUESTED,
        target=CancellationState.WITHDRAWN,
        custom=states.by("distributor"),
    )
    def withdraw(self) -> None:
        """The distributor wants the pieces after all."""


class CancellationLine(models.Model):
    """So many pieces of a line."""

    cancellation = models.ForeignKey(
        Cancellation, models.PROTECT, related_name="lines", db_index=False
    )
    line = models.ForeignKey(Line, models.PROTECT, related_name="cancellations")
    quantity = models.IntegerField()

    class Meta:
        verbose_name = _("cancelled line")
        verbose_name_plural = _("cancelled lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cancellation", "line"], name="cancelled_line_once"),
            models.CheckConstraint(name="cancelled_line_has_pieces", condition=Q(quantity__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.line} × {self.quantity}"
