"""Ordering by hand: to whom, what it comes to, and the answer of the same act that machines call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from distributors.models import Distributor
from kit import numbers
from kit.errors import DomainError
from orders import (
    collecting,
    counter,
    filing,
    order_sheets,
    pasting,
    placing,
    quoting,
    refusals,
    requests,
)
from orders.models import Quote
from orders.quoting import Quoted
from orders.requests import MAX_LINES, Consignee, Line, OrderRequest
from portal import access, basket
from portal.access import distributor_only
from portal.addressing import MAX_REGION, ConsigneeForm, Words
from portal.basket import Row
from supplychain import regions

MAX_NUMBER, MAX_REMARK = 64, 500
FILL, QUOTE, PLACE = "fill", "quote", "place"
# A line as the form carries it: what the page showed when the button was pressed.
_LINE = re.compile(
    r"(?P<sku_no>[^|\x00-\x1f]{1,64})\|(?P<quantity>[1-9][0-9]{0,3})\|(?P<fen>[0-9]{1,12})"
)


class OrderForm(ConsigneeForm):
    """An order of what the basket holds."""

    province = forms.ChoiceField(
        label=gettext_lazy("Province"),
        choices=[("", gettext_lazy("Please choose")), *((n, n) for _c, n, _e in regions.PROVINCES)],
    )
    remark = Words(
        label=gettext_lazy("Remark for whoever ships"), max_length=MAX_REMARK, required=False
    )
    out_order_no = Words(
        label=gettext_lazy("Your order number"),
        max_length=MAX_NUMBER,
        required=False,
        help_text=gettext_lazy("Left empty, one is made up."),
    )
    wait = forms.BooleanField(
        label=gettext_lazy("If the deposit is short, keep the stock and wait for a recharge"),
        required=False,
    )
    # Made once for each form that is shown, so that a double click is one order.
    number = forms.CharField(max_length=MAX_NUMBER, widget=forms.HiddenInput)
    quote_id = forms.CharField(max_length=MAX_NUMBER, required=False, widget=forms.HiddenInput)

    def clean_out_order_no(self) -> str:
        """Take a number as machines may write it."""
        return _checked_number(self.cleaned_data["out_order_no"])

    def clean_number(self) -> str:
        """The same for the one that was made up."""
        return _checked_number(self.cleaned_data["number"])


@dataclass(frozen=True)
class Shown:
    """What an order would come to, line by line."""

    rows: Sequence[tuple[Row, list[str]]]
    quoted: Quoted | None

    @property
    def goods_fen(self) -> int:
        """What the goods cost: of the quote, else of the basket."""
        return self.quoted.goods_fen if self.quoted else sum(row.sum_fen for row, _why in self.rows)

    @property
    def is_good(self) -> bool:
        """Whether every line could be ordered."""
        return self.quoted is not None and not self.quoted.refused


@distributor_only
def order(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the form for ordering the basket; a POST fills it in, shows the price, or places."""
    act = request.POST.get("act", QUOTE)
    if request.method == "POST" and act == PLACE:
        return _place(request, distributor)
    if request.method == "POST" and act == FILL:
        return _fill(request, distributor)
    rows = basket.rows_of(request, distributor)
    if not rows:
        return redirect("portal:basket")
    # What is still empty is no fault before the order is sent.
    return _page(request, distributor, _open_form(request.POST), rows)


