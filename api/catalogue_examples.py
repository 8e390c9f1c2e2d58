"""Examples of selection, changes and catalogue files, as tests try them out."""

from typing import Any

from api.examples import ITEM_NO
from api.goods_examples import PRODUCT_PAGE

EXPORT_ID = "6b2f1c9a8e7d4f5061728394a5b6c7d8"

_NOT_FOUND = {
    "type": "/api/docs/errors#not_found",
    "title": "没有这样的内容。",
    "status": 404,
    "code": "not_found",
    "detail": "没有这样的内容。",
    "retryable": False,
    "values": {},
    "errors": [],
}
SELECTION_PAGE: dict[str, Any] = {
    "items": [
        {
            "item_no": ITEM_NO,
            "selected_at": "2026-11-22T09:30:00+08:00",
            "on_sale": True,
            "version": 3,
            "price_version": 17,
            "changed_at": "2026-11-21T18:00:00+08:00",
        }
    ],
    "next": None,
}
SELECTION_WANTED = {"item_nos": [ITEM_NO, "NO-SUCH-ITEM"]}
SELECTION_OUTCOMES = {
    "items": [
        {"item_no": ITEM_NO, "status": 201},
        {"item_no": "NO-SUCH-ITEM", "status": 404, "problem": _NOT_FOUND},
    ]
}
REMOVAL_OUTCOMES = {
    "items": [
        {"item_no": ITEM_NO, "status": 200},
        {"item_no": "NO-SUCH-ITEM", "status": 404, "problem": _NOT_FOUND},
    ]
}
CHANGE_PAGE: dict[str, Any] = {
    "items": [
        {
            "seq": 8103,
            "kind": "price",
            "item_no": ITEM_NO,
            "changed_at": "2026-11-22T09:30:00+08:00",
            "product": PRODUCT_PAGE["items"][0],
        },
        {
            "seq": 8104,
            "kind": "delisted",
            "item_no": "ITEM-7788",
            "changed_at": "2026-11-22T09:31:00+08:00",
            "product": None,
        },
    ],
    "next": None,
    "position": 8104,
    "latest": 8104,
}
EXPORT_QUEUED: dict[str, Any] = {
    "export_id": EXPORT_ID,
    "state": "queued",
    "in_full": False,
    "products": 0,
    "written": 0,
    "size": 0,
    "sha256": "",
    "changes_after": None,
    "events_after": None,
    "asked_at": "2026-11-22T02:00:00+08:00",
    "finished_at": None,
    "expires_at": None,
}
EXPORT_READY: dict[str, Any] = {
    **EXPORT_QUEUED,
    "state": "ready",
    "products": 100_000,
    "written": 100_000,
    "size": 9_412_336,
    "sha256": "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab",
    "changes_after": 8104,
    "events_after": 20117,
    "finished_at": "2026-11-22T02:00:12+08:00",
    "expires_at": "2026-11-29T02:00:12+08:00",
}
EXPORT_LINES = '{"item_no":"ITEM-2001","name":"高山绿茶", …}\n{"item_no":"ITEM-2002", …}\n'
