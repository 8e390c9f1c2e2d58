"""States: drawn, told by history, and what their parts make of them."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check
from orders import header

# On its way to somebody, or not yet known to be: its part cannot be closed.
_UNDER_WAY = "('in_transit', 'delivered', 'exception', 'returning')"

# What the lines and parcels of a part make of its state.
_PART_STATE = """
CASE
    WHEN sum(line.quantity - line.cancelled) = 0 THEN 'cancelled'
    WHEN sum(line.shipped) = 0 THEN 'awaiting_shipment'
    WHEN bool_or(line.shipped + line.cancelled < line.quantity) THEN 'partly_shipped'
    WHEN part.id IN (SELECT fulfilment_id FROM under_way) THEN 'shipped'
    ELSE 'closed'
END
"""

CHECKS = (
    Check(
        "order_states_are_what_their_lines_say",
        "I8",
        _("The state of every order is the one computed from its lines and parts."),
        f"""
        WITH sums AS ({header.SUMS_SQL.format(orders="true")}),
        computed AS (
            SELECT orders_order.order_no, orders_order.state, {header.STATE_SQL} AS computed,
                orders_order.received_at, orders_order.completed_at, orders_order.aftersale_until,
                sums.received > 0 AND sums.received + sums.written_off >= sums.wanted AS is_received
            FROM orders_order JOIN sums ON sums.order_id = orders_order.id)
        SELECT * FROM computed WHERE state <> computed OR (received_at IS NOT NULL) <> is_received
            OR (received_at IS NULL AND (completed_at IS NOT NULL OR aftersale_until IS NOT NULL))
        """,
        "orders_order",
    ),
    Check(
        "part_states_are_what_their_lines_say",
        "I8",
        _("The state of every part is the one that its lines and parcels make."),
        f"""
        WITH under_way AS (
            SELECT fulfilment_id FROM orders_shipment WHERE state IN {_UNDER_WAY}),
        computed AS (
            SELECT part.id, part.order_id, part.state, {_PART_STATE} AS computed
            FROM orders_fulfilment part JOIN orders_line line ON line.fulfilment_id = part.id
            GROUP BY part.id)
        SELECT order_id AS order_pk, id AS fulfilment_pk, state, computed
        FROM computed WHERE state <> computed
        """,
        "orders_fulfilment",
    ),
    Check(
        "parcels_are_received_to_the_last_piece",
        "I8",
        _(
            "A parcel is received if every piece in it was received or refunded on the way; until"
            " then it is on its way, or in trouble."
        ),
        """
        SELECT shipment.carrier_code, shipment.tracking_no, shipment.state, shipment.received_at,
            sum(held.quantity) AS pieces, sum(held.received) AS received,
            sum(held.written_off) AS written_off
        FROM orders_shipment shipment LEFT JOIN orders_shipmentline held
            ON held.shipment_id = shipment.id
        GROUP BY shipment.id
        HAVING (shipment.state = 'received') <> (shipment.received_at IS NOT NULL)
            OR (shipment.state IN ('in_transit', 'delivered', 'exception', 'received')
                AND (shipment.state = 'received') <> coalesce(
                    sum(held.quantity) = sum(held.received + held.written_off), false))
            OR (shipment.state = 'voided' AND sum(held.received + held.written_off) > 0)
        """,
        "orders_shipment",
    ),
    Check(
        "parcels_ended_where_their_state_says",
        "I8",
        _(
            "A parcel has an end if it came back, is lost or was voided, and a signature if delivered."
        ),
        """
        SELECT carrier_code, tracking_no, state, delivered_at, ended_at FROM orders_shipment
        WHERE (ended_at IS NOT NULL) <> (state IN ('returned', 'lost', 'voided'))
            OR (state = 'delivered' AND delivered_at IS NULL)
        """,
        "orders_shipment",
    ),
    Check(
        "voided_parcels_were_never_seen",
        "I8",
        _("No parcel was voided that its carrier had scanned under its number."),
        """
        SELECT shipment.carrier_code, shipment.tracking_no, shipment.ended_at, scan.scanned_at
        FROM orders_shipment shipment JOIN orders_scan scan ON scan.shipment_id = shipment.id
            AND (scan.carrier_code, scan.tracking_no)
                = (shipment.carrier_code, shipment.tracking_no)
        WHERE shipment.state = 'voided' AND shipment.scanned_at IS NOT NULL
        """,
        "orders_shipment WHERE state = 'voided'",
    ),
    Check(
        "order_history_is_a_path",
        "I8",
        _("The history of every order is a path of steps that may be taken, up to its state now."),
        """
        WITH step AS (
            SELECT order_id, id, from_state, to_state,
                lag(to_state, 1, '') OVER path AS before,
                lead(id) OVER path IS NULL AS last
            FROM orders_history WHERE subject = 'order' AND to_state <> ''
            WINDOW path AS (PARTITION BY order_id ORDER BY id))
        SELECT placed.order_no, placed.state, step.id AS history_id, step.before, step.from_state,
            step.to_state
        FROM orders_order placed LEFT JOIN step ON step.order_id = placed.id
        WHERE step.id IS NULL OR step.from_state <> step.before
            OR step.from_state || ':' || step.to_state <> ALL (%(order_steps)s)
            OR (step.last AND step.to_state <> placed.state)
        """,
        "orders_history WHERE subject = 'order'",
    ),
    Check(
        "parcel_history_is_a_path",
        "I8",
        _(
            "The history of every parcel is a path of drawn steps, up to its state now; a corrected"
            " number ends one path and begins another."
        ),
        """
        WITH step AS (
            SELECT order_id, subject, id, from_state, to_state,
                nullif(lag(to_state, 1, '') OVER path, 'voided') AS before,
                lead(id) OVER path IS NULL AS last
            FROM orders_history WHERE starts_with(subject, 'shipment ')
                AND from_state || to_state <> ''
            WINDOW path AS (PARTITION BY order_id, subject ORDER BY id)),
        parcel AS (
            SELECT part.order_id, shipment.state,
                'shipment ' || shipment.carrier_code || ' ' || shipment.tracking_no AS subject
            FROM orders_shipment shipment
            JOIN orders_fulfilment part ON part.id = shipment.fulfilment_id
            WHERE shipment.state <> 'voided')
        SELECT parcel.order_id AS order_pk, parcel.subject, parcel.state, step.id AS history_id,
            step.before, step.from_state, step.to_state
        FROM parcel LEFT JOIN step
            ON (step.order_id, step.subject) = (parcel.order_id, parcel.subject)
        WHERE step.id IS NULL OR step.from_state <> coalesce(step.before, '')
            OR step.from_state || ':' || step.to_state <> ALL (%(parcel_steps)s)
            OR (step.last AND step.to_state <> parcel.state)
        """,
        "orders_shipment",
    ),
)
