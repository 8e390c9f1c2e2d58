"""Reports by mail, as their reader orders and ends them."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import mailing
from console.models import Report, Rhythm
from console.pages import Decision, Page


class ReportsPage(Page):
    """What the reader gets, and when the next one comes."""

    right = "console.see_orders"
    template_name = "console/reports.html"
    title = _("Reports by mail")

    def context(self) -> dict[str, Any]:
        return {"reports": Report.objects.filter(person=self.person).order_by("due_at")}


class RhythmForm(forms.Form):
    """How often."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices)


class Subscribe(Decision):
    """Have the figures sent."""

    right = "console.see_orders"
    act = "subscribe_report"
    title = _("Have the figures sent by mail")
    explanation = _(
        "At eight in the morning after each day, week or month; with a workbook, and in the language"
        " in which you read now. Amounts are in it only while you may see money."
    )
    form_class = RhythmForm

    def initial(self) -> dict[str, Any]:
        return {"rhythm": Rhythm.WEEKLY}

    def decide(self, values: dict[str, Any]) -> str:
        report = mailing.subscribe(
            person=self.person,
            rhythm=values["rhythm"],
            language=translation.get_language() or "zh-hans",
            at=timezone.now(),
        )
        when = timezone.localtime(report.due_at)
        return gettext("The next one comes on {day}.").format(day=f"{when:%Y-%m-%d %H:%M}")

    def after(self) -> str:
        return reverse("console:reports")


class Unsubscribe(Decision):
    """Have them sent no more; a report leads here."""

    right = "console.see_orders"
    act = "unsubscribe_report"
    title = _("Have the figures sent no more")
    form_class = RhythmForm

    def initial(self) -> dict[str, Any]:
        return {"rhythm": self.request.GET.get("rhythm", "")}

    def decide(self, values: dict[str, Any]) -> str:
        mailing.unsubscribe(person=self.person, rhythm=values["rhythm"])
        return gettext("You get it no more.")

    def after(self) -> str:
        return reverse("console:reports")
