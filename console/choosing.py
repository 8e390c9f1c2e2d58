"""Form fields by which staff choose a distributor, a level or a branch of the assortment."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor, DistributorState, Level
from supplychain.models import Brand, Category

MAX_REASON = 200


def reason(*, required: bool = True, **rest: Any) -> forms.CharField:
    """A field for the reason that is written down."""
    return forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        **rest,
    )


def distributor() -> "forms.ModelChoiceField[Distributor]":
    """A field for one distributor that is not closed."""
    return forms.ModelChoiceField(_open_distributors(), label=_("Distributor"))


def distributors(*, required: bool = False) -> "forms.ModelMultipleChoiceField[Distributor]":
    """A field for some distributors that are not closed."""
    return forms.ModelMultipleChoiceField(
        _open_distributors(),
        label=_("Distributors"),
        required=required,
        widget=forms.CheckboxSelectMultiple,
    )


def level(**rest: Any) -> "forms.ModelChoiceField[Level]":
    """A field for a level."""
    return forms.ModelChoiceField(Level.objects.all(), label=_("Level"), empty_label=None, **rest)


def categories() -> "forms.ModelMultipleChoiceField[Category]":
    """A field for some branches of the category tree."""
    return forms.ModelMultipleChoiceField(
        Category.objects.all(),
        label=_("Categories, each with what is below it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def brands() -> "forms.ModelMultipleChoiceField[Brand]":
    """A field for some brands."""
    return forms.ModelMultipleChoiceField(
        Brand.objects.all(),
        label=_("Brands"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _open_distributors() -> Any:
    rows = Distributor.objects.select_related("company").order_by("number")
    return rows.exclude(state=DistributorState.CLOSED)
