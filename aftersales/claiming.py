"""Claims (维权): what a distributor settles with its own consumer after receipt.

A claim moves no deposit, no stock and no bill; only the platform's goodwill does (`goodwill`). The
same step taken again in the same way changes nothing and is no error.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from aftersales import claim_roads, claim_writing
from aftersales import evidence as pictures
from aftersales.models import (
    CLAIM_ENDS,
    Claim,
    ClaimDirection,
    ClaimState,
    ClaimType,
    GoodwillState,
)
from distributors.models import Distributor
from kit import numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts
from orders import reasons, telling
from orders.models import Line, Order
from orders.telling import Deed

MAX_AMOUNT_FEN = 100_000_000_00
NUMBER_LENGTH = 12
GOODWILL_OPEN = (GoodwillState.ASKED, GoodwillState.OFFERED)


class ClaimsNotOpen(DomainError):
    code = "claims_not_open"
    text = _("Claims are not open for you.")


class MoreThanReceived(DomainError):
    code = "more_than_received"
    text = _("Only {left} received pieces of line {line_id} are in no open claim, not {quantity}.")


class OutClaimNoTaken(DomainError):
    code = "out_claim_no_taken"
    text = _("“{out_claim_no}” is the number of another claim: {fields} are not the same.")


class WordsMissing(DomainError):
    code = "words_missing"
    text = _("This needs some words.")


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
    amount_fen: int = 0,
    evidence: Sequence[str] = (),
    out_claim_no: str = "",
) -> Claim:
    """Open a claim for received pieces of a line; `amount_fen` is what the consumer wants back.

    The distributor's own number, where it gives one, makes repeating harmless: it is the same claim,
    whatever has become of it. Without a number the very same claim again, while nobody has answered
    it, is the same claim.

    :raises NotFound: the distributor has no such order, or the order no such line.
    :raises OutClaimNoTaken: another claim has this number.
    :raises ClaimsNotOpen: the platform has not opened claims for the distributor.
    :raises ReasonUnknown: the reason is not in the table.
    :raises MoreThanReceived: so many pieces were not received, or are in an open claim already.
    :raises EvidenceUnknown: a picture is not the distributor's, or used already.
    """
    if out_claim_no:
        # Whoever uses the number at the same moment, and be it for another order, comes before or after.
        accounts.lock_deposits([distributor.pk])
    order = Order.objects.of(distributor).filter(pk=order_pk).locked().first()
    line = Line.objects.filter(order=order, line_id=line_id).first() if order else None
    if order is None or line is None:
        raise NotFound
    reasons.find(reason, use=reasons.AFTERSALE)
    claim = Claim(
        claim_no=numbers.day_prefix("W", at) + numbers.unguessable(NUMBER_LENGTH),
        out_claim_no=out_claim_no,
        distributor=distributor,
        order=order,
        line=line,
        type=ClaimType(type),
        quantity=quantity,
        reason=reason,
        description=description,
        amount_fen=amount_fen,
        applied_at=at,
        changed_at=at,
    )
    known = _numbered(claim) if out_claim_no else _same_as(claim, evidence)
    if known is not None:
        return known
    if not distributor.claims_open:
        raise ClaimsNotOpen
    _refuse_beyond_received(line, quantity)
    claim.save()
    pictures.attach_to_claim(claim=claim, upload_ids=evidence, distributor=distributor)
    subject = f"claim {claim.claim_no}"
    deed = Deed(order.pk, subject, "applied", actor, "", str(claim.state), _short(description))
    telling.note([deed], at=at)
    claim_writing.tell(claim, "claim.applied", at=at)
    return claim


@transaction.atomic(durable=True)
def agree(
    *,
    distributor: Distributor,
    claim_no: str,
    actor: Actor,
    at: datetime,
    amount_fen: int | None = None,
    note: str = "",
) -> Claim:
    """Agree to a claim: to what was asked, or to another amount of the shop's own money.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: it has been answered already.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    wanted_fen = claim.amount_fen if amount_fen is None else amount_fen
    if (claim.state, claim.amount_fen, claim.note) == (ClaimState.AGREED, wanted_fen, note):
        return claim
    claim_roads.require(claim, "agreement")
    claim.amount_fen, claim.note = wanted_fen, note
    claim_writing.move(claim, claim.agree, actor=actor, at=at, reason=_short(note))
    return claim


