"""Reading a sheet of products: xlsx, csv or jsonl, row by row, with the line each row stands on.

Nothing of the meaning of a column is known here. A file is measured before it is opened, so that
one that unpacks to gigabytes is refused while it is still small.
"""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit import spreadsheets
from kit.errors import DomainError
from supplychain import archives
from supplychain.archives import FileTooLarge as FileTooLarge
from supplychain.archives import FileUnreadable as FileUnreadable

MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
WORKBOOK = archives.Limits(unpacked_bytes=MAX_UNPACKED_BYTES, ratio=100, entries=1_000)
CHUNK = 1024 * 1024
# What Excel writes in China when it is asked for CSV.
ENCODINGS = ("utf-8-sig", "gb18030")
# Marks the name of a column that nobody asked for.
PASSED_OVER = "#"


class FileTypeUnknown(DomainError):
    code = "file_type_unknown"
    text = _("“{name}” is neither an .xlsx, a .csv nor a .jsonl file.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    text = _("A file may have {limit} rows; this one has more. Split it.")


class ColumnUnknown(DomainError):
    code = "column_unknown"
    text = _("“{column}” is no column that we know; there are: {known}.")


class ColumnMissing(DomainError):
    code = "column_missing"
    text = _("The column “{column}” is missing.")


class ColumnRepeated(DomainError):
    code = "column_repeated"
    text = _("The column “{column}” comes twice.")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column; empty ones are left out. `line` counts from 1, as editors do."""

    line: int
    cells: dict[str, Any]
    # What keeps the row from being read at all.
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was opened: how many rows it has, and the rows to be read once."""

    total: int
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands in a file, its cells in their order; `broken`: it cannot be read."""

    number: int
    cells: list[Any]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was opened without a thought of what its columns mean; lines are read once.

    `total` counts the lines below the headings, empty ones too.
    """

    total: int
    headings: list[str]
    lines: Iterator[Line]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a sheet may have: every heading that is understood, and the column it means."""

    names: dict[str, str]
    # Each of these must be there, in one of its forms.
    required: Sequence[Sequence[str]]
    # Whether columns of other headings are passed over, rather than refused.
    ignores_others: bool = False


def open_sheet(path: Path, columns: Columns) -> Sheet:
    """Open a file of up to 50,000 rows under a row of headings; jsonl has its headings as keys.

    :raises FileTypeUnknown: none of the three.
    :raises FileUnreadable: it is not there, or not what its name says.
    :raises FileTooLarge: too many bytes, as it is or unpacked.
    :raises TooManyRows: too many rows.
    :raises ColumnUnknown: a heading that means nothing to us.
    :raises ColumnMissing: a column that must be there is not.
    :raises ColumnRepeated: two headings of one meaning.
    """
    sheet = _jsonl(path, columns) if _kind(path) == ".jsonl" else _sheet(path, columns)
    if sheet.total > MAX_ROWS:
        raise TooManyRows(limit=MAX_ROWS)
    return sheet


def open_table(path: Path) -> Table:
    """Open an .xlsx or .csv file of up to 50,000 rows under a row of headings.

    :raises FileTypeUnknown: none of the two.
    :raises FileUnreadable: it is not there, not what its name says, or there is nothing in it.
    :raises FileTooLarge: too many bytes, as it is or unpacked.
    :raises TooManyRows: too many rows.
    """
    table = _table(path)
    if table.total > MAX_ROWS:
        raise TooManyRows(limit=MAX_ROWS)
    return table


def refuse_at_first_sight(path: Path) -> None:
    """Refuse a file that `open_table` would refuse without reading any row of it.

    :raises FileTypeUnknown: neither .xlsx nor .csv.
    :raises FileUnreadable: it is not there, or not what its name says.
    :raises FileTooLarge: too many bytes, as it is or unpacked.
    """
    if _kind(path) not in TABLES:
        raise FileTypeUnknown(name=path.name)
    if _kind(path) == ".xlsx":
        _refuse_bomb(path)


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in (*TABLES, ".jsonl"):
        raise FileTypeUnknown(name=path.name)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileTooLarge(limit=MAX_FILE_BYTES)
    except OSError as error:
        raise FileUnreadable(reason=error.strerror or type(error).__name__) from None
    return kind


def _sheet(path: Path, columns: Columns) -> Sheet:
    table = _table(path)
    return Sheet(table.total, _named(table.lines, _headings(table.headings, columns)))


def _table(path: Path) -> Table:
    opened = TABLES.get(_kind(path))
    if opened is None:
        raise FileTypeUnknown(name=path.name)
    try:
        return opened(path)
    except OSError as error:
        raise FileUnreadable(reason=error.strerror or type(error).__name__) from None


def _named(lines: Iterator[Line], headings: Sequence[str]) -> Iterator[Row]:
    for line in lines:
        given = zip(headings, line.cells, strict=False)
        cells = {} if line.broken else {name: cell for name, cell in given if not is_empty(cell)}
        if cells or line.broken:
            yield Row(line.number, cells, line.broken)


# --- headings ---------------------------------------------------------------------------------------


def _headings(texts: Iterable[str], columns: Columns) -> list[str]:
    """Return the column that each heading means."""
    found: list[str] = []
    for text in texts:
        name = _meant(text, columns)
        if name in found and not name.startswith(PASSED_OVER):
            raise ColumnRepeated(pointer=name, column=text)
        found.append(name)
    for forms in columns.required:
        if not set(forms) & set(found):
            raise ColumnMissing(pointer=forms[0], column=forms[0])
    return found


def _meant(text: str, columns: Columns) -> str:
    name = columns.names.get(text) or columns.names.get(text.lower())
    if name is None and columns.ignores_others:
        return PASSED_OVER + text
    if name is None:
        known = ", ".join(dict.fromkeys(columns.names.values()))
        raise ColumnUnknown(pointer=text, column=text, known=known)
    return name


def _texts(cells: Iterable[Any]) -> list[str]:
    """Return the headings; empty ones at the end of the row are none."""
    texts = [str(cell).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MAX_COLUMNS:
        raise FileUnreadable(reason=f"> {MAX_COLUMNS} columns")
    return texts


def _line(number: int, cells: Sequence[Any], width: int) -> Line:
    if any(not is_empty(cell) for cell in cells[width:]):
        return Line(number, [], broken=f"> {width} columns")
    return Line(number, list(cells[:width]))


def is_empty(cell: Any) -> bool:
    """Tell whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


# --- xlsx -------------------------------------------------------------------------------------------


def _xlsx(path: Path) -> Table:
    _refuse_bomb(path)
    unpacked = _unpack(path)
    opened: dict[str, Any] = next(unpacked, {"reason": _("It takes too much memory or time.")})
    if "reason" in opened:
        raise FileUnreadable(reason=str(opened["reason"]))
    rows = enumerate(unpacked, 1)
    # Lines as Excel numbers them: empty rows above the headings count.
    line, cells = next(((n, cells) for n, cells in rows if not _is_blank(cells)), (0, []))
    if not line:
        raise FileUnreadable(reason=str(_("There is nothing in it.")))
    headings = _texts(cells)
    lines = (_line(number, cells, len(headings)) for number, cells in rows if not _is_blank(cells))
    return Table(opened["total"] - line, headings, lines)


def _unpack(path: Path) -> Iterator[Any]:
    """Yield the lines that `unpacking` prints of a workbook; none where that was stopped."""
    program = Path(__file__).with_name("unpacking.py")
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", str(program), str(path.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        finally:
            process.kill()


def _is_blank(cells: Iterable[Any]) -> bool:
    return all(is_empty(cell) for cell in cells)


def _refuse_bomb(path: Path) -> None:
    """Refuse what claims to unpack, or does unpack, to more than a sheet can sensibly be."""
    with path.open("rb") as file, archives.opened(file, WORKBOOK) as archive:
        archives.refuse_real_size(archive, WORKBOOK)


# --- csv --------------------------------------------------------------------------------------------


def _csv(path: Path) -> Table:
    encoding = _encoding(path)
    # Read through once before anything is loaded: a quote left open spoils all that follows.
    total = sum(1 for _ in _csv_rows(path, encoding)) - 1
    rows = _csv_rows(path, encoding)
    first = next(rows, None)
    if first is None:
        raise FileUnreadable(reason=str(_("There is nothing in it.")))
    headings = _texts(first[1])
    lines = (
        _line(number, [spreadsheets.plain(cell) for cell in cells], len(headings))
        for number, cells in rows
        if not _is_blank(cells)
    )
    return Table(total, headings, lines)


def _csv_rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it begins on."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise FileUnreadable(reason=f"{line}: {error}") from None


def _encoding(path: Path) -> str:
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(CHUNK):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileUnreadable(reason=", ".join(ENCODINGS))


TABLES: Mapping[str, Callable[[Path], Table]] = {".xlsx": _xlsx, ".csv": _csv}


# --- jsonl ------------------------------------------------------------------------------------------


def _jsonl(path: Path, columns: Columns) -> Sheet:
    with path.open("rb") as file:
        total = sum(1 for line in file if line.strip())
    return Sheet(total, _jsonl_rows(path, columns))


def _jsonl_rows(path: Path, columns: Columns) -> Iterator[Row]:
    with closing(path.open("rb")) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _jsonl_row(number, line, columns)


def _jsonl_row(number: int, line: bytes, columns: Columns) -> Row:
    try:
        value = json.load(io.BytesIO(line), object_pairs_hook=_no_repetition)
        if not isinstance(value, dict):
            raise TypeError("no object")
        cells = {_meant(key, columns): cell for key, cell in value.items()}
        if len(cells) != len(value):
            raise ValueError("key twice")
    except DomainError as refusal:
        return Row(number, {}, broken=str(refusal))
    except (ValueError, TypeError, RecursionError) as error:
        return Row(number, {}, broken=str(error))
    return Row(number, {name: cell for name, cell in cells.items() if not is_empty(cell)})


def _no_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("key twice")
    return found
