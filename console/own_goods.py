"""The platform's own goods (自营): added and changed by staff, through the act that suppliers use."""

from typing import Any

import msgspec
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import goods
from console.pages import Decision
from kit.errors import NotFound
from kit.fields import PicturesField, YuanField
from supplychain import checking, content, pictures, reviewing
from supplychain.content import Content, SkuContent
from supplychain.models import (
    MAX_PRICE_FEN,
    MAX_STOCK,
    Brand,
    Category,
    FreightTemplate,
    Product,
)


def _own_templates() -> QuerySet[FreightTemplate]:
    return FreightTemplate.objects.filter(supplier__isnull=True).order_by("name")


class ProductForm(forms.Form):
    """What a product is; its skus are apart."""

    name = forms.CharField(label=_("Name"), max_length=120)
    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"))
    brand = forms.ModelChoiceField(
        Brand.objects.all(), label=_("Brand"), required=False, empty_label=_("no brand")
    )
    unit = forms.CharField(label=_("Unit"), max_length=12, required=False, initial="件")
    origin = forms.CharField(label=_("Origin"), max_length=60, required=False)
    freight_template = forms.ModelChoiceField(
        _own_templates(),
        label=_("Freight template"),
        required=False,
        empty_label=_("free of freight"),
    )
    ship_within_hours = forms.IntegerField(
        label=_("Hours within which it is shipped"),
        min_value=1,
        max_value=checking.MAX_HOURS,
        required=False,
        help_text=_("Empty: what the policy says."),
    )
    detail_html = forms.CharField(
        label=_("Details"), widget=forms.Textarea(attrs={"rows": 6}), required=False
    )
    pictures = PicturesField(
        label=_("Add main images"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 5 MB each."),
    )


class NewProductForm(ProductForm):
    """A product with the one sku that most have."""

    owner_no = forms.CharField(
        label=_("Item number"),
        max_length=48,
        help_text=_("Distributors find the product by it; it never changes."),
    )
    supply_price_fen = YuanField(label=_("Supply price (¥)"), min_fen=1, max_fen=MAX_PRICE_FEN)
    retail_price_fen = YuanField(
        label=_("Suggested retail price (¥)"), min_fen=1, max_fen=MAX_PRICE_FEN, required=False
    )
    opening_stock = forms.IntegerField(
        label=_("Stock to begin with"), min_value=0, max_value=MAX_STOCK, initial=0
    )
    weight_g = forms.IntegerField(
        label=_("Weight (g)"), min_value=0, max_value=checking.MAX_WEIGHT_G, initial=0
    )

    field_order = ("owner_no", "name", "category", "brand", "supply_price_fen", "retail_price_fen")


class AddProduct(Decision):
    """Add an own product; it is listed at once."""

    right = "console.edit_products"
    act = "add_product"
    title = _("Add an own product")
    explanation = _(
        "It is listed at once. Many products at a time, or with several skus, come by file:"
        " “load_products”."
    )
    form_class = NewProductForm
    made_pk: int | None = None

    def decide(self, values: dict[str, Any]) -> str:
        sku = SkuContent(
            owner_no=values["owner_no"],
            supply_price_fen=values["supply_price_fen"],
            retail_price_fen=values["retail_price_fen"],
            opening_stock=values["opening_stock"],
            weight_g=values["weight_g"],
        )
        revision = reviewing.propose_product(
            supplier=None,
            owner_no=values["owner_no"],
            content=Content(skus=(sku,), **_fields(values, ())),
            actor=self.actor,
            at=timezone.now(),
        )
        self.made_pk = revision.product_id
        return gettext("“{name}” is listed.").format(name=values["name"])

    def after(self) -> str:
        if self.made_pk is not None:
            return reverse("console:product", args=[self.made_pk])
        return reverse("admin:supplychain_product_changelist")


class ChangeProduct(Decision):
    """Change an own product and its prices; it is live at once."""

    right = "console.edit_products"
    act = "change_product"
    title = _("Change the product")
    explanation = _("The change is live at once, and distributors are told.")

    def subject(self) -> Product:
        found = goods.product(self.kwargs["pk"])
        if found.supplier_id is not None:
            raise NotFound
        return found

    def form(self, data: Any = None) -> forms.Form:
        live = self._live()
        form = ProductForm(data, self.request.FILES or None, initial=_initial(live))
        for place, sku in enumerate(live.skus):
            title = f"{sku.owner_no} {content.spec_text(sku.spec)}".strip()
            form.fields[f"supply_{place}_fen"] = YuanField(
                label=f"{title} · {gettext('supply price')} (¥)",
                min_fen=1,
                max_fen=MAX_PRICE_FEN,
                initial=sku.supply_price_fen,
            )
            form.fields[f"retail_{place}_fen"] = YuanField(
                label=f"{title} · {gettext('suggested retail price')} (¥)",
                min_fen=1,
                max_fen=MAX_PRICE_FEN,
                required=False,
                initial=sku.retail_price_fen,
            )
        return form

    def decide(self, values: dict[str, Any]) -> str:
        live = self._live()
        skus = tuple(
            msgspec.structs.replace(
                sku,
                supply_price_fen=values[f"supply_{place}_fen"],
                retail_price_fen=values[f"retail_{place}_fen"],
            )
            for place, sku in enumerate(live.skus)
        )
        wanted = msgspec.structs.replace(live, skus=skus, **_fields(values, live.main_pictures))
        if wanted.category_pk != live.category_pk:
            # What another category asks for is another list.
            wanted = msgspec.structs.replace(wanted, attributes={})
        reviewing.propose_change(
            product_pk=self.kwargs["pk"],
            supplier=None,
            content=wanted,
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("“{name}” is changed.").format(name=wanted.name)

    def after(self) -> str:
        return reverse("console:product", args=[self.kwargs["pk"]])

    def _live(self) -> Content:
        live = content.of(self.subject())
        if live is None:
            raise NotFound
        return live


def _fields(values: dict[str, Any], main_pictures: tuple[str, ...]) -> dict[str, Any]:
    """Return what the form says of a product, with the new pictures stored."""
    brand, template = values["brand"], values["freight_template"]
    stored = [
        pictures.store(data=upload.read(), supplier=None, at=timezone.now())
        for upload in values["pictures"]
    ]
    shown = dict.fromkeys([*main_pictures, *(str(picture.uid) for picture in stored)])
    return {
        "name": values["name"],
        "category_pk": values["category"].pk,
        "brand_pk": brand.pk if brand else None,
        "unit": values["unit"],
        "origin": values["origin"],
        "freight_template_pk": template.pk if template else None,
        "ship_within_hours": values["ship_within_hours"],
        "detail_html": values["detail_html"],
        "main_pictures": tuple(shown),
    }


def _initial(live: Content) -> dict[str, Any]:
    return {
        "name": live.name,
        "category": live.category_pk,
        "brand": live.brand_pk,
        "unit": live.unit,
        "origin": live.origin,
        "freight_template": live.freight_template_pk,
        "ship_within_hours": live.ship_within_hours,
        "detail_html": live.detail_html,
    }
