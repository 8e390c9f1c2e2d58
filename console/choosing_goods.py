"""Which products are meant: those that were ticked, or all that a filter finds."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.doing_many import Subject
from kit.errors import NotFound
from suppliers.models import Supplier
from supplychain.models import (
    Brand,
    Category,
    FreightTemplate,
    Product,
    ProductKind,
    ProductState,
    Sku,
)

OWN, SUPPLIERS = "own", "supplier"
MAX_WORDS = 5
MAX_TICKED = 500
# What a list of the admin calls its filters.
OF_LIST = {
    "q": "words",
    "state__exact": "state",
    "source": "source",
    "chosen_only__exact": "chosen_only",
    "kind__exact": "kind",
}


def ticked(text: str) -> list[int]:
    """Read keys with commas between.

    :raises NotFound: they are no keys, or too many.
    """
    keys = [key for key in text.split(",") if key]
    if len(keys) > MAX_TICKED or not all(
        key.isascii() and key.isdigit() and len(key) <= 18 for key in keys
    ):
        raise NotFound
    return [int(key) for key in keys]


class GoodsFilter(forms.Form):
    """Finds products."""

    words = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("Item number, sku number or name")}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", "—"), *ProductState.choices]
    )
    source = forms.ChoiceField(
        label=_("Source"),
        required=False,
        choices=[("", "—"), (OWN, _("own stock")), (SUPPLIERS, _("suppliers"))],
    )
    supplier = forms.ModelChoiceField(
        Supplier.objects.select_related("company").order_by("number"),
        label=_("Supplier"),
        required=False,
        empty_label="—",
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=_("Category and what is below it"),
        required=False,
        empty_label="—",
    )
    brand = forms.ModelChoiceField(
        Brand.objects.all(), label=_("Brand"), required=False, empty_label="—"
    )
    freight_template = forms.ModelChoiceField(
        FreightTemplate.objects.order_by("name"),
        label=_("Freight template"),
        required=False,
        empty_label="—",
    )
    chosen_only = forms.ChoiceField(
        label=_("Who sees it"),
        required=False,
        choices=[
            ("", "—"),
            ("0", _("every distributor")),
            ("1", _("only the chosen ones")),
        ],
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("of a product", "Kind"),
        required=False,
        choices=[("", "—"), *ProductKind.choices],
    )


class Choice:
    """The products that a query names: `products=1,2,3`, or the filters of `GoodsFilter`."""

    def __init__(self, query: QueryDict) -> None:
        keys = str(query.get("products") or "")
        self._keys = ticked(keys) if keys else None
        given = {OF_LIST.get(name, name): str(query[name]) for name in query}
        self.filter = GoodsFilter(given)
        # A filter that cannot be read finds nothing, never everything.
        self._is_readable = self.filter.is_valid()
        self._asked = {
            name: given[name] for name in (*GoodsFilter.base_fields, "all") if given.get(name)
        }

    @property
    def is_ticked(self) -> bool:
        """Whether products were ticked one by one."""
        return self._keys is not None

    @property
    def is_made(self) -> bool:
        """Whether anything was chosen at all."""
        return self.is_ticked or bool(self._asked)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What names the same products on another page."""
        if self._keys is not None:
            return [("products", ",".join(map(str, self._keys)))]
        return list(self._asked.items())

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode(self.pairs)

    def products(self) -> QuerySet[Product]:
        """Return the products, by primary key."""
        rows: QuerySet[Product] = Product.objects.order_by("pk")
        if self._keys is not None:
            return rows.filter(pk__in=self._keys)
        if not (self.is_made and self._is_readable):
            return rows.none()
        return _narrowed(rows, self.filter.cleaned_data)

    def subjects(self) -> list[Subject]:
        """Return them as rows of a job."""
        found = self.products().values_list("pk", "item_no", "name")
        return [Subject(pk, f"{item_no} {name}") for pk, item_no, name in found]


def _narrowed(rows: QuerySet[Product], wanted: dict[str, Any]) -> QuerySet[Product]:
    for word in wanted["words"].split()[:MAX_WORDS]:
        skus = Sku.objects.filter(sku_no__icontains=word).values("product")
        rows = rows.filter(
            Q(item_no__icontains=word)
            | Q(name__icontains=word)
            | Q(supplier__number__icontains=word)
            | Q(pk__in=skus)
        )
    for name in ("state", "kind", "supplier", "brand", "freight_template"):
        if wanted[name]:
            rows = rows.filter(**{name: wanted[name]})
    if wanted["source"]:
        rows = rows.filter(supplier__isnull=wanted["source"] == OWN)
    if wanted["chosen_only"]:
        rows = rows.filter(chosen_only=wanted["chosen_only"] == "1")
    if wanted["category"]:
        path = wanted["category"].path
        rows = rows.filter(Q(category__path=path) | Q(category__path__startswith=f"{path}/"))
    return rows
