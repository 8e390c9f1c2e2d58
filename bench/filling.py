"""A year of a supply chain, written set by set: as many orders, skus and all the rest as asked for.

Rows are consistent enough that every page shows them; they are not made by the acts, so the books
are not proved on them. Every number is drawn from one seed.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from bench import seeding
from bench.year import aftersales, goods, machines, money, orders, transfers
from bench.year.rows import Year
from companies.models import Membership, Person, Role
from console import reference
from distributors.models import Distributor
from kit import bulk
from suppliers.models import Supplier

DISTRIBUTORS, SUPPLIERS = 200, 300
DAYS = 365
SEED = 0.2611
# What a later room tells of, an earlier one has written.
ROOMS = (goods, orders, transfers, aftersales, money, machines)

_REFERENCES = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def fill(*, orders: int, skus: int, at: datetime) -> None:
    """Fill an empty database with a year that ends now."""
    reference.load()
    began = at - timedelta(days=DAYS + 1)
    seeding.seed(distributors=DISTRIBUTORS, skus=1, stock_each=9, at=began, suppliers=SUPPLIERS)
    year = Year(orders, skus, at)
    # By construction everything refers to what is there: looking each up would take as long again.
    references = bulk.query(_REFERENCES)
    for table, name, _definition in references:
        bulk.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    bulk.execute("SET statement_timeout = 0")
    bulk.query("SELECT setseed(%s)", [SEED])
    for room in ROOMS:
        room.fill(year)
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
