"""A closed day as files: CSV for people, JSON for machines. No clock in either, so that they repeat.

The CSV is written in the language of the installation, with a mark by which spreadsheets know UTF-8;
its amounts are in yuan. The JSON is what the API answers, byte for byte.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import spreadsheets, times
from ledger import codes
from ledger.reading import Entry
from suppliers import periods


@dataclass(frozen=True, slots=True)
class Day:
    """A distributor's closed day: amounts in fen, what moved in the order in which it was posted."""

    number: str
    day: date
    opening_fen: int
    entries: Sequence[Entry]

    @property
    def credited_fen(self) -> int:
        return sum(entry.amount_fen for entry in self.entries if entry.amount_fen > 0)

    @property
    def debited_fen(self) -> int:
        return -sum(entry.amount_fen for entry in self.entries if entry.amount_fen < 0)

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.credited_fen - self.debited_fen


def as_json(day: Day) -> bytes:
    """Return the JSON of a day: `late` are transfers of a day that was closed before."""
    begins_at = periods.midnight(day.day)
    document = {
        "date": day.day.isoformat(),
        "distributor": day.number,
        "opening_fen": day.opening_fen,
        "credited_fen": day.credited_fen,
        "debited_fen": day.debited_fen,
        "closing_fen": day.closing_fen,
        "transfers": len(day.entries),
        "items": [_item(entry, begins_at) for entry in day.entries],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def as_csv(day: Day) -> bytes:
    """Return the CSV of a day: a heading, the opening, what moved, totals, the closing."""
    with translation.override(settings.LANGUAGE_CODE):
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(headings())
        writer.writerow(_sum_row(pgettext("statement", "opening"), "", day.opening_fen))
        names = {code: codes.shown(code) for code in {entry.code for entry in day.entries}}
        writer.writerows(_row(entry, names[entry.code]) for entry in day.entries)
        writer.writerow(_sum_row(_("paid in, in all"), yuan(day.credited_fen), None))
        writer.writerow(_sum_row(_("taken out, in all"), yuan(-day.debited_fen), None))
        writer.writerow(_sum_row(pgettext("statement", "closing"), "", day.closing_fen))
    return target.getvalue().encode("utf-8-sig")


def headings() -> list[str]:
    """Return the columns of the CSV."""
    return [
        pgettext("statement", "time"),
        pgettext("statement", "what"),
        _("amount (¥)"),
        _("deposit after it (¥)"),
        _("your order number"),
        _("order number"),
        _("line"),
        _("sku"),
        pgettext("statement", "quantity"),
        _("reference"),
        pgettext("statement", "note"),
    ]


def yuan(amount_fen: int) -> str:
    """Show fen as a spreadsheet reads yuan: `-1234.50`."""
    sign = "-" if amount_fen < 0 else ""
    whole, rest = divmod(abs(amount_fen), 100)
    return f"{sign}{whole}.{rest:02d}"


def _item(entry: Entry, begins_at: datetime) -> dict[str, Any]:
    return {
        "code": entry.code,
        "reference": entry.reference,
        "amount_fen": entry.amount_fen,
        "balance_fen": entry.balance_fen,
        "order_no": entry.order_no,
        "out_order_no": entry.out_order_no,
        "line_id": entry.line_id,
        "sku_no": entry.sku_no,
        "quantity": entry.quantity,
        "note": entry.note,
        "posted_at": times.rfc3339(entry.posted_at),
        "late": entry.posted_at < begins_at,
    }


def _row(entry: Entry, name: str) -> list[str | int]:
    posted_at = timezone.localtime(entry.posted_at, timezone.get_default_timezone())
    return [
        posted_at.strftime("%Y-%m-%d %H:%M:%S"),
        name,
        yuan(entry.amount_fen),
        yuan(entry.balance_fen),
        _safe(entry.out_order_no),
        entry.order_no,
        _safe(entry.line_id),
        _safe(entry.sku_no),
        "" if entry.quantity is None else entry.quantity,
        _safe(entry.reference),
        _safe(entry.note),
    ]


def _sum_row(name: str, amount: str, balance_fen: int | None) -> list[str]:
    balance = "" if balance_fen is None else yuan(balance_fen)
    return ["", name, amount, balance, *[""] * 7]


def _safe(text: str) -> str:
    """Keep a spreadsheet from computing what somebody else wrote."""
    return f"'{text}" if text.startswith(spreadsheets.FORMULA) else text
