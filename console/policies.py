"""Policies: what each means, what it may be, what it is now, and who decided it."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from companies import policies
from companies.models import PolicyChange
from companies.policies import POLICIES, Policy
from console import effects
from console.pages import Decision, Page
from kit import money
from kit.columns import enumerated
from kit.errors import NotFound
from kit.fields import DaysField, YuanField
from suppliers.models import PaperKind

SHOWN = 20


AREAS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "orders": (
        _("Orders, holds and quotes"),
        (
            "quote_minutes", "hold_minutes", "hold_extensions", "open_holds_limit",
            "wait_for_funds_hours", "refusals_kept_days", "allowed_applications",
        ),
    ),
    "shipping": (
        _("Shipping, receipt and cancelling"),
        (
            "ship_within_hours", "days_off", "receive_days_after_shipping", "receive_days_after_signing",
            "cancellation_at_once", "cancellation_answer_hours", "own_return_address",
        ),
    ),
    "aftersales": (
        _("After-sales and goodwill"),
        (
            "aftersale_policy", "aftersale_days", "aftersale_review_hours", "aftersale_when_late",
            "aftersale_appeal_days", "aftersale_resubmissions", "aftersale_return_days",
            "aftersale_transit_days", "aftersale_inspection_days", "aftersale_choice_days",
            "aftersale_reship_hours", "aftersale_arbitration_days", "goodwill_answer_days",
            "goodwill_choice_days",
        ),
    ),
    "money": (_("Money and four eyes"), ("four_eyes_above_fen", "refund_review_above_fen")),
    "goods": (
        _("Goods and prices"),
        (
            "price_cut_without_review_percent", "low_stock_below", "delist_at_zero",
            "show_price_parts",
        ),
    ),
    "people": (
        _("People, suppliers and machines"),
        (
            "staff_two_factor", "confirm_again_minutes", "invitation_days", "second_secret_hours",
            "requests_kept_days", "visits_kept_days", "events_kept_days", "papers_required",
            "papers_welcome", "papers_kept_days",
        ),
    ),
}  # fmt: skip
ELSEWHERE = pgettext_lazy("policies", "Others")


@dataclass(frozen=True)
class InForce:
    """A policy as it stands, and who decided that when."""

    name: str
    meaning: str
    value: str
    default: str
    range: str
    decided: bool
    change: PolicyChange | None


class PoliciesPage(Page):
    """All policies, by what they are about."""

    right = "console.see_records"
    template_name = "console/policies.html"
    title = _("Policies")

    def context(self) -> dict[str, Any]:
        now = policies.read().values
        last = {
            change.name: change
            for change in PolicyChange.objects.order_by("name", "-pk").distinct("name")
        }
        changes = PolicyChange.objects.order_by("-pk")[:SHOWN]
        return {
            "areas": [
                (title, [_in_force(name, now[name], last.get(name)) for name in names])
                for title, names in _areas()
            ],
            "changes": [(one, _meaning(one.name), said(one.name, one.value)) for one in changes],
        }


class Decide(Decision):
    """Put a new value in force; what that comes to can be read before."""

    right = "console.decide_policies"
    act = "policy"
    title = _("Decide a policy")
    template_name = "console/decide_policy.html"

    def form(self, data: Any = None) -> forms.Form:
        policy = self._policy()
        form = forms.Form(data)
        form.fields["value"] = _field(policy, self._name, policies.read().values[self._name])
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Decide; or only say what a value would come to."""
        form = self.form(request.POST)
        if "preview" in request.POST and form.is_valid():
            return self.show({**self.around(form), "value": said(self._name, _given(form))})
        return super().post(request, *args, **kwargs)

    def around(self, form: forms.Form) -> dict[str, Any]:
        name, changes = self._name, PolicyChange.objects.filter(name=self._name).order_by("-pk")
        now = policies.read().values[name]
        previewed = form.is_bound and form.is_valid()
        value = _given(form) if previewed else now
        return {
            **super().around(form),
            "explanation": _rule(self._policy(), name),
            "current": said(name, now),
            "is_new": previewed,
            "effect": effects.of(name, value, at=timezone.now()),
            "changes": [(one, said(name, one.value)) for one in changes[:SHOWN]],
        }

    def decide(self, values: dict[str, Any]) -> str:
        policies.decide(name=self._name, value=values["value"], actor=self.actor, at=timezone.now())
        return gettext("“{meaning}”: {value} from now on.").format(
            meaning=self._policy().meaning, value=said(self._name, values["value"])
        )

    def after(self) -> str:
        return reverse("console:policies")

    @property
    def _name(self) -> str:
        return str(self.kwargs["name"])

    def _policy(self) -> Policy:
        found = POLICIES.get(self._name)
        if found is None:
            raise NotFound
        return found


