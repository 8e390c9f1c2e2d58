"""Log-in: by e-mail and password, for people who were opened or invited. Nobody signs up alone."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest
from django.urls import reverse

from companies import policies


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Say no: companies are opened by the platform, people invited by companies."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ARG002
        """Ask for the password before what is sensitive, unless it was given a short while ago.

        How long that is the platform decides for its own people.
        """
        known = get_authentication_records(self.request, self.request.user)
        recent = time.time() - _remembered_seconds(app)
        return not any(record["at"] > recent for record in known)

    def get_login_redirect_url(self, request: HttpRequest) -> Any:  # noqa: ARG002
        """Send everybody to the page that knows which door is theirs."""
        return reverse("home")


def _remembered_seconds(app: str) -> int:
    if app == "console":
        return int(policies.read().confirm_again_minutes) * 60
    return int(app_settings.REAUTHENTICATION_TIMEOUT)
