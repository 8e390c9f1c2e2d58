"""The platform's people on a company's pages: they see what an owner sees, and change nothing.

Enforced here for every page there is, and once more by the database: whatever a visitor looks at
runs in a transaction that is read only.
"""

from collections.abc import Callable
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.db import InternalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg2.errors import ReadOnlySqlTransaction

from companies import acting, seeing_as
from kit import hiding

HOME = "/"
PREFIXES = ("/supplier/", "/portal/", "/team/", "/switch-role/", "/join/")
READING = ("GET", "HEAD")
# Downloads and sheets that show or hand out who people are.
KEPT_BACK = frozenset(
    {
        "supplier:slips",
        "supplier:labels",
        "supplier:picking",
        "supplier:shipping_file",
        "supplier:shipping_xlsx",
        "supplier:photo",
        # The identity of the legal person among them: who may see those has a page in the console.
        "supplier:paper",
        "portal:orders_csv",
        "portal:orders_xlsx",
        "portal:file_results",
        "portal:photo",
    }
)
View = Callable[..., HttpResponse]


class Visiting:
    """Middleware: while a visit runs, the pages of companies are those of the one that is visited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, arguments: Any, named: Any
    ) -> HttpResponse | None:
        """Show a page to a visitor, and write down which."""
        path = request.path_info
        is_theirs = path == HOME or path.startswith(PREFIXES)
        if not is_theirs or seeing_as.SESSION_KEY not in request.session:
            return None
        at = timezone.now()
        visit = seeing_as.running(request, at=at)
        if visit is None:
            return _over(request)
        acting.visit(request, seeing_as.role_of(visit))
        request.visit = visit  # type: ignore[attr-defined]
        answer = _looked(request, view, arguments, named) if _may_look(request) else None
        seeing_as.note(visit=visit, path=path, refused=answer is None, at=at)
        return answer or render(request, "backoffice/visit_refused.html", status=403)


def _may_look(request: HttpRequest) -> bool:
    match = request.resolver_match
    assert match is not None
    return request.method in READING and match.view_name not in KEPT_BACK


def _looked(request: HttpRequest, view: View, arguments: Any, named: Any) -> HttpResponse | None:
    """Return what a page shows; None if it would change something, or asks for the owner's password."""
    try:
        with transaction.atomic(), hiding.people():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            answer = view(request, *arguments, **named)
            if isinstance(answer, SimpleTemplateResponse):
                answer.render()
            return answer
    except ReauthenticationRequired:
        return None
    except InternalError as refusal:
        if isinstance(refusal.__cause__, ReadOnlySqlTransaction):
            return None
        raise


def _over(request: HttpRequest) -> HttpResponse:
    """Lead back to the console, whatever was sent: it was meant for the company that was visited."""
    del request.session[seeing_as.SESSION_KEY]
    messages.info(request, _("Your visit is over. Begin another one if you need to see more."))
    return redirect("admin:index")
