"""Cancellations: two parties, by pieces of a line, one for each source concerned."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import states
from orders.models.order import Order
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


class CancellationRequest(models.Model):
    """A distributor's request under a number of its own: the same number again is the same request.

    Never changed. It has a cancellation for each source concerned; what is asked without a number
    has no request.
    """

    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="cancellation_requests", db_index=False
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="cancellation_requests")
    out_cancellation_no = models.CharField(max_length=64)
    # No lines were named: all that could still be shipped.
    of_everything = models.BooleanField()
    requested_at = models.DateTimeField()

    class Meta:
        verbose_name = _("request for cancellation")
        verbose_name_plural = _("requests for cancellation")
        triggers = [states.immutable()]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "out_cancellation_no"],
                name="cancellation_once_per_out_cancellation_no",
            ),
            models.CheckConstraint(
                name="cancellation_request_has_a_number", condition=~Q(out_cancellation_no="")
            ),
        ]

    def __str__(self) -> str:
        return self.out_cancellation_no


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
    request = models.ForeignKey(
        CancellationRequest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cancellations",
    )
    # The source's own number for a shortage, if it gave one; the distributor never sees it.
    out_shortage_no = models.CharField(max_length=64, blank=True, default="", db_default="")
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
            ),
            models.UniqueConstraint(
                fields=["fulfilment", "out_shortage_no"],
                name="shortage_once_per_out_shortage_no",
                condition=~Q(out_shortage_no=""),
            ),
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
