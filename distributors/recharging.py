"""Money into a distributor's deposit, and the warning when it runs low."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors import warning
from distributors.models import Distributor
from integration import outbox
from kit import times
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts, posting
from ledger.models import Account, Kind

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
    :raises AlreadyPosted: money with this reference was credited before.
    """
    if not 1 <= amount_fen <= MAX_RECHARGE_FEN:
        raise AmountOutOfRange(amount_fen=amount_fen, limit=MAX_RECHARGE_FEN)
    if not (1 <= len(reference) <= MAX_REFERENCE and reference.isprintable()):
        raise ReferenceInvalid(limit=MAX_REFERENCE)
    locked = accounts.lock_deposits([distributor_pk])
    if distributor_pk not in locked:
        raise NotFound
    if posting.is_posted("recharge", reference):
        raise posting.AlreadyPosted(reference=reference)
    posting.post(
        [
            posting.Posting(
                code="recharge",
                reference=reference,
                debit=(Kind.BANK, None),
                credit=(Kind.DEPOSIT, distributor_pk),
                amount_fen=amount_fen,
                distributor_pk=distributor_pk,
            )
        ],
        at=at,
        actor=actor,
    )
    account = accounts.deposit_of(distributor_pk)
    _tell(distributor_pk, account, reference=reference, amount_fen=amount_fen, at=at)
    return account


@transaction.atomic(durable=True)
def set_credit_line(*, distributor_pk: int, credit_line_fen: int) -> Account:
    """Let a distributor order beyond its deposit, by so many fen at the most.

    :raises NotFound: there is no such distributor.
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
    return account


def _tell(
    distributor_pk: int, account: Account, *, amount_fen: int, reference: str, at: datetime
) -> None:
    distributor = Distributor.objects.get(pk=distributor_pk)
    warning.watch([distributor.pk], at=at)
    data = {
        "reference": reference,
        "amount_fen": amount_fen,
        "available_fen": account.available_fen,
        "at": times.rfc3339(at),
    }
    outbox.record(
        [outbox.Message(distributor.partner_id, "recharge.approved", reference[:64], None, data)],
        at=at,
    )
