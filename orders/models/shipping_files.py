"""Files of parcels: what a clerk uploads or pastes to ship many orders at once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit import states
from suppliers.models import Supplier


class ShippingFileState(models.TextChoices):
    """How far a file of parcels has come."""

    CHECKED = "checked", pgettext_lazy("shipping file", "to be shipped")
    SHIPPED = "shipped", pgettext_lazy("shipping file", "done")
    DISCARDED = "discarded", pgettext_lazy("shipping file", "discarded")


class ShippingFileQuerySet(models.QuerySet["ShippingFile"]):
    """Files of parcels, narrowed."""

    def of(self, supplier: Supplier | None) -> "ShippingFileQuerySet":
        """Those of a source: a supplier, or the platform itself."""
        return self.filter(supplier=supplier)

    def locked(self) -> "ShippingFileQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class ShippingFile(states.StateModel):
    """A sheet of parcels of one source: looked over first, then shipped in one act.

    checked → shipped; checked → discarded. Until then `sealed` holds the whole sheet, in which there
    may be consumer data; afterwards only `answers` is kept.
    """

    file_no = models.CharField(max_length=32, unique=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Empty where it was pasted.
    name = models.CharField(max_length=120, blank=True, default="")
    state = states.StateField(choices=ShippingFileState, default=ShippingFileState.CHECKED)
    # Which column of the sheet holds what, counted from 0 (`orders.shipping_rows`).
    columns = models.JSONField(default=dict)
    # The carrier of rows that name none; empty: guessed from the number.
    carrier_code = models.CharField(max_length=24, blank=True, default="")
    sealed = models.BinaryField(default=b"", blank=True)
    row_count = models.PositiveIntegerField()
    # What became of every row, as `orders.shipping_files` keeps it.
    answers = models.JSONField(default=list, blank=True)
    shipped_count = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    uploaded_by = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField()
    finished_by = models.CharField(max_length=200, blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ShippingFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipping file")
        verbose_name_plural = _("shipping files")
        triggers = [states.drawn(("checked", "shipped"), ("checked", "discarded"))]
        constraints = [
            models.CheckConstraint(
                name="shipping_file_keeps_its_sheet_until_it_ends",
                condition=Q(state="checked") | Q(sealed=b""),
            )
        ]
        indexes = [
            models.Index(fields=["supplier", "-id"], name="shipping_file_newest"),
            models.Index(fields=["uploaded_at"], name="shipping_file_by_age"),
        ]

    def __str__(self) -> str:
        return self.file_no

    @states.transition(
        field=state,
        source=ShippingFileState.CHECKED,
        target=ShippingFileState.SHIPPED,
        custom=states.by("source"),
    )
    def ship(self) -> None:
        """Every row of it has its answer."""

    @states.transition(
        field=state,
        source=ShippingFileState.CHECKED,
        target=ShippingFileState.DISCARDED,
        custom=states.by("source"),
    )
    def discard(self) -> None:
        """Nothing of it is to be shipped."""
