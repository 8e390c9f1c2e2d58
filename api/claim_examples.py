"""Examples of claims and uploads that OpenAPI shows; the tests send them and check the answers."""

from api.examples import ORDER_NO, OUT_ORDER_NO, SKU_NO, Example

CLAIM_NO = "W261122-5D8F2H6J9KQX"
OUT_CLAIM_NO = "W20261128-0003"
UPLOAD_ID = "0c7d5a1e9b3f4c6d8e2a7b1f5c9d3e60"
_APPLIED_AT = "2026-11-28T09:00:00+08:00"
_CHANGED_AT = "2026-11-28T10:30:00+08:00"

APPLICATION: Example = {
    "out_claim_no": OUT_CLAIM_NO,
    "order_no": ORDER_NO,
    "line_id": "1",
    "type": "exchange",
    "quantity": 1,
    "reason": "quality",
    "description": "茶叶受潮，消费者要求换货",
    "amount_fen": 0,
    "evidence": [],
}
AGREEMENT: Example = {"amount_fen": 0, "note": "同意换货，请寄回"}
REJECTION: Example = {"note": "已拆封食用，不支持"}
RETURN_ADDRESS: Example = {
    "return_address": "云上商城售后 0571-66668888 浙江省杭州市西湖区文三路90号"
}
RETURN_SHIPMENT: Example = {"carrier_code": "SF", "tracking_no": "SF1234567890777"}
RESHIPMENT: Example = {"carrier_code": "YTO", "tracking_no": "YT8812345678901"}
GOODWILL: Example = {"amount_fen": 2000, "note": "整箱受潮，请平台承担部分损失", "evidence": []}
NOTHING: Example = {}
CLAIM: Example = {
    "claim_no": CLAIM_NO,
    "out_claim_no": OUT_CLAIM_NO,
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "line_id": "1",
    "sku_no": SKU_NO,
    "type": "exchange",
    "quantity": 1,
    "state": "agreed",
    "version": 3,
    "reason": "quality",
    "description": "茶叶受潮，消费者要求换货",
    "amount_fen": 0,
    "note": "同意换货，请寄回",
    "return_address": "",
    "parcels": [],
    "evidence": [UPLOAD_ID],
    "goodwill": {
        "state": "offered",
        "kind": "amount",
        "asked_fen": 2000,
        "offered_fen": 1500,
        "note": "整箱受潮，请平台承担部分损失",
        "answer": "平台承担 15 元",
    },
    "allowed_actions": [
        "withdrawal",
        "return-address",
        "goodwill-acceptance",
        "goodwill-refusal",
    ],
    "next_deadline": {"at": "2026-12-05T10:30:00+08:00", "default": "goodwill_declined"},
    "applied_at": _APPLIED_AT,
    "changed_at": _CHANGED_AT,
    "ended_at": None,
}
CLAIM_PAGE: Example = {"items": [CLAIM], "next": None}
UPLOAD: Example = {
    "upload_id": UPLOAD_ID,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 183204,
}
