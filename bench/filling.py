"""A year of a supply chain, written set by set: as many orders, skus and all the rest as asked for.

Rows are consistent enough that every page shows them; they are not made by the acts, so the books
are not proved on them. Every number is drawn from one seed.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from bench import seeding
from companies.models import Membership, Person, Role
from console import reference
from distributors.models import Distributor
from kit import bulk, sealing
from ledger.chaining import LOOK_BACK
from suppliers.models import Supplier

DISTRIBUTORS, SUPPLIERS = 200, 300
DAYS = 365
EVENT_DAYS = 90
SEED = 0.2611

# What stands in a column that must hold something, and of which nothing is said.
_NOTHING = {
    "boolean": "false",
    "jsonb": "'{}'",
    "bytea": "'\\x00'",
    "ARRAY": "'{}'",
    "uuid": "gen_random_uuid()",
    "date": "current_date",
    "timestamp with time zone": "%(at)s",
    "character varying": "''",
    "text": "''",
}
_REQUIRED = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL
    AND is_identity = 'NO'
"""
_REFERENCES = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
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


def fill(*, orders: int, skus: int, at: datetime) -> None:
    """Fill an empty database with a year that ends now."""
    reference.load()
    began = at - timedelta(days=DAYS + 1)
    seeding.seed(distributors=DISTRIBUTORS, skus=1, stock_each=9, at=began, suppliers=SUPPLIERS)
    filling = _Filling(orders, skus, at)
    # By construction everything refers to what is there: looking each up would take as long again.
    references = bulk.query(_REFERENCES)
    for table, name, _definition in references:
        bulk.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    bulk.execute("SET statement_timeout = 0")
    bulk.query("SELECT setseed(%s)", [SEED])
    filling.goods()
    filling.orders()
    filling.ledger()
    filling.aftersales()
    filling.money()
    filling.machines()
    for table, name, definition in references:
        bulk.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE made")
        cursor.execute(_SEQUENCES)
        cursor.execute("VACUUM ANALYZE")


