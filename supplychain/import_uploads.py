"""What was uploaded with a file of goods, its sheet and its pictures: kept, opened, thrown away."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import IO, cast

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction

from supplychain import albums, archives
from supplychain.albums import Album
from supplychain.archives import FileTooLarge
from supplychain.models import GoodsFile

STORAGE = "private"
FOLDER = "imports"
# Together less than deploy/Caddyfile lets in.
MAX_SHEET_BYTES = 15 * 1024 * 1024
MAX_ARCHIVE_BYTES = 40 * 1024 * 1024


def refuse_archive(archive: "File[bytes]") -> None:
    """Refuse what is no archive of pictures, or too large for one.

    :raises FileTooLarge: it is too large, or claims to unpack to too much.
    :raises DomainError: see `albums.refuse_archive`.
    """
    if archive.size > MAX_ARCHIVE_BYTES:
        raise FileTooLarge(limit=MAX_ARCHIVE_BYTES)
    albums.refuse_archive(cast(IO[bytes], archive))
    archive.seek(0)


def keep(import_no: str, kind: str, file: "File[bytes]") -> str:
    """Store a file under a number, and return where; of its own name only the ending, `kind`, stays."""
    return storages[STORAGE].save(f"{FOLDER}/{import_no[-2:]}/{import_no}{kind}", file)


@contextmanager
def written(file: "File[bytes]", kind: str) -> Iterator[Path]:
    """Write a sheet to where its readers can open it; of its name only the ending counts.

    :raises FileTooLarge: over the limit.
    """
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


@contextmanager
def sheet_of(file: GoodsFile) -> Iterator[Path]:
    """Open the sheet that was taken in."""
    kind = PurePath(file.sheet).suffix
    with storages[STORAGE].open(file.sheet) as stored, written(stored, kind) as path:
        yield path


@contextmanager
def album_of(file: GoodsFile, at: datetime, *, dry_run: bool) -> Iterator[Album]:
    """Open the pictures that came with a file."""
    if not file.pictures:
        yield Album(albums.Nowhere(), file.supplier, at, dry_run)
        return
    with (
        storages[STORAGE].open(file.pictures) as stored,
        archives.opened(cast(IO[bytes], stored), albums.ARCHIVE) as archive,
    ):
        yield Album(albums.source_of(archive), file.supplier, at, dry_run)


def throw_away(names: Iterable[str]) -> None:
    """Delete stored files, once what is written down about them is."""
    for name in filter(None, names):
        transaction.on_commit(partial(storages[STORAGE].delete, name))
