"""Closed days equal the ledger for ever; what was held against the books adds up."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

# What moved each deposit, fact by fact as its holder reads it, with its last place in the chain.
_FACTS = """
facts AS (
    SELECT account.holder, transfer.posted_at, max(link.position) AS position,
        sum(CASE WHEN transfer.credit_id = account.id THEN transfer.amount_fen
            ELSE -transfer.amount_fen END) AS fen
    FROM ledger_account account
    JOIN ledger_transfer transfer ON account.id IN (transfer.credit_id, transfer.debit_id)
    LEFT JOIN ledger_link link ON link.transfer_id = transfer.id
    WHERE account.kind = 'deposit' AND account.holder IN (SELECT distributor_id FROM books_statement)
    GROUP BY account.id, account.holder, transfer.code,
        coalesce(nullif(transfer.case_no, ''), transfer.reference), transfer.order_no,
        transfer.out_order_no, transfer.line_id, transfer.sku_no, transfer.posted_at,
        transfer.credit_id = account.id
    HAVING count(*) = count(link.position))
"""

CHECKS = (
    Check(
        "statements_equal_the_ledger",
        "I2",
        _(
            "Every fact of a deposit is on the first statement that was closed after it was linked"
            " and whose day it is not past; each statement is the sum of its facts."
        ),
        f"""
        WITH {_FACTS}, stated AS (
            SELECT place.id, count(*) AS transfers,
                sum(fen) FILTER (WHERE fen > 0) AS credited_fen,
                -sum(fen) FILTER (WHERE fen < 0) AS debited_fen
            FROM facts JOIN LATERAL (SELECT id FROM books_statement statement
                WHERE statement.distributor_id = facts.holder
                    AND statement.day >= (facts.posted_at AT TIME ZONE 'Asia/Shanghai')::date
                    AND statement.closed_position >= facts.position
                ORDER BY statement.day LIMIT 1) AS place ON true
            GROUP BY place.id)
        SELECT statement.distributor_id AS distributor_pk, statement.day, statement.credited_fen,
            stated.credited_fen AS ledger_credited_fen, statement.debited_fen,
            stated.debited_fen AS ledger_debited_fen, statement.transfers,
            stated.transfers AS ledger_transfers
        FROM books_statement statement LEFT JOIN stated ON stated.id = statement.id
        WHERE statement.credited_fen <> coalesce(stated.credited_fen, 0)
            OR statement.debited_fen <> coalesce(stated.debited_fen, 0)
            OR statement.transfers <> coalesce(stated.transfers, 0)
        """,
        "books_statement",
    ),
    Check(
        "statements_follow_each_other",
        "I2",
        _("A statement opens with what the day before closed with; no day is missing between two."),
        """
        SELECT statement.distributor_id AS distributor_pk, statement.day, before.day AS day_before,
            statement.opening_fen, before.closing_fen AS closed_with_fen,
            statement.closed_position, before.closed_position AS closed_position_before
        FROM books_statement statement LEFT JOIN LATERAL (
            SELECT day, closing_fen, closed_position FROM books_statement earlier
            WHERE earlier.distributor_id = statement.distributor_id AND earlier.day < statement.day
            ORDER BY earlier.day DESC LIMIT 1) AS before ON true
        WHERE statement.opening_fen <> coalesce(before.closing_fen, 0)
            OR before.day <> statement.day - 1
            OR before.closed_position > statement.closed_position
        """,
        "books_statement",
    ),
    Check(
        "statement_files_are_as_frozen",
        "I1",
        _("The files of a closed day have their digests, and say the totals of its statement."),
        """
        SELECT statement.distributor_id AS distributor_pk, statement.day, statement.csv_sha256,
            encode(sha256(statement.csv), 'hex') AS csv_now, statement.json_sha256,
            encode(sha256(statement.json), 'hex') AS json_now
        FROM books_statement statement
        JOIN distributors_distributor distributor ON distributor.id = statement.distributor_id
        CROSS JOIN LATERAL (SELECT convert_to(concat(
            '{"date":"', statement.day, '","distributor":"', distributor.number,
            '","opening_fen":', statement.opening_fen, ',"credited_fen":', statement.credited_fen,
            ',"debited_fen":', statement.debited_fen, ',"closing_fen":', statement.closing_fen,
            ',"transfers":', statement.transfers, ','), 'UTF8') AS text) AS head
        WHERE encode(sha256(statement.csv), 'hex') <> statement.csv_sha256
            OR encode(sha256(statement.json), 'hex') <> statement.json_sha256
            OR substring(statement.json FROM 1 FOR length(head.text)) <> head.text
        """,
        "books_statement",
    ),
    Check(
        "no_day_waits_to_be_closed",
        "I15",
        _("Where days are closed, the day before yesterday has its statement."),
        """
        SELECT distributor_id AS distributor_pk, max(day) AS last_day FROM books_statement
        GROUP BY distributor_id
        HAVING max(day) < (%(overdue_before)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date - 2
        """,
        "books_statement",
    ),
    Check(
        "bank_lines_prove_what_the_bank_moved",
        "I3",
        _(
            "A matched line of the bank has a transfer over the bank of its amount; an open one has"
            " none; what was settled by hand says why."
        ),
        """
        SELECT line.id AS line_pk, line.reference, line.match, line.amount_fen,
            transfer.id AS transfer_id, transfer.code, moved.fen AS moved_fen
        FROM books_bankline line LEFT JOIN ledger_transfer transfer ON transfer.id = line.transfer_id
        LEFT JOIN LATERAL (SELECT CASE WHEN account.id = transfer.debit_id THEN transfer.amount_fen
                ELSE -transfer.amount_fen END AS fen
            FROM ledger_account account WHERE account.kind = 'bank'
                AND account.id IN (transfer.debit_id, transfer.credit_id)) AS moved ON true
        WHERE (line.match = 'matched' AND moved.fen IS DISTINCT FROM line.amount_fen)
            OR (line.match = 'open' AND line.transfer_id IS NOT NULL)
            OR (line.match = 'differing' AND line.transfer_id IS NULL)
            OR (line.match = 'settled' AND (line.note = '' OR line.settled_by = ''))
            OR (line.transfer_id IS NOT NULL AND moved.fen IS NULL)
        """,
        "books_bankline",
    ),
    Check(
        "reconciliations_count_their_rows",
        "I3",
        _("A reconciliation keeps as many rows as it says that do not match."),
        """
        SELECT reconciliation_id, differing, missing_here, missing_there,
            jsonb_array_length(differences) AS rows
        FROM books_reconciliation
        WHERE jsonb_array_length(differences) <> differing + missing_here + missing_there
            OR least(matched, differing, missing_here, missing_there) < 0
        """,
        "books_reconciliation",
    ),
)
