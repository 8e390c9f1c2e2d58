"""What a distributor asks for: applying, asking again, withdrawing, escalating."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from aftersales import casework, deadlines, evidence, onward, options, room
from aftersales.casework import Work
from aftersales.models import (
    WITH_RETURN,
    Case,
    CaseState,
    CaseType,
    Liability,
)
from aftersales.room import Room
from companies import policies
from distributors.models import BeforeReceipt, Distributor
from kit import actors, numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts
from orders import reasons
from orders.models import Line, Order, Shipment, ShipmentState

# Who approves where the distributor's refunds before receipt need no review.
AUTO = actors.timer("auto")
NUMBER_LENGTH = 10
# Parcels whose goods come back by themselves.
COMING_BACK = (ShipmentState.RETURNING, ShipmentState.RETURNED)


class TypeUnknown(DomainError):
    code = "aftersale_type_unknown"
    text = _("“{type}” is no type of after-sale.")


class EvidenceRequired(DomainError):
    code = "evidence_required"
    text = _("This reason needs at least one picture.")


class OutCaseNoTaken(DomainError):
    code = "out_case_no_taken"
    text = _("“{out_case_no}” is the number of another case: {fields} are not the same.")


class AskedTooMuch(DomainError):
    code = "aftersale_amount_too_high"
    text = _("At most {cap_fen} fen can come back for this, not {amount_fen}.")


class ResubmissionsUsedUp(DomainError):
    code = "resubmissions_used_up"
    text = _("It has been submitted again {limit} times; escalate it instead.")


@transaction.atomic(durable=True)
def apply(
    *,
    distributor: Distributor,
    order_pk: int,
    line_id: str,
    type: str,  # noqa: A002
    quantity: int,
    reason: str,
    actor: Actor,
    at: datetime,
    description: str = "",
    asked_fen: int | None = None,
    evidence: Sequence[str] = (),
    out_case_no: str = "",
) -> Case:
    """Open a case about pieces of a line; `asked_fen` is all that can come back where None.

    The distributor's own number, where it gives one, makes repeating harmless: it is the same case.

    :raises NotFound: the distributor has no such order, or the order no such line.
    :raises AftersaleNotOpen: the platform has switched after-sales off for this distributor.
    :raises OutCaseNoTaken: another case has this number.
    :raises TypeUnknown: there is no such type.
    :raises AftersaleWindowClosed: the pieces are received, and it is too late.
    :raises MoreThanCanBeClaimed: fewer pieces are left for this type.
    :raises ReasonUnknown: it is no reason for an after-sale.
    :raises EvidenceRequired: the reason needs pictures, and there are none.
    :raises EvidenceUnknown: a picture is not there, another's, or used already.
    :raises TooManyPictures: too many at once.
    :raises AskedTooMuch: less than one fen, or more than can come back.
    """
    accounts.lock_deposits([distributor.pk])
    order = Order.objects.of(distributor).filter(pk=order_pk).locked().first()
    if order is None:
        raise NotFound
    asked = {"line_id": line_id, "type": type, "quantity": quantity, "reason": reason}
    known = _known(distributor, out_case_no, {"order_no": order_pk, **asked})
    if known is not None:
        return known
    distributor.refresh_from_db(fields=["aftersale_open", "refund_before_receipt"])
    options.check_switch(distributor)
    found = reasons.find(reason, use=reasons.AFTERSALE)
    if found.evidence and not evidence:
        raise EvidenceRequired(pointer="/evidence")
    line = _line(order, line_id)
    space = room.of([line])[line.pk]
    wanted = _type(type)
    after_receipt = options.side(order, space, wanted, quantity, at)
    case = Case(
        distributor=distributor,
        order=order,
        line=line,
        out_case_no=out_case_no,
        type=wanted,
        quantity=quantity,
        after_receipt=after_receipt,
        reason=reason,
        description=description,
        asked_fen=_asked(space, quantity, asked_fen),
    )
    if wanted in WITH_RETURN and not after_receipt:
        case.shipment = _coming_back(line, quantity)
    work = open_within(case, actor=actor, at=at, evidence=evidence)
    if _approves_itself(work):
        _approve_by_itself(work)
    return case


@transaction.atomic(durable=True)
def resubmit(
    *,
    distributor: Distributor,
    case_no: str,
    actor: Actor,
    at: datetime,
    description: str = "",
    asked_fen: int | None = None,
    evidence: Sequence[str] = (),
) -> Case:
    """Submit a rejected case again, with other words, another amount, more pictures.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: it is not rejected.
    :raises ResubmissionsUsedUp: it was submitted again as often as that is allowed.
    :raises AskedTooMuch: less than one fen, or more than can come back.
    :raises EvidenceUnknown: a picture is not there, another's, or used already.
    :raises TooManyPictures: too many at once.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at)
    case = work.case
    casework.require(case, CaseState.REJECTED)
    limit = int(work.policies.aftersale_resubmissions)
    if case.resubmissions >= limit:
        raise ResubmissionsUsedUp(limit=limit)
    if asked_fen is not None:
        space = room.of([work.line], without=case)[work.line.pk]
        case.asked_fen = _asked(space, case.quantity, asked_fen)
    case.description = description or case.description
    case.resubmissions += 1
    _attach(case, evidence, distributor)
    # What was decided before is decided anew.
    case.approved_fen, case.freight_fen = None, 0
    casework.move(work, case.resubmit, reason=description)
    return case


