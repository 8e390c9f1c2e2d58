"""Files of goods, as jobs work through them: read, checked without a trace, loaded, and forgotten.

Rows are the queue. Jobs take a file for some thousand rows, answer a few hundred in each transaction,
and write in the same one how far they came: whoever takes over goes on behind it, and no row is
answered twice.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kit import bulk, languages
from kit.errors import DomainError, WrongState
from suppliers.models import Supplier, SupplierState
from supplychain import goods_items, import_rows, import_steps, import_uploads, sheets
from supplychain.albums import Album
from supplychain.goods_items import Item
from supplychain.import_rows import Answer
from supplychain.models import GoodsFile, GoodsFileState, GoodsRow
from supplychain.models.imports import UNDER_WAY

logger = logging.getLogger(__name__)

ROWS_READ_AT_ONCE = 1_000
# After so many rounds a job lets others' files go first.
ROUNDS_A_TURN = 10
CLAIM = timedelta(minutes=2)
MAX_ATTEMPTS = 3
# Earlier files whose columns are remembered.
REMEMBERED = 20
KEPT_DAYS = 30
FORGOTTEN_AT_ONCE = 20


class ImportGivenUp(DomainError):
    code = "import_given_up"
    text = _("It was tried {attempts} times and came to nothing. Upload the file again.")


class ClaimLost(Exception):
    """Another worker has taken over, or the file was cancelled."""


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
        given_up = ImportGivenUp(attempts=file.attempts)
        file.failure = languages.in_each(lambda: str(given_up))
        import_steps.end(file, at=at)
        return file
    file.turn += 1
    file.attempts += 1
    file.claimed_until = at + CLAIM
    file.save()
    return file


def _read(file: GoodsFile, at: datetime) -> int:
    """Read the whole sheet into rows; begun anew by whoever takes over."""
    with import_uploads.sheet_of(file) as path:
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
    import_uploads.throw_away([file.sheet])
    file.sheet = ""
    if import_rows.are_clear(file.columns):
        import_steps.begin_checking(file, at=at)
    else:
        file.ask_for_columns()
        file.claimed_until = None
        file.save()


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


def _judge(file: GoodsFile, at: datetime) -> int:
    """Check or load the next rows, some at a time, until the turn is over."""
    _refuse_inactive(file.supplier)
    is_checking = file.state == GoodsFileState.CHECKING
    seen = import_rows.seen_before(file)
    count = 0
    with import_uploads.album_of(file, at, dry_run=is_checking) as album:
        for _round in range(ROUNDS_A_TURN):
            rows = import_rows.following(file)
            if not rows:
                _finish(file, at)
                return count
            items = list(
                goods_items.items([import_rows.read(row, file.columns) for row in rows], seen)
            )
            album.uids.clear()
            album.hang(items)
            if is_checking:
                import_steps.rehearse(file, items, album=album, at=at)
            file = _take(file, album, rows, items, at)
            count += len(rows)
    _let_go(file, at)
    return count


def _refuse_inactive(supplier: Supplier | None) -> None:
    """Refuse to go on for a supplier that was suspended, or whose relation has ended."""
    if supplier is not None and supplier.state != SupplierState.ACTIVE:
        raise WrongState(state=supplier.get_state_display())


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
        import_steps.load(file, items, album=album, at=at)
    found = import_rows.answers(file, rows, items)
    import_rows.write(found)
    file.counts = _added(file.counts, found)
    file.rows_done += len(rows)
    file.line = rows[-1].line
    file.attempts = 0
    _keep_claim(file)
    file.supplier = claimed.supplier
    return file


def _added(counts: dict[str, int], found: Iterable[Answer]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(str(one.outcome) for one in found))


@transaction.atomic(durable=True)
def _finish(claimed: GoodsFile, at: datetime) -> None:
    file = _still_mine(claimed)
    file.counts = import_steps.counted(file)
    file.rows_done = file.row_count
    if file.state == GoodsFileState.CHECKING:
        file.finish_checking()
        file.claimed_until = None
        file.save()
    else:
        file.finish()
        import_steps.end(file, at=at)


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
        file.failure = languages.in_each(lambda: str(refusal))
        import_steps.end(file, at=at)


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


@transaction.atomic(durable=True)
def _delete(files: Sequence[GoodsFile]) -> None:
    pks = [file.pk for file in files]
    bulk.execute("DELETE FROM supplychain_goodsrow WHERE file_id = ANY(%s)", [pks])
    GoodsFile.objects.filter(pk__in=pks).delete()
    import_uploads.throw_away(name for file in files for name in (file.sheet, file.pictures))
