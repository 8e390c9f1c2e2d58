"""Recharges and withdrawals through the API."""

from typing import Any

import pytest

from distributors import deciding_recharges, deciding_withdrawals
from distributors.models import Recharge, Withdrawal
from kit.actors import OPERATIONS
from ledger import accounts, freezing
from tests.api.signed import Shop
from tests.factories import NOON, make_distributor, make_photo, make_recharge, make_withdrawal

RECHARGE: dict[str, Any] = {"amount_fen": 500_00, "payer": "云上商城", "payment_reference": "P1"}
WITHDRAWAL: dict[str, Any] = {
    "amount_fen": 200_00,
    "payee": "云上商城",
    "bank": "招商银行",
    "account_no": "6225888800001234",
}


def upload(shop: Shop, colour: str = "red") -> str:
    answer = shop.post("/uploads", make_photo(colour), content_type="image/png")
    return str(answer.json()["upload_id"])


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


def test_a_recharge_is_applied_for_read_approved_and_told(shop: Shop) -> None:
    body = RECHARGE | {"slip": upload(shop), "paid_on": "2026-11-20", "note": "货款"}

    applied = shop.post("/recharges", body)
    number = applied.json()["recharge_no"]
    deciding_recharges.approve(
        recharge_no=number, bank_reference="BANK-1", actor=OPERATIONS, at=NOON
    )
    read = shop.get(f"/recharges/{number}").json()

    assert applied.status_code == 201
    assert applied["Location"] == f"/api/v1/recharges/{number}"
    assert applied.json() | RECHARGE == applied.json()
    assert (applied.json()["has_slip"], applied.json()["paid_on"]) == (True, "2026-11-20")
    assert (applied.json()["state"], applied.json()["bank_reference"]) == ("applied", "")
    assert (read["state"], read["bank_reference"]) == ("approved", "BANK-1")
    [transfer] = shop.get("/deposit/transfers?limit=1").json()["items"]
    assert (transfer["reference"], transfer["note"]) == ("BANK-1", number)
    assert shop.get("/deposit").json()["available_fen"] == 1_500_00


def test_the_same_application_again_is_replayed_and_makes_nothing_new(shop: Shop) -> None:
    body = RECHARGE | {"slip": upload(shop)}
    first = shop.post("/recharges", body)

    again = shop.post("/recharges", body)

    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert Recharge.objects.count() == 1


def test_a_slip_is_the_callers_own_and_stands_for_one_recharge(shop: Shop) -> None:
    other = Shop()
    theirs, mine = upload(other, "blue"), upload(shop)
    shop.post("/recharges", RECHARGE | {"slip": mine})

    refused = [
        shop.post("/recharges", RECHARGE | {"slip": theirs}),
        shop.post("/recharges", RECHARGE | {"slip": "nothing"}),
        shop.post("/recharges", RECHARGE | {"slip": mine, "amount_fen": 1}),
        other.post("/recharges", RECHARGE | {"slip": upload(other)}),
    ]

    assert [one.json()["code"] for one in refused] == [
        "evidence_unknown",
        "evidence_unknown",
        "slip_used_already",
        "slip_used_already",
    ]
    assert Recharge.objects.count() == 1


@pytest.mark.parametrize(
    ("_case", "fields", "code", "pointers"),
    [
        ("nothing", {"amount_fen": 0}, "validation_failed", ["/amount_fen"]),
        ("in words", {"amount_fen": "100"}, "validation_failed", ["/amount_fen"]),
        ("no payer", {"payer": ""}, "validation_failed", ["/payer"]),
        ("no such day", {"paid_on": "2026-02-30"}, "validation_failed", ["/paid_on"]),
        ("a time", {"paid_on": "2026-02-03T00:00:00Z"}, "validation_failed", ["/paid_on"]),
        ("a day to come", {"paid_on": "2999-01-01"}, "paid_in_future", []),
        ("no proof", {"payment_reference": ""}, "payment_unproven", []),
        ("an unknown field", {"bank_reference": "X"}, "validation_failed", ["/bank_reference"]),
    ],
)
def test_an_application_that_says_nonsense_is_refused_and_leaves_no_trace(
    shop: Shop, _case: str, fields: dict[str, Any], code: str, pointers: list[str]
) -> None:
    answer = shop.post("/recharges", RECHARGE | fields)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [pointer for pointer, _code in errors(answer)] == pointers
    assert not Recharge.objects.exists()


def test_a_recharge_is_taken_back_once_and_again_and_not_when_it_is_decided(shop: Shop) -> None:
    mine, decided = make_recharge(shop.distributor), make_recharge(shop.distributor)
    deciding_recharges.reject(
        recharge_no=decided.recharge_no, reason="没有到账", actor=OPERATIONS, at=NOON
    )

    answers = [shop.post(f"/recharges/{mine.recharge_no}/withdrawal") for _ in range(2)]
    late = shop.post(f"/recharges/{decided.recharge_no}/withdrawal")

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].json()["state"] == "withdrawn"
    assert (late.status_code, late.json()["code"]) == (409, "state_conflict")
    assert shop.get(f"/recharges/{decided.recharge_no}").json()["reason"] == "没有到账"


