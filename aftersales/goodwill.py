"""Goodwill: a distributor asks the platform to help with a claim, with an amount or with new goods.

Only what is settled posts or takes stock: `offer` reserves nothing, and is held again against what
the line may still give back when it is accepted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from aftersales import bearing, claim_roads, claim_writing, claiming, retaking, room
from aftersales import evidence as pictures
from aftersales.models import (
    Claim,
    ClaimDirection,
    ClaimParcel,
    GoodwillKind,
    GoodwillState,
    Liability,
)
from companies import policies
from distributors import warning
from distributors.models import Distributor
from kit import actors
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts, posting
from ledger.models import Kind
from orders import header, reasons, shipping
from orders.models import Line, Order
from suppliers.models import Supplier

CODE = "goodwill_settled"
DUE_AT_ONCE = 200
OPEN = (GoodwillState.ASKED, GoodwillState.OFFERED)


class GoodwillBeyondPaid(DomainError):
    code = "goodwill_beyond_paid"
    text = _("Up to {left_fen} fen can still be given back for these pieces, not {amount_fen}.")


class LiabilityUnknown(DomainError):
    code = "liability_unknown"
    text = _("“{liability}” cannot bear it.")


class NothingToShipAgain(DomainError):
    code = "nothing_to_ship_again"
    text = _("Nothing is to be shipped for this claim.")


@transaction.atomic(durable=True)
def ask(
    *,
    distributor: Distributor,
    claim_no: str,
    note: str,
    actor: Actor,
    at: datetime,
    amount_fen: int = 0,
    evidence: Sequence[str] = (),
) -> Claim:
    """Ask the platform to help: with an amount, or with new goods where that is 0 fen.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: it was asked before, or the claim was given up.
    :raises WordsMissing: no words.
    :raises GoodwillBeyondPaid: more than the pieces may still give back.
    :raises EvidenceRequired: the reason needs pictures, and the claim has none.
    :raises EvidenceUnknown: a picture is not the distributor's, or used already.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if _is_asked_so(claim, amount_fen, note):
        return claim
    claim_roads.require(claim, "goodwill")
    if not note.strip():
        raise claiming.WordsMissing(pointer="/note")
    _refuse_beyond_paid(claim, claim.line, amount_fen)
    pictures.attach_to_claim(claim=claim, upload_ids=evidence, distributor=distributor)
    reason = reasons.find(claim.reason, use=reasons.AFTERSALE)
    if reason.evidence and not claim.evidence.exists():
        raise pictures.EvidenceRequired(pointer="/evidence", reason=claim.reason)
    claim.goodwill_kind = GoodwillKind.AMOUNT if amount_fen else GoodwillKind.RESHIP
    claim.goodwill_asked_fen, claim.goodwill_note = amount_fen, note
    claim.goodwill_due_at = at + timedelta(days=policies.read().goodwill_answer_days)
    claim_writing.move_goodwill(claim, claim.ask_goodwill, actor=actor, at=at, reason=_short(note))
    return claim


@transaction.atomic(durable=True)
def offer(
    *,
    claim_no: str,
    kind: str,
    liability: str,
    actor: Actor,
    at: datetime,
    amount_fen: int = 0,
    note: str = "",
) -> Claim:
    """Offer an amount, or new goods; the distributor takes it or leaves it.

    :raises NotFound: there is no such claim.
    :raises WrongState: nothing is asked.
    :raises LiabilityUnknown: nobody of that name can bear it.
    :raises GoodwillBeyondPaid: nothing, or more than the pieces may still give back.
    """
    claim = claim_writing.locked(claim_no)
    _require(claim, GoodwillState.ASKED)
    if liability not in Liability.values:
        raise LiabilityUnknown(pointer="/liability", liability=liability)
    wanted = GoodwillKind(kind)
    if wanted == GoodwillKind.AMOUNT:
        _refuse_beyond_paid(claim, claim.line, amount_fen, least_fen=1)
    claim.goodwill_kind = wanted
    claim.goodwill_fen = amount_fen if wanted == GoodwillKind.AMOUNT else 0
    claim.liability, claim.goodwill_answer = liability, note
    claim.goodwill_due_at = at + timedelta(days=policies.read().goodwill_choice_days)
    claim_writing.move_goodwill(
        claim, claim.offer_goodwill, actor=actor, at=at, reason=_short(note)
    )
    return claim


