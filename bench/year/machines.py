"""What shops were told in the last weeks, and how it was delivered."""

from bench.year.rows import Year

EVENT_DAYS = 90


def fill(year: Year) -> None:
    """Write events of the last weeks, and how they were delivered."""
    recent = f"made WHERE placed_at > %(at)s - interval '{EVENT_DAYS} days'"
    year.write(
        "integration_endpoint",
        "distributors_distributor shop",
        partner_id="shop.partner_id",
        url="'https://shop.example.com/callbacks'",
        types="'{}'",
        state="'live'",
    )
    year.write(
        "integration_event",
        f"(SELECT made.*, shop.partner_id, row_number() OVER (PARTITION BY partner_id"
        f" ORDER BY made.id) AS seq FROM ({'SELECT * FROM ' + recent}) AS made"
        " JOIN distributors_distributor shop ON shop.id = made.distributor_id) AS made ORDER BY id",
        id="id",
        partner_id="partner_id",
        seq="seq",
        type="'order.placed'",
        object_no="'P' || lpad(id::text, 10, '0')",
        object_version="1",
        occurred_at="placed_at",
    )
    year.run(
        "UPDATE integration_partner partner SET last_seq = counted.seq FROM (SELECT partner_id,"
        " max(seq) AS seq FROM integration_event GROUP BY 1) AS counted"
        " WHERE partner.id = counted.partner_id"
    )
    year.write(
        "integration_delivery",
        "integration_event event JOIN integration_endpoint endpoint USING (partner_id)",
        endpoint_id="endpoint.id",
        event_id="event.id",
        state="'delivered'",
        tries="1",
        due_at="event.occurred_at",
        delivered_at="event.occurred_at",
        status="200",
    )
