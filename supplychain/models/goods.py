"""What is sold: categories, brands, freight, products and their skus."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kit import states
from suppliers.models import Supplier

MAX_PRICE_FEN = 10_000_000_00


class Category(models.Model):
    """A node of the category tree; `path` holds the names from the root, joined by `/`."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=240, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


class Brand(models.Model):
    """A brand that products carry."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=60, unique=True)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChargeBy(models.TextChoices):
    """What a freight template counts."""

    PIECE = "piece", _("by piece")
    WEIGHT = "weight", _("by weight (g)")


class FreightTemplate(models.Model):
    """What shipping costs; the platform's own where `supplier` is empty."""

    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="freight_templates"
    )
    name = models.CharField(max_length=60)
    charge_by = models.CharField(max_length=8, choices=ChargeBy, default=ChargeBy.PIECE)

    class Meta:
        verbose_name = _("freight template")
        verbose_name_plural = _("freight templates")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "name"], name="freight_template_name_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class FreightRule(models.Model):
    """One row of a template: a first amount, then each further one, for some provinces.

    A rule without regions is for everywhere that no other rule names. Units are pieces or grams.
    """

    template = models.ForeignKey(FreightTemplate, models.CASCADE, related_name="rules")
    regions = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    first_units = models.PositiveIntegerField(default=1)
    first_fen = models.PositiveIntegerField()
    further_units = models.PositiveIntegerField(default=1)
    further_fen = models.PositiveIntegerField(default=0)
    free_from_units = models.PositiveIntegerField(null=True, blank=True)
    free_from_fen = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("freight rule")
        verbose_name_plural = _("freight rules")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="freight_rule_counts_in_steps",
                condition=Q(first_units__gte=1, further_units__gte=1),
            )
        ]

    def __str__(self) -> str:
        return "、".join(self.regions) or "*"


class ProductKind(models.TextChoices):
    """What is sold. Only physical goods can be ordered now."""

    PHYSICAL = "physical", _("physical")
    DIGITAL = "digital", _("digital")
    CPS = "cps", _("CPS link")
    ARTICLE = "article", _("article")
    COURSE = "course", _("course")
    LIVE = "live", _("live broadcast")


class ProductState(models.TextChoices):
    """Whether a product is offered."""

    DRAFT = "draft", _("never listed")
    LISTED = "listed", _("listed")
    DELISTED = "delisted", _("delisted")


class ProductQuerySet(models.QuerySet["Product"]):
    """Products, narrowed."""

    def of(self, supplier: Supplier) -> "ProductQuerySet":
        """Those a supplier owns."""
        return self.filter(supplier=supplier)

    def own(self) -> "ProductQuerySet":
        """The platform's own stock."""
        return self.filter(supplier__isnull=True)

    def locked(self) -> "ProductQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Product(states.StateModel):
    """Goods as distributors see them (SPU), with one or more skus.

    draft → listed ⇄ delisted. `version` rises with every change that distributors see.
    """

    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="products"
    )
    item_no = models.CharField(max_length=64, unique=True)
    # What its owner calls it; item_no is this where it was free.
    owner_no = models.CharField(max_length=48)
    name = models.CharField(max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="products")
    kind = models.CharField(max_length=12, choices=ProductKind, default=ProductKind.PHYSICAL)
    detail_html = models.TextField(blank=True, default="")
    unit = models.CharField(max_length=12, blank=True, default="件")
    origin = models.CharField(max_length=60, blank=True, default="")
    # Days after receipt in which after-sales are open; 0: the classic policy; empty: the platform's.
    aftersale_days = models.PositiveSmallIntegerField(null=True, blank=True)
    aftersale_note = models.CharField(max_length=200, blank=True, default="")
    freight_template = models.ForeignKey(
        FreightTemplate, models.PROTECT, null=True, blank=True, related_name="products"
    )
    ship_within_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    # Empty: the platform's list.
    allowed_applications = ArrayField(
        models.CharField(max_length=32), null=True, blank=True, default=None
    )
    regions_not_served = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    # What its category asks for, by the attribute's name: {"产地": "杭州"}.
    attributes = models.JSONField(default=dict, blank=True, db_default={})
    # Only distributors it was opened to see it.
    chosen_only = models.BooleanField(default=False)
    state = states.StateField(choices=ProductState, default=ProductState.DRAFT)
    # Who listed or delisted it last, and why.
    state_changed_by = models.CharField(max_length=200, blank=True, default="")
    state_changed_at = models.DateTimeField(null=True, blank=True)
    state_reason = models.CharField(max_length=200, blank=True, default="")
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        triggers = [
            states.drawn(("draft", "listed"), ("listed", "delisted"), ("delisted", "listed"))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "owner_no"],
                name="product_owner_no_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="product_feed"),
            models.Index(fields=["changed_at", "id"], name="product_by_change"),
            GinIndex(fields=["name"], name="product_name_trgm", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.item_no} {self.name}"

    @states.transition(
        field=state,
        source=[ProductState.DRAFT, ProductState.DELISTED],
        target=ProductState.LISTED,
        custom=states.by("platform", "supplier"),
    )
    def list(self) -> None:
        """Offer it."""

    @states.transition(
        field=state,
        source=ProductState.LISTED,
        target=ProductState.DELISTED,
        custom=states.by("platform", "supplier"),
    )
    def delist(self) -> None:
        """Take it off sale."""


class Sku(models.Model):
    """One orderable variant: its specification, price and order rules. Its stock is a row of its own."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="skus")
    sku_no = models.CharField(max_length=64, unique=True)
    owner_no = models.CharField(max_length=48)
    # {"颜色": "红"}; empty for the usual product with one sku.
    spec = models.JSONField(default=dict, blank=True)
    barcode = models.CharField(max_length=32, blank=True, default="")
    supply_price_fen = models.BigIntegerField()
    markup_fen = models.BigIntegerField(default=0)
    retail_price_fen = models.BigIntegerField(null=True, blank=True)
    min_quantity = models.PositiveIntegerField(default=1)
    max_quantity = models.PositiveIntegerField(null=True, blank=True)
    multiple = models.PositiveIntegerField(default=1)
    weight_g = models.PositiveIntegerField(default=0)
    price_version = models.BigIntegerField()
    # A proof found its stock broken: it is not sold until staff say why.
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    # A sku that left the product stays for its orders, but is no longer offered.
    offered = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("sku")
        verbose_name_plural = _("skus")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="sku_price_in_range",
                condition=Q(
                    supply_price_fen__gte=1,
                    supply_price_fen__lte=MAX_PRICE_FEN,
                    markup_fen__gte=0,
                    markup_fen__lte=MAX_PRICE_FEN,
                ),
            ),
            models.CheckConstraint(
                name="sku_quantities_make_sense",
                condition=Q(min_quantity__gte=1, multiple__gte=1)
                & (Q(max_quantity__isnull=True) | Q(max_quantity__gte=F("min_quantity"))),
            ),
        ]

    def __str__(self) -> str:
        return self.sku_no

    @property
    def spec_text(self) -> str:
        """The specification on one line: `红 / XL`."""
        return " / ".join(str(value) for value in self.spec.values())
