"""The public form by which a company applies, and the page that its link leads to, for both sides."""

from typing import Any, ClassVar

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from companies import applying, writing_to_applicants
from companies.application_forms import SHOWN_MEGABYTES, CompanyForm
from companies.applications import ApplicationState, CompanyApplication
from kit.errors import DomainError, NotFound

# Settings name how often: ACCOUNT_RATE_LIMITS.
BY_ADDRESS, BY_EMAIL = "apply", "apply_by_email"


class ApplicationDoor(View):
    """What anybody may open; a side says which rows, form, acts and templates are its own."""

    http_method_names = ["get", "head", "post"]
    kind: ClassVar[type[CompanyApplication]]
    form_class: ClassVar[type[CompanyForm]]
    # The route of one application's page.
    route: ClassVar[str]
    form_page: ClassVar[str]
    thanks_page: ClassVar[str]
    state_page: ClassVar[str]

    def apply(self, form: Any, **rest: Any) -> CompanyApplication:
        """Call the side's act of applying."""
        raise NotImplementedError

    def correct(self, form: Any, **rest: Any) -> CompanyApplication:
        """Call the side's act of correcting."""
        raise NotImplementedError

    def more(self, found: Any) -> dict[str, Any]:
        """Return what else the page of an application shows."""
        raise NotImplementedError

    def refuse_too_many(self) -> HttpResponse | None:
        """Turn away whoever sends too often, before anything of it is looked at.

        Decoding pictures is work.
        """
        if ratelimit.consume(self.request, action=BY_ADDRESS):
            return None
        return render(self.request, "429.html", status=429)


class Apply(ApplicationDoor):
    """Show the form, and take an application in."""

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        """Show it empty."""
        return self._shown(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take in what was filled in."""
        if refusal := self.refuse_too_many():
            return refusal
        form = self.form_class(request.POST, request.FILES)
        if not form.is_valid():
            return self._shown(form)
        if form.cleaned_data["website"]:
            return render(request, self.thanks_page)
        if not ratelimit.consume(request, action=BY_EMAIL, key=form.cleaned_data["email"].lower()):
            form.add_error(None, _("Too many applications today. Please try again tomorrow."))
            return self._shown(form, status=429)
        try:
            sent = self.apply(form, language=get_language() or "", at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
            return self._shown(form)
        path = reverse(self.route, args=[applying.token_of(sent)])
        writing_to_applicants.received(sent, link=settings.PUBLIC_URL.rstrip("/") + path)
        return redirect(path)

    def _shown(self, form: CompanyForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "limit_mb": SHOWN_MEGABYTES}
        return render(self.request, self.form_page, context, status=status)


class Applied(ApplicationDoor):
    """Show how far an application has come; what was sent back is corrected here."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002
        """Show it, with the form where it is to be corrected."""
        found = self._found(token)
        return self._shown(found, self.form_class(initial=found.answers, application=found))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Take in what was corrected."""
        found = self._found(token)
        if refusal := self.refuse_too_many():
            return refusal
        form = self.form_class(request.POST, request.FILES, application=found)
        if not form.is_valid():
            return self._shown(found, form)
        try:
            self.correct(form, token=token, at=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
            return self._shown(found, form)
        messages.success(request, _("Thank you, your corrected application is here."))
        return redirect(self.route, token)

    def _found(self, token: str) -> CompanyApplication:
        try:
            return applying.find(self.kind, token)
        except NotFound:
            raise Http404 from None

    def _shown(self, found: CompanyApplication, form: CompanyForm) -> HttpResponse:
        link = reverse(self.route, args=[applying.token_of(found)])
        context = {
            "application": found,
            "form": form if found.state == ApplicationState.SENT_BACK else None,
            "link": self.request.build_absolute_uri(link),
            "limit_mb": SHOWN_MEGABYTES,
            **self.more(found),
        }
        return render(self.request, self.state_page, context)
