"""A supplier's freight templates."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from suppliers.models import Supplier
from supplychain import freight
from supplychain.models import FreightTemplate
from supplychain.regions import Destination
from tests.factories import make_supplier
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)
EVERYWHERE = {"first_units": "1", "first": "8", "further_units": "1", "further": "2"}


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def client(supplier: Supplier) -> Client:
    return log_in(make_person(supplier.company))


def typed(*rules: dict[str, Any], name: str = "全国") -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": name,
        "charge_by": "piece",
        "rules-TOTAL_FORMS": str(len(rules)),
        "rules-INITIAL_FORMS": "0",
    }
    for place, rule in enumerate(rules):
        values |= {f"rules-{place}-{key}": value for key, value in rule.items()}
    return values


def charge(template: FreightTemplate, province: str, pieces: int) -> int:
    load = freight.Load(template.pk, pieces, 0, pieces * 10_00)
    return freight.charge([load], Destination(province), freight.tariffs({template.pk}))


def test_a_template_charges_by_region_with_the_rest_everywhere_else(
    supplier: Supplier, client: Client
) -> None:
    far = EVERYWHERE | {"regions": ["新疆维吾尔自治区"], "first": "20.50", "free_from": "99"}

    answer = client.post("/supplier/freight/new/", typed(far, EVERYWHERE))

    template = supplier.freight_templates.get()
    assert answer.headers["location"] == "/supplier/freight/"
    assert charge(template, "广东省", 3) == 12_00
    assert charge(template, "新疆维吾尔自治区", 1) == 20_50
    assert charge(template, "新疆维吾尔自治区", 10) == 0


@pytest.mark.parametrize(
    ("_case", "rules", "name", "error"),
    [
        ("no name", [EVERYWHERE], "", "This field is required."),
        ("no amount", [EVERYWHERE | {"first": ""}], "甲", "This field is required."),
        ("less than nothing", [EVERYWHERE | {"first": "-1"}], "甲", "Write an amount"),
        ("steps of nothing", [EVERYWHERE | {"further_units": "0"}], "甲", "greater than or equal"),
        ("nowhere else", [EVERYWHERE | {"regions": ["广东省"]}], "甲", "Exactly one rule"),
        ("everywhere twice", [EVERYWHERE, EVERYWHERE], "甲", "Exactly one rule"),
        ("no rule", [EVERYWHERE | {"DELETE": "on"}], "甲", "1 to 40 rules"),
        ("beyond reason", [EVERYWHERE | {"first": "9999999"}], "甲", "are from 0 to"),
        (
            "a region in two rules",
            [
                EVERYWHERE | {"regions": ["广东省"]},
                EVERYWHERE | {"regions": ["广东省"]},
                EVERYWHERE,
            ],
            "甲",
            "is in two rules",
        ),
        ("a region nobody knows", [EVERYWHERE | {"regions": ["火星"]}], "甲", "火星"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_made(
    client: Client, _case: str, rules: list[dict[str, Any]], name: str, error: str
) -> None:
    answer = client.post("/supplier/freight/new/", typed(*rules, name=name))

    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert not FreightTemplate.objects.exists()


def test_a_name_is_taken_once_but_another_supplier_may_use_it(
    supplier: Supplier, client: Client
) -> None:
    other = log_in(make_person(make_supplier().company))
    other.post("/supplier/freight/new/", typed(EVERYWHERE))
    client.post("/supplier/freight/new/", typed(EVERYWHERE))

    answer = client.post("/supplier/freight/new/", typed(EVERYWHERE))

    assert answer.status_code == 422
    assert supplier.freight_templates.count() == 1


def test_a_changed_template_has_the_new_rules_alone(supplier: Supplier, client: Client) -> None:
    client.post("/supplier/freight/new/", typed(EVERYWHERE))
    template = supplier.freight_templates.get()

    client.post(
        f"/supplier/freight/{template.pk}/", typed(EVERYWHERE | {"first": "5"}, name="新名")
    )

    template.refresh_from_db()
    assert (template.name, template.rules.count()) == ("新名", 1)
    assert charge(template, "广东省", 1) == 5_00
