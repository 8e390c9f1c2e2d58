"""Who sees what, and at which rate."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor, Level
from supplychain.models.goods import Brand, Category, Product


class RateOverride(models.Model):
    """A product's own fee rate for one level."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="rate_overrides")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    fee_rate_bp = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("rate override")
        verbose_name_plural = _("rate overrides")
        constraints = [
            models.UniqueConstraint(fields=["product", "level"], name="rate_override_once"),
            models.CheckConstraint(
                name="rate_override_up_to_100_percent", condition=Q(fee_rate_bp__lte=10_000)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.level}: {self.fee_rate_bp}"


class Opening(models.Model):
    """A product marked `chosen_only` is opened to this distributor (勾选给)."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="openings")
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="openings")

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [
            models.UniqueConstraint(fields=["product", "distributor"], name="opening_once")
        ]

    def __str__(self) -> str:
        return f"{self.product} → {self.distributor}"


class Limit(models.Model):
    """A distributor that has any of these sees only such categories (with what is below) and brands.

    Category rows are alternatives to each other, and so are brand rows; where it has both kinds, a
    product must match one of each.
    """

    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="limits")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("assortment limit")
        verbose_name_plural = _("assortment limits")
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "category", "brand"], name="limit_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="limit_names_a_category_or_a_brand",
                condition=Q(category__isnull=False, brand__isnull=True)
                | Q(category__isnull=True, brand__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.category or self.brand)
