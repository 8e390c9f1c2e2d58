"""The product form: one for the usual product with one sku, that grows to many with specifications."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import detail_text
from backoffice.attribute_forms import asked_at, attribute_field, attribute_fields
from backoffice.sku_forms import SPECS, SkuForm
from companies import policies
from kit import languages
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import checking, regions
from supplychain.content import Content, SkuContent
from supplychain.models import Brand, Category

CATEGORIES_OFFERED = 3_000
APPLICATIONS = {
    "ordinary_sale": _("Ordinary sale"),
    "giving_points": _("Giving points"),
    "shopping_coins": _("Shopping coins"),
    "product_privileges": _("Product privileges"),
    "coupons": _("Coupons"),
    "change_discount": _("Change discount"),
    "live_broadcast": _("Live broadcast"),
    "pay_gifts": _("Pay-gifts"),
    "agents": _("Agents"),
}


class ProductForm(forms.Form):
    """What a supplier says about a product, apart from its skus and pictures."""

    owner_no = forms.CharField(
        label=_("Item number"),
        max_length=48,
        help_text=_("Your own number. Distributors find the product by it, and it never changes."),
    )
    name = forms.CharField(label=_("Product name"), max_length=120)
    category = forms.CharField(
        label=_("Category"),
        max_length=240,
        widget=forms.TextInput(
            attrs={
                "list": "category-list",
                "autocomplete": "off",
                "hx-get": reverse_lazy("supplier:category_attributes"),
                "hx-trigger": "change",
                "hx-target": "#attributes",
                "hx-include": "#attributes",
            }
        ),
        help_text=_("Type a part of it and choose from the list."),
    )
    brand = forms.CharField(
        label=_("Brand"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "brand-list", "autocomplete": "off"}),
    )
    unit = forms.CharField(label=_("Unit"), max_length=12, initial="件", required=False)
    origin = forms.CharField(label=_("Origin"), max_length=60, required=False)
    freight_template = forms.ChoiceField(label=_("Freight template"), required=False)
    ship_within_hours = forms.IntegerField(
        label=_("Shipped within (hours)"),
        min_value=1,
        max_value=checking.MAX_HOURS,
        required=False,
    )
    aftersale_note = forms.CharField(label=_("After-sale policy"), max_length=200, required=False)
    detail = forms.CharField(
        label=_("Details"),
        required=False,
        strip=False,
        max_length=checking.MAX_HTML,
        widget=forms.Textarea(attrs={"rows": 8, "data-rich": ""}),
        help_text=_("Plain text, or HTML."),
    )
    allowed_applications = forms.MultipleChoiceField(
        label=_("May be sold through"), required=False, widget=forms.CheckboxSelectMultiple
    )
    regions_not_served = forms.MultipleChoiceField(
        label=_("Not shipped to"), required=False, widget=forms.CheckboxSelectMultiple
    )
    several = forms.BooleanField(
        label=_("This product has several specifications (colour, size …)"),
        required=False,
        widget=forms.CheckboxInput(attrs={"data-specs": ""}),
    )
    effective_at = forms.DateTimeField(
        label=_("A price rise takes effect at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        help_text=_("Empty: as soon as it is approved. Only for a change of supply prices alone."),
    )

    def __init__(
        self, *args: Any, supplier: Supplier, live: Content | None, is_new: bool, **kwargs: Any
    ) -> None:
        self.specs = max(SPECS, *(len(sku.spec) for sku in live.skus)) if live else SPECS
        super().__init__(*args, **kwargs)
        for place in range(self.specs):
            self.fields[f"spec_{place}"] = forms.CharField(
                label=_("Specification"), max_length=checking.MAX_SPEC_NAME, required=False
            )
        if not is_new:
            del self.fields["owner_no"]
        if is_new:
            del self.fields["effective_at"]
        self._offer_choices(supplier, live)
        path = self.data.get("category") if self.is_bound else self.initial.get("category")
        self.asked = asked_at(str(path or ""))
        self.fields.update(attribute_fields(self.asked))
        for attribute in self.asked.values():
            said = self.initial.get("attributes", {}).get(attribute.name)
            if said is not None:
                self.initial.setdefault(attribute_field(attribute), said)

    def attribute_fields(self) -> list[forms.BoundField]:
        """Return the fields of what the category asks for."""
        return [self[attribute_field(attribute)] for attribute in self.asked.values()]

    def spec_fields(self) -> list[forms.BoundField]:
        """Return the fields of the specification's names."""
        return [self[f"spec_{place}"] for place in range(self.specs)]

    def clean_category(self) -> Category:
        """Look the category up by its path."""
        path = "/".join(part.strip() for part in self.cleaned_data["category"].split("/"))
        category = Category.objects.filter(path=path).first()
        if category is None:
            raise forms.ValidationError(_("There is no such category; choose one from the list."))
        return category

    def clean_brand(self) -> Brand | None:
        """Look the brand up by its name."""
        name = self.cleaned_data["brand"]
        brand = Brand.objects.filter(name=name).first()
        if name and brand is None:
            raise forms.ValidationError(
                _("There is no such brand. Leave it empty, or ask the platform to add it.")
            )
        return brand

    def clean(self) -> dict[str, Any]:
        """See that a product with several specifications names them."""
        values: dict[str, Any] = super().clean() or {}
        names = self._spec_names(values)
        if values.get("several") and not names:
            self.add_error("spec_0", _("Name the specification, such as “colour”."))
        if len(set(names)) != len(names):
            self.add_error("spec_0", _("Two specifications have the same name."))
        return values

    def content(
        self, skus: Sequence[SkuForm], main: Sequence[str], detail: Sequence[str]
    ) -> Content:
        """Return the content that was typed, with these pictures."""
        values = self.cleaned_data
        names = [
            values.get(f"spec_{n}", "") if values["several"] else "" for n in range(self.specs)
        ]
        template = values["freight_template"]
        applications = tuple(values["allowed_applications"])
        return Content(
            name=values["name"],
            category_pk=values["category"].pk,
            brand_pk=values["brand"].pk if values["brand"] else None,
            detail_html=self._detail_html(),
            unit=values["unit"] or "件",
            origin=values["origin"],
            aftersale_note=values["aftersale_note"],
            freight_template_pk=int(template) if template else None,
            ship_within_hours=values["ship_within_hours"],
            allowed_applications=None
            if set(applications) >= self.all_applications
            else applications,
            regions_not_served=tuple(values["regions_not_served"]),
            main_pictures=tuple(main),
            detail_pictures=tuple(detail),
            attributes={
                name: values[attribute_field(attribute)]
                for name, attribute in self.asked.items()
                if values.get(attribute_field(attribute))
            },
            skus=tuple(self._sku(form, place, names) for place, form in enumerate(skus, 1)),
        )

    def _sku(self, form: SkuForm, place: int, names: Sequence[str]) -> SkuContent:
        values = form.cleaned_data
        number = values.get("owner_no") or self._own_sku_no(place)
        spec = {
            name: values.get(f"value_{n}", "")
            for n, name in enumerate(names)
            if name and values.get(f"value_{n}", "")
        }
        return SkuContent(
            owner_no=number,
            spec=spec,
            barcode=values.get("barcode", ""),
            supply_price_fen=values["supply_price"],
            retail_price_fen=values.get("retail_price"),
            min_quantity=values.get("min_quantity") or 1,
            max_quantity=values.get("max_quantity"),
            multiple=values.get("multiple") or 1,
            weight_g=values.get("weight_g") or 0,
            opening_stock=values.get("opening_stock") or 0,
        )

    def _detail_html(self) -> str:
        """Return the details; those that nobody touched stay to the letter."""
        text = self.cleaned_data["detail"].replace("\r\n", "\n")
        if text == self.initial.get("detail"):
            return str(self.initial["detail_html"])
        return detail_text.to_html(text)

    def _own_sku_no(self, place: int) -> str:
        """Number a sku after its product, as `load_products` does for the only one."""
        number = self.cleaned_data.get("owner_no") or self.initial.get("owner_no", "")
        return f"{number[:44]}-{place}" if self.cleaned_data["several"] else number

    def _spec_names(self, values: Mapping[str, Any]) -> list[str]:
        return [name for n in range(self.specs) if (name := values.get(f"spec_{n}", ""))]

    def _offer_choices(self, supplier: Supplier, live: Content | None) -> None:
        templates = supplier.freight_templates.order_by("name").values_list("pk", "name")
        free = ("", gettext("Free shipping"))
        self._choices("freight_template", [free, *((str(pk), name) for pk, name in templates)])
        offered = policies.read().allowed_applications
        self.all_applications = set(offered)
        wanted = (live.allowed_applications if live else None) or ()
        kept = [code for code in wanted if code not in offered]
        self._choices(
            "allowed_applications", [(c, APPLICATIONS.get(c, c)) for c in (*offered, *kept)]
        )
        self.fields["allowed_applications"].initial = list(offered)
        self._choices(
            "regions_not_served", province_choices(live.regions_not_served if live else ())
        )

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


