"""The pictures that a sheet of goods names: files beside it, or in an archive that came with it."""

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import archives, pictures
from supplychain.goods_items import Item
from supplychain.models import Picture

# An archive of pictures, which hardly get smaller by packing.
ARCHIVE = archives.Limits(unpacked_bytes=200 * 1024 * 1024, ratio=20, entries=5_000)
# How exports name a picture that is stored.
STORED = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jpg")


class PictureNotFound(DomainError):
    code = "picture_not_found"
    text = _("There is no picture “{name}” beside the file.")


class Source(Protocol):
    """Where pictures are read from."""

    def read(self, name: str) -> bytes:
        """Return what a name stands for.

        :raises PictureNotFound: there is nothing of this name.
        :raises PictureTooLarge: it is no picture that may be stored.
        """


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A sheet without any pictures."""

    def read(self, name: str) -> bytes:
        """Find nothing."""
        raise PictureNotFound(name=name)


@dataclass(frozen=True, slots=True)
class Folder:
    """Pictures in a folder and below."""

    path: Path

    def read(self, name: str) -> bytes:
        """Read a file in the folder; nothing outside of it, whatever the name says."""
        if "\0" in name:
            raise PictureNotFound(name=name)
        root = self.path.resolve()
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise PictureNotFound(name=name)
        if path.stat().st_size > pictures.MAX_BYTES:
            raise pictures.PictureTooLarge(limit=pictures.MAX_BYTES, size=path.stat().st_size)
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class Archive:
    """Pictures in an archive, by their full names or, where only one is called so, by the last part."""

    archive: zipfile.ZipFile
    by_name: Mapping[str, zipfile.ZipInfo]

    def read(self, name: str) -> bytes:
        """Read an entry, no further than a picture may be long; nothing is unpacked to a disk."""
        entry = self.by_name.get(name.replace("\\", "/"))
        if entry is None:
            raise PictureNotFound(name=name)
        try:
            with self.archive.open(entry) as unpacking:
                data = unpacking.read(pictures.MAX_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
            raise pictures.PictureUnreadable from None
        if len(data) > pictures.MAX_BYTES:
            raise pictures.PictureTooLarge(limit=pictures.MAX_BYTES, size=len(data))
        return data


def source_of(archive: zipfile.ZipFile) -> Archive:
    """Return the pictures of an archive.

    :raises ArchiveNameRefused: a name in it leads out of it.
    """
    by_name = archives.names(archive)
    last: dict[str, list[zipfile.ZipInfo]] = {}
    for name, entry in by_name.items():
        last.setdefault(PurePosixPath(name).name, []).append(entry)
    alone = {name: entries[0] for name, entries in last.items() if len(entries) == 1}
    return Archive(archive, alone | by_name)


def refuse_archive(file: IO[bytes]) -> None:
    """Refuse an archive of pictures that cannot be one.

    :raises FileUnreadable: it is none.
    :raises FileTooLarge: it claims to unpack to too much.
    :raises ArchiveNameRefused: a name in it leads out of it.
    """
    with archives.opened(file, ARCHIVE) as archive:
        archives.names(archive)


@dataclass(slots=True)
class Album:
    """The pictures that a file names, stored before the batch that shows them."""

    source: Source
    supplier: Supplier | None
    at: datetime
    dry_run: bool
    uids: dict[str, str | None] = field(default_factory=dict)

    def hang(self, items: Iterable[Item]) -> None:
        """Replace each item's file names by uids, or note what is wrong with them."""
        items = list(items)
        self._find_stored(name for item in items for name in item.product.get("images", ()))
        for item in items:
            names = item.product.pop("images", None)
            if names is None or item.errors:
                continue
            try:
                uids = [self._uid(name) for name in names]
            except DomainError as refusal:
                item.refuse(item.line, refusal, "images")
                continue
            # A dry run stores nothing; pictures that are not stored yet cannot be compared.
            if all(uids):
                item.product["main_pictures"] = tuple(dict.fromkeys(uids))
            else:
                item.has_new_pictures = True

    def _uid(self, name: str) -> str | None:
        if name not in self.uids:
            self.uids[name] = self._store(name)
        return self.uids[name]

    def _find_stored(self, names: Iterable[str]) -> None:
        """Look for pictures of the owner's that are there already, by the names exports give them."""
        wanted = {known[1]: name for name in names if (known := STORED.fullmatch(name))}
        mine = Picture.objects.filter(supplier=self.supplier, uid__in=wanted)
        for uid in map(str, mine.values_list("uid", flat=True) if wanted else ()):
            self.uids[wanted[uid]] = uid

    def _store(self, name: str) -> str | None:
        data = self.source.read(name)
        if not self.dry_run:
            return str(pictures.store(data=data, supplier=self.supplier, at=self.at).uid)
        known = pictures.find(data=data, supplier=self.supplier)
        if known is None:
            pictures.render(data)
        return str(known.uid) if known else None
