"""Levels: the rate of a rank, and the prices that a change makes new."""

import pytest

from distributors import levels
from distributors.models import Level
from kit.errors import NotFound
from tests.factories import NOON, make_distributor, make_level


@pytest.mark.django_db
def test_a_new_rate_makes_all_prices_of_the_level_newer() -> None:
    level = make_level(fee_rate_bp=500)

    changed = levels.define(code=level.code, name="金牌", rank=level.rank, fee_rate_bp=400, at=NOON)

    assert (changed.pk, changed.name, changed.fee_rate_bp) == (level.pk, "金牌", 400)
    assert changed.price_version > level.price_version


@pytest.mark.django_db
def test_a_new_name_alone_changes_no_price() -> None:
    level = make_level(fee_rate_bp=500)

    changed = levels.define(code=level.code, name="金牌", rank=level.rank, fee_rate_bp=500, at=NOON)

    assert changed.price_version == level.price_version


@pytest.mark.django_db
@pytest.mark.parametrize("rate_bp", [-1, 10_001])
def test_a_rate_outside_0_to_100_percent_is_refused(rate_bp: int) -> None:
    with pytest.raises(levels.RateOutOfRange):
        levels.define(code="X", name="X", rank=1, fee_rate_bp=rate_bp, at=NOON)

    assert not Level.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("rate_bp", [0, 10_000])
def test_0_and_100_percent_are_rates(rate_bp: int) -> None:
    assert (
        levels.define(code="X", name="X", rank=1, fee_rate_bp=rate_bp, at=NOON).fee_rate_bp
        == rate_bp
    )


@pytest.mark.django_db
def test_a_distributor_on_another_level_has_newer_prices_and_on_the_same_the_same() -> None:
    shop = make_distributor(deposit_fen=0)
    better = make_level(fee_rate_bp=100)

    moved = levels.assign(distributor_pk=shop.pk, level=better, at=NOON)
    again = levels.assign(distributor_pk=shop.pk, level=better, at=NOON)

    assert moved.level == better
    assert moved.price_version > shop.price_version
    assert again.price_version == moved.price_version
    with pytest.raises(NotFound):
        levels.assign(distributor_pk=-1, level=better, at=NOON)
