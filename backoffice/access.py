"""Who may enter the supplier's pages: whoever acts for a supplier just now. All starts from it."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from companies import acting
from companies.models import Person
from kit import actors
from kit.actors import Actor
from kit.errors import DomainError
from suppliers.models import Supplier, SupplierState

READING = ("GET", "HEAD", "OPTIONS")

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Supplier, Given], HttpResponse]
Entrance = Callable[Concatenate[HttpRequest, Given], HttpResponse]


def supplier_only(view: View[Given]) -> Entrance[Given]:
    """Let a supplier's people in, and hand the supplier to the view; for others it is not there.

    Whoever is only a reader of the company looks, and changes nothing.
    """

    @functools.wraps(view)
    def entered(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_log_in(request)
        supplier = _supplier_of(request)
        if request.method not in READING and _is_reader(request):
            context = {"supplier": supplier}
            return render(request, "backoffice/reader.html", context, status=403)
        return view(request, supplier, *args, **kwargs)

    return entered


def while_active(view: View[Given]) -> View[Given]:
    """Refuse changes while the supplier is suspended or closed: it may look, and ship."""

    @functools.wraps(view)
    def guarded(
        request: HttpRequest, supplier: Supplier, /, *args: Given.args, **kwargs: Given.kwargs
    ) -> HttpResponse:
        if request.method == "POST" and supplier.state != SupplierState.ACTIVE:
            context = {"supplier": supplier}
            return render(request, "backoffice/suspended.html", context, status=403)
        return view(request, supplier, *args, **kwargs)

    return guarded


def to_log_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to the log-in page and back afterwards; a part of a page sends the whole."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": settings.LOGIN_URL})
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{query}")


def actor_of(request: HttpRequest) -> Actor:
    """Return who is at the keyboard, as history names them."""
    return actors.person(person_of(request).email)


def person_of(request: HttpRequest) -> Person:
    """Return who is logged in."""
    assert isinstance(request.user, Person)
    return request.user


def sentences(refusal: DomainError) -> Sequence[str]:
    """Return a refusal in the reader's language: its causes where it has any."""
    return [str(cause) for cause in refusal.causes] or [str(refusal)]


def tell(request: HttpRequest, refusal: DomainError) -> None:
    """Show a refusal on the next page."""
    for sentence in sentences(refusal):
        messages.error(request, _("Not done: {reason}").format(reason=sentence))


def shown(
    request: HttpRequest,
    supplier: Supplier,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render a supplier's page."""
    context = {
        "supplier": supplier,
        "may_change": supplier.state == SupplierState.ACTIVE,
        **context,
    }
    return render(request, f"backoffice/{template}", context, status=status)


def _is_reader(request: HttpRequest) -> bool:
    role = acting.current(request)
    return role is not None and role.reader


def _supplier_of(request: HttpRequest) -> Supplier:
    role = acting.current(request)
    if role is None or role.side != acting.SUPPLIER:
        raise Http404
    supplier = (
        Supplier.objects.of(person_of(request))
        .select_related("company")
        .filter(company_id=role.company_pk)
        .first()
    )
    if supplier is None:
        raise Http404
    return supplier
