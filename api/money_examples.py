"""Examples of the deposit, recharges and withdrawals that OpenAPI shows; the tests send them."""

from api.examples import MORNING, ORDER_NO, OUT_ORDER_NO, Example

RECHARGE_NO = "R261122-7K2M9QXD"
WITHDRAWAL_NO = "T261122-4H8PWZ3C"
_APPLIED_AT = "2026-11-22T10:00:00+08:00"

RECHARGE_TO_APPLY: Example = {
    "amount_fen": 5_000_00,
    "payer": "云上商城有限公司",
    "paid_on": "2026-11-22",
    "payment_reference": "20261122000871",
    "slip": None,
    "note": "十一月货款",
}
RECHARGE: Example = {
    "recharge_no": RECHARGE_NO,
    "state": "applied",
    "version": 1,
    "amount_fen": 5_000_00,
    "payer": "云上商城有限公司",
    "paid_on": "2026-11-22",
    "payment_reference": "20261122000871",
    "has_slip": False,
    "note": "十一月货款",
    "bank_reference": "",
    "reason": "",
    "allowed_actions": ["withdrawal"],
    "applied_at": _APPLIED_AT,
    "decided_at": None,
}
RECHARGE_PAGE: Example = {"items": [RECHARGE], "next": None}
WITHDRAWAL_TO_APPLY: Example = {
    "amount_fen": 200_00,
    "payee": "云上商城有限公司",
    "bank": "招商银行深圳南山支行",
    "account_no": "6225888800001234",
    "note": "",
}
WITHDRAWAL: Example = {
    "withdrawal_no": WITHDRAWAL_NO,
    "state": "applied",
    "version": 1,
    "amount_fen": 200_00,
    "payee": "云上商城有限公司",
    "account_tail": "1234",
    "note": "",
    "bank_reference": "",
    "reason": "",
    "allowed_actions": ["cancellation"],
    "applied_at": _APPLIED_AT,
    "decided_at": None,
    "paid_at": None,
}
WITHDRAWAL_PAGE: Example = {"items": [WITHDRAWAL], "next": None}

DEPOSIT: Example = {
    "available_fen": 489500,
    "balance_fen": 489500,
    "held_fen": 0,
    "withdrawals_fen": 0,
    "credit_line_fen": 0,
    "open_orders_fen": 10500,
    "frozen": False,
}
TRANSFER_PAGE: Example = {
    "items": [
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
            "posted_at": MORNING,
        }
    ],
    "next": None,
}
