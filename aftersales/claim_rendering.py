"""A claim as its distributor sees it: the same in answers, lists and callbacks.

Who bears the platform's goodwill stays with the platform, and no document carries anything of the
consumer; the return address is the shop's own.
"""

from collections.abc import Sequence
from typing import Any

from aftersales import claim_roads
from aftersales.models import Claim, ClaimParcel, GoodwillState
from kit.times import rfc3339

Document = dict[str, Any]

FETCHED = ("parcels", "evidence")
GOODWILL_OPEN = (GoodwillState.ASKED, GoodwillState.OFFERED)


def document(claim: Claim) -> Document:
    """Return one claim in full, as it is now."""
    return documents([claim])[0]


def documents(claims: Sequence[Claim]) -> list[Document]:
    """Return claims in full, in a number of queries that does not depend on theirs."""
    found = Claim.objects.select_related("order", "line").prefetch_related(*FETCHED)
    by_pk = found.in_bulk([claim.pk for claim in claims])
    return [_document(by_pk[claim.pk]) for claim in claims]


def _document(claim: Claim) -> Document:
    return {
        "claim_no": claim.claim_no,
        "out_claim_no": claim.out_claim_no,
        "order_no": claim.order.order_no,
        "out_order_no": claim.order.out_order_no,
        "line_id": claim.line.line_id,
        "sku_no": claim.line.sku_no,
        "type": claim.type,
        "quantity": claim.quantity,
        "state": str(claim.state),
        "version": claim.version,
        "reason": claim.reason,
        "description": claim.description,
        "amount_fen": claim.amount_fen,
        "note": claim.note,
        "return_address": claim.return_address,
        "parcels": [_parcel(parcel) for parcel in claim.parcels.all()],
        "evidence": [row.upload_id for row in claim.evidence.all()],
        "goodwill": _goodwill(claim),
        "allowed_actions": claim_roads.allowed(claim),
        "next_deadline": _next_deadline(claim),
        "applied_at": rfc3339(claim.applied_at),
        "changed_at": rfc3339(claim.changed_at),
        "ended_at": rfc3339(claim.ended_at),
    }


def _goodwill(claim: Claim) -> Document:
    """Show what is asked, and what is offered; `kind` is of the offer as soon as there is one."""
    return {
        "state": str(claim.goodwill),
        "kind": claim.goodwill_kind,
        "asked_fen": claim.goodwill_asked_fen,
        "offered_fen": claim.goodwill_fen,
        "note": claim.goodwill_note,
        "answer": claim.goodwill_answer,
    }


def _next_deadline(claim: Claim) -> Document | None:
    if claim.goodwill not in GOODWILL_OPEN or claim.goodwill_due_at is None:
        return None
    return {"at": rfc3339(claim.goodwill_due_at), "default": "goodwill_declined"}


def _parcel(parcel: ClaimParcel) -> Document:
    return {
        "direction": parcel.direction,
        "carrier_code": parcel.carrier_code,
        "tracking_no": parcel.tracking_no,
        "sent_at": rfc3339(parcel.sent_at),
    }
