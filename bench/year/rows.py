"""Writing a year: rows of a table from what is selected, with the facts that all rooms share."""

from datetime import datetime

from django.db import connection

from distributors.models import Distributor
from kit import bulk, sealing
from suppliers.models import Supplier

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


class Year:
    """What a year holds, and the one way in which rooms write it."""

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
