"""Companies that want to become distributors."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.applications import COMMON, MOVES, CompanyApplication
from distributors.models.distributor import Distributor
from kit import states


class ShopApplication(CompanyApplication):
    """A company asks to sell the goods in its own shop, and shows its business licence.

    applied → sent_back → applied; applied → approved | rejected. Approving opens the distributor in
    the same transaction.
    """

    SOUGHT = _("distributor")
    PREFIX = "B"
    LIMITS = COMMON | {"sold_goods": 500, "shop_system": 120}
    ASKED = (*LIMITS, "orders_a_month", "credit_code")

    # What it sells, and by which software or platform its shop is run.
    sold_goods = models.CharField(max_length=500)
    shop_system = models.CharField(max_length=120)
    # As it expects them.
    orders_a_month = models.PositiveIntegerField()
    # Where the business licence is kept; empty once the file is deleted.
    licence = models.CharField(max_length=120, blank=True)
    licence_name = models.CharField(max_length=100)
    distributor = models.OneToOneField(
        Distributor, models.PROTECT, null=True, blank=True, related_name="application"
    )

    class Meta:
        verbose_name = _("application of a distributor")
        verbose_name_plural = _("applications of distributors")
        triggers = [states.drawn(*MOVES)]
        constraints = [
            models.CheckConstraint(
                name="shop_application_approved_with_its_distributor",
                condition=Q(state="approved", distributor__isnull=False)
                | (~Q(state="approved") & Q(distributor__isnull=True)),
            )
        ]
        indexes = [
            models.Index(
                fields=["submitted_at"],
                name="shop_application_to_decide",
                condition=Q(state="applied"),
            ),
            models.Index(fields=["credit_code"], name="shop_application_by_code"),
        ]
