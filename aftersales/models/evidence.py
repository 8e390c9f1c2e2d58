"""Evidence: pictures that distributors upload for their cases and claims, and staff at inspection."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftersales.models.cases import Case
from aftersales.models.claims import Claim
from aftersales.models.returns import Inspection
from distributors.models import Distributor
from suppliers.models import Supplier


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Pictures, narrowed to who may see them."""

    def of(self, distributor: Distributor) -> "EvidenceQuerySet":
        """Those a distributor uploaded, and what was photographed in its cases."""
        return self.filter(
            Q(distributor=distributor)
            | Q(case__distributor=distributor)
            | Q(inspection__case__distributor=distributor)
        )

    def shown_to(self, supplier: Supplier) -> "EvidenceQuerySet":
        """Those in cases of lines that a supplier serves."""
        return self.filter(
            Q(case__line__fulfilment__supplier=supplier)
            | Q(inspection__case__line__fulfilment__supplier=supplier)
        )


class Evidence(models.Model):
    """One uploaded picture, re-encoded; used by at most one case, claim or inspection.

    Its owner is a distributor, or the platform where that is empty.
    """

    upload_id = models.CharField(max_length=40, unique=True)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    # Paths in the storage, unguessable.
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="evidence")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="evidence")
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="photos"
    )
    uploaded_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes = [
            models.Index(fields=["distributor", "-id"], name="evidence_newest_of_distributor"),
            models.Index(
                fields=["distributor", "uploaded_at"],
                name="evidence_unused",
                condition=Q(case=None, claim=None, inspection=None),
            ),
        ]

    def __str__(self) -> str:
        return self.upload_id
