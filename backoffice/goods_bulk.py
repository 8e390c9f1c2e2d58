"""Many goods at once: taken off the shelf, put back, or copied, after it was said how many it will be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from backoffice import access, goods, goods_list
from backoffice.access import supplier_only, while_active
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import copying, listing, pausing
from supplychain.checking import CategoryUnknown
from supplychain.models import Category, Product, ProductState

CATEGORIES_OFFERED = 3_000


@dataclass(frozen=True)
class Verb:
    """Something that can be done to many goods: its name, its limit, and what it asks."""

    key: str
    label: Promise
    limit: int
    question: Promise


VERBS = {
    "delist": Verb(
        "delist",
        gettext_lazy("Take off sale"),
        listing.MAX_AT_ONCE,
        gettext_lazy("They can no longer be ordered; what was ordered is still shipped."),
    ),
    "list": Verb(
        "list",
        gettext_lazy("Put on sale"),
        listing.MAX_AT_ONCE,
        gettext_lazy("Distributors can order them again."),
    ),
    "copy": Verb(
        "copy",
        gettext_lazy("Copy to…"),
        copying.MAX_AT_ONCE,
        gettext_lazy("Each becomes a new product with the same content and no stock."),
    ),
}


@require_POST
@supplier_only
@while_active
def bulk(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Say how many goods it will be; do it when that was seen."""
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Http404
    chosen = _chosen(request, supplier)
    fitting = _fitting(chosen, verb.key)
    if not chosen or len(chosen) > verb.limit:
        text = _("Choose 1 to {limit} products.").format(limit=verb.limit)
        messages.error(request, text)
        return _back(request)
    if request.POST.get("sure") != "1" or not fitting:
        return _ask(request, supplier, verb, chosen, fitting)
    try:
        DOING[verb.key](request, supplier, fitting)
    except DomainError as refusal:
        access.tell(request, refusal)
        return _ask(request, supplier, verb, chosen, fitting, 422)
    return _back(request)


def _chosen(request: HttpRequest, supplier: Supplier) -> list[Product]:
    """Return the goods that were ticked, or all that the filter leaves; one more than any limit."""
    rows = Product.objects.of(supplier)
    if request.POST.get("all") == "1":
        wanted = goods_list.read(QueryDict(request.POST.get("query", "")))
        rows = goods_list.filtered(supplier, wanted)  # type: ignore[assignment]
    else:
        rows = rows.filter(item_no__in=request.POST.getlist("of")[: listing.MAX_AT_ONCE + 1])
    return list(rows.select_related("supplier__company").order_by("pk")[: listing.MAX_AT_ONCE + 1])


def _fitting(chosen: Sequence[Product], verb: str) -> list[Product]:
    if verb == "delist":
        return [
            one for one in chosen if one.state == ProductState.LISTED or pausing.is_waiting(one)
        ]
    return goods.listable(chosen) if verb == "list" else list(chosen)


def _ask(
    request: HttpRequest,
    supplier: Supplier,
    verb: Verb,
    chosen: Sequence[Product],
    fitting: Sequence[Product],
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "verb": verb,
        "fitting": fitting,
        "left_out": len(chosen) - len(fitting),
        "query": request.POST.get("query", ""),
        "typed": request.POST,
    }
    if verb.key == "copy":
        paths = Category.objects.order_by("path").values_list("path", flat=True)
        context["categories"] = paths[:CATEGORIES_OFFERED]
    return access.shown(request, supplier, "goods_bulk.html", context, status)


def _delist(request: HttpRequest, supplier: Supplier, products: Sequence[Product]) -> None:
    done = listing.delist_products(
        product_pks=[product.pk for product in products],
        supplier=supplier,
        actor=access.actor_of(request),
        at=timezone.now(),
        reason=request.POST.get("reason", "").strip(),
    )
    _said(
        request, ngettext("{n} product is off sale.", "{n} products are off sale.", len(done)), done
    )


def _list(request: HttpRequest, supplier: Supplier, products: Sequence[Product]) -> None:
    done = listing.list_products(
        product_pks=[product.pk for product in products],
        supplier=supplier,
        actor=access.actor_of(request),
        at=timezone.now(),
    )
    if pausing.running(products):
        text = ngettext(
            "{n} product comes on sale by itself when you are open again.",
            "{n} products come on sale by themselves when you are open again.",
            len(done),
        )
    else:
        text = ngettext("{n} product is on sale.", "{n} products are on sale.", len(done))
    _said(request, text, done)


def _copy(request: HttpRequest, supplier: Supplier, products: Sequence[Product]) -> None:
    told = copying.copy_many(
        product_pks=[product.pk for product in products],
        supplier=supplier,
        ending=request.POST.get("ending", ""),
        category_pk=_category(request.POST.get("category", "").strip()),
        actor=access.actor_of(request),
        at=timezone.now(),
    )
    made = [one for one in told if one.refusal is None]
    if made:
        _said(
            request,
            ngettext("{n} copy has been made.", "{n} copies have been made.", len(made)),
            made,
        )
    for one in told:
        if one.refusal is not None:
            messages.error(request, f"{one.owner_no}: {' '.join(access.sentences(one.refusal))}")


def _category(path: str) -> int | None:
    if not path:
        return None
    found = Category.objects.filter(path=path).values_list("pk", flat=True).first()
    if found is None:
        raise CategoryUnknown(pointer="/category")
    return found


def _said(request: HttpRequest, text: str, done: Sequence[object]) -> None:
    messages.success(request, text.format(n=len(done)))


def _back(request: HttpRequest) -> HttpResponse:
    query = goods_list.read(QueryDict(request.POST.get("query", ""))).query
    return redirect(f"{reverse('supplier:goods')}?{query or 'show=all'}")


DOING: dict[str, Callable[[HttpRequest, Supplier, Sequence[Product]], None]] = {
    "delist": _delist,
    "list": _list,
    "copy": _copy,
}
