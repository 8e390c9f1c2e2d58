"""What a key may call: every view declares a scope for each method it knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.errors import MethodNotAllowed
from kit.errors import DomainError

# What a view may declare for a method in place of a scope.
SIGNED = "any signed call"
PUBLIC = "anybody"
# Between scopes either of which is enough.
OR = "|"


class ScopeMissing(DomainError):
    code = "scope_missing"
    text = _("This call needs a key with the scope “{scope}”.")


class ScopeRequired(BasePermission):
    """Lets a call through whose key has the scope that the view declares for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell so, or say what is missing.

        :raises MethodNotAllowed: the view declares nothing for the method.
        :raises ScopeMissing: the key lacks the scope.
        """
        scope = getattr(view, "scopes", {}).get(method_of(request))
        if scope is None:
            raise MethodNotAllowed(method=request.method)
        if scope in (PUBLIC, SIGNED):
            return True
        caller: Any = request.user
        if not any(one in caller.scopes for one in scope.split(OR)):
            raise ScopeMissing(scope=scope)
        return True


def method_of(request: Request | HttpRequest) -> str:
    """HEAD is a GET without its answer's body."""
    return "GET" if request.method == "HEAD" else str(request.method)
