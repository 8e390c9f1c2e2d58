"""Goods as rows: products and their reviews."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kit import money
from kit.columns import by
from kit.rows import Rows
from supplychain import pictures
from supplychain.models import Product, ProductPicture, Revision, Sku

MAX_WORDS = 5


class Source(admin.SimpleListFilter):
    """Whose goods they are: the platform's own, or a supplier's."""

    title = _("source")
    parameter_name = "source"
    path = "supplier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("own", _("own stock")), ("supplier", _("suppliers"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(**{f"{self.path}__isnull": self.value() == "own"})


class SourceOfProduct(Source):
    """The same, for what belongs to a product."""

    path = "product__supplier"


@admin.register(Product)
class ProductRows(Rows):
    """Goods with picture, price and stock at a glance."""

    right = "console.see_goods"
    page = "console:product"
    doors = (
        ("console:many_products", "console.see_goods", _("Change many products")),
        ("console:new_product", "console.edit_products", _("Add an own product")),
    )
    not_exported = ("thumbnail",)
    list_display = (
        "thumbnail",
        "item_no",
        "name",
        "source",
        "category",
        "state",
        "supply_price",
        "in_stock",
        "changed_at",
    )
    list_display_links = ("thumbnail", "item_no", "name")
    list_select_related = ("category", "supplier__company")
    list_filter = ("state", Source, "chosen_only", "kind")
    search_fields = ("item_no", "name", "skus__sku_no", "supplier__number")
    search_help_text = _("Item number, sku number, name or supplier's number")
    actions = ("list_them", "delist_them", "change_them")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find products by every word; of those with many skus each once, without sorting them out."""
        for word in search_term.split()[:MAX_WORDS]:
            skus = Sku.objects.filter(sku_no__icontains=word).values("product")
            queryset = queryset.filter(
                Q(item_no__icontains=word)
                | Q(name__icontains=word)
                | Q(supplier__number__icontains=word)
                | Q(pk__in=skus)
            )
        return queryset, False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch what the columns show, in two more queries."""
        skus = Sku.objects.filter(offered=True).select_related("stock")
        main = ProductPicture.objects.filter(role="main", position=0).select_related("picture")
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("skus", skus), Prefetch("pictures", main))

    @admin.display(description=_("image"))
    def thumbnail(self, row: Product) -> str:
        """Show the first main picture."""
        found = next(iter(row.pictures.all()), None)
        if found is None:
            return format_html('<span class="hp-thumbnail"></span>')
        address = pictures.address(str(found.picture.thumbnail))
        return format_html('<img class="hp-thumbnail" src="{}" alt="">', address)

    @admin.display(description=_("source"))
    def source(self, row: Product) -> str:
        """Name the supplier, or the own stock."""
        return str(row.supplier or _("own stock"))

    @admin.display(description=_("supply price"))
    def supply_price(self, row: Product) -> str:
        """Show the price, or from which to which."""
        prices = sorted({sku.supply_price_fen for sku in row.skus.all()})
        if not prices:
            return "—"
        low, high = money.yuan(prices[0]), money.yuan(prices[-1])
        return low if low == high else f"{low} – {high}"

    @admin.display(description=_("stock"))
    def in_stock(self, row: Product) -> int:
        """Add up the pools of its skus."""
        return sum(sku.stock.available for sku in row.skus.all())

    @admin.action(description=_("List the selected products"), permissions=["list"])
    def list_them(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Ask first, on a page that says how many it will be."""
        return _many(request, queryset, "list_products")

    @admin.action(description=_("Delist the selected products"), permissions=["list"])
    def delist_them(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Ask first, on a page that says how many it will be."""
        return _many(request, queryset, "delist_products")

    @admin.action(description=_("Change the selected products…"), permissions=["view"])
    def change_them(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Lead to all that can be done to many."""
        return _many(request, queryset, "many_products")

    def has_list_permission(self, request: HttpRequest) -> bool:
        """Tell who may list and delist."""
        return request.user.has_perm("console.list_products")


MAX_SELECTED = 500
# Filters of the list that the pages about many products understand.
CARRIED = ("q", "state__exact", "source", "chosen_only__exact", "kind__exact")


def _many(request: HttpRequest, products: QuerySet[Any], page: str) -> HttpResponse:
    """Lead to a page about what is ticked, or about all that the list was narrowed to."""
    if request.POST.get("select_across") == "1":
        carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
        query = urlencode({**carried, "all": "1"})
    else:
        pks = products.order_by("pk").values_list("pk", flat=True)[:MAX_SELECTED]
        query = urlencode({"products": ",".join(map(str, pks))})
    return HttpResponseRedirect(f"{reverse(f'console:{page}')}?{query}")


@admin.register(Revision)
class RevisionRows(Rows):
    """New products and changes: the review queue, oldest first where they wait."""

    right = "console.see_goods"
    page = "console:revision"
    hint = _("What suppliers submit waits here until somebody confirms it or sends it back.")
    list_display = (
        "product",
        "source",
        "novelty",
        "state",
        "submitted_at",
        by("decided_by", _("decided by")),
        "note",
    )
    list_select_related = ("product__supplier__company",)
    list_filter = ("state", SourceOfProduct)
    search_fields = ("product__item_no", "product__name")
    search_help_text = _("Item number or name")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Show first what has waited longest, where only what waits is asked for."""
        return ["submitted_at"] if request.GET.get("state__exact") == "open" else ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the contents where they are: a list does not show them."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.defer("proposed")

    @admin.display(description=_("source"))
    def source(self, row: Revision) -> str:
        """Name the supplier, or the own stock."""
        return str(row.product.supplier or _("own stock"))

    @admin.display(description=_("what"))
    def novelty(self, row: Revision) -> str:
        """Say whether it is a new product or a change."""
        return str(_("change") if row.live else _("new product"))
