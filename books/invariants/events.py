"""Events: numbered without a gap, and told once, to the right partner, without consumer data."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check
from orders.telling import TOLD

# The states of an order whose reaching is told.
_MOVES = "(" + ", ".join(f"'{state.value}'" for state in TOLD) + ")"

# The newest event of stock of every partner.
_LAST_TOLD = """
WITH told AS (
    SELECT DISTINCT ON (partner_id) partner_id, seq, data FROM integration_event
    WHERE type = 'stock.changed' ORDER BY partner_id, id DESC)
"""

CHECKS = (
    Check(
        "events_are_numbered_without_a_gap",
        "I10",
        _("The events of every partner are numbered without a gap up to its last number."),
        """
        WITH told AS (
            SELECT partner_id, min(seq) AS first, max(seq) AS last, count(seq) AS events,
                sum(seq) AS numbers_sum
            FROM integration_event WHERE seq IS NOT NULL GROUP BY partner_id)
        SELECT partner.id AS partner_pk, partner.last_seq, told.first, told.last, told.events
        FROM told JOIN integration_partner partner ON partner.id = told.partner_id
        WHERE told.last <> partner.last_seq OR told.last - told.first + 1 <> told.events
            OR told.numbers_sum * 2 <> (told.first + told.last) * told.events
        """,
        "integration_event WHERE seq IS NOT NULL",
    ),
    Check(
        "orders_are_told_once",
        "I10",
        _("Every order that is young enough has exactly one event that it was placed."),
        """
        WITH told AS (SELECT object_no, count(*) AS events, min(partner_id) AS partner_id
            FROM integration_event WHERE type = 'order.placed' GROUP BY object_no),
        young AS (SELECT placed.order_no, distributor.partner_id
            FROM orders_order placed
            JOIN distributors_distributor distributor ON distributor.id = placed.distributor_id
            WHERE placed.placed_at > %(events_kept_since)s)
        SELECT young.order_no, coalesce(told.events, 0) AS events, told.partner_id AS told_to,
            young.partner_id AS to_be_told
        FROM young LEFT JOIN told ON told.object_no = young.order_no
        WHERE (told.events, told.partner_id) IS DISTINCT FROM (1, young.partner_id)
        """,
        "orders_order WHERE placed_at > %(events_kept_since)s",
    ),
    Check(
        "moves_of_orders_are_told_once",
        "I10",
        _("Every move of an order that is to be told has exactly one event, for its moment."),
        f"""
        WITH moved AS (
            SELECT placed.order_no, 'order.' || step.to_state AS type, count(*) AS moves
            FROM orders_history step JOIN orders_order placed ON placed.id = step.order_id
            WHERE step.subject = 'order' AND step.at > %(events_kept_since)s
                AND step.to_state IN {_MOVES} AND step.to_state <> step.from_state
            GROUP BY placed.order_no, step.to_state),
        told AS (
            SELECT object_no, type, count(*) AS events FROM integration_event
            WHERE type IN (SELECT 'order.' || state FROM unnest(ARRAY[{_MOVES[1:-1]}]) AS state)
                AND occurred_at > %(events_kept_since)s
            GROUP BY object_no, type)
        SELECT coalesce(moved.order_no, told.object_no) AS order_no,
            coalesce(moved.type, told.type) AS type, moved.moves, told.events
        FROM moved FULL JOIN told ON (told.object_no, told.type) = (moved.order_no, moved.type)
        WHERE moved.moves IS DISTINCT FROM told.events
        """,
        f"orders_history WHERE subject = 'order' AND to_state IN {_MOVES}",
    ),
    Check(
        "parcels_are_told_once",
        "I10",
        _(
            "Every parcel of an order that is young enough has exactly one event that it was shipped."
        ),
        """
        WITH told AS (
            SELECT object_no, count(*) AS events, min(partner_id) AS partner_id
            FROM integration_event WHERE type = 'shipment.created' GROUP BY object_no)
        SELECT placed.order_no, shipment.carrier_code, shipment.tracking_no, told.events,
            told.partner_id AS told_to, distributor.partner_id AS to_be_told
        FROM orders_shipment shipment
        JOIN orders_fulfilment part ON part.id = shipment.fulfilment_id
        JOIN orders_order placed ON placed.id = part.order_id
        JOIN distributors_distributor distributor ON distributor.id = placed.distributor_id
        LEFT JOIN told ON told.object_no = placed.order_no || '/' || shipment.id
        WHERE shipment.shipped_at > %(events_kept_since)s
            AND (told.events, told.partner_id) IS DISTINCT FROM (1, distributor.partner_id)
        """,
        "orders_shipment WHERE shipped_at > %(events_kept_since)s",
    ),
    Check(
        "order_events_go_to_who_ordered",
        "I12",
        _("Events about an order go to the distributor that placed it, and to no other."),
        """
        SELECT event.id, event.type, event.object_no, event.partner_id AS told_to,
            distributor.partner_id AS ordered_by
        FROM integration_event event LEFT JOIN orders_order placed
            ON placed.order_no = event.object_no
        LEFT JOIN distributors_distributor distributor ON distributor.id = placed.distributor_id
        WHERE event.type LIKE 'order.%%'
            AND event.partner_id IS DISTINCT FROM distributor.partner_id
        """,
        "integration_event WHERE type LIKE 'order.%%'",
    ),
    Check(
        "deliveries_are_of_their_partners_events",
        "I12",
        _("What an endpoint is called with are events of its own partner, and of no other."),
        """
        SELECT delivery.id AS delivery_pk, event.id AS event_pk, event.type,
            event.partner_id AS told_of, endpoint.partner_id AS told_to
        FROM integration_delivery delivery
        JOIN integration_event event ON event.id = delivery.event_id
        JOIN integration_endpoint endpoint ON endpoint.id = delivery.endpoint_id
        WHERE event.partner_id <> endpoint.partner_id
        """,
        "integration_delivery",
    ),
    Check(
        "deliveries_stay_behind_the_last_number",
        "I10",
        _("No endpoint is called with an event that has no number yet, or one beyond the last."),
        """
        SELECT delivery.id AS delivery_pk, delivery.state, event.id AS event_pk, event.seq,
            partner.last_seq
        FROM integration_delivery delivery
        JOIN integration_event event ON event.id = delivery.event_id
        JOIN integration_partner partner ON partner.id = event.partner_id
        WHERE event.seq IS NULL OR event.seq > partner.last_seq
        """,
        "integration_delivery",
    ),
    Check(
        "stock_is_told_as_it_was",
        "I6",
        _(
            "The stock that a partner was last told is none of a version to come, and in the version"
            " that it has now it is what there is."
        ),
        f"""
        {_LAST_TOLD}
        SELECT told.partner_id AS partner_pk, told.seq, sku.sku_no,
            (item ->> 'stock_version')::bigint AS version_told,
            stock.version + coalesce(allotment.version, 0) AS version,
            (item ->> 'available')::bigint AS available_told, stock.available
        FROM told
        CROSS JOIN LATERAL jsonb_array_elements(told.data -> 'items') AS item
        JOIN distributors_distributor distributor ON distributor.partner_id = told.partner_id
        JOIN supplychain_sku sku ON sku.sku_no = item ->> 'sku_no'
        JOIN supplychain_stock stock ON stock.sku_id = sku.id
        LEFT JOIN supplychain_allotment allotment
            ON allotment.sku_id = sku.id AND allotment.distributor_id = distributor.id
        WHERE (item ->> 'stock_version')::bigint > stock.version + coalesce(allotment.version, 0)
            OR (allotment.id IS NULL AND (item ->> 'stock_version')::bigint = stock.version
                AND (item ->> 'available')::bigint <> stock.available)
        """,
        "integration_event WHERE type = 'stock.changed'",
    ),
    Check(
        "events_carry_no_consumer",
        "I12",
        _("No event carries the name, phone or address of a consumer."),
        """
        SELECT id, type, object_no FROM integration_event
        WHERE data ?| ARRAY['consignee', 'phone', 'address']
            OR previous ?| ARRAY['consignee', 'phone', 'address']
        """,
        "integration_event",
    ),
)