def people() -> tuple[Person, Person, Person]:
    """Make somebody of the platform with every right, of the largest supplier, and of a distributor."""
    staff = Person.objects.create_superuser("staff@example.com", None)
    found = [staff]
    busiest = (
        "SELECT {0}_id FROM {1} WHERE {0}_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    [(supplier_pk,)] = bulk.query(busiest.format("supplier", "orders_fulfilment"))
    [(distributor_pk,)] = bulk.query(busiest.format("distributor", "orders_order"))
    companies = (
        Supplier.objects.get(pk=supplier_pk).company,
        Distributor.objects.get(pk=distributor_pk).company,
    )
    for company in companies:
        one = Person.objects.create_user(f"{company.number}@example.com", None)
        Membership.objects.create(
            person=one, company=company, role=Role.OWNER, joined_at=timezone.now()
        )
        found.append(one)
    return found[0], found[1], found[2]


class _Filling:
    """Writes one room after the other."""

    def __init__(self, orders: int, skus: int, at: datetime) -> None:
        [(first_sku,)] = bulk.query("SELECT max(id) FROM supplychain_sku")
        self.facts = {
            "orders": orders,
            "skus": skus - 1,
            "at": at,
            "first_sku": first_sku,
            "suppliers": list(Supplier.objects.order_by("pk").values_list("pk", flat=True)),
            "distributors": list(Distributor.objects.order_by("pk").values_list("pk", flat=True)),
            "consignee": sealing.seal("张三\n13800000000\n海德三道199号"),
        }

    def goods(self) -> None:
        """Products of one sku, stock, changes that were reviewed, selections."""
        numbers = "generate_series(1, %(skus)s) AS n"
        first = "%(first_sku)s"
        self.write(
            "supplychain_product",
            f"{numbers}, supplychain_category category",
            id=f"{first} + n",
            supplier_id="CASE WHEN n %% 10 > 0 THEN (%(suppliers)s)[1 + n %% 300] END",
            item_no="'I' || n",
            owner_no="'I' || n",
            name="'商品 ' || n",
            category_id="category.id",
            kind="'physical'",
            state="'listed'",
            unit="'件'",
            version="1",
        )
        self.write(
            "supplychain_sku",
            numbers,
            id=f"{first} + n",
            product_id=f"{first} + n",
            sku_no="'K' || n",
            owner_no="'K' || n",
            supply_price_fen="5000",
            min_quantity="1",
            multiple="1",
            offered="true",
        )
        self.write(
            "supplychain_stock", numbers, sku_id=f"{first} + n", available="n %% 500", version="1"
        )
        self.write(
            "supplychain_revision",
            "generate_series(1, %(skus)s / 2) AS n",
            product_id=f"{first} + n",
            state="CASE WHEN n %% 100 = 0 THEN 'open' ELSE 'published' END",
            submitted_by="'person:a@example.com'",
            submitted_at="%(at)s - n * interval '10 minutes'",
        )
        self.write(
            "supplychain_selection",
            "generate_series(1, least(%(skus)s, 500)) AS n, distributors_distributor shop",
            distributor_id="shop.id",
            product_id=f"{first} + n",
        )

    def orders(self) -> None:
        """Orders of one line with their parts, parcels, consignees and history."""
        self.run(_MADE)
        self.run("ANALYZE made")
        received = "CASE WHEN is_received THEN quantity ELSE 0 END"
        self.write(
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
        self.write(
            "orders_consignee",
            "made",
            order_id="id",
            sealed="%(consignee)s::bytea",
            phone_hash="int4send(id)",
            province="'广东省'",
            city="'深圳市'",
        )
        self.write(
            "orders_fulfilment",
            "made ORDER BY id",
            id="id",
            order_id="id",
            supplier_id="supplier_id",
            state="""CASE WHEN is_cancelled THEN 'cancelled' WHEN is_received THEN 'closed'
                WHEN is_shipped THEN 'shipped' ELSE 'awaiting_shipment' END""",
            ship_due_at="placed_at + interval '48 hours'",
        )
        self.write(
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
        self.write(
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
        self.write(
            "orders_shipmentline",
            "made WHERE is_shipped",
            shipment_id="id",
            line_id="id",
            quantity="quantity",
            received=received,
        )
        self.write(
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
        self.write(
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

    def ledger(self) -> None:
        """What each order moved, and the chain over it."""
        self.run(
            "INSERT INTO ledger_account (kind, holder) VALUES ('orders_open', NULL),"
            " ('own_sales', NULL), ('service_fees', NULL)"
        )
        self.run(
            "INSERT INTO ledger_account (kind, holder)"
            " SELECT 'payable', pk FROM unnest(%(suppliers)s) AS one (pk)"
        )
        self.run(
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
        self.run(
            "INSERT INTO ledger_link (position, transfer_id, digest, linked_at)"
            " SELECT row_number() OVER (ORDER BY id), id, '\\x00'::bytea, posted_at FROM ledger_transfer"
        )

    def aftersales(self) -> None:
        """Cancellations, cases and claims, most of them ended; holds and refusals."""
        self.write(
            "orders_cancellation",
            "made WHERE is_cancelled",
            id="id",
            cancellation_no="'C' || id",
            fulfilment_id="id",
            asker="'distributor'",
            state="'granted'",
            reason="'changed_mind'",
            refunded_fen="5250 * quantity",
            requested_at="placed_at",
        )
        self.write(
            "orders_cancellationline",
            "made WHERE is_cancelled",
            cancellation_id="id",
            line_id="id",
            quantity="quantity",
        )
        ended = "id %% 1000 <> 7"
        self.write(
            "aftersales_case",
            "made WHERE is_received AND id %% 40 = 7",
            id="id",
            case_no="'A' || id",
            distributor_id="distributor_id",
            order_id="id",
            line_id="id",
            type="'refund_only'",
            quantity="1",
            state=f"CASE WHEN {ended} THEN 'withdrawn' ELSE 'applied' END",
            version="1",
            opener="'distributor'",
            reason="'damaged'",
            applied_at="shipped_at",
            due_at=f"CASE WHEN {ended} THEN NULL ELSE %(at)s + interval '1 hour' END",
            ended_at=f"CASE WHEN {ended} THEN shipped_at END",
        )
        self.write(
            "aftersales_claim",
            "made WHERE is_received AND id %% 80 = 9",
            id="id",
            claim_no="'W' || id",
            distributor_id="distributor_id",
            order_id="id",
            line_id="id",
            type="'refund'",
            quantity="1",
            state="'applied'",
            version="1",
            reason="'damaged'",
            goodwill="CASE WHEN id %% 800 = 9 THEN 'asked' ELSE 'none' END",
            applied_at="shipped_at",
        )
        self.write(
            "orders_hold",
            "made WHERE id %% 20 = 5",
            id="id",
            hold_id="'H' || id",
            distributor_id="distributor_id",
            out_order_no="'H' || id",
            kind="'consumer'",
            reserved_fen="5250 * quantity",
            state="'lapsed'",
            sources="'[]'",
            total_fen="5250 * quantity",
            goods_fen="5250 * quantity",
            province="'广东省'",
            city="'深圳市'",
            actor="'key:bench'",
            held_at="placed_at",
            expires_at="placed_at",
            ended_at="placed_at",
        )
        self.write(
            "orders_holdline",
            "made WHERE id %% 20 = 5",
            hold_id="id",
            sku_id="sku_id",
            line_id="'1'",
            sku_no="sku_no",
            quantity="quantity",
            supply_price_fen="5000",
            fee_rate_bp="500",
            service_fee_fen="250",
            agreement_price_fen="5250",
        )
        self.write(
            "orders_refusal",
            "made WHERE id %% 30 = 11 ORDER BY id",
            distributor_id="distributor_id",
            out_order_no="'R' || id",
            code="'stock_insufficient'",
            causes="'[]'",
            actor="'key:bench'",
            refused_at="placed_at",
        )

    def money(self) -> None:
        """Recharges, withdrawals, bills with their lines, statements."""
        self.write(
            "distributors_recharge",
            "generate_series(1, 50) AS n, distributors_distributor shop",
            recharge_no="'RC' || shop.id || '-' || n",
            distributor_id="shop.id",
            amount_fen="10000000",
            payer="'bench'",
            state="CASE WHEN n = 50 THEN 'applied' ELSE 'rejected' END",
            version="1",
            applied_by="'person:a@example.com'",
            applied_at="%(at)s - (50 - n) * interval '7 days'",
        )
        self.write(
            "distributors_withdrawal",
            "generate_series(1, 5) AS n, distributors_distributor shop",
            withdrawal_no="'WD' || shop.id || '-' || n",
            distributor_id="shop.id",
            amount_fen="10000",
            payee="'bench'",
            state="'rejected'",
            version="1",
            applied_by="'person:a@example.com'",
            applied_at="%(at)s - n * interval '30 days'",
        )
        self.write(
            "suppliers_bill",
            "generate_series(1, 12) AS n, suppliers_supplier source",
            bill_no="'B' || source.id || '-' || n",
            supplier_id="source.id",
            period_from="(%(at)s - (n + 1) * interval '30 days')::date",
            period_to="(%(at)s - (n + 1) * interval '30 days' + interval '29 days')::date",
            state="CASE WHEN n = 1 THEN 'issued' ELSE 'accepted' END",
            lines_fen="100000",
            total_fen="100000",
        )
        self.bill_lines()
        self.write(
            "books_statement",
            "generate_series(1, 365) AS n, distributors_distributor shop",
            distributor_id="shop.id",
            day="(%(at)s - n * interval '1 day')::date",
            csv_sha256="repeat('0', 64)",
            json_sha256="repeat('0', 64)",
        )

    def bill_lines(self) -> None:
        """Put on bills what was owed in their periods, and mark where the rest begins."""
        self.run("ALTER TABLE suppliers_billline DISABLE TRIGGER USER")
        owed = """ledger_account account JOIN ledger_transfer transfer ON credit_id = account.id
            JOIN suppliers_bill bill ON bill.supplier_id = account.holder
            AND (posted_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN period_from AND period_to
            WHERE account.kind = 'payable' ORDER BY transfer.id"""
        self.write(
            "suppliers_billline",
            owed,
            bill_id="bill.id",
            transfer_id="transfer.id",
            amount_fen="transfer.amount_fen",
            live="true",
        )
        self.run("ALTER TABLE suppliers_billline ENABLE TRIGGER USER")
        self.run(
            "UPDATE suppliers_supplier supplier SET open_from_pk = least(first.pk,"
            f" (SELECT max(id) - {LOOK_BACK} FROM ledger_transfer)) FROM (SELECT holder, min(transfer.id)"
            " AS pk FROM ledger_account account JOIN ledger_transfer transfer ON credit_id = account.id"
            " WHERE kind = 'payable' AND NOT EXISTS (SELECT FROM suppliers_billline line"
            " WHERE line.transfer_id = transfer.id) GROUP BY holder) AS first"
            " WHERE supplier.id = first.holder"
        )

    def machines(self) -> None:
        """Events of the last weeks, how they were delivered, and requests."""
        recent = f"made WHERE placed_at > %(at)s - interval '{EVENT_DAYS} days'"
        self.write(
            "integration_endpoint",
            "distributors_distributor shop",
            partner_id="shop.partner_id",
            url="'https://shop.example.com/callbacks'",
            types="'{}'",
            state="'live'",
        )
        self.write(
            "integration_event",
            f"(SELECT made.*, shop.partner_id, row_number() OVER (PARTITION BY partner_id"
            f" ORDER BY made.id) AS seq FROM ({'SELECT * FROM ' + recent}) AS made"
            " JOIN distributors_distributor shop ON shop.id = made.distributor_id) AS made ORDER BY id",
            id="id",
            partner_id="partner_id",
            seq="seq",
            type="'order.placed'",
            object_no="'P' || lpad(id::text, 10, '0')",
            object_version="1",
            occurred_at="placed_at",
        )
        self.run(
            "UPDATE integration_partner partner SET last_seq = counted.seq FROM (SELECT partner_id,"
            " max(seq) AS seq FROM integration_event GROUP BY 1) AS counted"
            " WHERE partner.id = counted.partner_id"
        )
        self.write(
            "integration_delivery",
            "integration_event event JOIN integration_endpoint endpoint USING (partner_id)",
            endpoint_id="endpoint.id",
            event_id="event.id",
            state="'delivered'",
            tries="1",
            due_at="event.occurred_at",
            delivered_at="event.occurred_at",
            status="200",
        )

    def write(self, table: str, source: str, **columns: str) -> None:
        """Insert what is selected; columns that are not named hold nothing."""
        required = dict(bulk.query(_REQUIRED, [table]))
        values = {
            name: _NOTHING.get(kind, "0") for name, kind in required.items() if name not in columns
        }
        values |= columns
        # What follows of a source is its ORDER BY; a condition stands before it.
        self.run(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM {source}"
        )

    def run(self, sql: str) -> None:
        """Run one statement."""
        with connection.cursor() as cursor:
            cursor.execute(sql, self.facts)


_DEPOSITS = "JOIN ledger_account shop ON shop.kind = 'deposit' AND shop.holder = distributor_id"
_OPEN = "JOIN ledger_account open ON open.kind = 'orders_open'"
_SOURCES = """JOIN ledger_account source ON (source.kind, source.holder) IS NOT DISTINCT FROM
    (CASE WHEN supplier_id IS NULL THEN 'own_sales' ELSE 'payable' END, supplier_id)"""
_SEQUENCES = """
DO $$ DECLARE one record; top bigint; BEGIN
    FOR one IN SELECT table_name, column_name,
        pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
        FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'
    LOOP
        EXECUTE format('SELECT max(%I) FROM %I', one.column_name, one.table_name) INTO top;
        IF top IS NOT NULL THEN PERFORM setval(one.sequence, top); END IF;
    END LOOP;
END $$
"""