def test_lists_are_the_callers_alone_newest_first_by_state_and_in_pages(shop: Shop) -> None:
    for _ in range(3):
        make_recharge(shop.distributor)
        make_withdrawal(shop.distributor, amount_fen=make_amount())
    make_recharge()
    make_withdrawal()
    newest = Recharge.objects.filter(distributor=shop.distributor).latest("pk")
    shop.post(f"/recharges/{newest.recharge_no}/withdrawal")

    first = shop.get("/recharges?limit=2").json()
    rest = shop.get(f"/recharges?limit=2&after={first['next']}").json()
    applied = shop.get("/recharges?state=applied").json()["items"]
    withdrawals = shop.get("/withdrawals").json()

    assert first["items"][0]["recharge_no"] == newest.recharge_no
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert len(applied) == 2
    assert len(withdrawals["items"]) == 3
    assert shop.get("/recharges?state=x").status_code == 422


_amounts = iter(range(1_00, 100_00))


def make_amount() -> int:
    return next(_amounts)


def test_a_withdrawal_holds_its_amount_until_it_is_paid(shop: Shop) -> None:
    asked = shop.post("/withdrawals", WITHDRAWAL)
    number = asked.json()["withdrawal_no"]
    held = shop.get("/deposit").json()
    deciding_withdrawals.approve(withdrawal_no=number, actor=OPERATIONS, at=NOON)
    deciding_withdrawals.pay(withdrawal_no=number, bank_reference="OUT", actor=OPERATIONS, at=NOON)

    assert asked.status_code == 201
    assert "6225888800001234" not in asked.content.decode()
    assert asked.json()["account_tail"] == "1234"
    assert (held["available_fen"], held["held_fen"], held["withdrawals_fen"]) == (
        800_00,
        200_00,
        200_00,
    )
    paid = shop.get(f"/withdrawals/{number}").json()
    assert (paid["state"], paid["bank_reference"], paid["allowed_actions"]) == ("paid", "OUT", [])
    [transfer] = shop.get("/deposit/transfers?limit=1").json()["items"]
    assert (transfer["code"], transfer["amount_fen"]) == ("withdrawal_paid", -200_00)
    assert shop.get("/deposit").json()["held_fen"] == 0


def test_the_same_withdrawal_again_is_replayed_and_holds_nothing_more(shop: Shop) -> None:
    first = shop.post("/withdrawals", WITHDRAWAL)

    again = shop.post("/withdrawals", WITHDRAWAL)

    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert shop.get("/deposit").json()["held_fen"] == 200_00


def test_a_withdrawal_that_the_deposit_does_not_cover_is_refused_and_holds_nothing(
    shop: Shop,
) -> None:
    answer = shop.post("/withdrawals", WITHDRAWAL | {"amount_fen": 1_000_01})

    assert (answer.status_code, answer.json()["code"]) == (409, "withdrawal_too_large")
    assert answer.json()["values"]["most_fen"] == 1_000_00
    assert shop.get("/deposit").json()["held_fen"] == 0
    assert not Withdrawal.objects.exists()


def test_a_withdrawal_is_cancelled_and_what_it_held_is_free_again(shop: Shop) -> None:
    number = shop.post("/withdrawals", WITHDRAWAL).json()["withdrawal_no"]

    answers = [shop.post(f"/withdrawals/{number}/cancellation") for _ in range(2)]

    assert [one.json()["state"] for one in answers] == ["cancelled", "cancelled"]
    assert shop.get("/deposit").json()["available_fen"] == 1_000_00


def test_a_frozen_deposit_says_so_and_pays_nothing_out(shop: Shop) -> None:
    account = accounts.deposit_of(shop.distributor.pk)
    freezing.freeze_account(account_pk=account.pk, reason="I2", at=NOON)

    answer = shop.post("/withdrawals", WITHDRAWAL)

    assert shop.get("/deposit").json()["frozen"] is True
    assert (answer.status_code, answer.json()["code"]) == (409, "account_frozen")
    assert not Withdrawal.objects.exists()


def test_a_key_for_money_alone_uploads_its_slip() -> None:
    paying = Shop(make_distributor(), scopes=["money"])

    applied = paying.post("/recharges", RECHARGE | {"slip": upload(paying)})

    assert (applied.status_code, applied.json()["has_slip"]) == (201, True)


def test_money_needs_its_scope_and_anothers_is_not_there(shop: Shop) -> None:
    ordering = Shop(make_distributor(), scopes=["orders"])
    recharge, withdrawal = make_recharge(), make_withdrawal()

    for path in ("/recharges", "/withdrawals"):
        assert ordering.get(path).status_code == 403
        assert ordering.post(path, {}).status_code == 403
    for path in (
        f"/recharges/{recharge.recharge_no}/withdrawal",
        f"/withdrawals/{withdrawal.withdrawal_no}/cancellation",
    ):
        assert shop.post(path).status_code == 404
    assert (Recharge.objects.get().state, Withdrawal.objects.get().state) == ("applied", "applied")
