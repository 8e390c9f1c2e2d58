"""Deciding about withdrawals: agreed to, large ones by two people, paid by the bank, or rejected."""

from datetime import datetime

from django.db import IntegrityError, transaction

from distributors import agreeing, recharging, telling, withdrawing
from distributors.models import Withdrawal, WithdrawalState
from kit.actors import Actor
from kit.errors import NotFound, WrongState
from ledger import accounts, freezing, posting
from ledger.models import Kind

CODE = "withdrawal_paid"


@transaction.atomic(durable=True)
def check_once(*, withdrawal_no: str, actor: Actor, at: datetime) -> Withdrawal:  # noqa: ARG001
    """Agree as the first of two people.

    :raises NotFound: there is no such withdrawal.
    :raises WrongState: it is checked or decided.
    """
    found = _lock(withdrawal_no)
    _require(found, WithdrawalState.APPLIED)
    found.check_once()
    found.checked_by = str(actor)
    found.version += 1
    found.save()
    return found


@transaction.atomic(durable=True)
def approve(*, withdrawal_no: str, actor: Actor, at: datetime) -> Withdrawal:
    """Let it be paid; above the four-eyes limit as the second of two people.

    :raises NotFound: there is no such withdrawal.
    :raises WrongState: it is approved or ended.
    :raises SecondPersonNeeded: above the limit nobody, or the same person, has checked it.
    """
    found = _lock(withdrawal_no)
    _require(found, WithdrawalState.APPLIED, WithdrawalState.CHECKED)
    agreeing.require_second(amount_fen=found.amount_fen, checked_by=found.checked_by, actor=actor)
    found.approve()
    _decided(found, actor, at)
    telling.withdrawal_changed(found, at=at)
    return found


def pay(*, withdrawal_no: str, bank_reference: str, actor: Actor, at: datetime) -> Withdrawal:
    """Record that the bank has paid it: the deposit is debited and holds it no longer.

    :raises NotFound: there is no such withdrawal.
    :raises ReferenceInvalid: the bank reference is empty, too long, or on several lines.
    :raises WrongState: it is not approved, or it is paid.
    :raises AccountFrozen: a proof found the deposit broken.
    :raises AlreadyPosted: another withdrawal was paid under this reference.
    """
    reference = recharging.checked_reference(bank_reference)
    try:
        return _pay(withdrawal_no, reference, actor, at)
    except IntegrityError as error:
        if "withdrawal_once_per_bank_reference" not in str(error):
            raise
        raise posting.AlreadyPosted(reference=reference) from None


@transaction.atomic(durable=True)
def reject(*, withdrawal_no: str, reason: str, actor: Actor, at: datetime) -> Withdrawal:
    """Do not pay it, and say why; nothing is held any more.

    :raises NotFound: there is no such withdrawal.
    :raises RejectionReasonMissing: no reason, or too long a one.
    :raises WrongState: it has ended.
    """
    words = agreeing.require_reason(reason)
    found = _lock(withdrawal_no)
    _require(found, *withdrawing.OPEN)
    found.reject()
    found.reason = words
    _decided(found, actor, at)
    withdrawing.free(found, at=at)
    telling.withdrawal_changed(found, at=at)
    return found


@transaction.atomic(durable=True)
def _pay(withdrawal_no: str, reference: str, actor: Actor, at: datetime) -> Withdrawal:
    found = _lock(withdrawal_no)
    _require(found, WithdrawalState.APPROVED)
    freezing.refuse_frozen(accounts.deposit_of(found.distributor_id))
    if posting.is_posted(CODE, reference):
        raise posting.AlreadyPosted(reference=reference)
    found.pay()
    found.bank_reference, found.paid_at = reference, at
    found.version += 1
    found.save()
    # First free, then debited: the floor counts what is held.
    accounts.reserve({found.distributor_id: -found.amount_fen})
    posting.post(
        [
            posting.Posting(
                code=CODE,
                reference=reference,
                debit=(Kind.DEPOSIT, found.distributor_id),
                credit=(Kind.BANK, None),
                amount_fen=found.amount_fen,
                distributor_pk=found.distributor_id,
                note=found.withdrawal_no,
            )
        ],
        at=at,
        actor=actor,
    )
    telling.withdrawal_changed(found, at=at)
    return found


def _lock(withdrawal_no: str) -> Withdrawal:
    """Lock the deposit, then the withdrawal."""
    rows = Withdrawal.objects.filter(withdrawal_no=withdrawal_no)
    owner = rows.values_list("distributor_id", flat=True).first()
    if owner is None:
        raise NotFound
    accounts.lock_deposits([owner])
    return rows.select_related("distributor").locked().get()


def _require(found: Withdrawal, *states: WithdrawalState) -> None:
    if found.state not in states:
        raise WrongState(state=found.get_state_display())


def _decided(found: Withdrawal, actor: Actor, at: datetime) -> None:
    found.decided_by, found.decided_at = str(actor), at
    found.version += 1
    found.save()
