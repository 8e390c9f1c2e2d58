"""Events: numbered without a gap, and told once, to the right partner, without consumer data."""

from django.utils.translation import gettext_lazy as _

from books.invariants.check import Check

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
