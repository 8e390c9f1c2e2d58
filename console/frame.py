"""The frame around every page of the console, which is Django's admin in the dress of Unfold."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite

from console import navigation


class Frame(UnfoldAdminSite):
    """Unfold's site, which works out for each page only what that page shows."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Return all that is registered, once somebody reads it: our side bar does not."""
        return SimpleLazyObject(lambda: UnfoldAdminSite.get_app_list(self, request, app_label))

    def get_sidebar_list(self, request: HttpRequest) -> list[navigation.Item]:
        """Return the groups of links that somebody may open."""
        return navigation.groups(request)
