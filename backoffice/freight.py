"""A supplier's freight templates."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.forms import BaseFormSet, formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from backoffice import access
from backoffice.access import supplier_only, while_active
from backoffice.money_input import money_input
from backoffice.product_forms import province_choices
from kit.errors import DomainError
from kit.fields import YuanField
from suppliers.models import Supplier
from supplychain import tariffs
from supplychain.models import ChargeBy, FreightTemplate


class TemplateForm(forms.Form):
    """A template's name and what it counts."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=tariffs.MAX_NAME)
    charge_by = forms.ChoiceField(label=gettext_lazy("Charged"), choices=ChargeBy.choices)


class RuleForm(forms.Form):
    """One rule: a first amount, then each further one, for some regions."""

    regions = forms.MultipleChoiceField(
        label=gettext_lazy("Regions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first_units = forms.IntegerField(
        label=gettext_lazy("The first"), min_value=1, max_value=tariffs.MAX_UNITS, initial=1
    )
    first = YuanField(label=gettext_lazy("cost (¥)"), widget=money_input())
    further_units = forms.IntegerField(
        label=gettext_lazy("Each further"), min_value=1, max_value=tariffs.MAX_UNITS, initial=1
    )
    further = YuanField(label=gettext_lazy("cost (¥)"), initial=0, widget=money_input())
    free_from_units = forms.IntegerField(
        label=gettext_lazy("Free from (pieces or g)"),
        min_value=1,
        max_value=tariffs.MAX_UNITS,
        required=False,
    )
    free_from = YuanField(
        label=gettext_lazy("Free from goods worth (¥)"), required=False, widget=money_input()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = self.fields["regions"]
        assert isinstance(regions, forms.MultipleChoiceField)
        regions.choices = province_choices(self.initial.get("regions", ()))

    def rule(self) -> tariffs.Rule:
        """Return the rule that was typed."""
        values = self.cleaned_data
        return tariffs.Rule(
            regions=tuple(values["regions"]),
            first_units=values["first_units"],
            first_fen=values["first"],
            further_units=values["further_units"],
            further_fen=values["further"],
            free_from_units=values["free_from_units"],
            free_from_fen=values["free_from"],
        )


RuleForms = formset_factory(
    RuleForm,
    extra=0,
    min_num=1,
    max_num=tariffs.MAX_RULES,
    absolute_max=tariffs.MAX_RULES,
    can_delete=True,
)


@require_GET
@supplier_only
def templates(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """List the templates."""
    rows = (
        supplier.freight_templates.annotate(product_count=Count("products"))
        .prefetch_related("rules")
        .order_by("name")
    )
    return access.shown(request, supplier, "freight.html", {"templates": rows})


@supplier_only
@while_active
def new_template(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the form for a new template; a POST makes it."""
    return _edit(request, supplier, None)


@supplier_only
@while_active
def template(request: HttpRequest, supplier: Supplier, pk: int) -> HttpResponse:
    """Show a template's form; a POST changes it."""
    found = supplier.freight_templates.filter(pk=pk).first()
    if found is None:
        raise Http404
    return _edit(request, supplier, found)


def _edit(request: HttpRequest, supplier: Supplier, found: FreightTemplate | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TemplateForm(data, initial=_initial(found))
    rules = RuleForms(data, prefix="rules", initial=_initial_rules(found))
    read = [form.is_valid(), rules.is_valid()] if data is not None else [False]
    if all(read) and _saved(supplier, found, form, rules):
        messages.success(request, _("Saved. New orders are charged by it."))
        return redirect("supplier:freight")
    context = {"form": form, "rules": rules, "template": found}
    status = 422 if data is not None else 200
    return access.shown(request, supplier, "freight_form.html", context, status)


def _saved(
    supplier: Supplier,
    found: FreightTemplate | None,
    form: TemplateForm,
    rules: "BaseFormSet[RuleForm]",
) -> bool:
    kept = [rule for rule in rules.forms if rule not in rules.deleted_forms]
    try:
        tariffs.save_template(
            supplier=supplier,
            template_pk=found.pk if found else None,
            name=form.cleaned_data["name"],
            charge_by=ChargeBy(form.cleaned_data["charge_by"]),
            rules=[rule.rule() for rule in kept],
        )
    except DomainError as refusal:
        form.add_error("name" if refusal.pointer == "/name" else None, str(refusal))
        return False
    return True


def _initial(found: FreightTemplate | None) -> dict[str, Any]:
    return {"name": found.name, "charge_by": found.charge_by} if found else {}


def _initial_rules(found: FreightTemplate | None) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {
            "regions": rule.regions,
            "first_units": rule.first_units,
            "first": rule.first_fen,
            "further_units": rule.further_units,
            "further": rule.further_fen,
            "free_from_units": rule.free_from_units,
            "free_from": rule.free_from_fen,
        }
        for rule in found.rules.all()
    ]
