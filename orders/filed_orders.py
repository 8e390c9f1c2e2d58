"""An order of a file as it is kept: its rows and the request they make, sealed, for they name people."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import Q

from kit import sealing
from orders.models import FiledOrder
from orders.requests import OrderRequest

# Orders of a file that are still to be placed.
TO_PLACE = Q(order_no="", causes=[])


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a filed order is sealed: its rows with their cells, and the request they make."""

    rows: list[tuple[int, dict[str, Any]]]
    request: OrderRequest | None


def seal(rows: Sequence[tuple[int, dict[str, Any]]], request: OrderRequest | None) -> bytes:
    """Return what is kept of the rows of an order, each with its line, and of its request."""
    return sealing.seal(msgspec.json.encode({"rows": rows, "request": request}).decode())


def unseal(row: FiledOrder) -> Opened:
    """Return the rows of a filed order, and its request if it is one."""
    kept = json.loads(sealing.unseal(row.sealed))
    request = kept["request"]
    return Opened(
        rows=[(line, cells) for line, cells in kept["rows"]],
        request=msgspec.convert(request, OrderRequest) if request else None,
    )
