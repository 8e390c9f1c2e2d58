"""The database read back into the names and numbers of the model, in one statement."""

import json
from dataclasses import dataclass, field
from typing import Any

from kit import bulk
from tests.model.claims import Claims
from tests.model.things import OWN, Order
from tests.model.world import World

_SQL = """
SELECT json_build_object(
'deposits', (SELECT json_agg(json_build_array(holder, held_fen, balance_fen))
    FROM ledger_account WHERE kind = 'deposit'),
'accounts', (SELECT json_agg(json_build_array(account.kind, account.holder, sum.fen))
    FROM (SELECT id, sum(fen) AS fen FROM (
        SELECT credit_id AS id, amount_fen AS fen FROM ledger_transfer
        UNION ALL SELECT debit_id, -amount_fen FROM ledger_transfer) AS side GROUP BY id) AS sum
    JOIN ledger_account account ON account.id = sum.id),
'pools', (SELECT json_agg(json_build_array(sku_id, available)) FROM supplychain_stock),
'allotments', (SELECT json_agg(json_build_array(sku_id, distributor_id, available, then_pool))
    FROM supplychain_allotment),
'orders', (SELECT json_agg(json_build_array(id, distributor_id, out_order_no, state, open_fen,
        open_cases, received_at IS NOT NULL, completed_at IS NOT NULL) ORDER BY id)
    FROM orders_order),
'parts', (SELECT json_agg(json_build_array(id, order_id, supplier_id, state, freight_fen,
        freight_refunded_fen, begun_at IS NOT NULL, late_at IS NOT NULL,
        freight_earned_at IS NOT NULL) ORDER BY id)
    FROM orders_fulfilment),
'lines', (SELECT json_agg(json_build_array(id, order_id, line_id, agreement_price_fen,
        aftersale_days, from_allotment, cancelled, frozen, shipped, received, returned, refunded,
        refunded_fen, written_off, in_case, restocked) ORDER BY id)
    FROM orders_line),
'parcels', (SELECT json_agg(json_build_array(id, tracking_no, state,
        extract(epoch FROM receive_due_at)::bigint,
        (SELECT json_agg(json_build_array(line_id, quantity, received, written_off) ORDER BY id)
        FROM orders_shipmentline held WHERE held.shipment_id = shipment.id)) ORDER BY id)
    FROM orders_shipment shipment),
'holds', (SELECT json_agg(json_build_array(id, hold_id, state, kind, total_fen, reserved_fen,
        extensions) ORDER BY id)
    FROM orders_hold),
'cancellations', (SELECT json_agg(json_build_array(id, cancellation_no, asker, state, refunded_fen)
        ORDER BY id)
    FROM orders_cancellation),
'cases', (SELECT json_agg(json_build_array(id, case_no, type, quantity, state, after_receipt,
        asked_fen, approved_fen, freight_fen, offered_fen, refunded_fen, liability, resubmissions,
        goods_are_back, retaken, retaken_from_allotment, late_at IS NOT NULL,
        extract(epoch FROM due_at)::bigint) ORDER BY id)
    FROM aftersales_case),
'claims', (SELECT json_agg(json_build_array(id, claim_no, type, quantity, state, goodwill,
        goodwill_fen) ORDER BY id)
    FROM aftersales_claim),
'traces', (SELECT json_build_object(
    'transfers', (SELECT count(*) FROM ledger_transfer),
    'movements', (SELECT count(*) FROM supplychain_movement),
    'history', (SELECT count(*) FROM orders_history),
    'events', (SELECT count(*) FROM integration_event),
    'scans', (SELECT count(*) FROM orders_scan),
    'stock versions', (SELECT sum(version) FROM supplychain_stock),
    'order versions', (SELECT sum(version) FROM orders_order),
    'parcel versions', (SELECT sum(version) FROM orders_shipment),
    'case parcels', (SELECT count(*) FROM aftersales_caseparcel),
    'case versions', (SELECT sum(version) FROM aftersales_case),
    'claim parcels', (SELECT count(*) FROM aftersales_claimparcel),
    'claim versions', (SELECT sum(version) FROM aftersales_claim),
    'evidence used', (SELECT count(case_id) + count(claim_id) FROM aftersales_evidence))))
"""

# What is compared: a fact's name → its value.
Facts = dict[str, Any]


@dataclass
class Reading:
    """What the database says, and the keys by which acts find what the model names."""

    facts: Facts = field(default_factory=dict)
    traces: dict[str, int] = field(default_factory=dict)
    orders: dict[tuple[str, str], int] = field(default_factory=dict)
    parts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    lines: dict[tuple[str, str, str], int] = field(default_factory=dict)
    # By number; voided ones no longer count.
    parcels: dict[str, int] = field(default_factory=dict)
    # What has no name of its own goes by its place in the order of creation.
    holds: list[str] = field(default_factory=list)
    cancellations: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)


