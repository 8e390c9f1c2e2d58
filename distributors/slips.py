"""Slips (回单) of payments: pictures encoded anew, kept apart from what the proxy serves."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from distributors.models import Recharge
from kit import pictures
from kit.errors import NotFound

STORAGE = "private"
FOLDER = "slips"
NAME_BYTES = 16


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip as it will be stored, a JPEG, and the hash of what was uploaded."""

    data: bytes
    sha256: str


def read_upload(content: bytes) -> Slip:
    """Encode an uploaded slip anew; store nothing.

    :raises PictureTooLarge: more than 5 MB.
    :raises PictureHasTooManyPixels: more than 25 megapixels.
    :raises PictureFormatNotAllowed: no JPEG, PNG or WebP, or something else at the same time.
    :raises PictureUnreadable: truncated or damaged.
    """
    return Slip(pictures.render(content).data, hashlib.sha256(content).hexdigest())


@contextmanager
def written(slip: Slip | None) -> Iterator[str]:
    """Write a slip under a name nobody can guess, and yield its path; a block that fails takes it away.

    The file first, then the row that the block writes: a full disk leaves no row without a file.
    """
    if slip is None:
        yield ""
        return
    storage, name = storages[STORAGE], secrets.token_hex(NAME_BYTES)
    path = storage.save(f"{FOLDER}/{name[:2]}/{name[2:4]}/{name}.jpg", ContentFile(slip.data))
    try:
        yield path
    except BaseException:
        storage.delete(path)
        raise


def read(recharge: Recharge) -> IO[bytes]:
    """Open the JPEG of a recharge's slip. Whoever shows it has looked who asks.

    :raises NotFound: it has none.
    """
    if not recharge.slip:
        raise NotFound
    return storages[STORAGE].open(recharge.slip)
