"""Reading the cells of sheets that others keep: amounts in yuan, days, numbers and words.

Spreadsheets write the same amount in many ways (`¥1,234.50`, `-12`, `(12.00)`); what cannot be read
for certain is refused, never guessed.
"""

import re
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit import money
from kit.errors import DomainError

# A number in a spreadsheet keeps so many digits exactly.
MAX_DIGITS = 15
MAX_SHOWN = 40
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")


class CellUnreadable(DomainError):
    code = "cell_unreadable"
    text = _("Line {line}: “{value}” is not {wanted}.")


class CellMissing(DomainError):
    code = "cell_missing"
    text = _("Line {line}: there is no {column}.")


def words(cell: Any, *, line: int) -> str:
    """Return a text on one line; a number as a spreadsheet shows it."""
    if isinstance(cell, list):
        cell = cell[0]
    if isinstance(cell, float):
        if not cell.is_integer() or abs(cell) >= 10**MAX_DIGITS:
            raise _unreadable(cell, line, _("a number that a spreadsheet keeps; write it as text"))
        cell = int(cell)
    return " ".join(str(cell).split())


def fen(cell: Any, *, line: int) -> int:
    """Return an amount in yuan, which may be negative, in fen."""
    if isinstance(cell, float):
        cell = f"{cell:.{MAX_DIGITS}g}"
    text = re.sub(r"[¥￥,，\s]|元$|^CNY|^RMB", "", str(cell))
    is_negative = text[:1] in ("-", "−", "－", "(", "（")
    text = text.strip("()（）").lstrip("+-−－")
    try:
        amount_fen = money.fen(text)
    except ValueError:
        raise _unreadable(cell, line, _("an amount in yuan such as -12.50")) from None
    return -amount_fen if is_negative else amount_fen


def whole_fen(cell: Any, *, line: int) -> int:
    """Return an amount that is given in fen."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if not re.fullmatch(r"-?[0-9]{1,14}", text):
        raise _unreadable(cell, line, _("a whole number of fen"))
    return int(text)


def day(cell: Any, *, line: int) -> date:
    """Return a day; a time behind it is left aside."""
    text = _TIME.sub("", words(cell, line=line))
    for form in DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise _unreadable(text, line, _("a day such as 2026-11-21"))


def _unreadable(cell: Any, line: int, wanted: Any) -> CellUnreadable:
    return CellUnreadable(line=line, value=str(cell)[:MAX_SHOWN], wanted=wanted)
