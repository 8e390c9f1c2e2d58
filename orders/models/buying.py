"""What buyers without a shop system order from: baskets, and files of orders."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from companies.models import Person
from distributors.models import Distributor
from kit import states
from orders.requests import MAX_QUANTITY
from supplychain.models import Sku


class BasketLine(models.Model):
    """Pieces of a sku that somebody means to order for a distributor. Nothing is reserved by it."""

    distributor = models.ForeignKey(Distributor, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("basket line")
        verbose_name_plural = _("basket lines")
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "person", "sku"], name="basket_line_once_per_sku"
            ),
            models.CheckConstraint(
                name="basket_quantity_in_range",
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class OrderFileState(models.TextChoices):
    """How far a file of orders has come."""

    CHECKED = "checked", pgettext_lazy("order file", "checked")
    PLACING = "placing", pgettext_lazy("order file", "being placed")
    DONE = "done", pgettext_lazy("order file", "done")
    DISCARDED = "discarded", pgettext_lazy("order file", "discarded")


class OrderFileQuerySet(models.QuerySet["OrderFile"]):
    """Files of orders, narrowed."""

    def of(self, distributor: Distributor) -> "OrderFileQuerySet":
        """Those of a distributor."""
        return self.filter(distributor=distributor)

    def locked(self) -> "OrderFileQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class OrderFile(states.StateModel):
    """A sheet of orders: checked without a trace first, then placed by whoever looked it over.

    checked → placing → done; checked → discarded. Whoever places it claims it for a while, so that
    another goes on where the first one died.
    """

    file_no = models.CharField(max_length=32, unique=True)
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="order_files", db_index=False
    )
    name = models.CharField(max_length=120)
    state = states.StateField(choices=OrderFileState, default=OrderFileState.CHECKED)
    uploaded_by = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    # What the deposit would have left for orders, if all that can be placed were.
    left_fen = models.BigIntegerField()
    confirmed_by = models.CharField(max_length=200, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OrderFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of orders")
        verbose_name_plural = _("files of orders")
        triggers = [
            states.drawn(("checked", "placing"), ("checked", "discarded"), ("placing", "done"))
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="order_file_newest"),
            models.Index(
                fields=["claimed_until"], name="order_file_to_place", condition=Q(state="placing")
            ),
            models.Index(fields=["uploaded_at"], name="order_file_by_age"),
        ]

    def __str__(self) -> str:
        return self.file_no

    @states.transition(
        field=state,
        source=OrderFileState.CHECKED,
        target=OrderFileState.PLACING,
        custom=states.by("distributor"),
    )
    def confirm(self) -> None:
        """Its good orders are to be placed."""

    @states.transition(
        field=state,
        source=OrderFileState.PLACING,
        target=OrderFileState.DONE,
        custom=states.by("timer"),
    )
    def finish(self) -> None:
        """Every one of them has its answer."""

    @states.transition(
        field=state,
        source=OrderFileState.CHECKED,
        target=OrderFileState.DISCARDED,
        custom=states.by("distributor"),
    )
    def discard(self) -> None:
        """Nothing of it is to be placed."""


class FiledOrder(models.Model):
    """One order of a file: its rows, sealed, and what checking or placing said of it."""

    file = models.ForeignKey(OrderFile, models.CASCADE, related_name="orders", db_index=False)
    # From 1, in the order of the file.
    position = models.PositiveIntegerField()
    out_order_no = models.CharField(max_length=64, blank=True, default="")
    # The rows as they were read, and the request they make (see `filed_orders`); consumer data is in it.
    sealed = models.BinaryField()
    total_fen = models.BigIntegerField(null=True, blank=True)
    # Why it cannot be placed, as `orders.refusals` keeps it.
    causes = models.JSONField(default=list, blank=True)
    # Its order; `before`: it had been placed before the file came.
    order_no = models.CharField(max_length=32, blank=True, default="")
    before = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("order of a file")
        verbose_name_plural = _("orders of a file")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["file", "position"], name="filed_order_place_once"),
            models.CheckConstraint(
                name="filed_order_placed_or_refused", condition=Q(order_no="") | Q(causes=[])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.position}: {self.out_order_no}"
