"""New goods for the consumer: shipped by their source, received, or not to be had after all."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales import casework, replacing, returning, settling
from aftersales.casework import Work
from aftersales.models import Case, CaseState, Direction
from distributors.models import Distributor
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from kit.times import rfc3339
from suppliers.models import Supplier


class ReshipmentNotLate(DomainError):
    code = "reshipment_not_late"
    text = _("The new goods may still be shipped in time; refund instead from {due_at} on.")


@transaction.atomic(durable=True)
def reship(
    *,
    case_no: str,
    supplier: Supplier | None,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> Case:
    """Ship the new goods of a case: by the supplier of the line, or by the platform (None).

    :raises NotFound: there is no such case, or its line is another source's.
    :raises WrongState: nothing is to be shipped again.
    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at)
    if work.part.supplier_id != (supplier.pk if supplier else None):
        raise NotFound
    casework.require(work.case, CaseState.RESHIPPING)
    parcel = returning.add_parcel(work, Direction.RESHIP, carrier_code, tracking_no)
    casework.move(work, work.case.reship, reason=str(parcel))
    return work.case


@transaction.atomic(durable=True)
def cannot_reship(*, case_no: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Refund instead, because the new goods cannot be shipped; the stock taken for them goes back.

    :raises NotFound: there is no such case.
    :raises WrongState: nothing is to be shipped again.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.RESHIPPING)
    _refund_instead(work, note)
    return work.case


@transaction.atomic(durable=True)
def switch_to_refund(*, distributor: Distributor, case_no: str, actor: Actor, at: datetime) -> Case:
    """Have the money back, because the new goods were not shipped in time.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: nothing is to be shipped again.
    :raises ReshipmentNotLate: there is still time.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at, money=True)
    case = work.case
    casework.require(case, CaseState.RESHIPPING)
    if case.due_at is not None and at < case.due_at:
        raise ReshipmentNotLate(due_at=rfc3339(case.due_at))
    _refund_instead(work, "")
    return case


@transaction.atomic(durable=True)
def receive(*, distributor: Distributor, case_no: str, actor: Actor, at: datetime) -> Case:
    """Confirm that the new goods have arrived. Again is no error and changes nothing.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: no new goods are on their way.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at)
    if work.case.state != CaseState.COMPLETED:
        casework.require(work.case, CaseState.RESHIPPED)
        complete_within(work)
    return work.case


@transaction.atomic(durable=True)
def lose_reshipment(*, case_no: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Refund instead, because the parcel with the new goods is lost.

    :raises NotFound: there is no such case.
    :raises WrongState: no new goods are on their way.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.RESHIPPED)
    settling.refund_or_review(work, reason=note)
    return work.case


def complete_within(work: Work) -> None:
    """End a locked case whose new goods have arrived: so has what they stand for."""
    case = work.case
    waiting = case.parcels.filter(direction=Direction.RESHIP, arrived_at=None)
    waiting.update(arrived_at=work.at)
    settling.receive_what_is_kept(work)
    casework.end(work, case.complete)


def _refund_instead(work: Work, note: str) -> None:
    taken = replacing.let_go(work)
    settling.refund_or_review(work, reason=note)
    replacing.give_back(work, taken)
