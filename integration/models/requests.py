"""What partners' machines asked for: the requests of the last days, and how many there were.

Nothing here refers to another table: a log must never make an order wait for a row.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiRequest(models.Model):
    """A request and its answer, kept for some days.

    `sealed` holds both bodies, without consumer data and secrets, and what was signed. All errors are
    here; of successes only some each second (`Usage` counts them all).
    """

    partner_id = models.BigIntegerField()
    key_id = models.BigIntegerField()
    at = models.DateTimeField()
    request_id = models.CharField(max_length=16)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    route = models.CharField(max_length=120)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=48, blank=True, default="")
    numbers = models.JSONField(default=list)
    took_us = models.PositiveIntegerField()
    address = models.GenericIPAddressField(null=True, blank=True)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("API request")
        verbose_name_plural = _("API requests")
        indexes = [
            models.Index(fields=["partner_id", "-id"], name="api_request_newest"),
            models.Index(
                fields=["partner_id", "code", "-id"],
                name="api_request_errors",
                condition=models.Q(status__gte=400),
            ),
            models.Index(fields=["request_id"], name="api_request_by_id"),
            models.Index(fields=["at"], name="api_request_by_age"),
            GinIndex(fields=["numbers"], name="api_request_numbers", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    @property
    def took_ms(self) -> float:
        """How long it took, in milliseconds."""
        return round(self.took_us / 1000, 1)


class Usage(models.Model):
    """How many requests of one kind a key made in a minute (after two days: in an hour), and how long
    they took: `took[i]` of them at most `usage.BOUNDS_US[i]` microseconds, the last one longer.
    """

    partner_id = models.BigIntegerField()
    key_id = models.BigIntegerField()
    minute = models.DateTimeField()
    route = models.CharField(max_length=120)
    status_class = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=48, blank=True, default="")
    requests = models.BigIntegerField()
    took = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = _("API usage")
        verbose_name_plural = _("API usage")
        constraints = [
            models.UniqueConstraint(
                fields=["partner_id", "minute", "key_id", "route", "status_class", "code"],
                name="usage_once_per_minute",
            )
        ]
        indexes = [models.Index(fields=["minute"], name="usage_by_age")]

    def __str__(self) -> str:
        return f"{self.route}: {self.requests}"


class FirstCall(models.Model):
    """When a partner's machine first succeeded at a route; kept for good, for the go-live list."""

    partner_id = models.BigIntegerField()
    route = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("first call")
        verbose_name_plural = _("first calls")
        constraints = [
            models.UniqueConstraint(fields=["partner_id", "route"], name="first_call_once")
        ]

    def __str__(self) -> str:
        return self.route


class FeedPosition(models.Model):
    """How far a key has read the feed of events."""

    partner_id = models.BigIntegerField()
    key_id = models.BigIntegerField(unique=True)
    seq = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("position in the feed")
        verbose_name_plural = _("positions in the feed")
        indexes = [models.Index(fields=["partner_id"], name="feed_position_partner")]

    def __str__(self) -> str:
        return str(self.seq)
