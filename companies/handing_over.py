"""What is handed over when a company is opened: how the command line reads and shows it."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _

from companies.models import Company
from companies.opening import FirstPerson

MAX_NAME = 120


def name(text: str) -> str:
    """Read a company's name from the command line."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_NAME or not text.isprintable():
        raise argparse.ArgumentTypeError(f"a name has 1 to {MAX_NAME} characters on one line")
    return text


def email(text: str) -> str:
    """Read an e-mail address from the command line."""
    try:
        validate_email(text)
    except ValidationError:
        raise argparse.ArgumentTypeError(f"“{text}” is no e-mail address") from None
    return text.lower()


def company(number: str) -> Company:
    """Read the number of a company that is there already."""
    found = Company.objects.filter(number=number).first()
    if found is None:
        raise argparse.ArgumentTypeError(f"there is no company “{number}”")
    return found


def log_in(first: FirstPerson | None) -> dict[str, Any]:
    """Return what the first person needs to log in; the password is None where it is known."""
    return {
        "login_url": settings.PUBLIC_URL.rstrip("/") + reverse("account_login"),
        "email": first.person.email if first else None,
        "password": first.password if first else None,
    }


def shown(title: str, facts: Mapping[str, Any], *, as_json: bool) -> str:
    """Return facts for a machine, or as lines under a title for a person; empty ones are left out."""
    if as_json:
        return json.dumps(facts, ensure_ascii=False, indent=2)
    labels = {
        "login_url": _("Log-in page"),
        "email": _("E-mail"),
        "password": _("Password (shown this once)"),
        "api_url": _("API"),
        "key": _("API key"),
        "secret": _("API secret (shown this once)"),
        "callback_url": _("Callback address"),
        "callback_secret": _("Callback secret (shown this once)"),
    }
    lines = [f"  {label}: {facts[key]}" for key, label in labels.items() if facts.get(key)]
    return "\n".join([title, *lines])
