"""Policies: defaults until the platform decides, and nothing out of range."""

import pytest

from companies import policies
from companies.models import PolicyChange
from kit.actors import OPERATIONS
from tests.factories import NOON


@pytest.mark.django_db
def test_a_policy_is_its_default_until_decided_and_then_the_newest_decision() -> None:
    before = policies.read().quote_minutes
    for minutes in (30, 45):
        policies.decide(name="quote_minutes", value=minutes, actor=OPERATIONS, at=NOON)

    assert (before, policies.read().quote_minutes) == (15, 45)
    assert PolicyChange.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "name", "value"),
    [
        ("no such policy", "colour", "red"),
        ("below its range", "quote_minutes", 0),
        ("above its range", "quote_minutes", 121),
        ("another type", "quote_minutes", "15"),
        ("true is no number", "quote_minutes", True),
        ("a paper that nobody knows", "papers_required", ["passport"]),
        ("a day that there is not", "days_off", ["2026-02-30"]),
        ("not a list of texts", "allowed_applications", ["coupons", 1]),
    ],
)
def test_a_value_that_a_policy_may_not_have_is_refused(
    _case: str, name: str, value: object
) -> None:
    with pytest.raises(policies.PolicyRefused):
        policies.decide(name=name, value=value, actor=OPERATIONS, at=NOON)

    assert not PolicyChange.objects.exists()
