"""Examples of statements and reconciliations; see `examples`."""

from api.examples import ORDER_NO, OUT_ORDER_NO, Example

DATE = "2026-11-21"
RECONCILIATION_ID = "RC261122-5N8R2VD7K1ZW"

STATEMENT_ROW: Example = {
    "date": DATE,
    "opening_fen": 0,
    "credited_fen": 500000,
    "debited_fen": 10500,
    "closing_fen": 489500,
    "transfers": 2,
    "csv_sha256": "c0f2f4f8a5a2c8d5d0e4a4f0f9f6f7b3b1d3f7a2c4e6081a3c5e7092b4d6f80a",
    "json_sha256": "8a1e5c3b7d9f0246a8ce13579bdf02468ace13579bdf02468ace13579bdf0246",
}
STATEMENT_PAGE: Example = {"items": [STATEMENT_ROW], "next": None}
STATEMENT: Example = {
    "date": DATE,
    "distributor": "D2001",
    "opening_fen": 0,
    "credited_fen": 500000,
    "debited_fen": 10500,
    "closing_fen": 489500,
    "transfers": 2,
    "items": [
        {
            "code": "recharge",
            "reference": "20261121000123",
            "amount_fen": 500000,
            "balance_fen": 500000,
            "order_no": "",
            "out_order_no": "",
            "line_id": "",
            "sku_no": "",
            "quantity": None,
            "note": "R261121-9C4T0XW7M2KD",
            "posted_at": "2026-11-21T10:02:00+08:00",
            "late": False,
        },
        {
            "code": "order_placed",
            "reference": ORDER_NO,
            "amount_fen": -10500,
            "balance_fen": 489500,
            "order_no": ORDER_NO,
            "out_order_no": OUT_ORDER_NO,
            "line_id": "",
            "sku_no": "",
            "quantity": None,
            "note": "",
            "posted_at": "2026-11-21T16:20:31+08:00",
            "late": False,
        },
    ],
}
STATEMENT_CSV = (
    "时间,事项,金额（元）,变动后余额（元）,您的订单号,平台订单号,行号,规格编号,数量,凭证号,备注\r\n"
    ",期初,,0.00,,,,,,,\r\n"
    "2026-11-21 10:02:00,充值,5000.00,5000.00,,,,,,20261121000123,R261121-9C4T0XW7M2KD\r\n"
    f"2026-11-21 16:20:31,下单,-105.00,4895.00,{OUT_ORDER_NO},{ORDER_NO},,,,{ORDER_NO},\r\n"
    ",转入合计,5000.00,,,,,,,,\r\n"
    ",转出合计,-105.00,,,,,,,,\r\n"
    ",期末,,4895.00,,,,,,,\r\n"
)
TO_RECONCILE: Example = {
    "from": "2026-11-22",
    "to": "2026-11-22",
    "orders": [
        {"out_order_no": OUT_ORDER_NO, "amount_fen": 10500},
        {"out_order_no": "M20261122-0002", "amount_fen": 5250},
    ],
}
RECONCILIATION_ROW: Example = {
    "reconciliation_id": RECONCILIATION_ID,
    "from": "2026-11-22",
    "to": "2026-11-22",
    "matched": 1,
    "differing": 0,
    "missing_here": 1,
    "missing_there": 0,
    "made_at": "2026-11-22T09:30:00+08:00",
}
RECONCILIATION: Example = {
    **RECONCILIATION_ROW,
    "differences": [
        {
            "kind": "missing_here",
            "out_order_no": "M20261122-0002",
            "reference": "",
            "order_no": "",
            "yours_fen": 5250,
            "ours_fen": None,
            "placed_on": None,
        }
    ],
}
RECONCILIATION_PAGE: Example = {"items": [RECONCILIATION_ROW], "next": None}
