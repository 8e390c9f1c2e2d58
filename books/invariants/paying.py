"""Recharges and withdrawals: each moved its deposit once, by what it says, under its bank reference."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check


def _posted(code: str, side: str, other: str) -> str:
    """Return what was posted for a kind of payment, and whose deposit it moved."""
    return f"""
    posted AS (
        SELECT transfer.reference, transfer.amount_fen, deposit.holder AS distributor_id
        FROM ledger_transfer transfer
        JOIN ledger_account deposit ON deposit.id = transfer.{side}_id AND deposit.kind = 'deposit'
        JOIN ledger_account bank ON bank.id = transfer.{other}_id AND bank.kind = 'bank'
        WHERE transfer.code = '{code}' AND transfer.reverses_id IS NULL)
    """


CHECKS = (
    Check(
        "approved_recharges_are_credited_once",
        "I3",
        _(
            "For every approved recharge exactly its amount came from the bank to its distributor's"
            " deposit, once, under its bank reference."
        ),
        f"""
        WITH {_posted("recharge", "credit", "debit")}
        SELECT recharge.recharge_no, recharge.bank_reference, recharge.amount_fen,
            posted.amount_fen AS credited_fen, recharge.distributor_id AS distributor_pk,
            posted.distributor_id AS credited_pk
        FROM distributors_recharge recharge
        LEFT JOIN posted ON posted.reference = recharge.bank_reference
        WHERE recharge.state = 'approved' AND (recharge.amount_fen, recharge.distributor_id)
            IS DISTINCT FROM (posted.amount_fen, posted.distributor_id)
        """,
        "distributors_recharge WHERE state = 'approved'",
    ),
    Check(
        "recharges_were_decided_by_whom_they_need",
        "I3",
        _("No recharge or withdrawal was checked and approved by the same person."),
        """
        SELECT recharge_no AS payment_no, checked_by, decided_by, distributor_id AS distributor_pk
        FROM distributors_recharge
        WHERE state = 'approved' AND checked_by = decided_by
            AND checked_by NOT IN ('', 'operations:operations')
        UNION ALL
        SELECT withdrawal_no, checked_by, decided_by, distributor_id
        FROM distributors_withdrawal
        WHERE state IN ('approved', 'paid') AND checked_by = decided_by
            AND checked_by NOT IN ('', 'operations:operations')
        """,
        "distributors_recharge WHERE state = 'approved'",
    ),
    Check(
        "paid_withdrawals_are_debited_once",
        "I3",
        _(
            "For every paid withdrawal exactly its amount went from its distributor's deposit to the"
            " bank, once, under its bank reference; for no other withdrawal anything."
        ),
        f"""
        WITH {_posted("withdrawal_paid", "debit", "credit")},
        paid AS (SELECT * FROM distributors_withdrawal WHERE state = 'paid')
        SELECT paid.withdrawal_no, coalesce(paid.bank_reference, posted.reference)
                AS bank_reference, paid.amount_fen, posted.amount_fen AS debited_fen,
            coalesce(paid.distributor_id, posted.distributor_id) AS distributor_pk,
            posted.distributor_id AS debited_pk
        FROM paid FULL JOIN posted ON posted.reference = paid.bank_reference
        WHERE (paid.amount_fen, paid.distributor_id)
            IS DISTINCT FROM (posted.amount_fen, posted.distributor_id)
        """,
        "distributors_withdrawal WHERE state = 'paid'",
    ),
    Check(
        "payments_say_when_they_ended",
        "I8",
        _("A recharge, withdrawal or bill says when and by whom it came to where it stands."),
        """
        SELECT recharge_no AS number, state, decided_by AS by, decided_at AS at
        FROM distributors_recharge
        WHERE (state IN ('approved', 'rejected')) <> (decided_at IS NOT NULL AND decided_by <> '')
            AND state <> 'withdrawn'
        UNION ALL
        SELECT withdrawal_no, state, decided_by, coalesce(paid_at, decided_at)
        FROM distributors_withdrawal
        WHERE (state = 'paid') <> (paid_at IS NOT NULL)
            OR (state IN ('approved', 'paid', 'rejected') AND decided_at IS NULL)
        UNION ALL
        SELECT bill_no, state, coalesce(nullif(paid_by, ''), issued_by), issued_at
        FROM suppliers_bill
        WHERE (state = 'paid') <> (paid_on IS NOT NULL AND bank_reference <> '')
            OR (state NOT IN ('draft', 'void') AND issued_at IS NULL)
        """,
        "distributors_recharge",
    ),
    Check(
        "decided_payments_are_told_once",
        "I10",
        _(
            "Every recharge and withdrawal that was decided lately has exactly one event of how, for"
            " whose money it is."
        ),
        """
        WITH decided AS (
            SELECT recharge_no AS payment_no, 'recharge.' || state AS type, distributor_id
            FROM distributors_recharge
            WHERE state IN ('approved', 'rejected') AND decided_at > %(events_kept_since)s
            UNION ALL
            SELECT withdrawal_no, 'withdrawal.' || state, distributor_id
            FROM distributors_withdrawal
            WHERE state IN ('approved', 'paid', 'rejected')
                AND coalesce(paid_at, decided_at) > %(events_kept_since)s),
        told AS (
            SELECT object_no, type, count(*) AS events, min(partner_id) AS partner_id
            FROM integration_event
            WHERE starts_with(type, 'recharge.') OR starts_with(type, 'withdrawal.')
            GROUP BY object_no, type)
        SELECT decided.payment_no, decided.type, told.events, told.partner_id AS told_to,
            distributor.partner_id AS to_be_told
        FROM decided JOIN distributors_distributor distributor
            ON distributor.id = decided.distributor_id
        LEFT JOIN told ON (told.object_no, told.type) = (decided.payment_no, decided.type)
        WHERE (told.events, told.partner_id) IS DISTINCT FROM (1, distributor.partner_id)
        """,
        "distributors_recharge WHERE state IN ('approved', 'rejected')",
    ),
)
