"""The page behind an invitation's link: a name and a password, and one is a member."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.forms import JoinForm, KnownPersonForm
from companies import acting, joining
from companies.joining import InvitationWorthless
from companies.models import Invitation, Person


def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody join by their invitation, as somebody new or as who they are already."""
    try:
        invitation = joining.find(token=token, at=timezone.now())
    except InvitationWorthless as refusal:
        return render(request, "backoffice/join_worthless.html", {"reason": refusal}, status=404)
    form = _form(invitation, request)
    if request.method == "POST" and form.is_valid() and _password_is_theirs(request, form):
        return _accept(request, token, form)
    return render(request, "backoffice/join.html", {"invitation": invitation, "form": form})


def _form(invitation: Invitation, request: HttpRequest) -> JoinForm | KnownPersonForm:
    known = Person.objects.filter(email=invitation.email).exists()
    kind = KnownPersonForm if known else JoinForm
    return kind(request.POST if request.method == "POST" else None, email=invitation.email)


def _password_is_theirs(request: HttpRequest, form: JoinForm | KnownPersonForm) -> bool:
    """Check a known person's password the way log-in does: guesses count and are cut off."""
    if isinstance(form, JoinForm):
        return True
    credentials = {"email": form.email, "password": form.cleaned_data["password"]}
    try:
        if get_adapter(request).authenticate(request, **credentials) is not None:
            return True
    except ValidationError as cut_off:
        form.add_error(None, cut_off)
        return False
    form.add_error("password", _("This is not the password of {email}.").format(email=form.email))
    return False


def _accept(request: HttpRequest, token: str, form: JoinForm | KnownPersonForm) -> HttpResponse:
    at = timezone.now()
    try:
        company = joining.find(token=token, at=at).company
        person = joining.accept(
            token=token,
            name=form.cleaned_data.get("name", ""),
            password=form.cleaned_data["password"],
            at=at,
        )
    except InvitationWorthless as refusal:
        return render(request, "backoffice/join_worthless.html", {"reason": refusal}, status=404)
    acting.prefer(person, company)
    answer: HttpResponse = perform_login(request, person)
    return answer
