"""Writing a batch of decided orders: every table once, as arrays, in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec

from integration import outbox
from kit import bulk, calendars, sealing, values
from kit.times import rfc3339
from ledger import accounts, posting
from ledger.models import Kind
from orders import rendering
from orders.checking import Part, Priced
from orders.drawing import Draw
from orders.models import FulfilmentState, OrderState
from orders.repeating import Content

PLACED = "placed"
# An enumeration is slow to ask for its values, and a batch asks hundreds of times.
_ORDER_STATE = OrderState.PLACED.value
_PART_STATE = FulfilmentState.AWAITING_SHIPMENT.value

# Columns that hold one value in most batches, because one distributor sent it, or because most shops
# leave them empty.
_OF_ONE_BUYER = ("distributor_id", "level_code")
_MOSTLY_EMPTY = (
    "application", "channel", "paid_fen", "payment_reference", "consumer_ref", "remark",
    "remark_hash",
)  # fmt: skip

# Shared, so that a suspension waits for orders under way, and an order that waited for one sees it.
_LOCK_BUYERS = """
SELECT account.holder, account.balance_fen + account.credit_line_fen - account.held_fen,
    distributor.state, distributor.state_reason, distributor.partner_id, level.code,
    account.id, (SELECT id FROM ledger_account WHERE kind = 'orders_open'),
    CASE WHEN NOT distributor.deposit_is_low THEN distributor.low_deposit_threshold_fen ELSE 0 END,
    account.frozen_at IS NOT NULL
