"""Changing many products: what they are, what is added to their price, and whether they are on sale."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from companies import policies as companies_policies
from console import choosing, doing_many, policies
from console.bulk_pages import BulkDecision
from console.choosing_goods import Choice
from console.doing_many import Deed, Subject, Task
from console.pages import Page
from kit import languages, money
from kit.errors import NotFound
from kit.fields import PercentField
from supplychain import amending, assortment, checking, listing, regions, warranting
from supplychain.models import (
    Brand,
    Category,
    FreightTemplate,
    Product,
    ProductPicture,
    Sku,
)

SAMPLE = 20


class ManyProducts(Page):
    """Finds the products that something is to be done to, and leads to what can be done."""

    right = "console.see_goods"
    template_name = "console/many_products.html"
    title = _("Change many products")

    def context(self) -> dict[str, Any]:
        choice = Choice(self.request.GET)
        rows = choice.products()
        main = ProductPicture.objects.filter(role="main", position=0).select_related("picture")
        sample = rows.select_related("category", "supplier__company").prefetch_related(
            Prefetch("pictures", main)
        )
        return {
            "choice": choice,
            "count": rows.count(),
            "limit": doing_many.MAX_ROWS,
            "sample": sample[:SAMPLE],
        }


class AboutMany(BulkDecision):
    """A deed to the products that the address names."""

    def subjects(self) -> list[Subject]:
        return Choice(self.request.GET).subjects()

    def extent(self, subjects: list[Subject]) -> str:
        products = Choice(self.request.GET).products().order_by()
        suppliers = products.filter(supplier__isnull=False).values("supplier").distinct().count()
        words = ngettext(
            "This concerns {count} product.", "This concerns {count} products.", len(subjects)
        ).format(count=len(subjects))
        if suppliers:
            of = ngettext(
                "{count} supplier is concerned.", "{count} suppliers are concerned.", suppliers
            )
            words = f"{words} {of.format(count=suppliers)}"
        return words

    def home(self) -> str:
        return f"{reverse('console:many_products')}?{Choice(self.request.GET).query}"


# --- what they are ----------------------------------------------------------------------------------


class _Template(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Names a template with its owner."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.supplier or gettext('own stock')}"


class AmendForm(forms.Form):
    """Values for fields, each with a tick that says whether it is changed at all."""

    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"), required=False)
    brand = forms.ModelChoiceField(
        Brand.objects.all(), label=_("Brand"), required=False, empty_label=_("no brand")
    )
    freight_template = _Template(
        FreightTemplate.objects.none(),
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
    aftersale_days = forms.IntegerField(
        label=_("Days after receipt in which after-sales are open"),
        min_value=0,
        max_value=warranting.MAX_DAYS,
        required=False,
        help_text=_("0: never, claims only. Empty: what the policy says."),
    )
    allowed_applications = forms.MultipleChoiceField(
        label=_("Applications it may be sold through"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all that the platform allows."),
    )
    regions_not_served = forms.MultipleChoiceField(
        label=_("Regions not served"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: it goes everywhere."),
    )

    def __init__(self, *args: Any, choice: Choice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        suppliers = choice.products().order_by().values("supplier")
        fields["freight_template"].queryset = FreightTemplate.objects.filter(
            Q(supplier__isnull=True) | Q(supplier__in=suppliers)
        ).select_related("supplier__company")
        offered = companies_policies.read().allowed_applications
        fields["allowed_applications"].choices = [(one, policies.word(one)) for one in offered]
        fields["regions_not_served"].choices = provinces()
        self.values = list(fields)
        for name in self.values:
            label = gettext("Change: {field}").format(field=fields[name].label)
            fields[f"change_{name}"] = forms.BooleanField(label=label, required=False)

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return each tick with its field."""
        return [(self[f"change_{name}"], self[name]) for name in self.values]

    def clean(self) -> dict[str, Any]:
        """Keep what is to be changed; something must be."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        changed = [name for name in self.values if values.get(f"change_{name}")]
        if not changed:
            raise forms.ValidationError(_("Tick what is to be changed."))
        if "category" in changed and not values.get("category") and "category" not in self.errors:
            self.add_error("category", str(_("Choose a category.")))
        for name in set(self.values) - set(changed):
            values[name] = None
        return values


def provinces() -> list[tuple[str, str]]:
    """Return the provinces, named in the reader's language."""
    chinese = not languages.reads_english()
    return [(name, name if chinese else english) for _code, name, english in regions.PROVINCES]


