"""Opening a claim by hand: a line of a received order, what the consumer wants, why, and photos."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales import claiming
from aftersales.models import Claim, ClaimType
from distributors.models import Distributor
from kit import languages
from kit.errors import DomainError, NotFound
from kit.fields import YuanField
from orders import reasons
from orders.models import Line, Order
from portal import access, photos
from portal.access import distributor_only
from portal.claim_acts import pictures, words


class ClaimForm(forms.Form):
    """What a consumer wants of the shop."""

    type = forms.ChoiceField(
        label=gettext_lazy("What the consumer wants"),
        choices=ClaimType.choices,
        initial=ClaimType.REFUND,
        widget=forms.RadioSelect,
    )
    quantity = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, initial=1)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    amount_fen = YuanField(
        label=gettext_lazy("Amount (¥)"),
        max_fen=claiming.MAX_AMOUNT_FEN,
        required=False,
        help_text=gettext_lazy("What the consumer wants back, of your own money."),
    )
    description = words(gettext_lazy("In the consumer's words"), required=False)
    photos = pictures()

    def __init__(self, *args: Any, left: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["quantity"].max_value = left
        fields["quantity"].widget.attrs["max"] = left
        fields["reason"].choices = _reasons()


@distributor_only
def new_claim(request: HttpRequest, distributor: Distributor, order_no: str) -> HttpResponse:
    """Show the received lines of an order; a POST opens a claim for one of them."""
    order = _order(distributor, order_no)
    lines = list(order.lines.order_by("pk"))
    left = claiming.left_to_claim(lines) if distributor.claims_open else {}
    possible = [line for line in lines if left.get(line.pk, 0) > 0]
    chosen = _chosen(possible, request.POST.get("line") or request.GET.get("line", ""))
    form = _form(request, left[chosen.pk]) if chosen else None
    if request.method == "POST" and form is not None and chosen is not None and form.is_valid():
        opened = _opened(request, distributor, order, chosen, form)
        if opened is not None:
            return redirect("portal:claim", opened.claim_no)
    context = {
        "order": order,
        "lines": [(line, left[line.pk]) for line in possible],
        "chosen": chosen,
        "form": form,
        "is_open": distributor.claims_open,
    }
    status = 422 if form is not None and form.errors else 200
    return access.shown(request, distributor, "new_claim.html", context, status)


def _reasons() -> list[tuple[str, str]]:
    english = languages.reads_english()
    return [
        (one.code, one.english if english else one.name)
        for one in reasons.REASONS
        if one.use == reasons.AFTERSALE
    ]


def _form(request: HttpRequest, left: int) -> ClaimForm:
    if request.method == "POST":
        return ClaimForm(request.POST, request.FILES, left=left)
    return ClaimForm(left=left)


def _chosen(lines: list[Line], line_id: str) -> Line | None:
    """Return the line that is asked for, or else the first."""
    named = [line for line in lines if line.line_id == line_id]
    return next(iter(named or lines), None)


def _opened(
    request: HttpRequest, distributor: Distributor, order: Order, chosen: Line, form: ClaimForm
) -> Claim | None:
    values, at = form.cleaned_data, timezone.now()
    try:
        claim = claiming.apply(
            distributor=distributor,
            order_pk=order.pk,
            line_id=chosen.line_id,
            type=values["type"],
            quantity=values["quantity"],
            reason=values["reason"],
            actor=access.actor_of(request),
            at=at,
            description=values["description"],
            amount_fen=values["amount_fen"] or 0,
            evidence=photos.upload(distributor, values["photos"], at=at),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, _("Claim {claim_no} is open.").format(claim_no=claim.claim_no))
    return claim


def _order(distributor: Distributor, order_no: str) -> Order:
    found = Order.objects.of(distributor).filter(order_no=order_no).first()
    if found is None:
        raise Http404
    return found
