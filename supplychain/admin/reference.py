"""The plain reference data that goods hang on, which staff keep in forms; and suppliers' holidays."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminTextInputWidget

from kit.columns import by
from kit.rows import Reference, Rows
from supplychain import catalogue, renaming
from supplychain.admin.goods import Source
from supplychain.models import (
    MAX_ATTRIBUTE_VALUE,
    AttributeKind,
    Brand,
    Category,
    CategoryAttribute,
    FreightTemplate,
    Holiday,
)

MAX_CHOICES = 100


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A category by its place in the tree; its path follows from that."""

    class Meta:
        model = Category
        fields = ("parent", "name", "code", "position")

    def clean_name(self) -> str:
        """A name is one step of a path."""
        name = str(self.cleaned_data["name"]).strip()
        if "/" in name or not name.isprintable():
            raise ValidationError(_("A name has no “/” in it."))
        return name

    def clean(self) -> dict[str, Any]:
        """Refuse a tree that is too deep, a path that is taken, and a branch in itself."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        parent, name = values.get("parent"), values.get("name")
        if not name:
            return values
        path = f"{parent.path}/{name}" if parent else name
        if path.count("/") >= catalogue.MAX_DEPTH or len(path) > catalogue.MAX_PATH:
            raise ValidationError(_("This is too deep in the tree."))
        if Category.objects.filter(path=path).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a category of this name here already."))
        self.instance.path = path
        return values


class AttributeForm(forms.ModelForm):  # type: ignore[type-arg]
    """One thing that a category asks for."""

    choices = forms.CharField(
        label=_("values to choose from"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For a choice: the values with commas between, such as 棉, 麻, 丝"),
    )

    class Meta:
        model = CategoryAttribute
        fields = ("name", "kind", "choices", "required", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["choices"] = ", ".join(self.instance.choices)

    def clean_name(self) -> str:
        """Write the name as products will hold it."""
        return str(self.cleaned_data["name"]).strip()

    def clean_choices(self) -> list[str]:
        """Read the values of a choice, each once."""
        parts = re.split("[,，、\n]", self.cleaned_data["choices"])
        values = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if len(values) > MAX_CHOICES or any(len(value) > MAX_ATTRIBUTE_VALUE for value in values):
            raise ValidationError(
                _("Up to {count} values of up to {limit} characters.").format(
                    count=MAX_CHOICES, limit=MAX_ATTRIBUTE_VALUE
                )
            )
        return values

    def clean(self) -> dict[str, Any]:
        """See that a choice has values, and nothing else has."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") != AttributeKind.CHOICE:
            values["choices"] = []
        elif not values.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("Write the values to choose from."))
        return values


class Attributes(StackedInline):
    """What suppliers are asked of goods in a category and below it."""

    model = CategoryAttribute
    form = AttributeForm
    extra = 0
    fields = (("name", "kind"), "choices", ("required", "position"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("console.see_goods")

    def _may_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("console.edit_reference")

    has_add_permission = has_change_permission = has_delete_permission = _may_edit


class ShownByGoods(Reference):
    """What products show the name of: kept by the act that has their distributors told."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        renaming.keep_within(obj, at=timezone.now())


@admin.register(Category)
class CategoryRows(ShownByGoods):
    """The category tree. A category stays where it was made: limits and shops go by its path."""

    right = "console.see_goods"
    edit_right = "console.edit_reference"
    form = CategoryForm
    inlines = (Attributes,)
    list_display = ("path", "code", "position")
    ordering = ("path",)
    search_fields = ("path", "code")
    search_help_text = _("Name or code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the place and the name of what is there."""
        return ("parent", "name") if obj else ()


@admin.register(Brand)
class BrandRows(ShownByGoods):
    """Brands that products carry."""

    right = "console.see_goods"
    edit_right = "console.edit_reference"
    list_display = ("name", "code")
    ordering = ("name",)
    search_fields = ("name", "code")
    search_help_text = _("Name or code")


@admin.register(FreightTemplate)
class FreightTemplateRows(Rows):
    """What shipping costs; those of suppliers are kept by them and only read here."""

    right = "console.see_goods"
    page = "console:freight_template"
    doors = (("console:new_freight", "console.edit_reference", _("New freight template")),)
    list_display = ("name", "supplier", "charge_by")
    list_select_related = ("supplier__company",)
    list_filter = (Source, "charge_by")
    search_fields = ("name", "supplier__number")
    search_help_text = _("Name or supplier's number")


@admin.register(Holiday)
class HolidayRows(Rows):
    """When suppliers are closed."""

    right = "console.see_companies"
    hint = _("While a supplier is on holiday its goods are off sale by themselves.")
    list_display = (
        "supplier",
        "state",
        "starts_at",
        "ends_at",
        "message",
        "paused",
        "resumed",
        by("said_by", _("said by")),
    )
    list_select_related = ("supplier__company",)
    list_filter = ("state",)
    search_fields = ("supplier__number", "supplier__company__name")
    search_help_text = _("Supplier")
