"""Deposits in the console: recharges and withdrawals decided by one or by two, accounts unfrozen."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from companies.models import Person
from console import records
from console.models import BulkJob, RowResult
from distributors.models import Distributor, Recharge, Withdrawal
from kit.actors import OPERATIONS
from ledger import accounts, freezing
from ledger.models import Transfer
from tests.console.staff import client_of, make_recharge_job, make_staff
from tests.factories import (
    NOON,
    make_distributor,
    make_recharge,
    make_slip,
    make_withdrawal,
)

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = (
    "see_money",
    "see_companies",
    "recharge_deposits",
    "pay_withdrawals",
    "unfreeze_accounts",
    "set_credit",
)
LARGE = 10_000_01


@pytest.fixture
def staff() -> Person:
    return make_staff(*RIGHTS)


@pytest.fixture
def client(staff: Person) -> Client:
    return client_of(staff, "en")


@pytest.fixture
def second() -> Client:
    return client_of(make_staff(*RIGHTS), "en")


def at(name: str, pk: int) -> str:
    return reverse(f"console:{name}", args=[pk])


def deposit(shop: Distributor) -> tuple[int | None, int]:
    account = accounts.deposit_of(shop.pk)
    return account.balance_fen, account.held_fen


def now(one: Recharge | Withdrawal) -> str:
    return str(type(one).objects.get(pk=one.pk).state)


def test_the_page_of_a_recharge_shows_what_was_said_the_slip_and_what_may_be_the_same_payment(
    client: Client,
) -> None:
    shop = make_distributor(deposit_fen=0)
    other = make_recharge(shop)
    applied = make_recharge(shop, slip=make_slip(), note="十月货款", payment_reference="PAY-7")

    page = client.get(at("recharge_page", applied.pk)).content.decode()
    slip = client.get(at("slip", applied.pk))

    for text in ("¥100.00", "云上商城有限公司", "PAY-7", "十月货款", other.recharge_no):
        assert text in page
    assert at("slip", applied.pk) in page
    assert (slip["Content-Type"], slip.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert client.get(at("slip", other.pk)).status_code == 404


def test_a_small_recharge_is_approved_by_one_person(client: Client) -> None:
    applied = make_recharge()

    answer = client.post(
        at("approve_recharge", applied.pk), {"bank_reference": "BANK-1"}, follow=True
    )

    assert "¥100.00 were credited." in answer.content.decode()
    assert deposit(applied.distributor) == (100_00, 0)
    assert now(applied) == "approved"


def test_a_large_recharge_takes_two_people(client: Client, second: Client) -> None:
    applied = make_recharge(amount_fen=LARGE)
    form = {"bank_reference": "BANK-1"}

    alone = client.post(at("approve_recharge", applied.pk), form)
    checked = client.post(at("check_recharge", applied.pk), form, follow=True)
    again = client.post(at("approve_recharge", applied.pk), form)
    assert (alone.status_code, again.status_code) == (409, 409)
    assert "Somebody else has to credit what you checked." in checked.content.decode()
    assert deposit(applied.distributor) == (0, 0)
    second.post(at("approve_recharge", applied.pk), form)

    assert deposit(applied.distributor) == (LARGE, 0)


def test_what_is_refused_is_said_and_changes_nothing(client: Client) -> None:
    first, second = make_recharge(), make_recharge()
    client.post(at("approve_recharge", first.pk), {"bank_reference": "BANK-1"})

    answer = client.post(at("approve_recharge", second.pk), {"bank_reference": "BANK-1"})
    empty = client.post(at("approve_recharge", second.pk), {"bank_reference": " "})

    assert "“BANK-1” has been posted before." in answer.content.decode()
    assert empty.status_code == 422
    assert now(second) == "applied"
    assert Transfer.objects.count() == 1


def test_a_recharge_is_rejected_with_a_reason(client: Client) -> None:
    applied = make_recharge()

    nothing = client.post(at("reject_recharge", applied.pk), {"reason": ""})
    client.post(at("reject_recharge", applied.pk), {"reason": "没有到账"})
    page = client.get(at("recharge_page", applied.pk)).content.decode()

    assert nothing.status_code == 422
    assert now(applied) == "rejected"
    assert "没有到账" in page


def test_a_direct_recharge_above_the_limit_waits_for_a_second_person(
    client: Client, second: Client
) -> None:
    shop = make_distributor(deposit_fen=0)
    form = {"amount_fen": "10000.01", "reference": "BIG"}

    shown = client.get(at("recharge", shop.pk)).content.decode()
    answer = client.post(at("recharge", shop.pk), form, follow=True)
    proposed = Recharge.objects.get()
    assert "Above ¥10,000.00 a second person has to approve it first." in shown
    assert f"{proposed.recharge_no} waits for a second person." in answer.content.decode()
    assert deposit(shop) == (0, 0)
    second.post(at("approve_recharge", proposed.pk), {"bank_reference": "BIG"})

    assert deposit(shop) == (LARGE, 0)


def test_a_withdrawal_is_approved_and_paid(client: Client) -> None:
    asked = make_withdrawal()

    page = client.get(at("withdrawal", asked.pk)).content.decode()
    client.post(at("approve_withdrawal", asked.pk))
    answer = client.post(at("pay_withdrawal", asked.pk), {"bank_reference": "OUT"}, follow=True)

    assert "6225888800001234" in page
    assert "招商银行深圳分行" in page
    assert "¥100.00 are paid." in answer.content.decode()
    assert deposit(asked.distributor) == (900_00, 0)
    assert now(asked) == "paid"


def test_a_large_withdrawal_takes_two_people(client: Client, second: Client) -> None:
    asked = make_withdrawal(make_distributor(deposit_fen=20_000_00), amount_fen=LARGE)

    alone = client.post(at("approve_withdrawal", asked.pk))
    client.post(at("check_withdrawal", asked.pk))
    again = client.post(at("approve_withdrawal", asked.pk))
    assert (alone.status_code, again.status_code, now(asked)) == (409, 409, "checked")
    second.post(at("approve_withdrawal", asked.pk))

    assert now(asked) == "approved"


def test_a_rejected_withdrawal_is_held_no_more(client: Client) -> None:
    asked = make_withdrawal()

    client.post(at("reject_withdrawal", asked.pk), {"reason": "账户不符"})

    assert deposit(asked.distributor) == (1_000_00, 0)
    assert now(asked) == "rejected"


def test_whoever_only_looks_sees_the_end_of_the_account_alone_and_decides_nothing() -> None:
    asked, applied = make_withdrawal(), make_recharge()
    looking = client_of(make_staff("see_money"), "en")

    page = looking.get(at("withdrawal", asked.pk)).content.decode()

    assert "6225888800001234" not in page
    assert "…1234" in page
    for name in ("approve_withdrawal", "check_withdrawal", "pay_withdrawal", "reject_withdrawal"):
        assert looking.post(at(name, asked.pk)).status_code == 403
    for name in ("approve_recharge", "check_recharge", "reject_recharge"):
        assert looking.post(at(name, applied.pk)).status_code == 403
    assert (now(asked), now(applied)) == ("applied", "applied")


def test_a_frozen_account_says_so_and_is_unfrozen_with_a_reason(client: Client) -> None:
    shop = make_distributor()
    account = accounts.deposit_of(shop.pk)
    freezing.freeze_account(account_pk=account.pk, reason="I2: deposits differ", at=NOON)

    pages = [
        client.get(at("account", account.pk)).content.decode(),
        client.get(at("unfreeze", account.pk)).content.decode(),
    ]
    assert all("I2: deposits differ" in page for page in pages)
    assert "deposit is frozen" in client.get(at("distributor", shop.pk)).content.decode()
    client.post(at("unfreeze", account.pk), {"reason": "已更正"})

    assert accounts.deposit_of(shop.pk).frozen_at is None


def test_the_inbox_counts_what_waits_and_leads_to_it(client: Client) -> None:
    make_recharge()
    make_withdrawal()

    home = client.get("/admin/").content.decode()
    recharges = client.get("/admin/distributors/recharge/?waiting=decision").content.decode()
    second = client.get("/admin/distributors/recharge/?waiting=second").content.decode()

    for text in ("Recharges to check", "Withdrawals to decide", "Frozen accounts"):
        assert text in home
    assert Recharge.objects.get().recharge_no in recharges
    assert Recharge.objects.get().recharge_no not in second


def test_lists_ask_the_database_little_however_long_they_are(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        make_recharge()
        make_withdrawal(actor=OPERATIONS)

    for name in ("recharge", "withdrawal"):
        with django_assert_max_num_queries(15):
            answer = client.get(f"/admin/distributors/{name}/")
        assert answer.status_code == 200
        export = client.get(f"/admin/distributors/{name}/export/").content.decode()
        assert export.count("\n") == 9


def test_many_are_counted_first_and_then_each_goes_through_its_own_act(
    client: Client, second: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    small, large, doubled, left = (
        make_recharge(amount_fen=fen) for fen in (100_00, LARGE, 50_00, 60_00)
    )
    everyone = [one.pk for one in (small, large, doubled, left)]
    found = {small: "BANK-1", large: "BANK-2", doubled: "BANK-1"}
    form = {f"reference_{one.pk}": reference for one, reference in found.items()}

    address = client.post(
        "/admin/distributors/recharge/", {"action": "check_them", "_selected_action": everyone}
    ).headers["Location"]
    with django_assert_max_num_queries(15):
        page = client.get(address).content.decode()
    nothing = client.post(address, {"sure": "0:0"})
    counted = client.post(address, form).content.decode()
    other = client.post(
        address,
        form | {f"reference_{small.pk}": "", f"reference_{left.pk}": "B", "sure": "3:1015001"},
    )
    assert "This will check 4 recharges, ¥10,210.01 in all." in page
    assert (nothing.status_code, other.status_code) == (422, 200)
    assert "This will check 3 recharges, ¥10,150.01 in all." in counted
    assert "1 of them, ¥10,000.01, then waits for a second person" in counted
    assert not BulkJob.objects.exists()
    assert {now(one) for one in (small, large, doubled, left)} == {"applied"}
    done = client.post(address, form | {"sure": "3:1015001"}, follow=True).content.decode()

    assert [now(one) for one in (small, large, doubled, left)] == [
        "approved",
        "checked",
        "applied",
        "applied",
    ]
    assert BulkJob.objects.get().counts == {RowResult.DONE: 2, RowResult.REFUSED: 1}
    assert "“BANK-1” has been posted before." in done
    assert "2 are left out" in client.get(address).content.decode()
    client.post(address, {f"reference_{large.pk}": "BANK-2", "sure": "1:1000001"})
    assert deposit(large.distributor) == (0, 0)
    second.post(address, {f"reference_{large.pk}": "BANK-2", "sure": "1:1000001"})
    assert deposit(large.distributor) == (LARGE, 0)
    assert deposit(small.distributor) == (100_00, 0)
    decided = {one: [(r.title, r.values) for r in records.about(one)] for one in (small, large)}
    assert decided == {
        small: [("Approve the recharge", [("Bank reference", "BANK-1")])],
        large: [
            ("Approve the recharge", [("Bank reference", "BANK-2")]),
            ("The money is there", [("Bank reference", "BANK-2")]),
        ],
    }
    assert not records.about(doubled)


def test_what_came_of_many_recharges_is_for_who_may_see_money() -> None:
    job = make_recharge_job()
    money, goods = client_of(make_staff("see_money")), client_of(make_staff("see_goods"))

    answers = [
        one.get(f"/admin/{page}/{job.pk}/").status_code
        for page in ("recharge-jobs", "bulk-jobs")
        for one in (money, goods)
    ]

    assert answers == [200, 403, 403, 404]
    assert f"/{job.pk}/" not in goods.get("/admin/bulk-jobs/").content.decode()
