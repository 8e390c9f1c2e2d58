"""Examples of events and callbacks that OpenAPI shows; the tests send them and check the answers."""

from api.examples import ORDER_NO, OUT_ORDER_NO, Example

URL = "http://127.0.0.1:9/huopan"
_SECRET = "whsec_fqyx3T0o2kQ1YxO6o0pHq1jT6p2mD3v7bqWcHn8rKcM="  # noqa: S105
_AT = "2026-11-22T16:00:00+08:00"

TO_SAVE: Example = {"url": URL, "types": ["order.*", "deposit.low"]}
WEBHOOK: Example = {
    "url": URL,
    "types": ["order.*", "deposit.low"],
    "state": "live",
    "secret": None,
    "secret_last4": "KcM=",
    "former_secret_until": None,
    "waiting": 0,
    "parked": 0,
    "failures": 0,
    "down_since": None,
    "held_until": None,
    "last_called_at": _AT,
    "last_answered_at": _AT,
}
SAVED: Example = {
    **WEBHOOK,
    "secret": _SECRET,
    "last_called_at": None,
    "last_answered_at": None,
}
ROTATED: Example = {
    **WEBHOOK,
    "secret": _SECRET,
    "former_secret_until": "2026-11-23T16:00:00+08:00",
}
TO_TEST: Example = {"event_id": None}
TESTED: Example = {
    "status": None,
    "error": "unreachable",
    "took_ms": 2,
    "answer": "",
    "url": URL,
    "headers": {
        "content-type": "application/json",
        "user-agent": "Huopan-Callback/1",
        "webhook-id": "evt_test_0f6e1f1c3d5b4a7e9b2c8d4e6f1a3b5c",
        "webhook-timestamp": "1795334400",
        "webhook-signature": "v1,3k8QyX0xkF2Yb3wq7Jd1n0h8b6W2yQmXo5m4Zk1cT9o=",
    },
    "body": '{"seq":null,"id":"evt_test_0f6e1f1c3d5b4a7e9b2c8d4e6f1a3b5c","type":"endpoint.test"}',
}
DELIVERIES: Example = {
    "items": [
        {
            "event_id": "evt_12_7",
            "seq": 7,
            "type": "order.shipped",
            "object_no": ORDER_NO,
            "state": "pending",
            "tries": 1,
            "due_at": "2026-11-22T16:00:05+08:00",
            "status": 500,
            "error": "",
            "delivered_at": None,
            "attempts": [
                {"at": _AT, "status": 500, "error": "", "took_ms": 41, "answer": "oops"},
            ],
        }
    ],
    "next": None,
}
TO_REPLAY: Example = {
    "event_ids": [],
    "types": ["order.*"],
    "occurred_from": "2026-11-20T00:00:00+08:00",
    "occurred_to": None,
    "after_seq": None,
    "only_undelivered": True,
    "dry_run": True,
}
REPLAYED: Example = {"matched": 12, "queued": 0}
BODY: Example = {
    "seq": 7,
    "id": "evt_12_7",
    "type": "order.shipped",
    "occurred_at": _AT,
    "object_version": 3,
    "data": {"order_no": ORDER_NO, "out_order_no": OUT_ORDER_NO, "state": "shipped"},
    "previous": {"state": "processing"},
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
