"""Archives that strangers send: measured before they are opened, and never unpacked to a disk."""

import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError

CHUNK = 1024 * 1024
# What the list of an archive's entries may take; reading it is what opening an archive costs.
MAX_LIST_BYTES = 1024 * 1024
# Marks that names are in UTF-8; without it they are in whatever the packer's system used.
_UTF_8 = 0x800
_PLACE_OF_LIST_SIZE = 5  # in what `zipfile` returns of an archive's end


class FileUnreadable(DomainError):
    code = "file_unreadable"
    text = _("The file cannot be read: {reason}")


class FileTooLarge(DomainError):
    code = "file_too_large"
    text = _("A file may have {limit} bytes, packed or unpacked; this one has more.")


class ArchiveNameRefused(DomainError):
    code = "archive_name_refused"
    text = _("The archive names “{name}”, which would lie outside of it.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may be: unpacked, in terms of packed, and in entries."""

    unpacked_bytes: int
    ratio: int
    entries: int


@contextmanager
def opened(file: IO[bytes], limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Open an archive that claims no more than its limits.

    :raises FileUnreadable: it is none, or damaged.
    :raises FileTooLarge: it claims more.
    """
    try:
        _refuse_long_list(file, limits)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            refuse_size(sum(entry.file_size for entry in entries), entries, limits)
            yield archive
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise FileUnreadable(reason=str(error)) from None


def refuse_size(unpacked: int, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse what unpacks, or claims to unpack, to more than the limits.

    :raises FileTooLarge: it does.
    """
    packed = sum(entry.compress_size for entry in entries)
    if (
        unpacked > limits.unpacked_bytes
        or unpacked > max(packed, 1) * limits.ratio
        or len(entries) > limits.entries
    ):
        raise FileTooLarge(limit=limits.unpacked_bytes)


def refuse_real_size(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse what unpacks to more than the limits, whatever it claims; stops where it does.

    :raises FileTooLarge: it does.
    """
    entries, size = archive.infolist(), 0
    for entry in entries:
        # Or no more would be unpacked than it claims.
        entry.file_size = sys.maxsize
        with archive.open(entry) as unpacking:
            while size <= limits.unpacked_bytes and (chunk := unpacking.read(CHUNK)):
                size += len(chunk)
    refuse_size(size, entries, limits)


def names(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by their names.

    :raises ArchiveNameRefused: one of them leads out of it.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = _name(entry)
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0:1]:
            raise ArchiveNameRefused(name=name[:100])
        if not entry.is_dir():
            found[name] = entry
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """Return a name as its packer wrote it: Windows in China writes it in its own encoding."""
    name = entry.filename
    if not entry.flag_bits & _UTF_8:
        for encoding in ("utf-8", "gb18030"):
            try:
                name = entry.filename.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    return name.replace("\\", "/")


def _refuse_long_list(file: IO[bytes], limits: Limits) -> None:
    """Refuse an archive of millions of entries before `zipfile` reads the list of them."""
    file.seek(0)
    module: Any = zipfile
    end = module._EndRecData(file)
    file.seek(0)
    if end is not None and end[_PLACE_OF_LIST_SIZE] > MAX_LIST_BYTES:
        raise FileTooLarge(limit=limits.unpacked_bytes)
