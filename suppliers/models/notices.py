"""What the platform has to say to all suppliers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from companies.models import Person


class Notice(models.Model):
    """A notice on suppliers' start pages, until each person has put it away."""

    title = models.CharField(max_length=80)
    text = models.CharField(max_length=1_000)
    shown_from = models.DateTimeField()
    # Empty: as long as it is not taken back.
    shown_until = models.DateTimeField(null=True, blank=True)
    written_by = models.CharField(max_length=200)
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("notice to suppliers")
        verbose_name_plural = _("notices to suppliers")
        constraints = [
            models.CheckConstraint(
                name="notice_shown_for_a_time",
                condition=Q(shown_until__isnull=True) | Q(shown_until__gte=F("shown_from")),
            )
        ]
        indexes = [models.Index(fields=["shown_from"], name="notice_by_time")]

    def __str__(self) -> str:
        return self.title


class NoticePutAway(models.Model):
    """Somebody has read a notice and does not want to see it any more."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="put_away")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    put_away_at = models.DateTimeField()

    class Meta:
        verbose_name = _("notice put away")
        verbose_name_plural = _("notices put away")
        constraints = [
            models.UniqueConstraint(fields=["notice", "person"], name="notice_put_away_once")
        ]

    def __str__(self) -> str:
        return f"{self.notice} · {self.person}"
