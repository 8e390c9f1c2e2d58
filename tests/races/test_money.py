"""Money that comes in, and companies that are opened, at the same moment."""

import pytest

from distributors import onboarding, recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS
from ledger import accounts
from ledger.models import Account, Kind, Transfer
from tests.factories import NOON, make_distributor, make_level
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12


def recharge(shop: Distributor, *, reference: str) -> str:
    """Return `done`, or the code of the refusal."""
    outcome = racing.answered(
        lambda: recharging.recharge(
            distributor_pk=shop.pk,
            amount_fen=10_00,
            reference=reference,
            actor=OPERATIONS,
            at=NOON,
        )
    )
    return "done" if isinstance(outcome, Account) else outcome.code


def test_a_payment_that_is_credited_by_many_at_once_is_credited_once() -> None:
    shop = make_distributor(deposit_fen=0)

    outcomes = racing.race(lambda _: recharge(shop, reference="BANK-1"), THREADS)

    assert sorted(outcomes) == ["already_posted"] * (THREADS - 1) + ["done"]
    assert accounts.deposit_of(shop.pk).balance_fen == 10_00
    racing.assert_books_are_clean()


def test_a_payment_that_is_credited_to_several_at_once_goes_to_one() -> None:
    shops = [make_distributor(deposit_fen=0) for _ in range(THREADS)]

    outcomes = racing.race(lambda n: recharge(shops[n], reference="BANK-1"), THREADS)

    assert sorted(outcomes) == ["already_posted"] * (THREADS - 1) + ["done"]
    assert Transfer.objects.count() == 1
    assert -accounts.balance(Kind.BANK) == 10_00
    racing.assert_books_are_clean()


def test_distributors_that_are_opened_at_once_all_get_a_number_and_a_deposit() -> None:
    level = make_level()

    opened = racing.race(
        lambda n: onboarding.open_distributor(name=f"云平台{n}", level=level, at=NOON), THREADS
    )

    assert len({one.distributor.number for one in opened}) == THREADS
    racing.assert_books_are_clean()
