"""The facts that figures are made of, as one piece of SQL: by day, for everybody and everything.

Rolling up writes what it returns; the dashboard reads by the same SQL what is not rolled up yet. Its
parameters bound what is read: `since` and `until` are moments, `from_pk` is a key below which no
transfer of that time lies, `zone` cuts the days.
"""

MEASURES = (
    "orders",
    "units",
    "sales_fen",
    "freight_fen",
    "supply_fen",
    "fee_fen",
    "markups_fen",
    "refunds_fen",
    "fees_earned_fen",
    "margins_earned_fen",
    "recharged_fen",
    "withdrawn_fen",
    "deposit_change_fen",
    "parcels",
    "late_parcels",
    "shipping_seconds",
)
SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in MEASURES)

_SOURCES = """
placed AS MATERIALIZED (
    SELECT id, distributor_id, freight_fen, (placed_at AT TIME ZONE %(zone)s)::date AS day
    FROM orders_order WHERE placed_at >= %(since)s AND placed_at < %(until)s),
part AS MATERIALIZED (
    SELECT part.id, part.order_id, coalesce(part.supplier_id, 0) AS supplier_pk, part.freight_fen,
        placed.day, placed.distributor_id
    FROM placed JOIN orders_fulfilment part ON part.order_id = placed.id),
sold AS MATERIALIZED (
    SELECT part.day, part.order_id, part.distributor_id, part.supplier_pk, sku.product_id,
        line.quantity, line.quantity * line.agreement_price_fen AS sales_fen,
        line.quantity * line.supply_price_fen AS supply_fen,
        line.quantity * line.service_fee_fen AS fee_fen,
        line.quantity * line.markup_fen AS markups_fen
    FROM part JOIN orders_line line ON line.fulfilment_id = part.id
    JOIN supplychain_sku sku ON sku.id = line.sku_id),
posted AS MATERIALIZED (
    SELECT (transfer.posted_at AT TIME ZONE %(zone)s)::date AS day, transfer.distributor_pk,
        transfer.sku_no, transfer.supplier_pk,
        CASE WHEN reverses_id IS NULL THEN debit.kind ELSE credit.kind END AS source,
        CASE WHEN reverses_id IS NULL THEN credit.kind ELSE debit.kind END AS target,
        sum(CASE WHEN reverses_id IS NULL THEN amount_fen ELSE -amount_fen END) AS fen
    FROM ledger_transfer transfer
    JOIN ledger_account debit ON debit.id = transfer.debit_id
    JOIN ledger_account credit ON credit.id = transfer.credit_id
    WHERE transfer.id >= %(from_pk)s
        AND transfer.posted_at >= %(since)s AND transfer.posted_at < %(until)s
        AND ('deposit' IN (debit.kind, credit.kind)
            OR credit.kind IN ('service_fees', 'platform_margin')
            OR debit.kind IN ('service_fees', 'platform_margin'))
    GROUP BY 1, 2, 3, 4, 5, 6),
moved AS MATERIALIZED (
    SELECT posted.*, sku.product_id, coalesce(product.supplier_id, posted.supplier_pk, 0) AS source_pk,
        target = 'deposit' AND source <> 'bank' AS is_refund
    FROM posted LEFT JOIN supplychain_sku sku ON sku.sku_no = posted.sku_no
    LEFT JOIN supplychain_product product ON product.id = sku.product_id),
sent AS MATERIALIZED (
    SELECT (parcel.shipped_at AT TIME ZONE %(zone)s)::date AS day, whole.distributor_id,
        coalesce(part.supplier_id, 0) AS supplier_pk,
        (parcel.shipped_at > part.ship_due_at)::int AS late,
        greatest(extract(epoch FROM parcel.shipped_at - whole.placed_at), 0) AS seconds
    FROM orders_shipment parcel JOIN orders_fulfilment part ON part.id = parcel.fulfilment_id
    JOIN orders_order whole ON whole.id = part.order_id
    WHERE parcel.shipped_at >= %(since)s AND parcel.shipped_at < %(until)s
        AND parcel.state <> 'voided')
"""
_SOLD = {
    "units": "sum(quantity)",
    "sales_fen": "sum(sales_fen)",
    "supply_fen": "sum(supply_fen)",
    "fee_fen": "sum(fee_fen)",
    "markups_fen": "sum(markups_fen)",
}
_SENT = {"parcels": "count(*)", "late_parcels": "sum(late)", "shipping_seconds": "sum(seconds)"}


def _into(account: str) -> str:
    """What came into an account, less what refunds took out of it."""
    return (
        f"coalesce(sum(fen) FILTER (WHERE target = '{account}'), 0)"
        f" - coalesce(sum(fen) FILTER (WHERE source = '{account}' AND target = 'deposit'), 0)"
    )


_REFUNDS = "coalesce(sum(fen) FILTER (WHERE is_refund), 0)"
_MOVED = {
    "refunds_fen": _REFUNDS,
    "fees_earned_fen": _into("service_fees"),
    "margins_earned_fen": _into("platform_margin"),
    "recharged_fen": "coalesce(sum(fen) FILTER (WHERE source = 'bank'), 0)",
    "withdrawn_fen": "coalesce(sum(fen) FILTER (WHERE target = 'bank'), 0)",
    "deposit_change_fen": (
        "coalesce(sum(fen) FILTER (WHERE target = 'deposit'), 0)"
        " - coalesce(sum(fen) FILTER (WHERE source = 'deposit'), 0)"
    ),
}


def _arm(subject: str, key: str, source: str, measures: dict[str, str]) -> str:
    """Return what one source says of a kind of subject; what it does not speak of is 0."""
    columns = ", ".join(measures.get(name, "0") for name in MEASURES)
    return f"SELECT day, '{subject}', {key}, {columns} FROM {source} GROUP BY day, {key}"


_ARMS = (
    _arm(
        "distributor",
        "distributor_id",
        "placed",
        {"orders": "count(*)", "freight_fen": "sum(freight_fen)"},
    ),
    _arm("distributor", "distributor_id", "sold", _SOLD),
    _arm("distributor", "distributor_pk", "moved WHERE distributor_pk IS NOT NULL", _MOVED),
    _arm("distributor", "distributor_id", "sent", _SENT),
    _arm(
        "supplier",
        "supplier_pk",
        "part",
        {"orders": "count(*)", "freight_fen": "sum(freight_fen)"},
    ),
    _arm("supplier", "supplier_pk", "sold", _SOLD),
    # Cancelled goods come out of open orders and name no source: their sku does.
    _arm(
        "supplier", "source_pk", "moved WHERE is_refund AND sku_no <> ''", {"refunds_fen": _REFUNDS}
    ),
    _arm("supplier", "supplier_pk", "sent", _SENT),
    _arm("product", "product_id", "sold", {"orders": "count(DISTINCT order_id)", **_SOLD}),
    _arm(
        "product",
        "product_id",
        "moved WHERE is_refund AND product_id IS NOT NULL",
        {"refunds_fen": _REFUNDS},
    ),
)

# Ends in `figure (day, subject, subject_pk, …)`. The platform is all its distributors.
FIGURES = f"""
{_SOURCES},
fact (day, subject, subject_pk, {", ".join(MEASURES)}) AS (
    {" UNION ALL ".join(_ARMS)}),
single AS MATERIALIZED (
    SELECT day, subject, subject_pk, {SUMS} FROM fact GROUP BY day, subject, subject_pk),
figure AS MATERIALIZED (
    SELECT * FROM single
    UNION ALL SELECT day, 'platform', 0, {SUMS} FROM single WHERE subject = 'distributor' GROUP BY day)
"""
