"""Where both sides meet: goods with their skus, reviews, exact stock, visibility and freight."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor, Level
from kit import states
from suppliers.models import Supplier

MAX_PRICE_FEN = 10_000_000_00
MAX_STOCK = 100_000_000
# What ended holds give back must fit beside a pool that was set to its utmost meanwhile.
STOCK_CEILING = 2 * MAX_STOCK


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


class Stock(models.Model):
    """The one exact pool of a sku, shared by all distributors; narrow, because it is hot.

    `version` rises by 1 with every movement; `available` can never fall below 0.
    """

    sku = models.OneToOneField(Sku, models.PROTECT, primary_key=True, related_name="stock")
    available = models.IntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stocks")
        constraints = [
            models.CheckConstraint(
                name="stock_never_below_zero",
                condition=Q(available__gte=0, available__lte=STOCK_CEILING),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.available}"


class Allotment(models.Model):
    """A part of a pool that one distributor alone draws from, first; then, if allowed, from the pool."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="allotments", db_index=False)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="allotments")
    available = models.IntegerField(default=0)
    version = models.BigIntegerField(default=0)
    then_pool = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("allotment")
        verbose_name_plural = _("allotments")
        constraints = [
            models.UniqueConstraint(fields=["sku", "distributor"], name="allotment_once"),
            models.CheckConstraint(
                name="allotment_never_below_zero",
                condition=Q(available__gte=0, available__lte=STOCK_CEILING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} → {self.distributor}: {self.available}"


class MovementKind(models.TextChoices):
    """Why stock changed."""

    SET = "set", _("set")
    ADJUST = "adjust", _("adjusted")
    ALLOT = "allot", _("allotted")
    ORDER = "order", _("ordered")
    HOLD = "hold", _("held")
    LAPSE = "lapse", _("hold ended")
    CANCEL = "cancel", _("cancelled")
    RESTOCK = "restock", _("restocked after inspection")
    RESHIP = "reship", _("re-shipped")


class Movement(models.Model):
    """One change of a pool (or of an allotment, where that is named), with the balance after it.

    `cause` is unique per kind and pool, so that one fact moves stock at most once.
    """

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="movements", db_index=False)
    allotment = models.ForeignKey(
        Allotment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        db_index=False,
    )
    kind = models.CharField(max_length=12, choices=MovementKind)
    quantity = models.IntegerField()
    balance_after = models.IntegerField()
    version = models.BigIntegerField()
    cause = models.CharField(max_length=128)
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    actor = models.CharField(max_length=200)
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        triggers = [states.immutable()]
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "allotment", "version"],
                name="movement_version_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["cause", "kind", "sku", "allotment"],
                name="movement_once_per_cause",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="movement_balance_not_negative", condition=Q(balance_after__gte=0)
            ),
            models.CheckConstraint(name="movement_moves_something", condition=~Q(quantity=0)),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.quantity:+d} ({self.get_kind_display()})"


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


class Picture(models.Model):
    """An uploaded image, re-encoded by us under a random name, with a thumbnail."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="pictures"
    )
    file = models.FileField(max_length=120)
    thumbnail = models.FileField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content_hash = models.BinaryField(max_length=32)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes = [models.Index(fields=["content_hash"], name="picture_by_content")]

    def __str__(self) -> str:
        return str(self.uid)


class PictureRole(models.TextChoices):
    """Where a product shows a picture."""

    MAIN = "main", _("main image")
    DETAIL = "detail", _("detail image")


class ProductPicture(models.Model):
    """A picture in its place on a product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures")
    picture = models.ForeignKey(Picture, models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=PictureRole, default=PictureRole.MAIN)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        ordering = ["role", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "role", "position"],
                name="product_picture_place_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.role} {self.position}"


