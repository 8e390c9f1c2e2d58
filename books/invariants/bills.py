"""Bills: each transfer of a payable account on one bill that counts, and paid once, in full."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

# What moved on payable accounts, signed: positive is owed to the supplier. Payments are not billed.
_OWED = """
owed AS (
    SELECT transfer.id, transfer.code, transfer.reference, transfer.posted_at,
        account.holder AS supplier_pk,
        CASE WHEN transfer.credit_id = account.id THEN transfer.amount_fen
            ELSE -transfer.amount_fen END AS fen
    FROM ledger_account account JOIN ledger_transfer transfer
        ON account.id IN (transfer.credit_id, transfer.debit_id)
    WHERE account.kind = 'payable' AND transfer.code <> 'bill_paid')
"""
# The first moment after a bill's period.
_END = "((bill.period_to + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')"
_COUNTS = "bill.state NOT IN ('draft', 'void')"

CHECKS = (
    Check(
        "bill_lines_are_what_was_owed",
        "I9",
        _(
            "Every line of a bill is a transfer of its supplier's payable account, with its amount,"
            " from before the period's end."
        ),
        f"""
        WITH {_OWED}
        SELECT bill.bill_no, line.id AS line_pk, line.transfer_id, line.amount_fen,
            owed.fen AS owed_fen, bill.supplier_id AS supplier_pk,
            owed.supplier_pk AS owed_to_supplier_pk, owed.posted_at
        FROM suppliers_billline line JOIN suppliers_bill bill ON bill.id = line.bill_id
        LEFT JOIN owed ON owed.id = line.transfer_id AND owed.supplier_pk = bill.supplier_id
        WHERE owed.id IS NULL OR owed.fen <> line.amount_fen OR owed.posted_at >= {_END}
        """,
        "suppliers_billline",
    ),
    Check(
        "transfers_are_on_one_bill_that_counts",
        "I9",
        _("No transfer is on two bills that count, and the lines of void bills count no longer."),
        """
        SELECT line.transfer_id, count(*) AS lines, min(bill.bill_no) AS first_bill_no,
            max(bill.bill_no) AS last_bill_no
        FROM suppliers_billline line JOIN suppliers_bill bill ON bill.id = line.bill_id
        GROUP BY line.transfer_id
        HAVING count(*) FILTER (WHERE bill.state <> 'void') > 1
            OR bool_or(line.live <> (bill.state <> 'void'))
        """,
        "suppliers_billline",
    ),
    Check(
        "bills_leave_nothing_out",
        "I9",
        _(
            "What was owed to a supplier well before one of its bills was issued, and before the end"
            " of that bill's period, is on a bill that counts."
        ),
        # An act that began before the bill may end after it: an hour is more than any takes. What a
        # bill sets free by being voided waits for the next run.
        f"""
        WITH {_OWED}, reach AS (
            SELECT supplier_id, max(least({_END}, issued_at - interval '1 hour')) AS until
            FROM suppliers_bill bill WHERE {_COUNTS} GROUP BY supplier_id)
        SELECT owed.id AS transfer_id, owed.code, owed.reference, owed.fen, owed.supplier_pk,
            owed.posted_at, reach.until
        FROM owed JOIN reach ON reach.supplier_id = owed.supplier_pk
        WHERE owed.posted_at < reach.until
            AND NOT EXISTS (SELECT FROM suppliers_billline line JOIN suppliers_bill bill
                ON bill.id = line.bill_id WHERE line.transfer_id = owed.id
                AND (bill.state <> 'void'
                    OR bill.ended_at > %(overdue_before)s - interval '2 days'))
        """,
        "ledger_transfer JOIN ledger_account account"
        " ON account.id IN (credit_id, debit_id) AND account.kind = 'payable'",
    ),
    Check(
        "nothing_unbilled_lies_before_the_mark",
        "I9",
        _("What is on no bill that counts lies after the mark from which bills look for it."),
        f"""
        WITH {_OWED}
        SELECT owed.id AS transfer_id, owed.code, owed.reference, owed.fen, owed.supplier_pk,
            supplier.open_from_pk
        FROM owed JOIN suppliers_supplier supplier ON supplier.id = owed.supplier_pk
        WHERE owed.id < supplier.open_from_pk AND NOT EXISTS (SELECT FROM suppliers_billline line
            WHERE line.transfer_id = owed.id AND line.live)
        """,
        "suppliers_supplier",
    ),
    Check(
        "what_is_counted_as_unbilled_is_on_no_bill",
        "I9",
        _("What was counted of long ago as being on no bill is what the ledger and the bills say."),
        f"""
        WITH {_OWED},
        found AS (
            SELECT owed.supplier_pk, count(*) AS transfers, sum(owed.fen) AS fen,
                min(owed.posted_at) AS oldest_at, max(owed.posted_at) AS newest_at
            FROM suppliers_unbilledcount counted
            JOIN owed ON owed.supplier_pk = counted.supplier_id AND owed.id < counted.to_pk
            WHERE NOT EXISTS (SELECT FROM suppliers_billline line
                WHERE line.transfer_id = owed.id AND line.live)
            GROUP BY owed.supplier_pk)
        SELECT counted.supplier_id AS supplier_pk, counted.to_pk, counted.transfers, counted.fen,
            found.transfers AS found_transfers, found.fen AS found_fen
        FROM suppliers_unbilledcount counted
        LEFT JOIN found ON found.supplier_pk = counted.supplier_id
        WHERE (counted.transfers, counted.fen) <> (coalesce(found.transfers, 0), coalesce(found.fen, 0))
            OR (counted.oldest_at, counted.newest_at)
                IS DISTINCT FROM (found.oldest_at, found.newest_at)
        """,
        "suppliers_unbilledcount",
    ),
    Check(
        "bills_are_the_sum_of_their_lines",
        "I9",
        _("A bill comes to its lines and to the negative bills that were carried into it."),
        """
        SELECT bill.bill_no, bill.lines_fen, line.fen AS sum_of_lines_fen, bill.carried_fen,
            earlier.fen AS sum_carried_fen, bill.total_fen
        FROM suppliers_bill bill
        LEFT JOIN LATERAL (SELECT coalesce(sum(amount_fen), 0) AS fen FROM suppliers_billline
            WHERE bill_id = bill.id) AS line ON true
        LEFT JOIN LATERAL (SELECT coalesce(sum(total_fen), 0) AS fen FROM suppliers_bill
            WHERE carried_to_id = bill.id) AS earlier ON true
        WHERE bill.lines_fen <> line.fen
            OR bill.total_fen <> bill.lines_fen + bill.carried_fen
            OR (bill.state <> 'void' AND bill.carried_fen <> earlier.fen)
        """,
        "suppliers_bill",
    ),
    Check(
        "bills_are_one_for_each_period",
        "I9",
        _("A supplier has at most one bill for a period that counts."),
        """
        SELECT supplier_id AS supplier_pk, period_from, period_to, count(*) AS bills,
            min(bill_no) AS first_bill_no
        FROM suppliers_bill WHERE state <> 'void' GROUP BY supplier_id, period_from, period_to
        HAVING count(*) > 1
        """,
        "suppliers_bill",
    ),
    Check(
        "only_negative_bills_are_carried_over",
        "I9",
        _(
            "What is carried over is below zero, into a later bill of the same supplier that counts."
        ),
        """
        SELECT bill.bill_no, bill.state, bill.total_fen, later.bill_no AS carried_to,
            later.state AS carried_to_state
        FROM suppliers_bill bill JOIN suppliers_bill later ON later.id = bill.carried_to_id
        WHERE bill.total_fen >= 0 OR later.id <= bill.id OR later.state = 'void'
            OR later.supplier_id <> bill.supplier_id OR bill.state NOT IN ('issued', 'accepted')
        """,
        "suppliers_bill WHERE carried_to_id IS NOT NULL",
    ),
    Check(
        "bills_are_paid_once_in_full",
        "I9",
        _(
            "For every paid bill its supplier was paid exactly its total; for no other bill anything."
        ),
        """
        WITH paid AS (
            SELECT transfer.reference, sum(transfer.amount_fen) AS fen,
                min(account.holder) AS first_to, max(account.holder) AS last_to
            FROM ledger_transfer transfer JOIN ledger_account account
                ON account.id = transfer.debit_id
            WHERE transfer.code = 'bill_paid' GROUP BY transfer.reference)
        SELECT coalesce(bill.bill_no, paid.reference) AS bill_no, bill.state, bill.total_fen,
            paid.fen AS paid_fen, bill.supplier_id AS supplier_pk, paid.first_to, paid.last_to
        FROM suppliers_bill bill FULL JOIN paid ON paid.reference = bill.bill_no
        WHERE coalesce(paid.fen, 0)
                <> CASE WHEN bill.state = 'paid' THEN bill.total_fen ELSE 0 END
            OR (paid.fen IS NOT NULL AND (paid.first_to, paid.last_to)
                IS DISTINCT FROM (bill.supplier_id, bill.supplier_id))
        """,
        "suppliers_bill",
    ),
    Check(
        "manual_lines_are_posted_once",
        "I9",
        _("For every manual line that two people agreed on its amount was posted; for no other."),
        """
        WITH moved AS (
            SELECT transfer.reference, account.holder AS supplier_pk,
                sum(CASE WHEN transfer.credit_id = account.id THEN transfer.amount_fen
                    ELSE -transfer.amount_fen END) AS fen
            FROM ledger_transfer transfer LEFT JOIN ledger_account account
                ON account.id IN (transfer.credit_id, transfer.debit_id)
                AND account.kind = 'payable'
            WHERE transfer.code = 'bill_adjustment'
            GROUP BY transfer.reference, account.holder)
        SELECT coalesce(manual.adjustment_no, moved.reference) AS adjustment_no, manual.state,
            manual.amount_fen, moved.fen AS moved_fen, manual.supplier_id AS supplier_pk,
            moved.supplier_pk AS moved_for_supplier_pk
        FROM suppliers_adjustment manual FULL JOIN moved ON moved.reference = manual.adjustment_no
        WHERE coalesce(moved.fen, 0)
                <> CASE WHEN manual.state = 'posted' THEN manual.amount_fen ELSE 0 END
            OR (moved.reference IS NOT NULL
                AND moved.supplier_pk IS DISTINCT FROM manual.supplier_id)
        """,
        "suppliers_adjustment",
    ),
    Check(
        "security_deposits_are_not_below_zero",
        "I3",
        _("No supplier got back more security than it had paid in."),
        """
        SELECT account.holder AS supplier_pk, sum(CASE WHEN transfer.credit_id = account.id
            THEN transfer.amount_fen ELSE -transfer.amount_fen END) AS fen
        FROM ledger_account account JOIN ledger_transfer transfer
            ON account.id IN (transfer.credit_id, transfer.debit_id)
        WHERE account.kind = 'security' GROUP BY account.id
        HAVING sum(CASE WHEN transfer.credit_id = account.id
            THEN transfer.amount_fen ELSE -transfer.amount_fen END) < 0
        """,
        "ledger_account WHERE kind = 'security'",
    ),
)