class AmendProducts(AboutMany):
    """Put other values into some fields of many products."""

    right = "console.edit_products"
    act = "amend_products"
    title = _("Change what they are")
    template_name = "console/amend_products.html"
    explanation = _(
        "The change is live at once, and distributors are told. Goods of suppliers are changed only"
        " by those who may review them, too; where a supplier's own change waits, it is refused."
    )

    def form(self, data: Any = None) -> forms.Form:
        self.filled = AmendForm(data, choice=Choice(self.request.GET))
        return self.filled

    def given(self, values: dict[str, Any]) -> dict[str, Any]:
        changed = {name for name in AmendForm.base_fields if values[f"change_{name}"]}
        keys = {
            "category": "category_pk",
            "brand": "brand_pk",
            "freight_template": "freight_template_pk",
        }
        fields: dict[str, Any] = {
            key: values[name].pk if values[name] else None
            for name, key in keys.items()
            if name in changed
        }
        if "ship_within_hours" in changed:
            fields["ship_within_hours"] = values["ship_within_hours"]
        for name in ("allowed_applications", "regions_not_served"):
            if name in changed:
                fields[name] = values[name]
        days = {"days": values["aftersale_days"]} if "aftersale_days" in changed else {}
        return {"fields": fields, **days}


def _amend(task: Task) -> bool:
    product = _product(task)
    if product.supplier_id is not None and not task.person.has_perm("console.review_products"):
        raise doing_many.NoLongerAllowed
    changed = False
    fields = {name: _frozen(value) for name, value in task.values["fields"].items()}
    if fields.get("allowed_applications") == ():
        fields["allowed_applications"] = None
    if fields:
        changed = amending.amend(product_pk=product.pk, fields=fields, actor=task.actor, at=task.at)
    if "days" in task.values and product.aftersale_days != task.values["days"]:
        warranting.set_aftersale_days(product_pk=product.pk, days=task.values["days"])
        changed = True
    return changed


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# --- what is added to their price -------------------------------------------------------------------


class MarkupForm(forms.Form):
    """A share of the supply price."""

    percent = PercentField(
        label=_("Markup in percent of the supply price (%)"),
        help_text=_("Of each sku, rounded to the fen; 0 takes the markup away."),
    )


class MarkUpProducts(AboutMany):
    """Set the markups of many products as a share of their supply prices."""

    right = "console.set_prices"
    act = "mark_up_products"
    title = _("Set their markups")
    explanation = _(
        "Agreement price = supply price + markup + service fee. Old orders keep theirs."
    )
    form_class = MarkupForm


def _mark_up(task: Task) -> bool:
    changed = False
    for sku in Sku.objects.filter(product=_product(task), offered=True).order_by("pk"):
        wanted = money.share(sku.supply_price_fen, task.values["percent"])
        if wanted != sku.markup_fen:
            assortment.set_markup(sku_pk=sku.pk, markup_fen=wanted, at=task.at)
            changed = True
    return changed


# --- whether they are on sale -----------------------------------------------------------------------


class ReasonForm(forms.Form):
    """Why."""

    reason = choosing.reason(required=False)


class ListProducts(AboutMany):
    """Offer many."""

    right = "console.list_products"
    act = "list_products"
    title = _("List products")
    explanation = _("Distributors that may see it can order it from now on; they are told.")
    form_class = ReasonForm


class DelistProducts(AboutMany):
    """Take many off sale."""

    right = "console.list_products"
    act = "delist_products"
    title = _("Delist products")
    explanation = _("Nobody can order it any more; what was ordered goes on.")
    dangerous: ClassVar[bool] = True
    form_class = ReasonForm


def _list(task: Task) -> bool:
    return _move(task, listing.list_products)


def _delist(task: Task) -> bool:
    return _move(task, listing.delist_products)


def _move(task: Task, act: Callable[..., list[int]]) -> bool:
    return bool(
        act(
            product_pks=[task.subject_pk],
            supplier=None,
            actor=task.actor,
            at=task.at,
            reason=task.values["reason"],
        )
    )


def _product(task: Task) -> Product:
    found = Product.objects.filter(pk=task.subject_pk).first()
    if found is None:
        raise NotFound
    return found


doing_many.DEEDS |= {
    "amend_products": Deed("console.edit_products", AmendProducts.title, _amend),
    "mark_up_products": Deed("console.set_prices", MarkUpProducts.title, _mark_up),
    "list_products": Deed("console.list_products", ListProducts.title, _list),
    "delist_products": Deed("console.list_products", DelistProducts.title, _delist),
}
