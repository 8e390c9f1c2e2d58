"""The numbers that all examples of OpenAPI speak of.

The tests send the requests of the examples and hold their answers against the schema.
"""

from typing import Any

Example = dict[str, Any]

ITEM_NO = "TEA-2026"
SKU_NO = "TEA-250"
OUT_ORDER_NO = "M20261122-0001"
ORDER_NO = "H261122-7K3M9QX2A4BC"
CANCELLATION_NO = "C261122-5N8R2VD7K1ZW"
OUT_CANCELLATION_NO = "C20261122-0002"
HOLD_ID = "K261122-4T8WZ1NR6C0D"
MORNING = "2026-11-22T09:30:00+08:00"

NOTHING: Example = {}
