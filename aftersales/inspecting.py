"""Looking at what came back, and what follows: refund, new goods, an offer, or the goods back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales import casework, deciding, evidence, onward, returning, settling
from aftersales.casework import Work
from aftersales.models import Case, CaseState, Direction, Grade, Inspection, Result
from distributors.models import Distributor
from kit.actors import Actor
from kit.errors import DomainError, WrongState


class ResultUnknown(DomainError):
    code = "inspection_result_unknown"
    text = _("“{value}” is no result or grade of an inspection.")


class RestockedTooMany(DomainError):
    code = "restocked_too_many"
    text = _("From 0 to {limit} pieces can go into stock, not {quantity}.")


class OfferOutOfRange(DomainError):
    code = "offer_out_of_range"
    text = _("From {least_fen} to {cap_fen} fen can be offered, not {amount_fen}.")


class PhotosRequired(DomainError):
    code = "photos_required"
    text = _("Goods that fail need at least one photo.")


class NoOffer(DomainError):
    code = "no_offer"
    text = _("Nothing is offered for this case.")


@transaction.atomic(durable=True)
def inspect(
    *,
    case_no: str,
    result: str,
    grade: str,
    restocked: int,
    actor: Actor,
    at: datetime,
    offered_fen: int | None = None,
    note: str = "",
    photos: Sequence[str] = (),
) -> Case:
    """Write down what was found. What passes is refunded or exchanged; else an offer may be made.

    `restocked` pieces go into stock as soon as the goods are paid for or exchanged: at once where
    they pass, with the acceptance where only an offer is made.

    :raises NotFound: there is no such case.
    :raises WrongState: there is nothing to inspect.
    :raises ResultUnknown: there is no such result or grade.
    :raises RestockedTooMany: more pieces than came back.
    :raises OfferOutOfRange: an offer beyond what was approved, or for goods that pass.
    :raises PhotosRequired: goods fail without a photo.
    :raises EvidenceUnknown: a photo is not there, or used already.
    :raises TooManyPictures: too many at once.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at, money=True)
    casework.require(work.case, CaseState.INSPECTING)
    _check_finding(result, grade, photos)
    if not 0 <= restocked <= work.case.quantity:
        raise RestockedTooMany(pointer="/restocked", limit=work.case.quantity, quantity=restocked)
    offer = _offer(work, result, offered_fen)
    found = Inspection.objects.create(
        case=work.case,
        result=result,
        grade=grade,
        restocked=restocked,
        offered_fen=offer,
        note=note,
        actor=str(actor),
        inspected_at=at,
    )
    evidence.attach_to_inspection(inspection=found, upload_ids=photos)
    if result == Result.PASS:
        onward.give_what_was_approved(work, reason=note)
    else:
        work.case.offered_fen = offer
        work.case.decided_by = str(actor)
        casework.move(work, work.case.fail_inspection, reason=note)
    return work.case


@transaction.atomic(durable=True)
def accept_offer(*, distributor: Distributor, case_no: str, actor: Actor, at: datetime) -> Case:
    """Take what was offered for goods that did not pass; they stay with their source.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: no inspection has failed.
    :raises NoOffer: nothing was offered.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at, money=True)
    case = work.case
    casework.require(case, CaseState.INSPECTION_FAILED)
    if not case.offered_fen:
        raise NoOffer
    case.approved_fen = case.offered_fen
    settling.refund_or_review(work)
    return case


@transaction.atomic(durable=True)
def dispute(
    *, distributor: Distributor, case_no: str, actor: Actor, at: datetime, description: str = ""
) -> Case:
    """Have somebody else of the platform rule on an inspection. Again changes nothing.

    :raises NotFound: the distributor has no such case.
    :raises WrongState: no inspection has failed.
    """
    work = casework.lock(case_no=case_no, distributor=distributor, actor=actor, at=at)
    if work.case.state != CaseState.ARBITRATION:
        casework.require(work.case, CaseState.INSPECTION_FAILED)
        casework.move(work, work.case.escalate, reason=description)
    return work.case


@transaction.atomic(durable=True)
def give_goods_back(
    *, case_no: str, carrier_code: str, tracking_no: str, actor: Actor, at: datetime
) -> Case:
    """Send goods that did not pass back to their consumer, in a parcel noted on the case.

    It ends a case whose inspection failed. One in arbitration goes on without the goods; of one
    that is closed, only the parcel is noted.

    :raises NotFound: there is no such case.
    :raises WrongState: no goods of its consumer are with us.
    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TooManyReturnParcels: the case has too many already.
    """
    work = casework.lock(case_no=case_no, actor=actor, at=at)
    case = work.case
    casework.require(case, CaseState.INSPECTION_FAILED, CaseState.ARBITRATION, CaseState.CLOSED)
    if not case.goods_are_back:
        raise WrongState(state=case.get_state_display())
    parcel = returning.add_parcel(work, Direction.SENT_BACK, carrier_code, tracking_no)
    case.goods_are_back = False
    if case.state == CaseState.INSPECTION_FAILED:
        deciding.close_within(work, reason=str(parcel))
    else:
        casework.amend(work, "sent_back", reason=str(parcel))
    return case


def _check_finding(result: str, grade: str, photos: Sequence[str]) -> None:
    if result not in Result.values:
        raise ResultUnknown(pointer="/result", value=result)
    if grade not in Grade.values:
        raise ResultUnknown(pointer="/grade", value=grade)
    if result == Result.FAIL and not photos:
        raise PhotosRequired(pointer="/photos")


def _offer(work: Work, result: str, offered_fen: int | None) -> int | None:
    """Return what is offered for goods that did not pass; a part is offered, or perhaps nothing."""
    if result == Result.PASS:
        if offered_fen is not None:
            raise _out_of_range(0, 0, offered_fen)
        return None
    approved_fen = work.case.approved_fen or 0
    cap_fen = min(approved_fen, deciding.most_that_can_be_approved(work))
    least_fen = min(1, cap_fen) if result == Result.PARTIAL else 0
    offer = offered_fen or 0
    if not least_fen <= offer <= cap_fen:
        raise _out_of_range(least_fen, cap_fen, offer)
    return offer


def _out_of_range(least_fen: int, cap_fen: int, amount_fen: int) -> OfferOutOfRange:
    return OfferOutOfRange(
        pointer="/offered_fen", least_fen=least_fen, cap_fen=cap_fen, amount_fen=amount_fen
    )
