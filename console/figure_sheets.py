"""The figures of a period as a workbook: day by day, week by week or month by month, and who sold most."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.utils.translation import gettext as _

from books.figures import Best, Figures, Sums
from books.models import Subject

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTH = 18

Cell = str | int | float | None


def xlsx(figures: Figures, *, unit: str, with_money: bool) -> bytes:
    """Return the workbook; without the right to see money it has counts only."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        _write(book, _("Figures"), *_time(figures, unit, with_money))
        for subject, title in (
            (Subject.PRODUCT, _("Goods")),
            (Subject.DISTRIBUTOR, _("Distributors")),
            (Subject.SUPPLIER, _("Sources")),
        ):
            _write(book, title, *_best(figures.best.get(subject, []), with_money))
    return target.getvalue()


def _time(
    figures: Figures, unit: str, with_money: bool
) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    titles = [
        _("From"),
        _("To"),
        _("Orders"),
        _("Pieces"),
        _("Parcels"),
        _("Shipped late"),
        _("Hours until shipment"),
    ]
    amounts = [
        _("Sales (¥)"),
        _("Freight (¥)"),
        _("Supply amount (¥)"),
        _("Refunds (¥)"),
        _("Fee income (¥)"),
        _("Markup income (¥)"),
        _("Recharged (¥)"),
        _("Withdrawn (¥)"),
        _("On deposits at the end (¥)"),
    ]
    parts = [(one.period, one.sums, one.deposits_fen) for one in figures.buckets(unit)]
    whole = (figures.period, figures.total, figures.deposits_fen(figures.period.last))
    rows = [
        [
            period.first.isoformat(),
            period.last.isoformat(),
            *_counts(sums),
            *(_amounts(sums, deposits_fen) if with_money else []),
        ]
        for period, sums, deposits_fen in (*parts, whole)
    ]
    return titles + (amounts if with_money else []), rows


def _counts(sums: Sums) -> list[Cell]:
    hours = sums.shipping_hours
    counted = [sums.orders, sums.units, sums.parcels, sums.late_parcels]
    return [*counted, None if hours is None else round(hours, 1)]


def _amounts(sums: Sums, deposits_fen: int) -> list[Cell]:
    amounts = (
        sums.sales_fen,
        sums.freight_fen,
        sums.supply_fen,
        sums.refunds_fen,
        sums.fees_earned_fen,
        sums.margins_earned_fen,
        sums.recharged_fen,
        sums.withdrawn_fen,
        deposits_fen,
    )
    return [amount / 100 for amount in amounts]


def _best(best: Iterable[Best], with_money: bool) -> tuple[Sequence[str], Iterable[Sequence[Cell]]]:
    titles = [_("Name"), _("Orders"), _("Pieces")]
    amounts = [_("Sales (¥)"), _("Refunds (¥)")]
    rows: list[list[Cell]] = [
        [
            one.name or _("own stock"),
            one.sums.orders,
            one.sums.units,
            *([one.sums.sales_fen / 100, one.sums.refunds_fen / 100] if with_money else []),
        ]
        for one in best
    ]
    return titles + (amounts if with_money else []), rows


def _write(
    book: xlsxwriter.Workbook,
    name: str,
    titles: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    amount = book.add_format({"num_format": "#,##0.00"})
    sheet.set_column(0, len(titles) - 1, WIDTH)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, bold)
    for place, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(place, column, value)
            elif value is not None:
                form = amount if isinstance(value, float) else None
                sheet.write_number(place, column, value, form)
