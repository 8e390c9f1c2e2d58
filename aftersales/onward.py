"""Where a case goes on from an approval: by its type, and by where the goods are."""

from aftersales import casework, replacing, settling
from aftersales.casework import Work
from aftersales.models import WITH_RETURN, CaseType, Direction
from orders.models import ShipmentState


def proceed(work: Work) -> None:
    """Take an approved case on as far as it goes by itself."""
    case = work.case
    if case.type not in WITH_RETURN or case.goods_are_back or _are_gone(work):
        give_what_was_approved(work)
    elif case.shipment is not None:
        _meet_the_parcel(work)
    elif case.return_address:
        casework.move(work, case.push_address)


def give_what_was_approved(work: Work, *, reason: str = "") -> None:
    """Ship again where that was asked for and stock is there; refund otherwise."""
    case = work.case
    # The new goods are taken first: they are not to be the ones that have just come back.
    if case.type in (CaseType.EXCHANGE, CaseType.RESEND) and replacing.take(work):
        restocked = replacing.keep(work)
        casework.move(work, case.begin_reshipping, reason=reason)
        replacing.restock(work, restocked)
    else:
        settling.refund_or_review(work, reason=reason)


def known_address(work: Work) -> str:
    """Return where the goods of the case's source are sent back to, if it has said so."""
    if work.supplier is not None:
        return work.supplier.return_address
    return str(work.policies.own_return_address)


def _are_gone(work: Work) -> bool:
    """Tell whether goods that came or were to come back are lost, or with their consumer again.

    It has been ruled on without them.
    """
    case = work.case
    if case.shipment is None:
        return case.parcels.filter(direction=Direction.RETURN).exists()
    is_lost = case.shipment.state == ShipmentState.LOST
    return is_lost or case.parcels.filter(direction=Direction.SENT_BACK).exists()


def _meet_the_parcel(work: Work) -> None:
    """Wait for the parcel that the consumer refused, or look at what was in it."""
    case = work.case
    assert case.shipment is not None
    if case.shipment.state == ShipmentState.RETURNED:
        case.goods_are_back = True
        casework.move(work, case.arrive)
    else:
        casework.move(work, case.send_back)