@require_POST
@distributor_only
def quote(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Answer with what the basket would come to at the address so far."""
    rows = basket.rows_of(request, distributor)
    shown = _shown(distributor, rows, request.POST)
    return access.shown(request, distributor, "ordering_sums.html", {"shown": shown})


def _open_form(values: Any) -> OrderForm:
    """Return a form with what is written in it so far, under a number of its own."""
    written = {name: values.get(name, "") for name in OrderForm.base_fields}
    written["wait"] = bool(values.get("wait"))
    return OrderForm(initial={**written, "number": written["number"] or _new_number()})


def _new_number() -> str:
    return numbers.day_prefix("P", timezone.now()) + numbers.unguessable(10)


def _fill(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Put what was pasted into the fields, to be looked over."""
    pasted = request.POST.get("pasted", "")
    found = pasting.read(pasted)
    read = {name: getattr(found, name) for name in ConsigneeForm.base_fields}
    written = {**request.POST.dict(), **{name: text for name, text in read.items() if text}}
    rows = basket.rows_of(request, distributor)
    asked = ("name", "phone", "province", "city", "detail")
    missing = [OrderForm.base_fields[name].label for name in asked if not read[name]]
    extra = {"pasted": pasted, "filled": True, "missing": missing}
    return _page(request, distributor, _open_form(written), rows, extra=extra)


# --- placing ----------------------------------------------------------------------------------------


def _place(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Place an order; a refusal shows the form again, and why."""
    form = OrderForm(request.POST)
    lines = _posted_lines(request.POST.getlist("line"))
    if not lines:
        return redirect("portal:basket")
    if not form.is_valid():
        rows = basket.rows_of(request, distributor)
        return _page(request, distributor, form, rows, status=422)
    wanted = _request(request, distributor, form.cleaned_data, lines)
    try:
        outcome = counter.place(wanted)
    except DomainError as refusal:
        return _refused(request, distributor, form, refusal)
    return _answered(request, distributor, wanted, outcome)


def _posted_lines(texts: Sequence[str]) -> tuple[Line, ...]:
    """Return the lines that the page showed: sku, pieces and the price it named, in fen."""
    lines = []
    for place, text in enumerate(texts, 1):
        found = _LINE.fullmatch(text)
        if found is None or place > MAX_LINES:
            raise Http404
        quantity, price_fen = int(found["quantity"]), int(found["fen"])
        lines.append(Line(str(place), found["sku_no"], quantity, price_fen))
    return tuple(lines)


def _request(
    request: HttpRequest, distributor: Distributor, values: dict[str, Any], lines: tuple[Line, ...]
) -> OrderRequest:
    return OrderRequest(
        distributor_pk=distributor.pk,
        out_order_no=values["out_order_no"] or values["number"],
        lines=lines,
        consignee=Consignee(*(values[name] for name in ConsigneeForm.base_fields)),
        actor=access.actor_of(request),
        remark=values["remark"],
        quote_id=_good_quote(distributor, values["quote_id"]),
        on_shortfall=requests.WAIT if values["wait"] else requests.REFUSE,
        channel=filing.CHANNEL,
    )


def _good_quote(distributor: Distributor, quote_id: str) -> str | None:
    """Return a quote that still freezes prices; after that the prices shown are the guard."""
    try:
        uid = UUID(quote_id)
    except ValueError:
        return None
    quotes = Quote.objects.filter(distributor=distributor, uid=uid, expires_at__gt=timezone.now())
    return str(uid) if quotes.exists() else None


def _answered(
    request: HttpRequest,
    distributor: Distributor,
    wanted: OrderRequest,
    outcome: placing.Placed | placing.Waiting,
) -> HttpResponse:
    if not outcome.replayed:
        collecting.clear(
            distributor=distributor,
            person=access.person_of(request),
            sku_nos=[line.sku_no for line in wanted.lines],
        )
    if isinstance(outcome, placing.Waiting):
        text = _("The order waits until the deposit covers it; its stock is kept.")
        messages.warning(request, text)
        return redirect("portal:holds")
    order_no = outcome.document["order_no"]
    placed, before = _("Order {order_no} is placed."), _("Order {order_no} was placed before.")
    text = (before if outcome.replayed else placed).format(order_no=order_no)
    messages.success(request, text)
    return redirect("portal:order", order_no)


def _refused(
    request: HttpRequest, distributor: Distributor, form: OrderForm, refusal: DomainError
) -> HttpResponse:
    rows = basket.rows_of(request, distributor)
    by_sku: dict[str, list[str]] = {}
    in_basket = {row.line.sku.sku_no for row in rows}
    for cause in refusals.causes(refusal):
        [sentence] = refusals.said([cause])
        sku_no = str(cause["values"].get("sku_no", ""))
        if sku_no in in_basket:
            by_sku.setdefault(sku_no, []).append(sentence)
        else:
            form.add_error(None, sentence)
    return _page(request, distributor, form, rows, status=409, why=by_sku)


# --- what it comes to -------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    distributor: Distributor,
    form: OrderForm,
    rows: Sequence[Row],
    *,
    status: int = 200,
    why: Mapping[str, Sequence[str]] | None = None,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "shown": _shown(distributor, rows, _written(form), why or {}),
        "consignee_fields": [form[name] for name in ConsigneeForm.base_fields],
        **(extra or {}),
    }
    return access.shown(request, distributor, "ordering.html", context, status)


def _written(form: OrderForm) -> Mapping[str, Any]:
    return form.data if form.is_bound else form.initial


def _shown(
    distributor: Distributor,
    rows: Sequence[Row],
    written: Mapping[str, Any],
    why: Mapping[str, Sequence[str]] | None = None,
) -> Shown:
    """Quote the basket for the address so far; without a province there is no freight to tell."""
    quoted = _quoted(distributor, rows, written)
    reasons = {sku_no: list(texts) for sku_no, texts in (why or {}).items()}
    for refused in quoted.refused if quoted else ():
        said = reasons.setdefault(refused.line.sku_no, [])
        said += [
            text for text in refusals.said(refusals.causes(refused.refusal)) if text not in said
        ]
    shown = []
    for row in rows:
        texts = reasons.get(row.line.sku.sku_no) or ([row.problem] if row.problem else [])
        shown.append((row, texts))
    return Shown(shown, quoted)


def _quoted(
    distributor: Distributor, rows: Sequence[Row], written: Mapping[str, Any]
) -> Quoted | None:
    province = str(written.get("province") or "")
    if not rows or not province:
        return None
    lines = [
        Line(str(place), row.line.sku.sku_no, row.line.quantity)
        for place, row in enumerate(rows, 1)
    ]
    try:
        return quoting.quote(
            distributor=distributor,
            lines=lines,
            province=province,
            city=str(written.get("city") or "")[:MAX_REGION],
            at=timezone.now(),
        )
    except regions.RegionUnknown:
        return None


def _checked_number(number: str) -> str:
    if number and not order_sheets.is_number(number):
        text = _("Up to 64 letters, digits and -_.:@~, beginning with a letter or digit.")
        raise ValidationError(text)
    return number
