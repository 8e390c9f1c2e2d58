"""The product form: one for the usual product with one sku, that grows to many with specifications."""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.urls import reverse_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit import money
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import attributes, checking, regions
from supplychain.content import Content, SkuContent
from supplychain.drafting import Fields
from supplychain.models import (
    MAX_ATTRIBUTE_VALUE,
    MAX_STOCK,
    AttributeKind,
    Brand,
    Category,
    CategoryAttribute,
)

SPECS = 3
ATTRIBUTE = "attribute_"
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
PARAGRAPHS = re.compile(r"(<p>[^<]*</p>\s*)*")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")


class YuanField(forms.Field):
    """An amount typed in yuan, held in fen."""

    default_error_messages = {"amount": _("Write an amount such as 12 or 12.50.")}

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "class": "money",
            "inputmode": "decimal",
            "placeholder": "0.00",
            "maxlength": 16,
            "autocomplete": "off",
        }
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Read yuan as fen."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return money.fen(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["amount"], code="amount") from None

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what was typed stays as it was."""
        return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else value


class SkuForm(forms.Form):
    """One sku. A product without specifications has exactly one."""

    owner_no = forms.CharField(
        label=_("Your sku number"),
        max_length=48,
        required=False,
        help_text=_("Empty: we make one."),
    )
    supply_price = YuanField(label=_("Supply price (¥)"))
    retail_price = YuanField(label=_("Suggested retail price (¥)"), required=False)
    opening_stock = forms.IntegerField(
        label=_("Stock to begin with"), min_value=0, max_value=MAX_STOCK, required=False
    )
    barcode = forms.CharField(label=_("Barcode"), max_length=32, required=False)
    weight_g = forms.IntegerField(
        label=_("Weight (g)"), min_value=0, max_value=checking.MAX_WEIGHT_G, required=False
    )
    min_quantity = forms.IntegerField(
        label=_("Sold from"), min_value=1, max_value=checking.MAX_QUANTITY, required=False
    )
    max_quantity = forms.IntegerField(
        label=_("Up to"), min_value=1, max_value=checking.MAX_QUANTITY, required=False
    )
    multiple = forms.IntegerField(
        label=_("In multiples of"), min_value=1, max_value=checking.MAX_QUANTITY, required=False
    )

    def __init__(self, *args: Any, specs: int = SPECS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(specs):
            self.fields[f"value_{place}"] = forms.CharField(
                label=_("Specification value"), max_length=checking.MAX_SPEC_VALUE, required=False
            )

    def value_fields(self) -> list[forms.BoundField]:
        """Return the fields of the specification's values."""
        return [self[name] for name in self.fields if name.startswith("value_")]

    def is_on_sale(self) -> bool:
        """Tell whether the row shows a sku that is there already."""
        return bool(self.initial.get("is_there"))


if TYPE_CHECKING:
    SkuFormsBase = BaseFormSet[SkuForm]
else:
    SkuFormsBase = BaseFormSet


class SkuForms(SkuFormsBase):
    """All skus of a product."""

    def kept(self) -> list[SkuForm]:
        """Return the rows that were not taken away."""
        return [form for form in self.forms if form not in self.deleted_forms]


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
        return to_html(text)

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


# At least one sku, at the most what a product may have.
SkuFormSet: type[SkuForms] = formset_factory(  # type: ignore[assignment]
    SkuForm,
    formset=SkuForms,
    extra=0,
    min_num=1,
    max_num=checking.MAX_SKUS,
    absolute_max=checking.MAX_SKUS,
    validate_max=True,
    can_delete=True,
)