@transaction.atomic(durable=True)
def decline(*, claim_no: str, note: str, actor: Actor, at: datetime) -> Claim:
    """Decline to help, with words for the distributor; an offer that stands is taken back.

    :raises NotFound: there is no such claim.
    :raises WrongState: nothing is asked or offered.
    :raises WordsMissing: no words.
    """
    claim = claim_writing.locked(claim_no)
    _require(claim, *OPEN)
    if not note.strip():
        raise claiming.WordsMissing(pointer="/note")
    claim.goodwill_answer = note
    _decline(claim, actor=actor, at=at, reason=_short(note))
    return claim


@transaction.atomic(durable=True)
def refuse(*, distributor: Distributor, claim_no: str, actor: Actor, at: datetime) -> Claim:
    """Leave what is offered, or ask no more.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: nothing is asked or offered.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if claim.goodwill == GoodwillState.DECLINED:
        return claim
    claim_roads.require(claim, "goodwill-refusal")
    _decline(claim, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def settle(*, distributor: Distributor, claim_no: str, actor: Actor, at: datetime) -> Claim:
    """Accept what is offered: the deposit is credited by liability, or stock is taken to ship again.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: nothing is offered.
    :raises GoodwillBeyondPaid: other refunds of the line have left less than is offered.
    :raises StockInsufficient: there are no new goods; the offer stands.
    """
    # In the rank of locks: the deposit, the order and its line, the claim, then stock.
    accounts.lock_deposits([distributor.pk])
    line = _lock_line(distributor, claim_no)
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if claim.goodwill == GoodwillState.SETTLED:
        return claim
    claim_roads.require(claim, "goodwill-acceptance")
    if claim.goodwill_kind == GoodwillKind.AMOUNT:
        _pay(claim, line, actor, at)
    else:
        _take_stock(claim, line, actor, at)
    claim.goodwill_due_at = None
    claim_writing.move_goodwill(claim, claim.settle_goodwill, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def ship(
    *,
    claim_no: str,
    supplier: Supplier | None,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> ClaimParcel:
    """Note the parcel in which the source (None: the platform) sends the new goods.

    The same parcel again is the same parcel.

    :raises NotFound: there is no such claim, or its line is another source's.
    :raises NothingToShipAgain: no new goods were agreed, or they have been sent.
    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TrackingNoTaken: it is the number of another parcel of the claim.
    """
    claim = claim_writing.locked(claim_no)
    if claim.line.fulfilment.supplier_id != (supplier.pk if supplier else None):
        raise NotFound
    carrier, number = shipping.read_label(carrier_code, tracking_no)
    known = claim.parcels.filter(direction=ClaimDirection.GOODWILL).first()
    if known is not None and (known.carrier_code, known.tracking_no) == (carrier.code, number):
        return known
    if not to_ship(supplier).filter(pk=claim.pk).exists():
        raise NothingToShipAgain
    parcel = claim_writing.add_parcel(
        claim,
        direction=ClaimDirection.GOODWILL,
        carrier_code=carrier_code,
        tracking_no=tracking_no,
        at=at,
    )
    claim_writing.note_goodwill_shipped(claim, parcel, actor=actor, at=at)
    return parcel


def to_ship(supplier: Supplier | None) -> QuerySet[Claim]:
    """Return the claims for which a source (None: the platform) must still send new goods."""
    return not_shipped().filter(line__fulfilment__supplier=supplier).order_by("pk")


def not_shipped() -> QuerySet[Claim]:
    """Return the claims for which new goods were settled and not sent yet, by whomever."""
    settled = Claim.objects.filter(
        goodwill=GoodwillState.SETTLED, goodwill_kind=GoodwillKind.RESHIP
    )
    sent = ClaimParcel.objects.filter(direction=ClaimDirection.GOODWILL, claim=OuterRef("pk"))
    return settled.filter(~Exists(sent))


def left_fen(claim: Claim, line: Line) -> int:
    """Return what may still be given back for a claim's pieces.

    Never more than their price, nor than was paid for the received pieces of the line and has not
    been given back: what was paid for pieces that are still to come stays for them.
    """
    price_fen = line.agreement_price_fen
    for_received_fen = line.refunded_fen - price_fen * (line.cancelled + line.written_off)
    cap_fen = room.of([line])[line.pk].cap_fen(claim.quantity)
    return max(0, min(cap_fen, price_fen * line.received - for_received_fen))


def decline_due(*, at: datetime) -> int:
    """Decline what was not answered in time, by the platform or by the distributor; return how many.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        done = _decline_some_due(at)
        count += done
        if done < DUE_AT_ONCE:
            return count


