"""The whole catalogue as a file."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import states


class ExportState(models.TextChoices):
    """How far a file of the whole catalogue has come."""

    QUEUED = "queued", _("waiting to be written")
    RUNNING = "running", _("being written")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("deleted")


class CatalogueExport(states.StateModel):
    """A file with all products that a distributor sees, one a line, written by a job.

    queued → running → ready → expired; running → failed, or again by another worker when the one
    that had claimed it died. One a distributor is under way at a time.
    """

    export_id = models.CharField(max_length=32, unique=True)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="catalogue_exports", db_index=False
    )
    in_full = models.BooleanField(default=False)
    state = states.StateField(choices=ExportState, default=ExportState.QUEUED)
    products = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=120, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    # Where to go on in the feeds of changes and of events, so that nothing is missed.
    changes_after = models.BigIntegerField(null=True, blank=True)
    events_after = models.BigIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("catalogue file")
        verbose_name_plural = _("catalogue files")
        triggers = [
            states.drawn(
                ("queued", "running"),
                ("running", "ready"),
                ("running", "failed"),
                ("ready", "expired"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor"],
                name="export_under_way_once",
                condition=Q(state__in=["queued", "running"]),
            )
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="export_newest"),
            models.Index(
                fields=["claimed_until"],
                name="export_to_write",
                condition=Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["expires_at"], name="export_by_age", condition=Q(state="ready")),
        ]

    def __str__(self) -> str:
        return self.export_id

    @states.transition(
        field=state,
        source=ExportState.QUEUED,
        target=ExportState.RUNNING,
        custom=states.by("timer"),
    )
    def begin(self) -> None:
        """A worker writes it."""

    @states.transition(
        field=state,
        source=ExportState.RUNNING,
        target=ExportState.READY,
        custom=states.by("timer"),
    )
    def finish(self) -> None:
        """It can be fetched."""

    @states.transition(
        field=state,
        source=ExportState.RUNNING,
        target=ExportState.FAILED,
        custom=states.by("timer"),
    )
    def fail(self) -> None:
        """It was tried too often."""

    @states.transition(
        field=state,
        source=ExportState.READY,
        target=ExportState.EXPIRED,
        custom=states.by("timer"),
    )
    def expire(self) -> None:
        """Its file is deleted."""
