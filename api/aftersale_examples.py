"""Examples of after-sales that OpenAPI shows; the tests send them and hold the answers against them."""

from api.examples import ORDER_NO, OUT_ORDER_NO, SKU_NO, Example

OUT_CASE_NO = "R20261126-0001"
CASE_NO = "A261122-7K3M9QX2A4"
_APPLIED_AT = "2026-11-26T10:00:00+08:00"
_APPROVED_AT = "2026-11-26T11:20:00+08:00"
_DUE_AT = "2026-12-03T11:20:00+08:00"
_ADDRESS = "售后组 0571-88888888 浙江省杭州市余杭区文一西路969号3号仓"

APPLICATION: Example = {
    "out_case_no": OUT_CASE_NO,
    "order_no": ORDER_NO,
    "line_id": "1",
    "type": "return_refund",
    "quantity": 1,
    "reason": "seven_days",
    "description": "消费者不喜欢口味，未拆封",
    "asked_fen": 5250,
}
_TO_COME: list[Example] = [
    {"step": "sent_back", "at": None},
    {"step": "picked_up", "at": None},
    {"step": "in_transit", "at": None},
    {"step": "received", "at": None},
    {"step": "inspected", "at": None},
    {"step": "refunded", "at": None},
]
CASE: Example = {
    "case_no": CASE_NO,
    "out_case_no": OUT_CASE_NO,
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "line_id": "1",
    "sku_no": SKU_NO,
    "type": "return_refund",
    "quantity": 1,
    "state": "awaiting_return",
    "version": 3,
    "opener": "distributor",
    "reason": "seven_days",
    "description": "消费者不喜欢口味，未拆封",
    "asked_fen": 5250,
    "approved_fen": 5250,
    "freight_fen": 0,
    "offered_fen": None,
    "refunded_fen": 0,
    "decision_note": "",
    "return_address": _ADDRESS,
    "parcels": [],
    "inspections": [],
    "evidence": [],
    "allowed_actions": ["withdrawal", "return-shipment"],
    "next_deadline": {"at": _DUE_AT, "default": "expired"},
    "progress": [
        {"step": "applied", "at": _APPLIED_AT},
        {"step": "approved", "at": _APPROVED_AT},
        {"step": "awaiting_return", "at": _APPROVED_AT},
        *_TO_COME,
    ],
    "applied_at": _APPLIED_AT,
    "changed_at": _APPROVED_AT,
    "ended_at": None,
}
CASE_PAGE: Example = {"items": [CASE], "next": None}
RESUBMISSION: Example = {"description": "补充开箱视频截图", "asked_fen": 5250}
ESCALATION: Example = {"description": "消费者有物流签收前的破损照片"}
RETURN_SHIPMENT: Example = {"carrier_code": "SF", "tracking_no": "SF1234567890999"}
DISPUTE: Example = {"description": "寄回时完好，请核对运输途中的破损"}
NOTHING: Example = {}
PROGRESS: Example = {
    "case_no": CASE_NO,
    "out_case_no": OUT_CASE_NO,
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "line_id": "1",
    "sku_no": SKU_NO,
    "type": "return_refund",
    "quantity": 1,
    "name": "高山绿茶",
    "spec": "250g",
    "state": "returning",
    "version": 4,
    "return_address": _ADDRESS,
    "steps": [
        {"step": "applied", "text": "申请已提交。", "at": _APPLIED_AT},
        {"step": "approved", "text": "申请已通过。", "at": _APPROVED_AT},
        {"step": "awaiting_return", "text": "请将商品寄往退货地址。", "at": _APPROVED_AT},
        {"step": "sent_back", "text": "退货单号已登记。", "at": "2026-11-27T09:00:00+08:00"},
        {"step": "picked_up", "text": "快递已揽收退货。", "at": "2026-11-27T10:10:00+08:00"},
        {"step": "in_transit", "text": "退货运输中。", "at": "2026-11-27T20:00:00+08:00"},
        {"step": "received", "text": "退货已签收。", "at": None},
        {"step": "inspected", "text": "退货已验货。", "at": None},
        {"step": "refunded", "text": "退款已完成。", "at": None},
    ],
    "parcels": [
        {
            "direction": "return",
            "carrier_code": "SF",
            "carrier": "顺丰速运",
            "tracking_no": "SF1234567890999",
            "sent_at": "2026-11-27T09:00:00+08:00",
            "picked_up_at": "2026-11-27T10:10:00+08:00",
            "arrived_at": None,
            "tracks": [
                {
                    "status": "in_transit",
                    "text": "已到达杭州中转场",
                    "place": "杭州市",
                    "at": "2026-11-27T20:00:00+08:00",
                }
            ],
        }
    ],
    "next_deadline": {"at": "2026-12-12T09:00:00+08:00", "default": "alert"},
    "changed_at": "2026-11-27T09:00:00+08:00",
    "ended_at": None,
}
OPTIONS: Example = {
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "items": [
        {
            "line_id": "1",
            "sku_no": SKU_NO,
            "quantity": 2,
            "types": [
                {"type": "refund_only", "quantity": 2, "cap_fen": 10500},
                {"type": "return_refund", "quantity": 2, "cap_fen": 10500},
                {"type": "resend", "quantity": 2, "cap_fen": 10500},
                {"type": "compensation", "quantity": 2, "cap_fen": 10500},
            ],
            "reasons": [
                {"code": "damaged", "name": "商品破损", "evidence": True},
                {"code": "other", "name": "其他", "evidence": False},
            ],
            "until": None,
            "problem": None,
        }
    ],
}
