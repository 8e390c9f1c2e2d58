"""The platform's policies: what each means, what it may be, what it comes to, and who decided it."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from companies import policies
from companies.models import PolicyChange
from tests.console.staff import client_of, make_staff
from tests.factories import make_distributor, make_recharge

pytestmark = pytest.mark.django_db(transaction=True)
BOSS = ("see_records", "decide_policies")


def decide(name: str, value: Any, **more: str) -> Any:
    """Send the form of a policy."""
    return client_of(make_staff(*BOSS)).post(
        f"/admin/policies/{name}/", {"value": value, **more}, follow=True
    )


def test_every_policy_is_shown_once() -> None:
    page = client_of(make_staff(*BOSS)).get("/admin/policies/")

    shown = [row.name for _title, rows in page.context["areas"] for row in rows]
    assert sorted(shown) == sorted(policies.POLICIES)


def test_a_decision_counts_at_once_and_is_kept_with_who_decided_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    answer = decide("four_eyes_above_fen", "2500.50")

    change = PolicyChange.objects.get()
    assert policies.read().four_eyes_above_fen == 2_500_50
    assert change.actor.startswith("person:staff")
    assert "¥2,500.50" in answer.content.decode()
    client = client_of(make_staff(*BOSS))
    with django_assert_max_num_queries(15):
        page = client.get("/admin/policies/four_eyes_above_fen/").content.decode()
    assert page.count("¥2,500.50") >= 2
    assert change.actor.removeprefix("person:") in page
    assert "fen" not in client.get("/admin/policies/").content.decode().replace("_fen", "")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("quote_minutes", "0", "1 分钟 到 120 分钟"),
        ("quote_minutes", "121", "1 分钟 到 120 分钟"),
        ("quote_minutes", "many", "整数"),
        ("four_eyes_above_fen", "-1", "请填写金额"),
        ("four_eyes_above_fen", "200000000", "¥100,000,000.00"),
        ("aftersale_policy", "generous", "generous"),
        ("allowed_applications", "gambling", "gambling"),
        ("days_off", "2026-10-01\ngolden week", "2026-10-01..2026-10-07"),
    ],
)
def test_a_value_out_of_range_is_refused_in_words_and_nothing_is_decided(
    name: str, value: str, said: str
) -> None:
    answer = decide(name, value)

    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors["value"])
    assert not PolicyChange.objects.exists()


def test_days_off_are_written_one_span_a_line() -> None:
    answer = decide("days_off", " 2026-10-01 .. 2026-10-07 \r\n\r\n2027-01-01\r\n")

    assert policies.read().days_off == ["2026-10-01..2026-10-07", "2027-01-01"]
    assert "2026-10-01..2026-10-07" in answer.content.decode()


def test_what_a_value_comes_to_is_said_before_it_is_decided() -> None:
    make_recharge(make_distributor(deposit_fen=0), amount_fen=5_000_00, at=timezone.now())

    much = decide("four_eyes_above_fen", "9000", preview="1").context["effect"]
    little = decide("four_eyes_above_fen", "100", preview="1").context["effect"]
    staff = decide("staff_two_factor", "on", preview="1").context["effect"]

    assert "有 0 笔" in much
    assert "有 1 笔" in little
    assert "3 名员工中有 3 名" in staff
    assert not PolicyChange.objects.exists()
