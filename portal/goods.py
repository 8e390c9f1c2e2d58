"""Goods for a buyer's eyes: a grid with pictures, and a product in full with what to order of it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from companies import policies
from companies.policies import Policies
from distributors.models import Distributor
from orders import collecting
from portal import access
from portal.access import distributor_only
from supplychain import browsing, freight, offers, pictures
from supplychain.browsing import Wanted
from supplychain.models import PictureRole, Product, ProductPicture, Selection
from supplychain.offers import Offer

MAX_TEXT = 64


@dataclass(frozen=True)
class Photo:
    """A picture of a product, and the small one that leads to it."""

    small: str
    large: str


@require_GET
@distributor_only
def goods(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the goods that a distributor sees, narrowed by what the address says."""
    wanted = wanted_of(request.GET)
    if wanted.order not in browsing.ORDERS:
        raise Http404
    cards = browsing.page(distributor, wanted, after=request.GET.get("after", ""))
    categories, brands = browsing.shelves(distributor, wanted.category, wanted.brand)
    if _is_gone(wanted.category, categories):
        raise Http404
    context = {
        "page": cards,
        "wanted": wanted,
        "categories": categories,
        "category": next((shelf for shelf in categories if shelf.current), None),
        "brands": brands,
        "brand": next((shelf for shelf in brands if shelf.current), None),
        "orders": browsing.ORDERS.items(),
        "kept": kept_of(wanted),
        "basket_count": _basket_count(request, distributor),
    }
    return access.shown(request, distributor, "goods.html", context)


@require_GET
@distributor_only
def product(request: HttpRequest, distributor: Distributor, item_no: str) -> HttpResponse:
    """Show a product in full; what a distributor does not see is not there."""
    found = product_of(distributor, item_no)
    photos, decided = _photos(found), policies.read()
    context = {
        "product": found,
        "photos": photos[PictureRole.MAIN],
        "details": photos[PictureRole.DETAIL],
        "offers": _offers(distributor, found),
        "selected": Selection.objects.filter(distributor=distributor, product=found).exists(),
        "freight": _freight(found),
        "aftersale_days": _aftersale_days(found, decided),
        "ship_within_hours": found.ship_within_hours or decided.ship_within_hours,
        "basket_count": _basket_count(request, distributor),
    }
    return access.shown(request, distributor, "product.html", context)


def wanted_of(values: Any) -> Wanted:
    """Return what an address or a form asks for."""
    return Wanted(
        words=values.get("q", "").replace("\0", "").strip()[:MAX_TEXT],
        category=values.get("category", "").replace("\0", "")[:MAX_TEXT],
        brand=values.get("brand", "").replace("\0", "")[:MAX_TEXT],
        selected=values.get("selected") == "1",
        in_stock=values.get("in_stock") == "1",
        order=values.get("order") or browsing.NEWEST,
    )


def kept_of(wanted: Wanted) -> dict[str, str]:
    """Return what the address of a further page repeats."""
    return {
        "q": wanted.words,
        "category": wanted.category,
        "brand": wanted.brand,
        "selected": "1" if wanted.selected else "",
        "in_stock": "1" if wanted.in_stock else "",
        "order": "" if wanted.order == browsing.NEWEST else wanted.order,
    }


def product_of(distributor: Distributor, item_no: str) -> Product:
    """Return a product that a distributor sees."""
    rows = offers.offered_to(distributor).select_related("brand", "category")
    found = rows.filter(item_no=item_no.replace("\0", "")).first()
    if found is None:
        raise Http404
    return found


def _is_gone(category: str, categories: list[browsing.Shelf]) -> bool:
    return bool(category) and not any(shelf.current for shelf in categories)


def _basket_count(request: HttpRequest, distributor: Distributor) -> int:
    return collecting.count(distributor=distributor, person=access.person_of(request))


def _offers(distributor: Distributor, found: Product) -> list[Offer]:
    numbers = found.skus.filter(offered=True).values_list("sku_no", flat=True)
    offered = offers.find((distributor.pk, sku_no) for sku_no in numbers)
    return [offer for offer in offered.values() if offer.on_sale]


def _photos(found: Product) -> dict[str, list[Photo]]:
    photos: dict[str, list[Photo]] = {role: [] for role in PictureRole.values}
    rows = ProductPicture.objects.filter(product=found).order_by("role", "position")
    for role, small, large in rows.values_list("role", "picture__thumbnail", "picture__file"):
        photos[role].append(Photo(pictures.address(small), pictures.address(large)))
    return photos


def _freight(found: Product) -> list[freight.Rule]:
    """Return the rules of what shipping costs; none: it is free."""
    pk = found.freight_template_id
    return list(freight.tariffs([pk])[pk]) if pk else []


def _aftersale_days(found: Product, decided: Policies) -> int:
    """Return for how many days after receipt after-sales are open; 0: not at all."""
    usual = int(decided.aftersale_days) if decided.aftersale_policy == "open" else 0
    return usual if found.aftersale_days is None else found.aftersale_days
