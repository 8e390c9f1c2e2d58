"""Whom goods concern: what distributors selected, and what they ordered."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from supplychain.models.goods import Product


class Selection(models.Model):
    """A product that a distributor selected (选品): callbacks about goods concern these.

    Selection never gates ordering, and stays while the product is off sale.
    """

    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="selections", db_index=False
    )
    product = models.ForeignKey(Product, models.CASCADE, related_name="selections")
    selected_at = models.DateTimeField()

    class Meta:
        verbose_name = _("selected product")
        verbose_name_plural = _("selected products")
        constraints = [
            models.UniqueConstraint(fields=["distributor", "product"], name="selection_once")
        ]
        indexes = [models.Index(fields=["distributor", "id"], name="selection_of_distributor")]

    def __str__(self) -> str:
        return f"{self.distributor} · {self.product}"


class OrderedProduct(models.Model):
    """A product that a distributor has ordered, and about when it did so last.

    Written from the orders some seconds after they were placed, never by them
    (`orders.remembering`); `ordered_at` may be a day behind.
    """

    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    ordered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ordered product")
        verbose_name_plural = _("ordered products")
        constraints = [
            models.UniqueConstraint(fields=["distributor", "product"], name="ordered_product_once")
        ]

    def __str__(self) -> str:
        return f"{self.distributor} · {self.product}"
