"""Bills as files: xlsx for reckoning with, PDF for filing. Both come to what the ledger says."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit import money, printing
from kit.errors import DomainError
from ledger import codes
from suppliers import balances
from suppliers.models import Bill, BillLine

MAX_PRINTED_LINES = 5_000
ROWS_AT_ONCE = 2_000
TIME = "%Y-%m-%d %H:%M"


class BillTooLongToPrint(DomainError):
    code = "bill_too_long_to_print"
    text = gettext_lazy("A bill of more than {limit} lines is not printed; download it as xlsx.")


def part_names() -> dict[str, str]:
    """Return what the parts of a bill are called."""
    return {
        balances.GOODS: _("Goods received"),
        balances.FREIGHT: _("Freight"),
        balances.DEDUCTIONS: _("After-sale deductions"),
        balances.MANUAL: _("Manual lines"),
        balances.OTHER: _("Other"),
    }


def xlsx(bill: Bill) -> bytes:
    """Return a bill as a workbook: its lines, one a row, and what they come to."""
    target = io.BytesIO()
    options = {
        "constant_memory": True,
        # What people wrote stays text, whatever it begins with.
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        _write_summary(book, bill)
        _write_lines(book, bill)
    return target.getvalue()


def pdf(bill: Bill) -> bytes:
    """Return a bill as PDF.

    :raises BillTooLongToPrint: it has more lines than anybody reads on paper.
    """
    if bill.lines.count() > MAX_PRINTED_LINES:
        raise BillTooLongToPrint(limit=MAX_PRINTED_LINES)
    return printing.pdf(
        printing.Document(
            title=_("Bill {bill_no}").format(bill_no=bill.bill_no),
            facts=_facts(bill),
            columns=(
                printing.Column(_("Posted at"), 18),
                printing.Column(_("What it is"), 16),
                printing.Column(_("Order number"), 22),
                printing.Column(_("Sku or note"), 20),
                printing.Column(_("Pieces"), 8, is_figure=True),
                printing.Column(_("Unit price"), 12, is_figure=True),
                printing.Column(_("Amount"), 14, is_figure=True),
            ),
            rows=(_printed(line) for line in _lines(bill)),
            totals=[(label, money.yuan(fen)) for label, fen in _totals(bill)],
            foot=f"{bill.supplier} · {bill.bill_no}",
        )
    )


def _facts(bill: Bill) -> list[tuple[str, str]]:
    facts = [
        (_("Supplier"), str(bill.supplier)),
        (_("Period"), f"{bill.period_from} – {bill.period_to}"),
        (_("State"), str(bill.get_state_display())),
        (_("Issued at"), _moment(bill.issued_at)),
    ]
    if bill.paid_on is not None:
        facts.append((_("Paid on"), str(bill.paid_on)))
        facts.append((_("Bank reference"), bill.bank_reference))
    return facts


def _totals(bill: Bill) -> list[tuple[str, int]]:
    names = part_names()
    found = [(names[part], fen) for part, fen in balances.parts(bill).items()]
    found.append((_("Lines together"), bill.lines_fen))
    if bill.carried_fen:
        found.append((_("Carried over from negative bills"), bill.carried_fen))
    return [*found, (_("Total"), bill.total_fen)]


def _write_summary(book: xlsxwriter.Workbook, bill: Bill) -> None:
    sheet = book.add_worksheet(_("Summary"))
    bold = book.add_format({"bold": True})
    amount = book.add_format({"num_format": "#,##0.00"})
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 40)
    sheet.write_string(0, 0, _("Bill {bill_no}").format(bill_no=bill.bill_no), bold)
    place = 1
    for label, text in _facts(bill):
        sheet.write_string(place, 0, label)
        sheet.write_string(place, 1, text)
        place += 1
    for label, fen in _totals(bill):
        place += 1
        sheet.write_string(place, 0, _("{label} (¥)").format(label=label))
        sheet.write_number(place, 1, _yuan(fen), amount)


def _write_lines(book: xlsxwriter.Workbook, bill: Bill) -> None:
    sheet = book.add_worksheet(_("Lines"))
    bold = book.add_format({"bold": True})
    amount = book.add_format({"num_format": "#,##0.00"})
    titles = [
        (_("Posted at"), 17),
        (_("What it is"), 22),
        (_("Order number"), 26),
        (_("Line"), 10),
        (_("Sku number"), 24),
        (_("Pieces"), 8),
        (_("Unit price (¥)"), 12),
        (_("Amount (¥)"), 14),
        (_("Case"), 24),
        (_("Reason of a manual line"), 40),
        (_("Your doubt"), 30),
        (_("The platform's answer"), 30),
    ]
    for column, (title, width) in enumerate(titles):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    for row, line in enumerate(_lines(bill), 1):
        for column, value in enumerate(_shown(line)):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write_number(row, column, value, amount if column in (6, 7) else None)


def _shown(line: BillLine) -> Sequence[str | float | None]:
    transfer = line.transfer
    return (
        _moment(transfer.posted_at),
        codes.shown(transfer.code),
        transfer.order_no,
        transfer.line_id,
        transfer.sku_no,
        transfer.quantity,
        None if transfer.unit_fen is None else _yuan(transfer.unit_fen),
        _yuan(line.amount_fen),
        transfer.case_no,
        reason_of(line),
        line.dispute_note,
        line.answer,
    )


def _printed(line: BillLine) -> Sequence[str]:
    transfer = line.transfer
    return (
        _moment(transfer.posted_at),
        codes.shown(transfer.code),
        transfer.order_no,
        transfer.sku_no or reason_of(line) or transfer.case_no,
        "" if transfer.quantity is None else str(transfer.quantity),
        "" if transfer.unit_fen is None else money.yuan(transfer.unit_fen),
        money.yuan(line.amount_fen),
    )


def reason_of(line: BillLine) -> str:
    """Return why a manual line is there; other transfers' notes are not for the supplier."""
    return line.transfer.note if line.transfer.code == "bill_adjustment" else ""


def _lines(bill: Bill) -> Iterator[BillLine]:
    rows = bill.lines.select_related("transfer").order_by("pk")
    yield from rows.iterator(chunk_size=ROWS_AT_ONCE)


def _yuan(fen: int) -> float:
    """Return an amount as a spreadsheet keeps it: nothing is reckoned with it here."""
    return fen / 100


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime(TIME) if at is not None else ""
