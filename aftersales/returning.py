"""Goods that come back: where to, in which parcel, and that they have arrived or are lost."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales import casework, deciding, settling
from aftersales.casework import Work
from aftersales.models import Case, CaseParcel, CaseState, Direction
from distributors.models import Distributor
from kit.actors import Actor
from kit.errors import DomainError
from orders import shipping

MAX_PARCELS = 10


class TooManyReturnParcels(DomainError):
    code = "too_many_return_parcels"
    text = _("A case has at most {limit} parcels.")


@transaction.atomic(durable=True)
def push_address(*, case_no: str, address: str, actor: Actor, at: datetime) -> Case:
    """Tell where the goods go: name, phone and address on one line. It may change until they left.

    :raises NotFound: there is no such case.
    :raises WrongState: no goods are to come back, or they are on their way.
    :raises AddressTooLong: it is empty or too long.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at)
    case = work.case
    casework.require(case, CaseState.APPROVED, CaseState.AWAITING_RETURN)
    wanted = deciding.address(address)
    if case.state == CaseState.APPROVED:
        case.return_address = wanted
        casework.move(work, case.push_address)
    elif case.return_address != wanted:
        case.return_address = wanted
        casework.amend(work, "address")
    return case


@transaction.atomic(durable=True)
def send_back(
    *,
    distributor: Distributor,
    case_no: str,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> Case:
    """Enter a parcel in which the consumer sends goods back; several may follow each other.

    The same parcel again is no error and changes nothing.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: the case waits for no goods.
    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TooManyReturnParcels: the case has too many already.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at)
    case = work.case
    carrier, number = shipping.read_label(carrier_code, tracking_no)
    known = case.parcels.filter(direction=Direction.RETURN)
    if known.filter(carrier_code=carrier.code, tracking_no=number).exists():
        return case
    casework.require(case, CaseState.AWAITING_RETURN, CaseState.RETURNING)
    add_parcel(work, Direction.RETURN, carrier_code, tracking_no)
    if case.state == CaseState.AWAITING_RETURN:
        casework.move(work, case.send_back, reason=f"{carrier.code} {number}")
    else:
        casework.amend(work, "parcel", reason=f"{carrier.code} {number}")
    return case


@transaction.atomic(durable=True)
def waive_return(*, case_no: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Refund without waiting for the goods: they are not wanted back.

    :raises NotFound: there is no such case.
    :raises WrongState: it waits for no goods that have not left.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.AWAITING_RETURN)
    settling.refund_or_review(work, reason=note)
    return work.case


@transaction.atomic(durable=True)
def arrive(*, case_no: str, actor: Actor, at: datetime) -> Case:
    """Note that the goods are there, to be inspected. Again is no error and changes nothing.

    :raises NotFound: there is no such case.
    :raises WrongState: no goods are on their way back.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at)
    if work.case.state != CaseState.INSPECTING:
        casework.require(work.case, CaseState.RETURNING)
        arrive_within(work)
    return work.case


@transaction.atomic(durable=True)
def lose_return(*, case_no: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Note that the returning parcel is lost: who bears it is ruled on.

    :raises NotFound: there is no such case.
    :raises WrongState: no goods are on their way back.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at)
    casework.require(work.case, CaseState.RETURNING)
    casework.move(work, work.case.lose_return, reason=note)
    return work.case


def arrive_within(work: Work) -> None:
    """Note of a locked case that its goods are there."""
    case = work.case
    waiting = case.parcels.filter(direction=Direction.RETURN, arrived_at=None)
    waiting.update(arrived_at=work.at)
    case.goods_are_back = True
    casework.move(work, case.arrive)


def add_parcel(work: Work, direction: Direction, carrier_code: str, tracking_no: str) -> CaseParcel:
    """Add a parcel to a locked case.

    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TooManyReturnParcels: the case has too many already.
    """
    carrier, number = shipping.read_label(carrier_code, tracking_no)
    if work.case.parcels.count() >= MAX_PARCELS:
        raise TooManyReturnParcels(limit=MAX_PARCELS)
    parcel, _created = CaseParcel.objects.get_or_create(
        case=work.case,
        carrier_code=carrier.code,
        tracking_no=number,
        defaults={"direction": direction, "sent_at": work.at},
    )
    return parcel
