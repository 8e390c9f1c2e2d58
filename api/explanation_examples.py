"""The example of an explained order; see `examples`."""

from api.examples import MORNING, ORDER_NO, OUT_ORDER_NO, SKU_NO, Example

_PLACED: Example = {
    "at": MORNING,
    "code": "order_placed",
    "text": "下单扣款",
    "reference": ORDER_NO,
    "line_id": "",
    "sku_no": "",
    "quantity": None,
    "amount_fen": 10500,
    "deposit_fen": -10500,
    "open_fen": 10500,
}
EXPLANATION: Example = {
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "state": "placed",
    "placed_at": MORNING,
    "goods_fen": 10500,
    "freight_fen": 0,
    "total_fen": 10500,
    "back_fen": 0,
    "open_fen": 10500,
    "lines": [
        {
            "line_id": "1",
            "item_no": "TEA-2026",
            "sku_no": SKU_NO,
            "name": "明前龙井茶",
            "spec": "250 克",
            "quantity": 2,
            "agreement_price_fen": 5250,
            "cancelled": 0,
            "shipped": 0,
            "received": 0,
            "returned": 0,
            "refunded": 0,
            "sum_fen": 10500,
            "refunded_fen": 0,
        }
    ],
    "transfers": [_PLACED],
    "stock": [{"at": MORNING, "sku_no": SKU_NO, "kind": "order", "quantity": -2}],
    "events": [
        {
            "at": MORNING,
            "type": "order.placed",
            "object_no": ORDER_NO,
            "seq": 41,
            "callback": "delivered",
        }
    ],
    "holds": [],
    "story": [
        {"at": MORNING, "kind": "history", "text": "订单", "detail": "已下单 · 密钥 hpk_0a1b"},
        {"at": MORNING, "kind": "stock", "text": SKU_NO, "detail": "下单 -2"},
        {"at": MORNING, "kind": "money", "text": "下单扣款", "detail": "¥105.00，之后未结 ¥105.00"},
        {"at": MORNING, "kind": "event", "text": "order.placed", "detail": ORDER_NO},
    ],
}
