"""Rolled-up rows agree with the ledger to the fen, and with one another."""

from django.utils.translation import gettext_lazy as _

from books.facts import MEASURES
from books.invariants.check import Check

_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)
_BY_DAY = f"(SELECT first_day, {_SUMS} FROM books_rollup WHERE span = 'day' AND subject = '{{}}'"
_SOLD = "sales_fen, freight_fen, supply_fen, fee_fen, markups_fen"
_GOODS = "units, sales_fen, supply_fen, fee_fen, markups_fen"


def _of(subject: str, alias: str) -> str:
    return f"{_BY_DAY.format(subject)} GROUP BY first_day) AS {alias}"


def _differing(subject: str, measures: str) -> str:
    """Return the days on which all of a kind together are not the platform."""
    theirs, whole = (
        "(" + ", ".join(f"{alias}.{name.strip()}" for name in measures.split(",")) + ")"
        for alias in ("theirs", "whole")
    )
    return f"""
    SELECT '{subject}' AS subject, coalesce(whole.first_day, theirs.first_day) AS day,
        whole.sales_fen AS platform_fen, theirs.sales_fen AS theirs_fen
    FROM {_of("platform", "whole")} FULL JOIN {_of(subject, "theirs")} USING (first_day)
    WHERE {theirs} IS DISTINCT FROM {whole}
        AND (coalesce(whole.sales_fen, 0) <> 0 OR theirs.first_day IS NOT NULL)
    """


