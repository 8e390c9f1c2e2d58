"""Orders: what was charged, what is still open, what was earned, and the counters of lines."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import ORDERS_OPEN, Check

# What left `orders_open` for each line; freight leaves without a line.
_EARNED = f"""
earned AS (
    SELECT transfer.order_no, transfer.line_id,
        coalesce(sum(amount_fen) FILTER (
            WHERE account.kind IN ('payable', 'earned', 'own_sales')), 0) AS supply_fen,
        coalesce(sum(amount_fen) FILTER (WHERE account.kind = 'service_fees'), 0) AS fee_fen,
        coalesce(sum(amount_fen) FILTER (WHERE account.kind = 'platform_margin'), 0) AS markup_fen
    FROM ledger_transfer transfer JOIN ledger_account account ON account.id = transfer.credit_id
    WHERE transfer.debit_id = {ORDERS_OPEN} AND account.kind <> 'deposit' AND line_id <> ''
    GROUP BY transfer.order_no, transfer.line_id)
"""

CHECKS = (
    Check(
        "orders_are_charged_once",
        "I4",
        _("Every order has exactly one charge, of its total, on its own distributor's deposit."),
        f"""
        WITH charge AS (
            SELECT order_no, count(*) AS charges, sum(amount_fen) AS charged_fen,
                min(debit_id) AS deposit_id
            FROM ledger_transfer WHERE code = 'order_placed' AND credit_id = {ORDERS_OPEN}
            GROUP BY order_no)
        SELECT coalesce(placed.order_no, charge.order_no) AS order_no, placed.total_fen,
            coalesce(charge.charges, 0) AS charges, charge.charged_fen,
            placed.distributor_id AS distributor_pk, deposit.holder AS charged_pk
        FROM orders_order placed FULL JOIN charge ON charge.order_no = placed.order_no
        LEFT JOIN ledger_account deposit ON deposit.id = charge.deposit_id
        WHERE (charge.charges, charge.charged_fen, deposit.holder)
            IS DISTINCT FROM (1, placed.total_fen, placed.distributor_id)
        """,
        "orders_order",
    ),
    Check(
        "totals_are_lines_and_freight",
        "I4",
        _("An order's total is its lines at their agreement price and the freight of its parts."),
        """
        WITH goods AS (SELECT order_id, sum(agreement_price_fen * quantity) AS fen
            FROM orders_line GROUP BY order_id),
        freight AS (SELECT order_id, sum(freight_fen) AS fen
            FROM orders_fulfilment GROUP BY order_id)
        SELECT placed.order_no, placed.goods_fen, goods.fen AS lines_fen, placed.freight_fen,
            freight.fen AS parts_fen, placed.total_fen
        FROM orders_order placed LEFT JOIN goods ON goods.order_id = placed.id
        LEFT JOIN freight ON freight.order_id = placed.id
        WHERE (placed.goods_fen, placed.freight_fen) IS DISTINCT FROM (goods.fen, freight.fen)
            OR placed.total_fen <> placed.goods_fen + placed.freight_fen
        """,
        "orders_order",
    ),
    Check(
        "agreement_prices_are_their_parts",
        "I4",
        _("An agreement price is supply price, markup and the fee that its rate comes to."),
        """
        SELECT order_id AS order_pk, line_id, supply_price_fen, markup_fen, fee_rate_bp,
            service_fee_fen, agreement_price_fen
        FROM orders_line
        WHERE agreement_price_fen <> supply_price_fen + markup_fen + service_fee_fen
            OR service_fee_fen <>
                ((supply_price_fen + markup_fen) * fee_rate_bp * 2 + 10000) / 20000
        """,
        "orders_line",
    ),
    Check(
        "open_amounts_are_what_the_ledger_says",
        "I4",
        _("What an order holds open is what went into open orders for it, less what left."),
        f"""
        WITH ledger AS (
            SELECT order_no, sum(CASE WHEN credit_id = {ORDERS_OPEN}
                THEN amount_fen ELSE -amount_fen END) AS fen
            FROM ledger_transfer WHERE {ORDERS_OPEN} IN (debit_id, credit_id) GROUP BY order_no)
        SELECT coalesce(placed.order_no, ledger.order_no) AS order_no, placed.open_fen,
            ledger.fen AS ledger_fen
        FROM orders_order placed FULL JOIN ledger ON ledger.order_no = placed.order_no
        WHERE placed.open_fen IS DISTINCT FROM ledger.fen
        """,
        "orders_order",
    ),
    Check(
        "lines_earn_what_was_received",
        "I4",
        _(
            "For every line, supply price, fee and markup have been earned for the pieces received,"
            " and no others."
        ),
        f"""
        WITH {_EARNED}, due AS (
            SELECT placed.order_no, line.line_id, line.received,
                line.received * line.supply_price_fen AS supply_fen,
                line.received * line.service_fee_fen AS fee_fen,
                line.received * line.markup_fen AS markup_fen
            FROM orders_line line JOIN orders_order placed ON placed.id = line.order_id
            WHERE line.received > 0)
        SELECT coalesce(due.order_no, earned.order_no) AS order_no,
            coalesce(due.line_id, earned.line_id) AS line_id, due.received,
            due.supply_fen AS supply_due_fen, earned.supply_fen, due.fee_fen AS fee_due_fen,
            earned.fee_fen, due.markup_fen AS markup_due_fen, earned.markup_fen
        FROM due FULL JOIN earned
            ON (earned.order_no, earned.line_id) = (due.order_no, due.line_id)
        WHERE (due.supply_fen, due.fee_fen, due.markup_fen)
            IS DISTINCT FROM (earned.supply_fen, earned.fee_fen, earned.markup_fen)
        """,
        "orders_line WHERE received > 0",
    ),
    Check(
        "open_amounts_are_what_is_left_to_receive",
        "I4",
        _(
            "What an order holds open is the price of the pieces that have not come to their end,"
            " and the freight that was neither earned nor given back."
        ),
        """
        WITH goods AS (
            SELECT order_id, sum(agreement_price_fen
                * (quantity - cancelled - received - written_off)) AS fen
            FROM orders_line GROUP BY order_id),
        freight AS (
            SELECT order_id, sum(freight_fen - freight_refunded_fen)
                FILTER (WHERE freight_earned_at IS NULL) AS fen
            FROM orders_fulfilment GROUP BY order_id)
        SELECT placed.order_no, placed.open_fen, goods.fen AS goods_left_fen,
            coalesce(freight.fen, 0) AS freight_left_fen
        FROM orders_order placed JOIN goods ON goods.order_id = placed.id
        JOIN freight ON freight.order_id = placed.id
        WHERE placed.open_fen <> goods.fen + coalesce(freight.fen, 0)
        """,
        "orders_order",
    ),
    Check(
        "freight_is_earned_once",
        "I4",
        _(
            "The freight of a part is earned once, by whoever shipped it, but for what of it was"
            " given back before."
        ),
        f"""
        WITH earned AS (
            SELECT reference, coalesce(account.holder, 0) AS source, count(*) AS times,
                sum(amount_fen) AS fen
            FROM ledger_transfer transfer JOIN ledger_account account
                ON account.id = transfer.credit_id
            WHERE debit_id = {ORDERS_OPEN} AND line_id = '' AND account.kind <> 'deposit'
            GROUP BY reference, coalesce(account.holder, 0)),
        due AS (
            SELECT placed.order_no || '/' || part.id AS reference,
                coalesce(part.supplier_id, 0) AS source, part.freight_fen,
                part.freight_refunded_fen, part.freight_earned_at
            FROM orders_fulfilment part JOIN orders_order placed ON placed.id = part.order_id
            WHERE part.freight_earned_at IS NOT NULL AND part.freight_fen > 0)
        SELECT coalesce(due.reference, earned.reference) AS reference,
            nullif(coalesce(due.source, earned.source), 0) AS supplier_pk, due.freight_fen,
            due.freight_refunded_fen, due.freight_earned_at, earned.times, earned.fen AS earned_fen
        FROM due FULL JOIN earned
            ON (earned.reference, earned.source) = (due.reference, due.source)
        WHERE due.reference IS NULL OR coalesce(earned.times, 0) > 1
            OR coalesce(earned.fen, 0)
                NOT BETWEEN due.freight_fen - due.freight_refunded_fen AND due.freight_fen
        """,
        "orders_fulfilment WHERE freight_earned_at IS NOT NULL",
    ),
    Check(
        "freight_is_earned_with_the_first_piece",
        "I4",
        _(
            "Freight has been earned for exactly those parts of which something was received, or"
            " everything was sent in vain."
        ),
        """
        SELECT part.order_id AS order_pk, part.id AS fulfilment_pk, part.freight_earned_at
        FROM orders_fulfilment part JOIN orders_line line ON line.fulfilment_id = part.id
        GROUP BY part.id
        HAVING (part.freight_earned_at IS NOT NULL) <> (sum(line.received) > 0
            OR (sum(line.shipped) > 0 AND bool_and(line.cancelled + line.written_off = line.quantity)))
        """,
        "orders_fulfilment",
    ),
    Check(
        "what_is_earned_waits_for_its_window",
        "I4",
        _(
            "What suppliers have earned waits while the after-sale window is open, and is payable"
            " once the order is completed."
        ),
        """
        WITH waiting AS (
            SELECT transfer.order_no, transfer.line_id, account.holder,
                sum(CASE WHEN transfer.credit_id = account.id THEN amount_fen
                    ELSE -amount_fen END) AS fen
            FROM ledger_account account JOIN ledger_transfer transfer
                ON account.id IN (transfer.debit_id, transfer.credit_id)
            WHERE account.kind = 'earned'
            GROUP BY transfer.order_no, transfer.line_id, account.holder),
        due AS (
            SELECT placed.order_no, line.line_id, part.supplier_id AS holder,
                line.received * line.supply_price_fen AS fen
            FROM orders_line line JOIN orders_order placed ON placed.id = line.order_id
            JOIN orders_fulfilment part ON part.id = line.fulfilment_id
            WHERE line.aftersale_days > 0 AND line.received > 0 AND line.supply_price_fen > 0
                AND part.supplier_id IS NOT NULL AND placed.completed_at IS NULL)
        SELECT coalesce(due.order_no, waiting.order_no) AS order_no,
            coalesce(due.line_id, waiting.line_id) AS line_id,
            coalesce(due.holder, waiting.holder) AS supplier_pk, due.fen AS due_fen,
            waiting.fen AS waiting_fen
        FROM due FULL JOIN waiting ON (waiting.order_no, waiting.line_id, waiting.holder)
            = (due.order_no, due.line_id, due.holder)
        LEFT JOIN orders_order placed ON placed.order_no = waiting.order_no
        WHERE coalesce(waiting.fen, 0) <> coalesce(due.fen, 0)
            AND (waiting.line_id IS DISTINCT FROM '' OR placed.completed_at IS NOT NULL
                OR waiting.fen < 0)
        """,
        "ledger_account WHERE kind = 'earned'",
    ),
    Check(
        "orders_give_back_no_more_than_they_took",
        "I5",
        _("By the ledger alone, no order gave more back to the deposit than it was charged."),
        """
        WITH moved AS (
            SELECT transfer.order_no,
                sum(amount_fen) FILTER (WHERE debit.kind = 'deposit') AS charged_fen,
                sum(amount_fen) FILTER (WHERE credit.kind = 'deposit') AS back_fen
            FROM ledger_transfer transfer
            JOIN ledger_account debit ON debit.id = transfer.debit_id
            JOIN ledger_account credit ON credit.id = transfer.credit_id
            WHERE transfer.order_no <> '' GROUP BY transfer.order_no)
        SELECT order_no, charged_fen, back_fen FROM moved
        WHERE back_fen > coalesce(charged_fen, 0)
        """,
        "orders_order",
    ),
    Check(
        "line_counters_make_sense",
        "I5",
        _("No line cancels, ships, receives or refunds more than there is."),
        """
        SELECT order_id AS order_pk, line_id, quantity, cancelled, frozen, shipped, received,
            written_off, in_case, returned, refunded, refunded_fen, restocked
        FROM orders_line
        WHERE cancelled + frozen + shipped > quantity OR received + written_off > shipped
            OR returned > shipped OR in_case + refunded - cancelled > shipped
            OR refunded - cancelled NOT BETWEEN written_off AND received + written_off
            OR refunded > quantity OR refunded_fen > agreement_price_fen * quantity
            OR restocked > quantity OR least(cancelled, frozen, shipped, received, written_off,
                in_case, returned, refunded, refunded_fen, restocked) < 0
        """,
        "orders_line",
    ),
    Check(
        "line_counters_are_what_parcels_hold",
        "I5",
        _("What a line counts as shipped, received and written off is what its parcels hold."),
        """
        WITH parcel AS (
            SELECT held.line_id, sum(held.quantity) AS shipped, sum(held.received) AS received,
                sum(held.written_off) AS written_off
            FROM orders_shipmentline held JOIN orders_shipment shipment
                ON shipment.id = held.shipment_id AND shipment.state <> 'voided'
            GROUP BY held.line_id)
        SELECT line.order_id AS order_pk, line.line_id, line.shipped,
            parcel.shipped AS in_parcels, line.received, parcel.received AS received_of_parcels,
            line.written_off, parcel.written_off AS written_off_of_parcels
        FROM orders_line line LEFT JOIN parcel ON parcel.line_id = line.id
        WHERE (line.shipped, line.received, line.written_off) <> (coalesce(parcel.shipped, 0),
            coalesce(parcel.received, 0), coalesce(parcel.written_off, 0))
        """,
        "orders_line",
    ),
    Check(
        "orders_are_once_per_number",
        "I7",
        _("No two orders share a number, and no distributor's number is placed twice."),
        """
        SELECT order_no, NULL AS distributor_pk, count(*) AS orders
        FROM orders_order GROUP BY order_no HAVING count(*) > 1
        UNION ALL
        SELECT out_order_no, distributor_id, count(*)
        FROM orders_order GROUP BY out_order_no, distributor_id HAVING count(*) > 1
        """,
        "orders_order",
    ),
    Check(
        "parts_ship_what_their_source_owns",
        "I12",
        _("Every line lies in a part of its own order, served by whom its product belongs to."),
        """
        SELECT line.id AS line_pk, line.order_id, part.order_id AS part_of_order_id,
            part.supplier_id AS served_by, product.supplier_id AS owned_by
        FROM orders_line line JOIN orders_fulfilment part ON part.id = line.fulfilment_id
        JOIN supplychain_sku sku ON sku.id = line.sku_id
        JOIN supplychain_product product ON product.id = sku.product_id
        WHERE part.order_id <> line.order_id
            OR part.supplier_id IS DISTINCT FROM product.supplier_id
        """,
        "orders_line",
    ),
    Check(
        "orders_are_whole",
        "I11",
        _("Every order has lines, a consignee and hashes of its content: it was accepted whole."),
        """
        SELECT placed.order_no, octet_length(placed.lines_hash) AS lines_hash_bytes,
            consignee.order_id IS NOT NULL AS has_consignee
        FROM orders_order placed LEFT JOIN orders_consignee consignee
            ON consignee.order_id = placed.id
        WHERE consignee.order_id IS NULL
            OR placed.id NOT IN (SELECT order_id FROM orders_line)
            OR octet_length(placed.lines_hash) <> 16
            OR octet_length(placed.consignee_hash) <> 16 OR octet_length(placed.remark_hash) <> 16
        """,
        "orders_order",
    ),
)
