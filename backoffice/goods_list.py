"""A supplier's goods as a list: searched, narrowed, sorted, by named views, and many changed at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import goods_views, pictures, running_low
from supplychain.models import (
    UNDECIDED,
    Brand,
    Category,
    GoodsView,
    Picture,
    PictureRole,
    Product,
    ProductPicture,
    ProductState,
    Revision,
    RevisionState,
    Sku,
)

PAGE = 40
MAX_TEXT = 64
TABS = {
    "all": gettext_lazy("All"),
    "listed": gettext_lazy("On sale"),
    "waiting": gettext_lazy("Waiting for review"),
    "sent_back": gettext_lazy("Sent back"),
    "draft": gettext_lazy("Never on sale"),
    "delisted": gettext_lazy("Off sale"),
}
STATES = {
    "waiting": [RevisionState.OPEN, RevisionState.APPROVED],
    "sent_back": [RevisionState.CHANGES_REQUESTED],
}
SORTS = {
    "newest": (gettext_lazy("Newest first"), ["-pk"]),
    "changed": (gettext_lazy("Changed last"), ["-changed_at", "-pk"]),
    "name": (gettext_lazy("By name"), ["name", "pk"]),
    "number": (gettext_lazy("By number"), ["item_no"]),
    "stock": (gettext_lazy("Fewest in stock"), ["pieces", "pk"]),
}
UID = re.compile(r"[0-9a-f-]{36}")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; all of it narrows."""

    show: str = "all"
    text: str = ""
    category: str = ""
    brand: str = ""
    low: bool = False
    bare: bool = False
    sort: str = "newest"

    @property
    def query(self) -> str:
        """The filter as the query of an address; what is as usual is left out."""
        said = {
            "show": self.show if self.show != "all" else "",
            "q": self.text,
            "category": self.category,
            "brand": self.brand,
            "low": "1" if self.low else "",
            "bare": "1" if self.bare else "",
            "sort": self.sort if self.sort != "newest" else "",
        }
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def narrows(self) -> bool:
        """Tell whether anything besides the tab narrows the list."""
        return bool(self.text or self.category or self.brand or self.low or self.bare)


@dataclass(frozen=True)
class Card:
    """A product in the list, with what is shown beside it."""

    product: Product
    skus: Sequence[Sku]
    revision: Revision | None
    thumbnail: str

    @property
    def lowest_fen(self) -> int | None:
        """The lowest supply price: live, else proposed."""
        return min(self._prices, default=None)

    @property
    def highest_fen(self) -> int | None:
        """The highest one."""
        return max(self._prices, default=None)

    @property
    def available(self) -> int | None:
        """Pieces of all skus together; None if nothing is live yet."""
        return sum(sku.stock.available for sku in self.skus) if self.skus else None

    @property
    def _prices(self) -> list[int]:
        if self.skus or self.revision is None:
            return [sku.supply_price_fen for sku in self.skus]
        return [sku["supply_price_fen"] for sku in self.revision.proposed.get("skus", [])]


