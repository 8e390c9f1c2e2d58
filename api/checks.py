"""Default deny: the application does not start with a view that declares no scope (S-T1)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver

from api.scopes import OR, PUBLIC, SIGNED
from integration.keys import SCOPES

if TYPE_CHECKING:
    from api.views import ApiView

METHODS = ("get", "post", "put", "patch", "delete")


@register(Tags.security)
def every_view_declares_its_scopes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Report methods without a scope, and scopes without a method or that no key can have."""
    from api import urls

    return [error for view in views_of(urls.urlpatterns) for error in _errors(view)]


def views_of(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[type["ApiView"]]:
    """Yield the class of every view of the API that an address leads to."""
    # Whoever only runs a task or a command need not wait for the views.
    from api.views import UnknownRoute

    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views_of(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "view_class", None)
        if view is not None and view is not UnknownRoute:
            yield view


def _errors(view: type["ApiView"]) -> Iterator[CheckMessage]:
    handled = {method.upper() for method in METHODS if hasattr(view, method)}
    declared = getattr(view, "scopes", {})
    for method in sorted(handled - declared.keys()):
        yield Error(f"{view.__name__} declares no scope for {method}", obj=view, id="api.E001")
    for method in sorted(declared.keys() - handled):
        yield Error(f"{view.__name__} has no method for {method}", obj=view, id="api.E002")
    asked = {one for scope in declared.values() for one in scope.split(OR)}
    for scope in sorted(asked - {*SCOPES[view.side], PUBLIC, SIGNED}):
        yield Error(f"{view.__name__} asks for an unknown scope {scope}", obj=view, id="api.E003")
