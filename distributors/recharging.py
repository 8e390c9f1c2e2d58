"""Money into a distributor's deposit, once for each bank reference, and how far it may go below."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors import agreeing, telling, warning
from distributors.models import Distributor
from kit import money
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts, posting
from ledger.models import Account, Kind

CODE = "recharge"
MAX_RECHARGE_FEN = 100_000_000_00
MAX_REFERENCE = 128


class AmountOutOfRange(DomainError):
    code = "amount_out_of_range"
    text = _("An amount is from 1 to {limit} fen; {amount_fen} is not.")


class ReferenceInvalid(DomainError):
    code = "reference_invalid"
    text = _("A reference has 1 to {limit} characters on one line.")


@transaction.atomic(durable=True)
def recharge(
    *, distributor_pk: int, amount_fen: int, reference: str, actor: Actor, at: datetime
) -> Account:
    """Credit a deposit directly with money that has come in under a bank reference.

    :raises NotFound: there is no such distributor.
    :raises AmountOutOfRange: not a positive amount within reason.
    :raises ReferenceInvalid: empty, too long, or on several lines.
    :raises SecondPersonNeeded: one person alone may not credit so much.
    :raises AlreadyPosted: money with this reference was credited before.
    """
    check_amount(amount_fen)
    reference = checked_reference(reference)
    if agreeing.takes_two(amount_fen, actor):
        raise agreeing.SecondPersonNeeded(limit=money.yuan(agreeing.limit_fen()))
    if distributor_pk not in accounts.lock_deposits([distributor_pk]):
        raise NotFound
    return credit(
        distributor_pk=distributor_pk,
        amount_fen=amount_fen,
        reference=reference,
        actor=actor,
        at=at,
    )


@transaction.atomic(savepoint=False)
def credit(
    *,
    distributor_pk: int,
    amount_fen: int,
    reference: str,
    actor: Actor,
    at: datetime,
    recharge_no: str = "",
) -> Account:
    """Credit a locked deposit, by whichever road the money was found, and tell its distributor.

    :raises AlreadyPosted: money with this bank reference was credited before, by either road.
    """
    if posting.is_posted(CODE, reference):
        raise posting.AlreadyPosted(reference=reference)
    posting.post(
        [
            posting.Posting(
                code=CODE,
                reference=reference,
                debit=(Kind.BANK, None),
                credit=(Kind.DEPOSIT, distributor_pk),
                amount_fen=amount_fen,
                distributor_pk=distributor_pk,
                note=recharge_no,
            )
        ],
        at=at,
        actor=actor,
    )
    warning.watch([distributor_pk], at=at)
    account = accounts.deposit_of(distributor_pk)
    telling.recharge_approved(
        Distributor.objects.get(pk=distributor_pk),
        account,
        amount_fen=amount_fen,
        reference=reference,
        recharge_no=recharge_no,
        at=at,
    )
    return account


@transaction.atomic(durable=True)
def set_credit_line(*, distributor_pk: int, credit_line_fen: int, at: datetime) -> Account:
    """Let a distributor order beyond its deposit, by so many fen at the most.

    :raises NotFound: there is no such distributor.
    :raises AmountOutOfRange: negative or absurd.
    :raises DepositInsufficient: it already owes more than that.
    """
    account = accounts.lock_deposits([distributor_pk]).get(distributor_pk)
    if account is None:
        raise NotFound
    if credit_line_fen < 0 or credit_line_fen > MAX_RECHARGE_FEN:
        raise AmountOutOfRange(amount_fen=credit_line_fen, limit=MAX_RECHARGE_FEN)
    needed = account.held_fen - (account.balance_fen or 0)
    if credit_line_fen < needed:
        raise posting.DepositInsufficient(
            shortfall_fen=needed - credit_line_fen,
            needed_fen=needed,
            available_fen=credit_line_fen,
        )
    account.credit_line_fen = credit_line_fen
    account.save(update_fields=["credit_line_fen"])
    warning.watch([distributor_pk], at=at)
    return account


def check_amount(amount_fen: int) -> None:
    """Make sure that an amount is positive and within reason.

    :raises AmountOutOfRange: it is not.
    """
    if not 1 <= amount_fen <= MAX_RECHARGE_FEN:
        raise AmountOutOfRange(amount_fen=amount_fen, limit=MAX_RECHARGE_FEN)


def checked_reference(reference: str) -> str:
    """Return a bank reference without blanks around it: they must not make it another one.

    :raises ReferenceInvalid: empty, too long, or on several lines.
    """
    text = reference.strip()
    if not (1 <= len(text) <= MAX_REFERENCE and text.isprintable()):
        raise ReferenceInvalid(limit=MAX_REFERENCE)
    return text
