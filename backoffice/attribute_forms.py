"""What a category asks of its goods, as fields of a form."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from supplychain import attributes
from supplychain.models import MAX_ATTRIBUTE_VALUE, AttributeKind, Category, CategoryAttribute

ATTRIBUTE = "attribute_"


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
