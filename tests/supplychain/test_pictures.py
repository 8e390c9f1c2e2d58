"""Pictures: what is accepted, and that nothing but the image is stored."""

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models.fields.files import FieldFile
from PIL import Image

from kit.errors import DomainError
from supplychain import pictures
from supplychain.models import Picture
from tests.factories import NOON, make_supplier

pytestmark = [
    pytest.mark.django_db,
    # As in production, where pytest does not reset the filters.
    pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning"),
]

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def encoded(
    kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **save: object
) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "red").save(written, kind, **save)
    return written.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims a size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


def store(data: bytes) -> Picture:
    return pictures.store(data=data, supplier=None, at=NOON)


def stored(file: FieldFile) -> Image.Image:
    return Image.open(file.path)


def files() -> int:
    return sum(1 for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_stored_as_jpeg_with_a_thumbnail_under_a_random_name(kind: str) -> None:
    data = encoded(kind, (2400, 1200))

    picture = store(data)

    large, small = stored(picture.file), stored(picture.thumbnail)
    assert (large.format, large.size) == ("JPEG", (1600, 800))
    assert (small.format, small.size) == ("JPEG", (320, 160))
    assert (picture.width, picture.height) == (1600, 800)
    assert hashlib.sha256(data).hexdigest() not in str(picture.file)
    assert len(Path(str(picture.file)).parts) == 4
    assert pictures.address(str(picture.file)) == f"/media/{picture.file}"


def test_a_small_picture_is_not_enlarged() -> None:
    picture = store(encoded("PNG", (60, 40)))

    assert stored(picture.file).size == stored(picture.thumbnail).size == (60, 40)


def test_what_is_transparent_becomes_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(written, "PNG")

    picture = store(written.getvalue())

    assert stored(picture.file).getpixel((10, 10)) == (255, 255, 255)


def test_a_photograph_stands_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "maker of the camera"
    picture = store(encoded("JPEG", (60, 40), exif=exif))

    written = stored(picture.file)

    assert written.size == (40, 60)
    assert not written.getexif()
    assert b"maker of the camera" not in Path(picture.file.path).read_bytes()


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "LA", "I;16", "1"])
def test_every_colour_model_is_accepted(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (20, 20)).save(written, "JPEG" if mode == "CMYK" else "PNG")

    picture = store(written.getvalue())

    assert stored(picture.file).mode == "RGB"


@pytest.mark.parametrize(
    ("_case", "data", "code"),
    [
        ("nothing", b"", "picture_format_not_allowed"),
        ("SVG", SVG, "picture_format_not_allowed"),
        ("HTML", HTML, "picture_format_not_allowed"),
        ("GIF", encoded("GIF"), "picture_format_not_allowed"),
        ("TIFF", encoded("TIFF"), "picture_format_not_allowed"),
        ("a picture that is a page too", encoded("JPEG") + HTML, "picture_format_not_allowed"),
        ("a truncated JPEG", encoded("JPEG", (600, 400))[:600], "picture_unreadable"),
        ("a truncated PNG", encoded("PNG", (600, 400))[:60], "picture_unreadable"),
        ("a truncated WebP", encoded("WEBP", (600, 400))[:60], "picture_unreadable"),
        ("only the first bytes of one", b"\xff\xd8\xff\xe0" + b"\0" * 100, "picture_unreadable"),
        ("more than 5 MB", encoded("PNG") + b"\0" * 5 * 1024 * 1024, "picture_too_large"),
        ("just over 25 megapixels", claiming(5001, 5000), "picture_has_too_many_pixels"),
        ("a bomb", claiming(60_000, 60_000), "picture_has_too_many_pixels"),
    ],
)
def test_what_is_no_decent_picture_is_refused_and_nothing_is_stored(
    _case: str, data: bytes, code: str
) -> None:
    before = files()

    with pytest.raises(DomainError) as refusal:
        store(data)

    assert refusal.value.code == code
    assert files() == before
    assert not Picture.objects.exists()


def test_the_same_upload_of_one_owner_is_one_picture_and_of_two_owners_two() -> None:
    data, supplier = encoded("PNG"), make_supplier()

    first = pictures.store(data=data, supplier=supplier, at=NOON)
    again = pictures.store(data=data, supplier=supplier, at=NOON)
    other = pictures.store(data=data, supplier=make_supplier(), at=NOON)

    assert first == again
    assert str(other.file) != str(first.file)


def test_a_supplier_has_a_limited_number_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURES_A_SUPPLIER", 1)
    supplier = make_supplier()
    pictures.store(data=encoded("PNG", (10, 10)), supplier=supplier, at=NOON)

    with pytest.raises(pictures.PictureQuotaExceeded):
        pictures.store(data=encoded("PNG", (11, 11)), supplier=supplier, at=NOON)

    assert Picture.objects.count() == 1
