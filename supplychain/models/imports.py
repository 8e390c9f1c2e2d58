"""Files of goods: what an owner uploads to make or change many products at once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit import states
from suppliers.models import Supplier
from supplychain.models.goods import Product


class GoodsFileState(models.TextChoices):
    """How far a file of goods has come."""

    READING = "reading", pgettext_lazy("goods file", "being read")
    MAPPING = "mapping", pgettext_lazy("goods file", "columns to be said")
    CHECKING = "checking", pgettext_lazy("goods file", "being checked")
    CHECKED = "checked", pgettext_lazy("goods file", "checked")
    LOADING = "loading", pgettext_lazy("goods file", "being loaded")
    DONE = "done", pgettext_lazy("goods file", "loaded")
    CANCELLED = "cancelled", pgettext_lazy("goods file", "cancelled")
    FAILED = "failed", pgettext_lazy("goods file", "could not be used")


# A worker has something to do with these; whoever looks at them waits.
UNDER_WAY = (GoodsFileState.READING, GoodsFileState.CHECKING, GoodsFileState.LOADING)
# They have not come to their end.
OPEN = (*UNDER_WAY, GoodsFileState.MAPPING, GoodsFileState.CHECKED)


class RowOutcome(models.TextChoices):
    """What becomes of a row of a file of goods, or became of it."""

    CREATED = "created", pgettext_lazy("row of goods", "new")
    CHANGED = "changed", pgettext_lazy("row of goods", "changed")
    WAITING = "waiting", pgettext_lazy("row of goods", "waits for review")
    UNCHANGED = "unchanged", pgettext_lazy("row of goods", "unchanged")
    REFUSED = "refused", pgettext_lazy("row of goods", "refused")


class GoodsFileQuerySet(models.QuerySet["GoodsFile"]):
    """Files of goods, narrowed."""

    def of(self, supplier: Supplier | None) -> "GoodsFileQuerySet":
        """Those of an owner: a supplier, or the platform itself."""
        return self.filter(supplier=supplier)

    def locked(self) -> "GoodsFileQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class GoodsFile(states.StateModel):
    """A sheet of goods of one owner: read, checked without a trace, then loaded; by a job each.

    reading → mapping → checking → checked → loading → done, reading → checking where the columns are
    plain, and mapping or checked → checking whenever they are said otherwise. Until it is done it can
    be cancelled; what a job can do nothing with has failed. `line` is the last row that the job under
    way is done with: whoever takes it over goes on behind it.
    """

    import_no = models.CharField(max_length=32, unique=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=120)
    state = states.StateField(choices=GoodsFileState, default=GoodsFileState.READING)
    # Where the sheet lies until it is read, and the archive of pictures until the file has ended.
    sheet = models.CharField(max_length=120, blank=True, default="")
    pictures = models.CharField(max_length=120, blank=True, default="")
    pictures_name = models.CharField(max_length=120, blank=True, default="")
    headings = models.JSONField(default=list, blank=True)
    # What each column holds, by the names of `goods_columns.HEADINGS`; empty: nothing of use.
    columns = models.JSONField(default=list, blank=True)
    row_count = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    line = models.PositiveIntegerField(default=0)
    # How many rows came to what.
    counts = models.JSONField(default=dict, blank=True)
    # Why it could not be used, by language.
    failure = models.JSONField(default=dict, blank=True)
    uploaded_by = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=200, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    # How often a worker took it: by this a worker that comes to life again sees that it was replaced.
    turn = models.PositiveIntegerField(default=0)
    # How often it was taken without anything coming of it.
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = GoodsFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods file")
        verbose_name_plural = _("goods files")
        triggers = [
            states.drawn(
                ("reading", "mapping"),
                ("reading", "checking"),
                ("mapping", "checking"),
                ("checked", "checking"),
                ("checking", "checked"),
                ("checked", "loading"),
                ("loading", "done"),
                *((state.value, "cancelled") for state in OPEN),
                *((state.value, "failed") for state in UNDER_WAY),
            )
        ]
        indexes = [
            models.Index(fields=["supplier", "-id"], name="goods_file_newest"),
            models.Index(fields=["uploaded_at"], name="goods_file_by_age"),
            models.Index(
                fields=["turn", "id"],
                name="goods_file_to_work_at",
                condition=Q(state__in=["reading", "checking", "loading"]),
            ),
        ]

    def __str__(self) -> str:
        return self.import_no

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has something to do with it."""
        return self.state in UNDER_WAY

    @property
    def is_open(self) -> bool:
        """Whether it has not come to its end."""
        return self.state in OPEN

    @states.transition(
        field=state,
        source=GoodsFileState.READING,
        target=GoodsFileState.MAPPING,
        custom=states.by("timer"),
    )
    def ask_for_columns(self) -> None:
        """It is read, and somebody must say what its columns hold."""

    @states.transition(
        field=state,
        source=[GoodsFileState.READING, GoodsFileState.MAPPING, GoodsFileState.CHECKED],
        target=GoodsFileState.CHECKING,
        custom=states.by("timer", "supplier", "platform"),
    )
    def begin_checking(self) -> None:
        """What its columns hold is known; its rows are to be checked."""

    @states.transition(
        field=state,
        source=GoodsFileState.CHECKING,
        target=GoodsFileState.CHECKED,
        custom=states.by("timer"),
    )
    def finish_checking(self) -> None:
        """Of every row it is known what would become of it."""

    @states.transition(
        field=state,
        source=GoodsFileState.CHECKED,
        target=GoodsFileState.LOADING,
        custom=states.by("supplier", "platform"),
    )
    def begin_loading(self) -> None:
        """Its good rows are to be loaded."""

    @states.transition(
        field=state,
        source=GoodsFileState.LOADING,
        target=GoodsFileState.DONE,
        custom=states.by("timer"),
    )
    def finish(self) -> None:
        """Every row has its answer."""

    @states.transition(
        field=state,
        source=list(OPEN),
        target=GoodsFileState.CANCELLED,
        custom=states.by("supplier", "platform"),
    )
    def cancel(self) -> None:
        """Nothing more of it is to be loaded."""

    @states.transition(
        field=state, source=list(UNDER_WAY), target=GoodsFileState.FAILED, custom=states.by("timer")
    )
    def fail(self) -> None:
        """It cannot be read, or its owner may not load it any more."""


class GoodsRow(models.Model):
    """A row of a file of goods as it was read, and what becomes of it."""

    file = models.ForeignKey(GoodsFile, models.CASCADE, related_name="rows", db_index=False)
    # As editors and spreadsheets count.
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    # What keeps it from being read at all.
    broken = models.CharField(max_length=200, blank=True, default="")
    # As far as they can be read; by these rows are found again.
    item_no = models.CharField(max_length=200, blank=True, default="")
    sku_no = models.CharField(max_length=200, blank=True, default="")
    outcome = models.CharField(max_length=12, choices=RowOutcome, blank=True, default="")
    # What is wrong in which column, said in every language.
    errors = models.JSONField(default=list, blank=True)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("row of goods")
        verbose_name_plural = _("rows of goods")
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="goods_row_line_once"),
        ]
        indexes = [
            models.Index(fields=["file", "outcome", "line"], name="goods_row_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line}"
