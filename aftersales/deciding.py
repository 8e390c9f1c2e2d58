"""What the platform decides: approving, rejecting, ruling in arbitration, reviewing refunds."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales import casework, onward, room, settling
from aftersales.casework import Work
from aftersales.models import WITH_RETURN, Case, CaseState, Liability
from kit.actors import OPERATIONS, Actor
from kit.errors import DomainError

ADDRESS_LENGTH = 300


class AmountBeyondCap(DomainError):
    code = "approved_amount_too_high"
    text = _("From {least_fen} to {cap_fen} fen can be approved, not {amount_fen}.")


class FreightBeyondCap(DomainError):
    code = "refunded_freight_too_high"
    text = _("At most {cap_fen} fen of the freight can come back, not {amount_fen}.")


class LiabilityUnknown(DomainError):
    code = "liability_unknown"
    text = _("“{liability}” is nobody who can be liable.")


class NoteMissing(DomainError):
    code = "note_missing"
    text = _("Say why.")


class AddressTooLong(DomainError):
    code = "return_address_invalid"
    text = _("A return address has from 1 to {limit} characters.")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    text = _("Somebody else has to do this: you decided the case before.")


@dataclass(frozen=True, slots=True)
class Terms:
    """To what the platform agrees; `freight_fen` comes on top of the amount."""

    approved_fen: int
    liability: str
    freight_fen: int = 0
    note: str = ""
    return_address: str = ""


@transaction.atomic(durable=True)
def approve(
    *,
    case_no: str,
    approved_fen: int,
    liability: str,
    actor: Actor,
    at: datetime,
    freight_fen: int = 0,
    note: str = "",
    return_address: str = "",
) -> Case:
    """Agree to a case, and take it on as far as it goes by itself.

    An exchange or resend whose new goods are not in stock is refunded with the approved amount.
    Without an address, a case whose goods are to come back waits for one.

    :raises NotFound: there is no such case.
    :raises WrongState: it is not applied for.
    :raises AmountBeyondCap: less than one fen, more than was asked, or than can come back.
    :raises FreightBeyondCap: more freight than can come back.
    :raises LiabilityUnknown: it names nobody who can be liable.
    :raises AddressTooLong: the return address is too long.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.APPLIED)
    terms = Terms(approved_fen, liability, freight_fen, note, return_address)
    approve_within(work, terms)
    return work.case


@transaction.atomic(durable=True)
def reject(*, case_no: str, note: str, actor: Actor, at: datetime) -> Case:
    """Decline a case; its distributor reads why.

    :raises NotFound: there is no such case.
    :raises WrongState: it is not applied for.
    :raises NoteMissing: no reason is given.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at)
    casework.require(work.case, CaseState.APPLIED)
    _reject(work, note)
    return work.case


@transaction.atomic(durable=True)
def rule(
    *,
    case_no: str,
    for_distributor: bool,
    actor: Actor,
    at: datetime,
    approved_fen: int | None = None,
    liability: str = "",
    freight_fen: int = 0,
    note: str = "",
    return_address: str = "",
) -> Case:
    """Rule in arbitration: for the distributor, which approves the case, or against, which ends it.

    What is not said stays as it was approved before, or is all that was asked, at the source's
    expense.

    :raises NotFound: there is no such case.
    :raises WrongState: it is not in arbitration.
    :raises SecondPersonNeeded: this person decided it before.
    :raises NoteMissing: it is ruled against without a reason.
    :raises AmountBeyondCap: less than one fen, more than was asked, or than can come back.
    :raises FreightBeyondCap: more freight than can come back.
    :raises LiabilityUnknown: it names nobody who can be liable.
    :raises AddressTooLong: the return address is too long.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.ARBITRATION)
    _check_second_person(work)
    if for_distributor:
        most_fen = most_that_can_be_approved(work)
        terms = Terms(
            most_fen if approved_fen is None else approved_fen,
            liability or work.case.liability or Liability.SUPPLIER,
            freight_fen,
            note,
            return_address,
        )
        approve_within(work, terms)
    else:
        _decide(work, note)
        close_within(work, reason=note)
    return work.case


@transaction.atomic(durable=True)
def review(*, case_no: str, agreed: bool, actor: Actor, at: datetime, note: str = "") -> Case:
    """Let a large refund pass, or send the case back as rejected.

    :raises NotFound: there is no such case.
    :raises WrongState: its refund is not under review.
    :raises SecondPersonNeeded: this person approved it.
    :raises NoteMissing: it is sent back without a reason.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.REFUND_REVIEW)
    _check_second_person(work)
    if agreed:
        settling.refund(work, reason=note)
    else:
        _reject(work, note)
    return work.case


def approve_within(work: Work, terms: Terms) -> None:
    """Approve a locked case on some terms, and take it on; refuses as `approve` does."""
    case = work.case
    _check_terms(work, terms)
    case.approved_fen, case.freight_fen = terms.approved_fen, terms.freight_fen
    case.liability = terms.liability
    _decide(work, terms.note)
    if case.type in WITH_RETURN and case.shipment_id is None:
        address = terms.return_address.strip() or case.return_address
        case.return_address = address or onward.known_address(work)
    casework.move(work, case.approve, reason=terms.note)
    onward.proceed(work)


def close_within(work: Work, *, reason: str = "") -> None:
    """End a case without a refund: what nobody will receive any more is its distributor's."""
    if work.case.shipment_id is not None:
        settling.receive_what_is_kept(work)
    casework.end(work, work.case.close, reason=reason)


def most_that_can_be_approved(work: Work) -> int:
    """Return what can come back for a case, which is no more than was asked."""
    case = work.case
    space = room.of([work.line], without=case)[work.line.pk]
    return min(case.asked_fen, space.cap_fen(case.quantity))


def address(text: str) -> str:
    """Return a return address as it is kept.

    :raises AddressTooLong: it is empty or too long.
    """
    text = " ".join(text.split())
    if not 0 < len(text) <= ADDRESS_LENGTH:
        raise AddressTooLong(pointer="/return_address", limit=ADDRESS_LENGTH)
    return text


def _check_terms(work: Work, terms: Terms) -> None:
    most_fen = most_that_can_be_approved(work)
    least_fen = min(1, most_fen)
    if not least_fen <= terms.approved_fen <= most_fen:
        raise AmountBeyondCap(
            pointer="/approved_fen",
            least_fen=least_fen,
            cap_fen=most_fen,
            amount_fen=terms.approved_fen,
        )
    left_fen = settling.freight_left_fen(work.part)
    if not 0 <= terms.freight_fen <= left_fen:
        raise FreightBeyondCap(
            pointer="/freight_fen", cap_fen=left_fen, amount_fen=terms.freight_fen
        )
    if terms.liability not in Liability.values:
        raise LiabilityUnknown(pointer="/liability", liability=terms.liability)
    if terms.return_address.strip():
        address(terms.return_address)


def _reject(work: Work, note: str) -> None:
    if not note.strip():
        raise NoteMissing(pointer="/note")
    _decide(work, note)
    casework.move(work, work.case.reject, reason=note)


def _decide(work: Work, note: str) -> None:
    work.case.decided_by = str(work.actor)
    work.case.decision_note = note


def _check_second_person(work: Work) -> None:
    """Two people see to what is disputed or large; what runs at the command line is one of them."""
    if work.actor != OPERATIONS and work.case.decided_by == str(work.actor):
        raise SecondPersonNeeded
