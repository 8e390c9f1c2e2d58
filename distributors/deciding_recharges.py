"""Deciding about recharges: staff look for the money and credit it once, large sums by two people."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from distributors import agreeing, recharging, telling
from distributors.applying_for_recharges import MAX_PAYER, OPEN, PREFIX
from distributors.models import Distributor, Recharge, RechargeState
from kit import numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts, posting


class BankReferenceDiffers(DomainError):
    code = "bank_reference_differs"
    text = _("Who checked it found the money under “{checked}”; look again, or reject it.")


def check_once(
    *,
    recharge_no: str,
    bank_reference: str,
    actor: Actor,
    at: datetime,  # noqa: ARG001 (only the decision has a time)
) -> Recharge:
    """Say that the money has been seen, as the first of two people; nothing is credited yet.

    :raises NotFound: there is no such application.
    :raises WrongState: it is checked or decided.
    :raises ReferenceInvalid: the bank reference is empty, too long, or on several lines.
    :raises AlreadyPosted: another recharge was or is to be credited under this reference.
    """
    reference = recharging.checked_reference(bank_reference)
    try:
        return _check_once(recharge_no, reference, actor)
    except IntegrityError as error:
        raise _taken(error, reference) from None


def propose(
    *, distributor_pk: int, amount_fen: int, bank_reference: str, actor: Actor, at: datetime
) -> Recharge:
    """Say that money came in that nobody applied for, as the first of two people.

    :raises NotFound: there is no such distributor.
    :raises AmountOutOfRange: not a positive amount within reason.
    :raises ReferenceInvalid: the bank reference is empty, too long, or on several lines.
    :raises AlreadyPosted: another recharge was or is to be credited under this reference.
    """
    recharging.check_amount(amount_fen)
    reference = recharging.checked_reference(bank_reference)
    try:
        return _propose(distributor_pk, amount_fen, reference, actor, at)
    except IntegrityError as error:
        raise _taken(error, reference) from None


def approve(*, recharge_no: str, actor: Actor, at: datetime, bank_reference: str = "") -> Recharge:
    """Credit the money, once; above the four-eyes limit as the second of two people.

    :raises NotFound: there is no such application.
    :raises WrongState: it is decided.
    :raises ReferenceInvalid: nobody named the bank reference, or it is too long.
    :raises BankReferenceDiffers: who checked it named another one.
    :raises SecondPersonNeeded: above the limit nobody, or the same person, has checked it.
    :raises AlreadyPosted: another recharge was or is to be credited under this reference.
    """
    try:
        return _approve(recharge_no, bank_reference.strip(), actor, at)
    except IntegrityError as error:
        raise _taken(error, bank_reference) from None


@transaction.atomic(durable=True)
def reject(*, recharge_no: str, reason: str, actor: Actor, at: datetime) -> Recharge:
    """Say that the money is not there, or not as said, and why.

    :raises NotFound: there is no such application.
    :raises RejectionReasonMissing: no reason, or too long a one.
    :raises WrongState: it is decided.
    """
    words = agreeing.require_reason(reason)
    found = _lock(recharge_no)
    _require(found, *OPEN)
    found.reject()
    found.reason = words
    _decided(found, actor, at)
    telling.recharge_rejected(found, at=at)
    return found


@transaction.atomic(durable=True)
def _check_once(recharge_no: str, reference: str, actor: Actor) -> Recharge:
    found = _lock(recharge_no)
    _require(found, RechargeState.APPLIED)
    _refuse_credited(reference)
    found.check_once()
    found.bank_reference, found.checked_by = reference, str(actor)
    found.version += 1
    found.save()
    return found


@transaction.atomic(durable=True)
def _propose(
    distributor_pk: int, amount_fen: int, reference: str, actor: Actor, at: datetime
) -> Recharge:
    if distributor_pk not in accounts.lock_deposits([distributor_pk]):
        raise NotFound
    _refuse_credited(reference)
    distributor = Distributor.objects.select_related("company").get(pk=distributor_pk)
    found = Recharge(
        recharge_no=numbers.day_prefix(PREFIX, at) + numbers.unguessable(8),
        distributor=distributor,
        amount_fen=amount_fen,
        payer=distributor.company.name[:MAX_PAYER],
        bank_reference=reference,
        applied_by=str(actor),
        checked_by=str(actor),
        applied_at=at,
    )
    found.check_once()
    found.save()
    return found


@transaction.atomic(durable=True)
def _approve(recharge_no: str, reference: str, actor: Actor, at: datetime) -> Recharge:
    found = _lock(recharge_no)
    _require(found, *OPEN)
    agreeing.require_second(amount_fen=found.amount_fen, checked_by=found.checked_by, actor=actor)
    if found.bank_reference and reference not in ("", found.bank_reference):
        raise BankReferenceDiffers(checked=found.bank_reference)
    found.approve()
    found.bank_reference = recharging.checked_reference(found.bank_reference or reference)
    _decided(found, actor, at)
    recharging.credit(
        distributor_pk=found.distributor_id,
        amount_fen=found.amount_fen,
        reference=found.bank_reference,
        recharge_no=found.recharge_no,
        actor=actor,
        at=at,
    )
    return found


def _lock(recharge_no: str) -> Recharge:
    """Lock the deposit, then the application."""
    rows = Recharge.objects.filter(recharge_no=recharge_no)
    owner = rows.values_list("distributor_id", flat=True).first()
    if owner is None:
        raise NotFound
    accounts.lock_deposits([owner])
    return rows.select_related("distributor").locked().get()


def _require(found: Recharge, *states: RechargeState) -> None:
    if found.state not in states:
        raise WrongState(state=found.get_state_display())


def _decided(found: Recharge, actor: Actor, at: datetime) -> None:
    found.decided_by, found.decided_at = str(actor), at
    found.version += 1
    found.save()


def _refuse_credited(reference: str) -> None:
    if posting.is_posted(recharging.CODE, reference):
        raise posting.AlreadyPosted(reference=reference)


def _taken(error: IntegrityError, reference: str) -> Exception:
    """Return the refusal that a broken rule of the database means."""
    if "recharge_once_per_bank_reference" not in str(error):
        return error
    return posting.AlreadyPosted(reference=reference)
