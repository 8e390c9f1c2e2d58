"""What pages of the console have in common: one right opens each, and a decision is one POST.

Decision pages are plain views: Django's admin forms run inside a transaction, and a durable act
refuses to be part of one. A page re-reads what it is about at every request, calls one act, says
what was done, and leaves a record of who decided it.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from allauth.account.internal.flows import reauthentication
from django import forms
from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View

from companies.models import Person
from console import records, rights
from kit import actors
from kit.actors import Actor
from kit.errors import DomainError, NotFound

TICKET_SECONDS = 24 * 3600
TICKET_BYTES = 12

Text = str | Promise


class Page(View):
    """A page that one right opens; without it the answer is 403 and nothing has happened."""

    right: ClassVar[str] = ""
    template_name: ClassVar[str] = ""
    title: Text = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who has the right; what is not there is 404."""
        self.require(self.right)
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Show the page."""
        return self.show(self.context())

    def context(self) -> dict[str, Any]:
        """Return what the template shows."""
        return {}

    def heading(self) -> Text:
        """Return what stands above the page."""
        return self.title

    def show(self, context: dict[str, Any], status: int = 200, template: str = "") -> HttpResponse:
        """Render inside the frame of the admin."""
        frame = admin.site.each_context(self.request)
        shown = {**frame, "title": self.heading(), "rights": Rights(self.person), **context}
        self.request.current_app = admin.site.name
        return TemplateResponse(self.request, template or self.template_name, shown, status=status)

    def require(self, right: str) -> None:
        """Refuse what takes another right than looking does.

        :raises PermissionDenied: the person lacks it.
        """
        if not self.request.user.has_perm(right):
            raise PermissionDenied

    @property
    def person(self) -> Person:
        """Who is looking."""
        assert isinstance(self.request.user, Person)
        return self.request.user

    @property
    def actor(self) -> Actor:
        """Who acts, as history shows it."""
        return actors.person(self.person.email)


class Decision(Page):
    """A form that ends in one act.

    `act` names the decision in the records; `subject` says what it is about; `decide` calls the act
    and returns what was done, in a sentence, or a whole answer where secrets are shown once.
    """

    template_name = "console/decision.html"
    form_class: ClassVar[type[forms.Form]] = forms.Form
    act: ClassVar[str] = ""
    # What it will do, said before it is done.
    explanation: Text = ""
    button: Text = _("Confirm")
    dangerous: ClassVar[bool] = False
    # Whether it asks who it is once more, though its right alone does not say so.
    asks_again: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Enter the decision's title, so that records and the table of rights show it."""
        super().__init_subclass__()
        if cls.act:
            records.TITLES[cls.act] = cls.title
            rights.ACTS.setdefault(cls.right.removeprefix("console."), {})[cls.act] = cls.title

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who has the right; where money, keys or people are at stake, who is really there.

        :raises ReauthenticationRequired: the password, or a code, was given too long ago.
        """
        self.require(self.right)
        if self.asks_again or rights.is_sensitive(self.right):
            reauthentication.raise_if_reauthentication_required(request, app="console")
        return super().dispatch(request, *args, **kwargs)

    def subject(self) -> models.Model | None:
        """Return what the decision is about, as it is now.

        :raises NotFound: it is not there.
        """
        return None

    def initial(self) -> dict[str, Any]:
        """Return what the form shows first."""
        return {}

    def decide(self, values: dict[str, Any]) -> str | HttpResponse:
        """Call the act."""
        raise NotImplementedError

    def after(self) -> str:
        """Return where to go when it is done."""
        raise NotImplementedError

    def form(self, data: Any = None) -> forms.Form:
        """Return the form, empty or as it was sent."""
        return self.form_class(data, self.request.FILES or None, initial=self.initial())

    def context(self) -> dict[str, Any]:
        return self.around(self.form())

    def around(self, form: forms.Form) -> dict[str, Any]:
        """Return what the template shows around a form."""
        return {
            "form": form,
            "thing": self.subject(),
            "explanation": self.explanation,
            "button": self.button,
            "dangerous": self.dangerous,
            "back": self.after(),
            "ticket": secrets.token_urlsafe(TICKET_BYTES),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Decide; or show the form again with what is wrong, and nothing has changed."""
        subject = self.subject()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(self.around(form), status=422)
        if not self._is_first(request.POST.get("ticket", "")):
            form.add_error(None, str(_("This form was sent before, so nothing was done again.")))
            return self.show(self.around(form), status=409)
        try:
            done = self.decide(form.cleaned_data)
        except NotFound:
            raise
        except DomainError as refusal:
            form.add_error(None, _sentence(refusal))
            return self.show(self.around(form), status=409)
        records.note(person=self.person, act=self.act, subject=subject, values=records.shown(form))
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, done)
        return HttpResponseRedirect(self.after())

    def _is_first(self, ticket: str) -> bool:
        """A ticket is taken once, so that a second click does not act twice."""
        return not ticket or cache.add(f"console.ticket.{ticket[:64]}", 1, TICKET_SECONDS)


def hand_over(
    page: Page, *, title: Text, address: str, facts: Sequence[tuple[Text, str | None]]
) -> HttpResponse:
    """Show what is handed over, with secrets that are kept nowhere, on a sheet to print.

    `address` is where to go on. Empty facts are left out.
    """
    shown = [(label, value) for label, value in facts if value]
    context = {"title": title, "facts": shown, "address": address, "at": timezone.now()}
    return page.show(context, template="console/hand_over.html")


class Rights:
    """What a template asks: `{% if rights.keep_stock %}`."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def __getitem__(self, name: str) -> bool:
        return self._person.has_perm(f"console.{name}")


def staff(page: type[Page]) -> Callable[..., Any]:
    """Return the view of a page, for the platform's people only."""
    view: Callable[..., Any] = admin.site.admin_view(page.as_view())
    return view


def _sentence(refusal: DomainError) -> str:
    causes = [str(cause) for cause in refusal.causes]
    return " ".join([str(refusal), *causes]) if causes else str(refusal)
