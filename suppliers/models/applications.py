"""Companies that want to become suppliers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import states
from suppliers.models.supplier import Supplier


class ApplicationState(models.TextChoices):
    """How far an application has come."""

    APPLIED = "applied", _("waits for a decision")
    SENT_BACK = "sent_back", _("sent back to be corrected")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications, narrowed."""

    def locked(self) -> "ApplicationQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Application(states.StateModel):
    """A company asks to supply goods, and shows its papers; nobody logs in for it yet.

    applied → sent_back → applied; applied → approved | rejected. Approving opens the supplier in the
    same transaction. `submission` counts what was sent, so that staff decide what they have read.
    """

    application_no = models.CharField(max_length=24, unique=True)
    state = states.StateField(choices=ApplicationState, default=ApplicationState.APPLIED)
    submission = models.PositiveSmallIntegerField(default=1)
    company_name = models.CharField(max_length=120)
    credit_code = models.CharField(max_length=18)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=32)
    email = models.EmailField()
    # Names of branches of the assortment, as they were when they were chosen.
    categories = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    main_goods = models.CharField(max_length=500)
    # The language in which the applicant is written to.
    language = models.CharField(max_length=12)
    # The answers of the submission before; empty for the first.
    answers_before = models.JSONField(default=dict, blank=True)
    applied_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    # What staff wrote to the applicant last.
    note = models.CharField(max_length=500, blank=True, default="")
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    supplier = models.OneToOneField(
        Supplier, models.PROTECT, null=True, blank=True, related_name="application"
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications of suppliers")
        triggers = [
            states.drawn(
                ("applied", "sent_back"),
                ("sent_back", "applied"),
                ("applied", "approved"),
                ("applied", "rejected"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="application_approved_with_its_supplier",
                condition=Q(state="approved", supplier__isnull=False)
                | (~Q(state="approved") & Q(supplier__isnull=True)),
            )
        ]
        indexes = [
            models.Index(
                fields=["submitted_at"],
                name="application_to_decide",
                condition=Q(state="applied"),
            ),
            models.Index(fields=["credit_code"], name="application_by_credit_code"),
        ]

    def __str__(self) -> str:
        return f"{self.company_name} ({self.application_no})"

    @states.transition(
        field=state,
        source=ApplicationState.APPLIED,
        target=ApplicationState.SENT_BACK,
        custom=states.by("platform"),
    )
    def send_back(self) -> None:
        """Something is to be corrected, as the note says."""

    @states.transition(
        field=state,
        source=ApplicationState.SENT_BACK,
        target=ApplicationState.APPLIED,
        custom=states.by("applicant"),
    )
    def correct(self) -> None:
        """The applicant has sent it again."""

    @states.transition(
        field=state,
        source=ApplicationState.APPLIED,
        target=ApplicationState.APPROVED,
        custom=states.by("platform"),
    )
    def approve(self) -> None:
        """The company is a supplier now."""

    @states.transition(
        field=state,
        source=ApplicationState.APPLIED,
        target=ApplicationState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """The platform declines, with the reason in the note."""
