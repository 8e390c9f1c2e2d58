"""Who may enter the supplier's pages: whoever acts for a supplier just now. All starts from it.

What each may do there, `backoffice.rights` says.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from backoffice import rights
from companies import acting, requiring
from companies.models import Person, Role
from kit import actors
from kit.actors import Actor
from kit.errors import DomainError
from suppliers.models import Supplier, SupplierState

READING = ("GET", "HEAD", "OPTIONS")


class HasUrl(Protocol):
    """Something that leads to a page."""

    @property
    def url(self) -> str:
        """Where it leads."""


Linked = TypeVar("Linked", bound=HasUrl)

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Supplier, Given], HttpResponse]
MemberView = Callable[Concatenate[HttpRequest, acting.Acting, Given], HttpResponse]
Entrance = Callable[Concatenate[HttpRequest, Given], HttpResponse]


def supplier_only(view: View[Given]) -> Entrance[Given]:
    """Let a supplier's people in, and hand the supplier to the view; for others it is not there.

    Each comes as far as their rights go; a reader looks, and changes nothing.
    """

    @functools.wraps(view)
    def entered(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_log_in(request)
        role = _supplier_role(request)
        supplier = _supplier_of(request, role)
        kept_out = stopped(request, role, {"supplier": supplier})
        return kept_out or view(request, supplier, *args, **kwargs)

    return entered


def members_only(view: MemberView[Given]) -> Entrance[Given]:
    """Let a company's people in, whichever side they act on, and hand their role to the view."""

    @functools.wraps(view)
    def entered(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_log_in(request)
        role = acting.current(request)
        if role is None:
            raise Http404
        return stopped(request, role, {}) or view(request, role, *args, **kwargs)

    return entered


def stopped(
    request: HttpRequest, role: acting.Acting, context: dict[str, Any]
) -> HttpResponse | None:
    """Answer for somebody who must not go on: no second factor yet, or no right to the page."""
    if requiring.is_missing(role, person_of(request)):
        messages.warning(request, _("Your company asks for the two-step log-in: set it up here."))
        return redirect("mfa_index")
    match = request.resolver_match
    assert match is not None
    changes_nothing = role.reader and request.method not in READING
    if rights.may(role, match.view_name) and not changes_nothing:
        return None
    right = rights.needed(match.view_name).right
    owners = acting.company_of(role).memberships.filter(role=Role.OWNER).select_related("person")
    context = {
        **context,
        "lacks": rights.NAMES.get(right) if right not in rights.held(role) else None,
        "owners": [membership.person for membership in owners.order_by("pk")],
    }
    return render(request, "backoffice/forbidden.html", context, status=403)


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


def within_reach(request: HttpRequest, links: Sequence[Linked]) -> list[Linked]:
    """Return those links that the reader may follow."""
    role = acting.current(request)
    return [link for link in links if role is not None and rights.may_follow(role, link.url)]


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
    role = acting.current(request)
    context = {
        "supplier": supplier,
        "may_change": supplier.state == SupplierState.ACTIVE and not (role and role.reader),
        **context,
    }
    return render(request, f"backoffice/{template}", context, status=status)


def _supplier_role(request: HttpRequest) -> acting.Acting:
    role = acting.current(request)
    if role is None or role.side != acting.SUPPLIER:
        raise Http404
    return role


def _supplier_of(request: HttpRequest, role: acting.Acting) -> Supplier:
    rows = Supplier.objects if role.visiting else Supplier.objects.of(person_of(request))
    supplier = rows.select_related("company").filter(company_id=role.company_pk).first()
    if supplier is None:
        raise Http404
    return supplier
