"""Pictures: whatever is uploaded is decoded and written anew as JPEG, under a name nobody can guess.

What a file calls itself counts for nothing, its first bytes do. Re-encoding drops EXIF and whatever
hides behind the image; only then is anything stored.
"""

import io
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from kit.errors import DomainError

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
LONGEST_SIDE = 1600
THUMBNAIL_SIDE = 320
JPEG_QUALITY = 85
NAME_BYTES = 16
FORMATS = ("JPEG", "PNG", "WEBP")
# What a browser might take for a page when it guesses.
PAGE_MARKS = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php")

# A picture that claims to be huge is refused by Pillow before anything is decoded.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    text = _("A picture may have up to {limit} bytes; this one has {size}.")


class PictureHasTooManyPixels(DomainError):
    code = "picture_has_too_many_pixels"
    text = _("A picture may have up to {limit} pixels; this one has more.")


class PictureFormatNotAllowed(DomainError):
    code = "picture_format_not_allowed"
    text = _("Only JPEG, PNG and WebP pictures are accepted.")


class PictureUnreadable(DomainError):
    code = "picture_unreadable"
    text = _("The picture is damaged or incomplete.")


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture as it will be stored: JPEG without anything but the image."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int


def render(data: bytes) -> Rendition:
    """Decode an upload and encode it anew; store nothing.

    :raises PictureTooLarge: more than 5 MB.
    :raises PictureHasTooManyPixels: more than 25 megapixels.
    :raises PictureFormatNotAllowed: no JPEG, PNG or WebP, or something else at the same time.
    :raises PictureUnreadable: truncated or damaged.
    """
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(limit=MAX_BYTES, size=len(data))
    if not _is_picture(data) or _is_page(data):
        raise PictureFormatNotAllowed
    image = _decode(data)
    large = ImageOps.contain(image, (LONGEST_SIDE, LONGEST_SIDE)) if _exceeds(image) else image
    small = large.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Rendition(_encode(large), _encode(small), large.width, large.height)


@contextmanager
def written(rendition: Rendition, *, storage: Storage, folder: str) -> Iterator[tuple[str, str]]:
    """Write picture and thumbnail under a name nobody can guess, and yield their paths.

    Files first, then the row that the block writes: a full disk leaves no row without a file. A
    block that fails takes the files with it.
    """
    name = secrets.token_hex(NAME_BYTES)
    place = f"{folder}/{name[:2]}/{name[2:4]}"
    paths: list[str] = []
    try:
        paths.append(storage.save(f"{place}/{name}.jpg", ContentFile(rendition.data)))
        paths.append(storage.save(f"{place}/{name}-s.jpg", ContentFile(rendition.thumbnail)))
        yield paths[0], paths[1]
    except BaseException:
        for path in paths:
            storage.delete(path)
        raise


def _is_picture(data: bytes) -> bool:
    return (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or data[:4] + data[8:12] == b"RIFFWEBP"
    )


def _is_page(data: bytes) -> bool:
    lowered = data.lower()
    return any(mark in lowered for mark in PAGE_MARKS)


def _decode(data: bytes) -> Image.Image:
    """Return the upright image in RGB, white where it was transparent."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureHasTooManyPixels(limit=MAX_PIXELS)
            # A JPEG is decoded no larger than needed.
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            opened.load()
            return _opaque(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureHasTooManyPixels(limit=MAX_PIXELS) from None
    # Pillow's decoders answer damage with any of these.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError):
        raise PictureUnreadable from None


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    coloured = image.convert("RGBA")
    white = Image.new("RGB", coloured.size, "white")
    white.paste(coloured, mask=coloured.getchannel("A"))
    return white


def _exceeds(image: Image.Image) -> bool:
    return max(image.size) > LONGEST_SIDE


def _encode(image: Image.Image) -> bytes:
    written = io.BytesIO()
    # Without `exif` and `icc_profile` nothing but the image is written.
    image.info.clear()
    image.save(written, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return written.getvalue()
