"""Seeing a supplier's or distributor's pages as it does: begun with a reason, looked at, and over."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies import acting, seeing_as
from companies.models import Company
from console import choosing, companies
from console.pages import Decision

SIDES = {acting.SUPPLIER: _("its supplier's pages"), acting.DISTRIBUTOR: _("its shop's pages")}


class BeginVisit(Decision):
    """See a company's pages as its owner does."""

    right = seeing_as.RIGHT
    act = "begin_visit"
    title = _("See as the company")
    explanation = _(
        "For half an hour you see its pages as its owner does. You can change nothing, consumers"
        " stay masked, and the company can read when you came, why, and what you opened."
    )
    button = _("Begin the visit")
    asks_again = True

    def subject(self) -> Company:
        return companies.company(self.kwargs["pk"])

    def form(self, data: Any = None) -> forms.Form:
        rows = self.subject().partners.order_by("-side").values_list("side", flat=True)
        sides = [(side, SIDES[side]) for side in rows]
        asked = self.request.GET.get("side")
        side = asked if asked in dict(sides) else sides[0][0]
        form = forms.Form(data, initial={"side": side})
        form.fields["side"] = forms.ChoiceField(
            label=_("What you see"), choices=sides, widget=forms.RadioSelect
        )
        form.fields["reason"] = choosing.reason(help_text=_("The company can read it."))
        return form

    def after(self) -> str:
        return reverse("console:company", args=[self.kwargs["pk"]])

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        visit = seeing_as.begin(
            company_pk=self.kwargs["pk"],
            side=values["side"],
            person=self.person,
            reason=values["reason"],
            at=timezone.now(),
        )
        self.request.session[seeing_as.SESSION_KEY] = visit.pk
        return HttpResponseRedirect(reverse("home"))


class EndVisit(Decision):
    """End a visit before its time."""

    right = seeing_as.RIGHT
    act = "end_visit"
    title = _("End the visit")
    explanation = _("You are back in the console then; nothing of the company has changed.")
    button = _("End the visit")

    def after(self) -> str:
        return reverse("admin:index")

    def decide(self, values: dict[str, Any]) -> str | HttpResponse:  # noqa: ARG002
        self.request.session.pop(seeing_as.SESSION_KEY, None)
        visit = seeing_as.end(person=self.person, at=timezone.now())
        if visit is None:
            return gettext("There was no visit.")
        return HttpResponseRedirect(reverse("console:company", args=[visit.company_id]))
