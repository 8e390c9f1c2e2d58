"""Orders of one line with their parts, parcels, consignees and history."""

from bench.year.rows import Year

# One row an order, from which everything of it follows. Few goods and few distributors sell most.
_MADE = """
CREATE TEMP TABLE made AS
SELECT draw.*, sku.id AS sku_id, sku.product_id, sku.sku_no, product.item_no, product.name,
    product.supplier_id, draw.placed_at < %(at)s - interval '60 hours' AND draw.id %% 50 <> 0
        AND draw.id %% 400 <> 1 AS is_shipped,
    draw.placed_at < %(at)s - interval '9 days' AND draw.id %% 50 <> 0 AND draw.id %% 400 <> 1
        AS is_received,
    draw.id %% 50 = 0 AS is_cancelled,
    draw.placed_at + interval '6 hours' + draw.luck * interval '48 hours' AS shipped_at
FROM (SELECT n AS id, (%(distributors)s)[1 + floor(200 * power(random(), 2))::int] AS distributor_id,
        %(first_sku)s + floor(%(skus)s * power(random(), 3))::int AS sku_pk,
        1 + floor(3 * random())::int AS quantity, random() AS luck,
        %(at)s - (%(orders)s - n) * interval '365 days' / %(orders)s AS placed_at
    FROM generate_series(1, %(orders)s) AS n) AS draw
JOIN supplychain_sku sku ON sku.id = draw.sku_pk
JOIN supplychain_product product ON product.id = sku.product_id
ORDER BY draw.id
"""


def fill(year: Year) -> None:
    """Write orders of one line with their parts, parcels, consignees and history."""
    year.run(_MADE)
    year.run("ANALYZE made")
    received = "CASE WHEN is_received THEN quantity ELSE 0 END"
    year.write(
        "orders_order",
        "made ORDER BY id",
        id="id",
        order_no="'P' || lpad(id::text, 10, '0')",
        distributor_id="distributor_id",
        out_order_no="'M' || id",
        state="""CASE WHEN is_cancelled THEN 'cancelled' WHEN is_received THEN 'completed'
            WHEN is_shipped THEN 'shipped' ELSE 'placed' END""",
        goods_fen="5250 * quantity",
        total_fen="5250 * quantity",
        open_fen="CASE WHEN is_cancelled OR is_received THEN 0 ELSE 5250 * quantity END",
        placed_at="placed_at",
        changed_at="placed_at",
        completed_at="CASE WHEN is_received THEN shipped_at END",
    )
    year.write(
        "orders_consignee",
        "made",
        order_id="id",
        sealed="%(consignee)s::bytea",
        phone_hash="int4send(id)",
        province="'广东省'",
        city="'深圳市'",
    )
    year.write(
        "orders_fulfilment",
        "made ORDER BY id",
        id="id",
        order_id="id",
        supplier_id="supplier_id",
        state="""CASE WHEN is_cancelled THEN 'cancelled' WHEN is_received THEN 'closed'
            WHEN is_shipped THEN 'shipped' ELSE 'awaiting_shipment' END""",
        ship_due_at="placed_at + interval '48 hours'",
    )
    year.write(
        "orders_line",
        "made ORDER BY id",
        id="id",
        order_id="id",
        fulfilment_id="id",
        sku_id="sku_id",
        line_id="'1'",
        item_no="item_no",
        sku_no="sku_no",
        name="name",
        supply_price_fen="5000",
        fee_rate_bp="500",
        service_fee_fen="250",
        agreement_price_fen="5250",
        quantity="quantity",
        cancelled="CASE WHEN is_cancelled THEN quantity ELSE 0 END",
        shipped="CASE WHEN is_shipped THEN quantity ELSE 0 END",
        received=received,
    )
    year.write(
        "orders_shipment",
        "made WHERE is_shipped ORDER BY id",
        id="id",
        fulfilment_id="id",
        carrier_code="'SF'",
        tracking_no="'SF' || lpad(id::text, 12, '0')",
        state="""CASE WHEN id %% 2000 = 3 THEN 'exception' WHEN is_received THEN 'received'
            ELSE 'in_transit' END""",
        shipped_at="shipped_at",
        receive_due_at="shipped_at + interval '15 days'",
    )
    year.write(
        "orders_shipmentline",
        "made WHERE is_shipped",
        shipment_id="id",
        line_id="id",
        quantity="quantity",
        received=received,
    )
    year.write(
        "orders_history",
        "made ORDER BY id",
        order_id="id",
        subject="'order'",
        act="'placed'",
        to_state="'placed'",
        actor_kind="'key'",
        actor_name="'bench'",
        at="placed_at",
    )
    year.write(
        "supplychain_movement",
        "made ORDER BY id",
        sku_id="sku_id",
        kind="'order'",
        quantity="-quantity",
        balance_after="100",
        version="id",
        cause="'P' || id",
        actor="'key:bench'",
        moved_at="placed_at",
    )
