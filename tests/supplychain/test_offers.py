"""What a distributor sees: one rule, whether it is asked for a list or for an order."""

import itertools

import pytest

from distributors.models import Distributor
from suppliers import onboarding
from supplychain import offers
from supplychain.models import Brand, Limit, Opening, RateOverride, Sku
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_level,
    make_product,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db


def seen(shop: Distributor, sku: Sku) -> bool:
    """Ask both ways, and insist that they agree."""
    listed = offers.offered_to(shop).filter(pk=sku.product_id).exists()
    found = (shop.pk, sku.sku_no) in offers.find([(shop.pk, sku.sku_no)])
    assert listed == found
    return listed


def test_listed_goods_are_seen_and_others_are_not() -> None:
    shop = make_distributor()

    assert seen(shop, make_sku())
    assert not seen(shop, make_sku(product=make_product(listed=False)))


def test_goods_of_a_suspended_supplier_are_not_seen() -> None:
    shop, supplier = make_distributor(), make_supplier()
    sku = make_sku(supplier=supplier)
    assert seen(shop, sku)

    onboarding.change_state(supplier_pk=supplier.pk, to="suspended", reason="资质过期", at=NOON)

    assert not seen(shop, sku)


def test_goods_for_chosen_distributors_are_seen_by_these_alone() -> None:
    chosen, other = make_distributor(), make_distributor()
    product = make_product(chosen_only=True)
    sku = make_sku(product=product)
    Opening.objects.create(product=product, distributor=chosen)

    assert seen(chosen, sku)
    assert not seen(other, sku)


def test_a_limit_to_a_category_holds_what_is_below_it_and_nothing_that_only_sounds_alike() -> None:
    shop = make_distributor()
    Limit.objects.create(distributor=shop, category=make_category("食品"))

    assert seen(shop, make_sku(product=make_product(category=make_category("食品/茶叶/绿茶"))))
    assert not seen(shop, make_sku(product=make_product(category=make_category("食品机械"))))


def test_both_ways_of_asking_agree_for_every_mixture_of_limits() -> None:
    tea, cups = make_category("食品/茶叶"), make_category("家居/杯子")
    brands = [Brand.objects.create(code=f"b{n}", name=f"品牌{n}") for n in range(2)]
    skus = [
        make_sku(product=make_product(category=category, brand=brand, chosen_only=chosen))
        for category, brand, chosen in itertools.product(
            (tea, cups), (*brands, None), (True, False)
        )
    ]
    shops = []
    for category, brand, opened in itertools.product((None, tea), (None, brands[0]), (0, 3)):
        shop = make_distributor(deposit_fen=0)
        if category:
            Limit.objects.create(distributor=shop, category=category)
        if brand:
            Limit.objects.create(distributor=shop, brand=brand)
        for sku in skus[:opened]:
            Opening.objects.create(product=sku.product, distributor=shop)
        shops.append(shop)

    answers = {seen(shop, sku) for shop in shops for sku in skus}

    assert answers == {True, False}


def test_the_price_is_of_the_distributors_level_and_a_products_own_rate_wins() -> None:
    gold, silver = make_level(fee_rate_bp=300), make_level(fee_rate_bp=500)
    first, second = make_distributor(level=gold), make_distributor(level=silver)
    sku = make_sku(supply_price_fen=100_00, markup_fen=10_00)
    RateOverride.objects.create(product=sku.product, level=gold, fee_rate_bp=0)

    found = offers.find([(first.pk, sku.sku_no), (second.pk, sku.sku_no)])

    assert found[first.pk, sku.sku_no].price.agreement_price_fen == 110_00
    assert found[second.pk, sku.sku_no].price.agreement_price_fen == 115_50


def test_a_change_of_level_gives_every_price_a_newer_version() -> None:
    from distributors import levels

    shop, sku = make_distributor(), make_sku()
    before = offers.find([(shop.pk, sku.sku_no)])[shop.pk, sku.sku_no].price_version

    levels.assign(distributor_pk=shop.pk, level=make_level(), at=NOON)

    after = offers.find([(shop.pk, sku.sku_no)])[shop.pk, sku.sku_no].price_version
    assert after > before


def test_what_is_asked_for_together_costs_the_same_number_of_queries(
    django_assert_max_num_queries: object,
) -> None:
    shop = make_distributor()
    skus = [make_sku() for _ in range(20)]

    with django_assert_max_num_queries(5):  # type: ignore[operator]
        found = offers.find([(shop.pk, sku.sku_no) for sku in skus])

    assert len(found) == 20