class RevisionState(models.TextChoices):
    """How far a proposed change has come."""

    OPEN = "open", _("waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("sent back for changes")
    APPROVED = "approved", _("approved, not yet in effect")
    APPLIED = "applied", _("in effect")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


UNDECIDED = [RevisionState.OPEN, RevisionState.CHANGES_REQUESTED, RevisionState.APPROVED]


class Revision(states.StateModel):
    """A proposed content of a product, reviewed as a difference to what is live.

    open → approved → applied; open → changes_requested → open (resubmitted) or withdrawn;
    open → rejected; open → withdrawn. `approved` lasts until `effective_at`, mostly no time at all.
    One undecided revision a product.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="revisions")
    state = states.StateField(choices=RevisionState, default=RevisionState.OPEN)
    # The whole content proposed, and the live one it was proposed against, {} if there was none
    # (`content.Content`).
    proposed = models.JSONField()
    live = models.JSONField()
    # What staff set when they approved: `{"retail_prices_fen": {owner_no: fen}, "markups_fen": {…}}`.
    terms = models.JSONField(default=dict, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=200)
    submitted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        triggers = [
            states.drawn(
                ("open", "approved"),
                ("open", "changes_requested"),
                ("open", "rejected"),
                ("open", "withdrawn"),
                ("changes_requested", "open"),
                ("changes_requested", "withdrawn"),
                ("approved", "applied"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                name="revision_undecided_once",
                condition=Q(state__in=["open", "changes_requested", "approved"]),
            )
        ]
        indexes = [
            models.Index(
                fields=["effective_at"], name="revision_due", condition=Q(state="approved")
            ),
            models.Index(fields=["state", "submitted_at"], name="revision_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.product} ({self.state})"

    @states.transition(
        field=state,
        source=RevisionState.OPEN,
        target=RevisionState.APPROVED,
        custom=states.by("platform", "timer"),
    )
    def approve(self) -> None:
        """It may go live at its time."""

    @states.transition(
        field=state,
        source=RevisionState.APPROVED,
        target=RevisionState.APPLIED,
        custom=states.by("platform", "timer"),
    )
    def apply(self) -> None:
        """It is live."""

    @states.transition(
        field=state,
        source=RevisionState.OPEN,
        target=RevisionState.CHANGES_REQUESTED,
        custom=states.by("platform"),
    )
    def ask_for_change(self) -> None:
        """The supplier must change something first."""

    @states.transition(
        field=state,
        source=RevisionState.CHANGES_REQUESTED,
        target=RevisionState.OPEN,
        custom=states.by("supplier"),
    )
    def resubmit(self) -> None:
        """The supplier changed it."""

    @states.transition(
        field=state,
        source=RevisionState.OPEN,
        target=RevisionState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """It will not go live."""

    @states.transition(
        field=state,
        source=[RevisionState.OPEN, RevisionState.CHANGES_REQUESTED],
        target=RevisionState.WITHDRAWN,
        custom=states.by("supplier"),
    )
    def withdraw(self) -> None:
        """The supplier took it back."""


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


class StockWaiting(models.Model):
    """A sku whose stock a distributor is still to be told: more changed than one event holds."""

    distributor = models.ForeignKey(Distributor, models.CASCADE, related_name="+", db_index=False)
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("stock to be told")
        verbose_name_plural = _("stocks to be told")
        constraints = [
            models.UniqueConstraint(fields=["distributor", "sku"], name="stock_waiting_once")
        ]
        indexes = [models.Index(fields=["distributor", "id"], name="stock_waiting_first")]

    def __str__(self) -> str:
        return f"{self.distributor}: {self.sku}"


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


class ExportState(models.TextChoices):
    """How far a file of the whole catalogue has come."""

    QUEUED = "queued", _("waiting to be written")
    RUNNING = "running", _("being written")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("deleted")


class CatalogueExport(states.StateModel):
    """A file with all products that a distributor sees, one a line, written by a job.

    queued → running → ready → expired; running → failed, or again by another worker when the one
    that had claimed it died. One a distributor is under way at a time.
    """

    export_id = models.CharField(max_length=32, unique=True)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="catalogue_exports", db_index=False
    )
    in_full = models.BooleanField(default=False)
    state = states.StateField(choices=ExportState, default=ExportState.QUEUED)
    products = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=120, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    # Where to go on in the feeds of changes and of events, so that nothing is missed.
    changes_after = models.BigIntegerField(null=True, blank=True)
    events_after = models.BigIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("catalogue file")
        verbose_name_plural = _("catalogue files")
        triggers = [
            states.drawn(
                ("queued", "running"),
                ("running", "ready"),
                ("running", "failed"),
                ("ready", "expired"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor"],
                name="export_under_way_once",
                condition=Q(state__in=["queued", "running"]),
            )
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="export_newest"),
            models.Index(
                fields=["claimed_until"],
                name="export_to_write",
                condition=Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["expires_at"], name="export_by_age", condition=Q(state="ready")),
        ]

    def __str__(self) -> str:
        return self.export_id

    @states.transition(
        field=state,
        source=ExportState.QUEUED,
        target=ExportState.RUNNING,
        custom=states.by("timer"),
    )
    def begin(self) -> None:
        """A worker writes it."""

    @states.transition(
        field=state,
        source=ExportState.RUNNING,
        target=ExportState.READY,
        custom=states.by("timer"),
    )
    def finish(self) -> None:
        """It can be fetched."""

    @states.transition(
        field=state,
        source=ExportState.RUNNING,
        target=ExportState.FAILED,
        custom=states.by("timer"),
    )
    def fail(self) -> None:
        """It was tried too often."""

    @states.transition(
        field=state,
        source=ExportState.READY,
        target=ExportState.EXPIRED,
        custom=states.by("timer"),
    )
    def expire(self) -> None:
        """Its file is deleted."""
