"""Companies that want to become suppliers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.applications import COMMON, MOVES, CompanyApplication
from kit import states
from suppliers.models.supplier import Supplier


class Application(CompanyApplication):
    """A company asks to supply goods, and shows its papers.

    applied → sent_back → applied; applied → approved | rejected. Approving opens the supplier in the
    same transaction.
    """

    SOUGHT = _("supplier")
    PREFIX = "A"
    LIMITS = COMMON | {"main_goods": 500}
    ASKED = (*LIMITS, "credit_code", "categories")

    # Names of branches of the assortment, as they were when they were chosen.
    categories = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    main_goods = models.CharField(max_length=500)
    supplier = models.OneToOneField(
        Supplier, models.PROTECT, null=True, blank=True, related_name="application"
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications of suppliers")
        triggers = [states.drawn(*MOVES)]
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
