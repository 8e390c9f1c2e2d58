"""A supplier's goods: the list, and what of one product is live, what waits, and what reviewers said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only, while_active
from kit import actors, paging
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import content, pictures, reviewing
from supplychain import listing as acts
from supplychain.models import (
    UNDECIDED,
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
DECIDED_SHOWN = 10
TABS = {
    "all": gettext_lazy("All"),
    "listed": gettext_lazy("On sale"),
    "waiting": gettext_lazy("Waiting for review"),
    "sent_back": gettext_lazy("Sent back"),
    "draft": gettext_lazy("Never on sale"),
    "delisted": gettext_lazy("Off sale"),
}


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
    """List a supplier's goods, by state or by a part of name or number."""
    show = request.GET.get("show", "all")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = _shown(Product.objects.of(supplier), show)
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(item_no__icontains=text) | Q(owner_no__icontains=text)
        )
    page = paging.newest_first(
        rows.select_related("category"), after=request.GET.get("after", ""), size=PAGE
    )
    context = {
        "page": page,
        "cards": _cards(page.rows),
        "show": show,
        "text": text,
        "tabs": TABS.items(),
        "kept": {"show": show, "q": text},
    }
    return access.shown(request, supplier, "goods.html", context)


@require_GET
@supplier_only
def product(request: HttpRequest, supplier: Supplier, item_no: str) -> HttpResponse:
    """Show what of a product is live, what waits, and what was said about it."""
    found = product_of(supplier, item_no)
    live = content.of(found)
    revisions = found.revisions.order_by("-pk")
    undecided = revisions.filter(state__in=UNDECIDED).first()
    context = {
        "product": found,
        "live": live,
        "skus": _skus([found]).get(found.pk, []),
        "main_pictures": _addresses(live.main_pictures if live else ()),
        "undecided": undecided,
        "changes": _changes(live, undecided),
        "decided": revisions.exclude(state__in=UNDECIDED)[:DECIDED_SHOWN],
        "may_list": may_list(found),
        "delisted_by_platform": _delisted_by_platform(found),
        "may_withdraw": undecided is not None and undecided.state != RevisionState.APPROVED,
    }
    return access.shown(request, supplier, "product.html", context)


@require_POST
@supplier_only
@while_active
def listing(request: HttpRequest, supplier: Supplier, item_no: str) -> HttpResponse:
    """Offer a product, or take it off sale."""
    found = product_of(supplier, item_no)
    on_sale = request.POST.get("on_sale") == "1"
    if on_sale and not may_list(found):
        messages.error(request, _("Only the platform can put this product on sale again."))
        return redirect("supplier:product", item_no)
    act = acts.list_product if on_sale else acts.delist_product
    try:
        act(
            product_pk=found.pk,
            supplier=supplier,
            actor=access.actor_of(request),
            at=timezone.now(),
            reason=request.POST.get("reason", "").strip(),
        )
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        messages.success(request, _("It is on sale.") if on_sale else _("It is off sale."))
    return redirect("supplier:product", item_no)


@require_POST
@supplier_only
@while_active
def withdrawal(request: HttpRequest, supplier: Supplier, item_no: str) -> HttpResponse:
    """Take back what waits for review."""
    found = product_of(supplier, item_no)
    revision = found.revisions.filter(state__in=UNDECIDED).first()
    if revision is None:
        raise Http404
    try:
        reviewing.withdraw(
            revision_pk=revision.pk,
            supplier=supplier,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        messages.success(request, _("The change has been taken back."))
    return redirect("supplier:product", item_no)


def product_of(supplier: Supplier, item_no: str) -> Product:
    """Return one of a supplier's products by its public number; others do not exist."""
    found = (
        Product.objects.of(supplier)
        .select_related("category", "brand", "freight_template")
        .filter(item_no=item_no)
        .first()
    )
    if found is None:
        raise Http404
    return found


def may_list(found: Product) -> bool:
    """Tell whether its supplier may put a product on sale: what the platform took off stays off."""
    if found.state == ProductState.DRAFT:
        return found.skus.filter(offered=True).exists()
    return found.state == ProductState.DELISTED and not _delisted_by_platform(found)


def _delisted_by_platform(found: Product) -> bool:
    if found.state != ProductState.DELISTED or found.supplier is None:
        return False
    people = found.supplier.company.memberships.values_list("person__email", flat=True)
    return found.state_changed_by not in {str(actors.person(email)) for email in people}


def _shown(rows: QuerySet[Product], show: str) -> QuerySet[Product]:
    if show in ProductState.values:
        return rows.filter(state=show)
    states = {
        "waiting": [RevisionState.OPEN, RevisionState.APPROVED],
        "sent_back": [RevisionState.CHANGES_REQUESTED],
    }.get(show)
    if states is None:
        return rows
    return rows.filter(Exists(Revision.objects.filter(product=OuterRef("pk"), state__in=states)))


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


def _addresses(uids: Sequence[str]) -> list[tuple[str, str]]:
    """Return the addresses of thumbnail and picture, in the order of the uids."""
    rows = {str(row.uid): row for row in Picture.objects.filter(uid__in=uids)}
    return [(rows[uid].thumbnail.url, rows[uid].file.url) for uid in uids if uid in rows]


def _changes(live: content.Content | None, undecided: Revision | None) -> list[Any]:
    if undecided is None:
        return []
    return list(content.difference(live, content.from_json(undecided.proposed)))
