"""Holds: what they keep of stock and deposit, and that they end with it given back or placed."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

CHECKS = (
    Check(
        "nothing_is_held_that_no_hold_reserves",
        "I3",
        _("What deposits reserve is what their active holds and open withdrawals do, to the fen."),
        """
        WITH reserved AS (SELECT distributor_id, sum(fen) AS fen FROM (
                SELECT distributor_id, reserved_fen AS fen FROM orders_hold
                WHERE state = 'active' UNION ALL
                SELECT distributor_id, amount_fen FROM distributors_withdrawal
                WHERE state IN ('applied', 'checked', 'approved')) AS part
            GROUP BY distributor_id)
        SELECT account.id AS account_id, account.holder AS distributor_pk, account.held_fen,
            reserved.fen AS reserved_fen
        FROM ledger_account account LEFT JOIN reserved
            ON reserved.distributor_id = account.holder AND account.kind = 'deposit'
        WHERE account.held_fen <> coalesce(reserved.fen, 0)
        """,
        "ledger_account WHERE kind = 'deposit'",
    ),
    Check(
        "holds_come_to_their_lines_and_freight",
        "I4",
        _("A hold's total is its lines at their held price and the freight of its sources."),
        """
        SELECT hold.hold_id, hold.goods_fen, hold.freight_fen, hold.total_fen,
            (SELECT sum(agreement_price_fen * quantity) FROM orders_holdline line
                WHERE line.hold_id = hold.id) AS lines_fen,
            (SELECT sum((source->>1)::bigint) FROM jsonb_array_elements(hold.sources) AS source)
                AS sources_fen
        FROM orders_hold hold
        WHERE hold.total_fen <> hold.goods_fen + hold.freight_fen
            OR hold.goods_fen IS DISTINCT FROM (SELECT sum(agreement_price_fen * quantity)
                FROM orders_holdline line WHERE line.hold_id = hold.id)
            OR hold.freight_fen IS DISTINCT FROM (SELECT sum((source->>1)::bigint)
                FROM jsonb_array_elements(hold.sources) AS source)
        """,
        "orders_hold",
    ),
    Check(
        "holds_moved_the_stock_they_keep",
        "I6",
        _(
            "For every held line, exactly its quantity left the stock of its sku, from its own"
            " distributor's allotment and the pool as it says; and came back when the hold ended."
        ),
        """
        WITH moved AS (
            SELECT sku_id, cause,
                -coalesce(sum(quantity) FILTER (WHERE kind = 'hold'), 0) AS kept,
                -coalesce(sum(quantity) FILTER (
                    WHERE kind = 'hold' AND allotment_id IS NOT NULL), 0) AS kept_allotted,
                coalesce(sum(quantity) FILTER (WHERE kind = 'lapse'), 0) AS back,
                coalesce(sum(quantity) FILTER (
                    WHERE kind = 'lapse' AND allotment_id IS NOT NULL), 0) AS back_allotted,
                max(allotment_id) AS allotment_id
            FROM supplychain_movement WHERE kind IN ('hold', 'lapse') GROUP BY sku_id, cause),
        line AS (
            SELECT line.sku_id, hold.hold_id || '/' || line.line_id AS cause, line.quantity AS kept,
                line.from_allotment AS kept_allotted,
                CASE hold.state WHEN 'active' THEN 0 ELSE line.quantity END AS back,
                CASE hold.state WHEN 'active' THEN 0 ELSE line.from_allotment END AS back_allotted,
                (SELECT id FROM supplychain_allotment allotment WHERE allotment.sku_id = line.sku_id
                    AND allotment.distributor_id = hold.distributor_id
                    AND allotment.id = line.allotment_id) AS allotment_id
            FROM orders_holdline line JOIN orders_hold hold ON hold.id = line.hold_id)
        SELECT coalesce(line.cause, moved.cause) AS line,
            coalesce(line.sku_id, moved.sku_id) AS sku_pk, line.kept, moved.kept AS moved,
            line.back, moved.back AS moved_back, line.kept_allotted,
            moved.kept_allotted AS moved_from_allotment
        FROM line FULL JOIN moved ON (moved.cause, moved.sku_id) = (line.cause, line.sku_id)
        WHERE (line.kept, line.kept_allotted, line.back, line.back_allotted, line.allotment_id)
            IS DISTINCT FROM (moved.kept, moved.kept_allotted, moved.back, moved.back_allotted,
                moved.allotment_id)
        """,
        "orders_holdline",
    ),
    Check(
        "holds_and_orders_of_a_number_exclude_each_other",
        "I7",
        _("No number is placed while it is still on hold."),
        """
        SELECT hold.hold_id, hold.out_order_no, placed.order_no
        FROM orders_hold hold JOIN orders_order placed
            ON (placed.distributor_id, placed.out_order_no)
                = (hold.distributor_id, hold.out_order_no)
        WHERE hold.state = 'active'
        """,
        "orders_hold WHERE state = 'active'",
    ),
    Check(
        "holds_end_with_an_order_or_without",
        "I8",
        _(
            "A hold that was placed names the order of its own number and total; one that ended"
            " says when, and keeps no consumer."
        ),
        """
        SELECT hold.hold_id, hold.kind, hold.state, hold.ended_at, placed.order_no,
            placed.out_order_no, hold.total_fen, placed.total_fen AS placed_fen
        FROM orders_hold hold LEFT JOIN orders_order placed ON placed.id = hold.order_id
        WHERE (hold.state = 'active') <> (hold.ended_at IS NULL)
            OR (hold.state = 'active' AND hold.kind = 'funds')
                <> (hold.sealed_request IS NOT NULL)
            OR (hold.state = 'consumed') <> (placed.id IS NOT NULL)
            OR (placed.id IS NOT NULL
                AND (placed.distributor_id, placed.out_order_no, placed.total_fen)
                    <> (hold.distributor_id, hold.out_order_no, hold.total_fen))
        """,
        "orders_hold",
    ),
    Check(
        "lapsed_holds_are_told_once",
        "I10",
        _("Every hold that lapsed was told its distributor once, and no other hold was."),
        """
        WITH told AS (
            SELECT object_no, count(*) AS events, min(partner_id) AS partner_id
            FROM integration_event WHERE type = 'hold.lapsed'
                AND occurred_at > %(events_kept_since)s GROUP BY object_no),
        lapsed AS (
            SELECT hold.hold_id, distributor.partner_id FROM orders_hold hold
            JOIN distributors_distributor distributor ON distributor.id = hold.distributor_id
            WHERE hold.state = 'lapsed' AND hold.ended_at > %(events_kept_since)s)
        SELECT coalesce(lapsed.hold_id, told.object_no) AS hold_id, told.events,
            told.partner_id AS told_to, lapsed.partner_id AS to_be_told
        FROM lapsed FULL JOIN told ON told.object_no = lapsed.hold_id
        WHERE (told.events, told.partner_id) IS DISTINCT FROM (1, lapsed.partner_id)
        """,
        "orders_hold WHERE state = 'lapsed'",
    ),
    Check(
        "no_hold_is_overdue",
        "I15",
        _("No hold has kept stock for hours after its time."),
        """
        SELECT hold_id, kind, out_order_no, expires_at FROM orders_hold
        WHERE state = 'active' AND expires_at < %(overdue_before)s
        """,
        "orders_hold WHERE state = 'active'",
    ),
)
