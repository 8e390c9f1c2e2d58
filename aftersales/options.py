"""What can be applied for: by line, which types, how many pieces, how much money, until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from aftersales import room
from aftersales.models import WITH_RETURN, CaseType
from aftersales.room import Room
from distributors.models import Distributor
from kit.errors import DomainError
from orders import reasons
from orders.models import Line, Order
from orders.reasons import Reason

BEFORE_RECEIPT = (
    CaseType.REFUND_ONLY,
    CaseType.RETURN_REFUND,
    CaseType.RESEND,
    CaseType.COMPENSATION,
)
AFTER_RECEIPT = tuple(CaseType)
# What a case of each type can be about; the distributor chooses one.
REASONS: tuple[Reason, ...] = tuple(
    reason for reason in reasons.REASONS if reason.use == reasons.AFTERSALE
)


class AftersaleNotOpen(DomainError):
    code = "aftersale_not_open"
    text = _("After-sales at the platform are not open to you.")


class AftersaleWindowClosed(DomainError):
    code = "aftersale_window_closed"
    text = _("Line {line_id} has been received, and its after-sales are over; open a claim.")


class MoreThanCanBeClaimed(DomainError):
    code = "more_than_applicable"
    text = _("For “{type}”, {left} of line {line_id} are left, not {quantity}.")


@dataclass(frozen=True, slots=True)
class TypeOption:
    """A type that can be applied for: for up to `quantity` pieces, and `cap_fen` for all of them."""

    type: CaseType
    quantity: int
    cap_fen: int


@dataclass(frozen=True, slots=True)
class LineOptions:
    """What can be applied for about a line; `closed` says why nothing can, where that is so.

    `unit_fen` is what one piece cost. After receipt it is possible `until`; None: no window, or it
    has not begun.
    """

    line: Line
    quantity: int
    types: tuple[TypeOption, ...]
    reasons: tuple[Reason, ...]
    until: datetime | None
    closed: DomainError | None


def of(order: Order, *, at: datetime) -> list[LineOptions]:
    """Return what can be applied for about each line of an order, in the order of the lines."""
    lines = list(order.lines.select_related("fulfilment").order_by("pk"))
    rooms = room.of(lines)
    return [_of_line(order, line, rooms[line.pk], at) for line in lines]


def until(order: Order, line: Line) -> datetime | None:
    """Return the end of a line's window after receipt; None where there is none, or none yet."""
    if order.received_at is None or not line.aftersale_days:
        return None
    return order.received_at + timedelta(days=line.aftersale_days)


def is_open_after_receipt(order: Order, line: Line, at: datetime) -> bool:
    """Tell whether received pieces of a line may still come into a case."""
    end = until(order, line)
    return bool(line.aftersale_days) and (end is None or at < end)


def side(order: Order, space: Room, type_: CaseType, quantity: int, at: datetime) -> bool:
    """Return whether a case would be about received pieces; False: about pieces on their way.

    :raises AftersaleWindowClosed: they are received, and it is too late.
    :raises MoreThanCanBeClaimed: fewer pieces are left for this type.
    """
    sides = _sides(order, space, type_, at)
    for after_receipt, left in sides:
        if 0 < quantity <= left:
            return after_receipt
    left = max([left for _, left in sides], default=0)
    line = space.line
    if space.received and not left and not is_open_after_receipt(order, line, at):
        raise AftersaleWindowClosed(line_id=line.line_id)
    raise MoreThanCanBeClaimed(line_id=line.line_id, type=type_.label, left=left, quantity=quantity)


def check_switch(distributor: Distributor) -> None:
    """Refuse a distributor to which after-sales are not open.

    :raises AftersaleNotOpen: the platform has switched them off.
    """
    if not distributor.aftersale_open:
        raise AftersaleNotOpen


def _sides(order: Order, space: Room, type_: CaseType, at: datetime) -> list[tuple[bool, int]]:
    """Return from where a type may take its pieces and how many there are, the likelier first."""
    before = (False, space.on_the_way if type_ in BEFORE_RECEIPT else 0)
    after = (True, space.received if is_open_after_receipt(order, space.line, at) else 0)
    # What comes back was mostly received; what is refunded alone mostly was not.
    return [after, before] if type_ in WITH_RETURN else [before, after]


def _of_line(order: Order, line: Line, space: Room, at: datetime) -> LineOptions:
    closed: DomainError | None = None
    types: list[TypeOption] = []
    try:
        check_switch(order.distributor)
        types = _types(order, space, at)
    except AftersaleNotOpen as refusal:
        closed = refusal
    if not types and closed is None and space.received:
        closed = AftersaleWindowClosed(line_id=line.line_id)
    quantity = max([option.quantity for option in types], default=0)
    return LineOptions(line, quantity, tuple(types), REASONS, until(order, line), closed)


def _types(order: Order, space: Room, at: datetime) -> list[TypeOption]:
    found = []
    for type_ in CaseType:
        quantity = max(left for _, left in _sides(order, space, type_, at))
        if quantity:
            found.append(TypeOption(type_, quantity, space.cap_fen(quantity)))
    return found
