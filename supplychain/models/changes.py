"""What changed, to be told and to be read."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from suppliers.models import Supplier
from supplychain.models.goods import Brand, Category, Product


class ProductNote(models.Model):
    """What a product was before it changed, until the distributors concerned have been told.

    `state_before` holds supply prices: it is `noting.State`, and shown to nobody.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="note")
    noted_at = models.DateTimeField()
    state_before = models.JSONField()

    class Meta:
        verbose_name = _("product to be told of")
        verbose_name_plural = _("products to be told of")
        indexes = [models.Index(fields=["noted_at", "product"], name="product_note_by_age")]

    def __str__(self) -> str:
        return str(self.product)


class SupplierShown(models.Model):
    """Whether distributors were told that a supplier's goods are traded; without a row they were."""

    supplier = models.OneToOneField(
        Supplier, models.CASCADE, primary_key=True, related_name="shown"
    )
    traded = models.BooleanField()

    class Meta:
        verbose_name = _("supplier as shown")
        verbose_name_plural = _("suppliers as shown")

    def __str__(self) -> str:
        return str(self.supplier)


class ChangeKind(models.TextChoices):
    """What distributors have to do about a change."""

    LISTED = "listed", _("listed")
    UPDATED = "updated", _("content changed")
    PRICE = "price", _("prices changed")
    DELISTED = "delisted", _("delisted")
    CATALOGUE_PRICES = "catalogue_prices", _("all prices changed")
    CATALOGUE = "catalogue", _("anything may have changed")


class Change(models.Model):
    """A change of goods, in the feed that distributors follow; written by triggers, never by hand.

    The triggers (migration 0010) stand below all acts, so that none can forget to tell. A row
    without a distributor is for all that saw the product before: as `category`, `brand` and
    `chosen_only` were then. One without a product is about everything. Like that of an event, `seq`
    is stamped after the commit (`supplychain.following`).
    """

    seq = models.BigIntegerField(null=True, blank=True, unique=True)
    kind = models.CharField(max_length=20, choices=ChangeKind)
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="changes", db_index=False
    )
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    brand = models.ForeignKey(
        Brand, models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    chosen_only = models.BooleanField(default=False, db_default=False)
    # The transaction: it tells of a product once for each kind.
    xid = models.BigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of goods")
        verbose_name_plural = _("changes of goods")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "distributor", "kind", "xid"],
                name="change_once_a_transaction",
                condition=Q(seq__isnull=True),
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["changed_at"], name="change_by_age")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.product_id}"


class ChangeMark(models.Model):
    """Where the feed of changes stands: its newest number and the newest that is forgotten; one row."""

    last_seq = models.BigIntegerField(default=0)
    forgotten_seq = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark of changes")
        verbose_name_plural = _("marks of changes")

    def __str__(self) -> str:
        return str(self.last_seq)