@transaction.atomic(durable=True)
def withdraw(*, distributor: Distributor, case_no: str, actor: Actor, at: datetime) -> Case:
    """Give a case up, while nothing has been sent back. Again is no error and changes nothing.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: it is too late.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at)
    if work.case.state != CaseState.WITHDRAWN:
        casework.require(work.case, CaseState.APPLIED, CaseState.AWAITING_RETURN)
        casework.end(work, work.case.withdraw)
    return work.case


@transaction.atomic(durable=True)
def escalate(
    *, distributor: Distributor, case_no: str, actor: Actor, at: datetime, description: str = ""
) -> Case:
    """Have somebody else of the platform rule on a rejected case. Again changes nothing.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: it is not rejected.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at)
    if work.case.state != CaseState.ARBITRATION:
        casework.require(work.case, CaseState.REJECTED)
        casework.move(work, work.case.escalate, reason=description)
    return work.case


def open_within(case: Case, *, actor: Actor, at: datetime, evidence: Sequence[str] = ()) -> Work:
    """Number and write a case about pieces of a locked order, and tell of it."""
    rules = policies.read()
    case.case_no = numbers.day_prefix("A", at) + numbers.unguessable(NUMBER_LENGTH)
    case.applied_at = case.changed_at = at
    case.due_at = deadlines.due_at(case.state, rules, at=at)
    case.save()
    _attach(case, evidence, case.distributor)
    Line.objects.filter(pk=case.line_id).update(in_case=F("in_case") + case.quantity)
    Order.objects.filter(pk=case.order_id).update(open_cases=F("open_cases") + 1)
    work = Work(case, case.order, case.line, rules, actor, at)
    casework.begin(work)
    return work


def _known(distributor: Distributor, out_case_no: str, asked: Mapping[str, object]) -> Case | None:
    """Return the case that has a number already; looked up under the lock of the deposit.

    Words, amount and pictures may have changed since it was applied for; the rest has not.
    """
    if not out_case_no:
        return None
    cases = Case.objects.of(distributor).filter(out_case_no=out_case_no)
    case = cases.select_related("order", "line").first()
    if case is None:
        return None
    known = {
        "order_no": case.order.pk,
        "line_id": case.line.line_id,
        "type": case.type,
        "quantity": case.quantity,
        "reason": case.reason,
    }
    fields = ", ".join(name for name in known if known[name] != asked[name])
    if fields:
        raise OutCaseNoTaken(pointer="/out_case_no", out_case_no=out_case_no, fields=fields)
    return case


def _line(order: Order, line_id: str) -> Line:
    for line in casework.lock_lines(order).values():
        if line.line_id == line_id:
            return line
    raise NotFound


def _type(name: str) -> CaseType:
    if name not in CaseType.values:
        raise TypeUnknown(pointer="/type", type=name)
    return CaseType(name)


def _asked(space: Room, quantity: int, asked_fen: int | None) -> int:
    cap_fen = space.cap_fen(quantity)
    if asked_fen is None:
        return cap_fen
    if not min(1, cap_fen) <= asked_fen <= cap_fen:
        raise AskedTooMuch(pointer="/asked_fen", cap_fen=cap_fen, amount_fen=asked_fen)
    return asked_fen


def _attach(case: Case, upload_ids: Sequence[str], distributor: Distributor) -> None:
    evidence.attach_to_case(case=case, upload_ids=upload_ids, distributor=distributor)


def _coming_back(line: Line, quantity: int) -> Shipment | None:
    """Return the parcel in which so many pieces come back already, because it was refused."""
    taken = Case.objects.filter(line=line, ended_at=None, shipment__isnull=False)
    rows = line.parcels.filter(
        shipment__state__in=COMING_BACK, quantity__gte=F("received") + F("written_off") + quantity
    )
    row = rows.exclude(shipment__in=taken.values("shipment")).order_by("pk").first()
    return row.shipment if row is not None else None


def _approves_itself(work: Work) -> bool:
    case = work.case
    return (
        case.type == CaseType.REFUND_ONLY
        and not case.after_receipt
        and case.distributor.refund_before_receipt == BeforeReceipt.AUTO
    )


def _approve_by_itself(work: Work) -> None:
    case = work.case
    work.actor = AUTO
    case.approved_fen, case.liability = case.asked_fen, Liability.SUPPLIER
    case.decided_by = str(AUTO)
    casework.move(work, case.approve)
    onward.proceed(work)
