"""Examples of the interface speaking of itself that OpenAPI shows; the tests check the answers."""

from api.errors import TYPE
from api.examples import MORNING, Example

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
