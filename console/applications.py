"""Companies that want to supply goods: what they say, what they corrected, and what staff decide."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from console import records
from console.pages import Decision, Page, Text, hand_over
from kit.columns import enumerated
from kit.errors import NotFound
from suppliers import applying, papers, writing_to_applicants
from suppliers.applying import Approved
from suppliers.models import Application, ApplicationState, Paper

SIMILAR = 5


@dataclass(frozen=True)
class Answer:
    """One answer of an applicant, and what it was before where it was corrected."""

    label: Text
    now: str
    before: str | None
    is_code: bool = False


def application(pk: int) -> Application:
    """Return an application as it is now.

    :raises NotFound: there is none.
    """
    found = Application.objects.select_related("supplier__company").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def answers(found: Application) -> list[Answer]:
    """Return what an applicant says, beside what it said before it was sent back."""
    before = found.answers_before
    return [
        Answer(
            Application._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
            _shown(value),
            _shown(before[name]) if name in before and before[name] != value else None,
            is_code=name == "credit_code",
        )
        for name, value in applying.answers_of(found).items()
    ]


class ApplicationPage(Page):
    """What the company says, its papers, and who said what to it."""

    right = "console.open_companies"
    template_name = "console/application.html"

    def heading(self) -> str:
        return application(self.kwargs["pk"]).company_name

    def context(self) -> dict[str, Any]:
        found = application(self.kwargs["pk"])
        others = Application.objects.filter(credit_code=found.credit_code).exclude(pk=found.pk)
        corrected = found.submission > 1
        return {
            "application": found,
            "to_decide": found.state == ApplicationState.APPLIED,
            "answers": answers(found),
            "papers": [
                (paper, corrected and paper.handed_in_at >= found.submitted_at)
                for paper in applying.papers_of(found)
            ],
            "similar": others.order_by("-pk")[:SIMILAR],
            "namesakes": Company.objects.filter(name=found.company_name)[:SIMILAR],
            "records": records.about(found),
        }


class PaperFile(Page):
    """A paper: a picture, which we encoded ourselves, is shown; a PDF is only ever saved."""

    right = "console.open_companies"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = paper(self.kwargs["pk"])
        content, kind = papers.read(found)
        with content:
            answer = HttpResponse(content.read(), content_type=kind)
        is_picture = kind == papers.TYPES[papers.PICTURE]
        answer.headers["Content-Disposition"] = (
            "inline" if is_picture else f'attachment; filename="{found.paper_no}{papers.PDF}"'
        )
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


def paper(pk: int) -> Paper:
    """Return a paper as it is now.

    :raises NotFound: there is none.
    """
    found = Paper.objects.select_related("supplier__company").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class AboutApplication(Decision):
    """A decision about one application, as it was when the form was opened."""

    right = "console.open_companies"

    def subject(self) -> Application:
        return application(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:application", args=[self.kwargs["pk"]])

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        form.fields["submission"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.subject().submission
        )
        return form

    def decided(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what every act about an application is given."""
        return {
            "application_pk": self.kwargs["pk"],
            "submission": values["submission"],
            "actor": self.actor,
            "at": timezone.now(),
        }


class NoteForm(forms.Form):
    """What the applicant reads."""

    note = forms.CharField(
        label=_("Note to the applicant"),
        max_length=applying.MAX_NOTE,
        help_text=_("It is mailed, and stands on the page of the application."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SendApplicationBack(AboutApplication):
    """Ask for a correction."""

    act = "send_application_back"
    title = _("Send the application back")
    explanation = _("The applicant corrects it by its link; you see what was changed.")
    button = _("Send it back")
    form_class = NoteForm

    def decide(self, values: dict[str, Any]) -> str:
        done = applying.send_back(note=values["note"], **self.decided(values))
        writing_to_applicants.decided(done, link=link_of(done))
        return gettext("It is sent back, and {email} was written to.").format(email=done.email)


class RejectApplication(AboutApplication):
    """Decline."""

    act = "reject_application"
    title = _("Decline the application")
    explanation = _("That is the end of it; the company may apply anew.")
    button = _("Decline it")
    dangerous = True
    form_class = NoteForm

    def decide(self, values: dict[str, Any]) -> str:
        done = applying.reject(note=values["note"], **self.decided(values))
        writing_to_applicants.decided(done, link=link_of(done))
        return gettext("It is declined, and {email} was written to.").format(email=done.email)


class ApproveForm(forms.Form):
    """As what it is opened."""

    trusted = forms.BooleanField(
        label=_("Trusted: what it submits goes live without review"), required=False
    )
    company = forms.ModelChoiceField(
        Company.objects.filter(supplier__isnull=True).order_by("name"),
        label=_("Or a company there is"),
        required=False,
        empty_label=_("a new company"),
        help_text=_("One that is a distributor already takes its second role."),
    )


class ApproveApplication(AboutApplication):
    """Open the supplier."""

    act = "approve_application"
    title = _("Approve the application")
    explanation = _(
        "The supplier is opened, its papers count as accepted, and the applicant is invited as its"
        " owner."
    )
    button = _("Open the supplier")
    form_class = ApproveForm

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        done = applying.approve(
            trusted=values["trusted"], company=values["company"], **self.decided(values)
        )
        link = _way_in(done)
        writing_to_applicants.decided(done.application, link=link)
        return hand_over(
            self,
            title=_("Hand-over sheet of a supplier"),
            address=reverse("console:supplier", args=[done.supplier.pk]),
            facts=[
                (_("Company"), done.supplier.company.name),
                (_("Supplier number"), done.supplier.number),
                (_("E-mail"), done.application.email),
                (_("Link (shown this once)"), link if done.invitation else ""),
            ],
        )


def link_of(found: Application) -> str:
    """Return the address of an application's own page, as it is mailed."""
    path = reverse("application", args=[applying.token_of(found)])
    return settings.PUBLIC_URL.rstrip("/") + path


def _way_in(done: Approved) -> str:
    invitation = done.invitation
    path = reverse("join", args=[invitation.token]) if invitation else reverse("account_login")
    return settings.PUBLIC_URL.rstrip("/") + path


def _shown(value: Any) -> str:
    return enumerated(value) if isinstance(value, list) else str(value)