class Reader:
    """Reads for one world."""

    def __init__(self, world: World) -> None:
        self.shops = {shop.pk: name for name, shop in world.shops.items()}
        self.sources = {row.pk: name for name, row in world.suppliers.items()} | {None: OWN}
        self.skus = {sku.pk: name for name, sku in world.skus.items()}

    def read(self) -> Reading:
        """Read everything that is compared."""
        [[found]] = bulk.query(_SQL)
        raw = {name: rows or [] for name, rows in _decoded(found).items()}
        reading = Reading(
            traces={str(name): int(n or 0) for name, n in dict(raw["traces"]).items()}
        )
        self._read_money(raw, reading)
        self._read_stock(raw, reading)
        self._read_orders(raw, reading)
        for kind in ("holds", "cancellations", "cases", "claims"):
            for place, (_pk, number, *values) in enumerate(raw[kind]):
                getattr(reading, kind).append(number)
                reading.facts[f"{kind} {place}"] = tuple(values)
        return reading

    def _read_money(self, raw: dict[str, Any], reading: Reading) -> None:
        facts = reading.facts
        for kind, holder, fen in raw["accounts"]:
            if fen:
                holders = self.shops if kind == "deposit" else self.sources
                facts[f"{kind} {holders[holder]}".strip()] = fen
        for holder, held_fen, balance_fen in raw["deposits"]:
            facts[f"held {self.shops[holder]}"] = held_fen
            ledger_fen = facts.get(f"deposit {self.shops[holder]}", 0)
            assert balance_fen == ledger_fen, (holder, balance_fen, ledger_fen)

    def _read_stock(self, raw: dict[str, Any], reading: Reading) -> None:
        for sku_pk, available in raw["pools"]:
            reading.facts[f"pool {self.skus[sku_pk]}"] = available
        for sku_pk, shop_pk, available, then_pool in raw["allotments"]:
            name = f"allotment {self.skus[sku_pk]} {self.shops[shop_pk]}"
            reading.facts[name] = (available, then_pool)

    def _read_orders(self, raw: dict[str, Any], reading: Reading) -> None:
        orders: dict[int, tuple[str, str]] = {}
        lines: dict[int, str] = {}
        for pk, shop_pk, number, *values in raw["orders"]:
            orders[pk] = (self.shops[shop_pk], number)
            reading.orders[orders[pk]] = pk
            reading.facts["order {} {}".format(*orders[pk])] = tuple(values)
        for pk, order_pk, supplier_pk, *values in raw["parts"]:
            key = (*orders[order_pk], self.sources[supplier_pk])
            reading.parts[key] = pk
            reading.facts["part {} {} {}".format(*key)] = tuple(values)
        for pk, order_pk, line_id, *values in raw["lines"]:
            key = (*orders[order_pk], line_id)
            reading.lines[key] = pk
            lines[pk] = line_id
            reading.facts["line {} {} {}".format(*key)] = tuple(values)
        for place, (pk, number, state, due, held) in enumerate(raw["parcels"]):
            if state != "voided":
                reading.parcels[number] = pk
            rows = tuple((lines[line_pk], *counts) for line_pk, *counts in held)
            reading.facts[f"parcel {place}"] = (number, state, due, rows)


def expected(books: Claims) -> Facts:
    """What the database should say, from the model."""
    facts: Facts = {name: fen for name, fen in books.accounts.items() if fen}
    for shop in books.rates:
        facts[f"held {shop}"] = books.held[shop]
    for sku in books.skus.values():
        facts[f"pool {sku.name}"] = sku.pool
    for (sku_name, shop), allotted in books.allotments.items():
        facts[f"allotment {sku_name} {shop}"] = allotted
    for order in books.orders.values():
        _expect_order(order, facts)
    _expect_parcels(books, facts)
    _expect_promises(books, facts)
    _expect_aftersales(books, facts)
    return facts


def _expect_order(order: Order, facts: Facts) -> None:
    name = f"{order.shop} {order.number}"
    facts[f"order {name}"] = (
        order.state,
        order.open_fen,
        order.open_cases,
        order.received_at is not None,
        order.completed,
    )
    for part in order.parts:
        facts[f"part {name} {part.source}"] = (
            part.state,
            part.freight_fen,
            part.freight_refunded_fen,
            part.begun,
            part.late,
            part.freight_earned,
        )
    for line in order.lines:
        facts[f"line {name} {line.wanted.line_id}"] = (
            line.price.fen,
            line.days,
            line.from_allotment,
            *(line.cancelled, line.frozen, line.shipped, line.received, line.returned),
            *(line.refunded, line.refunded_fen, line.written_off, line.in_case, line.restocked),
        )


def _expect_parcels(books: Claims, facts: Facts) -> None:
    for place, parcel in enumerate(books.parcels):
        rows = tuple(
            (held.line.wanted.line_id, held.quantity, held.received, held.written_off)
            for held in parcel.held
        )
        due = int(parcel.due_at.timestamp())
        facts[f"parcel {place}"] = (parcel.number, parcel.state, due, rows)


def _expect_promises(books: Claims, facts: Facts) -> None:
    for place, hold in enumerate(books.holds):
        facts[f"holds {place}"] = (
            hold.state,
            hold.kind,
            hold.total_fen,
            hold.reserved_fen,
            hold.extensions,
        )
    for place, one in enumerate(books.cancellations):
        facts[f"cancellations {place}"] = (one.asker, one.state, one.refunded_fen)


def _expect_aftersales(books: Claims, facts: Facts) -> None:
    for place, case in enumerate(books.cases):
        from_allotment, from_pool = case.retaken
        facts[f"cases {place}"] = (
            *(case.type, case.quantity, case.state, case.after_receipt, case.asked_fen),
            *(case.approved_fen, case.freight_fen, case.offered_fen, case.refunded_fen),
            *(case.liability, case.resubmissions, case.goods_back),
            *(from_allotment + from_pool, from_allotment, case.late),
            int(case.due_at.timestamp()) if case.due_at else None,
        )
    for place, claim in enumerate(books.claims):
        facts[f"claims {place}"] = (
            *(claim.type, claim.quantity, claim.state, claim.goodwill, claim.goodwill_fen),
        )


def differences(expected_facts: Facts, found: Facts) -> list[str]:
    """Every fact that is not as it should be, in a line."""
    names = sorted(expected_facts.keys() | found.keys())
    return [
        f"{name}: should be {expected_facts.get(name)}, is {found.get(name)}"
        for name in names
        if expected_facts.get(name) != found.get(name)
    ]


def _decoded(found: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return decoded
