"""Submitting a product, or a change of one, and uploading its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice import access, attribute_forms, detail_text, goods, prefilling, product_forms
from backoffice.access import supplier_only, while_active
from backoffice.product_forms import ProductForm
from backoffice.sku_forms import SkuFormSet
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import checking, content, copying, drafting, reviewing
from supplychain import pictures as acts
from supplychain.content import Content
from supplychain.models import (
    UNDECIDED,
    Brand,
    Category,
    Picture,
    Product,
    ProductDraft,
    Revision,
    RevisionState,
)

UPLOADS_AT_ONCE = 20


class _Desk:
    """The form of one product, new or known, with its skus and pictures.

    It begins with what its reader left, else with what is to be copied, else with what was
    submitted last.
    """

    def __init__(
        self,
        request: HttpRequest,
        supplier: Supplier,
        product: Product | None,
        copied: Content | None = None,
    ) -> None:
        self.request, self.supplier, self.product = request, supplier, product
        self.person = access.person_of(request)
        self.live = content.of(product) if product else None
        self.undecided = product.revisions.filter(state__in=UNDECIDED).first() if product else None
        self.latest = content.from_json(self.undecided.proposed) if self.undecided else self.live
        self.shown = copied or self.latest
        data = request.POST if request.method == "POST" else None
        self.draft = None if copied or data is not None else self._draft()
        self.form = ProductForm(
            data,
            supplier=supplier,
            live=self.shown,
            is_new=product is None,
            initial=self._initial(),
        )
        self.skus = SkuFormSet(
            data,
            prefix="skus",
            initial=self._initial_skus(),
            form_kwargs={"specs": self.form.specs},
        )
        self.main, self.detail = self._pictures(data)

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
            "draft": self.draft,
            "is_overtaken": self._is_overtaken(),
            "draft_key": f"{self.person.pk}/{self.product.item_no if self.product else ''}",
        }
        status = 422 if self.form.is_bound else 200
        return access.shown(self.request, self.supplier, "product_form.html", context, status)

    def forget(self) -> None:
        """Forget the draft: what was typed has been submitted."""
        drafting.discard(person=self.person, supplier=self.supplier, product=self.product)

    def _draft(self) -> ProductDraft | None:
        return drafting.find(person=self.person, supplier=self.supplier, product=self.product)

    def _is_overtaken(self) -> bool:
        """Tell whether the product has changed since its form was left."""
        if self.draft is None or self.product is None:
            return False
        submitted_at = self.undecided.submitted_at if self.undecided else self.product.changed_at
        return max(submitted_at, self.product.changed_at) > self.draft.saved_at

    def _pictures(self, data: QueryDict | None) -> tuple[list[str], list[str]]:
        """Return the uids of main and detail pictures."""
        if data is not None:
            return data.getlist("main_pictures"), data.getlist("detail_pictures")
        if self.draft is not None:
            left = self.draft.fields
            return left.get("main_pictures", []), left.get("detail_pictures", [])
        if self.shown is None:
            return [], []
        return list(self.shown.main_pictures), list(self.shown.detail_pictures)

    def _initial(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if self.shown is not None:
            labels = {
                "category": _name(Category, "path", self.shown.category_pk),
                "brand": _name(Brand, "name", self.shown.brand_pk),
            }
            owner_no = self.product.owner_no if self.product else ""
            values = prefilling.of_content(self.shown, owner_no, labels)
        if self.draft is not None:
            values |= prefilling.of_draft(self.draft.fields)
        return values

    def _initial_skus(self) -> list[dict[str, Any]]:
        there = {sku.owner_no for sku in self.live.skus} if self.live else set()
        if self.draft is not None:
            return prefilling.skus_of_draft(self.draft.fields, there)
        return prefilling.skus_of(self.shown, there) if self.shown else []


@supplier_only
@while_active
def new_product(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the form for a new product; a POST submits it."""
    desk = _Desk(request, supplier, None, _original(request, supplier))
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
    desk.forget()
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
    desk.forget()
    return _submitted(request, revision)


@require_POST
@supplier_only
def preview(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show details as distributors will get them, with the pictures below."""
    detail = request.POST.get("detail", "")[: checking.MAX_HTML + 1]
    context = {
        "detail": checking.sanitised(detail_text.to_html(detail)),
        "pictures": tiles(supplier, request.POST.getlist("detail_pictures")),
        "name": request.POST.get("name", "")[:120],
    }
    return access.shown(request, supplier, "detail_preview.html", context)


@require_GET
@supplier_only
def attributes(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the fields of what the category that was typed asks for, with what was typed already."""
    asked = attribute_forms.asked_at(request.GET.get("category", ""))
    form = attribute_forms.AttributesForm(asked, initial=dict(request.GET.items()))
    context = {"attribute_fields": list(form)}
    return access.shown(request, supplier, "attribute_fields.html", context)


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


@dataclass(frozen=True)
class Tile:
    """A picture in a form: its uid and the addresses of thumbnail and picture."""

    uid: str
    small: str
    large: str


def tiles(supplier: Supplier, uids: Sequence[str]) -> list[Tile]:
    """Return the tiles of a supplier's own pictures, in the order of the uids."""
    readable = [uid for uid in uids if _is_uid(uid)]
    rows = {
        str(row.uid): row for row in Picture.objects.filter(supplier=supplier, uid__in=readable)
    }
    return [_tile(rows[uid]) for uid in dict.fromkeys(readable) if uid in rows]


def _tile(picture: Picture) -> Tile:
    return Tile(str(picture.uid), picture.thumbnail.url, picture.file.url)


def _original(request: HttpRequest, supplier: Supplier) -> Content | None:
    """Return what a new product is to be copied from, where it was asked for."""
    item_no = request.GET.get("copy", "")
    if not item_no or request.method != "GET":
        return None
    original = copying.latest_of(goods.product_of(supplier, item_no))
    return copying.as_new(original) if original else None


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
