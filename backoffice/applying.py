"""The public form by which a company applies to supply goods, and the page that its link leads to."""

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit import credit_codes
from kit.errors import DomainError, NotFound
from suppliers import applying, checklist, papers, writing_to_applicants
from suppliers.applying import LIMITS, Answers
from suppliers.models import Application, ApplicationState, PaperKind
from suppliers.papers import Upload
from supplychain.models import Category

ACCEPTED = "application/pdf,image/jpeg,image/png,image/webp"
SHOWN_MEGABYTES = papers.MAX_BYTES // (1024 * 1024)
# Settings name how often: ACCOUNT_RATE_LIMITS.
BY_ADDRESS, BY_EMAIL = "apply", "apply_by_email"


def paper_field(*, label: Any, required: bool) -> forms.FileField:
    """Return a field for a paper."""
    widget = forms.FileInput(attrs={"accept": ACCEPTED})
    return forms.FileField(label=label, required=required, widget=widget, max_length=200)


class ApplicationForm(forms.Form):
    """What a company says of itself, and its papers."""

    company_name = forms.CharField(
        label=gettext_lazy("Company name, as on the business licence"),
        max_length=LIMITS["company_name"],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    credit_code = forms.CharField(
        label=gettext_lazy("Unified social credit code"),
        max_length=32,
        help_text=gettext_lazy("18 digits and letters, as on the business licence."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    contact_name = forms.CharField(
        label=gettext_lazy("Contact person"),
        max_length=LIMITS["contact_name"],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=LIMITS["contact_phone"],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=LIMITS["email"],
        help_text=gettext_lazy("When you are approved, the invitation goes here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Categories you offer"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    main_goods = forms.CharField(
        label=gettext_lazy("Your main goods"),
        max_length=LIMITS["main_goods"],
        help_text=gettext_lazy("Names, brands, roughly how much you can ship a month."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "low"}),
    )
    # People do not see it; whoever fills it in is no person.
    website = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, application: Application | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Category.objects.filter(parent=None).order_by("position", "pk")
        chosen = list(names.values_list("name", flat=True))
        offered: Any = self.fields["categories"]
        offered.choices = [(name, name) for name in chosen]
        if not chosen:
            del self.fields["categories"]
        self._add_papers(application)

    def clean_credit_code(self) -> str:
        """Check its last digit."""
        code = credit_codes.tidied(self.cleaned_data["credit_code"])
        if not credit_codes.is_valid(code):
            raise forms.ValidationError(str(applying.CreditCodeInvalid(value=code)))
        return code

    def clean(self) -> dict[str, Any]:
        """Read the papers; a picture is encoded anew."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.paper_names():
            if values.get(name):
                self._read(name, values[name])
        return values

    def answers(self) -> Answers:
        """Return what the company said."""
        values = self.cleaned_data
        return Answers(
            credit_code=values["credit_code"],
            categories=values.get("categories", []),
            **{name: values[name] for name in LIMITS},
        )

    def uploads(self) -> dict[PaperKind, Upload]:
        """Return the papers that were chosen."""
        values = self.cleaned_data
        return {PaperKind(name): values[name] for name in self.paper_names() if values[name]}

    def paper_names(self) -> list[str]:
        """Return the names of the fields for papers."""
        return [name for name in self.fields if name in PaperKind.values]

    def _add_papers(self, application: Application | None) -> None:
        known = {one.kind: one for one in applying.papers_of(application)} if application else {}
        for one in checklist.asked():
            there = known.get(one.kind)
            label = one.kind.label if one.required else _("{paper} (if you have one)")
            field = paper_field(
                label=str(label).format(paper=one.kind.label),
                required=one.required and there is None,
            )
            if there is not None:
                field.help_text = _("“{name}” stays unless you choose another file.").format(
                    name=there.file_name
                )
            self.fields[one.kind.value] = field

    def _read(self, name: str, upload: Any) -> None:
        try:
            self.cleaned_data[name] = papers.read_upload(
                name=upload.name or "", content=upload.read(papers.MAX_BYTES + 1)
            )
        except DomainError as refusal:
            self.add_error(name, str(refusal))


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Show the form, and take an application in."""
    if request.method != "POST":
        return _form(request, ApplicationForm())
    # Before anything of it is looked at: decoding pictures is work.
    if not ratelimit.consume(request, action=BY_ADDRESS):
        return _too_many(request)
    form = ApplicationForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form)
    if form.cleaned_data["website"]:
        return render(request, "backoffice/applied.html")
    if not ratelimit.consume(request, action=BY_EMAIL, key=form.cleaned_data["email"].lower()):
        form.add_error(None, _("Too many applications today. Please try again tomorrow."))
        return _form(request, form, status=429)
    try:
        application = applying.apply(
            answers=form.answers(),
            uploads=form.uploads(),
            language=get_language() or "",
            at=timezone.now(),
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form)
    path = reverse("application", args=[applying.token_of(application)])
    writing_to_applicants.received(application, link=settings.PUBLIC_URL.rstrip("/") + path)
    return redirect(path)


@require_http_methods(["GET", "HEAD", "POST"])
def application(request: HttpRequest, token: str) -> HttpResponse:
    """Show how far an application has come; what was sent back is corrected here."""
    try:
        found = applying.find(token)
    except NotFound:
        raise Http404 from None
    if request.method == "POST":
        return _correct(request, found, token)
    form = ApplicationForm(initial=applying.answers_of(found), application=found)
    return _state(request, found, form)


def _correct(request: HttpRequest, found: Application, token: str) -> HttpResponse:
    if not ratelimit.consume(request, action=BY_ADDRESS):
        return _too_many(request)
    form = ApplicationForm(request.POST, request.FILES, application=found)
    if not form.is_valid():
        return _state(request, found, form)
    try:
        applying.correct(
            token=token, answers=form.answers(), uploads=form.uploads(), at=timezone.now()
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _state(request, found, form)
    messages.success(request, _("Thank you, your corrected application is here."))
    return redirect("application", token)


def _form(request: HttpRequest, form: ApplicationForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "limit_mb": SHOWN_MEGABYTES}
    return render(request, "backoffice/apply.html", context, status=status)


def _state(request: HttpRequest, found: Application, form: ApplicationForm) -> HttpResponse:
    context = {
        "application": found,
        "papers": applying.papers_of(found),
        "form": form if found.state == ApplicationState.SENT_BACK else None,
        "link": request.build_absolute_uri(reverse("application", args=[applying.token_of(found)])),
        "limit_mb": SHOWN_MEGABYTES,
    }
    return render(request, "backoffice/application.html", context)


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)
