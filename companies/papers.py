"""Files of papers: a PDF as it is, or a picture encoded anew; kept apart from what the proxy serves.

They are handed to their owner as a download, and shown to staff.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from kit import documents, pictures
from kit.errors import DomainError

STORAGE = "private"
FOLDER = "papers"
Kind = TypeVar("Kind", bound=str)
MAX_BYTES = pictures.MAX_BYTES
NAME_BYTES = 16


class PaperTooLarge(DomainError):
    code = "paper_too_large"
    text = _("A paper has up to {limit_mb} MB.")


class PaperFormatNotAllowed(DomainError):
    code = "paper_format_not_allowed"
    text = _("A paper is a PDF, or a JPEG, PNG or WebP picture that can be opened.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A paper as it will be stored: its content, how its name ends, and what it is called."""

    data: bytes
    suffix: str
    name: str


def read_upload(*, name: str, content: bytes) -> Upload:
    """Check an uploaded paper, and encode a picture anew; store nothing.

    :raises PaperTooLarge: over 5 MB, or a picture of too many pixels.
    :raises PaperFormatNotAllowed: neither PDF nor picture, or damaged.
    """
    if len(content) > MAX_BYTES:
        raise _too_large()
    if documents.is_pdf(content):
        if not documents.is_whole_pdf(content):
            raise PaperFormatNotAllowed
        return _upload(content, documents.PDF, name)
    try:
        data = pictures.render(content).data
    except (pictures.PictureTooLarge, pictures.PictureHasTooManyPixels):
        raise _too_large() from None
    except (pictures.PictureFormatNotAllowed, pictures.PictureUnreadable):
        raise PaperFormatNotAllowed from None
    return _upload(data, documents.PICTURE, name)


@contextmanager
def written(uploads: Mapping[Kind, Upload]) -> Iterator[dict[Kind, str]]:
    """Write papers under names nobody can guess, and yield their paths.

    The files first, then the rows that the block writes: a full disk leaves no row without a file.
    A block that fails takes the files with it.
    """
    storage = storages[STORAGE]
    paths: dict[Kind, str] = {}
    try:
        for kind, upload in uploads.items():
            name = secrets.token_hex(NAME_BYTES)
            place = f"{FOLDER}/{name[:2]}/{name[2:4]}/{name}{upload.suffix}"
            paths[kind] = storage.save(place, ContentFile(upload.data))
        yield paths
    except BaseException:
        for path in paths.values():
            storage.delete(path)
        raise


def read(file: str) -> tuple[IO[bytes], str]:
    """Open a paper; return it with its content type. Whoever shows it has looked who asks."""
    return storages[STORAGE].open(file), documents.type_of(file)


def delete(files: Iterable[str]) -> None:
    """Delete papers whose rows are gone."""
    for file in files:
        storages[STORAGE].delete(file)


def _upload(data: bytes, suffix: str, name: str) -> Upload:
    return Upload(data, suffix, documents.named(name, suffix, otherwise="paper"))


def _too_large() -> PaperTooLarge:
    return PaperTooLarge(limit_mb=MAX_BYTES // (1024 * 1024))
