"""Companies that apply: what they say, what they corrected, and what staff decide.

The pages of either side differ in what is opened; console/shop_applications.py has distributors.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies import applying as company_applying
from companies import papers, writing_to_applicants
from companies.applications import ApplicationState, CompanyApplication
from companies.joining import NewInvitation
from companies.models import Company
from console import records
from console.pages import Decision, Page, Text, hand_over
from kit import documents, downloads
from kit.columns import enumerated
from kit.errors import NotFound
from suppliers import applying
from suppliers.models import Application, Paper

SIMILAR = 5


@dataclass(frozen=True)
class Answer:
    """One answer of an applicant, and what it was before where it was corrected."""

    label: Text
    now: str
    before: str | None
    is_code: bool = False


@dataclass(frozen=True)
class Handed:
    """A paper of an application, and where it is read."""

    name: Text
    file_name: str
    address: str
    at: datetime
    is_new: bool


class AboutOne:
    """Whose applications a page is about, and where the pages of that side are."""

    kind: ClassVar[type[CompanyApplication]] = Application
    # The public page of one, and the pages of staff: its own, and those of the three decisions.
    public_route: ClassVar[str] = "application"
    route: ClassVar[str] = "application"
    decisions: ClassVar[tuple[str, str, str]] = (
        "approve_application",
        "send_application_back",
        "reject_application",
    )
    kwargs: dict[str, Any]

    def one(self) -> Any:
        """Return the application as it is now.

        :raises NotFound: there is none.
        """
        found = self.kind._default_manager.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def link_of(self, found: CompanyApplication) -> str:
        """Return the address of an application's own page, as it is mailed."""
        path = reverse(self.public_route, args=[company_applying.token_of(found)])
        return settings.PUBLIC_URL.rstrip("/") + path


def answers(found: CompanyApplication) -> list[Answer]:
    """Return what an applicant says, beside what it said before it was sent back."""
    before = found.answers_before
    return [
        Answer(
            company_applying.label_of(type(found), name),
            _shown(value),
            _shown(before[name]) if name in before and before[name] != value else None,
            is_code=name == "credit_code",
        )
        for name, value in found.answers.items()
    ]


class ApplicationPage(AboutOne, Page):
    """What the company says, its papers, and who said what to it."""

    right = "console.open_companies"
    template_name = "console/application.html"

    def heading(self) -> str:
        return str(self.one().company_name)

    def context(self) -> dict[str, Any]:
        found = self.one()
        others = self.kind._default_manager.filter(credit_code=found.credit_code)
        approve, send_back, reject = (
            reverse(f"console:{name}", args=[found.pk]) for name in self.decisions
        )
        return {
            "application": found,
            "to_decide": found.state == ApplicationState.APPLIED,
            "decisions": {"approve": approve, "send_back": send_back, "reject": reject},
            "opened": self.opened(found),
            "answers": answers(found),
            "papers": self.papers(found),
            "similar": [
                (one, reverse(f"console:{self.route}", args=[one.pk]))
                for one in others.exclude(pk=found.pk).order_by("-pk")[:SIMILAR]
            ],
            "namesakes": Company.objects.filter(name=found.company_name)[:SIMILAR],
            "records": records.about(found),
        }

    def opened(self, found: Any) -> tuple[Text, str] | None:
        """Return what was opened for it, and its page."""
        if found.supplier is None:
            return None
        return str(found.supplier), reverse("console:supplier", args=[found.supplier.pk])

    def papers(self, found: Any) -> list[Handed]:
        """Return what it handed in."""
        corrected = found.submission > 1
        return [
            Handed(
                paper.get_kind_display(),
                paper.file_name,
                reverse("console:paper_file", args=[paper.pk]),
                paper.handed_in_at,
                corrected and paper.handed_in_at >= found.submitted_at,
            )
            for paper in applying.papers_of(found)
        ]


class PaperFile(Page):
    """A paper: a picture, which we encoded ourselves, is shown; a PDF is only ever saved."""

    right = "console.open_companies"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = paper(self.kwargs["pk"])
        return shown(found.file, found.paper_no)


def shown(file: str, name: str) -> HttpResponse:
    """Return a paper as an answer: a picture to look at, a PDF to save."""
    content, kind = papers.read(file)
    with content:
        read = content.read()
    if kind != documents.TYPES[documents.PICTURE]:
        return downloads.attachment(read, kind, f"{name}{documents.PDF}")
    answer = HttpResponse(read, content_type=kind)
    answer["Content-Disposition"] = "inline"
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


class AboutApplication(AboutOne, Decision):
    """A decision about one application, as it was when the form was opened."""

    right = "console.open_companies"

    def subject(self) -> CompanyApplication:
        found: CompanyApplication = self.one()
        return found

    def after(self) -> str:
        return reverse(f"console:{self.route}", args=[self.kwargs["pk"]])

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        form.fields["submission"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=self.one().submission
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
        max_length=company_applying.MAX_NOTE,
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
        done = company_applying.send_back(self.kind, note=values["note"], **self.decided(values))
        writing_to_applicants.decided(done, link=self.link_of(done))
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
        done = company_applying.reject(self.kind, note=values["note"], **self.decided(values))
        writing_to_applicants.decided(done, link=self.link_of(done))
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
        link = way_in(done.invitation)
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


def way_in(invitation: NewInvitation | None) -> str:
    """Return the address by which whoever applied comes in."""
    path = reverse("join", args=[invitation.token]) if invitation else reverse("account_login")
    return settings.PUBLIC_URL.rstrip("/") + path


def _shown(value: Any) -> str:
    return enumerated(value) if isinstance(value, list) else str(value)
