"""Invoices (发票) that suppliers attach to their bills: a PDF as it is, or a picture encoded anew.

They are kept apart from what the proxy serves, and handed only to their supplier and to staff, as
a file to download.
"""

import io
import secrets
import warnings
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from kit import documents
from kit.errors import DomainError, NotFound, WrongState
from suppliers import settlement
from suppliers.models import Bill, BillState, Supplier

STORAGE = "private"
FOLDER = "invoices"
MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
NAME_BYTES = 16
QUALITY = 88
FORMATS = ("JPEG", "PNG", "WEBP")


class InvoiceTooLarge(DomainError):
    code = "invoice_too_large"
    text = _("An invoice has up to {limit_mb} MB and {limit_megapixels} megapixels.")


class InvoiceFormatNotAllowed(DomainError):
    code = "invoice_format_not_allowed"
    text = _("An invoice is a PDF, or a JPEG, PNG or WebP picture that can be opened.")


def attach(*, supplier: Supplier, bill_no: str, name: str, content: bytes) -> Bill:
    """Attach an invoice to a bill, in place of one that was there before.

    :raises NotFound: the supplier has no such bill.
    :raises WrongState: the bill is void, or it is paid and has its invoice.
    :raises InvoiceTooLarge: over 5 MB or 25 megapixels.
    :raises InvoiceFormatNotAllowed: neither PDF nor picture, or damaged.
    """
    if len(content) > MAX_BYTES:
        raise _too_large()
    suffix, checked = _checked(content)
    storage = storages[STORAGE]
    secret = secrets.token_hex(NAME_BYTES)
    # The file first, then the row: a full disk leaves no row without a file.
    path = storage.save(f"{FOLDER}/{secret[:2]}/{secret}{suffix}", ContentFile(checked))
    try:
        called = documents.named(name, suffix, otherwise="invoice")
        return _note(supplier, bill_no, path, called)
    except BaseException:
        storage.delete(path)
        raise


def read(bill: Bill) -> tuple[IO[bytes], str]:
    """Open a bill's invoice; return it with its content type. Whoever shows it has looked who asks.

    :raises NotFound: it has none.
    """
    if not bill.invoice:
        raise NotFound
    return storages[STORAGE].open(bill.invoice), documents.type_of(bill.invoice)


@transaction.atomic(durable=True)
def _note(supplier: Supplier, bill_no: str, path: str, name: str) -> Bill:
    bill = settlement.lock(bill_no, supplier=supplier)
    if bill.state in (BillState.DRAFT, BillState.VOID) or (
        bill.state == BillState.PAID and bill.invoice
    ):
        raise WrongState(state=bill.get_state_display())
    before = bill.invoice
    bill.invoice, bill.invoice_name = path, name
    bill.version += 1
    bill.save()
    if before:
        transaction.on_commit(lambda: storages[STORAGE].delete(before))
    return bill


def _checked(content: bytes) -> tuple[str, bytes]:
    if documents.is_pdf(content):
        if not documents.is_whole_pdf(content):
            raise InvoiceFormatNotAllowed
        return documents.PDF, content
    return documents.PICTURE, _encoded_anew(content)


def _encoded_anew(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise _too_large()
                image = ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise InvoiceFormatNotAllowed from None
    target = io.BytesIO()
    image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def _too_large() -> InvoiceTooLarge:
    return InvoiceTooLarge(
        limit_mb=MAX_BYTES // (1024 * 1024), limit_megapixels=MAX_PIXELS // 1_000_000
    )
