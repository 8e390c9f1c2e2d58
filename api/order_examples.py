"""Examples of quotes, orders and holds that OpenAPI shows; the tests send them and check the answers."""

from api.errors import TYPE
from api.examples import (
    CANCELLATION_NO,
    HOLD_ID,
    ITEM_NO,
    MORNING,
    ORDER_NO,
    OUT_CANCELLATION_NO,
    OUT_ORDER_NO,
    SKU_NO,
    Example,
)

QUOTE_TO_MAKE: Example = {
    "lines": [
        {"line_id": "1", "sku_no": SKU_NO, "quantity": 2},
        {"line_id": "2", "sku_no": "NO-SUCH-SKU", "quantity": 1},
    ],
    "destination": {"province": "广东省", "city": "深圳市"},
}
QUOTE: Example = {
    "quote_id": "0b6f8a6e-6f0e-4d0c-9b64-0a7f4a4f7f11",
    "expires_at": "2026-11-22T09:45:00+08:00",
    "lines": [
        {
            "line_id": "1",
            "sku_no": SKU_NO,
            "quantity": 2,
            "agreement_price_fen": 5250,
            "price_version": 17,
            "goods_fen": 10500,
        }
    ],
    "unsellable": [
        {
            "line_id": "2",
            "sku_no": "NO-SUCH-SKU",
            "problem": {
                "type": TYPE + "sku_not_sellable",
                "title": "该规格不对您销售。",
                "status": 409,
                "code": "sku_not_sellable",
                "detail": "“NO-SUCH-SKU”不对您销售。",
                "retryable": False,
                "values": {"sku_no": "NO-SUCH-SKU"},
                "errors": [],
            },
        }
    ],
    "fulfilments": [{"number": 1, "freight_fen": 0, "line_ids": ["1"]}],
    "goods_fen": 10500,
    "freight_fen": 0,
    "total_fen": 10500,
    "deposit_after_fen": 489500,
}
ORDER_TO_PLACE: Example = {
    "out_order_no": OUT_ORDER_NO,
    "lines": [
        {
            "line_id": "1",
            "sku_no": SKU_NO,
            "quantity": 2,
            "expected_agreement_price_fen": 5250,
        }
    ],
    "consignee": {
        "name": "张三",
        "phone": "13800000000",
        "province": "广东省",
        "city": "深圳市",
        "district": "南山区",
        "detail": "海德三道199号",
    },
    "remark": "",
    "quote_id": None,
    "on_shortfall": "refuse",
}
ORDER: Example = {
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "state": "placed",
    "version": 1,
    "lines": [
        {
            "line_id": "1",
            "item_no": ITEM_NO,
            "sku_no": SKU_NO,
            "name": "高山绿茶",
            "spec": "250g",
            "quantity": 2,
            "agreement_price_fen": 5250,
            "cancelled": 0,
            "shipped": 0,
            "received": 0,
            "returned": 0,
            "refunded": 0,
        }
    ],
    "fulfilments": [
        {
            "number": 1,
            "state": "awaiting_shipment",
            "freight_fen": 0,
            "ship_due_at": "2026-11-24T09:30:00+08:00",
            "line_ids": ["1"],
        }
    ],
    "goods_fen": 10500,
    "freight_fen": 0,
    "total_fen": 10500,
    "application": "",
    "channel": "",
    "paid_fen": None,
    "payment_reference": "",
    "consumer_ref": "",
    "remark": "",
    "placed_at": MORNING,
    "received_at": None,
    "completed_at": None,
    "consignee": ORDER_TO_PLACE["consignee"],
}
WAITING: Example = {
    "out_order_no": OUT_ORDER_NO,
    "state": "waiting_for_funds",
    "hold_id": HOLD_ID,
    "shortfall_fen": 500,
    "total_fen": 10500,
    "expires_at": "2026-11-23T09:30:00+08:00",
}
HOLD: Example = {
    "hold_id": HOLD_ID,
    "out_order_no": OUT_ORDER_NO,
    "kind": "consumer",
    "state": "active",
    "version": 1,
    "lines": [{"line_id": "1", "sku_no": SKU_NO, "quantity": 2, "agreement_price_fen": 5250}],
    "goods_fen": 10500,
    "freight_fen": 0,
    "total_fen": 10500,
    "application": "",
    "held_at": MORNING,
    "expires_at": "2026-11-22T10:00:00+08:00",
    "ended_at": None,
    "extensions_left": 1,
    "order_no": None,
}
HOLD_EXTENDED: Example = {
    **HOLD,
    "version": 2,
    "expires_at": "2026-11-22T10:30:00+08:00",
    "extensions_left": 0,
}
HOLD_RELEASED: Example = {
    **HOLD,
    "state": "released",
    "version": 2,
    "ended_at": "2026-11-22T09:40:00+08:00",
    "extensions_left": 0,
}
HOLD_PAGE: Example = {"items": [HOLD], "next": None}
ORDER_PAGE: Example = {"items": [ORDER], "next": None}
ORDER_BATCH: Example = {
    "items": [
        {"out_order_no": OUT_ORDER_NO, "status": 201, "order": ORDER},
        {
            "out_order_no": "M20261122-0002",
            "status": 409,
            "problem": {
                "type": TYPE + "stock_insufficient",
                "title": "库存不足。",
                "status": 409,
                "code": "stock_insufficient",
                "detail": "“TEA-250”库存不足：需要 500，可用 420。",
                "retryable": True,
                "values": {"line_id": "1", "sku_no": SKU_NO, "wanted": 500, "available": 420},
                "errors": [
                    {
                        "pointer": "/lines/0",
                        "code": "stock_insufficient",
                        "detail": "“TEA-250”库存不足：需要 500，可用 420。",
                        "values": {
                            "line_id": "1",
                            "sku_no": SKU_NO,
                            "wanted": 500,
                            "available": 420,
                        },
                    }
                ],
            },
        },
    ]
}
RECEIPT: Example = {"lines": [{"line_id": "1", "quantity": 1}]}
SHIPMENTS: Example = {
    "items": [
        {
            "carrier_code": "SF",
            "tracking_no": "SF1234567890123",
            "state": "in_transit",
            "version": 1,
            "shipped_at": "2026-11-22T16:00:00+08:00",
            "delivered_at": None,
            "receive_due_at": "2026-12-07T16:00:00+08:00",
            "received_at": None,
            "ended_at": None,
            "lines": [
                {
                    "line_id": "1",
                    "sku_no": SKU_NO,
                    "quantity": 2,
                    "received": 0,
                    "written_off": 0,
                }
            ],
            "scans": [
                {
                    "status": "picked_up",
                    "text": "已揽收",
                    "place": "福州市",
                    "at": "2026-11-22T18:20:00+08:00",
                }
            ],
        }
    ]
}
CANCELLATION_TO_ASK: Example = {
    "out_cancellation_no": OUT_CANCELLATION_NO,
    "lines": [{"line_id": "1", "quantity": 1}],
    "reason": "changed_mind",
    "note": "",
}
CANCELLATION: Example = {
    "cancellation_no": CANCELLATION_NO,
    "out_cancellation_no": OUT_CANCELLATION_NO,
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "state": "requested",
    "asker": "distributor",
    "reason": "changed_mind",
    "note": "",
    "lines": [{"line_id": "1", "sku_no": SKU_NO, "quantity": 1}],
    "refunded_fen": 0,
    "refusal_note": "",
    "shipment": None,
    "requested_at": "2026-11-22T10:00:00+08:00",
    "answer_due_at": "2026-11-23T10:00:00+08:00",
    "answered_at": None,
}
CANCELLATIONS: Example = {
    "order_no": ORDER_NO,
    "out_order_no": OUT_ORDER_NO,
    "items": [CANCELLATION],
}
CANCELLATION_ASKED: Example = {**CANCELLATIONS, "state": "requested"}
CANCELLATION_WITHDRAWN: Example = {
    **CANCELLATION,
    "state": "withdrawn",
    "answered_at": "2026-11-22T10:20:00+08:00",
}
OTHER_CONSIGNEE: Example = {
    "name": "李四",
    "phone": "13900000000",
    "province": "广东省",
    "city": "深圳市",
    "district": "福田区",
    "detail": "福华路88号",
}
HISTORY: Example = {
    "items": [
        {
            "subject": "order",
            "act": "placed",
            "from": "",
            "to": "placed",
            "reason": "",
            "by": "key",
            "at": MORNING,
        }
    ]
}
