"""What the platform decides for itself: timers, defaults and lists, each with a default and a range."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from companies.models import PolicyChange
from kit import bulk, calendars
from kit.actors import Actor
from kit.errors import DomainError

APPLICATIONS = [
    "ordinary_sale", "giving_points", "shopping_coins", "product_privileges", "coupons",
    "change_discount", "live_broadcast", "pay_gifts", "agents",
]  # fmt: skip

# What `suppliers` knows as the kinds of papers; which of them are asked for is decided here.
PAPERS = (
    "business_licence", "legal_person_id", "bank_account", "brand_letter", "food_licence",
    "trademark", "quality_report",
)  # fmt: skip


class PolicyRefused(DomainError):
    code = "policy_refused"
    text = _("“{name}” cannot be {value}: {rule}.")


@dataclass(frozen=True)
class Policy:
    """A named decision: its default, what it (or each of a list) may be, and what it means."""

    default: Any
    meaning: Any
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    # A list of days and spans of days (`kit.calendars`).
    is_calendar: bool = False


POLICIES: dict[str, Policy] = {
    "receive_days_after_shipping": Policy(
        15, _("Days after shipping until a parcel counts as received by itself"), 1, 90
    ),
    "receive_days_after_signing": Policy(
        7,
        _("Days after the carrier's signed scan until a parcel counts as received by itself"),
        1,
        90,
    ),
    "ship_within_hours": Policy(
        48, _("Hours within which an order must be shipped, where the product says nothing"), 1, 720
    ),
    "days_off": Policy(
        [],
        _("Days off, on which the hours for shipping do not count"),
        is_calendar=True,
    ),
    "quote_minutes": Policy(15, _("Minutes for which a quote freezes its prices"), 1, 120),
    "hold_minutes": Policy(30, _("Minutes for which a hold keeps stock and deposit"), 1, 1440),
    "hold_extensions": Policy(1, _("How often a hold may be extended"), 0, 10),
    "open_holds_limit": Policy(500, _("Open holds that one distributor may have"), 1, 100_000),
    "wait_for_funds_hours": Policy(
        24, _("Hours for which an order waits for the deposit to cover it"), 1, 720
    ),
    "refusals_kept_days": Policy(30, _("Days for which refused orders stay readable"), 1, 400),
    "cancellation_at_once": Policy(
        True, _("A cancellation is granted at once while the source has not begun")
    ),
    "cancellation_answer_hours": Policy(
        24, _("Hours after which a cancellation without an answer is granted"), 1, 240
    ),
    "aftersale_policy": Policy(
        "classic",
        _("After receipt: claims run by the distributor (classic), or after-sales (open)"),
        choices=("classic", "open"),
    ),
    "aftersale_days": Policy(
        7, _("Days after receipt in which after-sales are open, under the open policy"), 1, 365
    ),
    "aftersale_review_hours": Policy(
        48, _("Hours for the platform to decide an after-sale"), 1, 720
    ),
    "aftersale_when_late": Policy(
        "alert",
        _("When the platform is late with an after-sale: staff are alerted, or it is approved"),
        choices=("alert", "approve"),
    ),
    "aftersale_appeal_days": Policy(
        7, _("Days to resubmit or escalate a rejected after-sale"), 1, 90
    ),
    "aftersale_resubmissions": Policy(3, _("How often an after-sale may be resubmitted"), 0, 20),
    "aftersale_return_days": Policy(7, _("Days to send goods back"), 1, 90),
    "aftersale_transit_days": Policy(
        15, _("Days a returning parcel may take before staff are alerted"), 1, 90
    ),
    "aftersale_inspection_days": Policy(3, _("Days to inspect what came back"), 1, 90),
    "aftersale_choice_days": Policy(
        7, _("Days to answer a failed inspection before the case is closed"), 1, 90
    ),
    "aftersale_reship_hours": Policy(48, _("Hours to ship again"), 1, 720),
    "aftersale_arbitration_days": Policy(7, _("Days to arbitrate an after-sale"), 1, 90),
    "goodwill_answer_days": Policy(
        7, _("Days to answer a request for goodwill before it is declined"), 1, 90
    ),
    "goodwill_choice_days": Policy(
        7, _("Days to accept an offer of goodwill before it is declined"), 1, 90
    ),
    "refund_review_above_fen": Policy(
        500_00, _("Refunds above this amount are reviewed by finance"), 0, 100_000_000_00
    ),
    "four_eyes_above_fen": Policy(
        10_000_00,
        _("Recharges, withdrawals and bill payments above this amount take two people"),
        0,
        100_000_000_00,
    ),
    "own_return_address": Policy("", _("Where own goods are returned to: name, phone and address")),
    "price_cut_without_review_percent": Policy(
        20, _("Percent by which a supplier may cut a price without review"), 0, 100
    ),
    "low_stock_below": Policy(
        10, _("Pieces below which a sku is low, where its supplier says nothing"), 0, 1_000_000
    ),
    "invitation_days": Policy(7, _("Days for which an invitation is good"), 1, 60),
    "staff_two_factor": Policy(
        settings.PRODUCTION, _("The platform's staff log in with two steps")
    ),
    "confirm_again_minutes": Policy(
        10,
        _("Minutes after which money, keys, policies and people take the password once more"),
        5,
        60,
    ),
    "second_secret_hours": Policy(
        24, _("Hours for which an API key's former secret still works after rotation"), 1, 168
    ),
    "requests_kept_days": Policy(
        7, _("Days for which API requests stay readable with body and answer"), 1, 90
    ),
    "visits_kept_days": Policy(
        365,
        _("Days for which a company can read which of its pages the platform looked at"),
        90,
        1_100,
    ),
    "events_kept_days": Policy(90, _("Days for which events stay readable"), 30, 400),
    "delist_at_zero": Policy(
        False, _("A product is taken off sale by itself when nothing of it is left")
    ),
    "show_price_parts": Policy(
        False, _("Distributors see supply price and fee, not only the agreement price")
    ),
    "allowed_applications": Policy(
        APPLICATIONS, _("Ways of selling that supply goods may be sold through")
    ),
    "papers_required": Policy(
        ["business_licence", "legal_person_id", "bank_account"],
        _("Papers that every supplier has to hand in"),
        choices=PAPERS,
    ),
    "papers_welcome": Policy(
        ["brand_letter", "food_licence"],
        _("Papers that a supplier may hand in besides"),
        choices=PAPERS,
    ),
    "papers_kept_days": Policy(
        90,
        _("Days for which papers of declined and abandoned applications are kept"),
        7,
        400,
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
        " FROM companies_policychange ORDER BY name, id DESC",
        planned=True,
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
    items = value if isinstance(value, list) else [value]
    if policy.choices and not all(item in policy.choices for item in items):
        return " | ".join(policy.choices)
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        return "list of str"
    if policy.is_calendar and not _are_days(value):
        return "2026-10-01 | 2026-10-01..2026-10-07"
    if type(value) is int and not policy.low <= value <= policy.high:
        return f"{policy.low}…{policy.high}"
    return ""


def _are_days(spans: list[str]) -> bool:
    try:
        calendars.days(spans)
    except ValueError:
        return False
    return True


def _value(text: str, kind: str) -> Any:
    return text if kind == "string" else json.loads(text)
