"""Suppliers: who ships goods at a supply price, how they came, and the bills they are paid by."""

from suppliers.models.applications import Application
from suppliers.models.bills import Adjustment, AdjustmentState, Bill, BillLine, BillState
from suppliers.models.notices import Notice, NoticePutAway
from suppliers.models.papers import Paper, PaperKind, PaperState
from suppliers.models.supplier import Cycle, Supplier, SupplierQuerySet, SupplierState
from suppliers.models.unbilled import UnbilledCount

__all__ = [
    "Adjustment",
    "AdjustmentState",
    "Application",
    "Bill",
    "BillLine",
    "BillState",
    "Cycle",
    "Notice",
    "NoticePutAway",
    "Paper",
    "PaperKind",
    "PaperState",
    "Supplier",
    "SupplierQuerySet",
    "SupplierState",
    "UnbilledCount",
]
