"""A buyer's basket: what goes in from the goods, and how many pieces of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from distributors.models import Distributor
from kit.errors import DomainError, NotFound
from orders import collecting
from orders.models import BasketLine
from portal import access, goods
from portal.access import distributor_only
from supplychain import browsing
from supplychain.offers import Offer


@dataclass(frozen=True)
class Row:
    """A line of a basket as it is shown: with today's price, or why it cannot be ordered."""

    line: BasketLine
    offer: Offer | None
    thumbnail: str
    problem: str

    @property
    def sum_fen(self) -> int:
        """What its pieces cost, without freight; 0 where it is not on sale."""
        return self.offer.price.agreement_price_fen * self.line.quantity if self.offer else 0


@require_GET
@distributor_only
def basket(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the basket of whoever is logged in."""
    return access.shown(request, distributor, "basket.html", _context(request, distributor))


@require_POST
@distributor_only
def add(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Put pieces of one or several skus of a product into the basket."""
    item_no = goods.product_of(distributor, request.POST.get("item_no", "")).item_no
    quantities = _quantities(request.POST)
    if not quantities:
        messages.warning(request, _("Say how many pieces first."))
        return redirect("portal:product", item_no)
    try:
        collecting.add(
            distributor=distributor,
            person=access.person_of(request),
            quantities=quantities,
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:product", item_no)
    pieces = sum(quantities.values())
    text = ngettext("{count} piece is in the basket.", "{count} pieces are in the basket.", pieces)
    messages.success(request, text.format(count=pieces))
    return redirect("portal:product", item_no)


@require_POST
@distributor_only
def change(request: HttpRequest, distributor: Distributor, sku_no: str) -> HttpResponse:
    """Set the pieces of a sku in the basket, 0 takes it out; answers with the lines as they are now."""
    problem = ""
    try:
        collecting.change(
            distributor=distributor,
            person=access.person_of(request),
            sku_no=sku_no,
            quantity=_number(request.POST.get("quantity", "")),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        problem = str(refusal)
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        return redirect("portal:basket")
    context = {**_context(request, distributor), "problem": problem}
    return access.shown(request, distributor, "basket_lines.html", context)


def rows_of(request: HttpRequest, distributor: Distributor) -> list[Row]:
    """Return the lines of somebody's basket with what would keep each from being ordered."""
    held = collecting.contents(distributor=distributor, person=access.person_of(request))
    small = browsing.thumbnails([line.sku.product_id for line, _offer in held])
    return [
        Row(line, offer, small.get(line.sku.product_id, ""), _problem(line, offer))
        for line, offer in held
    ]


def _context(request: HttpRequest, distributor: Distributor) -> dict[str, Any]:
    rows = rows_of(request, distributor)
    return {"rows": rows, "goods_fen": _goods_fen(rows), "pieces": _pieces(rows)}


def _goods_fen(rows: Sequence[Row]) -> int:
    return sum(row.sum_fen for row in rows)


def _pieces(rows: Sequence[Row]) -> int:
    return sum(row.line.quantity for row in rows)


def _problem(line: BasketLine, offer: Offer | None) -> str:
    """Say what keeps a line from being ordered now; empty: nothing."""
    if offer is None:
        return _("This is not on sale any more.")
    quantity = line.quantity
    if quantity < offer.min_quantity:
        return _("From {count} pieces on.").format(count=offer.min_quantity)
    if offer.max_quantity is not None and quantity > offer.max_quantity:
        return _("Up to {count} pieces.").format(count=offer.max_quantity)
    if quantity % offer.multiple:
        return _("Only in multiples of {count}.").format(count=offer.multiple)
    if quantity > offer.available:
        return _("Only {count} are there.").format(count=offer.available)
    return ""


def _quantities(values: Any) -> dict[str, int]:
    """Return the pieces by sku of the fields `pieces_{sku_no}` that are filled in."""
    found = {}
    for name in values:
        if name.startswith("pieces_") and values[name].strip() not in ("", "0"):
            found[name.removeprefix("pieces_")] = _number(values[name])
    if any("\0" in sku_no for sku_no in found):
        raise Http404
    return found


def _number(text: str) -> int:
    """Return a number of pieces; what is none is more than any line may have."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 10**6
