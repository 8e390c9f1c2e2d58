"""The rows of the product form: a sku each."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from backoffice.money_input import money_input
from kit.fields import YuanField
from supplychain import checking
from supplychain.models import MAX_STOCK

SPECS = 3


class SkuForm(forms.Form):
    """One sku. A product without specifications has exactly one."""

    owner_no = forms.CharField(
        label=_("Your sku number"),
        max_length=48,
        required=False,
        help_text=_("Empty: we make one."),
    )
    supply_price = YuanField(label=_("Supply price (¥)"), widget=money_input())
    retail_price = YuanField(
        label=_("Suggested retail price (¥)"), required=False, widget=money_input()
    )
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
