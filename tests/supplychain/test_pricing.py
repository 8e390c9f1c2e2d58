"""Price and freight: pure, and rounded once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import money
from supplychain import freight, pricing, regions
from supplychain.regions import Destination

prices = st.integers(0, 10_000_000_00)
rates = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("_case", "supply", "markup", "rate", "agreement"),
    [
        ("the example of the documents", 50_00, 0, 500, 52_50),
        ("the fee is on supply price and markup", 50_00, 10_00, 500, 63_00),
        ("half a fen goes up", 10, 0, 500, 11),
        ("less than half goes down", 9, 0, 500, 9),
        ("no fee", 9_99, 0, 0, 9_99),
    ],
)
def test_agreement_price_is_base_and_fee(
    _case: str, supply: int, markup: int, rate: int, agreement: int
) -> None:
    assert pricing.price(supply, markup, rate).agreement_price_fen == agreement


@given(prices, rates)
def test_the_fee_is_never_further_than_half_a_fen_from_the_exact_share(
    amount: int, rate: int
) -> None:
    exact_times_10_000 = amount * rate

    assert abs(money.share(amount, rate) * 10_000 - exact_times_10_000) <= 5_000


@given(prices)
def test_money_is_read_as_it_is_shown(amount: int) -> None:
    shown = money.yuan(amount)

    assert money.fen(shown.removeprefix("¥").replace(",", "")) == amount


@pytest.mark.parametrize("text", ["", "1e2", "1_000", "１２", "0.005", "-1", "NaN", "1,000", "."])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        money.fen(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("广东", "广东省"), ("广东省", "广东省"), ("440000", "广东省"), ("新疆", "新疆维吾尔自治区"),
     ("广东/深圳市", "广东省/深圳市")],
)  # fmt: skip
def test_a_province_is_understood_in_the_ways_people_write_it(written: str, meant: str) -> None:
    assert regions.canonical(written) == meant


def test_an_unknown_province_is_refused() -> None:
    with pytest.raises(regions.RegionUnknown):
        regions.canonical("Atlantis")


def rule(**changes: object) -> freight.Rule:
    fields: dict[str, object] = {
        "charge_by": "piece",
        "regions": (),
        "first_units": 1,
        "first_fen": 8_00,
        "further_units": 1,
        "further_fen": 2_00,
        "free_from_units": None,
        "free_from_fen": None,
    }
    return freight.Rule(**(fields | changes))  # type: ignore[arg-type]


SHENZHEN = Destination("广东省", "深圳市")


@pytest.mark.parametrize(
    ("_case", "changes", "quantity", "charged"),
    [
        ("one piece", {}, 1, 8_00),
        ("three pieces", {}, 3, 12_00),
        ("steps are begun, not finished", {"further_units": 2}, 4, 12_00),
        ("by weight in grams", {"charge_by": "weight", "first_units": 1000,
                                "further_units": 500}, 3, 10_00),
        ("free from so many pieces", {"free_from_units": 3}, 3, 0),
        ("free from so much money", {"free_from_fen": 30_00}, 3, 0),
        ("not yet free", {"free_from_units": 4}, 3, 12_00),
    ],
)  # fmt: skip
def test_freight_is_first_and_further(
    _case: str, changes: dict[str, object], quantity: int, charged: int
) -> None:
    load = freight.Load(1, quantity, weight_g=quantity * 450, goods_fen=quantity * 10_00)

    assert freight.charge([load], SHENZHEN, {1: [rule(**changes)]}) == charged


def test_the_rule_that_names_the_region_wins_over_the_one_for_everywhere() -> None:
    tariffs = {1: [rule(first_fen=1), rule(first_fen=2, regions=("广东省/深圳市",))]}
    load = freight.Load(1, 1, 0, 0)

    assert freight.charge([load], SHENZHEN, tariffs) == 2
    assert freight.charge([load], Destination("广东省", "广州市"), tariffs) == 1


def test_goods_of_one_template_share_the_first_piece_and_goods_without_one_are_free() -> None:
    loads = [freight.Load(1, 1, 0, 0), freight.Load(1, 1, 0, 0), freight.Load(None, 9, 0, 0)]

    assert freight.charge(loads, SHENZHEN, {1: [rule()]}) == 10_00
