"""Submitting a product, or a change of one, and uploading its pictures."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import access, goods, product_forms
from backoffice.access import supplier_only, while_active
from backoffice.product_forms import ProductForm
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import content, reviewing
from supplychain import pictures as acts
from supplychain.content import Content
from supplychain.models import (
    UNDECIDED,
    Brand,
    Category,
    Picture,
    Product,
    Revision,
    RevisionState,
)

UPLOADS_AT_ONCE = 20


class _Desk:
    """The form of one product, new or known, with its skus and pictures."""

    def __init__(self, request: HttpRequest, supplier: Supplier, product: Product | None) -> None:
        self.request, self.supplier, self.product = request, supplier, product
        self.live = content.of(product) if product else None
        self.undecided = product.revisions.filter(state__in=UNDECIDED).first() if product else None
        self.latest = content.from_json(self.undecided.proposed) if self.undecided else self.live
        data = request.POST if request.method == "POST" else None
        self.form = ProductForm(
            data,
            supplier=supplier,
            live=self.latest,
            is_new=product is None,
            initial=self._initial(),
        )
        self.skus = product_forms.SkuFormSet(
            data,
            prefix="skus",
            initial=self._initial_skus(),
            form_kwargs={"specs": self.form.specs},
        )
        if data is not None:
            self.main, self.detail = data.getlist("main_pictures"), data.getlist("detail_pictures")
        else:
            self.main = list(self.latest.main_pictures) if self.latest else []
            self.detail = list(self.latest.detail_pictures) if self.latest else []

    def is_valid(self) -> bool:
        """Tell whether everything can be read; both are asked, so that both show what is wrong."""
        fits = [self.form.is_valid(), self.skus.is_valid()]
        if all(fits) and not self.form.cleaned_data["several"] and len(self.skus.kept()) != 1:
            self.form.add_error("several", _("Without specifications a product has one sku."))
            return False
        return all(fits)

    def content(self) -> Content:
        """Return what was typed."""
        return self.form.content(self.skus.kept(), self.main, self.detail)

    def show(self) -> HttpResponse:
        """Render the form."""
        context = {
            "form": self.form,
            "skus": self.skus,
            "product": self.product,
            "undecided": self.undecided,
            "is_draft": self.live is None,
            "main_pictures": tiles(self.supplier, self.main),
            "detail_pictures": tiles(self.supplier, self.detail),
            "categories": _names(Category, "path"),
            "brands": _names(Brand, "name"),
        }
        status = 422 if self.form.is_bound else 200
        return access.shown(self.request, self.supplier, "product_form.html", context, status)

    def _initial(self) -> dict[str, Any]:
        if self.latest is None or self.product is None:
            return {}
        labels = {
            "category": _name(Category, "path", self.latest.category_pk),
            "brand": _name(Brand, "name", self.latest.brand_pk),
        }
        return product_forms.initial_of(self.latest, self.product.owner_no, labels)

    def _initial_skus(self) -> list[dict[str, Any]]:
        if self.latest is None:
            return []
        there = {sku.owner_no for sku in self.live.skus} if self.live else set()
        return product_forms.initial_of_skus(self.latest, there)


@supplier_only
@while_active
def new_product(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the form for a new product; a POST submits it."""
    desk = _Desk(request, supplier, None)
    if request.method != "POST" or not desk.is_valid():
        return desk.show()
    try:
        revision = reviewing.propose_product(
            supplier=supplier,
            owner_no=desk.form.cleaned_data["owner_no"],
            content=desk.content(),
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        product_forms.show_refusal(refusal, desk.form, desk.skus.kept())
        return desk.show()
    return _submitted(request, revision)


@supplier_only
@while_active
def change_product(request: HttpRequest, supplier: Supplier, item_no: str) -> HttpResponse:
    """Show a product's form, with what was submitted last; a POST submits a change."""
    product = goods.product_of(supplier, item_no)
    desk = _Desk(request, supplier, product)
    if request.method != "POST" or not desk.is_valid():
        return desk.show()
    try:
        revision = reviewing.propose_change(
            product_pk=product.pk,
            supplier=supplier,
            content=desk.content(),
            actor=access.actor_of(request),
            at=timezone.now(),
            effective_at=desk.form.cleaned_data.get("effective_at"),
        )
    except DomainError as refusal:
        product_forms.show_refusal(refusal, desk.form, desk.skus.kept())
        return desk.show()
    return _submitted(request, revision)


@require_POST
@supplier_only
@while_active
def pictures(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Store uploads and return a tile for each, or the reason why it was refused."""
    role = "detail" if request.POST.get("role") == "detail" else "main"
    uploads = request.FILES.getlist("file")
    stored, refused = [], []
    for upload in uploads[:UPLOADS_AT_ONCE]:
        try:
            # One byte more than allowed is enough to be refused.
            data = upload.read(acts.MAX_BYTES + 1)
            stored.append(acts.store(data=data, supplier=supplier, at=timezone.now()))
        except DomainError as refusal:
            refused.append((upload.name, str(refusal)))
    refused += [
        (upload.name, _("Up to {limit} pictures at once.").format(limit=UPLOADS_AT_ONCE))
        for upload in uploads[UPLOADS_AT_ONCE:]
    ]
    context = {"tiles": [_tile(picture) for picture in stored], "refused": refused, "role": role}
    return access.shown(request, supplier, "picture_tiles.html", context)


def tiles(supplier: Supplier, uids: Sequence[str]) -> list[tuple[str, str]]:
    """Return uid and thumbnail of a supplier's own pictures, in the order of the uids."""
    readable = [uid for uid in uids if _is_uid(uid)]
    rows = {
        str(row.uid): row for row in Picture.objects.filter(supplier=supplier, uid__in=readable)
    }
    return [_tile(rows[uid]) for uid in dict.fromkeys(readable) if uid in rows]


def _tile(picture: Picture) -> tuple[str, str]:
    return str(picture.uid), picture.thumbnail.url


def _is_uid(text: str) -> bool:
    return len(text) == 36 and text.replace("-", "").isalnum() and text.isascii()


def _submitted(request: HttpRequest, revision: Revision) -> HttpResponse:
    texts = {
        RevisionState.APPLIED: _("It is live now."),
        RevisionState.OPEN: _(
            "Submitted. The platform will review it; until then nothing changes."
        ),
        RevisionState.APPROVED: _("Approved. It takes effect at the time you chose."),
    }
    messages.success(request, texts[RevisionState(revision.state)])
    return redirect("supplier:product", revision.product.item_no)


def _names(model: type[Category] | type[Brand], field: str) -> list[str]:
    names = model._default_manager.order_by(field).values_list(field, flat=True)
    return list(names[: product_forms.CATEGORIES_OFFERED])


def _name(model: type[Category] | type[Brand], field: str, pk: int | None) -> str:
    if pk is None:
        return ""
    return model._default_manager.filter(pk=pk).values_list(field, flat=True).first() or ""
