"""Cancelling by hand: pieces that have not left, with a reason; withdrawn while nobody has answered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from distributors.models import Distributor
from kit import languages
from kit.errors import DomainError, NotFound
from orders import cancelling, reasons
from orders.models import Asker, Cancellation, CancellationState, Line, Order
from orders.requests import MAX_QUANTITY
from portal import access
from portal.access import distributor_only

MAX_NOTE = 200


class CancellationForm(forms.Form):
    """How many pieces of each line, and why."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    note = forms.CharField(label=gettext_lazy("In your words"), max_length=MAX_NOTE, required=False)

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = languages.reads_english()
        fields: dict[str, Any] = self.fields
        fields["reason"].choices = [
            (one.code, one.english if english else one.name)
            for one in reasons.REASONS
            if one.use == reasons.CANCELLATION
        ]
        self.lines = [line for line in lines if line.to_ship]
        for line in self.lines:
            fields[f"pieces_{line.pk}"] = forms.IntegerField(
                label=line.name,
                min_value=0,
                max_value=min(line.to_ship, MAX_QUANTITY),
                initial=line.to_ship,
                widget=forms.NumberInput(attrs={"class": "tiny", "inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[Line, forms.BoundField]]:
        """Return each line with the field for its pieces."""
        return [(line, self[f"pieces_{line.pk}"]) for line in self.lines]

    def pieces(self) -> dict[str, int]:
        """Return how many pieces of each line are not wanted any more."""
        return {line.line_id: self.cleaned_data[f"pieces_{line.pk}"] for line in self.lines}


@distributor_only
def cancel(request: HttpRequest, distributor: Distributor, order_no: str) -> HttpResponse:
    """Show what can still be cancelled of an order; a POST asks for it."""
    order = Order.objects.of(distributor).filter(order_no=order_no).first()
    if order is None:
        raise Http404
    form = CancellationForm(request.POST or None, lines=list(order.lines.order_by("pk")))
    if request.method == "POST" and form.is_valid() and _asked(request, distributor, order, form):
        return redirect("portal:order", order_no)
    context = {"order": order, "form": form}
    return access.shown(request, distributor, "cancel.html", context, 422 if form.errors else 200)


@require_POST
@distributor_only
def withdraw(request: HttpRequest, distributor: Distributor, cancellation_no: str) -> HttpResponse:
    """Take a request back that nobody has answered."""
    try:
        done = cancelling.withdraw(
            distributor=distributor,
            cancellation_no=cancellation_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        row = Cancellation.objects.get(cancellation_no=cancellation_no)
        return redirect("portal:order", row.fulfilment.order.order_no)
    messages.success(request, _("The cancellation is withdrawn; its pieces will be shipped."))
    return redirect("portal:order", done.fulfilment.order.order_no)


def of(order: Order) -> list[tuple[Cancellation, str]]:
    """Return the cancellations of an order, newest first, with the reason in words."""
    english = languages.reads_english()
    rows = Cancellation.objects.filter(fulfilment__order=order)
    rows = rows.select_related("shipment", "request")
    return [
        (row, _why(row, english=english))
        for row in rows.prefetch_related("lines__line").order_by("-pk")
    ]


def _why(row: Cancellation, *, english: bool) -> str:
    """What a source writes is for the platform alone."""
    words = reasons.shown(row.reason, english=english)
    return f"{words}: {row.note}" if row.note and row.asker != Asker.SOURCE else words


def _asked(
    request: HttpRequest, distributor: Distributor, order: Order, form: CancellationForm
) -> bool:
    try:
        rows = cancelling.request(
            distributor=distributor,
            order_pk=order.pk,
            pieces=form.pieces(),
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return False
    if all(row.state == CancellationState.GRANTED for row in rows):
        messages.success(request, _("Cancelled; the money is back on your deposit."))
    else:
        messages.success(request, _("Asked for; the platform answers, and nothing is shipped."))
    return True