FROM ledger_account account
JOIN distributors_distributor distributor ON distributor.id = account.holder
JOIN distributors_level level ON level.id = distributor.level_id
WHERE account.kind = 'deposit' AND account.holder = ANY(%s::bigint[])
ORDER BY account.id FOR NO KEY UPDATE OF account FOR SHARE OF distributor
"""


class Buyer(values.Value, frozen=True):
    """A distributor whose deposit is locked, and what of it may be spent."""

    distributor_pk: int
    available_fen: int
    state: str
    state_reason: str
    partner_pk: int
    level_code: str
    deposit_pk: int
    # The account that holds what is placed; None before the very first order.
    orders_open_pk: int | None
    # Falling below this is told; 0: never, or told already.
    warn_below_fen: int
    # A proof found the deposit broken: nothing is spent from it.
    is_frozen: bool


@dataclass(slots=True)
class Decided:
    """An order that will be written; its keys are drawn by `write`, its document made there."""

    priced: Priced
    buyer: Buyer
    content: Content
    order_no: str
    draws: list[Draw]
    pk: int = 0
    document: rendering.Document = field(default_factory=dict)

    def full_document(self, *, show_parts: bool) -> rendering.Document:
        """Return the order as its distributor gets it back: with the consignee."""
        consignee = self.priced.request.consignee
        shown = {
            "name": consignee.name,
            "phone": consignee.phone,
            "province": consignee.province,
            "city": consignee.city,
            "district": consignee.district,
            "detail": consignee.detail,
        }
        document = {**self.document, "consignee": shown}
        return document | {"lines": self._lines_with_parts()} if show_parts else document

    def _lines_with_parts(self) -> list[rendering.Document]:
        return [
            shown
            | {
                "supply_price_fen": line.price.supply_price_fen,
                "service_fee_fen": line.price.service_fee_fen,
            }
            for shown, line in zip(self.document["lines"], self.priced.lines, strict=True)
        ]


def lock_buyers(distributor_pks: Collection[int]) -> dict[int, Buyer]:
    """Lock deposits in primary-key order, first in the rank of locks."""
    rows = bulk.query(_LOCK_BUYERS, [bulk.array(distributor_pks)], planned=True)
    return {row[0]: Buyer(*row) for row in rows}


def write(
    batch: Sequence[Decided],
    *,
    at: datetime,
    window_days: int = 0,
    days_off: frozenset[date] = frozenset(),
) -> None:
    """Write the orders of a batch with all that belongs to them, and move the deposits.

    `window_days` is for how long after receipt after-sales are open, where a product says nothing.
    On `days_off` the hours within which goods have to be shipped do not count.
    """
    if not batch:
        return
    parts = [(decided, part) for decided in batch for part in decided.priced.parts]
    draws = [(decided, draw) for decided in batch for draw in decided.draws]
    order_pks, part_pks, line_pks = _new_keys(len(batch), len(parts), len(draws))
    placed_at = rfc3339(at)
    promised = {part.ship_within_hours for _, part in parts}
    due = {hours: calendars.after(at, hours, days_off) for hours in promised}
    due_at = {hours: rfc3339(moment) for hours, moment in due.items()}
    for decided, pk in zip(batch, order_pks, strict=True):
        decided.pk = pk
        decided.document = _document(decided, placed_at, due_at)
    part_pk_of = {id(part): pk for (_, part), pk in zip(parts, part_pks, strict=True)}
    _write_orders(batch, at)
    _write_consignees(batch)
    _write_fulfilments(parts, part_pks, due)
    _write_lines(draws, line_pks, part_pk_of, window_days)
    _post(batch, at)
    _write_history(batch, at)
    _tell(batch, at)


def _new_keys(orders: int, parts: int, lines: int) -> tuple[list[int], list[int], list[int]]:
    """Draw the primary keys of a batch in one round trip."""
    rows = bulk.query(
        "SELECT 0, nextval('orders_order_id_seq') FROM generate_series(1, %s) UNION ALL"
        " SELECT 1, nextval('orders_fulfilment_id_seq') FROM generate_series(1, %s) UNION ALL"
        " SELECT 2, nextval('orders_line_id_seq') FROM generate_series(1, %s)",
        [orders, parts, lines],
        planned=True,
    )
    keys: tuple[list[int], list[int], list[int]] = ([], [], [])
    for table, key in rows:
        keys[table].append(key)
    return keys


def _write_orders(batch: Sequence[Decided], at: datetime) -> None:
    requests = [decided.priced.request for decided in batch]
    bulk.insert(
        "orders_order",
        {
            "id": ("bigint", [decided.pk for decided in batch]),
            "order_no": ("text", [decided.order_no for decided in batch]),
            "distributor_id": ("bigint", [request.distributor_pk for request in requests]),
            "out_order_no": ("text", [request.out_order_no for request in requests]),
            "state": ("text", bulk.Same(_ORDER_STATE)),
            "level_code": ("text", [decided.buyer.level_code for decided in batch]),
            "goods_fen": ("bigint", [decided.priced.goods_fen for decided in batch]),
            "freight_fen": ("bigint", [decided.priced.freight_fen for decided in batch]),
            "total_fen": ("bigint", [decided.priced.total_fen for decided in batch]),
            "open_fen": ("bigint", [decided.priced.total_fen for decided in batch]),
            "application": ("text", [request.application for request in requests]),
            "channel": ("text", [request.channel for request in requests]),
            "paid_fen": ("bigint", [request.paid_fen for request in requests]),
            "payment_reference": ("text", [request.payment_reference for request in requests]),
            "consumer_ref": ("text", [request.consumer_ref for request in requests]),
            "remark": ("text", [request.remark for request in requests]),
            "lines_hash": ("bytea", [decided.content.lines for decided in batch]),
            "consignee_hash": ("bytea", [decided.content.consignee for decided in batch]),
            "remark_hash": ("bytea", [decided.content.remark for decided in batch]),
            "placed_at": ("timestamptz", bulk.Same(at)),
            "changed_at": ("timestamptz", bulk.Same(at)),
        },
        alike=(_OF_ONE_BUYER, _MOSTLY_EMPTY),
    )


def _write_consignees(batch: Sequence[Decided]) -> None:
    consignees = [decided.priced.request.consignee for decided in batch]
    sealed = [sealing.seal(f"{c.name}\n{c.phone}\n{c.detail}") for c in consignees]
    bulk.insert(
        "orders_consignee",
        {
            "order_id": ("bigint", [decided.pk for decided in batch]),
            "sealed": ("bytea", sealed),
            "phone_hash": ("bytea", [sealing.keyed_hash(c.phone) for c in consignees]),
            "province": ("text", [c.province for c in consignees]),
            "city": ("text", [c.city for c in consignees]),
            "district": ("text", [c.district for c in consignees]),
        },
    )


def _write_fulfilments(
    parts: Sequence[tuple[Decided, Part]], pks: Sequence[int], due: Mapping[int, datetime]
) -> None:
    exactly = {hours: moment.isoformat() for hours, moment in due.items()}
    bulk.insert(
        "orders_fulfilment",
        {
            "id": ("bigint", pks),
            "order_id": ("bigint", [decided.pk for decided, _ in parts]),
            "supplier_id": ("bigint", [part.supplier_pk for _, part in parts]),
            "state": ("text", bulk.Same(_PART_STATE)),
            "freight_fen": ("bigint", [part.freight_fen for _, part in parts]),
            "ship_due_at": (
                "timestamptz",
                [exactly[part.ship_within_hours] for _, part in parts],
            ),
        },
    )


def _write_lines(
    draws: Sequence[tuple[Decided, Draw]],
    pks: Sequence[int],
    part_pk_of: dict[int, int],
    window_days: int,
) -> None:
    lines = [draw.line for _, draw in draws]
    part_of = {
        id(line): part_pk_of[id(part)]
        for decided, _ in draws
        for part in decided.priced.parts
        for line in part.lines
    }
    bulk.insert(
        "orders_line",
        {
            "id": ("bigint", pks),
            "order_id": ("bigint", [decided.pk for decided, _ in draws]),
            "fulfilment_id": ("bigint", [part_of[id(line)] for line in lines]),
            "sku_id": ("bigint", [line.offer.sku_pk for line in lines]),
            "line_id": ("text", [line.wanted.line_id for line in lines]),
            "item_no": ("text", [line.offer.item_no for line in lines]),
            "sku_no": ("text", [line.offer.sku_no for line in lines]),
            "name": ("text", [line.offer.name for line in lines]),
            "spec_text": ("text", [line.offer.spec_text for line in lines]),
            "supply_price_fen": ("bigint", [line.price.supply_price_fen for line in lines]),
            "markup_fen": ("bigint", [line.price.markup_fen for line in lines]),
            "fee_rate_bp": ("int", [line.price.fee_rate_bp for line in lines]),
            "service_fee_fen": ("bigint", [line.price.service_fee_fen for line in lines]),
            "agreement_price_fen": ("bigint", [line.price.agreement_price_fen for line in lines]),
            "quantity": ("int", [line.wanted.quantity for line in lines]),
            "aftersale_days": (
                "int",
                [
                    window_days if line.offer.aftersale_days is None else line.offer.aftersale_days
                    for line in lines
                ],
            ),
            "allotment_id": (
                "bigint",
                [d.line.offer.allotment_pk if d.from_allotment else None for _, d in draws],
            ),
            "from_allotment": ("int", [draw.from_allotment for _, draw in draws]),
        },
        alike=(("allotment_id", "from_allotment"), ("spec_text",), ("aftersale_days",)),
    )


def _post(batch: Sequence[Decided], at: datetime) -> None:
    postings = [
        posting.Posting(
            code="order_placed",
            reference=decided.order_no,
            debit=(Kind.DEPOSIT, decided.buyer.distributor_pk),
            credit=(Kind.ORDERS_OPEN, None),
            amount_fen=decided.priced.total_fen,
            distributor_pk=decided.buyer.distributor_pk,
            order_no=decided.order_no,
            out_order_no=decided.priced.request.out_order_no,
        )
        for decided in batch
    ]
    actors = [decided.priced.request.actor for decided in batch]
    posting.post(postings, at=at, actor=actors, known=_accounts(batch))


def _accounts(batch: Sequence[Decided]) -> dict[accounts.Key, int]:
    """Return the accounts that locking the buyers has shown."""
    known: dict[accounts.Key, int] = {}
    for decided in batch:
        buyer = decided.buyer
        known[Kind.DEPOSIT, buyer.distributor_pk] = buyer.deposit_pk
        if buyer.orders_open_pk is not None:
            known[Kind.ORDERS_OPEN, None] = buyer.orders_open_pk
    return known


def _write_history(batch: Sequence[Decided], at: datetime) -> None:
    actors = [decided.priced.request.actor for decided in batch]
    bulk.insert(
        "orders_history",
        {
            "order_id": ("bigint", [decided.pk for decided in batch]),
            "subject": ("text", bulk.Same("order")),
            "act": ("text", bulk.Same(PLACED)),
            "to_state": ("text", bulk.Same(_ORDER_STATE)),
            "actor_kind": ("text", [actor.kind for actor in actors]),
            "actor_name": ("text", [actor.name for actor in actors]),
            "at": ("timestamptz", bulk.Same(at)),
        },
        alike=(("actor_kind", "actor_name"),),
    )


def _tell(batch: Sequence[Decided], at: datetime) -> None:
    outbox.record(
        [
            outbox.Message(
                decided.buyer.partner_pk,
                "order.placed",
                decided.order_no,
                1,
                msgspec.json.encode(decided.document).decode(),
            )
            for decided in batch
        ],
        at=at,
    )


def _document(
    decided: Decided, placed_at: str | None, due_at: Mapping[int, str | None]
) -> rendering.Document:
    """Show a new order as `rendering.document` would read it back."""
    priced, request = decided.priced, decided.priced.request
    lines = [
        {
            "line_id": line.wanted.line_id,
            "item_no": line.offer.item_no,
            "sku_no": line.offer.sku_no,
            "name": line.offer.name,
            "spec": line.offer.spec_text,
            "quantity": line.wanted.quantity,
            "agreement_price_fen": line.price.agreement_price_fen,
            "cancelled": 0,
            "shipped": 0,
            "received": 0,
            "returned": 0,
            "refunded": 0,
        }
        for line in priced.lines
    ]
    parts = [
        rendering.part_document(
            number,
            _PART_STATE,
            part.freight_fen,
            due_at[part.ship_within_hours],
            [line.wanted.line_id for line in part.lines],
        )
        for number, part in enumerate(priced.parts, 1)
    ]
    return {
        "order_no": decided.order_no,
        "out_order_no": request.out_order_no,
        "state": _ORDER_STATE,
        "version": 1,
        "lines": lines,
        "fulfilments": parts,
        "goods_fen": priced.goods_fen,
        "freight_fen": priced.freight_fen,
        "total_fen": priced.total_fen,
        "application": request.application,
        "channel": request.channel,
        "paid_fen": request.paid_fen,
        "payment_reference": request.payment_reference,
        "consumer_ref": request.consumer_ref,
        "remark": request.remark,
        "placed_at": placed_at,
        "received_at": None,
        "completed_at": None,
    }
