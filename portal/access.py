"""Who may enter the portal: whoever acts for a distributor just now. All starts from it."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.internal.flows import reauthentication
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from companies import acting, requiring
from companies.models import Person
from distributors.models import Distributor
from kit import actors
from kit.actors import Actor

READING = ("GET", "HEAD", "OPTIONS")

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Distributor, Given], HttpResponse]
Entrance = Callable[Concatenate[HttpRequest, Given], HttpResponse]


def distributor_only(view: View[Given]) -> Entrance[Given]:
    """Let a distributor's people in, and hand the distributor to the view; for others it is not there.

    Whoever is only a reader of the company looks, and orders or changes nothing.
    """

    @functools.wraps(view)
    def entered(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{query}")
        role = _distributor_role(request)
        distributor = _distributor_of(request, role)
        if requiring.is_missing(role, person_of(request)):
            messages.warning(
                request, _("Your company asks for the two-step log-in: set it up here.")
            )
            return redirect("mfa_index")
        if request.method not in READING and role.reader:
            return shown(request, distributor, "reader.html", {}, status=403)
        return view(request, distributor, *args, **kwargs)

    return entered


def confirmed(view: View[Given]) -> View[Given]:
    """Ask for the password again, unless it was given just now: secrets and addresses are at stake."""

    @functools.wraps(view)
    def guarded(
        request: HttpRequest, distributor: Distributor, /, *args: Given.args, **kwargs: Given.kwargs
    ) -> HttpResponse:
        reauthentication.raise_if_reauthentication_required(request, app="portal")
        return view(request, distributor, *args, **kwargs)

    return guarded


def is_visited(request: HttpRequest) -> bool:
    """Tell whether somebody of the platform looks, who writes nothing."""
    role = acting.current(request)
    return role is not None and role.visiting


def actor_of(request: HttpRequest) -> Actor:
    """Return who is at the keyboard, as history names them."""
    return actors.person(person_of(request).email)


def person_of(request: HttpRequest) -> Person:
    """Return who is logged in."""
    assert isinstance(request.user, Person)
    return request.user


def shown(
    request: HttpRequest,
    distributor: Distributor,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render a distributor's page."""
    context = {"distributor": distributor, **context}
    return render(request, f"portal/{template}", context, status=status)


def _distributor_role(request: HttpRequest) -> acting.Acting:
    role = acting.current(request)
    if role is None or role.side != acting.DISTRIBUTOR:
        raise Http404
    return role


def _distributor_of(request: HttpRequest, role: acting.Acting) -> Distributor:
    rows = Distributor.objects if role.visiting else Distributor.objects.of(person_of(request))
    distributor = (
        rows.select_related("company", "partner", "level")
        .filter(company_id=role.company_pk)
        .first()
    )
    if distributor is None:
        raise Http404
    return distributor