def said(name: str, value: Any) -> str:
    """Show a policy's value with its unit."""
    if type(value) is not int:
        return shown(value)
    if name.endswith("_fen"):
        return money.yuan(value)
    unit = next((words for part, words in UNITS.items() if part in name.split("_")), None)
    return str(unit).format(count=f"{value:,}") if unit else shown(value)


def _areas() -> list[tuple[str, list[str]]]:
    """Return the areas with their policies; one that no area names comes last."""
    named = {name for _title, names in AREAS.values() for name in names}
    found = [(str(title), [n for n in names if n in POLICIES]) for title, names in AREAS.values()]
    rest = [name for name in POLICIES if name not in named]
    return [*found, (str(ELSEWHERE), rest)] if rest else found


def _in_force(name: str, value: Any, change: PolicyChange | None) -> InForce:
    policy = POLICIES[name]
    return InForce(
        name,
        str(policy.meaning),
        said(name, value),
        said(name, policy.default),
        _range(policy, name),
        value != policy.default,
        change,
    )


def _meaning(name: str) -> str:
    return str(POLICIES[name].meaning) if name in POLICIES else name


def _range(policy: Policy, name: str) -> str:
    if type(policy.default) is not int:
        return ""
    return gettext("{low} to {high}").format(
        low=said(name, policy.low), high=said(name, policy.high)
    )


def _given(form: forms.Form) -> Any:
    return form.cleaned_data["value"]


def shown(value: Any) -> str:
    """Show a value in words."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return enumerated(word(str(item)) for item in value)
    if isinstance(value, str):
        return word(value) if value else "—"
    return f"{value:,}" if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def word(code: str) -> str:
    """Show a code of a list in words."""
    return str(WORDS.get(code, code))


WORDS: dict[str, Promise] = {
    "ordinary_sale": _("ordinary sale"),
    "giving_points": _("giving points"),
    "shopping_coins": _("shopping coins"),
    "product_privileges": _("product privileges"),
    "coupons": _("coupons"),
    "change_discount": _("change discount"),
    "live_broadcast": _("live broadcast"),
    "pay_gifts": _("pay gifts"),
    "agents": _("agents"),
    "classic": _("claims only (classic)"),
    "open": _("after-sales (open)"),
    "alert": _("staff are alerted"),
    "approve": _("it is approved"),
    **{kind.value: kind.label for kind in PaperKind},
}


def _field(policy: Policy, name: str, value: Any) -> forms.Field:
    label = str(policy.meaning)
    if isinstance(policy.default, bool):
        return forms.BooleanField(label=label, required=False, initial=value)
    if policy.is_calendar:
        return DaysField(label=label, initial=value, required=False)
    if isinstance(policy.default, list):
        return forms.MultipleChoiceField(
            label=label,
            choices=[(one, word(one)) for one in policy.choices or policy.default],
            initial=value,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    if name.endswith("_fen"):
        return YuanField(label=label, min_fen=policy.low, max_fen=policy.high, initial=value)
    if isinstance(policy.default, int):
        rule = _rule(policy, name)
        return forms.IntegerField(
            label=label,
            min_value=policy.low,
            max_value=policy.high,
            initial=value,
            error_messages={"min_value": rule, "max_value": rule},
        )
    if policy.choices:
        choices = [(one, word(one)) for one in policy.choices]
        return forms.ChoiceField(label=label, choices=choices, initial=value)
    return forms.CharField(label=label, initial=value, max_length=200, required=False)


def _rule(policy: Policy, name: str) -> str:
    default = said(name, policy.default)
    if not _range(policy, name):
        return gettext("Where nothing was decided: {default}.").format(default=default)
    return gettext("From {low} to {high}; {default} where nothing was decided.").format(
        low=said(name, policy.low), high=said(name, policy.high), default=default
    )


# By a word of the policy's name.
UNITS: dict[str, Promise] = {
    "minutes": _("{count} min"),
    "hours": _("{count} h"),
    "days": _("{count} d"),
    "percent": _("{count} %"),
}
