"""Giving money back for a case: to the deposit, from where it lies or from who is liable.

Whole pieces that were not received come from what the order still holds open. Everything else,
parts of a price above all, is given back by liability; pieces on their way of which only a part is
given back count as received first, so that their source has earned what it gives back.
"""

from dataclasses import dataclass

from django.db.models import F

from aftersales import bearing, casework, replacing, room
from aftersales.casework import Work
from aftersales.models import CaseType, Liability
from distributors import warning
from ledger import accounts, posting
from ledger.models import Kind
from orders import receiving
from orders.models import Fulfilment, Order


@dataclass(frozen=True, slots=True)
class _Sum:
    """What comes back for a case: for goods and freight, and for how many pieces on their way."""

    goods_fen: int
    freight_fen: int
    pieces: int
    on_the_way: int
    whole: bool


def refund_or_review(work: Work, *, reason: str = "") -> None:
    """Give the approved amount back; let finance look at it first where it is large."""
    case = work.case
    assert case.approved_fen is not None
    if case.approved_fen + case.freight_fen > work.policies.refund_review_above_fen:
        casework.move(work, case.review_refund, reason=reason)
    else:
        refund(work, reason=reason)


def refund(work: Work, *, reason: str = "") -> None:
    """Give the approved amount back to the deposit, which is locked, and end the case."""
    case = work.case
    due = _due(work)
    if due.on_the_way and not due.whole:
        _receive(work, due.on_the_way)
    _post(work, due)
    case.refunded_fen = due.goods_fen + due.freight_fen
    case.freight_fen = due.freight_fen
    casework.leave(work, refunded=due.pieces, fen=due.goods_fen)
    if due.on_the_way and due.whole:
        receiving.write_off_within(
            order_pk=work.order.pk,
            pieces={work.line.line_id: due.on_the_way},
            shipment_pk=case.shipment_id,
            actor=work.actor,
            at=work.at,
            reason=case.case_no,
        )
    warning.watch([case.distributor_id], at=work.at)
    restocked = replacing.keep(work)
    casework.finish(work, case.refund, reason=reason)
    replacing.restock(work, restocked)


def receive_what_is_kept(work: Work) -> None:
    """Count as received what a case was about, is not refunded, and nobody will receive any more."""
    left = _on_the_way(work)
    if left:
        _receive(work, left)


def freight_left_fen(part: Fulfilment) -> int:
    """Return what of a part's freight can still come back."""
    return part.freight_fen - part.freight_refunded_fen


def _due(work: Work) -> _Sum:
    case, line = work.case, work.line
    assert case.approved_fen is not None
    space = room.of([line], without=case)[line.pk]
    goods_fen = min(case.approved_fen, space.cap_fen(case.quantity))
    keeps = case.type == CaseType.COMPENSATION
    return _Sum(
        goods_fen=goods_fen,
        freight_fen=min(case.freight_fen, freight_left_fen(work.part)),
        pieces=0 if keeps else case.quantity,
        on_the_way=0 if keeps else _on_the_way(work),
        whole=goods_fen == line.agreement_price_fen * case.quantity,
    )


def _on_the_way(work: Work) -> int:
    """Return how many pieces of a case have not been received, though they were shipped."""
    case = work.case
    if case.after_receipt:
        return 0
    if case.shipment_id is None:
        return min(case.quantity, room.on_the_way(work.line))
    assert case.shipment is not None
    row = case.shipment.lines.get(line=work.line)
    return min(case.quantity, row.quantity - row.received - row.written_off)


def _receive(work: Work, quantity: int) -> None:
    receiving.receive_within(
        order_pk=work.order.pk,
        pieces={work.line.line_id: quantity},
        shipment_pk=work.case.shipment_id,
        actor=work.actor,
        at=work.at,
        reason=work.case.case_no,
    )
    work.line.refresh_from_db(fields=["received"])
    work.part.refresh_from_db(fields=["freight_earned_at"])


def _post(work: Work, due: _Sum) -> None:
    """Write the transfers, and take what came from open orders off the order."""
    unreceived_fen = work.line.agreement_price_fen * due.on_the_way if due.whole else 0
    by_liability_fen = due.goods_fen - unreceived_fen
    open_freight_fen = due.freight_fen if work.part.freight_earned_at is None else 0
    # What is of one code stands together: its distributor reads it as one entry.
    postings = [
        _from_open(work, "aftersale_refunded", unreceived_fen),
        *_by_liability(work, "aftersale_refunded", by_liability_fen),
        _from_open(work, "aftersale_freight_refunded", open_freight_fen),
        *_freight_by_liability(work, due.freight_fen - open_freight_fen),
    ]
    posting.post(postings, at=work.at, actor=work.actor)
    Fulfilment.objects.filter(pk=work.part.pk).update(
        freight_refunded_fen=F("freight_refunded_fen") + due.freight_fen
    )
    Order.objects.filter(pk=work.order.pk).update(
        open_fen=F("open_fen") - unreceived_fen - open_freight_fen
    )


def _from_open(work: Work, code: str, fen: int) -> posting.Posting:
    return _posting(work, code, "", (Kind.ORDERS_OPEN, None), None, fen)


def _by_liability(work: Work, code: str, fen: int) -> list[posting.Posting]:
    return [
        _posting(work, code, share.name, share.account, share.supplier_pk, share.amount_fen)
        for share in bearing.shares(work.line, liability=work.case.liability, amount_fen=fen)
    ]


def _freight_by_liability(work: Work, fen: int) -> list[posting.Posting]:
    """Return from whom freight comes that was earned: it passed whole to whoever shipped."""
    account: accounts.Key = (Kind.GOODWILL, None)
    supplier_pk = None
    if work.case.liability == Liability.SUPPLIER:
        supplier_pk = work.part.supplier_id
        account = (Kind.PAYABLE, supplier_pk) if supplier_pk else (Kind.OWN_SALES, None)
    return [_posting(work, "aftersale_freight_refunded", "freight", account, supplier_pk, fen)]


def _posting(
    work: Work,
    code: str,
    share: str,
    source: accounts.Key,
    supplier_pk: int | None,
    amount_fen: int,
) -> posting.Posting:
    case, line, order = work.case, work.line, work.order
    return posting.Posting(
        code=code,
        reference=f"{case.case_no}/{share}" if share else case.case_no,
        debit=source,
        credit=(Kind.DEPOSIT, case.distributor_id),
        amount_fen=amount_fen,
        distributor_pk=case.distributor_id,
        supplier_pk=supplier_pk,
        order_no=order.order_no,
        out_order_no=order.out_order_no,
        line_id=line.line_id,
        sku_no=line.sku_no,
        quantity=case.quantity,
        case_no=case.case_no,
    )
