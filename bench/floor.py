"""The floor: one order per transaction, the same rows, written by hand in PL/pgSQL, by pgbench.

No signature, no HTTP, no validation, no freight, no JSON to read: what is left when everything but
the rows is taken away. It writes into the very tables that Huopan writes into, with their
constraints and indexes.
"""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from running import postgres

FUNCTION = """
CREATE OR REPLACE FUNCTION bench_place(buyer bigint, article bigint) RETURNS bigint AS $$
DECLARE
    who record; what record; pool record;
    new_order bigint := nextval('orders_order_id_seq');
    new_part bigint := nextval('orders_fulfilment_id_seq');
    no text := 'F' || new_order; now_at timestamptz := now();
BEGIN
    UPDATE ledger_account SET balance_fen = balance_fen - 5250
        WHERE kind = 'deposit' AND holder = buyer AND balance_fen >= 5250 RETURNING id INTO who;
    IF NOT FOUND THEN RAISE EXCEPTION 'deposit'; END IF;
    SELECT partner_id INTO STRICT what FROM distributors_distributor WHERE id = buyer;
    INSERT INTO orders_order (id, order_no, distributor_id, out_order_no, state, level_code,
        goods_fen, freight_fen, total_fen, open_fen, lines_hash, consignee_hash, remark_hash,
        placed_at, changed_at)
        VALUES (new_order, no, buyer, no, 'placed', 'bench', 5250, 0, 5250, 5250,
            '\\x00112233445566778899aabbccddeeff', '\\x00112233445566778899aabbccddeeff',
            '\\x00112233445566778899aabbccddeeff', now_at, now_at);
    INSERT INTO orders_consignee (order_id, sealed, phone_hash, province, city, district)
        VALUES (new_order, decode(repeat('ab', 60), 'hex'), '\\x00112233445566778899aabbccddeeff',
            '广东省', '深圳市', '南山区');
    INSERT INTO orders_fulfilment (id, order_id, supplier_id, state, freight_fen, ship_due_at)
        SELECT new_part, new_order, product.supplier_id, 'awaiting_shipment', 0,
            now_at + interval '48 hours'
        FROM supplychain_sku sku JOIN supplychain_product product ON product.id = sku.product_id
        WHERE sku.id = article;
    INSERT INTO orders_line (order_id, fulfilment_id, sku_id, line_id, item_no, sku_no, name,
        supply_price_fen, markup_fen, fee_rate_bp, service_fee_fen, agreement_price_fen, quantity)
        SELECT new_order, new_part, sku.id, '1', product.item_no, sku.sku_no, product.name, 5000, 0,
            500, 250, 5250, 1
        FROM supplychain_sku sku JOIN supplychain_product product ON product.id = sku.product_id
        WHERE sku.id = article;
    INSERT INTO ledger_transfer (code, reference, debit_id, credit_id, amount_fen, posted_at, actor,
        distributor_pk, order_no, out_order_no)
        SELECT 'order_placed', no, who.id, account.id, 5250, now_at, 'bench', buyer, no, no
        FROM ledger_account account WHERE kind = 'orders_open';
    INSERT INTO orders_history (order_id, subject, act, to_state, actor_kind, actor_name, at)
        VALUES (new_order, 'order', 'placed', 'placed', 'key', 'bench', now_at);
    INSERT INTO integration_event (partner_id, type, object_no, object_version, data, occurred_at)
        VALUES (what.partner_id, 'order.placed', no, 1,
            jsonb_build_object('order_no', no, 'out_order_no', no, 'state', 'placed', 'version', 1,
                'goods_fen', 5250, 'freight_fen', 0, 'total_fen', 5250, 'lines',
                jsonb_build_array(jsonb_build_object('line_id', '1', 'sku_no', article, 'quantity', 1,
                    'agreement_price_fen', 5250, 'cancelled', 0, 'shipped', 0, 'received', 0))),
            now_at);
    UPDATE supplychain_stock SET available = available - 1, version = version + 1
        WHERE sku_id = article AND available >= 1 RETURNING available, version INTO pool;
    IF NOT FOUND THEN RAISE EXCEPTION 'stock'; END IF;
    INSERT INTO supplychain_movement (sku_id, kind, quantity, balance_after, version, cause, actor,
        moved_at)
        VALUES (article, 'order', -1, pool.available, pool.version, no || '/1', 'bench', now_at);
    RETURN new_order;
END $$ LANGUAGE plpgsql
"""

SCRIPT = """
\\set buyer random(:first_buyer, :last_buyer)
\\set article random(:first_sku, :last_sku)
SELECT bench_place(:buyer, :article);
"""


@dataclass(frozen=True)
class Range:
    """Primary keys that are taken at random."""

    first: int
    last: int


def prepare() -> None:
    """Create the function."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account (kind) VALUES ('orders_open') ON CONFLICT DO NOTHING"
        )
        cursor.execute(FUNCTION)


def run(buyers: Range, skus: Range, *, clients: int, seconds: float) -> float:
    """Place orders for some seconds; return orders a second."""
    settings = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        names = {
            "first_buyer": buyers.first,
            "last_buyer": buyers.last,
            "first_sku": skus.first,
            "last_sku": skus.last,
        }
        said = subprocess.run(
            [
                str(_pgbench()), "-n", "-f", script.name, "-c", str(clients), "-j", "2",
                "-T", str(max(1, round(seconds))), "-M", "prepared",
                *[word for name, value in names.items() for word in ("-D", f"{name}={value}")],
                "-h", str(settings["HOST"]), "-p", str(settings["PORT"]),
                "-U", str(settings["USER"]), str(settings["NAME"]),
            ],
            env={"PGPASSWORD": str(settings["PASSWORD"]), "LANG": "C"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", said.stdout)
    assert found, said.stdout + said.stderr
    return float(found.group(1))


def _pgbench() -> Path:
    return postgres.find_programs() / "pgbench"
