"""Recharges, withdrawals, bills with their lines, statements."""

from bench.year.rows import Year
from ledger.chaining import LOOK_BACK


def fill(year: Year) -> None:
    """Write recharges, withdrawals, bills with their lines, statements."""
    year.write(
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
    year.write(
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
    year.write(
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
    _bill_lines(year)
    year.write(
        "books_statement",
        "generate_series(1, 365) AS n, distributors_distributor shop",
        distributor_id="shop.id",
        day="(%(at)s - n * interval '1 day')::date",
        csv_sha256="repeat('0', 64)",
        json_sha256="repeat('0', 64)",
    )


def _bill_lines(year: Year) -> None:
    """Put on bills what was owed in their periods, and mark where the rest begins."""
    year.run("ALTER TABLE suppliers_billline DISABLE TRIGGER USER")
    owed = """ledger_account account JOIN ledger_transfer transfer ON credit_id = account.id
        JOIN suppliers_bill bill ON bill.supplier_id = account.holder
        AND (posted_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN period_from AND period_to
        WHERE account.kind = 'payable' ORDER BY transfer.id"""
    year.write(
        "suppliers_billline",
        owed,
        bill_id="bill.id",
        transfer_id="transfer.id",
        amount_fen="transfer.amount_fen",
        live="true",
    )
    year.run("ALTER TABLE suppliers_billline ENABLE TRIGGER USER")
    year.run(
        "UPDATE suppliers_supplier supplier SET open_from_pk = least(first.pk,"
        f" (SELECT max(id) - {LOOK_BACK} FROM ledger_transfer)) FROM (SELECT holder, min(transfer.id)"
        " AS pk FROM ledger_account account JOIN ledger_transfer transfer ON credit_id = account.id"
        " WHERE kind = 'payable' AND NOT EXISTS (SELECT FROM suppliers_billline line"
        " WHERE line.transfer_id = transfer.id) GROUP BY holder) AS first"
        " WHERE supplier.id = first.holder"
    )
