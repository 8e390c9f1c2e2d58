"""Cancelling pieces that have not been shipped: two parties, by pieces of a line.

A request freezes its pieces, so that shipping them fails, and makes one cancellation for each source
concerned. It is granted at once while the source has not begun, or is late; else the platform
answers it until a deadline, after which it is granted. It can only be refused with the parcel in
which the pieces have left. What a source lacks, or the platform takes back, is cancelled at once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from companies import policies
from companies.policies import Policies
from distributors.models import Distributor
from kit import actors, numbers
from kit.actors import Actor
from kit.errors import NotFound, WrongState
from orders import adding, asking_again, reasons, shipping, striking
from orders.asking_again import Content
from orders.models import (
    Asker,
    Cancellation,
    CancellationState,
    Fulfilment,
    FulfilmentState,
    Line,
    Shipment,
)
from orders.striking import Desk, NothingToCancel, Slip
from orders.telling import note as note_history
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import MovementKind

DUE_AT_ONCE = 200
OUT_OF_STOCK = "out_of_stock"


@transaction.atomic(durable=True)
def request(
    *,
    distributor: Distributor,
    order_pk: int,
    reason: str,
    actor: Actor,
    at: datetime,
    pieces: Mapping[str, int] | None = None,
    note: str = "",
    out_cancellation_no: str = "",
) -> list[Cancellation]:
    """Ask for pieces to be cancelled, by line_id, or for all that is not shipped yet.

    Returns one cancellation for each source concerned, granted already where nobody need be asked.
    The distributor's own number, where it gives one, makes repeating harmless: it is the same
    request, as it is now.

    :raises ReasonUnknown: the reason is none of the table.
    :raises OutCancellationNoTaken: another request has this number.
    :raises NotFound: the distributor has no such order, or the order no such line.
    :raises NothingToCancel: everything is shipped, cancelled or asked for already.
    :raises MoreThanUnshipped: a line has fewer pieces that may still be shipped.
    """
    reasons.find(reason, use=reasons.CANCELLATION)
    desk = striking.lock(order_pk, distributor=distributor)
    content = Content(order_pk, pieces, reason, note)
    known = asking_again.find_request(
        content, distributor=distributor, out_cancellation_no=out_cancellation_no
    )
    if known:
        return known
    chosen = desk.left() if pieces is None else desk.chosen(pieces)
    slips = _slips(desk, chosen, Asker.DISTRIBUTOR, reason, note, at)
    asked_as = asking_again.new_request(
        content, order=desk.order, out_cancellation_no=out_cancellation_no, at=at
    )
    rules = policies.read()
    free = [
        slip for slip in slips if _is_free(desk.parts[slip.cancellation.fulfilment_id], rules, at)
    ]
    for slip in slips:
        slip.cancellation.request = asked_as
        if slip not in free:
            hours = rules.cancellation_answer_hours
            slip.cancellation.answer_due_at = at + timedelta(hours=hours)
    desk.ask(slips, actor=actor, at=at)
    desk.grant(free, actor=actor, at=at)
    desk.restock(free, actor=actor, at=at)
    return [slip.cancellation for slip in slips]


@transaction.atomic(durable=True)
def withdraw(
    *, distributor: Distributor, cancellation_no: str, actor: Actor, at: datetime
) -> Cancellation:
    """Take a request back: its pieces may be shipped again. Doing so twice is harmless.

    :raises NotFound: the distributor has no such cancellation.
    :raises WrongState: it has been answered.
    """
    desk, slip = _open(cancellation_no, distributor=distributor)
    if slip.cancellation.state == CancellationState.WITHDRAWN:
        return slip.cancellation
    _check_requested(slip.cancellation)
    desk.thaw(slip)
    slip.cancellation.withdraw()
    slip.cancellation.answered_at = at
    slip.cancellation.save(update_fields=["state", "answered_at"])
    before, after = CancellationState.REQUESTED, CancellationState.WITHDRAWN
    note_history([desk.deed(slip, actor, before, after)], at=at)
    return slip.cancellation


@transaction.atomic(durable=True)
def grant(*, cancellation_no: str, actor: Actor, at: datetime) -> Cancellation:
    """Grant a request: money and stock go back.

    :raises NotFound: there is no such cancellation.
    :raises WrongState: it has been answered or withdrawn.
    """
    desk, slip = _open(cancellation_no, with_money=True)
    _check_requested(slip.cancellation)
    _grant(desk, slip, actor, at)
    return slip.cancellation


def refuse(
    *,
    cancellation_no: str,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
    note: str = "",
) -> Cancellation:
    """Refuse a request, because its pieces have left in this parcel, which is shipped hereby.

    :raises NotFound: there is no such cancellation.
    :raises WrongState: it has been answered or withdrawn.
    :raises DomainError: the parcel cannot be one; nothing has changed; see `adding.ship_or_add`.
    """

    @transaction.atomic(durable=True)
    def act() -> Cancellation:
        desk, slip = _open(cancellation_no)
        _check_requested(slip.cancellation)
        desk.thaw(slip)
        parcel = adding.ship_or_add(
            part=desk.parts[slip.cancellation.fulfilment_id],
            pieces=slip.pieces,
            carrier_code=carrier_code,
            tracking_no=tracking_no,
            actor=actor,
            at=at,
        )
        _refuse(desk, slip, parcel, note, actor, at)
        return slip.cancellation

    return shipping.again_where_taken(act)


@transaction.atomic(durable=True)
def report_shortage(
    *,
    fulfilment_pk: int,
    supplier: Supplier | None,
    pieces: Mapping[int, int],
    empty_stock: bool,
    actor: Actor,
    at: datetime,
    note: str = "",
    out_shortage_no: str = "",
) -> Cancellation:
    """Cancel pieces that a source lacks, by line key; they do not go back into stock.

    The source is a supplier, or the platform itself where that is None. With `empty_stock` the pools
    of these skus hold nothing from now on. The source's own number, where it gives one, makes
    repeating harmless: of one part it is the same shortage.

    :raises OutShortageNoTaken: another shortage of the part has this number.
    :raises NotFound: the source has no such fulfilment, or that no such line.
    :raises NothingToCancel: no piece is named.
    :raises MoreThanUnshipped: a line has fewer pieces that may still be shipped.
    """
    part = Fulfilment.objects.filter(pk=fulfilment_pk, supplier=supplier).first()
    if part is None:
        raise NotFound
    desk = striking.lock(part.order_id)
    by_id = {line.line_id: pieces[pk] for pk, line in desk.lines.items() if pk in pieces}
    known = asking_again.find_shortage(
        Content(part.order_id, by_id, OUT_OF_STOCK, note),
        fulfilment_pk=part.pk,
        out_shortage_no=out_shortage_no,
    )
    if known is not None:
        return known
    chosen = desk.chosen_of(part.pk, pieces)
    slips = _slips(desk, chosen, Asker.SOURCE, OUT_OF_STOCK, note, at)
    slips[0].cancellation.out_shortage_no = out_shortage_no
    desk.ask(slips, actor=actor, at=at)
    desk.grant(slips, actor=actor, at=at)
    if empty_stock:
        _empty(slips[0], actor, at)
    return slips[0].cancellation


@transaction.atomic(durable=True)
def cancel_by_platform(
    *,
    order_pk: int,
    pieces: Mapping[str, int] | None,
    reason: str,
    actor: Actor,
    at: datetime,
    note: str = "",
) -> list[Cancellation]:
    """Cancel pieces by line_id, or all that is not shipped yet, without asking anybody.

    :raises ReasonUnknown: the reason is none of the table.
    :raises DomainError: see `cancel_within`.
    """
    reasons.find(reason, use=reasons.CANCELLATION)
    return cancel_within(
        order_pk=order_pk, pieces=pieces, reason=reason, actor=actor, at=at, note=note
    )


@transaction.atomic(savepoint=False)
def cancel_within(
    *,
    order_pk: int,
    pieces: Mapping[str, int] | None,
    reason: str,
    actor: Actor,
    at: datetime,
    note: str = "",
) -> list[Cancellation]:
    """Cancel pieces by line_id, or all that is not shipped yet, in the caller's transaction.

    Pieces that a request has frozen are left to its answer. The deposit is locked here, so a caller
    that holds anything else has locked it before.

    :raises NotFound: there is no such order, or it has no such line.
    :raises NothingToCancel: everything is shipped, cancelled or asked for already.
    :raises MoreThanUnshipped: a line has fewer pieces that may still be shipped.
    """
    desk = striking.lock(order_pk)
    chosen = desk.left() if pieces is None else desk.chosen(pieces)
    slips = _slips(desk, chosen, Asker.PLATFORM, reason, note, at)
    desk.ask(slips, actor=actor, at=at)
    desk.grant(slips, actor=actor, at=at)
    desk.restock(slips, actor=actor, at=at)
    return [slip.cancellation for slip in slips]


def grant_unanswered(*, at: datetime) -> int:
    """Grant the requests that nobody answered in time; return how many that were.

    Run by a timer, as often and by as many as you like.
    """
    unanswered = Cancellation.objects.filter(
        state=CancellationState.REQUESTED, answer_due_at__lte=at
    ).order_by("answer_due_at", "pk")
    count = 0
    while True:
        due = list(unanswered.values_list("cancellation_no", flat=True)[:DUE_AT_ONCE])
        count += sum(_grant_if_unanswered(number, at) for number in due)
        if len(due) < DUE_AT_ONCE:
            return count


@transaction.atomic(durable=True)
def _grant_if_unanswered(cancellation_no: str, at: datetime) -> bool:
    desk, slip = _open(cancellation_no, with_money=True)
    # Somebody may have answered it since it was found to be due.
    if slip.cancellation.state != CancellationState.REQUESTED:
        return False
    _grant(desk, slip, actors.timer("cancel"), at)
    return True


def _open(
    cancellation_no: str, *, distributor: Distributor | None = None, with_money: bool = False
) -> tuple[Desk, Slip]:
    """Lock an order with one of its cancellations; with its deposit first, where money may go back."""
    rows = Cancellation.objects.filter(cancellation_no=cancellation_no)
    if distributor is not None:
        rows = rows.filter(fulfilment__order__distributor=distributor)
    order_pk = rows.values_list("fulfilment__order", flat=True).first()
    if order_pk is None:
        raise NotFound
    desk = striking.lock(order_pk) if with_money else Desk(order_pk)
    return desk, desk.slip(rows.locked().get())


def _slips(
    desk: Desk, chosen: Mapping[Line, int], asker: Asker, reason: str, note: str, at: datetime
) -> list[Slip]:
    """Return a new cancellation for each source of which pieces are chosen.

    :raises NothingToCancel: nothing is.
    """
    if not chosen:
        raise NothingToCancel
    by_part: dict[int, dict[Line, int]] = {}
    for line, quantity in chosen.items():
        by_part.setdefault(line.fulfilment_id, {})[line] = quantity
    prefix = numbers.day_prefix("C", at)
    return [
        Slip(
            Cancellation(
                cancellation_no=prefix + numbers.unguessable(12),
                fulfilment=desk.parts[part_pk],
                asker=asker,
                reason=reason,
                note=note,
                requested_at=at,
            ),
            pieces,
        )
        for part_pk, pieces in sorted(by_part.items())
    ]


def _is_free(part: Fulfilment, rules: Policies, at: datetime) -> bool:
    """Tell whether pieces of a part are cancelled without asking: it has not begun, or is late.

    A first parcel begins a part, whatever its source said of it.
    """
    has_begun = part.begun_at or part.state != FulfilmentState.AWAITING_SHIPMENT
    not_begun = not has_begun and bool(rules.cancellation_at_once)
    return not_begun or part.ship_due_at < at


def _check_requested(cancellation: Cancellation) -> None:
    if cancellation.state != CancellationState.REQUESTED:
        raise WrongState(state=cancellation.get_state_display())


def _grant(desk: Desk, slip: Slip, actor: Actor, at: datetime) -> None:
    desk.grant([slip], actor=actor, at=at)
    desk.restock([slip], actor=actor, at=at)


def _refuse(
    desk: Desk, slip: Slip, parcel: Shipment, note: str, actor: Actor, at: datetime
) -> None:
    cancellation = slip.cancellation
    cancellation.refuse()
    cancellation.shipment = parcel
    cancellation.refusal_note = note
    cancellation.answered_at = at
    cancellation.save(update_fields=["state", "shipment", "refusal_note", "answered_at"])
    desk.told([slip], actor=actor, at=at)


def _empty(slip: Slip, actor: Actor, at: datetime) -> None:
    """Leave nothing in the pools of the skus that a source lacks."""
    locked = stock.lock({line.sku_id for line in slip.pieces})
    for sku_pk, level in locked.pools.items():
        if level.available:
            locked.change(
                sku_pk, -level.available, kind=MovementKind.SET, cause=str(slip.cancellation)
            )
    stock.move(locked, at=at, actors=actor)
