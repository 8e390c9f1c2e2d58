"""Applying for an after-sale: a line of an order, what is wanted, why, and photos of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aftersales import applying, options
from aftersales.models import Case
from aftersales.options import LineOptions
from distributors.models import Distributor
from kit import languages, money
from kit.errors import DomainError, NotFound
from kit.fields import PicturesField, YuanField
from orders.models import Order
from portal import access, photos
from portal.access import distributor_only

MAX_WORDS = 500


class ApplicationForm(forms.Form):
    """What is wanted of a line, as far as it is possible."""

    type = forms.ChoiceField(label=gettext_lazy("What you ask for"), widget=forms.RadioSelect)
    quantity = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, initial=1)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    asked_fen = YuanField(
        label=gettext_lazy("Amount (¥)"),
        min_fen=1,
        required=False,
        help_text=gettext_lazy("Empty: all that can come back for these pieces."),
    )
    description = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=MAX_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = PicturesField(
        label=gettext_lazy("Photos"),
        required=False,
        help_text=gettext_lazy("JPEG, PNG or WebP, up to 5 MB each."),
    )

    def __init__(self, *args: Any, line: LineOptions, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = languages.reads_english()
        fields: dict[str, Any] = self.fields
        fields["type"].choices = [
            (one.type.value, f"{one.type.label} · {_most(one)}") for one in line.types
        ]
        fields["quantity"].validators.append(MaxValueValidator(line.quantity))
        fields["quantity"].widget.attrs["max"] = line.quantity
        fields["reason"].choices = [
            (one.code, _named(one.english if english else one.name, evidence=one.evidence))
            for one in line.reasons
        ]


@distributor_only
def apply(request: HttpRequest, distributor: Distributor, order_no: str) -> HttpResponse:
    """Show what can be applied for about an order's lines; a POST applies for one of them."""
    order = _order(distributor, order_no)
    lines = options.of(order, at=timezone.now())
    chosen = _chosen(lines, request.POST.get("line") or request.GET.get("line", ""))
    form = _form(request, chosen) if chosen else None
    if request.method == "POST" and form is not None and chosen is not None and form.is_valid():
        opened = _opened(request, distributor, order, chosen, form)
        if opened is not None:
            return redirect("portal:case", opened.case_no)
    context = {"order": order, "lines": lines, "chosen": chosen, "form": form}
    status = 422 if form is not None and form.errors else 200
    return access.shown(request, distributor, "apply.html", context, status)


def _most(option: options.TypeOption) -> str:
    text = _("up to {quantity} pieces, {amount}")
    return text.format(quantity=option.quantity, amount=money.yuan(option.cap_fen))


def _named(name: str, *, evidence: bool) -> str:
    return _("{reason} (with photos)").format(reason=name) if evidence else name


def _form(request: HttpRequest, chosen: LineOptions) -> ApplicationForm:
    if request.method == "POST":
        return ApplicationForm(request.POST, request.FILES, line=chosen)
    return ApplicationForm(line=chosen)


def _chosen(lines: list[LineOptions], line_id: str) -> LineOptions | None:
    """Return the line that is asked for, or else the first about which anything is possible."""
    named = [one for one in lines if one.line.line_id == line_id]
    possible = [one for one in named or lines if one.types]
    return possible[0] if possible else None


def _opened(
    request: HttpRequest,
    distributor: Distributor,
    order: Order,
    chosen: LineOptions,
    form: ApplicationForm,
) -> Case | None:
    values, at = form.cleaned_data, timezone.now()
    try:
        case = applying.apply(
            distributor=distributor,
            order_pk=order.pk,
            line_id=chosen.line.line_id,
            type=values["type"],
            quantity=values["quantity"],
            reason=values["reason"],
            actor=access.actor_of(request),
            at=at,
            description=values["description"],
            asked_fen=values["asked_fen"],
            evidence=photos.upload(distributor, values["photos"], at=at),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, _("Case {case_no} is open.").format(case_no=case.case_no))
    return case


def _order(distributor: Distributor, order_no: str) -> Order:
    rows = Order.objects.of(distributor).select_related("distributor")
    found = rows.filter(order_no=order_no).first()
    if found is None:
        raise Http404
    return found
