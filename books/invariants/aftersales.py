"""After-sales: what cases keep, gave back, took from stock and put there, and told."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check
from supplychain.models import MAX_STOCK

# What each case came to, with what it says of itself; goods and freight apart.
_PAID = """
paid AS (
    SELECT case_no,
        coalesce(sum(amount_fen) FILTER (WHERE code = 'aftersale_refunded'), 0) AS goods_fen,
        coalesce(sum(amount_fen) FILTER (WHERE code = 'aftersale_freight_refunded'), 0)
            AS freight_fen,
        bool_and(account.kind = 'deposit') AS to_deposit
    FROM ledger_transfer transfer JOIN ledger_account account ON account.id = transfer.credit_id
    WHERE code IN ('aftersale_refunded', 'aftersale_freight_refunded') GROUP BY case_no)
"""

CHECKS = (
    Check(
        "pieces_are_in_the_cases_that_are_open",
        "I5",
        _("What a line counts as in a case, and an order as open cases, is what is open."),
        """
        WITH of_line AS (
            SELECT line_id, sum(quantity) AS pieces FROM aftersales_case
            WHERE ended_at IS NULL GROUP BY line_id),
        of_order AS (
            SELECT order_id, count(*) AS cases FROM aftersales_case
            WHERE ended_at IS NULL GROUP BY order_id)
        SELECT line.order_id AS order_pk, line.line_id, line.in_case, of_line.pieces,
            placed.open_cases, of_order.cases
        FROM orders_line line JOIN orders_order placed ON placed.id = line.order_id
        LEFT JOIN of_line ON of_line.line_id = line.id
        LEFT JOIN of_order ON of_order.order_id = placed.id
        WHERE line.in_case <> coalesce(of_line.pieces, 0)
            OR placed.open_cases <> coalesce(of_order.cases, 0)
        """,
        "orders_line",
    ),
    Check(
        "refunds_are_what_cancellations_cases_and_goodwill_say",
        "I5",
        _(
            "What a line counts as refunded, pieces and money, is what was cancelled, what cases"
            " refunded, and the goodwill that was settled."
        ),
        """
        WITH of_cases AS (
            SELECT line_id,
                sum(CASE WHEN type = 'compensation' THEN 0 ELSE quantity END) AS pieces,
                sum(refunded_fen - freight_fen) AS fen
            FROM aftersales_case WHERE state = 'refunded' GROUP BY line_id),
        of_claims AS (
            SELECT line_id, sum(goodwill_fen) AS fen FROM aftersales_claim
            WHERE goodwill = 'settled' AND goodwill_kind = 'amount' GROUP BY line_id)
        SELECT line.order_id AS order_pk, line.line_id, line.cancelled, line.refunded,
            of_cases.pieces, line.refunded_fen, of_cases.fen AS cases_fen,
            of_claims.fen AS goodwill_fen
        FROM orders_line line LEFT JOIN of_cases ON of_cases.line_id = line.id
        LEFT JOIN of_claims ON of_claims.line_id = line.id
        WHERE line.refunded <> line.cancelled + coalesce(of_cases.pieces, 0)
            OR line.refunded_fen <> line.cancelled * line.agreement_price_fen
                + coalesce(of_cases.fen, 0) + coalesce(of_claims.fen, 0)
        """,
        "orders_line",
    ),
    Check(
        "cases_are_paid_back_once",
        "I5",
        _(
            "For every refunded case, exactly what it says came back to the deposit, goods and"
            " freight; for no other case anything."
        ),
        f"""
        WITH {_PAID}
        SELECT coalesce(claimed.case_no, paid.case_no) AS case_no, claimed.state,
            claimed.refunded_fen, claimed.freight_fen, paid.goods_fen AS paid_goods_fen,
            paid.freight_fen AS paid_freight_fen
        FROM aftersales_case claimed FULL JOIN paid ON paid.case_no = claimed.case_no
        WHERE claimed.case_no IS NULL OR NOT coalesce(paid.to_deposit, true)
            OR claimed.refunded_fen
                <> coalesce(paid.goods_fen, 0) + coalesce(paid.freight_fen, 0)
            OR (claimed.state = 'refunded' AND claimed.freight_fen <> coalesce(paid.freight_fen, 0))
            OR (claimed.state <> 'refunded' AND paid.case_no IS NOT NULL)
        """,
        "aftersales_case",
    ),
    Check(
        "freight_comes_back_by_cancellations_and_cases",
        "I5",
        _("What of a part's freight came back is what cancellations and cases gave back of it."),
        """
        WITH of_cases AS (
            SELECT line.fulfilment_id, sum(settled.freight_fen) AS fen
            FROM aftersales_case settled JOIN orders_line line ON line.id = settled.line_id
            WHERE settled.state = 'refunded' GROUP BY line.fulfilment_id),
        of_cancellations AS (
            SELECT cancellation.fulfilment_id, sum(transfer.amount_fen) AS fen
            FROM ledger_transfer transfer JOIN orders_cancellation cancellation
                ON cancellation.cancellation_no = transfer.reference
            WHERE transfer.code = 'freight_returned' GROUP BY cancellation.fulfilment_id)
        SELECT part.order_id AS order_pk, part.id AS fulfilment_pk, part.freight_refunded_fen,
            of_cases.fen AS cases_fen, of_cancellations.fen AS cancellations_fen
        FROM orders_fulfilment part LEFT JOIN of_cases ON of_cases.fulfilment_id = part.id
        LEFT JOIN of_cancellations ON of_cancellations.fulfilment_id = part.id
        WHERE part.freight_refunded_fen
            <> coalesce(of_cases.fen, 0) + coalesce(of_cancellations.fen, 0)
        """,
        "orders_fulfilment WHERE freight_refunded_fen > 0",
    ),
    Check(
        "pieces_are_written_off_by_refunds_before_receipt",
        "I5",
        _("No line has more pieces written off on the way than cases refunded before receipt."),
        """
        WITH refunded AS (
            SELECT line_id, sum(quantity) AS pieces FROM aftersales_case
            WHERE state = 'refunded' AND NOT after_receipt AND type <> 'compensation'
            GROUP BY line_id)
        SELECT line.order_id AS order_pk, line.line_id, line.written_off, refunded.pieces
        FROM orders_line line LEFT JOIN refunded ON refunded.line_id = line.id
        WHERE line.written_off > coalesce(refunded.pieces, 0)
        """,
        "orders_line WHERE written_off > 0",
    ),
    Check(
        "cases_took_the_stock_that_they_ship_again",
        "I6",
        _("What a case says it took from stock to ship again is what left stock for it."),
        f"""
        WITH moved AS (
            SELECT split_part(cause, '/', 1) AS case_no, sku_id, -sum(quantity) AS pieces,
                -coalesce(sum(quantity) FILTER (WHERE allotment_id IS NOT NULL), 0) AS allotted
            FROM supplychain_movement WHERE kind = 'reship'
            GROUP BY split_part(cause, '/', 1), sku_id)
        SELECT taken.case_no, line.sku_id AS sku_pk, taken.retaken, moved.pieces AS moved,
            taken.retaken_from_allotment, moved.allotted AS moved_from_allotment
        FROM aftersales_case taken JOIN orders_line line ON line.id = taken.line_id
        LEFT JOIN moved ON (moved.case_no, moved.sku_id) = (taken.case_no, line.sku_id)
        WHERE (taken.retaken, taken.retaken_from_allotment)
            <> (coalesce(moved.pieces, 0), coalesce(moved.allotted, 0))
            AND NOT EXISTS (SELECT FROM supplychain_movement brim
                WHERE brim.sku_id = line.sku_id AND brim.balance_after = {MAX_STOCK})
        """,
        "aftersales_case WHERE retaken > 0",
    ),
    Check(
        "inspected_goods_are_in_stock_as_inspections_say",
        "I6",
        _(
            "Goods of a case went into stock if they were paid for or exchanged, as many as its"
            " last inspection said, as far as there was room."
        ),
        f"""
        WITH said AS (
            SELECT DISTINCT ON (case_id) case_id, restocked FROM aftersales_inspection
            ORDER BY case_id, id DESC),
        moved AS (
            SELECT split_part(cause, '/', 1) AS case_no, sum(quantity) AS pieces
            FROM supplychain_movement WHERE kind = 'restock' GROUP BY split_part(cause, '/', 1)),
        kept AS (
            SELECT looked.case_no, line.sku_id, said.restocked,
                looked.state IN ('refunded', 'completed', 'reshipping', 'reshipped')
                AND NOT EXISTS (SELECT FROM aftersales_caseparcel parcel
                    WHERE parcel.case_id = looked.id AND parcel.direction = 'sent_back')
                AND NOT EXISTS (SELECT FROM supplychain_movement brim
                    WHERE brim.sku_id = line.sku_id AND brim.balance_after = {MAX_STOCK})
                AS to_the_piece
            FROM said JOIN aftersales_case looked ON looked.id = said.case_id
            JOIN orders_line line ON line.id = looked.line_id)
        SELECT coalesce(kept.case_no, moved.case_no) AS case_no, kept.sku_id AS sku_pk,
            kept.restocked, moved.pieces AS moved
        FROM kept FULL JOIN moved ON moved.case_no = kept.case_no
        WHERE coalesce(moved.pieces, 0) > coalesce(kept.restocked, 0)
            OR (kept.to_the_piece AND coalesce(moved.pieces, 0) < kept.restocked)
        """,
        "aftersales_inspection",
    ),
    Check(
        "case_history_is_a_path",
        "I8",
        _("The history of every case is a path of drawn steps, up to its state now."),
        """
        WITH step AS (
            SELECT order_id, subject, id, from_state, to_state,
                lag(to_state, 1, '') OVER path AS before,
                lead(id) OVER path IS NULL AS last
            FROM orders_history WHERE starts_with(subject, 'aftersale ') AND to_state <> ''
            WINDOW path AS (PARTITION BY order_id, subject ORDER BY id))
        SELECT told.case_no, told.state, step.id AS history_id, step.before, step.from_state,
            step.to_state
        FROM aftersales_case told LEFT JOIN step
            ON (step.order_id, step.subject) = (told.order_id, 'aftersale ' || told.case_no)
        WHERE step.id IS NULL OR step.from_state <> step.before
            OR step.from_state || ':' || step.to_state <> ALL (%(case_steps)s)
            OR (step.last AND step.to_state <> told.state)
        """,
        "aftersales_case",
    ),
    Check(
        "case_events_go_to_who_applied",
        "I12",
        _("Events about a case go to its distributor, the newest in its version, to no other."),
        """
        WITH told AS (
            SELECT object_no, min(partner_id) AS first_partner, max(partner_id) AS last_partner,
                max(object_version) AS version, max(occurred_at) AS at
            FROM integration_event WHERE type LIKE 'aftersale.%%' GROUP BY object_no)
        SELECT told.object_no AS case_no, told.first_partner, told.last_partner,
            distributor.partner_id AS to_be_told, told.version, applied.version AS case_version
        FROM told LEFT JOIN aftersales_case applied ON applied.case_no = told.object_no
        LEFT JOIN distributors_distributor distributor ON distributor.id = applied.distributor_id
        WHERE (told.first_partner, told.last_partner)
                IS DISTINCT FROM (distributor.partner_id, distributor.partner_id)
            OR (told.at > %(events_kept_since)s AND told.version <> applied.version)
        """,
        "integration_event WHERE type LIKE 'aftersale.%%'",
    ),
    Check(
        "no_case_waits_past_its_deadline",
        "I15",
        _("No case has waited for hours past its deadline without its outcome or an alert."),
        """
        SELECT case_no, state, due_at FROM aftersales_case
        WHERE ended_at IS NULL AND late_at IS NULL AND due_at < %(overdue_before)s
        """,
        "aftersales_case WHERE ended_at IS NULL",
    ),
)
