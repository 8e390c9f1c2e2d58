"""A shop's copy of our state, kept by events alone as docs/api/events.md says: whatever is newer wins."""

from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass
class Copy:
    """What a receiver knows: by type of object and number, with the version it has of each."""

    objects: dict[tuple[str, str], tuple[int, Document]] = field(default_factory=dict)
    stock: dict[str, tuple[int, int]] = field(default_factory=dict)
    prices: dict[str, tuple[int, int]] = field(default_factory=dict)
    # Up to which number nothing is missing, and what came beyond.
    complete_to: int = 0
    beyond: set[int] = field(default_factory=set)

    def apply(self, message: Document) -> None:
        """Take one message in: late, early or doubled, it is all the same."""
        self._note(message["seq"])
        family, kind = message["type"].split(".")
        data = message["data"]
        if kind == "changed" and family == "stock":
            for item in data["items"]:
                row = (item["stock_version"], item["available"])
                self.stock[item["sku_no"]] = max(row, self.stock.get(item["sku_no"], (-1, 0)))
        elif kind == "changed" and family == "price":
            for item in data["items"]:
                row = (item["price_version"], item["agreement_price_fen"])
                self.prices[item["sku_no"]] = max(row, self.prices.get(item["sku_no"], (-1, 0)))
        elif message["object_version"] is not None:
            number = data.get("item_no") if family == "product" else data.get("order_no")
            known = self.objects.get((family, str(number)))
            if known is None or known[0] < message["object_version"]:
                self.objects[family, str(number)] = (message["object_version"], data)

    def _note(self, seq: int) -> None:
        if seq > self.complete_to:
            self.beyond.add(seq)
        while self.complete_to + 1 in self.beyond:
            self.complete_to += 1
            self.beyond.discard(self.complete_to)
