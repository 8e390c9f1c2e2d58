"""Listing and the assortment: who may offer what, to whom, and at which price."""

import pytest

from distributors.levels import RateOutOfRange
from kit.actors import OPERATIONS, person
from kit.errors import NotFound, WrongState
from suppliers import securing
from supplychain import assortment, listing, offers
from supplychain.models import Limit, Opening, Product, ProductState, RateOverride
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

LI = person("li@supplier.test")


def test_a_supplier_delists_its_product_and_lists_it_again() -> None:
    supplier, shop = make_supplier(), make_distributor()
    product = make_sku(supplier=supplier).product

    off = listing.delist_product(
        product_pk=product.pk, supplier=supplier, actor=LI, at=NOON, reason="换季"
    )

    assert (off.state, off.version, off.changed_at) == (ProductState.DELISTED, 2, NOON)
    assert (off.state_changed_by, off.state_reason) == ("person:li@supplier.test", "换季")
    assert not offers.offered_to(shop).exists()

    on = listing.list_product(product_pk=product.pk, supplier=supplier, actor=LI, at=NOON)

    assert (on.state, on.version, on.state_reason) == (ProductState.LISTED, 3, "")
    assert list(offers.offered_to(shop)) == [product]


def test_a_supplier_reaches_its_own_products_only_and_the_platform_all() -> None:
    product = make_sku(supplier=make_supplier()).product

    with pytest.raises(NotFound):
        listing.delist_product(product_pk=product.pk, supplier=make_supplier(), actor=LI, at=NOON)

    product.refresh_from_db()
    assert product.state == ProductState.LISTED

    listing.delist_product(product_pk=product.pk, supplier=None, actor=OPERATIONS, at=NOON)

    product.refresh_from_db()
    assert product.state == ProductState.DELISTED


def test_what_was_never_approved_is_not_listed() -> None:
    draft = make_product(listed=False)

    with pytest.raises(listing.ProductNotApproved):
        listing.list_product(product_pk=draft.pk, supplier=None, actor=OPERATIONS, at=NOON)

    draft.refresh_from_db()
    assert (draft.state, draft.version) == (ProductState.DRAFT, 1)


def test_listing_what_is_listed_is_refused_as_a_conflict() -> None:
    product = make_sku().product

    with pytest.raises(WrongState):
        listing.list_product(product_pk=product.pk, supplier=None, actor=OPERATIONS, at=NOON)

    product.refresh_from_db()
    assert product.version == 1


def test_many_are_delisted_at_once_and_those_that_are_stay_as_they_are() -> None:
    on, off = make_sku().product, make_sku().product
    listing.delist_product(product_pk=off.pk, supplier=None, actor=OPERATIONS, at=NOON)

    changed = listing.delist_products(
        product_pks=[on.pk, off.pk], supplier=None, actor=OPERATIONS, at=NOON
    )

    assert changed == [on.pk]
    assert list(Product.objects.order_by("pk").values_list("state", "version")) == [
        ("delisted", 2),
        ("delisted", 2),
    ]


def test_of_many_all_are_changed_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    supplier = make_supplier()
    mine, foreign = make_sku(supplier=supplier).product, make_sku().product
    act = {"supplier": supplier, "actor": LI, "at": NOON}

    with pytest.raises(NotFound):
        listing.delist_products(product_pks=[mine.pk, foreign.pk], **act)  # type: ignore[arg-type]
    monkeypatch.setattr(listing, "MAX_AT_ONCE", 1)
    with pytest.raises(listing.TooManyProducts):
        listing.delist_products(product_pks=[mine.pk, foreign.pk], **act)  # type: ignore[arg-type]
    with pytest.raises(listing.ReasonTooLong):
        listing.delist_products(product_pks=[mine.pk], reason="长" * 201, **act)  # type: ignore[arg-type]

    assert not Product.objects.filter(state="delisted").exists()


# --- who sees it ------------------------------------------------------------------------------------


def test_a_product_opened_to_chosen_distributors_is_seen_by_them_only() -> None:
    chosen, other = make_distributor(), make_distributor()
    product = make_sku().product

    opened = assortment.open_to(product_pk=product.pk, distributor_pks=[chosen.pk], at=NOON)

    assert (opened.chosen_only, opened.version) == (True, 2)
    assert list(offers.offered_to(chosen)) == [product]
    assert not offers.offered_to(other).exists()

    assortment.open_to(product_pk=product.pk, distributor_pks=[other.pk], at=NOON)

    assert not offers.offered_to(chosen).exists()
    assert list(offers.offered_to(other)) == [product]

    assortment.open_to_everyone(product_pk=product.pk, at=NOON)

    assert list(offers.offered_to(chosen)) == list(offers.offered_to(other)) == [product]


def test_a_product_is_opened_to_nobody_that_is_not_there() -> None:
    product = make_sku().product

    with pytest.raises(NotFound):
        assortment.open_to(product_pk=product.pk, distributor_pks=[0], at=NOON)

    product.refresh_from_db()
    assert (product.chosen_only, product.version) == (False, 1)
    assert not Opening.objects.exists()