@require_GET
@supplier_only
def goods(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """List a supplier's goods; with nothing asked for, by the reader's own default view."""
    views = list(GoodsView.objects.filter(person=access.person_of(request), supplier=supplier))
    default = next((view for view in views if view.is_default), None)
    if not request.GET and default:
        return redirect(f"{reverse('supplier:goods')}?{default.query or 'show=all'}")
    wanted = read(request.GET)
    pages = Paginator(sorted_by(filtered(supplier, wanted), wanted.sort), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "numbers": pages.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "cards": _cards(list(page.object_list)),
        "wanted": wanted,
        "show": wanted.show,
        "text": wanted.text,
        "tabs": TABS.items(),
        "sorts": [(key, label) for key, (label, _order) in SORTS.items()],
        "views": views,
        "current_view": next((view for view in views if view.query == wanted.query), None),
        **_choices(supplier),
    }
    return access.shown(request, supplier, "goods.html", context)


@require_POST
@supplier_only
def save_view(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Give a filter a name, for whoever is at the keyboard."""
    query = read(QueryDict(request.POST.get("query", "")[: goods_views.MAX_QUERY])).query
    try:
        goods_views.save(
            person=access.person_of(request),
            supplier=supplier,
            name=request.POST.get("name", ""),
            query=query,
            is_default=request.POST.get("is_default") == "1",
        )
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        messages.success(request, _("The view is saved."))
    return redirect(f"{reverse('supplier:goods')}?{query or 'show=all'}")


@require_POST
@supplier_only
def delete_view(request: HttpRequest, supplier: Supplier, pk: int) -> HttpResponse:
    """Forget a view."""
    try:
        goods_views.delete(person=access.person_of(request), supplier=supplier, pk=pk)
    except NotFound:
        raise Http404 from None
    return redirect(f"{reverse('supplier:goods')}?show=all")


def read(query: Mapping[str, str]) -> Wanted:
    """Read a filter from an address; an unknown tab does not exist, an unknown sort is the usual."""
    show = query.get("show", "all")
    if show not in TABS:
        raise Http404
    sort = query.get("sort", "newest")
    return Wanted(
        show=show,
        text=query.get("q", "").replace("\0", "").strip()[:MAX_TEXT],
        category=query.get("category", "")[:MAX_TEXT],
        brand=query.get("brand", "")[:MAX_TEXT],
        low=query.get("low") == "1",
        bare=query.get("bare") == "1",
        sort=sort if sort in SORTS else "newest",
    )


def filtered(supplier: Supplier, wanted: Wanted) -> QuerySet[Product]:
    """Return the goods that a filter leaves."""
    rows: QuerySet[Product] = Product.objects.of(supplier)
    if wanted.show in ProductState.values:
        rows = rows.filter(state=wanted.show)
    elif states := STATES.get(wanted.show):
        rows = rows.filter(pk__in=_revised(supplier, states))
    if wanted.text:
        rows = rows.filter(_mentions(supplier, wanted.text))
    if wanted.category:
        rows = rows.filter(_below(wanted.category))
    if wanted.brand:
        rows = rows.filter(brand__code=wanted.brand)
    if wanted.low:
        rows = rows.filter(pk__in=running_low.low_of(supplier).values("product"))
    if wanted.bare:
        rows = rows.exclude(_has_picture(supplier))
    return rows


def sorted_by(rows: QuerySet[Product], sort: str) -> QuerySet[Product]:
    """Put goods in order, each with its category."""
    if sort == "stock":
        pieces = Sum("skus__stock__available", filter=Q(skus__offered=True))
        rows = rows.annotate(pieces=Coalesce(pieces, 0, output_field=IntegerField()))
    return rows.select_related("category").order_by(*SORTS[sort][1])


def _revised(supplier: Supplier, states: Iterable[str]) -> QuerySet[Any, Any]:
    return Revision.objects.filter(product__supplier=supplier, state__in=states).values("product")


def _mentions(supplier: Supplier, text: str) -> Q:
    """Find by a part of the name or of any number, or by a barcode."""
    skus = Sku.objects.filter(product__supplier=supplier, offered=True).filter(
        Q(sku_no__icontains=text) | Q(owner_no__icontains=text) | Q(barcode=text)
    )
    return (
        Q(name__icontains=text)
        | Q(item_no__icontains=text)
        | Q(owner_no__icontains=text)
        | Q(pk__in=skus.values("product"))
    )


def _below(code: str) -> Q:
    path = Category.objects.filter(code=code).values_list("path", flat=True).first()
    if path is None:
        return Q(pk__in=())
    return Q(category__path=path) | Q(category__path__startswith=f"{path}/")


def _has_picture(supplier: Supplier) -> Q:
    """A picture that is live, or proposed for what never was."""
    live = ProductPicture.objects.filter(product=OuterRef("pk"), role=PictureRole.MAIN)
    proposed = Revision.objects.filter(
        product__supplier=supplier, state__in=UNDECIDED, proposed__main_pictures__0__isnull=False
    )
    return Q(Exists(live)) | Q(state=ProductState.DRAFT, pk__in=proposed.values("product"))


def _choices(supplier: Supplier) -> dict[str, Any]:
    """Return the categories and brands that a supplier's goods are in."""
    mine = Product.objects.of(supplier)
    return {
        "categories": Category.objects.filter(pk__in=mine.values("category")).order_by("path"),
        "brands": Brand.objects.filter(pk__in=mine.values("brand")).order_by("name"),
    }


def _cards(products: Sequence[Product]) -> list[Card]:
    skus = _skus(products)
    undecided = {
        revision.product_id: revision
        for revision in Revision.objects.filter(product__in=products, state__in=UNDECIDED)
    }
    thumbnails = _thumbnails(products, undecided.values())
    return [
        Card(
            product,
            skus.get(product.pk, []),
            undecided.get(product.pk),
            thumbnails.get(product.pk, ""),
        )
        for product in products
    ]


def _skus(products: Sequence[Product]) -> dict[int, list[Sku]]:
    found: dict[int, list[Sku]] = {}
    for sku in Sku.objects.filter(product__in=products, offered=True).select_related("stock"):
        found.setdefault(sku.product_id, []).append(sku)
    return found


def _thumbnails(products: Sequence[Product], undecided: Iterable[Revision]) -> dict[int, str]:
    """Return the first main picture of each product: live, else proposed."""
    first: dict[int, str] = {}
    for revision in undecided:
        for uid in revision.proposed.get("main_pictures", [])[:1]:
            first[revision.product_id] = uid
    places = Picture.objects.filter(uid__in=first.values()).values_list("uid", "thumbnail")
    by_uid = {str(uid): pictures.address(name) for uid, name in places}
    found = {pk: by_uid[uid] for pk, uid in first.items() if uid in by_uid}
    live = (
        ProductPicture.objects.filter(product__in=products, role=PictureRole.MAIN)
        .order_by("product_id", "-position")
        .values_list("product_id", "picture__thumbnail")
    )
    found.update({pk: pictures.address(name) for pk, name in live})
    return found
