"""The goods of a case on their ways, and what was found when they came back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftersales.models.cases import Case
from kit import states


class Direction(models.TextChoices):
    """Which way a parcel of a case goes."""

    RETURN = "return", _("back from the consumer")
    RESHIP = "reship", _("new goods to the consumer")
    SENT_BACK = "sent_back", _("failed goods back to the consumer")


class CaseParcel(models.Model):
    """A parcel of a case; those of an order are never touched by it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parcels")
    direction = models.CharField(max_length=12, choices=Direction)
    carrier_code = models.CharField(max_length=24)
    tracking_no = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    # What the carrier says, where it tells us.
    picked_up_at = models.DateTimeField(null=True, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("parcel of a case")
        verbose_name_plural = _("parcels of cases")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "carrier_code", "tracking_no"], name="case_parcel_once"
            )
        ]
        indexes = [
            models.Index(fields=["carrier_code", "tracking_no"], name="case_parcel_by_number")
        ]

    def __str__(self) -> str:
        return f"{self.carrier_code} {self.tracking_no}"


class Result(models.TextChoices):
    """What an inspection found."""

    PASS = "pass", _("as it should be")
    PARTIAL = "partial", _("a part of the price is offered")
    FAIL = "fail", _("not acceptable")


class Grade(models.TextChoices):
    """In what condition the goods came back."""

    NEW = "new", _("as new")
    OPENED = "opened", _("opened")
    USED = "used", _("used")
    DAMAGED = "damaged", _("damaged")
    WRONG = "wrong", _("other goods")


class Inspection(models.Model):
    """What was found when goods came back, and how many of them went into stock. Never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="inspections")
    result = models.CharField(max_length=12, choices=Result)
    grade = models.CharField(max_length=12, choices=Grade)
    restocked = models.IntegerField()
    offered_fen = models.BigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    actor = models.CharField(max_length=200)
    inspected_at = models.DateTimeField()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        triggers = [states.immutable()]
        constraints = [
            models.CheckConstraint(
                name="inspection_restocks_no_less_than_nothing", condition=Q(restocked__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.result}"
