"""Examples that OpenAPI shows. The tests send the requests and hold the answers against the schema."""

from typing import Any

from api.errors import TYPE

Example = dict[str, Any]

ITEM_NO = "TEA-2026"
SKU_NO = "TEA-250"
OUT_ORDER_NO = "M20261122-0001"
ORDER_NO = "H261122-7K3M9QX2A4BC"
CANCELLATION_NO = "C261122-5N8R2VD7K1ZW"
HOLD_ID = "K261122-4T8WZ1NR6C0D"
MORNING = "2026-11-22T09:30:00+08:00"

_MISSING: Example = {
    "type": TYPE + "not_found",
    "title": "不存在，或不属于您。",
    "status": 404,
    "code": "not_found",
    "detail": "不存在。",
    "retryable": False,
    "values": {},
    "errors": [],
}

ECHO: Example = {
    "key_id": "hpk_0a1b2c3d4e5f60718293",
    "scopes": ["goods", "orders", "aftersales", "money", "events"],
    "string_to_sign": "POST\n/api/v1/auth/echo\n\n1795311000\n8d7c1f0a2b3c4d5e\n"
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "server_time": MORNING,
    "server_timestamp": 1795311000,
    "ip": "203.0.113.7",
}
LIMITS: Example = {
    "server_time": MORNING,
    "server_timestamp": 1795311000,
    "requests_per_minute": 3000,
    "signature_window_seconds": 300,
    "body_bytes": 1048576,
    "batch_body_bytes": 5242880,
    "json_depth": 10,
    "page_items": 200,
    "batch_orders": 500,
    "order_lines": 100,
    "line_quantity": 9999,
    "order_total_fen": 10000000000,
    "lookup_products": 200,
    "lookup_skus": 500,
    "selection_products": 1000,
    "catalogue_file_days": 7,
    "remark_characters": 500,
    "quote_minutes": 15,
    "hold_minutes": 30,
    "hold_extensions": 1,
    "open_holds": 500,
    "wait_for_funds_hours": 24,
    "events_kept_days": 90,
    "applications": ["ordinary_sale", "giving_points"],
}
CODES_LISTED: Example = {
    "items": [
        {
            "code": "price_changed",
            "type": TYPE + "price_changed",
            "status": 409,
            "retryable": False,
            "cause": "价格高于您的预期。",
            "remedy": "重新读取价格；如接受，请按新价格下单。",
        }
    ]
}
CARRIERS_LISTED: Example = {
    "items": [{"code": "SF", "name": "顺丰速运", "pattern": r"SF\d{12,13}|\d{12}"}]
}
REGIONS_LISTED: Example = {"items": [{"code": "440000", "province": "广东省", "name": "广东省"}]}
REASONS_LISTED: Example = {
    "items": [
        {"code": "changed_mind", "use": "cancellation", "name": "不想要了", "evidence": False}
    ]
}

CATEGORY_PAGE: Example = {
    "items": [{"code": "c-2f1d9a", "parent_code": "c-77ab01", "name": "茶叶", "path": "食品/茶叶"}],
    "next": None,
}
BRAND_PAGE: Example = {"items": [{"code": "b-51c0de", "name": "云上茶"}], "next": None}
_PRODUCT: Example = {
    "item_no": ITEM_NO,
    "name": "高山绿茶",
    "category": {"code": "c-2f1d9a", "path": "食品/茶叶"},
    "brand": {"code": "b-51c0de", "name": "云上茶"},
    "kind": "physical",
    "unit": "盒",
    "origin": "云南",
    "images": ["http://127.0.0.1:8000/media/9f/6a1c.jpg"],
    "aftersale_note": "",
    "ship_within_hours": 48,
    "allowed_applications": ["ordinary_sale"],
    "regions_not_served": [],
    "attributes": {"产地": "云南", "保质期（月）": "18"},
    "version": 3,
    "changed_at": MORNING,
    "skus": [
        {
            "sku_no": SKU_NO,
            "spec": {"净含量": "250g"},
            "barcode": "6901234567892",
            "weight_g": 300,
            "min_quantity": 1,
            "max_quantity": None,
            "multiple": 1,
            "agreement_price_fen": 5250,
            "retail_price_fen": 9900,
            "price_version": 17,
            "available": 420,
            "stock_version": 81,
        }
    ],
}
PRODUCT_PAGE: Example = {"items": [_PRODUCT], "next": None}
PRODUCT: Example = {**_PRODUCT, "detail_html": "<p>明前采摘</p>", "detail_images": []}
PRODUCT_LOOKUP: Example = {
    "items": [
        {"item_no": ITEM_NO, "status": 200, "product": PRODUCT},
        {"item_no": "NO-SUCH-ITEM", "status": 404, "problem": _MISSING},
    ]
}
PRICE_LOOKUP: Example = {
    "items": [
        {
            "sku_no": SKU_NO,
            "status": 200,
            "agreement_price_fen": 5250,
            "retail_price_fen": 9900,
            "price_version": 17,
        },
        {"sku_no": "NO-SUCH-SKU", "status": 404, "problem": _MISSING},
    ]
}
STOCK_LOOKUP: Example = {
    "items": [
        {"sku_no": SKU_NO, "status": 200, "available": 420, "stock_version": 81},
        {"sku_no": "NO-SUCH-SKU", "status": 404, "problem": _MISSING},
    ]
}

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
NOTHING: Example = {}
CANCELLATION_TO_ASK: Example = {
    "lines": [{"line_id": "1", "quantity": 1}],
    "reason": "changed_mind",
    "note": "",
}
CANCELLATION: Example = {
    "cancellation_no": CANCELLATION_NO,
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
EVENT_PAGE: Example = {
    "items": [
        {
            "seq": 7,
            "id": "4b1c9a52-3b7a-4f2e-9d50-1f0f6f8f9a01",
            "type": "order.shipped",
            "occurred_at": "2026-11-22T16:00:00+08:00",
            "object_version": 3,
            "data": {"order_no": ORDER_NO, "out_order_no": OUT_ORDER_NO, "state": "shipped"},
            "previous": {"state": "processing"},
        }
    ],
    "next": None,
}
