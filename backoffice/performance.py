"""How a supplier does: its own figures beside the platform's average."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from backoffice import access
from backoffice.access import supplier_only
from books import performing
from books.performing import FEWEST_IN_AVERAGE, Figures, Span
from suppliers.models import Supplier

# Worse than the average by so much, of the average, is shown in red.
WORSE_PERCENT = 25


@dataclass(frozen=True)
class Measure:
    """What is measured, how it is read from figures, and what it means in a sentence."""

    label: Promise
    meaning: Promise
    value: Callable[[Figures], float | None]
    is_rate: bool


MEASURES = (
    Measure(
        gettext_lazy("Order to parcel, median"),
        gettext_lazy(
            "Hours from the order to the first parcel of your part of it; half of the parts were"
            " quicker. Parcels that were voided do not count."
        ),
        lambda figures: figures.median_hours,
        is_rate=False,
    ),
    Measure(
        gettext_lazy("Order to parcel, nine in ten"),
        gettext_lazy("The hours within which nine in ten parts had their first parcel."),
        lambda figures: figures.most_hours,
        is_rate=False,
    ),
    Measure(
        gettext_lazy("Shipped late"),
        gettext_lazy("Parts whose first parcel left after its deadline, of all parts that left."),
        lambda figures: figures.late_bp,
        is_rate=True,
    ),
    Measure(
        gettext_lazy("Short of goods"),
        gettext_lazy(
            "Parts of which you reported a shortage, of those that left or were reported short."
        ),
        lambda figures: figures.short_bp,
        is_rate=True,
    ),
    Measure(
        gettext_lazy("After-sales and returns"),
        gettext_lazy(
            "Parts about which an after-sales case was opened in these days, of the parts that left"
            " in them."
        ),
        lambda figures: figures.case_bp,
        is_rate=True,
    ),
)


@dataclass(frozen=True)
class Cell:
    """One figure beside the average; `mood` is bad where it is much worse."""

    own: str
    everybody: str
    mood: str


@dataclass(frozen=True)
class Row:
    """A measure over all spans."""

    measure: Measure
    cells: list[tuple[int, Cell]]


@require_GET
@supplier_only
def performance(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the figures of 7, 30 and 90 days, and what each means."""
    spans = performing.read(supplier_pk=supplier.pk, at=timezone.now())
    context = {
        "spans": spans,
        "rows": rows_of(spans),
        "has_any": any(span.own != Figures() for span in spans),
        "is_average_kept_back": any(span.everybody is None for span in spans),
        "fewest": FEWEST_IN_AVERAGE,
    }
    return access.shown(request, supplier, "performance.html", context)


def rows_of(spans: list[Span]) -> list[Row]:
    """Return each measure with its figure in every span."""
    return [Row(one, [(span.days, _cell(one, span)) for span in spans]) for one in MEASURES]


def _cell(measure: Measure, span: Span) -> Cell:
    own = measure.value(span.own)
    average = measure.value(span.everybody) if span.everybody else None
    is_worse = (
        own is not None and average is not None and own > average * (100 + WORSE_PERCENT) / 100
    )
    return Cell(_said(measure, own), _said(measure, average), "bad" if is_worse else "")


def _said(measure: Measure, value: float | None) -> str:
    if value is None:
        return ""
    if measure.is_rate:
        return f"{value / 100:.1f} %"
    return _("{hours} h").format(hours=f"{value:.1f}")
