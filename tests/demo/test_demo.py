"""The demo is loaded whole, once, by the real acts; and one order is walked through it."""

import io
import json
import stat
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from books import verifying
from companies.models import Person
from demo import companies, desk, handover
from distributors.models import Distributor
from huopan_client import Client, Problem
from integration import keys
from orders.models import Fulfilment, Order, OrderState
from supplychain.models import Product, Revision, Stock
from tests.conftest import LiveWeb

DAYS = 4


def load() -> str:
    out = io.StringIO()
    call_command("load_demo", days=DAYS, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def rows() -> Counter[str]:
    return Counter(
        {
            model._meta.label: model._base_manager.count()
            for model in apps.get_models()
            if model._meta.managed
        }
    )


def walk(url: str) -> str:
    out = io.StringIO()
    call_command("walk_through", url=url, stdout=out)
    return out.getvalue()


@pytest.mark.http
def test_the_demo_goes_on_where_it_was_cut_off_and_then_changes_nothing_more(
    live_web: LiveWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    handover.place().unlink(missing_ok=True)
    with monkeypatch.context() as patch:
        patch.setattr(desk, "lay_out", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            load()
    orders = Order.objects.count()

    shown = load()

    assert Order.objects.count() == orders > 50
    assert Product.objects.count() == 202
    _assert_full_of_life()
    _assert_handed_over(shown)
    before = rows()

    assert load() == shown
    assert rows() == before
    assert verifying.verify(at=timezone.now()).clean

    said = walk(live_web.url).splitlines()

    assert len(said) <= 40
    assert any("200 Idempotent-Replayed: true" in line for line in said)
    assert any("409 stock_insufficient" in line for line in said)
    assert said[-2].startswith("货款 paid ¥219.15 = ")
    _assert_that_a_wrong_secret_is_told(live_web.url)


def test_the_demo_is_refused_in_production(settings: LazySettings, db: None) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        call_command("load_demo")

    assert not Person.objects.exists()


def test_a_walk_without_the_demo_says_what_to_do(db: None) -> None:
    with pytest.raises(CommandError, match="load_demo"):
        call_command("walk_through", credentials=Path("/nowhere/demo.json"))


def _cut_off(_cast: companies.Cast) -> None:
    raise KeyboardInterrupt


def _assert_full_of_life() -> None:
    states = set(Order.objects.values_list("state", flat=True))
    revisions = set(Revision.objects.values_list("state", flat=True))

    assert states >= {OrderState.PLACED, OrderState.SHIPPED} or OrderState.PROCESSING in states
    assert revisions == {"applied", "open", "changes_requested", "rejected", "withdrawn"}
    assert Fulfilment.objects.filter(supplier=None).exists()
    assert Stock.objects.filter(available=0).count() >= 3
    assert Distributor.objects.filter(company__supplier__isnull=False).count() == 1


def _assert_handed_over(shown: str) -> None:
    path = handover.place()
    kept = json.loads(path.read_text())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept["secret"].encode() in keys.credentials([kept["key"]])[kept["key"]].secrets
    assert kept["key"] in shown
    for plan in companies.STAFF:
        person = Person.objects.get(email=plan.email)
        assert plan.email in shown
        assert person.check_password(companies.PASSWORD)


def _assert_that_a_wrong_secret_is_told(url: str) -> None:
    kept = handover.read()
    assert kept is not None

    with pytest.raises(Problem) as refused:
        Client(url, kept.key, "hps_wrong").deposit_read()

    assert (refused.value.status, refused.value.code) == (401, "signature_invalid")