@transaction.atomic(durable=True)
def _decline_some_due(at: datetime) -> int:
    rows = Claim.objects.filter(goodwill__in=OPEN, goodwill_due_at__lte=at).order_by("pk")
    due = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    claims = list(due.select_related("distributor")[:DUE_AT_ONCE])
    for claim in claims:
        _decline(claim, actor=actors.timer("goodwill"), at=at)
    return len(claims)


def _decline(claim: Claim, *, actor: Actor, at: datetime, reason: str = "") -> None:
    claim.goodwill_due_at = None
    claim_writing.move_goodwill(claim, claim.decline_goodwill, actor=actor, at=at, reason=reason)


def _lock_line(distributor: Distributor, claim_no: str) -> Line:
    found = Claim.objects.of(distributor).filter(claim_no=claim_no).first()
    if found is None:
        raise NotFound
    Order.objects.filter(pk=found.order_id).locked().get()
    rows = Line.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("fulfilment").get(pk=found.line_id)


def _pay(claim: Claim, line: Line, actor: Actor, at: datetime) -> None:
    amount_fen = claim.goodwill_fen
    _refuse_beyond_paid(claim, line, amount_fen)
    line.refunded_fen += amount_fen
    line.save(update_fields=["refunded_fen"])
    header.recompute([claim.order_id], at=at)
    shares = bearing.shares(line, liability=claim.liability, amount_fen=amount_fen)
    posting.post([_posting(claim, line, share) for share in shares], at=at, actor=actor)
    warning.watch([claim.distributor_id], at=at)


def _posting(claim: Claim, line: Line, share: bearing.Share) -> posting.Posting:
    order = claim.order
    is_whole = claim.liability != Liability.SUPPLIER
    return posting.Posting(
        code=CODE,
        reference=claim.claim_no if is_whole else f"{claim.claim_no}/{share.name}",
        debit=share.account,
        credit=(Kind.DEPOSIT, claim.distributor_id),
        amount_fen=share.amount_fen,
        distributor_pk=claim.distributor_id,
        supplier_pk=share.supplier_pk,
        order_no=order.order_no,
        out_order_no=order.out_order_no,
        line_id=line.line_id,
        sku_no=line.sku_no,
        quantity=claim.quantity,
        case_no=claim.claim_no,
    )


def _take_stock(claim: Claim, line: Line, actor: Actor, at: datetime) -> None:
    retaking.take(
        line=line,
        distributor_pk=claim.distributor_id,
        quantity=claim.quantity,
        cause=claim.claim_no,
        actor=actor,
        at=at,
    )


def _refuse_beyond_paid(claim: Claim, line: Line, amount_fen: int, least_fen: int = 0) -> None:
    most_fen = left_fen(claim, line)
    if not least_fen <= amount_fen <= most_fen:
        raise GoodwillBeyondPaid(pointer="/amount_fen", left_fen=most_fen, amount_fen=amount_fen)


def _require(claim: Claim, *sources: GoodwillState) -> None:
    if claim.goodwill not in sources:
        raise WrongState(state=claim.get_goodwill_display())


def _is_asked_so(claim: Claim, amount_fen: int, note: str) -> bool:
    asked = (claim.goodwill_asked_fen, claim.goodwill_note)
    return claim.goodwill in OPEN and asked == (amount_fen, note)


def _short(words: str) -> str:
    return words[: claim_writing.MAX_REASON]
