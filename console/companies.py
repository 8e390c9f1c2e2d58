"""A company's page: its roles and people; and inviting somebody for it."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies import joining
from companies.models import Company, InvitationState, Role
from console import records
from console.pages import Decision, Page, hand_over
from kit.errors import NotFound


def company(pk: int) -> Company:
    """Return a company.

    :raises NotFound: there is none.
    """
    found = Company.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def people_of(found: Company) -> dict[str, Any]:
    """Return who belongs to a company, and who is invited, for a template."""
    open_ones = found.invitations.filter(state=InvitationState.OPEN, expires_at__gt=timezone.now())
    return {
        "company": found,
        "memberships": found.memberships.select_related("person").order_by("pk"),
        "invitations": open_ones.order_by("pk"),
    }


class CompanyPage(Page):
    """A tenant with its roles."""

    right = "console.see_companies"
    template_name = "console/company.html"

    def heading(self) -> str:
        return company(self.kwargs["pk"]).name

    def context(self) -> dict[str, Any]:
        found = company(self.kwargs["pk"])
        return {
            **people_of(found),
            "supplier": getattr(found, "supplier", None),
            "distributor": getattr(found, "distributor", None),
            "records": records.about(found),
        }


class InviteForm(forms.Form):
    """Whom."""

    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.OWNER)


class Invite(Decision):
    """Invite somebody to act for a company."""

    right = "console.open_companies"
    act = "invite"
    title = _("Invite somebody")
    explanation = _(
        "You get a link to pass on; whoever opens it sets a password and belongs to it."
    )
    form_class = InviteForm

    def subject(self) -> Company:
        return company(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:company", args=[self.kwargs["pk"]])

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        found = self.subject()
        made = joining.invite(
            company=found,
            email=values["email"],
            role=values["role"],
            actor=self.actor,
            at=timezone.now(),
        )
        return hand_over(
            self,
            title=_("Invitation"),
            address=self.after(),
            facts=[
                (_("Company"), found.name),
                (_("E-mail"), made.invitation.email),
                (_("Link (shown this once)"), _link(made.token)),
            ],
        )


def _link(token: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("join", args=[token])
