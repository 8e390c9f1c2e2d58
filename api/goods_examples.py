"""Examples of goods that OpenAPI shows; the tests check the answers."""

from api.errors import TYPE
from api.examples import ITEM_NO, MORNING, SKU_NO, Example

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