def initial_of(live: Content, owner_no: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what the product form begins with; `labels` name category and brand."""
    names = list(dict.fromkeys(name for sku in live.skus for name in sku.spec))
    values: dict[str, Any] = {
        "owner_no": owner_no,
        "name": live.name,
        "category": labels["category"],
        "brand": labels["brand"],
        "unit": live.unit,
        "origin": live.origin,
        "freight_template": str(live.freight_template_pk or ""),
        "ship_within_hours": live.ship_within_hours,
        "aftersale_note": live.aftersale_note,
        "detail": to_text(live.detail_html),
        "detail_html": live.detail_html,
        "regions_not_served": list(live.regions_not_served),
        "several": bool(names),
        "attributes": live.attributes,
    }
    if live.allowed_applications is not None:
        values["allowed_applications"] = list(live.allowed_applications)
    return values | {f"spec_{place}": name for place, name in enumerate(names)}


def initial_of_skus(latest: Content, there: set[str]) -> list[dict[str, Any]]:
    """Return what the sku rows begin with; `there` holds the numbers that are live."""
    names = list(dict.fromkeys(name for sku in latest.skus for name in sku.spec))
    return [
        {
            "owner_no": sku.owner_no,
            "supply_price": sku.supply_price_fen,
            "retail_price": sku.retail_price_fen,
            "opening_stock": sku.opening_stock or None,
            "barcode": sku.barcode,
            "weight_g": sku.weight_g or None,
            "min_quantity": sku.min_quantity,
            "max_quantity": sku.max_quantity,
            "multiple": sku.multiple,
            "is_there": sku.owner_no in there,
            **{f"value_{place}": sku.spec.get(name, "") for place, name in enumerate(names)},
        }
        for sku in latest.skus
    ]


def initial_of_draft(draft: Fields) -> dict[str, Any]:
    """Return what the product form goes on with where it was left."""
    several = {"allowed_applications", "regions_not_served"}
    names = [
        *ProductForm.base_fields,
        *(name for name in draft if name.startswith((ATTRIBUTE, "spec_"))),
    ]
    values: dict[str, Any] = {
        name: list(draft.get(name, ())) if name in several else _last(draft, name) for name in names
    }
    return values | {"several": "several" in draft}


def initial_of_draft_skus(draft: Fields, there: Collection[str]) -> list[dict[str, Any]]:
    """Return the sku rows of a draft that were not taken away."""
    total = _last(draft, "skus-TOTAL_FORMS")
    count = min(int(total), checking.MAX_SKUS) if total.isascii() and total.isdigit() else 0
    rows: list[dict[str, Any]] = []
    for place in range(count):
        prefix = f"skus-{place}-"
        row = {
            name.removeprefix(prefix): _last(draft, name)
            for name in draft
            if name.startswith(prefix)
        }
        if row and not row.pop("DELETE", ""):
            rows.append({**row, "is_there": row.get("owner_no") in there})
    return rows


def _last(draft: Fields, name: str) -> str:
    return next(reversed(draft.get(name, ())), "")


def asked_at(path: str) -> Mapping[str, CategoryAttribute]:
    """Return what the category at a path asks for, as it was typed; nothing where there is none."""
    tidy = "/".join(part.strip() for part in path.split("/"))
    pk = Category.objects.filter(path=tidy).values_list("pk", flat=True).first() if tidy else None
    return {} if pk is None else attributes.asked_of([pk]).get(pk, {})


def attribute_field(attribute: CategoryAttribute) -> str:
    """Name the field of an attribute."""
    return f"{ATTRIBUTE}{attribute.pk}"


def attribute_fields(asked: Mapping[str, CategoryAttribute]) -> dict[str, forms.Field]:
    """Return the fields for what a category asks for, by their names."""
    return {attribute_field(attribute): _field_of(attribute) for attribute in asked.values()}


def _field_of(attribute: CategoryAttribute) -> forms.Field:
    if attribute.kind == AttributeKind.CHOICE:
        choices = [("", gettext("Choose…")), *((value, value) for value in attribute.choices)]
        return forms.ChoiceField(label=attribute.name, required=attribute.required, choices=choices)
    is_number = attribute.kind == AttributeKind.NUMBER
    attrs = {"inputmode": "decimal", "autocomplete": "off"} if is_number else {}
    return forms.CharField(
        label=attribute.name,
        required=attribute.required,
        max_length=MAX_ATTRIBUTE_VALUE,
        widget=forms.TextInput(attrs=attrs),
    )


class AttributesForm(forms.Form):
    """What a category asks for, alone: shown anew when another category is chosen."""

    def __init__(self, asked: Mapping[str, CategoryAttribute], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields.update(attribute_fields(asked))


def province_choices(others: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the provinces, and other regions in use, named in the reader's language."""
    chinese = (get_language() or "").startswith("zh")
    known = [(name, name if chinese else english) for _code, name, english in regions.PROVINCES]
    names = {name for name, _label in known}
    return known + [(region, region) for region in others if region not in names]


def show_refusal(refusal: DomainError, form: ProductForm, skus: Sequence[SkuForm]) -> None:
    """Put a refusal beside the fields that it is about."""
    for cause in refusal.causes or [refusal]:
        target, field = _place(cause.pointer, form, skus)
        target.add_error(field, str(cause))


def to_html(text: str) -> str:
    """Make paragraphs of plain text; HTML stays as it is (and is sanitised by the act)."""
    if TAG.search(text):
        return text
    lines = [line.strip() for line in text.splitlines()]
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)


def to_text(written: str) -> str:
    """Show paragraphs without any markup as the plain text they were."""
    if not PARAGRAPHS.fullmatch(written):
        return written
    return "\n".join(html.unescape(line) for line in re.findall(r"<p>([^<]*)</p>", written))


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
