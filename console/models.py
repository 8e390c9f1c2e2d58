"""What staff may do, as permissions without a table; and every change of what is watched."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from companies.models import Person
from console.rights import RIGHTS
from kit import states


class Right(models.Model):
    """Carries the rights of `console.rights`, so that Django knows them by name: `console.see_goods`."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [(code, code) for code in RIGHTS]


class AlterationKind(models.TextChoices):
    """What became of the row."""

    INSERT = "insert", _("added")
    UPDATE = "update", _("changed")
    DELETE = "delete", _("removed")


class Alteration(models.Model):
    """One change of one row, before and after; written by triggers (`console.watching`), never by hand.

    `before` and `after` hold the columns that changed, secrets blotted. `label` is what the row was
    called then. `owner_table` and `owner_pk` name what it belongs to: a key's company, a price's product.
    """

    table = models.CharField(max_length=63)
    row_pk = models.BigIntegerField()
    owner_table = models.CharField(max_length=63, blank=True, default="")
    owner_pk = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=200, blank=True, default="", db_index=True)
    kind = models.CharField(max_length=8, choices=AlterationKind)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    columns = ArrayField(models.CharField(max_length=63))
    actor = models.CharField(max_length=200, blank=True, default="")
    altered_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        default_permissions = ()
        triggers = [states.immutable()]
        indexes = [
            models.Index(fields=["table", "row_pk", "-id"], name="alteration_of_row"),
            models.Index(fields=["owner_table", "owner_pk", "-id"], name="alteration_of_owner"),
            models.Index(fields=["actor", "-id"], name="alteration_by_actor"),
            GinIndex(fields=["columns"], name="alteration_of_column"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row_pk}: {self.kind}"


class Rhythm(models.TextChoices):
    """How often a report comes."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every Monday")
    MONTHLY = "monthly", _("on the first of each month")


class Report(models.Model):
    """Somebody wants the figures by mail. Due at `due_at`; `covers` is the newest period that was sent."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="reports", db_index=False)
    rhythm = models.CharField(max_length=8, choices=Rhythm)
    language = models.CharField(max_length=8)
    due_at = models.DateTimeField(db_index=True)
    covers = models.DateField(null=True, blank=True)
    # Tries of the newest period, and why the last one failed.
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    subscribed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("report by mail")
        verbose_name_plural = _("reports by mail")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "rhythm"], name="report_once_a_rhythm")
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_rhythm_display()}"


class Attention(models.Model):
    """What somebody has put beside a thing that went wrong; the thing itself is a fact of orders.

    `kind` is one of `console.exceptions.KINDS`, `subject_pk` the key of what is wrong.
    """

    kind = models.CharField(max_length=16)
    subject_pk = models.BigIntegerField()
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")
    put_off_until = models.DateTimeField(null=True, blank=True)
    changed_by = models.CharField(max_length=200, blank=True, default="")
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("note about an exception")
        verbose_name_plural = _("notes about exceptions")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_pk"], name="attention_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_pk}"


class RowResult(models.TextChoices):
    """What came of one row of a job."""

    DONE = "done", pgettext_lazy("row of a job", "done")
    UNCHANGED = "unchanged", pgettext_lazy("row of a job", "unchanged")
    REFUSED = "refused", pgettext_lazy("row of a job", "refused")
    LEFT = "left", pgettext_lazy("row of a job", "not done any more")


class BulkJob(models.Model):
    """One thing that somebody does to many things, row by row, each by the act for one.

    The rows are the queue: until `ended_at` is set, a worker takes the job whenever `claimed_until`
    is over, and goes on with the rows that have no result yet.
    """

    # The act, as `console.doing_many` knows it, and what it is given.
    deed = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    # What was filled in, as it was seen: labels and texts.
    shown = models.JSONField(default=dict)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=200, blank=True, default="")
    row_count = models.PositiveIntegerField()
    # How many rows came to what.
    counts = models.JSONField(default=dict)
    claimed_until = models.DateTimeField()
    # How often it was taken without anything coming of it.
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["claimed_until"], name="bulk_job_to_do", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.pk}"

    @property
    def done(self) -> int:
        """How many rows have their result."""
        return sum(self.counts.values())


class BulkRow(models.Model):
    """One thing that a job is about, and what came of it."""

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="rows", db_index=False)
    place = models.PositiveIntegerField()
    subject_pk = models.BigIntegerField()
    # What it was called when the job began, and which state of it was looked at, where that matters.
    label = models.CharField(max_length=200)
    seen = models.CharField(max_length=40, blank=True, default="")
    result = models.CharField(max_length=12, choices=RowResult, blank=True, default="")
    # Why it was refused, by language.
    said = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("row of a bulk job")
        verbose_name_plural = _("rows of bulk jobs")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["job", "place"], name="bulk_row_place_once")]
        indexes = [models.Index(fields=["job", "result", "place"], name="bulk_row_by_result")]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.place}"
