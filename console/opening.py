"""Opening a supplier or a distributor: one form, and a sheet with what is handed over, shown once."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from companies.opening import FirstPerson
from console import choosing
from console.pages import Decision, Text, hand_over
from distributors import onboarding as distributing
from kit.fields import YuanField
from suppliers import onboarding as supplying

MAX_NAME = 120
MAX_ADDRESSES = 2_000
MAX_DIGITS = 19


class CompanyForm(forms.Form):
    """Whom to open: a new company, or one there is in its second role."""

    name = forms.CharField(
        label=_("Name of the company"),
        max_length=MAX_NAME,
        required=False,
        help_text=_("Leave empty where a company takes its second role."),
    )
    company = forms.ModelChoiceField(
        Company.objects.order_by("name"),
        label=_("Or a company there is"),
        required=False,
        empty_label=_("a new company"),
    )
    email = forms.EmailField(
        label=_("E-mail of the first person"),
        required=False,
        help_text=_("Logs in with it; the password is shown once on the next page."),
    )

    def clean(self) -> dict[str, Any]:
        """One of both says who it is."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(values.get("name")) == bool(values.get("company")):
            self.add_error("name", str(_("Write a name, or choose a company.")))
        return values


class SupplierForm(CompanyForm):
    """A supplier."""

    trusted = forms.BooleanField(
        label=_("Trusted: what it submits goes live without review"), required=False
    )


class DistributorForm(CompanyForm):
    """A distributor."""

    level = choosing.level(help_text=_("It decides the service fee."))
    credit_line_fen = YuanField(
        label=_("Credit line (¥)"),
        initial=0,
        help_text=_("How far it may order beyond its deposit."),
    )
    low_deposit_threshold_fen = YuanField(
        label=_("Warning threshold (¥)"),
        initial=0,
        help_text=_("Below this deposit it is warned once; 0: never."),
    )
    callback_url = forms.URLField(
        label=_("Callback address"), max_length=500, required=False, assume_scheme="https"
    )
    addresses = forms.CharField(
        label=_("Bound addresses"),
        required=False,
        max_length=MAX_ADDRESSES,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("IP addresses or networks, one a line; none: it may call from anywhere."),
    )


class Opening(Decision):
    """A form that ends with a sheet to hand over."""

    right = "console.open_companies"
    button = _("Open the company")

    def initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("company", "")
        known = asked.isascii() and asked.isdigit() and len(asked) < MAX_DIGITS
        return {"company": asked} if known else {}

    def after(self) -> str:
        return reverse("admin:index")


class OpenSupplier(Opening):
    """Open a supplier."""

    act = "open_supplier"
    title = _("Open a supplier")
    form_class = SupplierForm

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        opened = supplying.open_supplier(
            name=values["name"],
            at=timezone.now(),
            trusted=values["trusted"],
            email=values["email"],
            company=values["company"],
        )
        supplier = opened.supplier
        return hand_over(
            self,
            title=_("Hand-over sheet of a supplier"),
            address=reverse("console:supplier", args=[supplier.pk]),
            facts=[
                (_("Company"), supplier.company.name),
                (_("Supplier number"), supplier.number),
                *_log_in(opened.first_person),
            ],
        )


class OpenDistributor(Opening):
    """Open a distributor."""

    act = "open_distributor"
    title = _("Open a distributor")
    form_class = DistributorForm

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        opened = distributing.open_distributor(
            name=values["name"],
            level=values["level"],
            at=timezone.now(),
            email=values["email"],
            company=values["company"],
            callback_url=values["callback_url"],
            addresses=values["addresses"].split(),
            credit_line_fen=values["credit_line_fen"],
            low_deposit_threshold_fen=values["low_deposit_threshold_fen"],
        )
        distributor = opened.distributor
        return hand_over(
            self,
            title=_("Hand-over sheet of a distributor"),
            address=reverse("console:distributor", args=[distributor.pk]),
            facts=[
                (_("Company"), distributor.company.name),
                (_("Distributor number"), distributor.number),
                *_log_in(opened.first_person),
                (_("API base address"), settings.PUBLIC_URL.rstrip("/") + "/api/v1/"),
                (_("API key"), opened.key.key.public_id),
                (_("API secret (shown this once)"), opened.key.secret),
                (_("Callback address"), values["callback_url"]),
                (_("Callback secret (shown this once)"), opened.callback_secret),
            ],
        )


def _log_in(first: FirstPerson | None) -> list[tuple[Text, str | None]]:
    address = (_("Log-in address"), settings.PUBLIC_URL.rstrip("/") + reverse("account_login"))
    if first is None:
        return [address]
    return [
        address,
        (_("E-mail"), first.person.email),
        (_("Password (shown this once)"), first.password or str(_("the one they have"))),
    ]