def province_choices(others: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the provinces, and other regions in use, named in the reader's language."""
    chinese = not languages.reads_english()
    known = [(name, name if chinese else english) for _code, name, english in regions.PROVINCES]
    names = {name for name, _label in known}
    return known + [(region, region) for region in others if region not in names]


def show_refusal(refusal: DomainError, form: ProductForm, skus: Sequence[SkuForm]) -> None:
    """Put a refusal beside the fields that it is about."""
    for cause in refusal.causes or [refusal]:
        target, field = _place(cause.pointer, form, skus)
        target.add_error(field, str(cause))


_FIELDS = {
    "category_pk": "category",
    "brand_pk": "brand",
    "detail_html": "detail",
    "freight_template_pk": "freight_template",
    "supply_price_fen": "supply_price",
    "retail_price_fen": "retail_price",
    "spec": "value_0",
}


def _place(
    pointer: str, form: ProductForm, skus: Sequence[SkuForm]
) -> tuple[forms.Form, str | None]:
    """Return the form and the field that a JSON pointer means."""
    parts = pointer.strip("/").split("/")
    target: forms.Form = form
    if parts[0] == "attributes" and (asked := form.asked.get("/".join(parts[1:]))):
        return form, attribute_field(asked)
    if parts[0] == "skus" and len(parts) >= 2 and parts[1].isdigit() and int(parts[1]) < len(skus):
        target, parts = skus[int(parts[1])], parts[2:] or [""]
    name = _FIELDS.get(parts[0], parts[0])
    return target, name if name in target.fields else None
