"""Pictures of products: uploads of a supplier or the platform, encoded anew as `kit.pictures` says."""

import hashlib
from datetime import datetime

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError
from kit.pictures import MAX_BYTES as MAX_BYTES
from kit.pictures import THUMBNAIL_SIDE as THUMBNAIL_SIDE
from kit.pictures import PictureFormatNotAllowed as PictureFormatNotAllowed
from kit.pictures import PictureTooLarge as PictureTooLarge
from kit.pictures import PictureUnreadable as PictureUnreadable
from kit.pictures import Rendition as Rendition
from kit.pictures import render as render
from kit.pictures import written as written
from suppliers.models import Supplier
from supplychain.models import Picture

MAX_PICTURES_A_SUPPLIER = 50_000
FOLDER = "pictures"


class PictureQuotaExceeded(DomainError):
    code = "picture_quota_exceeded"
    text = _("There are {limit} pictures already; no more can be added.")


@transaction.atomic(durable=True)
def store(*, data: bytes, supplier: Supplier | None, at: datetime) -> Picture:
    """Store an upload for a supplier (None: the platform); the same upload again is the same picture.

    :raises PictureTooLarge: more than 5 MB.
    :raises PictureHasTooManyPixels: more than 25 megapixels.
    :raises PictureFormatNotAllowed: no JPEG, PNG or WebP, or something else at the same time.
    :raises PictureUnreadable: truncated or damaged.
    :raises PictureQuotaExceeded: the supplier has too many.
    """
    known = find(data=data, supplier=supplier)
    if known is not None:
        return known
    rendition = render(data)
    _refuse_beyond_quota(supplier)
    return _keep(rendition, content_hash=_hash(data), supplier=supplier, at=at)


def find(*, data: bytes, supplier: Supplier | None) -> Picture | None:
    """Return the picture that an owner made of the very same upload, if there is one."""
    return Picture.objects.filter(content_hash=_hash(data), supplier=supplier).first()


def address(name: str) -> str:
    """Return the path under which a stored file is served: `/media/pictures/…`."""
    return default_storage.url(name)


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _refuse_beyond_quota(supplier: Supplier | None) -> None:
    if supplier is None:
        return
    if Picture.objects.filter(supplier=supplier).count() >= MAX_PICTURES_A_SUPPLIER:
        raise PictureQuotaExceeded(limit=MAX_PICTURES_A_SUPPLIER)


def _keep(
    rendition: Rendition, *, content_hash: bytes, supplier: Supplier | None, at: datetime
) -> Picture:
    with written(rendition, storage=default_storage, folder=FOLDER) as (file, thumbnail):
        return Picture.objects.create(
            supplier=supplier,
            file=file,
            thumbnail=thumbnail,
            width=rendition.width,
            height=rendition.height,
            content_hash=content_hash,
            added_at=at,
        )
