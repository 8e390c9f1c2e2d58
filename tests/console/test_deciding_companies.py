"""What staff decide on companies, their money and their machines: each is one act, and recorded."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import translation

from companies.models import Company, Person
from console import records
from distributors.models import Distributor, Level
from integration.models import ApiKey, Endpoint
from ledger import accounts
from ledger.models import Transfer
from orders import placing
from suppliers.models import Supplier
from tests import factories
from tests.console.staff import client_of, make_staff, text
from tests.factories import (
    NOON,
    make_distributor,
    make_level,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db(transaction=True)


# --- companies --------------------------------------------------------------------------------------


def test_opening_a_supplier_hands_over_a_password_once() -> None:
    client = client_of(make_staff("see_companies", "open_companies"))

    sheet = client.post(
        "/admin/suppliers/new/", {"name": "茶厂", "email": "tea@example.com", "trusted": "on"}
    )

    supplier = Supplier.objects.get(company__name="茶厂")
    facts = {str(label): value for label, value in sheet.context["facts"]}
    password = facts["密码（仅显示这一次）"]
    assert supplier.trusted
    assert Person.objects.get(email="tea@example.com").check_password(password)
    assert password not in LogEntry.objects.get().change_message


def test_opening_a_distributor_hands_over_key_and_secrets_once() -> None:
    level = make_level()
    client = client_of(make_staff("see_companies", "open_companies"))

    sheet = client.post(
        "/admin/distributors/new/",
        {
            "name": "云平台",
            "email": "shop@example.com",
            "level": str(level.pk),
            "credit_line_fen": "500",
            "low_deposit_threshold_fen": "100",
            "callback_url": "https://shop.example.com/callback",
            "addresses": "203.0.113.7\n203.0.113.0/24",
        },
    )

    distributor = Distributor.objects.get(company__name="云平台")
    shown = [str(value) for _label, value in sheet.context["facts"]]
    assert accounts.deposit_of(distributor.pk).credit_line_fen == 500_00
    assert distributor.partner.allowed_addresses == ["203.0.113.7/32", "203.0.113.0/24"]
    assert distributor.partner.keys.get().public_id in shown
    assert any(value.startswith("hps_") for value in shown)
    assert any(value.startswith("whsec_") for value in shown)
    assert "hps_" not in LogEntry.objects.get().change_message


def test_a_company_takes_its_second_role() -> None:
    supplier = make_supplier()
    level = make_level()
    client = client_of(make_staff("see_companies", "open_companies"))
    values = {
        "company": str(supplier.company_id),
        "level": str(level.pk),
        "credit_line_fen": "0",
        "low_deposit_threshold_fen": "0",
    }

    client.post("/admin/distributors/new/", values)
    again = client.post("/admin/distributors/new/", values)

    assert supplier.company.distributor.level == level
    assert again.status_code == 409
    assert Company.objects.count() == 1


def test_an_address_that_cannot_be_bound_opens_nothing() -> None:
    level = make_level()
    client = client_of(make_staff("see_companies", "open_companies"))

    answer = client.post(
        "/admin/distributors/new/",
        {
            "name": "云平台",
            "level": str(level.pk),
            "credit_line_fen": "0",
            "low_deposit_threshold_fen": "0",
            "addresses": "nowhere",
        },
    )

    assert answer.status_code == 409
    assert not Distributor.objects.exists()
    assert not Company.objects.exists()


def test_a_form_that_is_sent_twice_acts_once() -> None:
    client = client_of(make_staff("see_companies", "open_companies"))
    ticket = client.get("/admin/suppliers/new/").context["ticket"]
    values = {"name": "茶厂", "ticket": ticket}

    client.post("/admin/suppliers/new/", values)
    again = client.post("/admin/suppliers/new/", values)

    assert again.status_code == 409
    assert Supplier.objects.count() == 1


def test_a_supplier_is_suspended_with_a_reason_that_is_recorded() -> None:
    supplier = make_supplier(trusted=False)
    staff = make_staff("see_companies", "change_companies")
    client = client_of(staff)

    client.post(f"/admin/suppliers/{supplier.pk}/state/", {"to": "suspended", "reason": "资质过期"})
    client.post(f"/admin/suppliers/{supplier.pk}/trust/", {"trusted": "on"})

    supplier.refresh_from_db()
    [trust, state] = records.about(supplier)
    assert (supplier.state, supplier.state_reason, supplier.trusted) == (
        "suspended",
        "资质过期",
        True,
    )
    assert state.values == [("新状态", "已暂停"), ("原因", "资质过期")]
    with translation.override("en"):
        [_trust, told] = records.about(supplier)
    assert told.values == [("New state", "suspended"), ("Reason", "资质过期")]
    assert str(trust.title) != "trust"


def test_a_closed_distributor_is_not_opened_again() -> None:
    distributor = make_distributor()
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{distributor.pk}/state/"

    client.post(address, {"to": "closed", "reason": "合作结束"})
    answer = client.post(address, {"to": "active", "reason": "恢复"})

    distributor.refresh_from_db()
    assert answer.status_code == 422
    assert distributor.state == "closed"


def test_a_change_of_level_shows_first_what_it_does_to_prices() -> None:
    silver, gold = make_level(fee_rate_bp=500), make_level(fee_rate_bp=300)
    distributor = make_distributor(level=silver)
    make_sku(supply_price_fen=100_00)
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{distributor.pk}/level/"

    page = text(client.get(address))
    client.post(address, {"level": str(gold.pk)})

    assert "¥105.00" in page
    assert "¥103.00" in page
    assert Distributor.objects.get(pk=distributor.pk).level == gold


def test_a_level_is_added_and_its_rate_changed() -> None:
    client = client_of(make_staff("see_companies", "set_prices"))

    client.post(
        "/admin/levels/new/", {"code": "gold", "name": "金牌", "rank": "3", "fee_rate_bp": "3"}
    )
    level = Level.objects.get(code="gold")
    taken = client.post(
        "/admin/levels/new/", {"code": "silver", "name": "银牌", "rank": "3", "fee_rate_bp": "5"}
    )
    client.post(f"/admin/levels/{level.pk}/", {"name": "金牌", "rank": "3", "fee_rate_bp": "2.75"})

    assert level.fee_rate_bp == 300
    assert taken.status_code == 422
    assert Level.objects.get().fee_rate_bp == 275


def test_a_distributor_is_limited_to_a_category_and_freed_again() -> None:
    distributor = make_distributor()
    food = factories.make_category("食品")
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{distributor.pk}/limits/"

    client.post(address, {"categories": [str(food.pk)]})
    limited = [limit.category for limit in distributor.limits.all()]
    client.post(address, {})

    assert limited == [food]
    assert not distributor.limits.exists()


# --- money ------------------------------------------------------------------------------------------


def test_a_recharge_is_credited_once_for_each_reference() -> None:
    distributor = make_distributor(deposit_fen=0)
    staff = make_staff("see_companies", "recharge_deposits")
    client = client_of(staff)
    address = f"/admin/distributors/{distributor.pk}/recharge/"

    client.post(address, {"amount_fen": "1,234.50", "reference": "ICBC-1"})
    again = client.post(address, {"amount_fen": "1,234.50", "reference": "ICBC-1"})

    assert accounts.deposit_of(distributor.pk).balance_fen == 1_234_50
    assert again.status_code == 409
    assert Transfer.objects.get().actor == f"person:{staff.email}"


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "１２", "1e3", "", "200000000"])
def test_a_recharge_of_no_plain_amount_changes_nothing(amount: str) -> None:
    distributor = make_distributor(deposit_fen=0)
    client = client_of(make_staff("see_companies", "recharge_deposits"))

    answer = client.post(
        f"/admin/distributors/{distributor.pk}/recharge/",
        {"amount_fen": amount, "reference": "ICBC-1"},
    )

    assert answer.status_code == 422
    assert not Transfer.objects.exists()


def test_a_credit_line_and_a_threshold_are_set_in_yuan() -> None:
    distributor = make_distributor(deposit_fen=50_00)
    client = client_of(make_staff("see_companies", "set_credit"))
    address = f"/admin/distributors/{distributor.pk}"

    client.post(f"{address}/credit/", {"credit_line_fen": "200"})
    client.post(f"{address}/threshold/", {"low_deposit_threshold_fen": "300"})

    distributor.refresh_from_db()
    assert accounts.deposit_of(distributor.pk).available_fen == 250_00
    assert distributor.low_deposit_threshold_fen == 300_00
    assert distributor.deposit_is_low


def test_an_account_shows_its_running_balance() -> None:
    distributor, sku = make_distributor(deposit_fen=100_00), make_sku(supply_price_fen=20_00)
    placing.place(make_request(distributor, {sku: 1}), at=NOON)
    deposit = accounts.deposit_of(distributor.pk)

    page = client_of(make_staff("see_money")).get(f"/admin/accounts/{deposit.pk}/")

    shown = [(entry.amount_fen, entry.balance_fen) for entry in page.context["entries"]]
    assert shown == [(-21_00, 79_00), (100_00, 100_00)]


# --- machines ---------------------------------------------------------------------------------------


def test_a_key_is_made_rotated_and_revoked_and_its_secrets_shown_once() -> None:
    distributor = make_distributor()
    client = client_of(make_staff("see_companies", "manage_keys"))

    made = client.post(
        f"/admin/distributors/{distributor.pk}/keys/", {"name": "shop", "scopes": ["goods"]}
    )
    key = ApiKey.objects.get(name="shop")
    rotated = client.post(f"/admin/keys/{key.pk}/rotation/")
    client.post(f"/admin/keys/{key.pk}/revocation/", {"reason": "泄露"})
    page = text(client.get(f"/admin/distributors/{distributor.pk}/"))

    secrets = [value for a in (made, rotated) for _label, value in a.context["facts"]]
    secrets = [value for value in secrets if value.startswith("hps_")]
    key.refresh_from_db()
    assert (key.state, key.revoked_reason, key.scopes) == ("revoked", "泄露", ["goods"])
    assert len(set(secrets)) == 2
    assert not any(secret in page for secret in secrets)
    assert client.post(f"/admin/keys/{key.pk}/rotation/").status_code == 404


def test_addresses_are_bound_and_callbacks_set() -> None:
    distributor = make_distributor()
    client = client_of(make_staff("see_companies", "manage_keys"))
    address = f"/admin/distributors/{distributor.pk}"

    client.post(f"{address}/addresses/", {"addresses": "203.0.113.7"})
    wrong = client.post(f"{address}/addresses/", {"addresses": "203.0.113.700"})
    first = client.post(f"{address}/callback/", {"url": "https://shop.example.com/a"})
    second = client.post(f"{address}/callback/", {"url": "https://shop.example.com/b"})

    distributor.partner.refresh_from_db()
    assert distributor.partner.allowed_addresses == ["203.0.113.7/32"]
    assert wrong.status_code == 409
    assert "whsec_" in text(first)
    assert second.status_code == 302
    assert Endpoint.objects.get().url == "https://shop.example.com/b"
