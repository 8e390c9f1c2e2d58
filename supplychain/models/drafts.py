"""What a supplier's people keep on their desks: forms half filled in, and views of their goods."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from suppliers.models import Supplier
from supplychain.models.goods import Product


class ProductDraft(models.Model):
    """The product form as somebody left it; without a product: the form for a new one."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="+")
    # What the form would send: {"name": ["西湖龙井"], …}.
    fields = models.JSONField()
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("product draft")
        verbose_name_plural = _("product drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "supplier", "product"],
                name="product_draft_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.product or '+'}"


class GoodsView(models.Model):
    """A filter of the goods list that somebody gave a name; the default one opens by itself."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="+")
    name = models.CharField(max_length=30)
    # The query of the list's address: `state=listed&low=1`.
    query = models.CharField(max_length=500)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("view of goods")
        verbose_name_plural = _("views of goods")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "supplier", "name"], name="goods_view_name_once"
            ),
            models.UniqueConstraint(
                fields=["person", "supplier"],
                name="goods_view_one_default",
                condition=models.Q(is_default=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
