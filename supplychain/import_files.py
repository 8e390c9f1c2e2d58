"""Files of goods, as their owners deal with them: taken in, corrected, looked over, loaded or cancelled.

Reading, checking and loading are jobs (`import_jobs`). What is loaded again changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from suppliers.models import Supplier
from supplychain import goods_items, import_rows, import_steps, import_uploads, sheets
from supplychain.models import GoodsFile, GoodsFileState, GoodsRow, RowOutcome
from supplychain.models.imports import OPEN

# Of one owner, not yet done or cancelled.
MAX_OPEN = 20
MAX_NAME = 120
MAX_CORRECTED_AT_ONCE = 1_000
MAX_CELL = 2_000


class TooManyFiles(DomainError):
    code = "too_many_files"
    text = _("{limit} files are not done yet; load or cancel some of them first.")


class NothingToLoad(DomainError):
    code = "nothing_to_load"
    text = _("No row of this file can be loaded. Correct it and upload it again.")


class CellTooLong(DomainError):
    code = "cell_too_long"
    text = _("A cell may have {limit} characters.")


def take_in(
    *,
    supplier: Supplier | None,
    sheet: "File[bytes]",
    archive: "File[bytes] | None" = None,
    actor: Actor,
    at: datetime,
) -> GoodsFile:
    """Keep a sheet of an owner's goods (None: the platform's) to be read, and pictures for it.

    :raises TooManyFiles: too many of the owner's are not done yet.
    :raises DomainError: it cannot be read as a whole; see `sheets.refuse_at_first_sight` and
        `albums.refuse_archive`.
    """
    if GoodsFile.objects.of(supplier).filter(state__in=OPEN).count() >= MAX_OPEN:
        raise TooManyFiles(limit=MAX_OPEN)
    kind = PurePath(sheet.name or "").suffix.lower()[:8]
    with import_uploads.written(sheet, kind) as path:
        sheets.refuse_at_first_sight(path)
        if archive is not None:
            import_uploads.refuse_archive(archive)
        import_no = numbers.day_prefix("G", at) + numbers.unguessable(12)
        kept: list[str] = []
        try:
            with path.open("rb") as file:
                kept.append(import_uploads.keep(import_no, kind, File(file)))
            if archive is not None:
                kept.append(import_uploads.keep(import_no, ".zip", archive))
            return _note(supplier, import_no, sheet, archive, kept, actor, at)
        except BaseException:
            import_uploads.throw_away(kept)
            raise


@transaction.atomic(durable=True)
def say_columns(
    *, supplier: Supplier | None, import_no: str, columns: Sequence[str], at: datetime
) -> None:
    """Say what the columns of a file hold, and have it checked.

    :raises NotFound: the owner has no such file.
    :raises WrongState: it is not waiting for that.
    :raises ColumnMissing: a column that must be there is not.
    :raises ColumnRepeated: two columns of one meaning.
    """
    file = _lock(supplier, import_no)
    _refuse_unless(file, GoodsFileState.MAPPING, GoodsFileState.CHECKED)
    import_rows.refuse_columns(columns, len(file.headings))
    file.columns = list(columns)
    import_steps.begin_checking(file, at=at)


@transaction.atomic(durable=True)
def check_again(*, supplier: Supplier | None, import_no: str, at: datetime) -> None:
    """Have a file checked anew: the goods may have changed since.

    :raises NotFound: the owner has no such file.
    :raises WrongState: it is not waiting for that.
    """
    file = _lock(supplier, import_no)
    _refuse_unless(file, GoodsFileState.CHECKED)
    import_steps.begin_checking(file, at=at)


def correct(
    *,
    supplier: Supplier | None,
    import_no: str,
    line: int,
    column: str,
    value: str,
    at: datetime,
) -> list[GoodsRow]:
    """Write something else into a cell, and check what that concerns; return the rows of it.

    :raises NotFound: the owner has no such file, the file no such line, or no such column.
    :raises WrongState: it is not waiting for that.
    :raises CellTooLong: over the limit.
    """
    if len(value) > MAX_CELL:
        raise CellTooLong(limit=MAX_CELL)
    file, rows = _write_cell(supplier, import_no, line, column, value)
    read = [import_rows.read(row, file.columns) for row in rows]
    items = list(goods_items.items(read, import_rows.seen_beside(file, read)))
    with import_uploads.album_of(file, at, dry_run=True) as album:
        import_steps.rehearse(file, items, album=album, at=at)
    with transaction.atomic(durable=True):
        file = _lock(supplier, import_no)
        if file.state == GoodsFileState.CHECKED:
            import_rows.write(import_rows.answers(file, rows, items))
            file.counts = import_steps.counted(file)
            file.save()
    return list(file.rows.filter(pk__in=[row.pk for row in rows]).order_by("line"))


@transaction.atomic(durable=True)
def confirm(*, supplier: Supplier | None, import_no: str, actor: Actor, at: datetime) -> GoodsFile:
    """Have the good rows of a file loaded.

    :raises NotFound: the owner has no such file.
    :raises WrongState: it is not checked, or that was done before.
    :raises NothingToLoad: it has no good row.
    """
    file = _lock(supplier, import_no)
    _refuse_unless(file, GoodsFileState.CHECKED)
    refused = file.counts.get(RowOutcome.REFUSED, 0)
    if refused >= file.row_count:
        raise NothingToLoad
    file.begin_loading()
    file.confirmed_by, file.confirmed_at = str(actor), at
    file.line, file.rows_done = 0, refused
    file.counts = {RowOutcome.REFUSED: refused} if refused else {}
    file.claimed_until, file.attempts = at, 0
    file.save()
    return file


@transaction.atomic(durable=True)
def cancel(*, supplier: Supplier | None, import_no: str, at: datetime) -> None:
    """Load nothing more of a file; what is loaded stays.

    :raises NotFound: the owner has no such file.
    :raises WrongState: it has come to its end.
    """
    file = _lock(supplier, import_no)
    _refuse_unless(file, *OPEN)
    file.cancel()
    import_steps.end(file, at=at)


def find(*, supplier: Supplier | None, import_no: str) -> GoodsFile:
    """Return a file of an owner.

    :raises NotFound: it has none of this number.
    """
    file = GoodsFile.objects.of(supplier).filter(import_no=import_no).first()
    if file is None:
        raise NotFound
    return file


def _note(
    supplier: Supplier | None,
    import_no: str,
    sheet: "File[bytes]",
    archive: "File[bytes] | None",
    kept: Sequence[str],
    actor: Actor,
    at: datetime,
) -> GoodsFile:
    """Write down what was taken in, and where it lies."""
    return GoodsFile.objects.create(
        import_no=import_no,
        supplier=supplier,
        name=(sheet.name or "")[:MAX_NAME],
        sheet=kept[0],
        pictures=kept[1] if archive is not None else "",
        pictures_name=(archive.name or "")[:MAX_NAME] if archive is not None else "",
        uploaded_by=str(actor),
        uploaded_at=at,
        claimed_until=at,
    )


@transaction.atomic(durable=True)
def _write_cell(
    supplier: Supplier | None, import_no: str, line: int, column: str, value: str
) -> tuple[GoodsFile, list[GoodsRow]]:
    """Write into a cell; return the rows that may stand in another light now."""
    file = _lock(supplier, import_no)
    _refuse_unless(file, GoodsFileState.CHECKED)
    row = file.rows.filter(line=line, broken="").first()
    if row is None or not column or column not in file.columns:
        raise NotFound
    old = import_rows.read(row, file.columns)
    cells = [*row.cells, *[""] * (len(file.columns) - len(row.cells))]
    cells[file.columns.index(column)] = value
    row.cells = cells
    new = import_rows.read(row, file.columns)
    row.item_no, row.sku_no = import_rows.numbers_of(new)
    row.save()
    item_nos = {goods_items.text_of(one, "item_no") for one in (old, new)} - {""}
    sku_nos = {goods_items.text_of(one, "sku_no") for one in (old, new)} - {""}
    alike = file.rows.filter(Q(sku_no__in=sku_nos)).values("item_no")
    related = file.rows.filter(
        Q(pk=row.pk) | Q(item_no__in=item_nos) | Q(item_no__in=alike) & ~Q(item_no="")
    )
    return file, list(related.order_by("line")[:MAX_CORRECTED_AT_ONCE])


def _lock(supplier: Supplier | None, import_no: str) -> GoodsFile:
    file = GoodsFile.objects.of(supplier).filter(import_no=import_no).locked().first()
    if file is None:
        raise NotFound
    # Named by its own row: no need to read it again.
    file.supplier = supplier
    return file


def _refuse_unless(file: GoodsFile, *wanted: GoodsFileState) -> None:
    if file.state not in wanted:
        raise WrongState(state=file.get_state_display())
