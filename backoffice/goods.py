"""One product of a supplier: what of it is live, what waits, and what reviewers said."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only, while_active
from kit import actors
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import content, pausing, reviewing
from supplychain import listing as acts
from supplychain.models import (
    UNDECIDED,
    Picture,
    Product,
    ProductState,
    Revision,
    RevisionState,
    Sku,
)

DECIDED_SHOWN = 10


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
        "skus": found.skus.filter(offered=True).select_related("stock"),
        "main_pictures": _addresses(live.main_pictures if live else ()),
        "undecided": undecided,
        "changes": _changes(live, undecided),
        "comparison": _comparison(live, undecided),
        "decided": revisions.exclude(state__in=UNDECIDED)[:DECIDED_SHOWN],
        "may_list": may_list(found),
        "opens_on": pausing.opens_on(found),
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
        done = act(
            product_pk=found.pk,
            supplier=supplier,
            actor=access.actor_of(request),
            at=timezone.now(),
            reason=request.POST.get("reason", "").strip(),
        )
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        messages.success(request, _said(done))
    return redirect("supplier:product", item_no)


def _said(done: Product) -> str:
    day = pausing.opens_on(done)
    if day is not None:
        return _("It comes on sale by itself on {day}, when you are open again.").format(day=day)
    return _("It is on sale.") if done.state == ProductState.LISTED else _("It is off sale.")


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
    return bool(listable([found]))


def listable(products: Sequence[Product]) -> list[Product]:
    """Return those of one supplier's products that it may put on sale, in three queries."""
    off = [product for product in products if product.state != ProductState.LISTED]
    closed = pausing.running(off)
    off = [one for one in off if not (pausing.is_waiting(one) and one.supplier_id in closed)]
    approved = set(
        Sku.objects.filter(product__in=off, offered=True).values_list("product_id", flat=True)
    )
    ours = _our_people(off)
    return [
        product
        for product in off
        if product.pk in approved
        and (product.state == ProductState.DRAFT or _is_ours(product, ours))
    ]


def _delisted_by_platform(found: Product) -> bool:
    return found.state == ProductState.DELISTED and not _is_ours(found, _our_people([found]))


def _is_ours(product: Product, ours: Collection[str]) -> bool:
    """Tell whether its supplier, or a timer (sold out, a holiday), took a product off sale."""
    by = product.state_changed_by
    return by.startswith("timer:") or by in ours


def _our_people(products: Sequence[Product]) -> set[str]:
    supplier = products[0].supplier if products else None
    if supplier is None:
        return set()
    people = supplier.company.memberships.values_list("person__email", flat=True)
    return {str(actors.person(email)) for email in people}


def _addresses(uids: Sequence[str]) -> list[tuple[str, str]]:
    """Return the addresses of thumbnail and picture, in the order of the uids."""
    rows = {str(row.uid): row for row in Picture.objects.filter(uid__in=uids)}
    return [(rows[uid].thumbnail.url, rows[uid].file.url) for uid in uids if uid in rows]


def _changes(live: content.Content | None, undecided: Revision | None) -> list[Any]:
    if undecided is None:
        return []
    return list(content.difference(live, content.from_json(undecided.proposed)))


def _comparison(live: content.Content | None, undecided: Revision | None) -> list[Any]:
    if undecided is None or live is None:
        return []
    return list(content.comparison(live, content.from_json(undecided.proposed)))
