"""Papers by which suppliers, and who wants to become one, show who they are and what they may sell."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import states
from suppliers.models.applications import Application
from suppliers.models.supplier import Supplier


class PaperKind(models.TextChoices):
    """What a paper is; policies say which of them are asked for."""

    BUSINESS_LICENCE = "business_licence", _("Business licence")
    LEGAL_PERSON_ID = "legal_person_id", _("Identity card of the legal person")
    BANK_ACCOUNT = "bank_account", _("Permit or statement of the bank account")
    BRAND_LETTER = "brand_letter", _("Letter of authorisation by the brand")
    FOOD_LICENCE = "food_licence", _("Food licence")
    TRADEMARK = "trademark", _("Trademark certificate")
    QUALITY_REPORT = "quality_report", _("Quality report")


class PaperState(models.TextChoices):
    """What staff think of a paper."""

    WAITING = "waiting", _("waits for a check")
    ACCEPTED = "accepted", _("accepted")
    SENT_BACK = "sent_back", _("sent back")
    REPLACED = "replaced", _("replaced before it was checked")


class PaperQuerySet(models.QuerySet["Paper"]):
    """Papers, narrowed."""

    def of(self, supplier: Supplier) -> "PaperQuerySet":
        """Those a supplier has handed in, with those of its application."""
        return self.filter(supplier=supplier)

    def locked(self) -> "PaperQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Paper(states.StateModel):
    """One file that was handed in; another file of its kind is another paper.

    waiting → accepted | sent_back | replaced; accepted → sent_back. Papers of an application become
    its supplier's when it is approved.
    """

    paper_no = models.CharField(max_length=24, unique=True)
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    kind = models.CharField(max_length=24, choices=PaperKind)
    state = states.StateField(choices=PaperState, default=PaperState.WAITING)
    # Kept apart from what the proxy serves; a view looks who asks.
    file = models.CharField(max_length=120)
    file_name = models.CharField(max_length=100)
    handed_in_by = models.CharField(max_length=200)
    handed_in_at = models.DateTimeField()
    # Why it was sent back.
    reason = models.CharField(max_length=200, blank=True, default="")
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers of suppliers")
        triggers = [
            states.drawn(
                ("waiting", "accepted"),
                ("waiting", "sent_back"),
                ("waiting", "replaced"),
                ("accepted", "sent_back"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="paper_of_somebody",
                condition=Q(application__isnull=False) | Q(supplier__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["supplier", "kind"],
                name="paper_waits_once_per_supplier",
                condition=Q(state="waiting"),
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                name="paper_waits_once_per_application",
                condition=Q(state="waiting"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["handed_in_at"],
                name="paper_to_check",
                condition=Q(state="waiting", supplier__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.supplier or self.application}"

    @states.transition(
        field=state,
        source=PaperState.WAITING,
        target=PaperState.ACCEPTED,
        custom=states.by("platform"),
    )
    def accept(self) -> None:
        """It is in order."""

    @states.transition(
        field=state,
        source=[PaperState.WAITING, PaperState.ACCEPTED],
        target=PaperState.SENT_BACK,
        custom=states.by("platform"),
    )
    def send_back(self) -> None:
        """It is not, or no more; the reason says why."""

    @states.transition(
        field=state,
        source=PaperState.WAITING,
        target=PaperState.REPLACED,
        custom=states.by("applicant", "supplier"),
    )
    def replace(self) -> None:
        """Its owner handed in another before anybody had checked it."""
