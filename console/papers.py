"""A supplier's papers, which staff accept or send back."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.applications import paper
from console.pages import Decision
from suppliers import checklist
from suppliers.models import Paper


class AboutPaper(Decision):
    """A decision about one paper; it ends on its supplier's page."""

    right = "console.open_companies"

    def subject(self) -> Paper:
        return paper(self.kwargs["pk"])

    def after(self) -> str:
        found = self.subject()
        if found.supplier_id is None:
            return reverse("console:application", args=[found.application_id])
        return reverse("console:supplier", args=[found.supplier_id])


class AcceptPaper(AboutPaper):
    """Find it in order."""

    act = "accept_paper"
    title = _("Accept the paper")
    explanation = _("It counts on the supplier's checklist from now on.")
    button = _("Accept it")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = checklist.accept(paper_pk=self.kwargs["pk"], actor=self.actor, at=timezone.now())
        return gettext("“{paper}” is accepted.").format(paper=done.get_kind_display())


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=checklist.MAX_REASON,
        help_text=_("The supplier reads it beside the paper."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SendPaperBack(AboutPaper):
    """Ask for another."""

    act = "send_paper_back"
    title = _("Send the paper back")
    explanation = _("It counts no more; the supplier reads why, and hands in another.")
    button = _("Send it back")
    form_class = ReasonForm

    def decide(self, values: dict[str, Any]) -> str:
        done = checklist.send_back(
            paper_pk=self.kwargs["pk"],
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("“{paper}” is sent back.").format(paper=done.get_kind_display())
