"""Suppliers: who ships goods at a supply price, and the bills they are paid by."""

from suppliers.models.bills import Adjustment, AdjustmentState, Bill, BillLine, BillState
from suppliers.models.supplier import Cycle, Supplier, SupplierQuerySet, SupplierState

__all__ = [
    "Adjustment",
    "AdjustmentState",
    "Bill",
    "BillLine",
    "BillState",
    "Cycle",
    "Supplier",
    "SupplierQuerySet",
    "SupplierState",
]
