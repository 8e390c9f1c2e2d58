"""Events: what partners are told, numbered without a gap."""

import re

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integration.models.partners import Partner

_PUBLIC_ID = re.compile(r"evt_(\d{1,18})_(\d{1,18})")


class Event(models.Model):
    """Something a partner is told: written in the transaction of the change (the outbox).

    `seq` is empty until the sequencer stamps it, after the commit; feeds and deliveries show stamped
    rows only, so no reader ever passes one that is still to be committed.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField(null=True, blank=True)
    type = models.CharField(max_length=48)
    object_no = models.CharField(max_length=64)
    object_version = models.BigIntegerField(null=True, blank=True)
    data = models.JSONField()
    previous = models.JSONField(null=True, blank=True)
    occurred_at = models.DateTimeField()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(fields=["partner", "seq"], name="event_seq_once"),
            models.UniqueConstraint(
                fields=["partner", "type", "object_no", "object_version"],
                name="event_once_per_version",
            ),
        ]
        indexes = [
            models.Index(
                fields=["partner", "id"], name="event_unstamped", condition=Q(seq__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_no}"

    @property
    def public_id(self) -> str:
        """The id that feed and callbacks share; only a stamped event has one."""
        assert self.seq is not None
        return f"evt_{self.partner_id}_{self.seq}"

    @staticmethod
    def place_of(public_id: str) -> tuple[int, int] | None:
        """Return the primary key of the partner and the `seq` that a `public_id` names, if it is one."""
        named = _PUBLIC_ID.fullmatch(public_id)
        return (int(named[1]), int(named[2])) if named else None
