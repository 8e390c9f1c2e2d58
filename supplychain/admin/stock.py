"""Stock as rows: variants with their pools, every change of them, what is kept for one distributor."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kit import money
from kit.columns import by, flag
from kit.rows import Frozen, Rows
from supplychain.admin.goods import SourceOfProduct
from supplychain.models import Allotment, Movement, Sku


@admin.register(Sku)
class SkuRows(Rows):
    """Every variant with its pool, to find by number."""

    right = "console.see_goods"
    page = "console:sku"
    list_display = (
        "sku_no",
        "product_name",
        "specification",
        "in_stock",
        "price",
        "offered",
        flag("frozen_at", _("frozen"), "bad"),
    )
    list_select_related = ("product", "stock")
    list_filter = ("offered", Frozen, SourceOfProduct)
    search_fields = ("sku_no", "barcode", "product__item_no", "product__name")
    search_help_text = _("Sku number, barcode, item number or name")

    @admin.display(description=_("product"))
    def product_name(self, row: Sku) -> str:
        """Name the product."""
        return row.product.name

    @admin.display(description=_("specification"))
    def specification(self, row: Sku) -> str:
        """Show the specification on one line."""
        return row.spec_text

    @admin.display(description=_("stock"), ordering="stock__available")
    def in_stock(self, row: Sku) -> int:
        """Show the pool."""
        return row.stock.available

    @admin.display(description=_("supply price"), ordering="supply_price_fen")
    def price(self, row: Sku) -> str:
        """Show the supply price."""
        return money.yuan(row.supply_price_fen)


@admin.register(Movement)
class MovementRows(Rows):
    """Every change of stock, newest first, with the balance after it."""

    right = "console.see_goods"
    list_display = (
        "moved_at",
        "sku",
        "kind",
        "quantity",
        "balance_after",
        "cause",
        by("actor", _("by whom")),
        "note",
    )
    list_select_related = ("sku",)
    list_filter = ("kind",)
    search_fields = ("cause",)
    search_help_text = _("Sku number, or order number with line")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by a whole number, through an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        sku = Sku.objects.filter(sku_no=term).first()
        return (queryset.filter(sku=sku) if sku else queryset.filter(cause=term)), False


@admin.register(Allotment)
class AllotmentRows(Rows):
    """What is kept for one distributor alone."""

    right = "console.see_goods"
    list_display = ("sku", "distributor", "available", "then_pool")
    list_select_related = ("sku", "distributor__company")
    search_fields = ("sku__sku_no", "distributor__number", "distributor__company__name")
    search_help_text = _("Sku number or distributor")
