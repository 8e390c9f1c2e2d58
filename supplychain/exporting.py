"""Writing the whole catalogue of a distributor to a file: compressed lines of JSON, a product a line.

A file is of one snapshot, and says where to go on in the feeds, so that file and feeds together lose
nothing. Memory stays flat: products are read, encoded and compressed some hundreds at a time.
"""

import gzip
import hashlib
import logging
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import IO, Any

import msgspec
from django.core.files import File
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from distributors.models import Distributor
from integration import outbox
from integration.models import Partner
from kit import bulk
from kit.errors import DomainError, NotFound
from supplychain import following, offers, showing
from supplychain.models import CatalogueExport, ExportState

logger = logging.getLogger(__name__)

STORAGE = "private"
FOLDER = "exports"
ID_BYTES = 16
PRODUCTS_AT_ONCE = 500
KEPT_DAYS = 7
# A file that is no older is handed out again instead of being written anew.
FRESH_MINUTES = 10
CLAIM_MINUTES = 5
MAX_ATTEMPTS = 3
FORGOTTEN_AT_ONCE = 200
# Fast rather than small: the network is seldom what a nightly copy waits for.
GZIP_LEVEL = 4

UNDER_WAY = [ExportState.QUEUED, ExportState.RUNNING]

# The claim of a worker is its attempt; a worker that comes to life again finds it taken.
_PROGRESS = """
UPDATE supplychain_catalogueexport
SET written = %s, claimed_until = clock_timestamp() + %s * interval '1 minute'
WHERE id = %s AND attempts = %s AND state = 'running'
"""


class ExportNotReady(DomainError):
    code = "export_not_ready"
    text = _("The file is not there to be fetched: its state is “{state}”.")


class ClaimLost(Exception):
    """Another worker has taken over."""


@transaction.atomic(durable=True)
def ask(*, distributor: Distributor, in_full: bool, at: datetime) -> tuple[CatalogueExport, bool]:
    """Have a distributor's catalogue written, and tell whether that is a new job.

    While one is under way, or was finished within FRESH_MINUTES, that one is what is returned.
    """
    mine = CatalogueExport.objects.filter(distributor=distributor).order_by("-pk")
    fresh = at - timedelta(minutes=FRESH_MINUTES)
    known = mine.filter(state=ExportState.READY, in_full=in_full, finished_at__gt=fresh)
    there = mine.filter(state__in=UNDER_WAY).first() or known.first()
    if there is not None:
        return there, False
    export_id = secrets.token_hex(ID_BYTES)
    new = CatalogueExport(
        export_id=export_id, distributor=distributor, in_full=in_full, asked_at=at, claimed_until=at
    )
    # Two at the same moment: the second finds the first's.
    CatalogueExport.objects.bulk_create([new], ignore_conflicts=True)
    there = mine.filter(state__in=UNDER_WAY).first() or mine[0]
    return there, there.export_id == export_id


def find(*, distributor: Distributor, export_id: str) -> CatalogueExport:
    """Return a distributor's file.

    :raises NotFound: it has none of that name.
    """
    found = CatalogueExport.objects.filter(distributor=distributor, export_id=export_id).first()
    if found is None:
        raise NotFound
    return found


def read(export: CatalogueExport) -> IO[bytes]:
    """Open the compressed lines of a file. Whoever shows it has looked who asks.

    :raises ExportNotReady: it is not written yet, failed, or was deleted.
    """
    if export.state != ExportState.READY:
        raise ExportNotReady(state=export.get_state_display())
    return storages[STORAGE].open(export.file)


