"""What stands in a cell of a sheet, as a value: a text, a whole number, an amount, pairs.

Spreadsheets, CSV and JSON say the same in different ways; what a column is for is not known here.
"""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit import money
from kit.errors import DomainError

MAX_SHOWN = 60
# A spreadsheet keeps 15 digits of a number and makes the others up.
MAX_DIGITS = 15
SEPARATORS = re.compile("[;；\n]")
COLON = re.compile("[:：]")
YES = {"1", "yes", "true", "y", "是", "上架"}
NO = {"0", "no", "false", "n", "否", "下架"}


class CellInvalid(DomainError):
    code = "cell_invalid"
    text = _("“{value}” is not {wanted}.")


def text(cell: Any) -> str:
    """Return a cell as a text.

    :raises CellInvalid: it is none, or a number that a spreadsheet does not keep exactly.
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _digits(cell)
    raise _invalid(cell, _("a text"))


def whole_number(cell: Any) -> int:
    """Return a cell as a whole number of up to 12 digits.

    :raises CellInvalid: it is none.
    """
    said = text(cell)
    if not re.fullmatch(r"[0-9]{1,12}", said):
        raise _invalid(cell, _("a whole number"))
    return int(said)


def fen(cell: Any) -> int:
    """Return an amount in yuan as fen.

    :raises CellInvalid: it is none.
    """
    try:
        return money.fen(text(cell))
    except ValueError:
        raise _invalid(cell, _("an amount in yuan such as 12.50")) from None


def yes_or_no(cell: Any) -> bool:
    """Return whether a cell says yes.

    :raises CellInvalid: it says neither yes nor no.
    """
    said = text(cell).lower()
    if said not in YES | NO:
        raise _invalid(cell, _("yes or no"))
    return said in YES


def parts(cell: Any) -> list[str]:
    """Return what stands between semicolons, without what is empty.

    :raises CellInvalid: it is no text.
    """
    return [part.strip() for part in SEPARATORS.split(text(cell)) if part.strip()]


def pairs(cell: Any, *, wanted: Any) -> dict[str, str]:
    """Return names with their values, as in `材质:棉;季节:夏`, or an object.

    :raises CellInvalid: a part has no name, or a name comes twice; `wanted` says what it is not.
    """
    if isinstance(cell, dict):
        return {name.strip(): text(value) for name, value in cell.items()}
    found = [COLON.split(part, maxsplit=1) for part in parts(cell)]
    if any(len(pair) != 2 for pair in found) or len({pair[0] for pair in found}) != len(found):
        raise _invalid(cell, wanted)
    return {name.strip(): value.strip() for name, value in found}


def _digits(cell: float) -> str:
    """Return a number as a spreadsheet shows it, without the rounding errors it keeps."""
    if isinstance(cell, int):
        return str(cell)
    digits = f"{cell:.{MAX_DIGITS}g}"
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", digits) or abs(cell) >= 10**MAX_DIGITS:
        raise _invalid(cell, _("a number that a spreadsheet keeps exactly; write it as text"))
    return digits


def _invalid(cell: Any, wanted: Any) -> CellInvalid:
    return CellInvalid(value=str(cell)[:MAX_SHOWN], wanted=wanted)