CHECKS = (
    Check(
        "rolled_up_days_are_the_ledger",
        "I2",
        _(
            "Sales, refunds, fees, recharges and deposits of every rolled-up day are the sums of its"
            " transfers, unless some came late and are to be rolled up yet."
        ),
        """
        WITH moved AS (
            SELECT (transfer.posted_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
                CASE WHEN reverses_id IS NULL THEN debit.kind ELSE credit.kind END AS source,
                CASE WHEN reverses_id IS NULL THEN credit.kind ELSE debit.kind END AS target,
                sum(CASE WHEN reverses_id IS NULL THEN amount_fen ELSE -amount_fen END) AS fen,
                bool_or(link.position IS NULL OR link.position > mark.position) AS is_late
            FROM (SELECT coalesce(max(position), 0) AS position FROM books_rollmark) AS mark
            CROSS JOIN ledger_transfer transfer
            JOIN ledger_account debit ON debit.id = transfer.debit_id
            JOIN ledger_account credit ON credit.id = transfer.credit_id
            LEFT JOIN ledger_link link ON link.transfer_id = transfer.id
            GROUP BY 1, 2, 3),
        ledger AS (
            SELECT rolled.day, coalesce(bool_or(is_late), false) AS is_late,
                coalesce(sum(fen) FILTER (WHERE target = 'orders_open'), 0) AS ordered_fen,
                coalesce(sum(fen) FILTER (WHERE target = 'deposit' AND source <> 'bank'), 0)
                    AS refunds_fen,
                coalesce(sum(fen) FILTER (WHERE target = 'service_fees'), 0) - coalesce(sum(fen)
                    FILTER (WHERE source = 'service_fees' AND target = 'deposit'), 0) AS fees_fen,
                coalesce(sum(fen) FILTER (WHERE target = 'platform_margin'), 0) - coalesce(sum(fen)
                    FILTER (WHERE source = 'platform_margin' AND target = 'deposit'), 0)
                    AS margins_fen,
                coalesce(sum(fen) FILTER (WHERE source = 'bank' AND target = 'deposit'), 0)
                    AS recharged_fen,
                coalesce(sum(fen) FILTER (WHERE source = 'deposit' AND target = 'bank'), 0)
                    AS withdrawn_fen,
                coalesce(sum(fen) FILTER (WHERE target = 'deposit'), 0) - coalesce(sum(fen)
                    FILTER (WHERE source = 'deposit'), 0) AS deposit_change_fen
            FROM books_rolledday rolled LEFT JOIN moved USING (day) GROUP BY rolled.day),
        rolled AS (
            SELECT day, coalesce(sales_fen + freight_fen, 0) AS ordered_fen,
                coalesce(refunds_fen, 0) AS refunds_fen, coalesce(fees_earned_fen, 0) AS fees_fen,
                coalesce(margins_earned_fen, 0) AS margins_fen,
                coalesce(recharged_fen, 0) AS recharged_fen,
                coalesce(withdrawn_fen, 0) AS withdrawn_fen,
                coalesce(deposit_change_fen, 0) AS deposit_change_fen
            FROM books_rolledday LEFT JOIN books_rollup ON first_day = day AND span = 'day'
                AND subject = 'platform')
        SELECT day, ledger.ordered_fen, rolled.ordered_fen AS rolled_ordered_fen, ledger.refunds_fen,
            rolled.refunds_fen AS rolled_refunds_fen, ledger.fees_fen,
            rolled.fees_fen AS rolled_fees_fen, ledger.deposit_change_fen,
            rolled.deposit_change_fen AS rolled_deposit_change_fen
        FROM ledger JOIN rolled USING (day)
        WHERE NOT ledger.is_late AND (ledger.ordered_fen, ledger.refunds_fen, ledger.fees_fen,
            ledger.margins_fen, ledger.recharged_fen, ledger.withdrawn_fen,
            ledger.deposit_change_fen) IS DISTINCT FROM (rolled.ordered_fen, rolled.refunds_fen,
            rolled.fees_fen, rolled.margins_fen, rolled.recharged_fen, rolled.withdrawn_fen,
            rolled.deposit_change_fen)
        """,
        "books_rolledday",
    ),
    Check(
        "rolled_up_parts_come_to_the_whole",
        "I2",
        _(
            "All distributors together, all suppliers together and all products together sold what"
            " the platform sold on each rolled-up day."
        ),
        " UNION ALL ".join(
            (
                _differing("distributor", ", ".join(MEASURES)),
                _differing("supplier", _SOLD),
                _differing("product", _GOODS),
            )
        ),
        "books_rollup WHERE span = 'day'",
    ),
    Check(
        "rolled_up_months_are_their_days",
        "I2",
        _("A rolled-up month is the sum of its rolled-up days, for everybody and everything."),
        f"""
        SELECT subject, subject_pk, month, day.sales_fen AS days_fen,
            month.sales_fen AS month_fen
        FROM (SELECT subject, subject_pk, date_trunc('month', first_day)::date AS month, {_SUMS}
            FROM books_rollup WHERE span = 'day' GROUP BY 1, 2, 3) AS day
        FULL JOIN (SELECT subject, subject_pk, first_day AS month, {", ".join(MEASURES)}
            FROM books_rollup WHERE span = 'month') AS month USING (subject, subject_pk, month)
        WHERE ({", ".join(f"day.{name}" for name in MEASURES)})
            IS DISTINCT FROM ({", ".join(f"month.{name}" for name in MEASURES)})
        """,
        "books_rollup WHERE span = 'month'",
    ),
    Check(
        "flows_are_the_ledger",
        "I2",
        _(
            "What went on each day from one kind of account to another, and in how many transfers, is"
            " what the transfers up to the mark in the chain say."
        ),
        """
        SELECT day, debit_kind, credit_kind, flow.amount_fen, flow.transfers,
            moved.fen AS ledger_fen, moved.count AS ledger_transfers
        FROM (SELECT (transfer.posted_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
                debit.kind AS debit_kind, credit.kind AS credit_kind,
                sum(transfer.amount_fen)::bigint AS fen, count(*) AS count
            FROM ledger_link link JOIN ledger_transfer transfer ON transfer.id = link.transfer_id
            JOIN ledger_account debit ON debit.id = transfer.debit_id
            JOIN ledger_account credit ON credit.id = transfer.credit_id
            WHERE link.position <= (SELECT coalesce(max(flows_position), 0) FROM books_rollmark)
            GROUP BY 1, 2, 3) AS moved
        FULL JOIN books_flow flow USING (day, debit_kind, credit_kind)
        WHERE (flow.amount_fen, flow.transfers) IS DISTINCT FROM (moved.fen, moved.count)
        """,
        "books_flow",
    ),
)
