"""Proofs of the books: what is broken is frozen, and nothing else."""

import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from books import invariants, proving, verifying
from books.models import Proof
from distributors import recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS, timer
from ledger import accounts
from ledger.freezing import AccountFrozen
from ledger.models import Account
from orders import holding, placing
from orders.checking import SkuNotSellable
from orders.models import Hold, HoldState
from supplychain import freezing, offers, showing
from supplychain.models import Product, Sku
from tests.books.planting import plant
from tests.books.worlds import make_world
from tests.factories import NOON, make_distributor, make_request, make_sku

SOON = NOON + timedelta(minutes=10)


def prove() -> Proof:
    """Prove the books inside of the test's own transaction."""
    report = verifying.look(at=SOON, rows=proving.ROWS_RESOLVED)
    return proving.record(report, actor=timer("proof"))


def frozen_accounts() -> set[tuple[str, int | None]]:
    return set(Account.objects.exclude(frozen_at=None).values_list("kind", "holder"))


def frozen_skus() -> set[int]:
    return set(Sku.objects.exclude(frozen_at=None).values_list("pk", flat=True))


def placed(shop: Distributor, sku: Sku, number: str = "N") -> object:
    [outcome] = placing.place_many([make_request(shop, {sku: 1}, number=number)], at=SOON)
    return outcome


@pytest.mark.django_db
def test_clean_books_are_recorded_and_nothing_is_frozen() -> None:
    make_world()

    proof = prove()

    assert proof.is_clean
    assert (proof.breaches, proof.actor) == ([], "timer:proof")
    assert proof.checks == len(invariants.CHECKS)
    assert frozen_accounts() == set()
    assert frozen_skus() == set()


@pytest.mark.django_db
def test_a_deposit_that_does_not_add_up_is_frozen_and_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, whole = make_distributor(deposit_fen=100_00), make_distributor(deposit_fen=100_00)
    tea = make_sku(supply_price_fen=10_00)
    plant(f"UPDATE ledger_account SET balance_fen = balance_fen + 5 WHERE holder = {broken.pk}")

    with caplog.at_level(logging.ERROR):
        proof = prove()

    assert "deposits_are_the_sum_of_their_transfers" in caplog.text
    assert frozen_accounts() == {("deposit", broken.pk)}
    assert isinstance(placed(broken, tea), AccountFrozen)
    assert isinstance(placed(whole, tea), placing.Placed)
    row = next(b for b in proof.breaches if b["name"] == "deposits_are_the_sum_of_their_transfers")
    assert dict(zip(row["columns"], row["rows"][0], strict=True))["distributor_pk"] == broken.pk


@pytest.mark.django_db
def test_what_is_kept_of_a_breach_are_whole_numbers_and_moments_of_our_zone() -> None:
    make_world()
    plant("UPDATE orders_order SET open_fen = open_fen - 1 WHERE out_order_no = 'B'")
    plant("UPDATE orders_hold SET expires_at = '2026-11-20 16:00Z' WHERE out_order_no = 'X'")

    kept = {breach["name"]: breach for breach in prove().breaches}

    amounts = kept["open_amounts_are_what_the_ledger_says"]
    assert amounts["columns"] == ["order_no", "open_fen", "ledger_fen"]
    assert [type(value) for value in amounts["rows"][0]] == [str, int, int]
    assert kept["no_hold_is_overdue"]["rows"][0][-1] == "2026-11-21 00:00:00+08:00"


@pytest.mark.django_db
def test_money_still_comes_in_to_a_frozen_deposit() -> None:
    broken = make_distributor(deposit_fen=100_00)
    plant(f"UPDATE ledger_account SET balance_fen = balance_fen + 5 WHERE holder = {broken.pk}")
    prove()

    recharging.recharge(
        distributor_pk=broken.pk, amount_fen=1_00, reference="B7", actor=OPERATIONS, at=SOON
    )

    assert accounts.deposit_of(broken.pk).balance_fen == 101_05


