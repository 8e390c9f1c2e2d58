"""Goods as rows: products, reviews, stock; and the plain reference data that staff keep in forms."""

import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminTextInputWidget

from kit import money
from kit.columns import by, flag
from kit.rows import Reference, Rows
from supplychain import catalogue, pictures, renaming
from supplychain.models import (
    MAX_ATTRIBUTE_VALUE,
    Allotment,
    AttributeKind,
    Brand,
    Category,
    CategoryAttribute,
    FreightTemplate,
    Holiday,
    Movement,
    Product,
    ProductPicture,
    Revision,
    Sku,
)

MAX_CHOICES = 100
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


class Frozen(admin.SimpleListFilter):
    """Whether a proof has frozen it."""

    title = _("frozen")
    parameter_name = "frozen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("frozen")), ("no", _("in use"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(frozen_at__isnull=self.value() == "no")


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


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A category by its place in the tree; its path follows from that."""

    class Meta:
        model = Category
        fields = ("parent", "name", "code", "position")

    def clean_name(self) -> str:
        """A name is one step of a path."""
        name = str(self.cleaned_data["name"]).strip()
        if "/" in name or not name.isprintable():
            raise ValidationError(_("A name has no “/” in it."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a tree that is too deep, a path that is taken, and a branch in itself."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        parent, name = values.get("parent"), values.get("name")
        if not name:
            return values
        path = f"{parent.path}/{name}" if parent else name
        if path.count("/") >= catalogue.MAX_DEPTH or len(path) > catalogue.MAX_PATH:
            raise ValidationError(_("This is too deep in the tree."))
        if Category.objects.filter(path=path).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a category of this name here already."))
        self.instance.path = path
        return values


class AttributeForm(forms.ModelForm):  # type: ignore[type-arg]
    """One thing that a category asks for."""

    choices = forms.CharField(
        label=_("values to choose from"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For a choice: the values with commas between, such as 棉, 麻, 丝"),
    )

    class Meta:
        model = CategoryAttribute
        fields = ("name", "kind", "choices", "required", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["choices"] = ", ".join(self.instance.choices)

    def clean_name(self) -> str:
        """Write the name as products will hold it."""
        return str(self.cleaned_data["name"]).strip()

    def clean_choices(self) -> list[str]:
        """Read the values of a choice, each once."""
        parts = re.split("[,，、\n]", self.cleaned_data["choices"])
        values = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(values) > MAX_CHOICES or any(len(value) > MAX_ATTRIBUTE_VALUE for value in values):
            raise ValidationError(
                _("Up to {count} values of up to {limit} characters.").format(
                    count=MAX_CHOICES, limit=MAX_ATTRIBUTE_VALUE
                )
            )
        return values

    def clean(self) -> dict[str, Any]:
        """See that a choice has values, and nothing else has."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") != AttributeKind.CHOICE:
            values["choices"] = []
        elif not values.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("Write the values to choose from."))
        return values


class Attributes(StackedInline):
    """What suppliers are asked of goods in a category and below it."""

    model = CategoryAttribute
    form = AttributeForm
    extra = 0
    fields = (("name", "kind"), "choices", ("required", "position"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("console.see_goods")

    def _may_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("console.edit_reference")

    has_add_permission = has_change_permission = has_delete_permission = _may_edit


class ShownByGoods(Reference):
    """What products show the name of: kept by the act that has their distributors told."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        renaming.keep_within(obj, at=timezone.now())


@admin.register(Category)
class CategoryRows(ShownByGoods):
    """The category tree. A category stays where it was made: limits and shops go by its path."""

    right = "console.see_goods"
    edit_right = "console.edit_reference"
    form = CategoryForm
    inlines = (Attributes,)
    list_display = ("path", "code", "position")
    ordering = ("path",)
    search_fields = ("path", "code")
    search_help_text = _("Name or code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the place and the name of what is there."""
        return ("parent", "name") if obj else ()


@admin.register(Brand)
class BrandRows(ShownByGoods):
    """Brands that products carry."""

    right = "console.see_goods"
    edit_right = "console.edit_reference"
    list_display = ("name", "code")
    ordering = ("name",)
    search_fields = ("name", "code")
    search_help_text = _("Name or code")


@admin.register(FreightTemplate)
class FreightTemplateRows(Rows):
    """What shipping costs; those of suppliers are kept by them and only read here."""

    right = "console.see_goods"
    page = "console:freight_template"
    doors = (("console:new_freight", "console.edit_reference", _("New freight template")),)
    list_display = ("name", "supplier", "charge_by")
    list_select_related = ("supplier__company",)
    list_filter = (Source, "charge_by")
    search_fields = ("name", "supplier__number")
    search_help_text = _("Name or supplier's number")


@admin.register(Holiday)
class HolidayRows(Rows):
    """When suppliers are closed."""

    right = "console.see_companies"
    hint = _("While a supplier is on holiday its goods are off sale by themselves.")
    list_display = (
        "supplier",
        "state",
        "starts_at",
        "ends_at",
        "message",
        "paused",
        "resumed",
        by("said_by", _("said by")),
    )
    list_select_related = ("supplier__company",)
    list_filter = ("state",)
    search_fields = ("supplier__number", "supplier__company__name")
    search_help_text = _("Supplier")
