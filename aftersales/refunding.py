"""The platform refunds of its own accord, before receipt (供应链主动退款): whole pieces, at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aftersales import applying, casework, room, settling
from aftersales.casework import Work
from aftersales.models import Case, CaseType, Liability, Opener
from aftersales.room import Room
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts
from orders import cancelling, reasons
from orders.models import Cancellation, Line, Order
from orders.reasons import ReasonUnknown


class NothingToRefund(DomainError):
    code = "nothing_to_refund"
    text = _("Nothing of this order can be refunded before receipt.")


class MoreThanUnreceived(DomainError):
    code = "more_than_unreceived"
    text = _("Only {left} of line {line_id} are not received and in no case, not {quantity}.")


@dataclass(frozen=True, slots=True)
class ActiveRefund:
    """What an active refund made: cancellations of what had not left, cases of what had."""

    cancellations: tuple[Cancellation, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class _Share:
    """Pieces of a line: so many that have not left, so many that are on their way."""

    unshipped: int
    on_the_way: int


@transaction.atomic(durable=True)
def refund_actively(
    *,
    order_pk: int,
    pieces: Mapping[str, int] | None,
    reason: str,
    actor: Actor,
    at: datetime,
    note: str = "",
    with_freight: bool = False,
) -> ActiveRefund:
    """Refund pieces by line_id that are not received, or all of them where None.

    What has not left is cancelled, with its stock; what has is refunded in full, and its stock does
    not come back. Pieces in a case, or asked to be cancelled, are left to those. `with_freight`
    gives back what is left of the freight of the parts that have left.

    :raises NotFound: there is no such order, or it has no such line.
    :raises ReasonUnknown: the reason is none of the tables.
    :raises NothingToRefund: everything is received, refunded, or in a case.
    :raises MoreThanUnreceived: fewer pieces of a line are left.
    """
    _check_reason(reason)
    distributor_pk = Order.objects.filter(pk=order_pk).values_list("distributor", flat=True).first()
    if distributor_pk is None:
        raise NotFound
    accounts.lock_deposits([distributor_pk])
    order = Order.objects.filter(pk=order_pk).select_related("distributor").locked().get()
    lines = casework.lock_lines(order)
    shares = _shares(lines, room.of(list(lines.values())), pieces)
    if not shares:
        raise NothingToRefund
    cases = [
        _refund(lines[pk], share.on_the_way, reason, note, with_freight, actor, at)
        for pk, share in shares.items()
        if share.on_the_way
    ]
    unshipped = {lines[pk].line_id: one.unshipped for pk, one in shares.items() if one.unshipped}
    cancelled: list[Cancellation] = []
    if unshipped:
        cancelled = cancelling.cancel_within(
            order_pk=order.pk, pieces=unshipped, reason=reason, actor=actor, at=at, note=note
        )
    return ActiveRefund(tuple(cancelled), tuple(cases))


def _check_reason(reason: str) -> None:
    if all(reason != known.code for known in reasons.REASONS):
        raise ReasonUnknown(pointer="/reason", reason=reason)


def _shares(
    lines: Mapping[int, Line], rooms: Mapping[int, Room], pieces: Mapping[str, int] | None
) -> dict[int, _Share]:
    by_id = {line.line_id: line for line in lines.values()}
    if pieces is None:
        return {
            pk: _Share(line.to_ship, rooms[pk].on_the_way)
            for pk, line in lines.items()
            if line.to_ship or rooms[pk].on_the_way
        }
    if not pieces.keys() <= by_id.keys():
        raise NotFound
    return {
        by_id[line_id].pk: _share(by_id[line_id], rooms[by_id[line_id].pk], quantity)
        for line_id, quantity in pieces.items()
    }


def _share(line: Line, space: Room, quantity: int) -> _Share:
    left = line.to_ship + space.on_the_way
    if not 0 < quantity <= left:
        raise MoreThanUnreceived(line_id=line.line_id, left=left, quantity=quantity)
    unshipped = min(quantity, line.to_ship)
    return _Share(unshipped, quantity - unshipped)


def _refund(
    line: Line,
    quantity: int,
    reason: str,
    note: str,
    with_freight: bool,
    actor: Actor,
    at: datetime,
) -> Case:
    """Open a case of staff and refund it at once, in full as far as nothing was given before."""
    order = line.order
    asked_fen = room.of([line])[line.pk].cap_fen(quantity)
    case = Case(
        distributor=order.distributor,
        order=order,
        line=line,
        type=CaseType.REFUND_ONLY,
        quantity=quantity,
        opener=Opener.PLATFORM,
        after_receipt=False,
        reason=reason,
        description=note,
        asked_fen=asked_fen,
    )
    work: Work = applying.open_within(case, actor=actor, at=at)
    if with_freight:
        # Lines of one part share their freight: the first takes all that is left of it.
        work.part.refresh_from_db(fields=["freight_refunded_fen"])
        case.freight_fen = settling.freight_left_fen(work.part)
    case.approved_fen, case.liability = asked_fen, Liability.SUPPLIER
    case.decided_by, case.decision_note = str(actor), note
    casework.move(work, case.approve, reason=note)
    settling.refund(work)
    line.refresh_from_db()
    return case
