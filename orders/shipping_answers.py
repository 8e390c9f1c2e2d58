"""What became of the rows of a shipping file, in words and as a workbook."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from orders import carriers, refusals
from orders.shipping_files import Answer
from orders.shipping_many import Outcome
from orders.shipping_rows import CARRIER, ORDER_NO, TRACKING_NO

TITLES = {
    ORDER_NO: gettext_lazy("Order number"),
    TRACKING_NO: gettext_lazy("Tracking number"),
    CARRIER: gettext_lazy("Carrier"),
}
OUTCOMES = {
    Outcome.READY: pgettext_lazy("row of parcels", "can be shipped"),
    Outcome.SHIPPED: pgettext_lazy("row of parcels", "shipped"),
    Outcome.KNOWN: pgettext_lazy("row of parcels", "shipped before"),
    Outcome.REFUSED: pgettext_lazy("row of parcels", "not shipped"),
}
WIDTHS = (6, 24, 24, 16, 8, 14, 60)
# What people wrote stays text, whatever it begins with.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as people read it; `why` says what keeps it from being shipped."""

    row: Answer
    carrier: str
    outcome: str | Promise
    why: Sequence[str]


def shown(answers: Sequence[Answer]) -> list[Shown]:
    """Return rows in the reader's language."""
    names = carriers.names()
    return [
        Shown(
            one,
            names.get(one.carrier_code, ""),
            OUTCOMES[one.outcome],
            refusals.said(one.causes),
        )
        for one in answers
    ]


def workbook(answers: Sequence[Answer]) -> bytes:
    """Return the rows with what became of each."""
    titles = [
        _("Line of the file"),
        *TITLES.values(),
        _("Pieces"),
        _("Result"),
        _("Why it is not shipped"),
    ]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E3F3F1"})
        sheet = book.add_worksheet(_("Parcels"))
        for column, (title, width) in enumerate(zip(titles, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, str(title), bold)
        for line, one in enumerate(shown(answers), 1):
            row = one.row
            sheet.write_number(line, 0, row.line)
            for column, text in enumerate((row.order_no, row.tracking_no, one.carrier), 1):
                sheet.write_string(line, column, text)
            sheet.write_number(line, 4, row.pieces)
            sheet.write_string(line, 5, str(one.outcome))
            sheet.write_string(line, 6, "；".join(one.why))
        sheet.freeze_panes(1, 0)
    return target.getvalue()
