"""Companies that want to become distributors: the pages of applications, with what is opened here."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from companies import writing_to_applicants
from companies.models import Company
from console import applications, choosing
from console.applications import AboutOne, Handed
from console.pages import Page, Text, hand_over
from distributors import applying
from distributors.models import ShopApplication
from kit.errors import NotFound


class OfDistributors(AboutOne):
    """What is the distributors' own."""

    kind = ShopApplication
    public_route = "shop_application"
    route = "shop_application"
    decisions = (
        "approve_shop_application",
        "send_shop_application_back",
        "reject_shop_application",
    )


class ApplicationPage(OfDistributors, applications.ApplicationPage):
    """What the company says, its licence, and who said what to it."""

    def opened(self, found: Any) -> tuple[Text, str] | None:
        if found.distributor is None:
            return None
        return str(found.distributor), reverse("console:distributor", args=[found.distributor.pk])

    def papers(self, found: Any) -> list[Handed]:
        if not found.licence:
            return []
        address = reverse("console:shop_licence", args=[found.pk])
        name = _("Business licence")
        return [Handed(name, found.licence_name, address, found.submitted_at, is_new=False)]


class Licence(OfDistributors, Page):
    """The business licence: a picture, which we encoded ourselves, is shown; a PDF only saved."""

    right = "console.open_companies"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = self.one()
        if not found.licence:
            raise NotFound
        return applications.shown(found.licence, found.application_no)


class SendApplicationBack(OfDistributors, applications.SendApplicationBack):
    """Ask for a correction."""

    act = "send_shop_application_back"


class RejectApplication(OfDistributors, applications.RejectApplication):
    """Decline."""

    act = "reject_shop_application"


class ApproveForm(forms.Form):
    """As what it is opened."""

    level = choosing.level(help_text=_("It decides the service fee."))
    company = forms.ModelChoiceField(
        Company.objects.filter(distributor__isnull=True).order_by("name"),
        label=_("Or a company there is"),
        required=False,
        empty_label=_("a new company"),
        help_text=_("One that is a supplier already takes its second role."),
    )


class ApproveApplication(OfDistributors, applications.AboutApplication):
    """Open the distributor."""

    act = "approve_shop_application"
    title = _("Approve the application")
    explanation = _(
        "The distributor is opened on this level with an empty deposit and a first key, and the"
        " applicant is invited as its owner."
    )
    button = _("Open the distributor")
    form_class = ApproveForm

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        done = applying.approve(
            level=values["level"], company=values["company"], **self.decided(values)
        )
        link = applications.way_in(done.invitation)
        writing_to_applicants.decided(done.application, link=link)
        distributor, key = done.opened.distributor, done.opened.key
        return hand_over(
            self,
            title=_("Hand-over sheet of a distributor"),
            address=reverse("console:distributor", args=[distributor.pk]),
            facts=[
                (_("Company"), distributor.company.name),
                (_("Distributor number"), distributor.number),
                (_("E-mail"), done.application.email),
                (_("Link (shown this once)"), link if done.invitation else ""),
                (_("API base address"), settings.PUBLIC_URL.rstrip("/") + "/api/v1/"),
                (_("API key"), key.key.public_id),
                (_("API secret (shown this once)"), key.secret),
            ],
        )
