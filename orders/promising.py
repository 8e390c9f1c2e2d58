"""Writing promises: holds with their lines, as arrays, in the caller's transaction."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kit import bulk, numbers
from kit.errors import DomainError
from ledger import accounts
from orders import requests
from orders.checking import Priced
from orders.drawing import Draw
from orders.models import HoldKind, HoldState
from orders.repeating import Content
from orders.writing import Buyer

ID_PREFIX = "K"


class HoldLimitReached(DomainError):
    code = "hold_limit_reached"
    text = _("You have {open_holds} open holds; {limit} are allowed.")


@dataclass(slots=True)
class Promise:
    """A hold that will be written: what it draws, and until when it keeps it."""

    kind: HoldKind
    priced: Priced
    buyer: Buyer
    content: Content
    expires_at: datetime
    hold_id: str
    draws: list[Draw] = field(default_factory=list)

    @property
    def reserved_fen(self) -> int:
        """What of the deposit it reserves: all, or nothing if it waits for funds."""
        return self.priced.total_fen if self.kind == HoldKind.CONSUMER else 0


def new_hold_id(at: datetime) -> str:
    """Return a number for a hold."""
    return numbers.day_prefix(ID_PREFIX, at) + numbers.unguessable(12)


def open_holds(distributor_pks: Collection[int]) -> dict[int, int]:
    """Return how many active holds distributors have; their deposits are locked, so it stays so."""
    rows = bulk.query(
        "SELECT distributor_id, count(*) FROM orders_hold"
        " WHERE state = 'active' AND distributor_id = ANY(%s::bigint[]) GROUP BY distributor_id",
        [bulk.array(distributor_pks)],
    )
    counted = dict.fromkeys(distributor_pks, 0)
    return counted | {row[0]: row[1] for row in rows}


def check_limit(open_now: int, limit: int) -> None:
    """Make sure that one more hold is allowed.

    :raises HoldLimitReached: it is not.
    """
    if open_now >= limit:
        raise HoldLimitReached(open_holds=open_now, limit=limit)


def write(promises: Sequence[Promise], *, at: datetime) -> None:
    """Write holds with their lines, and reserve what they reserve of the locked deposits."""
    if not promises:
        return
    reserve(promises)
    rows = bulk.query(
        "SELECT nextval('orders_hold_id_seq') FROM generate_series(1, %s)", [len(promises)]
    )
    pks = [pk for (pk,) in rows]
    with bulk.together():
        _write_holds(promises, pks, at)
        _write_lines(promises, pks)


def reserve(promises: Sequence[Promise]) -> None:
    """Reserve on the deposits what promises need."""
    needed: dict[int, int] = {}
    for promise in promises:
        pk = promise.buyer.distributor_pk
        needed[pk] = needed.get(pk, 0) + promise.reserved_fen
    accounts.reserve(needed)


def _write_holds(promises: Sequence[Promise], pks: Sequence[int], at: datetime) -> None:
    wanted = [promise.priced.request for promise in promises]
    bulk.insert(
        "orders_hold",
        {
            "id": ("bigint", pks),
            "hold_id": ("text", [promise.hold_id for promise in promises]),
            "distributor_id": ("bigint", [request.distributor_pk for request in wanted]),
            "out_order_no": ("text", [request.out_order_no for request in wanted]),
            "kind": ("text", [promise.kind.value for promise in promises]),
            "state": ("text", bulk.Same(HoldState.ACTIVE.value)),
            "goods_fen": ("bigint", [promise.priced.goods_fen for promise in promises]),
            "freight_fen": ("bigint", [promise.priced.freight_fen for promise in promises]),
            "total_fen": ("bigint", [promise.priced.total_fen for promise in promises]),
            "reserved_fen": ("bigint", [promise.reserved_fen for promise in promises]),
            "sources": ("jsonb", [_sources(promise.priced) for promise in promises]),
            "level_code": ("text", [promise.buyer.level_code for promise in promises]),
            "application": ("text", [request.application for request in wanted]),
            "province": ("text", [request.consignee.province for request in wanted]),
            "city": ("text", [request.consignee.city for request in wanted]),
            "sealed_request": ("bytea", [_sealed(promise) for promise in promises]),
            "lines_hash": ("bytea", [promise.content.lines for promise in promises]),
            "consignee_hash": ("bytea", [promise.content.consignee for promise in promises]),
            "remark_hash": ("bytea", [promise.content.remark for promise in promises]),
            "extensions": ("int", bulk.Same(0)),
            "version": ("int", bulk.Same(1)),
            "actor": ("text", [str(request.actor) for request in wanted]),
            "held_at": ("timestamptz", bulk.Same(at)),
            "expires_at": ("timestamptz", [promise.expires_at.isoformat() for promise in promises]),
            "ended_by": ("text", bulk.Same("")),
        },
    )


def _write_lines(promises: Sequence[Promise], pks: Sequence[int]) -> None:
    drawn = [
        (pk, draw) for pk, promise in zip(pks, promises, strict=True) for draw in promise.draws
    ]
    lines = [draw.line for _, draw in drawn]
    bulk.insert(
        "orders_holdline",
        {
            "hold_id": ("bigint", [pk for pk, _ in drawn]),
            "sku_id": ("bigint", [line.offer.sku_pk for line in lines]),
            "line_id": ("text", [line.wanted.line_id for line in lines]),
            "sku_no": ("text", [line.offer.sku_no for line in lines]),
            "quantity": ("int", [line.wanted.quantity for line in lines]),
            "supply_price_fen": ("bigint", [line.price.supply_price_fen for line in lines]),
            "markup_fen": ("bigint", [line.price.markup_fen for line in lines]),
            "fee_rate_bp": ("int", [line.price.fee_rate_bp for line in lines]),
            "service_fee_fen": ("bigint", [line.price.service_fee_fen for line in lines]),
            "agreement_price_fen": ("bigint", [line.price.agreement_price_fen for line in lines]),
            "allotment_id": (
                "bigint",
                [
                    draw.line.offer.allotment_pk if draw.from_allotment else None
                    for _, draw in drawn
                ],
            ),
            "from_allotment": ("int", [draw.from_allotment for _, draw in drawn]),
        },
    )


def _sources(priced: Priced) -> str:
    """Freeze what each source charges for freight, and how soon it ships."""
    return json.dumps(
        [[part.supplier_pk, part.freight_fen, part.ship_within_hours] for part in priced.parts]
    )


def _sealed(promise: Promise) -> bytes | None:
    """Keep the whole request of an order that waits: nobody will send it again."""
    if promise.kind == HoldKind.CONSUMER:
        return None
    return requests.seal(promise.priced.request)
