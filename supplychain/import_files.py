"""Files of goods: taken in, read, checked without a trace, then loaded by the act of `loading`.

Rows are the queue. Jobs take a file for some thousand rows, answer a few hundred in each transaction,
and write in the same one how far they came: whoever takes over goes on behind it, and no row is
answered twice. What is loaded again changes nothing.
"""

import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path, PurePath
from typing import IO, cast

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit import bulk, numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from suppliers.models import Supplier, SupplierState
from supplychain import albums, archives, import_rows, loading, sheet_rows, sheets
from supplychain.albums import Album
from supplychain.import_rows import Answer
from supplychain.models import GoodsFile, GoodsFileState, GoodsRow, RowOutcome
from supplychain.models.imports import OPEN, UNDER_WAY
from supplychain.sheet_rows import Item
from supplychain.sheets import FileTooLarge

logger = logging.getLogger(__name__)

STORAGE = "private"
FOLDER = "imports"
# Together less than deploy/Caddyfile lets in.
MAX_SHEET_BYTES = 15 * 1024 * 1024
MAX_ARCHIVE_BYTES = 40 * 1024 * 1024
# Of one owner, not yet done or cancelled.
MAX_OPEN = 20
MAX_NAME = 120
ROWS_READ_AT_ONCE = 1_000
# After so many rounds a job lets others' files go first.
ROUNDS_A_TURN = 10
CLAIM = timedelta(minutes=2)
MAX_ATTEMPTS = 3
# Earlier files whose columns are remembered.
REMEMBERED = 20
MAX_CORRECTED_AT_ONCE = 1_000
MAX_CELL = 2_000
KEPT_DAYS = 30
FORGOTTEN_AT_ONCE = 20


class TooManyFiles(DomainError):
    code = "too_many_files"
    text = _("{limit} files are not done yet; load or cancel some of them first.")


class NothingToLoad(DomainError):
    code = "nothing_to_load"
    text = _("No row of this file can be loaded. Correct it and upload it again.")


class ImportGivenUp(DomainError):
    code = "import_given_up"
    text = _("It was tried {attempts} times and came to nothing. Upload the file again.")


class CellTooLong(DomainError):
    code = "cell_too_long"
    text = _("A cell may have {limit} characters.")


class ClaimLost(Exception):
    """Another worker has taken over, or the file was cancelled."""


# --- what people do ---------------------------------------------------------------------------------


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
    with _written(sheet, kind) as path:
        sheets.refuse_at_first_sight(path)
        if archive is not None:
            _refuse_archive(archive)
        import_no = numbers.day_prefix("G", at) + numbers.unguessable(12)
        kept: list[str] = []
        try:
            with path.open("rb") as file:
                kept.append(_keep(import_no, kind, File(file)))
            if archive is not None:
                kept.append(_keep(import_no, ".zip", archive))
            return _note(supplier, import_no, sheet, archive, kept, actor, at)
        except BaseException:
            _throw_away(kept)
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
    _begin_checking(file, at)


@transaction.atomic(durable=True)
def check_again(*, supplier: Supplier | None, import_no: str, at: datetime) -> None:
    """Have a file checked anew: the goods may have changed since.

    :raises NotFound: the owner has no such file.
    :raises WrongState: it is not waiting for that.
    """
    file = _lock(supplier, import_no)
    _refuse_unless(file, GoodsFileState.CHECKED)
    _begin_checking(file, at)


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
    items = list(sheet_rows.items(read, import_rows.seen_beside(file, read)))
    with _album(file, at, dry_run=True) as album:
        _rehearse(file, album, items, at)
    with transaction.atomic(durable=True):
        file = _lock(supplier, import_no)
        if file.state == GoodsFileState.CHECKED:
            import_rows.write(import_rows.answers(file, rows, items))
            file.counts = _counted(file)
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
    _end(file, at)


