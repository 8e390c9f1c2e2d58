"""What each order moved in the ledger, and the chain over it."""

from bench.year.rows import Year

_DEPOSITS = "JOIN ledger_account shop ON shop.kind = 'deposit' AND shop.holder = distributor_id"
_OPEN = "JOIN ledger_account open ON open.kind = 'orders_open'"
_SOURCES = """JOIN ledger_account source ON (source.kind, source.holder) IS NOT DISTINCT FROM
    (CASE WHEN supplier_id IS NULL THEN 'own_sales' ELSE 'payable' END, supplier_id)"""


def fill(year: Year) -> None:
    """Write what each order moved, and the chain over it."""
    year.run(
        "INSERT INTO ledger_account (kind, holder) VALUES ('orders_open', NULL),"
        " ('own_sales', NULL), ('service_fees', NULL)"
    )
    year.run(
        "INSERT INTO ledger_account (kind, holder)"
        " SELECT 'payable', pk FROM unnest(%(suppliers)s) AS one (pk)"
    )
    year.run(
        f"""
        INSERT INTO ledger_transfer (code, reference, debit_id, credit_id, amount_fen, posted_at,
            actor, distributor_pk, supplier_pk, order_no, line_id, sku_no, quantity, unit_fen)
        SELECT code, 'P' || id, debit, credit, fen, moment, 'key:bench', distributor_id,
            of_supplier, 'P' || lpad(id::text, 10, '0'), of_line, of_sku, quantity, unit
        FROM (
            SELECT 'order_placed' AS code, made.id, shop.id AS debit, open.id AS credit,
                5250 * quantity AS fen, placed_at AS moment, distributor_id,
                NULL::bigint AS of_supplier, '' AS of_line, '' AS of_sku,
                NULL::int AS quantity, NULL::int AS unit
            FROM made {_DEPOSITS} {_OPEN}
            UNION ALL SELECT 'goods_earned', made.id, open.id, source.id, 5000 * quantity,
                shipped_at + interval '3 days', distributor_id, supplier_id, '1', sku_no,
                quantity, 5000
            FROM made {_OPEN} {_SOURCES} WHERE is_received
            UNION ALL SELECT 'fee_earned', made.id, open.id, fees.id, 250 * quantity,
                shipped_at + interval '3 days', distributor_id, NULL, '1', sku_no, quantity, 250
            FROM made {_OPEN} JOIN ledger_account fees ON fees.kind = 'service_fees'
            WHERE is_received
            UNION ALL SELECT 'order_cancelled', made.id, open.id, shop.id, 5250 * quantity,
                placed_at + interval '1 hour', distributor_id, NULL, '1', sku_no, quantity, 5250
            FROM made {_DEPOSITS} {_OPEN} WHERE is_cancelled
        ) AS fact ORDER BY moment
        """
    )
    year.run(
        "INSERT INTO ledger_link (position, transfer_id, digest, linked_at)"
        " SELECT row_number() OVER (ORDER BY id), id, '\\x00'::bytea, posted_at FROM ledger_transfer"
    )
