"""Security deposits of suppliers (保证金): what is required, paid in, and given back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import money
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts, freezing, posting
from ledger.models import Kind
from suppliers.models import Supplier

MAX_SECURITY_FEN = 100_000_000_00
MAX_REFERENCE = 128


class SecurityOutOfRange(DomainError):
    code = "security_out_of_range"
    text = _("A security deposit goes up to {limit}; {amount} is not possible.")


class SecurityReferenceInvalid(DomainError):
    code = "security_reference_invalid"
    text = _("A bank reference has 1 to {limit} characters on one line.")


class SecurityInsufficient(DomainError):
    code = "security_insufficient"
    text = _("Only {paid} of security are there, not {amount}.")


def paid_fen(supplier: Supplier) -> int:
    """Return what a supplier has paid in and not got back, in fen."""
    return accounts.balance(Kind.SECURITY, supplier.pk)


def is_short(supplier: Supplier) -> bool:
    """Tell whether a supplier has paid in less than is required of it."""
    required_fen = supplier.security_required_fen
    return required_fen > 0 and paid_fen(supplier) < required_fen


@transaction.atomic(durable=True)
def require(*, supplier_pk: int, amount_fen: int) -> Supplier:
    """Say how much security a supplier has to pay in; while it is short, it lists no new goods.

    :raises NotFound: there is no such supplier.
    :raises SecurityOutOfRange: negative or absurd.
    """
    if not 0 <= amount_fen <= MAX_SECURITY_FEN:
        raise SecurityOutOfRange(limit=money.yuan(MAX_SECURITY_FEN), amount=money.yuan(amount_fen))
    supplier = _lock(supplier_pk)
    supplier.security_required_fen = amount_fen
    supplier.save(update_fields=["security_required_fen"])
    return supplier


@transaction.atomic(durable=True)
def pay_in(
    *, supplier_pk: int, amount_fen: int, bank_reference: str, actor: Actor, at: datetime
) -> int:
    """Record security that has come in; return what is there now, in fen.

    :raises NotFound: there is no such supplier.
    :raises SecurityOutOfRange: not a positive amount within reason.
    :raises SecurityReferenceInvalid: no reference, too long, or on several lines.
    :raises AlreadyPosted: it was recorded under this reference before.
    """
    _check(amount_fen, bank_reference)
    supplier = _lock(supplier_pk)
    _post(supplier, "security_in", amount_fen, bank_reference, actor, at)
    return paid_fen(supplier)


@transaction.atomic(durable=True)
def give_back(
    *, supplier_pk: int, amount_fen: int, bank_reference: str, actor: Actor, at: datetime
) -> int:
    """Record security that was paid back; return what is left, in fen.

    :raises SecurityInsufficient: there is not that much.
    :raises SupplierAccountFrozen: a proof found the account broken.
    :raises DomainError: see `pay_in`.
    """
    _check(amount_fen, bank_reference)
    supplier = _lock(supplier_pk)
    freezing.lock_supplier_account(Kind.SECURITY, supplier.pk)
    there_fen = paid_fen(supplier)
    if amount_fen > there_fen:
        raise SecurityInsufficient(paid=money.yuan(there_fen), amount=money.yuan(amount_fen))
    _post(supplier, "security_out", amount_fen, bank_reference, actor, at)
    return there_fen - amount_fen


def _lock(supplier_pk: int) -> Supplier:
    supplier = Supplier.objects.filter(pk=supplier_pk).locked().first()
    if supplier is None:
        raise NotFound
    return supplier


def _check(amount_fen: int, reference: str) -> None:
    if not 1 <= amount_fen <= MAX_SECURITY_FEN:
        raise SecurityOutOfRange(limit=money.yuan(MAX_SECURITY_FEN), amount=money.yuan(amount_fen))
    if not (1 <= len(reference) <= MAX_REFERENCE and reference.isprintable()):
        raise SecurityReferenceInvalid(limit=MAX_REFERENCE)


def _post(
    supplier: Supplier, code: str, amount_fen: int, reference: str, actor: Actor, at: datetime
) -> None:
    if posting.is_posted(code, reference):
        raise posting.AlreadyPosted(reference=reference)
    bank, security = (Kind.BANK, None), (Kind.SECURITY, supplier.pk)
    comes_in = code == "security_in"
    posting.post(
        [
            posting.Posting(
                code=code,
                reference=reference,
                debit=bank if comes_in else security,
                credit=security if comes_in else bank,
                amount_fen=amount_fen,
                supplier_pk=supplier.pk,
            )
        ],
        at=at,
        actor=actor,
    )