def find(*, supplier: Supplier | None, import_no: str) -> GoodsFile:
    """Return a file of an owner.

    :raises NotFound: it has none of this number.
    """
    file = GoodsFile.objects.of(supplier).filter(import_no=import_no).first()
    if file is None:
        raise NotFound
    return file


# --- what jobs do -----------------------------------------------------------------------------------


def work(*, at: datetime) -> int:
    """Read, check or load a part of the file whose turn it is; return how many rows that were.

    Nothing to do is -1. Run by a timer, as often and by as many as you like.
    """
    file = _claim(at)
    if file is None:
        return -1
    try:
        if file.state == GoodsFileState.READING:
            return _read(file, at)
        return _judge(file, at) if file.is_under_way else 0
    except ClaimLost:
        logger.warning("the file of goods %s is no longer this worker's", file)
    except DomainError as refusal:
        _fail(file, refusal, at)
    return 0


def forget(*, at: datetime) -> int:
    """Delete files that are too old to be looked up, but none that a job is at; return how many."""
    before = at - timedelta(days=KEPT_DAYS)
    count = 0
    while True:
        old = GoodsFile.objects.filter(uploaded_at__lt=before).exclude(state__in=UNDER_WAY)
        files = list(old.order_by("pk")[:FORGOTTEN_AT_ONCE])
        if not files:
            return count
        _delete(files)
        count += len(files)


@transaction.atomic(durable=True)
def _claim(at: datetime) -> GoodsFile | None:
    """Take the file that was taken least often; one that comes to nothing is given up."""
    due = GoodsFile.objects.filter(state__in=UNDER_WAY, claimed_until__lte=at)
    locked = due.order_by("turn", "pk").select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    file = locked.select_related("supplier__company").first()
    if file is None:
        return None
    if file.attempts >= MAX_ATTEMPTS:
        logger.error("the file of goods %s was tried %s times and is given up", file, file.attempts)
        file.fail()
        file.failure = import_rows.in_every_language(ImportGivenUp(attempts=file.attempts))
        _end(file, at)
        return file
    file.turn += 1
    file.attempts += 1
    file.claimed_until = at + CLAIM
    file.save()
    return file


def _read(file: GoodsFile, at: datetime) -> int:
    """Read the whole sheet into rows; begun anew by whoever takes over."""
    kind = PurePath(file.sheet).suffix
    with storages[STORAGE].open(file.sheet) as stored, _written(stored, kind) as path:
        table = sheets.open_table(path)
        _begin_reading(file, table)
        count = 0
        while chunk := list(islice(table.lines, ROWS_READ_AT_ONCE)):
            count += len(chunk)
            _keep_lines(file, chunk, count)
    _end_reading(file, count, at)
    return count


@transaction.atomic(durable=True)
def _begin_reading(claimed: GoodsFile, table: sheets.Table) -> None:
    file = _still_mine(claimed)
    file.rows.all().delete()
    file.headings, file.row_count, file.rows_done = table.headings, max(table.total, 0), 0
    file.save()


@transaction.atomic(durable=True)
def _keep_lines(claimed: GoodsFile, lines: Sequence[sheets.Line], count: int) -> None:
    file = _still_mine(claimed)
    import_rows.insert(file, lines)
    file.rows_done = count
    _keep_claim(file)


@transaction.atomic(durable=True)
def _end_reading(claimed: GoodsFile, count: int, at: datetime) -> None:
    file = _still_mine(claimed)
    if not count:
        raise sheets.FileUnreadable(reason=str(_("There is nothing in it.")))
    file.row_count = count
    file.columns = import_rows.guess(file.headings, _remembered(file))
    _throw_away([file.sheet])
    file.sheet = ""
    if import_rows.are_clear(file.columns):
        _begin_checking(file, at)
    else:
        file.ask_for_columns()
        file.claimed_until = None
        file.save()


