"""The product form as its reader left it: kept while typing, given back, forgotten when submitted."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import access, goods
from backoffice.access import supplier_only, while_active
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import drafting
from supplychain.models import Product

# What a form sends besides what was typed into it.
NOT_TYPED = {"csrfmiddlewaretoken", "draft_of", "file"}


@require_POST
@supplier_only
@while_active
def keep(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Keep what has been typed so far; answers when that was."""
    at = timezone.now()
    typed = {name: values for name, values in request.POST.lists() if name not in NOT_TYPED}
    try:
        drafting.keep(
            person=access.person_of(request),
            supplier=supplier,
            product=_product(request, supplier),
            fields=typed,
            at=at,
        )
    except DomainError as refusal:
        return JsonResponse({"said": str(refusal)}, status=422)
    said = _("Draft saved {at}").format(at=timezone.localtime(at).strftime("%H:%M:%S"))
    return JsonResponse({"said": said})


@require_POST
@supplier_only
def discard(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Forget a draft and show the form as it would be without."""
    product = _product(request, supplier)
    drafting.discard(person=access.person_of(request), supplier=supplier, product=product)
    if product is None:
        return redirect("supplier:new_product")
    return redirect("supplier:change_product", product.item_no)


def _product(request: HttpRequest, supplier: Supplier) -> Product | None:
    item_no = request.POST.get("draft_of", "")
    return goods.product_of(supplier, item_no) if item_no else None
