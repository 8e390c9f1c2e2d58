"""At the console's door: whoever works for the platform logs in with two steps, where that was decided."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from companies import policies, requiring
from companies.models import Person

DOOR = "/admin/"
# How one leaves.
OPEN = ("/admin/login/", "/admin/logout/")


class SecondStep:
    """Middleware: leads staff without a second step to the page that sets it up, and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Any,  # noqa: ARG002
        arguments: Any,  # noqa: ARG002
        named: Any,  # noqa: ARG002
    ) -> HttpResponse | None:
        """Stop before the page begins."""
        path = request.path_info
        if not path.startswith(DOOR) or path.startswith(OPEN) or not _lacks_it(request):
            return None
        messages.warning(
            request,
            gettext("Staff log in with two steps here: set up your authenticator app, then go on."),
        )
        return HttpResponseRedirect(reverse("mfa_activate_totp"))


def _lacks_it(request: HttpRequest) -> bool:
    person = request.user
    return (
        isinstance(person, Person)
        and person.is_staff
        and bool(policies.read().staff_two_factor)
        and not requiring.has_two_factor(person)
    )
