"""Money into a deposit: once a reference, within reason, and told to the distributor."""

import json

import pytest
from django.core.management import CommandError, call_command

from distributors import recharging
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound
from ledger import accounts, posting
from ledger.models import Account, Kind, Transfer
from tests.factories import NOON, make_distributor
from tests.races.racing import answered, race


def recharge(shop: Distributor, amount_fen: int = 100_00, reference: str = "BANK-1") -> Account:
    return recharging.recharge(
        distributor_pk=shop.pk,
        amount_fen=amount_fen,
        reference=reference,
        actor=OPERATIONS,
        at=NOON,
    )


def balance_of(shop: Distributor) -> int | None:
    return accounts.deposit_of(shop.pk).balance_fen


@pytest.mark.django_db
def test_a_recharge_credits_the_deposit_from_the_bank_and_is_told() -> None:
    shop = make_distributor(deposit_fen=0)

    recharge(shop, 123_45)

    transfer = Transfer.objects.get()
    assert balance_of(shop) == 123_45
    assert (transfer.debit.kind, transfer.credit.kind) == (Kind.BANK, Kind.DEPOSIT)
    assert accounts.balance(Kind.BANK) == -123_45
    event = Event.objects.get(partner=shop.partner)
    assert (event.type, event.data["available_fen"]) == ("recharge.approved", 123_45)


@pytest.mark.django_db
def test_the_same_reference_credits_once() -> None:
    shop, other = make_distributor(deposit_fen=0), make_distributor(deposit_fen=0)
    recharge(shop)

    for again in (shop, other):
        with pytest.raises(posting.AlreadyPosted):
            recharge(again)

    assert (balance_of(shop), balance_of(other)) == (100_00, 0)
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_reference_at_the_same_moment_credits_once() -> None:
    shop = make_distributor(deposit_fen=0)

    outcomes = race(lambda _: answered(lambda: recharge(shop)), 6)

    assert balance_of(shop) == 100_00
    assert sum(isinstance(one, posting.AlreadyPosted) for one in outcomes) == 5
    assert Transfer.objects.count() == 1
    assert Event.objects.filter(type="recharge.approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_reference_for_two_distributors_at_the_same_moment_credits_one_of_them() -> None:
    shops = [make_distributor(deposit_fen=0), make_distributor(deposit_fen=0)]

    outcomes = race(lambda n: answered(lambda: recharge(shops[n])), 2)

    assert sorted(balance_of(shop) or 0 for shop in shops) == [0, 100_00]
    assert sum(isinstance(one, posting.AlreadyPosted) for one in outcomes) == 1


@pytest.mark.django_db(transaction=True)
def test_many_recharges_at_the_same_moment_are_all_credited() -> None:
    shop = make_distributor(deposit_fen=0)

    race(lambda n: recharge(shop, 1_00, f"BANK-{n}"), 8)

    assert balance_of(shop) == 8_00
    assert accounts.balance(Kind.DEPOSIT, shop.pk) == 8_00


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "amount_fen", "reference", "refusal"),
    [
        ("nothing", 0, "B", recharging.AmountOutOfRange),
        ("less than nothing", -1, "B", recharging.AmountOutOfRange),
        (
            "beyond reason",
            recharging.MAX_RECHARGE_FEN + 1,
            "B",
            recharging.AmountOutOfRange,
        ),
        ("no reference", 1, "", recharging.ReferenceInvalid),
        ("a reference too long", 1, "B" * 129, recharging.ReferenceInvalid),
        ("a reference on two lines", 1, "B\nB", recharging.ReferenceInvalid),
    ],
)
def test_nonsense_is_refused_and_leaves_no_trace(
    _case: str, amount_fen: int, reference: str, refusal: type[DomainError]
) -> None:
    shop = make_distributor(deposit_fen=0)

    with pytest.raises(refusal):
        recharge(shop, amount_fen, reference)

    assert balance_of(shop) == 0
    assert not Transfer.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_nobody_is_recharged() -> None:
    with pytest.raises(NotFound):
        recharging.recharge(
            distributor_pk=-1, amount_fen=1, reference="B", actor=OPERATIONS, at=NOON
        )


@pytest.mark.django_db
def test_a_recharge_above_the_threshold_ends_the_warning() -> None:
    shop = make_distributor(deposit_fen=0, threshold_fen=50_00)
    Distributor.objects.filter(pk=shop.pk).update(deposit_is_low=True)

    recharge(shop, 60_00)

    shop.refresh_from_db()
    assert not shop.deposit_is_low


@pytest.mark.django_db
def test_a_credit_line_lets_spend_beyond_the_deposit_but_not_below_what_is_owed() -> None:
    shop = make_distributor(deposit_fen=0)
    recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=100_00, at=NOON)
    Account.objects.filter(kind=Kind.DEPOSIT, holder=shop.pk).update(balance_fen=-40_00)

    with pytest.raises(posting.DepositInsufficient):
        recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=39_99, at=NOON)
    account = recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=40_00, at=NOON)

    assert (account.credit_line_fen, account.available_fen) == (40_00, 0)
    with pytest.raises(recharging.AmountOutOfRange):
        recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=-1, at=NOON)
    with pytest.raises(NotFound):
        recharging.set_credit_line(distributor_pk=-1, credit_line_fen=1, at=NOON)


@pytest.mark.django_db
def test_the_command_recharges_and_says_what_is_available(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shop = make_distributor(deposit_fen=0)

    call_command("recharge_deposit", shop.number, "--fen", "12345", "--reference", "B", "--json")

    facts = json.loads(capsys.readouterr().out)
    assert facts == {
        "number": shop.number,
        "amount_fen": 12345,
        "reference": "B",
        "available_fen": 12345,
    }


@pytest.mark.django_db
def test_the_command_refuses_the_same_reference_in_one_line() -> None:
    shop = make_distributor(deposit_fen=0)
    call_command("recharge_deposit", shop.number, "--fen", "100", "--reference", "B")

    with pytest.raises(CommandError) as refused:
        call_command("recharge_deposit", shop.number, "--fen", "100", "--reference", "B")

    assert "\n" not in str(refused.value)
    assert balance_of(shop) == 1_00


@pytest.mark.django_db
def test_the_command_refuses_a_distributor_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="D9999"):
        call_command("recharge_deposit", "D9999", "--fen", "100", "--reference", "B")
