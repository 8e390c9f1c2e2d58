"""A hold as its distributor sees it, and an order that waits for funds: without consumer data."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from companies import policies
from kit.times import rfc3339
from ledger import accounts
from orders.models import Hold, HoldKind, HoldLine, HoldState
from orders.rendering import Document

WAITING = "waiting_for_funds"


def document(hold: Hold) -> Document:
    """Return one hold in full, as it is now."""
    return documents([hold])[0]


def documents(holds: Sequence[Hold]) -> list[Document]:
    """Return holds in full, in a number of queries that does not depend on theirs."""
    lines: dict[int, list[HoldLine]] = defaultdict(list)
    for line in HoldLine.objects.filter(hold__in=[hold.pk for hold in holds]).order_by("pk"):
        lines[line.hold_id].append(line)
    allowed = policies.read().hold_extensions
    return [_document(hold, lines[hold.pk], allowed) for hold in holds]


def waiting(
    *, out_order_no: str, hold_id: str, total_fen: int, shortfall_fen: int, expires_at: datetime
) -> Document:
    """Return an order that waits until the deposit covers it."""
    return {
        "out_order_no": out_order_no,
        "state": WAITING,
        "hold_id": hold_id,
        "shortfall_fen": shortfall_fen,
        "total_fen": total_fen,
        "expires_at": rfc3339(expires_at),
    }


def waiting_of(distributor_pk: int, out_order_no: str) -> Document | None:
    """Return the order of this number as it waits for funds now; None if none does."""
    hold = Hold.objects.filter(
        distributor=distributor_pk,
        out_order_no=out_order_no,
        state=HoldState.ACTIVE,
        kind=HoldKind.FUNDS,
    ).first()
    if hold is None:
        return None
    available_fen = accounts.deposit_of(distributor_pk).available_fen
    return waiting(
        out_order_no=out_order_no,
        hold_id=hold.hold_id,
        total_fen=hold.total_fen,
        shortfall_fen=max(0, hold.total_fen - available_fen),
        expires_at=hold.expires_at,
    )


def extensions_left(hold: Hold, allowed: int) -> int:
    """Return how often a hold may still be extended; one that waits for funds never."""
    if hold.kind == HoldKind.FUNDS or hold.ended_at is not None:
        return 0
    return max(0, allowed - hold.extensions)


def _document(hold: Hold, lines: Sequence[HoldLine], allowed: int) -> Document:
    return {
        "hold_id": hold.hold_id,
        "out_order_no": hold.out_order_no,
        "kind": str(hold.kind),
        "state": str(hold.state),
        "version": hold.version,
        "lines": [
            {
                "line_id": line.line_id,
                "sku_no": line.sku_no,
                "quantity": line.quantity,
                "agreement_price_fen": line.agreement_price_fen,
            }
            for line in lines
        ],
        "goods_fen": hold.goods_fen,
        "freight_fen": hold.freight_fen,
        "total_fen": hold.total_fen,
        "application": hold.application,
        "held_at": rfc3339(hold.held_at),
        "expires_at": rfc3339(hold.expires_at),
        "ended_at": rfc3339(hold.ended_at),
        "extensions_left": extensions_left(hold, allowed),
        "order_no": None if hold.order is None else hold.order.order_no,
    }
