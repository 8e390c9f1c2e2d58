"""Goods, stock and reference data as rows; Django finds them here and each file registers its own."""

from supplychain.admin import goods, reference, stock

__all__ = ["goods", "reference", "stock"]
