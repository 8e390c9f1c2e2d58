"""Callbacks: where a partner is called, what it is to be told there, and every try."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integration.models.events import Event
from integration.models.partners import Partner
from kit import states


class EndpointState(models.TextChoices):
    """Whether a partner is called back."""

    LIVE = "live", _("live")
    DEGRADED = "degraded", _("not answering")
    PAUSED = "paused", _("paused")
    STOPPED = "stopped", _("stopped by its answer 410")


class Endpoint(states.StateModel):
    """Where a partner wants to be called back, and the secret by which it knows us.

    live ⇄ degraded (something is parked; tried every hour); either → paused by its owner or stopped
    by its own answer 410, until its owner resumes. Nothing is dropped meanwhile.

    One dispatcher at a time calls an endpoint: it holds `claimed_until`. `held_until` is how long the
    endpoint is left alone after a failure; `down_since` since when nothing came through.
    """

    partner = models.OneToOneField(Partner, models.PROTECT, related_name="endpoint")
    url = models.URLField(max_length=500)
    secret_sealed = models.BinaryField()
    former_secret_sealed = models.BinaryField(null=True, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    types = ArrayField(models.CharField(max_length=48), default=list, blank=True)
    state = states.StateField(choices=EndpointState, default=EndpointState.LIVE)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    down_since = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_called_at = models.DateTimeField(null=True, blank=True)
    last_answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("callback address")
        verbose_name_plural = _("callback addresses")
        triggers = [
            states.drawn(
                ("live", "degraded"),
                ("live", "paused"),
                ("live", "stopped"),
                ("degraded", "live"),
                ("degraded", "paused"),
                ("degraded", "stopped"),
                ("paused", "live"),
                ("stopped", "live"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="endpoint_former_secret_has_an_end",
                condition=Q(former_secret_sealed__isnull=True, former_until__isnull=True)
                | Q(former_secret_sealed__isnull=False, former_until__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.url

    @states.transition(
        field=state,
        source=EndpointState.LIVE,
        target=EndpointState.DEGRADED,
        custom=states.by("timer"),
    )
    def degrade(self) -> None:
        """Every try of some delivery has failed, and nothing comes through."""

    @states.transition(
        field=state,
        source=EndpointState.DEGRADED,
        target=EndpointState.LIVE,
        custom=states.by("timer"),
    )
    def recover(self) -> None:
        """It answered; everything parked is released."""

    @states.transition(
        field=state,
        source=[EndpointState.LIVE, EndpointState.DEGRADED],
        target=EndpointState.PAUSED,
        custom=states.by("distributor"),
    )
    def pause(self) -> None:
        """Its owner wants no calls for now."""

    @states.transition(
        field=state,
        source=[EndpointState.LIVE, EndpointState.DEGRADED],
        target=EndpointState.STOPPED,
        custom=states.by("timer"),
    )
    def stop(self) -> None:
        """It answered 410."""

    @states.transition(
        field=state,
        source=[EndpointState.PAUSED, EndpointState.STOPPED],
        target=EndpointState.LIVE,
        custom=states.by("distributor"),
    )
    def resume(self) -> None:
        """Its owner wants calls again."""


class DeliveryState(models.TextChoices):
    """What has become of telling one event at one address."""

    PENDING = "pending", _("to be delivered")
    DELIVERED = "delivered", _("acknowledged")
    PARKED = "parked", _("parked")


class Delivery(states.StateModel):
    """One event that one endpoint is to be told.

    pending → delivered by any 2xx; pending → parked once every try has failed; parked → pending when
    the endpoint answers again; either end → pending by a replay. `due_at` is the next try, of parked
    ones the next probe.
    """

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    state = states.StateField(
        choices=DeliveryState, default=DeliveryState.PENDING, db_default=DeliveryState.PENDING
    )
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=24, blank=True, default="", db_default="")
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        triggers = [
            states.drawn(
                ("pending", "delivered"),
                ("pending", "parked"),
                ("parked", "pending"),
                ("parked", "delivered"),
                ("delivered", "pending"),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once_per_event"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                name="delivery_due",
                condition=Q(state__in=["pending", "parked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id}: {self.event_id}"

    @states.transition(
        field=state,
        source=[DeliveryState.PENDING, DeliveryState.PARKED],
        target=DeliveryState.DELIVERED,
        custom=states.by("timer"),
    )
    def deliver(self) -> None:
        """The endpoint answered 2xx."""

    @states.transition(
        field=state,
        source=DeliveryState.PENDING,
        target=DeliveryState.PARKED,
        custom=states.by("timer"),
    )
    def park(self) -> None:
        """The last of all tries has failed."""

    @states.transition(
        field=state,
        source=DeliveryState.PARKED,
        target=DeliveryState.PENDING,
        custom=states.by("timer", "distributor"),
    )
    def release(self) -> None:
        """The endpoint answers again, or its owner wants another try."""

    @states.transition(
        field=state,
        source=DeliveryState.DELIVERED,
        target=DeliveryState.PENDING,
        custom=states.by("distributor"),
    )
    def replay(self) -> None:
        """Its owner wants to be told again, under the same id."""


class Attempt(models.Model):
    """One call and what came back: the status, or why there is none, and the answer's beginning."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts", db_index=False)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=24, blank=True, default="")
    answer = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("try of a delivery")
        verbose_name_plural = _("tries of deliveries")
        indexes = [models.Index(fields=["delivery", "id"], name="attempt_of_delivery")]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status or self.error}"
