"""What companies that apply to either side have in common: the machine, and what they say."""

from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit import states

# Every move there is; the tables refuse all others.
MOVES = (
    ("applied", "sent_back"),
    ("sent_back", "applied"),
    ("applied", "approved"),
    ("applied", "rejected"),
)
# What both sides ask of everybody, with the longest answer to each.
COMMON = {"company_name": 120, "contact_name": 60, "contact_phone": 32, "email": 254}


class ApplicationState(models.TextChoices):
    """How far an application has come."""

    APPLIED = "applied", _("waits for a decision")
    SENT_BACK = "sent_back", _("sent back to be corrected")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


class CompanyApplication(states.StateModel):
    """A company asks to be opened on one side; nobody logs in for it yet.

    applied → sent_back → applied; applied → approved | rejected. Approving opens the company in the
    same transaction. `submission` counts what was sent, so that staff decide what they have read.
    """

    # What the company wants to become, as it is written to.
    SOUGHT: ClassVar[Promise]
    # The first letter of its number.
    PREFIX: ClassVar[str]
    # What is asked of everybody in words, with the longest answer to each.
    LIMITS: ClassVar[dict[str, int]]
    # All that is asked, in the order in which it is compared.
    ASKED: ClassVar[tuple[str, ...]]

    application_no = models.CharField(max_length=24, unique=True)
    state = states.StateField(choices=ApplicationState, default=ApplicationState.APPLIED)
    submission = models.PositiveSmallIntegerField(default=1)
    company_name = models.CharField(max_length=120)
    credit_code = models.CharField(max_length=18)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=32)
    email = models.EmailField()
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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.company_name} ({self.application_no})"

    @property
    def answers(self) -> dict[str, Any]:
        """What the company says, as it is kept for comparison."""
        return {name: getattr(self, name) for name in self.ASKED}

    @states.transition(
        field="state",
        source=ApplicationState.APPLIED,
        target=ApplicationState.SENT_BACK,
        custom=states.by("platform"),
    )
    def send_back(self) -> None:
        """Something is to be corrected, as the note says."""

    @states.transition(
        field="state",
        source=ApplicationState.SENT_BACK,
        target=ApplicationState.APPLIED,
        custom=states.by("applicant"),
    )
    def correct(self) -> None:
        """The applicant has sent it again."""

    @states.transition(
        field="state",
        source=ApplicationState.APPLIED,
        target=ApplicationState.APPROVED,
        custom=states.by("platform"),
    )
    def approve(self) -> None:
        """What the company applied for is open now."""

    @states.transition(
        field="state",
        source=ApplicationState.APPLIED,
        target=ApplicationState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """The platform declines, with the reason in the note."""