def _judge(file: GoodsFile, at: datetime) -> int:
    """Check or load the next rows, some at a time, until the turn is over."""
    _refuse_inactive(file.supplier)
    is_checking = file.state == GoodsFileState.CHECKING
    seen = import_rows.seen_before(file)
    count = 0
    with _album(file, at, dry_run=is_checking) as album:
        for _round in range(ROUNDS_A_TURN):
            rows = import_rows.following(file)
            if not rows:
                _finish(file, at)
                return count
            items = list(
                sheet_rows.items([import_rows.read(row, file.columns) for row in rows], seen)
            )
            album.uids.clear()
            album.hang(items)
            if is_checking:
                _rehearse(file, album, items, at)
            file = _take(file, album, rows, items, at)
            count += len(rows)
    _let_go(file, at)
    return count


def _rehearse(file: GoodsFile, album: Album, items: Sequence[Item], at: datetime) -> None:
    """Find out what would become of items, without a trace."""
    loading.load_batch(_load_of(file, album, file.uploaded_by, at), items)


@transaction.atomic(durable=True)
def _take(
    claimed: GoodsFile,
    album: Album,
    rows: Sequence[GoodsRow],
    items: Sequence[Item],
    at: datetime,
) -> GoodsFile:
    """Load items unless they are only checked, and write down what came of each row."""
    file = _still_mine(claimed)
    if file.state == GoodsFileState.LOADING:
        loading.load_within(_load_of(file, album, file.confirmed_by, at), items)
    found = import_rows.answers(file, rows, items)
    import_rows.write(found)
    file.counts = _added(file.counts, found)
    file.rows_done += len(rows)
    file.line = rows[-1].line
    file.attempts = 0
    _keep_claim(file)
    file.supplier = claimed.supplier
    return file


def _load_of(file: GoodsFile, album: Album, actor: str, at: datetime) -> loading.Load:
    kind, _colon, name = actor.partition(":")
    return loading.Load(
        file.supplier, Actor(kind, name), at, album, dry_run=album.dry_run, by_hand=True
    )


@transaction.atomic(durable=True)
def _finish(claimed: GoodsFile, at: datetime) -> None:
    file = _still_mine(claimed)
    file.counts = _counted(file)
    file.rows_done = file.row_count
    if file.state == GoodsFileState.CHECKING:
        file.finish_checking()
        file.claimed_until = None
        file.save()
    else:
        file.finish()
        _end(file, at)


@transaction.atomic(durable=True)
def _let_go(claimed: GoodsFile, at: datetime) -> None:
    file = _still_mine(claimed)
    file.claimed_until = at
    file.save()


@transaction.atomic(durable=True)
def _fail(claimed: GoodsFile, refusal: DomainError, at: datetime) -> None:
    mine = GoodsFile.objects.filter(pk=claimed.pk, turn=claimed.turn, state__in=UNDER_WAY)
    file = mine.locked().first()
    if file is not None:
        file.fail()
        file.failure = import_rows.in_every_language(refusal)
        _end(file, at)


def _still_mine(claimed: GoodsFile) -> GoodsFile:
    """Lock a file, if nobody has taken it over since it was claimed."""
    mine = GoodsFile.objects.filter(pk=claimed.pk, turn=claimed.turn, state=claimed.state)
    file = mine.locked().first()
    if file is None:
        raise ClaimLost
    return file


def _keep_claim(file: GoodsFile) -> None:
    """Write a file down with a claim that lasts from now on."""
    file.save()
    GoodsFile.objects.filter(pk=file.pk).update(claimed_until=Now() + CLAIM)


def _refuse_inactive(supplier: Supplier | None) -> None:
    """Refuse to go on for a supplier that was suspended, or whose relation has ended."""
    if supplier is not None and supplier.state != SupplierState.ACTIVE:
        raise WrongState(state=supplier.get_state_display())


