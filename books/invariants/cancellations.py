"""Cancellations: what they froze and cancelled, gave back of money and stock, and told."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check
from supplychain.models import MAX_STOCK

# Every cancelled line with its order, and under which name ledger and stock know it.
_STRUCK = """
struck AS (
    SELECT cancellation.cancellation_no, cancellation.state, cancellation.asker,
        placed.order_no, line.id AS line_pk, line.line_id, line.sku_id, held.quantity,
        held.quantity * line.agreement_price_fen AS fen,
        cancellation.cancellation_no || '/' || line.line_id AS cause
    FROM orders_cancellationline held
    JOIN orders_cancellation cancellation ON cancellation.id = held.cancellation_id
    JOIN orders_line line ON line.id = held.line_id
    JOIN orders_order placed ON placed.id = line.order_id)
"""

CHECKS = (
    Check(
        "line_counters_are_what_cancellations_say",
        "I5",
        _("What a line counts as frozen is what requests wait for, as cancelled what was granted."),
        f"""
        WITH {_STRUCK}, summed AS (
            SELECT line_pk,
                coalesce(sum(quantity) FILTER (WHERE state = 'requested'), 0) AS requested,
                coalesce(sum(quantity) FILTER (WHERE state = 'granted'), 0) AS granted
            FROM struck GROUP BY line_pk)
        SELECT line.order_id AS order_pk, line.line_id, line.frozen, summed.requested,
            line.cancelled, summed.granted
        FROM orders_line line LEFT JOIN summed ON summed.line_pk = line.id
        WHERE (line.frozen, line.cancelled)
            <> (coalesce(summed.requested, 0), coalesce(summed.granted, 0))
        """,
        "orders_line",
    ),
    Check(
        "cancelled_pieces_are_paid_back_once",
        "I5",
        _("For every line of a granted cancellation its price came back to the deposit, once."),
        f"""
        WITH {_STRUCK}, due AS (SELECT * FROM struck WHERE state = 'granted' AND fen > 0),
        paid AS (
            SELECT order_no, line_id, reference, amount_fen, quantity FROM ledger_transfer
            WHERE code = 'order_cancelled')
        SELECT coalesce(due.cause, paid.reference) AS reference, due.fen AS due_fen,
            paid.amount_fen AS paid_fen, due.quantity, paid.quantity AS paid_for
        FROM due FULL JOIN paid ON paid.reference = due.cause
        WHERE (due.order_no, due.line_id, due.fen, due.quantity)
            IS DISTINCT FROM (paid.order_no, paid.line_id, paid.amount_fen, paid.quantity)
        """,
        "orders_cancellationline",
    ),
    Check(
        "cancelled_parts_have_their_freight_back",
        "I5",
        _("The freight of a part comes back with a cancellation if nothing of it is ever shipped."),
        """
        WITH paid AS (
            SELECT cancellation.fulfilment_id, sum(transfer.amount_fen) AS fen
            FROM ledger_transfer transfer LEFT JOIN orders_cancellation cancellation
                ON cancellation.cancellation_no = transfer.reference
            WHERE transfer.code = 'freight_returned' GROUP BY cancellation.fulfilment_id)
        SELECT part.order_id AS order_pk, part.id AS fulfilment_pk, part.state,
            part.freight_fen, part.freight_refunded_fen, paid.fen AS paid_fen
        FROM orders_fulfilment part FULL JOIN paid ON paid.fulfilment_id = part.id
        WHERE part.state IS NULL OR (part.state <> 'cancelled' AND paid.fen > 0)
            OR (part.state = 'cancelled' AND part.freight_refunded_fen <> part.freight_fen)
        """,
        "orders_fulfilment WHERE state = 'cancelled'",
    ),
    Check(
        "cancellations_say_what_they_gave_back",
        "I5",
        _("What a cancellation says it gave back is what its transfers come to."),
        """
        WITH paid AS (
            SELECT split_part(reference, '/', 1) AS cancellation_no, sum(amount_fen) AS fen
            FROM ledger_transfer WHERE code IN ('order_cancelled', 'freight_returned')
            GROUP BY split_part(reference, '/', 1))
        SELECT cancellation.cancellation_no, cancellation.state, cancellation.refunded_fen,
            coalesce(paid.fen, 0) AS paid_fen
        FROM orders_cancellation cancellation
        LEFT JOIN paid ON paid.cancellation_no = cancellation.cancellation_no
        WHERE cancellation.refunded_fen <> coalesce(paid.fen, 0)
        """,
        "orders_cancellation",
    ),
    Check(
        "cancelled_pieces_are_in_stock_again",
        "I6",
        _(
            "What was cancelled went back into stock, as far as that had room; what a source was"
            " short of did not."
        ),
        f"""
        WITH {_STRUCK}, moved AS (
            SELECT sku_id, cause, sum(quantity) AS quantity FROM supplychain_movement
            WHERE kind = 'cancel' GROUP BY sku_id, cause),
        due AS (SELECT * FROM struck WHERE state = 'granted' AND asker <> 'source')
        SELECT coalesce(due.cause, moved.cause) AS cause, due.sku_id AS sku_pk, due.quantity,
            moved.quantity AS moved
        FROM due FULL JOIN moved ON (moved.cause, moved.sku_id) = (due.cause, due.sku_id)
        WHERE due.quantity IS NULL OR moved.quantity > due.quantity
            OR (coalesce(moved.quantity, 0) < due.quantity AND NOT EXISTS (
                SELECT FROM supplychain_movement brim
                WHERE brim.sku_id = due.sku_id AND brim.balance_after = {MAX_STOCK}))
        """,
        "orders_cancellationline",
    ),
    Check(
        "cancellation_history_is_a_path",
        "I8",
        _("The history of every cancellation is a path of drawn steps, up to its state now."),
        """
        WITH step AS (
            SELECT order_id, subject, id, from_state, to_state,
                lag(to_state, 1, '') OVER path AS before,
                lead(id) OVER path IS NULL AS last
            FROM orders_history WHERE starts_with(subject, 'cancellation ')
            WINDOW path AS (PARTITION BY order_id, subject ORDER BY id)),
        known AS (
            SELECT part.order_id, cancellation.state,
                'cancellation ' || cancellation.cancellation_no AS subject
            FROM orders_cancellation cancellation
            JOIN orders_fulfilment part ON part.id = cancellation.fulfilment_id)
        SELECT known.order_id AS order_pk, known.subject, known.state, step.id AS history_id,
            step.before, step.from_state, step.to_state
        FROM known LEFT JOIN step ON (step.order_id, step.subject) = (known.order_id, known.subject)
        WHERE step.id IS NULL OR step.from_state <> step.before
            OR step.from_state || ':' || step.to_state <> ALL (%(cancellation_steps)s)
            OR (step.last AND step.to_state <> known.state)
        """,
        "orders_cancellation",
    ),
    Check(
        "answers_to_cancellations_are_told_once",
        "I10",
        _("Every answer that is young enough has exactly one event, for who placed the order."),
        """
        WITH told AS (
            SELECT object_no, type, count(*) AS events, min(partner_id) AS partner_id
            FROM integration_event WHERE starts_with(type, 'cancellation.')
            GROUP BY object_no, type),
        answered AS (
            SELECT cancellation.cancellation_no, cancellation.state, distributor.partner_id
            FROM orders_cancellation cancellation
            JOIN orders_fulfilment part ON part.id = cancellation.fulfilment_id
            JOIN orders_order placed ON placed.id = part.order_id
            JOIN distributors_distributor distributor ON distributor.id = placed.distributor_id
            WHERE cancellation.state IN ('granted', 'refused')
                AND cancellation.answered_at > %(events_kept_since)s)
        SELECT answered.cancellation_no, answered.state, coalesce(told.events, 0) AS events,
            told.partner_id AS told_to, answered.partner_id AS to_be_told
        FROM answered LEFT JOIN told ON told.object_no = answered.cancellation_no
            AND told.type = 'cancellation.' || answered.state
        WHERE (told.events, told.partner_id) IS DISTINCT FROM (1, answered.partner_id)
        """,
        "orders_cancellation WHERE state IN ('granted', 'refused')"
        " AND answered_at > %(events_kept_since)s",
    ),
    Check(
        "no_answer_to_a_cancellation_is_overdue",
        "I15",
        _("No cancellation has waited for hours to be granted, once its answer was due."),
        """
        SELECT cancellation_no, requested_at, answer_due_at FROM orders_cancellation
        WHERE state = 'requested' AND answer_due_at < %(overdue_before)s
        """,
        "orders_cancellation WHERE state = 'requested'",
    ),
    Check(
        "no_lateness_is_untold",
        "I15",
        _("No part has been late for hours without its distributor having been told."),
        """
        SELECT part.order_id AS order_pk, part.id AS fulfilment_pk, part.ship_due_at
        FROM orders_fulfilment part JOIN orders_order placed ON placed.id = part.order_id
        WHERE part.state IN ('awaiting_shipment', 'partly_shipped') AND part.late_at IS NULL
            AND part.ship_due_at < %(overdue_before)s
            -- A parcel may just have been voided that had left in time.
            AND placed.changed_at < %(overdue_before)s
        """,
        "orders_fulfilment WHERE state IN ('awaiting_shipment', 'partly_shipped')",
    ),
)
