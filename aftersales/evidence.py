"""Evidence: pictures for cases and claims, seen only by those who may see what they belong to.

Decoded and encoded anew like every picture, and kept apart from what the proxy serves.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aftersales.models import Case, Claim, Evidence, Inspection
from distributors.models import Distributor
from kit.errors import DomainError
from supplychain import pictures

STORAGE = "private"
FOLDER = "evidence"
ID_BYTES = 16
# Pictures of one distributor that belong to nothing yet, and for how long they are kept.
MAX_UNUSED = 1_000
UNUSED_DAYS = 7
FORGOTTEN_AT_ONCE = 500
# Pictures that one act may name.
MAX_PICTURES = 20


class EvidenceQuotaExceeded(DomainError):
    code = "evidence_quota_exceeded"
    text = _("There are {limit} pictures already that no case uses.")


class EvidenceUnknown(DomainError):
    code = "evidence_unknown"
    text = _("There is no unused picture “{upload_id}”.")


class EvidenceRequired(DomainError):
    code = "evidence_required"
    text = _("The reason “{reason}” needs pictures.")


class TooManyPictures(DomainError):
    code = "too_many_pictures"
    text = _("{count} pictures are too many; {limit} are allowed.")


@transaction.atomic(durable=True)
def upload(*, distributor: Distributor | None, content: bytes, at: datetime) -> Evidence:
    """Keep a picture for a distributor (None: the platform), to be named in a case or claim.

    The same content again, while nothing uses it, is the same evidence.

    :raises PictureTooLarge: more than 5 MB.
    :raises PictureHasTooManyPixels: more than 25 megapixels.
    :raises PictureFormatNotAllowed: no JPEG, PNG or WebP, or something else at the same time.
    :raises PictureUnreadable: truncated or damaged.
    :raises EvidenceQuotaExceeded: too many pictures wait to be used.
    """
    unused = _unused().filter(distributor=distributor)
    sha256 = hashlib.sha256(content).hexdigest()
    known = unused.filter(sha256=sha256).order_by("pk").first()
    # Kept for as long again, unless it was used or forgotten just now.
    if known is not None and unused.filter(pk=known.pk).update(uploaded_at=at):
        return known
    if distributor is not None and unused.count() >= MAX_UNUSED:
        raise EvidenceQuotaExceeded(limit=MAX_UNUSED)
    rendition = pictures.render(content)
    with pictures.written(rendition, storage=storages[STORAGE], folder=FOLDER) as paths:
        return Evidence.objects.create(
            upload_id=secrets.token_hex(ID_BYTES),
            distributor=distributor,
            file=paths[0],
            thumbnail=paths[1],
            sha256=sha256,
            uploaded_at=at,
        )


def attach_to_case(
    *, case: Case, upload_ids: Sequence[str], distributor: Distributor | None
) -> None:
    """Add pictures of a distributor (None: of the platform) to a case, in the caller's transaction.

    :raises TooManyPictures: more than MAX_PICTURES.
    :raises EvidenceUnknown: one is not there, not theirs, or used already.
    """
    _attach(upload_ids, distributor, case=case)


def attach_to_claim(*, claim: Claim, upload_ids: Sequence[str], distributor: Distributor) -> None:
    """Add pictures of a distributor to a claim; refuses as `attach_to_case` does."""
    _attach(upload_ids, distributor, claim=claim)


def attach_to_inspection(*, inspection: Inspection, upload_ids: Sequence[str]) -> None:
    """Add pictures of the platform to an inspection; refuses as `attach_to_case` does."""
    _attach(upload_ids, None, inspection=inspection)


def read(picture: Evidence, *, small: bool = False) -> IO[bytes]:
    """Open the JPEG of a picture, or its thumbnail. Whoever shows it has looked who asks."""
    return storages[STORAGE].open(picture.thumbnail if small else picture.file)


def forget_unused(*, at: datetime) -> int:
    """Delete pictures that nothing used in UNUSED_DAYS; return how many.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        done = _forget_some(at - timedelta(days=UNUSED_DAYS))
        count += done
        if done < FORGOTTEN_AT_ONCE:
            return count


@transaction.atomic(savepoint=False)
def _attach(upload_ids: Sequence[str], distributor: Distributor | None, **owner: Any) -> None:
    if not upload_ids:
        return
    if len(upload_ids) > MAX_PICTURES:
        raise TooManyPictures(count=len(upload_ids), limit=MAX_PICTURES)
    # Locked, so that two acts can never both have them.
    rows = _unused().filter(upload_id__in=upload_ids, distributor=distributor).order_by("pk")
    found = {row.upload_id: row.pk for row in rows.select_for_update(no_key=True)}
    for upload_id in upload_ids:
        if upload_id not in found:
            raise EvidenceUnknown(upload_id=upload_id)
    Evidence.objects.filter(pk__in=found.values()).update(**owner)


@transaction.atomic(durable=True)
def _forget_some(before: datetime) -> int:
    rows = _unused().filter(uploaded_at__lt=before).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True)[:FORGOTTEN_AT_ONCE])
    Evidence.objects.filter(pk__in=[row.pk for row in found]).delete()
    paths = [path for row in found for path in (row.file, row.thumbnail)]
    transaction.on_commit(lambda: _delete_files(paths))
    return len(found)


def _delete_files(paths: Sequence[str]) -> None:
    for path in paths:
        storages[STORAGE].delete(path)


def _unused() -> QuerySet[Evidence]:
    return Evidence.objects.filter(case=None, claim=None, inspection=None)
