"""Bills paid offline: the platform records what the bank has paid, once."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit import money
from kit.actors import OPERATIONS, Actor
from kit.errors import DomainError, WrongState
from ledger import freezing, posting
from ledger.models import Kind
from suppliers import settlement
from suppliers.models import Bill, BillState

MAX_REFERENCE = 128


class NothingToPay(DomainError):
    code = "nothing_to_pay"
    text = _("This bill comes to {total}: nothing is paid for it.")


class BankReferenceInvalid(DomainError):
    code = "bank_reference_invalid"
    text = _("A bank reference has 1 to {limit} characters on one line.")


class BankReferenceUsed(DomainError):
    code = "bank_reference_used"
    text = _("The bank reference {reference} belongs to another payment.")


class SecondPayerNeeded(DomainError):
    code = "second_payer_needed"
    text = _("Above {limit} somebody else than who prepared the payment has to record it.")


@transaction.atomic(durable=True)
def prepare(*, bill_no: str, actor: Actor, at: datetime) -> Bill:
    """Say that an accepted bill is to be paid: above the four-eyes limit the first of two people.

    :raises NotFound: there is no such bill.
    :raises WrongState: it is not accepted.
    :raises NothingToPay: it comes to nothing, or less.
    """
    bill = settlement.lock(bill_no)
    _check_payable(bill)
    bill.prepared_by, bill.prepared_at = str(actor), at
    bill.version += 1
    bill.save()
    return bill


def pay(*, bill_no: str, bank_reference: str, paid_on: date, actor: Actor, at: datetime) -> Bill:
    """Record that the bank has paid a bill.

    :raises NotFound: there is no such bill.
    :raises WrongState: it is not accepted.
    :raises NothingToPay: it comes to nothing, or less: then it is settled by being accepted.
    :raises BankReferenceInvalid: no reference, too long, or on several lines.
    :raises BankReferenceUsed: it belongs to another payment.
    :raises SecondPayerNeeded: above the limit nobody, or the same person, has prepared it.
    :raises SupplierAccountFrozen: a proof found what is payable to the supplier broken.
    """
    reference = bank_reference.strip()
    if not (1 <= len(reference) <= MAX_REFERENCE and reference.isprintable()):
        raise BankReferenceInvalid(limit=MAX_REFERENCE)
    try:
        return _pay(bill_no, reference, paid_on, actor, at)
    except IntegrityError as error:
        if "bill_once_per_bank_reference" not in str(error):
            raise
        raise BankReferenceUsed(reference=reference) from None


@transaction.atomic(durable=True)
def _pay(bill_no: str, reference: str, paid_on: date, actor: Actor, at: datetime) -> Bill:
    bill = settlement.lock(bill_no)
    if bill.state == BillState.PAID and bill.bank_reference == reference:
        return bill
    _check_payable(bill)
    _check_second_person(bill, actor)
    freezing.lock_supplier_account(Kind.PAYABLE, bill.supplier_id)
    bill.pay()
    bill.bank_reference, bill.paid_on, bill.paid_by = reference, paid_on, str(actor)
    bill.ended_at = at
    bill.version += 1
    bill.save()
    posting.post(
        [
            posting.Posting(
                code="bill_paid",
                reference=bill.bill_no,
                debit=(Kind.PAYABLE, bill.supplier_id),
                credit=(Kind.BANK, None),
                amount_fen=bill.total_fen,
                supplier_pk=bill.supplier_id,
                note=reference,
            )
        ],
        at=at,
        actor=actor,
    )
    return bill


def _check_payable(bill: Bill) -> None:
    if bill.state != BillState.ACCEPTED:
        raise WrongState(state=bill.get_state_display())
    if bill.total_fen <= 0:
        raise NothingToPay(total=money.yuan(bill.total_fen))


def _check_second_person(bill: Bill, actor: Actor) -> None:
    limit_fen: int = policies.read().four_eyes_above_fen
    if bill.total_fen <= limit_fen or actor == OPERATIONS:
        return
    if bill.prepared_by in ("", str(actor)):
        raise SecondPayerNeeded(limit=money.yuan(limit_fen))