@transaction.atomic(durable=True)
def reject(
    *, distributor: Distributor, claim_no: str, note: str, actor: Actor, at: datetime
) -> Claim:
    """Decline a claim, with words for the consumer. Goodwill that was asked for it is dropped.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: it has been answered already, or the platform has helped with it.
    :raises WordsMissing: no words.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if (claim.state, claim.note) == (ClaimState.REJECTED, note):
        return claim
    claim_roads.require(claim, "rejection")
    if not note.strip():
        raise WordsMissing(pointer="/note")
    claim.note = note
    claim_writing.move(claim, claim.reject, actor=actor, at=at, reason=_short(note))
    _drop_goodwill(claim, actor, at)
    return claim


@transaction.atomic(durable=True)
def withdraw(*, distributor: Distributor, claim_no: str, actor: Actor, at: datetime) -> Claim:
    """Note that the consumer wants nothing any more. Goodwill that was asked for it is dropped.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: goods are on their way, it is at its end, or the platform has helped with it.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if claim.state == ClaimState.WITHDRAWN:
        return claim
    claim_roads.require(claim, "withdrawal")
    claim_writing.move(claim, claim.withdraw, actor=actor, at=at)
    _drop_goodwill(claim, actor, at)
    return claim


@transaction.atomic(durable=True)
def push_address(
    *, distributor: Distributor, claim_no: str, address: str, actor: Actor, at: datetime
) -> Claim:
    """Say where the consumer sends the goods: an address of the shop, kept readable for ever.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: it is not agreed, or has gone on.
    :raises NotAStepOfThisClaim: no goods come back.
    :raises WordsMissing: no address.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if (claim.state, claim.return_address) == (ClaimState.AWAITING_RETURN, address):
        return claim
    claim_roads.require(claim, "return-address")
    if not address.strip():
        raise WordsMissing(pointer="/return_address")
    claim.return_address = address
    claim_writing.move(claim, claim.push_address, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def send_back(
    *,
    distributor: Distributor,
    claim_no: str,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> Claim:
    """Note the parcel in which the consumer sends the goods back.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: no goods are waited for.
    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    label = {"carrier_code": carrier_code, "tracking_no": tracking_no}
    way = ClaimDirection.RETURN
    if claim.state == ClaimState.RETURNING and claim_writing.has_parcel(
        claim, direction=way, **label
    ):
        return claim
    claim_roads.require(claim, "return-shipment")
    claim_writing.add_parcel(claim, direction=way, at=at, **label)
    claim_writing.move(claim, claim.send_back, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def receive(*, distributor: Distributor, claim_no: str, actor: Actor, at: datetime) -> Claim:
    """Note that the shop has the goods.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: none are on their way.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if claim.state == ClaimState.RECEIVED:
        return claim
    claim_roads.require(claim, "received")
    claim_writing.move(claim, claim.receive, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def reship(
    *,
    distributor: Distributor,
    claim_no: str,
    carrier_code: str,
    tracking_no: str,
    actor: Actor,
    at: datetime,
) -> Claim:
    """Note the parcel in which the shop sends new goods.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: the goods are not there yet, or new ones have been sent.
    :raises NotAStepOfThisClaim: it is no exchange.
    :raises CarrierUnknown: there is no such carrier.
    :raises TrackingNoUnreadable: it cannot be a tracking number.
    :raises TrackingNoTaken: it is the number of the parcel that came back.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    label = {"carrier_code": carrier_code, "tracking_no": tracking_no}
    way = ClaimDirection.RESHIP
    if claim.state == ClaimState.RESHIPPED and claim_writing.has_parcel(
        claim, direction=way, **label
    ):
        return claim
    claim_roads.require(claim, "reshipment")
    claim_writing.add_parcel(claim, direction=way, at=at, **label)
    claim_writing.move(claim, claim.reship, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def refund(*, distributor: Distributor, claim_no: str, actor: Actor, at: datetime) -> Claim:
    """Mark that the shop has given its consumer the money; nothing of ours moves.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: it is not agreed, or the goods are not there yet.
    :raises NotAStepOfThisClaim: it is an exchange.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if claim.state == ClaimState.REFUNDED:
        return claim
    claim_roads.require(claim, "refund")
    claim_writing.move(claim, claim.refund, actor=actor, at=at)
    return claim


@transaction.atomic(durable=True)
def complete(*, distributor: Distributor, claim_no: str, actor: Actor, at: datetime) -> Claim:
    """Note that the new goods have arrived.

    :raises NotFound: the distributor has no such claim.
    :raises WrongState: none were sent.
    """
    claim = claim_writing.locked(claim_no, distributor=distributor)
    if claim.state == ClaimState.COMPLETED:
        return claim
    claim_roads.require(claim, "completion")
    claim_writing.move(claim, claim.complete, actor=actor, at=at)
    return claim


def left_to_claim(lines: Collection[Line]) -> dict[int, int]:
    """Return how many received pieces of each line, by its key, are in no open claim."""
    rows = Claim.objects.filter(line__in=[line.pk for line in lines])
    still_open = rows.exclude(state__in=CLAIM_ENDS).values_list("line_id")
    claimed = dict(still_open.annotate(pieces=Sum("quantity")))
    return {line.pk: line.received - claimed.get(line.pk, 0) for line in lines}


def _refuse_beyond_received(line: Line, quantity: int) -> None:
    left = left_to_claim([line])[line.pk]
    if not 0 < quantity <= left:
        raise MoreThanReceived(
            pointer="/quantity", line_id=line.line_id, left=left, quantity=quantity
        )


def _numbered(claim: Claim) -> Claim | None:
    """Return the claim that has the distributor's number already.

    Pictures may have been uploaded anew, and an answered claim holds what was agreed to, not what
    was asked; the rest is as it was sent.
    """
    claims = Claim.objects.of(claim.distributor).filter(out_claim_no=claim.out_claim_no)
    known = claims.select_related("order", "line").first()
    if known is None:
        return None
    pairs = _content(claim).items() ^ _content(known).items()
    changed = {name for name, _value in pairs}
    if known.state != ClaimState.APPLIED:
        changed.discard("amount_fen")
    if changed:
        fields = ", ".join(name for name in _content(claim) if name in changed)
        raise OutClaimNoTaken(
            pointer="/out_claim_no", out_claim_no=claim.out_claim_no, fields=fields
        )
    return known


def _content(claim: Claim) -> dict[str, object]:
    return {
        "order_no": claim.order.order_no,
        "line_id": claim.line.line_id,
        "type": str(claim.type),
        "quantity": claim.quantity,
        "reason": claim.reason,
        "description": claim.description,
        "amount_fen": claim.amount_fen,
    }


def _same_as(claim: Claim, evidence: Sequence[str]) -> Claim | None:
    """Return the unanswered claim that was opened by the very same request."""
    same = {
        name: getattr(claim, name)
        for name in ("line", "type", "quantity", "reason", "description", "amount_fen")
    }
    unnumbered = Claim.objects.filter(state=ClaimState.APPLIED, out_claim_no="", **same)
    for known in unnumbered.order_by("pk"):
        attached = set(known.evidence.values_list("upload_id", flat=True))
        if attached == set(evidence):
            return known
    return None


def _drop_goodwill(claim: Claim, actor: Actor, at: datetime) -> None:
    if claim.goodwill in GOODWILL_OPEN:
        claim.goodwill_due_at = None
        claim_writing.move_goodwill(claim, claim.decline_goodwill, actor=actor, at=at)


def _short(words: str) -> str:
    return words[: claim_writing.MAX_REASON]
