"""What happens by itself can be run once by hand, without Celery and without Redis."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config import schedule
from integration.models import Event
from kit.actors import OPERATIONS
from ledger import accounts
from ledger.models import Kind
from orders import placing, receiving, shipping
from orders.models import Fulfilment, Order
from tests.factories import make_distributor, make_request, make_sku, make_supplier


def sweep() -> list[dict[str, object]]:
    out = io.StringIO()
    call_command("sweep", json=True, stdout=out)
    done: list[dict[str, object]] = json.loads(out.getvalue())
    return done


@pytest.mark.django_db(transaction=True)
def test_a_sweep_receives_what_is_due_and_numbers_events() -> None:
    supplier = make_supplier()
    sku = make_sku(supplier=supplier, supply_price_fen=50_00)
    shipped_at = timezone.now() - timedelta(days=16)
    placing.place(make_request(make_distributor(), {sku: 1}), at=shipped_at)
    shipping.ship(
        fulfilment_pk=Fulfilment.objects.get().pk,
        supplier=supplier,
        carrier_code="SF",
        tracking_no="SF1000000000001",
        actor=OPERATIONS,
        at=shipped_at,
    )

    done = {one["duty"]: one["count"] for one in sweep()}

    assert set(done) == set(schedule.ENTRIES)
    assert done["receive parcels that are due"] == 1
    assert Order.objects.get().state == "completed"
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 50_00
    sweep()
    assert not Event.objects.filter(seq=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_duty_that_fails_is_named_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_clock: object) -> int:
        raise ConnectionError("no way")

    monkeypatch.setattr(receiving, "receive_due", fail)

    with pytest.raises(CommandError, match=r"1 of \d+ duties failed: receive parcels that are due"):
        call_command("sweep")

    said = capsys.readouterr().out
    assert "ConnectionError: no way" in said
    assert len(said.splitlines()) == len(schedule.ENTRIES)
    assert "forget used nonces" in said


@pytest.mark.django_db
def test_reference_data_may_be_loaded_again() -> None:
    call_command("load_reference", verbosity=0)

    call_command("load_reference", verbosity=0)