def test_a_limited_distributor_sees_its_categories_with_what_is_below() -> None:
    shop = make_distributor()
    food, tea, cups = (make_category(path) for path in ("食品", "食品/茶叶", "百货/杯子"))
    inside = make_sku(product=make_product(category=tea)).product
    make_sku(product=make_product(category=cups))

    assortment.limit(distributor_pk=shop.pk, category_pks=[food.pk], brand_pks=[], at=NOON)

    assert list(offers.offered_to(shop)) == [inside]

    assortment.limit(distributor_pk=shop.pk, category_pks=[], brand_pks=[], at=NOON)

    assert offers.offered_to(shop).count() == 2


def test_a_limit_names_what_is_there() -> None:
    shop = make_distributor()

    with pytest.raises(NotFound):
        assortment.limit(distributor_pk=shop.pk, category_pks=[0], brand_pks=[], at=NOON)
    with pytest.raises(NotFound):
        assortment.limit(distributor_pk=0, category_pks=[], brand_pks=[], at=NOON)

    assert not Limit.objects.exists()


# --- at which price ---------------------------------------------------------------------------------


def test_a_product_may_override_the_rate_of_a_level() -> None:
    level = make_level(fee_rate_bp=500)
    shop = make_distributor(level=level)
    sku = make_sku(supply_price_fen=100_00)
    asked = (shop.pk, sku.sku_no)
    before = offers.find([asked])[asked]

    assortment.override_rate(product_pk=sku.product_id, level=level, fee_rate_bp=0, at=NOON)

    free = offers.find([asked])[asked]
    assert (before.price.agreement_price_fen, free.price.agreement_price_fen) == (105_00, 100_00)
    assert free.price_version > before.price_version

    assortment.override_rate(product_pk=sku.product_id, level=level, fee_rate_bp=None, at=NOON)

    after = offers.find([asked])[asked]
    assert after.price.agreement_price_fen == 105_00
    assert after.price_version > free.price_version
    assert Product.objects.get().version == 3


@pytest.mark.parametrize("fee_rate_bp", [-1, 10_001])
def test_an_absurd_rate_is_refused(fee_rate_bp: int) -> None:
    sku = make_sku()

    with pytest.raises(RateOutOfRange):
        assortment.override_rate(
            product_pk=sku.product_id, level=make_level(), fee_rate_bp=fee_rate_bp, at=NOON
        )

    assert not RateOverride.objects.exists()


def test_a_markup_is_paid_from_now_on() -> None:
    shop = make_distributor(level=make_level(fee_rate_bp=500))
    sku = make_sku(supply_price_fen=100_00)

    changed = assortment.set_markup(sku_pk=sku.pk, markup_fen=10_00, at=NOON)

    asked = (shop.pk, sku.sku_no)
    assert offers.find([asked])[asked].price.agreement_price_fen == 115_50
    assert changed.price_version > sku.price_version
    assert Product.objects.get().version == 2

    assortment.set_markup(sku_pk=sku.pk, markup_fen=10_00, at=NOON)

    assert Product.objects.get().version == 2


@pytest.mark.parametrize("markup_fen", [-1, 10_000_000_01])
def test_an_absurd_markup_is_refused(markup_fen: int) -> None:
    sku = make_sku()

    with pytest.raises(assortment.MarkupOutOfRange):
        assortment.set_markup(sku_pk=sku.pk, markup_fen=markup_fen, at=NOON)

    sku.refresh_from_db()
    assert sku.markup_fen == 0


def test_a_supplier_short_of_security_lists_no_new_goods_but_what_it_listed_before() -> None:
    supplier = make_supplier()
    known = make_sku(supplier=supplier).product
    fresh = make_sku(product=make_product(supplier=supplier, listed=False)).product
    listing.delist_product(product_pk=known.pk, supplier=supplier, actor=LI, at=NOON)
    securing.require(supplier_pk=supplier.pk, amount_fen=100_00)
    securing.pay_in(
        supplier_pk=supplier.pk, amount_fen=99_99, bank_reference="S-1", actor=LI, at=NOON
    )

    for owner in (supplier, None):
        with pytest.raises(listing.SecurityDepositShort):
            listing.list_products(
                product_pks=[known.pk, fresh.pk], supplier=owner, actor=LI, at=NOON
            )

    assert not Product.objects.filter(state=ProductState.LISTED).exists()
    listing.list_product(product_pk=known.pk, supplier=supplier, actor=LI, at=NOON)
    securing.pay_in(supplier_pk=supplier.pk, amount_fen=1, bank_reference="S-2", actor=LI, at=NOON)
    listing.list_product(product_pk=fresh.pk, supplier=supplier, actor=LI, at=NOON)
    assert Product.objects.filter(state=ProductState.LISTED).count() == 2
