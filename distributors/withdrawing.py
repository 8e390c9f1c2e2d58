"""Withdrawing: a distributor asks for money back from its deposit, which holds it from then on."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors import recharging, warning
from distributors.models import Distributor, Withdrawal, WithdrawalState
from kit import money, numbers, sealing
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts, freezing
from ledger.models import Account

# What the deposit holds for.
OPEN = (WithdrawalState.APPLIED, WithdrawalState.CHECKED, WithdrawalState.APPROVED)
# What its distributor may still cancel.
CANCELLABLE = (WithdrawalState.APPLIED, WithdrawalState.CHECKED)
MAX_OPEN = 20
MAX_PAYEE = 120
MAX_BANK = 80
MAX_NOTE = 200
TAIL = 4
PREFIX = "T"
ACCOUNT_NO = re.compile(r"[0-9A-Za-z]{6,34}", re.ASCII)


class PayeeInvalid(DomainError):
    code = "payee_invalid"
    text = _("Say who is to be paid, at which bank, and the account's number of 6 to 34 digits.")


class WithdrawalNoteInvalid(DomainError):
    code = "withdrawal_note_invalid"
    text = _("A note has up to {limit} characters on one line.")


class WithdrawalTooLarge(DomainError):
    code = "withdrawal_too_large"
    text = _("At most {most} can be withdrawn: credit, and what is held, cannot.")


class WithdrawalLimitReached(DomainError):
    code = "withdrawal_limit_reached"
    text = _("You have {limit} open withdrawals already; wait until they are paid.")


def account_of(withdrawal: Withdrawal) -> tuple[str, str]:
    """Return bank and account number, for who pays it."""
    bank, _line, number = sealing.unseal(withdrawal.account_sealed).partition("\n")
    return bank, number


def most_fen(account: Account) -> int:
    """Return what can be withdrawn from a deposit, in fen: its own money that nothing holds."""
    return max(0, (account.balance_fen or 0) - account.held_fen)


@transaction.atomic(durable=True)
def apply(
    *,
    distributor: Distributor,
    amount_fen: int,
    payee: str,
    bank: str,
    account_no: str,
    actor: Actor,
    at: datetime,
    note: str = "",
) -> Withdrawal:
    """Ask for money back, and hold it; the very same open application again is the first one.

    :raises AmountOutOfRange: not a positive amount within reason.
    :raises PayeeInvalid: payee, bank or account number are missing or not such.
    :raises WithdrawalNoteInvalid: too long, or on several lines.
    :raises AccountFrozen: a proof found the deposit broken.
    :raises WithdrawalTooLarge: more than the deposit's own money that nothing holds.
    :raises WithdrawalLimitReached: too many withdrawals are open.
    """
    recharging.check_amount(amount_fen)
    payee, bank, note = payee.strip(), bank.strip(), note.strip()
    number = re.sub(r"[\s-]", "", account_no)
    _check(payee, bank, number, note)
    deposit = accounts.lock_deposits([distributor.pk])[distributor.pk]
    open_now = list(Withdrawal.objects.of(distributor).filter(state__in=OPEN).order_by("pk"))
    for one in open_now:
        if _content(one) == (amount_fen, payee, note, (bank, number)):
            return one
    _refuse(deposit, amount_fen, open_now)
    found = Withdrawal.objects.create(
        withdrawal_no=numbers.day_prefix(PREFIX, at) + numbers.unguessable(8),
        distributor=distributor,
        amount_fen=amount_fen,
        payee=payee,
        account_sealed=sealing.seal(f"{bank}\n{number}"),
        account_tail=number[-TAIL:],
        note=note,
        applied_by=str(actor),
        applied_at=at,
    )
    accounts.reserve({distributor.pk: amount_fen})
    warning.watch([distributor.pk], at=at)
    return found


@transaction.atomic(durable=True)
def cancel(
    *, distributor: Distributor, withdrawal_no: str, actor: Actor, at: datetime
) -> Withdrawal:
    """Leave the money where it is, as long as its payment is not approved; nothing is held any more.

    Cancelling again changes nothing.

    :raises NotFound: the distributor has no such withdrawal.
    :raises WrongState: it is approved or ended.
    """
    accounts.lock_deposits([distributor.pk])
    rows = Withdrawal.objects.of(distributor).filter(withdrawal_no=withdrawal_no)
    found = rows.locked().first()
    if found is None:
        raise NotFound
    if found.state == WithdrawalState.CANCELLED:
        return found
    if found.state not in CANCELLABLE:
        raise WrongState(state=found.get_state_display())
    found.cancel()
    found.decided_by, found.decided_at = str(actor), at
    found.version += 1
    found.save()
    free(found, at=at)
    return found


def free(withdrawal: Withdrawal, *, at: datetime) -> None:
    """Hold a withdrawal's amount no longer on the locked deposit."""
    accounts.reserve({withdrawal.distributor_id: -withdrawal.amount_fen})
    warning.watch([withdrawal.distributor_id], at=at)


def _check(payee: str, bank: str, number: str, note: str) -> None:
    named = 0 < len(payee) <= MAX_PAYEE and 0 < len(bank) <= MAX_BANK
    if not (named and (payee + bank).isprintable() and ACCOUNT_NO.fullmatch(number)):
        raise PayeeInvalid
    if not (len(note) <= MAX_NOTE and note.isprintable()):
        raise WithdrawalNoteInvalid(limit=MAX_NOTE)


def _content(one: Withdrawal) -> tuple[int, str, str, tuple[str, str]]:
    return one.amount_fen, one.payee, one.note, account_of(one)


def _refuse(deposit: Account, amount_fen: int, open_now: list[Withdrawal]) -> None:
    freezing.refuse_frozen(deposit)
    most = most_fen(deposit)
    if amount_fen > most:
        raise WithdrawalTooLarge(most=money.yuan(most), most_fen=most)
    if len(open_now) >= MAX_OPEN:
        raise WithdrawalLimitReached(limit=MAX_OPEN)
