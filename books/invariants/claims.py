"""Claims: they move nothing of ours but the goodwill that both sides agreed on, and that once."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

CHECKS = (
    Check(
        "goodwill_is_paid_once_where_it_was_settled",
        "I5",
        _(
            "For every claim whose goodwill was settled as an amount, exactly that came to the"
            " distributor's deposit; for no other claim anything."
        ),
        """
        WITH paid AS (
            SELECT case_no AS claim_no, sum(amount_fen) AS fen, min(account.holder) AS first_to,
                max(account.holder) AS last_to, bool_and(account.kind = 'deposit') AS to_deposit
            FROM ledger_transfer transfer
            JOIN ledger_account account ON account.id = transfer.credit_id
            WHERE code = 'goodwill_settled' GROUP BY case_no)
        SELECT coalesce(claim.claim_no, paid.claim_no) AS claim_no, claim.goodwill,
            claim.goodwill_kind, claim.goodwill_fen, paid.fen AS paid_fen, paid.first_to,
            paid.last_to, claim.distributor_id AS distributor_pk
        FROM aftersales_claim claim FULL JOIN paid ON paid.claim_no = claim.claim_no
        WHERE coalesce(paid.fen, 0) IS DISTINCT FROM CASE
                WHEN claim.goodwill = 'settled' AND claim.goodwill_kind = 'amount'
                THEN claim.goodwill_fen WHEN claim.id IS NOT NULL THEN 0 END
            OR NOT coalesce(paid.to_deposit, true)
            OR (paid.fen IS NOT NULL AND (paid.first_to, paid.last_to)
                IS DISTINCT FROM (claim.distributor_id, claim.distributor_id))
        """,
        "aftersales_claim",
    ),
    Check(
        "claims_post_nothing_but_goodwill",
        "I5",
        _("No transfer is made for a claim but its goodwill."),
        """
        SELECT transfer.id AS transfer_id, transfer.code, transfer.reference, claim.claim_no
        FROM aftersales_claim claim JOIN ledger_transfer transfer
            ON transfer.case_no = claim.claim_no WHERE transfer.code <> 'goodwill_settled'
        """,
        "aftersales_claim",
    ),
    Check(
        "goodwill_took_the_stock_that_it_ships",
        "I6",
        _(
            "For every claim whose goodwill was settled as new goods, exactly its pieces left stock;"
            " for no other claim any. Nothing else but cases takes stock to ship again."
        ),
        """
        WITH moved AS (
            SELECT split_part(cause, '/', 1) AS number, sku_id, -sum(quantity) AS pieces,
                bool_or(kind = 'reship') AS to_ship_again
            FROM supplychain_movement
            WHERE kind = 'reship'
                OR split_part(cause, '/', 1) IN (SELECT claim_no FROM aftersales_claim)
            GROUP BY split_part(cause, '/', 1), sku_id),
        promised AS (
            SELECT claim.claim_no, line.sku_id,
                CASE WHEN claim.goodwill = 'settled' AND claim.goodwill_kind = 'reship'
                    THEN claim.quantity ELSE 0 END AS pieces
            FROM aftersales_claim claim JOIN orders_line line ON line.id = claim.line_id)
        SELECT coalesce(promised.claim_no, moved.number) AS claim_no, moved.sku_id AS sku_pk,
            promised.pieces AS promised, moved.pieces AS moved
        FROM promised FULL JOIN moved
            ON (moved.number, moved.sku_id) = (promised.claim_no, promised.sku_id)
        WHERE (promised.claim_no IS NOT NULL AND promised.pieces <> coalesce(moved.pieces, 0))
            OR (promised.claim_no IS NULL AND NOT EXISTS (
                SELECT FROM aftersales_case shipped WHERE shipped.case_no = moved.number))
        """,
        "aftersales_claim",
    ),
    Check(
        "goodwill_is_shipped_once_where_it_was_settled",
        "I6",
        _(
            "Parcels of goodwill are of claims whose goodwill was settled as new goods, one for each."
        ),
        """
        SELECT claim.claim_no, claim.goodwill, claim.goodwill_kind, count(*) AS parcels
        FROM aftersales_claimparcel parcel JOIN aftersales_claim claim ON claim.id = parcel.claim_id
        WHERE parcel.direction = 'goodwill' GROUP BY claim.id
        HAVING count(*) > 1 OR claim.goodwill <> 'settled' OR claim.goodwill_kind <> 'reship'
        """,
        "aftersales_claimparcel WHERE direction = 'goodwill'",
    ),
    Check(
        "claims_are_about_received_pieces",
        "I5",
        _("The open claims of a line are about no more pieces than were received."),
        """
        SELECT line.order_id AS order_pk, line.line_id, line.received,
            sum(claim.quantity) AS claimed
        FROM aftersales_claim claim JOIN orders_line line ON line.id = claim.line_id
        WHERE claim.state NOT IN ('rejected', 'withdrawn', 'refunded', 'completed')
        GROUP BY line.id HAVING sum(claim.quantity) > line.received
        """,
        "aftersales_claim",
    ),
    Check(
        "claim_history_is_a_path",
        "I8",
        _("The history of every claim is a path of drawn steps, up to its state now."),
        """
        WITH step AS (
            SELECT order_id, subject, id, from_state, to_state,
                lag(to_state, 1, '') OVER path AS before,
                lead(id) OVER path IS NULL AS last
            FROM orders_history WHERE starts_with(subject, 'claim ') AND to_state <> ''
            WINDOW path AS (PARTITION BY order_id, subject ORDER BY id))
        SELECT told.claim_no, told.state, step.id AS history_id, step.before, step.from_state,
            step.to_state
        FROM aftersales_claim told LEFT JOIN step
            ON (step.order_id, step.subject) = (told.order_id, 'claim ' || told.claim_no)
        WHERE step.id IS NULL OR step.from_state <> step.before
            OR step.from_state || ':' || step.to_state <> ALL (%(claim_steps)s)
            OR (step.last AND step.to_state <> told.state)
        """,
        "aftersales_claim",
    ),
    Check(
        "goodwill_history_is_a_path",
        "I8",
        _("The history of every claim's goodwill is a path of drawn steps, up to where it stands."),
        """
        WITH step AS (
            SELECT order_id, subject, id, from_state, to_state,
                lag(to_state, 1, 'none') OVER path AS before,
                lead(id) OVER path IS NULL AS last
            FROM orders_history WHERE starts_with(subject, 'goodwill ') AND to_state <> ''
            WINDOW path AS (PARTITION BY order_id, subject ORDER BY id))
        SELECT told.claim_no, told.goodwill, step.id AS history_id, step.before, step.from_state,
            step.to_state
        FROM aftersales_claim told LEFT JOIN step
            ON (step.order_id, step.subject) = (told.order_id, 'goodwill ' || told.claim_no)
        WHERE (step.id IS NULL AND told.goodwill <> 'none') OR step.from_state <> step.before
            OR step.from_state || ':' || step.to_state <> ALL (%(goodwill_steps)s)
            OR (step.last AND step.to_state <> told.goodwill)
        """,
        "aftersales_claim",
    ),
    Check(
        "claim_events_go_to_whose_claim_it_is",
        "I12",
        _("Events about a claim go to its distributor, the newest in its version, to no other."),
        """
        WITH told AS (
            SELECT object_no, min(partner_id) AS first_partner, max(partner_id) AS last_partner,
                max(object_version) AS version, max(occurred_at) AS at
            FROM integration_event WHERE type LIKE 'claim.%%' GROUP BY object_no)
        SELECT told.object_no AS claim_no, told.first_partner, told.last_partner,
            distributor.partner_id AS to_be_told, told.version, claim.version AS claim_version
        FROM told LEFT JOIN aftersales_claim claim ON claim.claim_no = told.object_no
        LEFT JOIN distributors_distributor distributor ON distributor.id = claim.distributor_id
        WHERE (told.first_partner, told.last_partner)
                IS DISTINCT FROM (distributor.partner_id, distributor.partner_id)
            OR (told.at > %(events_kept_since)s AND told.version <> claim.version)
        """,
        "integration_event WHERE type LIKE 'claim.%%'",
    ),
    Check(
        "no_goodwill_waits_past_its_deadline",
        "I15",
        _("No goodwill has waited for hours past its deadline without being declined."),
        """
        SELECT claim_no, goodwill, goodwill_due_at FROM aftersales_claim
        WHERE goodwill IN ('asked', 'offered')
            AND coalesce(goodwill_due_at, '-infinity') < %(overdue_before)s
        """,
        "aftersales_claim WHERE goodwill IN ('asked', 'offered')",
    ),
)
