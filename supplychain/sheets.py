"""Reading a sheet of products: xlsx, csv or jsonl, row by row, with the line each row stands on.

Nothing of the meaning of a column is known here. A file is measured before it is opened, so that
one that unpacks to gigabytes is refused while it is still small.
"""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError

MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_RATIO = 100
MAX_ZIP_ENTRIES = 1_000
CHUNK = 1024 * 1024
# What Excel writes in China when it is asked for CSV.
ENCODINGS = ("utf-8-sig", "gb18030")
FORMULA_MARKS = "=+-@\t\r"
# Marks the name of a column that nobody asked for.
PASSED_OVER = "#"


class FileTypeUnknown(DomainError):
    code = "file_type_unknown"
    text = _("“{name}” is neither an .xlsx, a .csv nor a .jsonl file.")


class FileUnreadable(DomainError):
    code = "file_unreadable"
    text = _("The file cannot be read: {reason}")


class FileTooLarge(DomainError):
    code = "file_too_large"
    text = _("A file may have {limit} bytes, packed or unpacked; this one has more.")


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
    opened = {".xlsx": _xlsx, ".csv": _csv, ".jsonl": _jsonl}.get(path.suffix.lower())
    if opened is None:
        raise FileTypeUnknown(name=path.name)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileTooLarge(limit=MAX_FILE_BYTES)
        sheet = opened(path, columns)
    except OSError as error:
        raise FileUnreadable(reason=error.strerror or type(error).__name__) from None
    if sheet.total > MAX_ROWS:
        raise TooManyRows(limit=MAX_ROWS)
    return sheet


# --- headings ---------------------------------------------------------------------------------------


def _headings(cells: Iterable[Any], columns: Columns) -> list[str]:
    """Return the column that each heading means; an empty one at the end of the row means none."""
    texts = [str(cell).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MAX_COLUMNS:
        raise FileUnreadable(reason=f"> {MAX_COLUMNS} columns")
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


def _row(line: int, headings: Sequence[str], cells: Sequence[Any]) -> Row:
    surplus = [cell for cell in cells[len(headings) :] if cell not in ("", None)]
    if surplus:
        return Row(line, {}, broken=f"> {len(headings)} columns")
    given = zip(headings, cells, strict=False)
    return Row(line, {name: cell for name, cell in given if not _is_empty(cell)})


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# --- xlsx -------------------------------------------------------------------------------------------


def _xlsx(path: Path, columns: Columns) -> Sheet:
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
    return Sheet(opened["total"] - line, _xlsx_rows(rows, _headings(cells, columns)))


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


def _xlsx_rows(rows: Iterator[tuple[int, list[Any]]], headings: Sequence[str]) -> Iterator[Row]:
    for line, cells in rows:
        row = _row(line, headings, cells)
        if row.cells or row.broken:
            yield row


def _is_blank(cells: Iterable[Any]) -> bool:
    return all(_is_empty(cell) for cell in cells)


def _refuse_bomb(path: Path) -> None:
    """Refuse what claims to unpack, or does unpack, to more than a sheet can sensibly be."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            packed = sum(entry.compress_size for entry in entries)
            _refuse_size(sum(entry.file_size for entry in entries), packed, len(entries))
            _refuse_size(sum(_unpacked(archive, entry) for entry in entries), packed, len(entries))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise FileUnreadable(reason=str(error)) from None


def _refuse_size(unpacked: int, packed: int, entries: int) -> None:
    if (
        unpacked > MAX_UNPACKED_BYTES
        or unpacked > max(packed, 1) * MAX_UNPACKED_RATIO
        or entries > MAX_ZIP_ENTRIES
    ):
        raise FileTooLarge(limit=MAX_UNPACKED_BYTES)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return how large an entry really is, whatever it claims; stops at the limit."""
    entry.file_size = sys.maxsize
    size = 0
    with archive.open(entry) as unpacking:
        while size <= MAX_UNPACKED_BYTES and (chunk := unpacking.read(CHUNK)):
            size += len(chunk)
    return size


# --- csv --------------------------------------------------------------------------------------------


def _csv(path: Path, columns: Columns) -> Sheet:
    encoding = _encoding(path)
    # Read through once before anything is loaded: a quote left open spoils all that follows.
    total = sum(1 for _ in _csv_rows(path, encoding)) - 1
    rows = _csv_rows(path, encoding)
    first = next(rows, None)
    if first is None:
        raise FileUnreadable(reason=str(_("There is nothing in it.")))
    headings = _headings(first[1], columns)
    return Sheet(total, _csv_named(rows, headings))


def _csv_named(rows: Iterator[tuple[int, list[str]]], headings: Sequence[str]) -> Iterator[Row]:
    for line, cells in rows:
        row = _row(line, headings, [_unescaped(cell) for cell in cells])
        if row.cells or row.broken:
            yield row


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


def _unescaped(cell: str) -> str:
    """Take away the mark by which exports keep spreadsheets from computing a text."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in FORMULA_MARKS else cell


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
    return Row(number, {name: cell for name, cell in cells.items() if not _is_empty(cell)})


def _no_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("key twice")
    return found