@pytest.mark.django_db
def test_a_sku_whose_stock_does_not_add_up_is_not_sold_and_others_are() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    tea, cup = make_sku(), make_sku()
    plant(f"UPDATE supplychain_stock SET available = available + 1 WHERE sku_id = {tea.pk}")

    prove()

    assert frozen_skus() == {tea.pk}
    assert frozen_accounts() == set()
    assert isinstance(placed(shop, tea, "1"), SkuNotSellable)
    assert isinstance(placed(shop, cup, "2"), placing.Placed)
    product = Product.objects.filter(pk=tea.product_id)
    [(_pk, document)] = showing.documents(product, shop, in_full=False)
    assert document["skus"] == []


@pytest.mark.django_db
def test_what_is_on_hold_is_placed_although_the_sku_was_frozen_since() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    tea = make_sku()
    request = make_request(shop, {tea: 1}, number="H")
    holding.hold(request=request, at=NOON)
    freezing.freeze_sku(sku_pk=tea.pk, reason="stock", at=NOON)

    [outcome] = placing.place_many([request], at=SOON)

    assert isinstance(outcome, placing.Placed)
    assert Hold.objects.get().state == HoldState.CONSUMED


@pytest.mark.django_db
def test_a_sku_is_offered_again_only_for_a_reason() -> None:
    shop, tea = make_distributor(deposit_fen=1_000_00), make_sku()
    version = Product.objects.get(pk=tea.product_id).version
    freezing.freeze_sku(sku_pk=tea.pk, reason="stock", at=NOON)
    with pytest.raises(freezing.ThawReasonMissing):
        freezing.unfreeze_sku(sku_pk=tea.pk, reason=" ", at=SOON)
    assert frozen_skus() == {tea.pk}

    freezing.unfreeze_sku(sku_pk=tea.pk, reason="counted", at=SOON)

    assert offers.find([(shop.pk, tea.sku_no)])[shop.pk, tea.sku_no].on_sale
    assert Product.objects.get(pk=tea.product_id).version == version + 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "_sql"),
    [
        (
            "an order was charged less than it cost",
            (
                "UPDATE ledger_transfer SET amount_fen = amount_fen - 1 WHERE code = 'order_placed'"
                " AND out_order_no = 'B'"
            ),
        ),
        (
            "a line counts more pieces in parcels than there are",
            "UPDATE orders_line SET shipped = shipped + 1 WHERE shipped = 1",
        ),
    ],
)
def test_a_wrong_order_freezes_the_deposit_of_whoever_placed_it(_case: str, _sql: str) -> None:
    world = make_world()
    plant(_sql)

    prove()

    assert frozen_accounts() == {("deposit", world.shop.pk)}


@pytest.mark.django_db
def test_a_wrong_bill_freezes_what_is_payable_to_its_supplier() -> None:
    world = make_world()
    plant("UPDATE suppliers_bill SET state = 'accepted' WHERE state = 'paid'")

    prove()

    assert frozen_accounts() == {("payable", world.supplier.pk)}


@pytest.mark.django_db
def test_lateness_is_told_and_freezes_nobody() -> None:
    make_world()
    plant("UPDATE orders_hold SET expires_at = '2026-11-21' WHERE out_order_no = 'X'")

    proof = prove()

    assert [breach["name"] for breach in proof.breaches] == ["no_hold_is_overdue"]
    assert frozen_accounts() == set()
    assert frozen_skus() == set()


@pytest.mark.django_db
def test_accounts_of_the_platform_as_a_whole_are_never_frozen() -> None:
    make_world()
    plant(
        "UPDATE ledger_transfer SET credit_id = (SELECT id FROM ledger_account"
        " WHERE kind = 'own_sales') WHERE code = 'fee_earned'"
    )

    proof = prove()

    assert not proof.is_clean
    assert not Account.objects.filter(holder=None).exclude(frozen_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_records_only_if_it_is_told_to() -> None:
    shop = make_distributor(deposit_fen=100_00)
    Account.objects.filter(holder=shop.pk, kind="deposit").update(balance_fen=7)
    with pytest.raises(CommandError):
        call_command("verify_books")
    assert not Proof.objects.exists()

    with pytest.raises(CommandError):
        call_command("verify_books", "--record")

    assert Proof.objects.get().actor == str(OPERATIONS)
    assert frozen_accounts() == {("deposit", shop.pk)}
