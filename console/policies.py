"""Policies: what each means, what it may be, what it is now, and who decided it."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies import policies
from companies.models import PolicyChange
from companies.policies import POLICIES, Policy
from console.pages import Decision, Page
from kit.columns import enumerated
from kit.errors import NotFound
from suppliers.models import PaperKind

SHOWN = 20


@dataclass(frozen=True)
class InForce:
    """A policy as it stands."""

    name: str
    meaning: str
    value: str
    default: str
    decided: bool


class PoliciesPage(Page):
    """All policies."""

    right = "console.see_records"
    template_name = "console/policies.html"
    title = _("Policies")

    def context(self) -> dict[str, Any]:
        now = policies.read()
        rows = [
            InForce(
                name,
                str(policy.meaning),
                shown(now.values[name]),
                shown(policy.default),
                now.values[name] != policy.default,
            )
            for name, policy in POLICIES.items()
        ]
        changes = PolicyChange.objects.order_by("-pk")[:SHOWN]
        return {
            "policies": rows,
            "changes": [
                (
                    one,
                    POLICIES[one.name].meaning if one.name in POLICIES else one.name,
                    shown(one.value),
                )
                for one in changes
            ],
        }


class Decide(Decision):
    """Put a new value in force."""

    right = "console.decide_policies"
    act = "policy"
    title = _("Decide a policy")

    def form(self, data: Any = None) -> forms.Form:
        policy = self._policy()
        form = forms.Form(data)
        form.fields["value"] = _field(policy, policies.read().values[self.kwargs["name"]])
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), "explanation": _rule(self._policy())}

    def decide(self, values: dict[str, Any]) -> str:
        policies.decide(
            name=self.kwargs["name"], value=values["value"], actor=self.actor, at=timezone.now()
        )
        return gettext("“{meaning}”: {value} from now on.").format(
            meaning=self._policy().meaning, value=shown(values["value"])
        )

    def after(self) -> str:
        return reverse("console:policies")

    def _policy(self) -> Policy:
        found = POLICIES.get(self.kwargs["name"])
        if found is None:
            raise NotFound
        return found


def shown(value: Any) -> str:
    """Show a value in words."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return enumerated(word(str(item)) for item in value)
    if isinstance(value, str):
        return word(value)
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


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


def _field(policy: Policy, value: Any) -> forms.Field:
    label = str(policy.meaning)
    if isinstance(policy.default, bool):
        return forms.BooleanField(label=label, required=False, initial=value)
    if isinstance(policy.default, list):
        return forms.MultipleChoiceField(
            label=label,
            choices=[(one, word(one)) for one in policy.choices or policy.default],
            initial=value,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    if isinstance(policy.default, int):
        return forms.IntegerField(
            label=label, min_value=policy.low, max_value=policy.high, initial=value
        )
    if policy.choices:
        choices = [(one, word(one)) for one in policy.choices]
        return forms.ChoiceField(label=label, choices=choices, initial=value)
    return forms.CharField(label=label, initial=value, max_length=200, required=False)


def _rule(policy: Policy) -> str:
    if isinstance(policy.default, int) and not isinstance(policy.default, bool):
        return gettext("From {low} to {high}; {default} where nothing was decided.").format(
            low=policy.low, high=policy.high, default=policy.default
        )
    return gettext("Where nothing was decided: {default}.").format(default=shown(policy.default))