def write_due(*, at: datetime) -> int:
    """Write the files that are asked for and nobody is writing; return how many.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while (claimed := _claim(at)) is not None:
        if claimed.state == ExportState.RUNNING:
            _write(claimed, at)
        count += 1
    return count


def forget(*, at: datetime) -> int:
    """Delete files that are older than KEPT_DAYS, and what is known of them some months later.

    Return how many files. Run by a timer, as often and by as many as you like.
    """
    old = at - timedelta(days=policies.read().events_kept_days)
    ended = CatalogueExport.objects.exclude(state__in=[*UNDER_WAY, ExportState.READY])
    ended.filter(asked_at__lt=old).delete()
    count = 0
    while True:
        done = _forget_some(at)
        count += done
        if done < FORGOTTEN_AT_ONCE:
            return count


@transaction.atomic(durable=True)
def _claim(at: datetime) -> CatalogueExport | None:
    """Take a file to write; one that was tried too often is given up."""
    due = CatalogueExport.objects.filter(state__in=UNDER_WAY, claimed_until__lte=at)
    export = (
        due.order_by("claimed_until", "pk").select_for_update(no_key=True, skip_locked=True).first()
    )
    if export is None:
        return None
    if export.state == ExportState.QUEUED:
        export.begin()
    elif export.attempts >= MAX_ATTEMPTS:
        export.fail()
        export.finished_at = at
        logger.error("the file %s was tried %s times and is given up", export, export.attempts)
    export.attempts += 1
    export.claimed_until = at + timedelta(minutes=CLAIM_MINUTES)
    export.save()
    return export


def _write(export: CatalogueExport, at: datetime) -> None:
    distributor = Distributor.objects.select_related("level").get(pk=export.distributor_id)
    following.stamp()
    outbox.stamp(distributor.partner_id)
    try:
        with tempfile.TemporaryFile() as file:
            sha256 = _write_lines(export, distributor, file)
            size = file.tell()
            file.seek(0)
            path = f"{FOLDER}/{export.export_id[:2]}/{export.export_id}-{export.attempts}.jsonl.gz"
            saved = storages[STORAGE].save(path, File(file))
    except ClaimLost:
        logger.warning("the file %s is written by another worker", export)
        return
    if not _finish(export, file=saved, size=size, sha256=sha256, at=at):
        storages[STORAGE].delete(saved)


def _write_lines(export: CatalogueExport, distributor: Distributor, file: IO[bytes]) -> str:
    """Write all products of one snapshot; return the digest of what was written."""
    hashing = _Hashing(file)
    encoder = msgspec.json.Encoder()
    with (
        gzip.GzipFile(
            filename="", mode="wb", fileobj=hashing, compresslevel=GZIP_LEVEL, mtime=0
        ) as lines,
        _progress(export) as tell,
        _snapshot(),
    ):
        visible = offers.offered_to(distributor)
        export.products, export.written = visible.count(), 0
        export.changes_after = following.latest()
        export.events_after = Partner.objects.values_list("last_seq", flat=True).get(
            pk=distributor.partner_id
        )
        last = 0
        while True:
            page = visible.filter(pk__gt=last).order_by("pk")[:PRODUCTS_AT_ONCE]
            found = showing.documents(page, distributor, in_full=export.in_full)
            lines.write(b"".join(encoder.encode(shown) + b"\n" for _pk, shown in found))
            export.written += len(found)
            tell(export.written)
            if len(found) < PRODUCTS_AT_ONCE:
                break
            last = found[-1][0]
    return hashing.digest.hexdigest()


@contextmanager
def _snapshot() -> Iterator[None]:
    """Let everything that is read in the block be of one moment."""
    with transaction.atomic(durable=True):
        bulk.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _progress(export: CatalogueExport) -> Iterator[Any]:
    """Tell how far it is, and keep the claim, on a connection beside the snapshot's."""
    with closing(connection.copy()) as beside, beside.cursor() as cursor:

        def tell(written: int) -> None:
            cursor.execute(_PROGRESS, [written, CLAIM_MINUTES, export.pk, export.attempts])
            if not cursor.rowcount:
                raise ClaimLost

        yield tell


@transaction.atomic(durable=True)
def _finish(
    written: CatalogueExport, *, file: str, size: int, sha256: str, at: datetime
) -> CatalogueExport | None:
    """Make a file ready; None: another worker has taken over."""
    mine = CatalogueExport.objects.filter(
        pk=written.pk, state=ExportState.RUNNING, attempts=written.attempts
    )
    export = mine.select_for_update(no_key=True).first()
    if export is None:
        return None
    export.finish()
    export.products, export.written = written.products, written.written
    export.changes_after, export.events_after = written.changes_after, written.events_after
    export.file, export.size, export.sha256 = file, size, sha256
    export.finished_at, export.expires_at = at, at + timedelta(days=KEPT_DAYS)
    export.save()
    return export


@transaction.atomic(durable=True)
def _forget_some(at: datetime) -> int:
    due = CatalogueExport.objects.filter(state=ExportState.READY, expires_at__lte=at)
    found = list(
        due.order_by("pk").select_for_update(no_key=True, skip_locked=True)[:FORGOTTEN_AT_ONCE]
    )
    for export in found:
        storages[STORAGE].delete(export.file)
        export.expire()
        export.save()
    return len(found)


class _Hashing:
    """A file to write to that knows the digest of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()
