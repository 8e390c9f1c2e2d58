"""What a supplier cannot ship: said with a reason, cancelled at once, and out of stock if it is."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import access
from backoffice.access import supplier_only
from kit import languages
from kit.errors import DomainError, NotFound
from orders import cancelling, reasons
from orders.models import Asker, Cancellation, Fulfilment, Line
from orders.requests import MAX_QUANTITY
from suppliers.models import Supplier

MAX_NOTE = 200


class ShortageForm(forms.Form):
    """How many pieces of each line cannot be shipped, and why."""

    note = forms.CharField(label=gettext_lazy("Why"), max_length=MAX_NOTE)
    empty_stock = forms.BooleanField(
        label=gettext_lazy("Nothing of these goods is left: set their stock to 0"), required=False
    )

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.to_ship]
        for line in self.lines:
            self.fields[f"pieces_{line.pk}"] = forms.IntegerField(
                label=line.name,
                min_value=0,
                max_value=min(line.to_ship, MAX_QUANTITY),
                initial=0,
                widget=forms.NumberInput(attrs={"class": "tiny", "inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[Line, forms.BoundField]]:
        """Return each line with the field for its pieces."""
        return [(line, self[f"pieces_{line.pk}"]) for line in self.lines]

    def pieces(self) -> dict[int, int]:
        """Return how many pieces of each line are missing."""
        return {line.pk: self.cleaned_data[f"pieces_{line.pk}"] for line in self.lines}


@supplier_only
def shortage(request: HttpRequest, supplier: Supplier, order_no: str) -> HttpResponse:
    """Show what is left to ship of an order; a POST says what of it cannot be shipped."""
    part = Fulfilment.objects.of(supplier).filter(order__order_no=order_no).first()
    if part is None:
        raise Http404
    form = ShortageForm(request.POST or None, lines=list(part.lines.order_by("pk")))
    if request.method == "POST" and form.is_valid() and _reported(request, supplier, part, form):
        return redirect("supplier:order", order_no)
    context = {"part": part, "order_no": order_no, "form": form}
    return access.shown(request, supplier, "shortage.html", context, 422 if form.errors else 200)


def cancellations(part: Fulfilment) -> list[tuple[Cancellation, str]]:
    """Return what was cancelled of a part, or is to be, newest first, with the reason in words.

    The distributor's own words are left out: they may speak of the consumer.
    """
    english = languages.reads_english()
    rows = part.cancellations.prefetch_related("lines__line").order_by("-pk")
    return [(row, _why(row, english=english)) for row in rows]


def _why(row: Cancellation, *, english: bool) -> str:
    words = reasons.shown(row.reason, english=english)
    return f"{words}: {row.note}" if row.asker == Asker.SOURCE and row.note else words


def _reported(
    request: HttpRequest, supplier: Supplier, part: Fulfilment, form: ShortageForm
) -> bool:
    try:
        done = cancelling.report_shortage(
            fulfilment_pk=part.pk,
            supplier=supplier,
            pieces=form.pieces(),
            empty_stock=form.cleaned_data["empty_stock"],
            note=form.cleaned_data["note"],
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        for sentence in access.sentences(refusal):
            form.add_error(None, sentence)
        return False
    pieces = sum(row.quantity for row in done.lines.all())
    text = _("{pieces} pieces are cancelled; the buyer has the money back.")
    messages.success(request, text.format(pieces=pieces))
    return True