# --- rows and files ---------------------------------------------------------------------------------


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
    item_nos = {sheet_rows.text_of(one, "item_no") for one in (old, new)} - {""}
    sku_nos = {sheet_rows.text_of(one, "sku_no") for one in (old, new)} - {""}
    alike = file.rows.filter(Q(sku_no__in=sku_nos)).values("item_no")
    related = file.rows.filter(
        Q(pk=row.pk) | Q(item_no__in=item_nos) | Q(item_no__in=alike) & ~Q(item_no="")
    )
    return file, list(related.order_by("line")[:MAX_CORRECTED_AT_ONCE])


def _begin_checking(file: GoodsFile, at: datetime) -> None:
    file.begin_checking()
    file.line, file.rows_done, file.counts = 0, 0, {}
    file.claimed_until, file.attempts = at, 0
    file.save()


def _end(file: GoodsFile, at: datetime) -> None:
    """Write down that a file has come to its end, and throw away what was uploaded."""
    kept = [file.sheet, file.pictures]
    file.sheet = file.pictures = ""
    file.claimed_until, file.finished_at = None, at
    file.save()
    _throw_away(kept)


def _added(counts: dict[str, int], found: Iterable[Answer]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(str(one.outcome) for one in found))


def _counted(file: GoodsFile) -> dict[str, int]:
    rows = file.rows.exclude(outcome="").order_by().values_list("outcome")
    return dict(rows.annotate(count=Count("pk")))


def _remembered(file: GoodsFile) -> dict[str, str]:
    """Return what headings meant in the owner's earlier files; the latest counts."""
    earlier = GoodsFile.objects.of(file.supplier).filter(
        state__in=[GoodsFileState.CHECKED, GoodsFileState.LOADING, GoodsFileState.DONE]
    )
    found: dict[str, str] = {}
    for headings, columns in earlier.order_by("-pk").values_list("headings", "columns")[
        :REMEMBERED
    ]:
        for heading, column in zip(headings, columns, strict=False):
            found.setdefault(heading, column)
    return found


@contextmanager
def _album(file: GoodsFile, at: datetime, *, dry_run: bool) -> Iterator[Album]:
    """Open the pictures that came with a file."""
    if not file.pictures:
        yield Album(albums.Nowhere(), file.supplier, at, dry_run)
        return
    with (
        storages[STORAGE].open(file.pictures) as stored,
        archives.opened(cast(IO[bytes], stored), albums.ARCHIVE) as archive,
    ):
        yield Album(albums.source_of(archive), file.supplier, at, dry_run)


@contextmanager
def _written(file: "File[bytes]", kind: str) -> Iterator[Path]:
    """Write a file to where readers of sheets can open it; of its name only the ending counts."""
    with tempfile.TemporaryDirectory(prefix="huopan-") as folder:
        path = Path(folder) / f"sheet{kind}"
        size = 0
        with path.open("wb") as target:
            for chunk in file.chunks():
                size += len(chunk)
                if size > MAX_SHEET_BYTES:
                    raise FileTooLarge(limit=MAX_SHEET_BYTES)
                target.write(chunk)
        yield path


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


def _refuse_archive(archive: "File[bytes]") -> None:
    if archive.size > MAX_ARCHIVE_BYTES:
        raise FileTooLarge(limit=MAX_ARCHIVE_BYTES)
    albums.refuse_archive(cast(IO[bytes], archive))
    archive.seek(0)


def _keep(import_no: str, kind: str, file: "File[bytes]") -> str:
    return storages[STORAGE].save(f"{FOLDER}/{import_no[-2:]}/{import_no}{kind}", file)


def _throw_away(names: Iterable[str]) -> None:
    """Delete stored files, once what is written down about them is."""
    for name in filter(None, names):
        transaction.on_commit(partial(storages[STORAGE].delete, name))


@transaction.atomic(durable=True)
def _delete(files: Sequence[GoodsFile]) -> None:
    pks = [file.pk for file in files]
    bulk.execute("DELETE FROM supplychain_goodsrow WHERE file_id = ANY(%s)", [pks])
    GoodsFile.objects.filter(pk__in=pks).delete()
    _throw_away(name for file in files for name in (file.sheet, file.pictures))


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
