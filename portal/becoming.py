"""The public form by which a company applies to become a distributor, and its link's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from companies import application_pages
from companies.application_forms import CompanyForm, kept, paper_field
from companies.application_pages import ApplicationDoor
from companies.papers import Upload
from distributors import applying
from distributors.applying import LICENCE, MAX_ORDERS_A_MONTH, Answers
from distributors.models import ShopApplication


class ApplicationForm(CompanyForm):
    """What a company says of itself and its shop, and its business licence."""

    WIDE = ("sold_goods",)

    shop_system = forms.CharField(
        label=_("Shop system"),
        max_length=ShopApplication.LIMITS["shop_system"],
        help_text=_("The software or platform your shop runs on, or your own."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    orders_a_month = forms.IntegerField(
        label=_("Orders you expect a month"),
        min_value=1,
        max_value=MAX_ORDERS_A_MONTH,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    sold_goods = forms.CharField(
        label=_("What you sell"),
        max_length=ShopApplication.LIMITS["sold_goods"],
        help_text=_("Categories, who buys from you, where."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "low"}),
    )
    licence = paper_field(label=_("Business licence"), required=True)

    def ask(self, application: ShopApplication | None) -> None:
        """Ask for the licence anew only where there is none."""
        if application is not None and application.licence:
            self.fields[LICENCE].required = False
            self.fields[LICENCE].help_text = kept(application.licence_name)

    def answers(self) -> Answers:
        """Return what the company said."""
        values = self.cleaned_data
        return Answers(**{name: values[name] for name in ShopApplication.ASKED})

    def upload(self) -> Upload | None:
        """Return the licence, if one was chosen."""
        return self.cleaned_data[LICENCE] or None


class OfDistributors(ApplicationDoor):
    """What is the distributors' own."""

    kind, form_class = ShopApplication, ApplicationForm
    route = "shop_application"
    form_page = "portal/become.html"
    thanks_page = "portal/applied.html"
    state_page = "portal/application.html"

    def apply(self, form: ApplicationForm, **rest: Any) -> ShopApplication:
        return applying.apply(answers=form.answers(), licence=form.upload(), **rest)

    def correct(self, form: ApplicationForm, **rest: Any) -> ShopApplication:
        return applying.correct(answers=form.answers(), licence=form.upload(), **rest)

    def more(self, found: ShopApplication) -> dict[str, Any]:
        return {"papers": [str(_("Business licence"))] if found.licence else []}


class Apply(OfDistributors, application_pages.Apply):
    """Apply to become a distributor."""


class Applied(OfDistributors, application_pages.Applied):
    """How far it has come."""
