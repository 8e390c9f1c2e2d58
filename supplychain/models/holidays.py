"""Days on which a supplier is closed."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit import states
from suppliers.models import Supplier


class HolidayState(models.TextChoices):
    """Whether a holiday has begun."""

    PLANNED = "planned", _("planned")
    RUNNING = "running", _("closed now")
    OVER = "over", _("over")
    CALLED_OFF = "called_off", _("called off")


class HolidayQuerySet(models.QuerySet["Holiday"]):
    """Holidays, narrowed."""

    def of(self, supplier: Supplier) -> "HolidayQuerySet":
        """Those of a supplier."""
        return self.filter(supplier=supplier)

    def open(self) -> "HolidayQuerySet":
        """Those to come, and those that run."""
        return self.filter(state__in=[HolidayState.PLANNED, HolidayState.RUNNING])


class Holiday(states.StateModel):
    """A time in which a supplier's goods are off sale by themselves, from midnight to midnight.

    planned → running → over; planned → called_off. What is off sale for it carries the name of its
    timer, so that at the end only that comes back.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="holidays", db_index=False)
    state = states.StateField(choices=HolidayState, default=HolidayState.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # What distributors read.
    message = models.CharField(max_length=120, blank=True, default="")
    said_by = models.CharField(max_length=200)
    said_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=200, blank=True, default="")
    # How many products went off sale for it, and how many came back.
    paused = models.PositiveIntegerField(default=0)
    resumed = models.PositiveIntegerField(default=0)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays of suppliers")
        triggers = [
            states.drawn(("planned", "running"), ("running", "over"), ("planned", "called_off"))
        ]
        constraints = [
            models.CheckConstraint(
                name="holiday_lasts_a_while", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.UniqueConstraint(
                fields=["supplier"],
                name="holiday_open_once",
                condition=Q(state__in=["planned", "running"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], name="holiday_to_begin", condition=Q(state="planned")
            ),
            models.Index(fields=["ends_at"], name="holiday_to_end", condition=Q(state="running")),
            models.Index(fields=["supplier", "-id"], name="holiday_newest"),
        ]

    @property
    def last_day(self) -> date:
        """The last day on which the supplier is closed."""
        return timezone.localdate(self.ends_at) - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.supplier} {self.starts_at:%Y-%m-%d}"

    @states.transition(
        field=state,
        source=HolidayState.PLANNED,
        target=HolidayState.RUNNING,
        custom=states.by("timer", "supplier"),
    )
    def begin(self) -> None:
        """Its first day has come."""

    @states.transition(
        field=state,
        source=HolidayState.RUNNING,
        target=HolidayState.OVER,
        custom=states.by("timer", "supplier"),
    )
    def end(self) -> None:
        """Its last day is over, or the supplier is back earlier."""

    @states.transition(
        field=state,
        source=HolidayState.PLANNED,
        target=HolidayState.CALLED_OFF,
        custom=states.by("supplier"),
    )
    def call_off(self) -> None:
        """The supplier stays open."""
