"""What went otherwise: cancellations, cases, claims, holds, refusals."""

from bench.year.rows import Year


def fill(year: Year) -> None:
    """Write cancellations, cases and claims, most of them ended; holds and refusals."""
    year.write(
        "orders_cancellation",
        "made WHERE is_cancelled",
        id="id",
        cancellation_no="'C' || id",
        fulfilment_id="id",
        asker="'distributor'",
        state="'granted'",
        reason="'changed_mind'",
        refunded_fen="5250 * quantity",
        requested_at="placed_at",
    )
    year.write(
        "orders_cancellationline",
        "made WHERE is_cancelled",
        cancellation_id="id",
        line_id="id",
        quantity="quantity",
    )
    ended = "id %% 1000 <> 7"
    year.write(
        "aftersales_case",
        "made WHERE is_received AND id %% 40 = 7",
        id="id",
        case_no="'A' || id",
        distributor_id="distributor_id",
        order_id="id",
        line_id="id",
        type="'refund_only'",
        quantity="1",
        state=f"CASE WHEN {ended} THEN 'withdrawn' ELSE 'applied' END",
        version="1",
        opener="'distributor'",
        reason="'damaged'",
        applied_at="shipped_at",
        due_at=f"CASE WHEN {ended} THEN NULL ELSE %(at)s + interval '1 hour' END",
        ended_at=f"CASE WHEN {ended} THEN shipped_at END",
    )
    year.write(
        "aftersales_claim",
        "made WHERE is_received AND id %% 80 = 9",
        id="id",
        claim_no="'W' || id",
        distributor_id="distributor_id",
        order_id="id",
        line_id="id",
        type="'refund'",
        quantity="1",
        state="'applied'",
        version="1",
        reason="'damaged'",
        goodwill="CASE WHEN id %% 800 = 9 THEN 'asked' ELSE 'none' END",
        applied_at="shipped_at",
    )
    year.write(
        "orders_hold",
        "made WHERE id %% 20 = 5",
        id="id",
        hold_id="'H' || id",
        distributor_id="distributor_id",
        out_order_no="'H' || id",
        kind="'consumer'",
        reserved_fen="5250 * quantity",
        state="'lapsed'",
        sources="'[]'",
        total_fen="5250 * quantity",
        goods_fen="5250 * quantity",
        province="'广东省'",
        city="'深圳市'",
        actor="'key:bench'",
        held_at="placed_at",
        expires_at="placed_at",
        ended_at="placed_at",
    )
    year.write(
        "orders_holdline",
        "made WHERE id %% 20 = 5",
        hold_id="id",
        sku_id="sku_id",
        line_id="'1'",
        sku_no="sku_no",
        quantity="quantity",
        supply_price_fen="5000",
        fee_rate_bp="500",
        service_fee_fen="250",
        agreement_price_fen="5250",
    )
    year.write(
        "orders_refusal",
        "made WHERE id %% 30 = 11 ORDER BY id",
        distributor_id="distributor_id",
        out_order_no="'R' || id",
        code="'stock_insufficient'",
        causes="'[]'",
        actor="'key:bench'",
        refused_at="placed_at",
    )
