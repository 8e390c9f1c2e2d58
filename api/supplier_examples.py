"""Examples of suppliers' calls; the tests try them out against the server."""

from typing import Any

from api.examples import MORNING, ORDER_NO

Example = dict[str, Any]

SKU_NO = "S1001-TEA-250"
ITEM_NO = "S1001-TEA"
OWNER_NO = "TEA-250"
SHIPMENT_ID = "4711"
BILL_NO = "B2026110001"
TRACKING_NO = "SF1234567890123"
LINES: list[Example] = [{"line_id": "1", "quantity": 2}]
PIECES: list[Example] = [{"line_id": "1", "sku_no": SKU_NO, "quantity": 2}]

SHIPMENT: Example = {
    "shipment_id": SHIPMENT_ID,
    "order_no": ORDER_NO,
    "carrier_code": "SF",
    "tracking_no": TRACKING_NO,
    "state": "in_transit",
    "version": 1,
    "shipped_at": MORNING,
    "delivered_at": None,
    "received_at": None,
    "ended_at": None,
    "lines": PIECES,
}
ORDER: Example = {
    "order_no": ORDER_NO,
    "state": "awaiting_shipment",
    "placed_at": MORNING,
    "ship_due_at": "2026-11-24T09:30:00+08:00",
    "begun_at": None,
    "address_changed_at": None,
    "closed_at": None,
    "lines": [
        {
            "line_id": "1",
            "item_no": ITEM_NO,
            "sku_no": SKU_NO,
            "owner_no": OWNER_NO,
            "name": "西湖龙井",
            "spec": "250g",
            "supply_price_fen": 5000,
            "quantity": 2,
            "cancelled": 0,
            "frozen": 0,
            "shipped": 0,
            "to_ship": 2,
        }
    ],
    "goods_fen": 10000,
    "freight_fen": 0,
    "remark": "",
    "consignee": {
        "name": "张三",
        "phone": "13800000000",
        "province": "广东省",
        "city": "深圳市",
        "district": "南山区",
        "detail": "海德三道199号",
    },
    "shipments": [],
}
BEGUN: Example = {**ORDER, "begun_at": MORNING}
ORDER_PAGE: Example = {"items": [ORDER], "next": None}
PARCEL_TO_SHIP: Example = {"carrier_code": "SF", "tracking_no": TRACKING_NO, "lines": LINES}
BATCH_TO_SHIP: Example = {
    "shipments": [{"order_no": ORDER_NO, "carrier_code": "SF", "tracking_no": TRACKING_NO}]
}
BATCH: Example = {"items": [{"order_no": ORDER_NO, "status": 201, "shipment": SHIPMENT}]}
CORRECTION: Example = {
    "carrier_code": "SF",
    "tracking_no": "SF1234567890124",
    "reason": "面单录错",
}
CORRECTED: Example = {**SHIPMENT, "tracking_no": "SF1234567890124", "version": 2}
VOIDING: Example = {"reason": "包裹没有寄出"}
VOIDED: Example = {**SHIPMENT, "state": "voided", "version": 2, "ended_at": MORNING}
SHORTAGE_TO_REPORT: Example = {
    "out_shortage_no": "Q20261122-0001",
    "lines": LINES,
    "note": "仓库破损",
    "empty_stock": False,
}
SHORTAGE: Example = {
    "cancellation_no": "C7K2M9QXAB",
    "out_shortage_no": "Q20261122-0001",
    "order_no": ORDER_NO,
    "state": "granted",
    "reason": "out_of_stock",
    "requested_at": MORNING,
    "answered_at": MORNING,
    "lines": PIECES,
}
STOCK: Example = {
    "sku_no": SKU_NO,
    "owner_no": OWNER_NO,
    "item_no": ITEM_NO,
    "name": "西湖龙井",
    "spec": "250g",
    "available": 418,
    "promised": 2,
    "stock_version": 2,
}
STOCK_PAGE: Example = {"items": [STOCK], "next": None}
STOCKS_TO_SET: Example = {"stocks": [{"sku_no": SKU_NO, "available": 500}]}
STOCKS_SET: Example = {
    "items": [{"sku_no": SKU_NO, "status": 200, "available": 500, "stock_version": 3}]
}
PRODUCT_PAGE: Example = {
    "items": [
        {
            "item_no": ITEM_NO,
            "owner_no": "TEA",
            "name": "西湖龙井",
            "category": "食品/茶叶",
            "brand": "",
            "state": "listed",
            "state_reason": "",
            "skus": [
                {
                    "sku_no": SKU_NO,
                    "owner_no": OWNER_NO,
                    "spec": "250g",
                    "barcode": "",
                    "supply_price_fen": 5000,
                    "retail_price_fen": None,
                    "weight_g": 0,
                    "available": 418,
                    "stock_version": 2,
                }
            ],
            "revision": None,
        }
    ],
    "next": None,
}
BILL: Example = {
    "bill_no": BILL_NO,
    "state": "issued",
    "version": 1,
    "period_from": "2026-10-01",
    "period_to": "2026-10-31",
    "lines_fen": 8000,
    "carried_fen": 0,
    "total_fen": 8000,
    "issued_at": MORNING,
    "answered_at": None,
    "paid_on": None,
    "bank_reference": "",
    "has_invoice": False,
}
BILL_PAGE: Example = {"items": [BILL], "next": None}
FULL_BILL: Example = {
    **BILL,
    "parts": [
        {"part": "goods", "amount_fen": 10000},
        {"part": "deductions", "amount_fen": -2000},
    ],
}
ACCEPTED: Example = {**FULL_BILL, "state": "accepted", "version": 2, "answered_at": MORNING}
DISPUTE: Example = {"lines": [{"bill_line_id": "15", "note": "这件没有退回"}]}
DISPUTED: Example = {**ACCEPTED, "state": "disputed"}
BILL_LINE_PAGE: Example = {
    "items": [
        {
            "bill_line_id": "15",
            "part": "goods",
            "code": "goods_earned",
            "posted_at": MORNING,
            "order_no": ORDER_NO,
            "line_id": "1",
            "sku_no": SKU_NO,
            "quantity": 2,
            "unit_fen": 5000,
            "amount_fen": 10000,
            "case_no": "",
            "reason": "",
            "disputed": False,
            "dispute_note": "",
            "answer": "",
        }
    ],
    "next": None,
}
EVENT_PAGE: Example = {
    "items": [
        {
            "seq": 7,
            "id": "evt_12_7",
            "type": "part.to_ship",
            "occurred_at": MORNING,
            "object_version": None,
            "data": {
                "order_no": ORDER_NO,
                "state": "awaiting_shipment",
                "ship_due_at": "2026-11-24T09:30:00+08:00",
            },
            "previous": None,
        }
    ],
    "next": None,
}
ECHO: Example = {
    "key_id": "hpk_5c2f0a9b7d1e4c6f8a3b",
    "supplier_no": "S1001",
    "scopes": ["ship", "stock", "goods", "bills", "events"],
    "string_to_sign": "POST\n/api/v1/supplier/echo\n\n1795311000\n5f3c9a1e7b2d4c60a1b2\n"
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "server_time": MORNING,
    "server_timestamp": 1795311000,
    "ip": "203.0.113.7",
}
