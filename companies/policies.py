"""What the platform decides for itself: timers, defaults and lists, each with a default and a range."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from companies.models import PolicyChange
from kit import bulk
from kit.actors import Actor
from kit.errors import DomainError

APPLICATIONS = [
    "ordinary_sale", "giving_points", "shopping_coins", "product_privileges", "coupons",
    "change_discount", "live_broadcast", "pay_gifts", "agents",
]  # fmt: skip


class PolicyRefused(DomainError):
    code = "policy_refused"
    text = _("“{name}” cannot be {value}: {rule}.")


@dataclass(frozen=True)
class Policy:
    """A named decision: its default, what it may be, and what it means."""

    default: Any
    meaning: Any
    low: int = 0
    high: int = 0


POLICIES: dict[str, Policy] = {
    "receive_days_after_shipping": Policy(
        15, _("Days after shipping until a parcel counts as received by itself"), 1, 90
    ),
    "ship_within_hours": Policy(
        48, _("Hours within which an order must be shipped, where the product says nothing"), 1, 720
    ),
    "quote_minutes": Policy(15, _("Minutes for which a quote freezes its prices"), 1, 120),
    "price_cut_without_review_percent": Policy(
        20, _("Percent by which a supplier may cut a price without review"), 0, 100
    ),
    "invitation_days": Policy(7, _("Days for which an invitation is good"), 1, 60),
    "second_secret_hours": Policy(
        24, _("Hours for which an API key's former secret still works after rotation"), 1, 168
    ),
    "events_kept_days": Policy(90, _("Days for which events stay readable"), 30, 400),
    "show_price_parts": Policy(
        False, _("Distributors see supply price and fee, not only the agreement price")
    ),
    "allowed_applications": Policy(
        APPLICATIONS, _("Ways of selling that supply goods may be sold through")
    ),
}


@dataclass(frozen=True)
class Policies:
    """The policies in force at one moment."""

    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def read() -> Policies:
    """Return the policies in force, in one query."""
    rows = bulk.query(
        "SELECT DISTINCT ON (name) name, value #>> '{}', jsonb_typeof(value)"
        " FROM companies_policychange ORDER BY name, id DESC"
    )
    decided = {name: _value(text, kind) for name, text, kind in rows}
    defaults = {name: policy.default for name, policy in POLICIES.items()}
    return Policies({**defaults, **decided})


def decide(*, name: str, value: Any, actor: Actor, at: datetime) -> PolicyChange:
    """Put a policy's new value in force.

    :raises PolicyRefused: there is no such policy, or the value is not one it may have.
    """
    policy = POLICIES.get(name)
    if policy is None:
        raise PolicyRefused(name=name, value=value, rule="unknown")
    rule = _broken_rule(policy, value)
    if rule:
        raise PolicyRefused(name=name, value=value, rule=rule)
    return PolicyChange.objects.create(name=name, value=value, actor=str(actor), changed_at=at)


def _broken_rule(policy: Policy, value: Any) -> str:
    if type(value) is not type(policy.default):
        return type(policy.default).__name__
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        return "list of str"
    if type(value) is int and not policy.low <= value <= policy.high:
        return f"{policy.low}…{policy.high}"
    return ""


def _value(text: str, kind: str) -> Any:
    return text if kind == "string" else json.loads(text)
