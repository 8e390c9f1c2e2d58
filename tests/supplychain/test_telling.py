"""Telling of goods: each distributor that asked for them is told what changed in its own eyes."""

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from companies import policies
from distributors import levels
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from orders import remembering
from suppliers import onboarding
from suppliers.models import Supplier
from supplychain import (
    assortment,
    content,
    following,
    freezing,
    listing,
    renaming,
    reviewing,
    selecting,
    showing,
    telling,
)
from supplychain.content import Content
from supplychain.models import Brand, Product, ProductNote, Sku
from supplychain.selecting import Wanted
from tests.console.staff import client_of, make_staff
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_level,
    make_product,
    make_received_order,
    make_sku,
    make_supplier,
)
from tests.people import make_live_product

pytestmark = pytest.mark.django_db
SECRET_FEN = 77_70
# Statements in which a brand is kept, however many products carry it.
KEPT_IN = 5


def make_shop(*products: Product, fee_rate_bp: int = 500) -> Distributor:
    """A distributor that selected some products."""
    shop = make_distributor(level=make_level(fee_rate_bp=fee_rate_bp))
    item_nos = tuple(product.item_no for product in products)
    selecting.select(distributor=shop, wanted=Wanted(item_nos=item_nos or ("-",)), at=NOON)
    return shop


def events(shop: Distributor) -> list[Event]:
    """What a distributor was told of goods, after whatever is still to be told."""
    telling.tell_changes(at=NOON)
    of_goods = Event.objects.filter(partner=shop.partner)
    return list(of_goods.filter(type__regex=r"^(product|price)\.").order_by("type", "pk"))


def types(shop: Distributor) -> list[str]:
    return [event.type for event in events(shop)]


def change(product: Product, **fields: Any) -> None:
    """Let another content of a product go live."""
    live: Any = content.of(product)
    sku = {
        name: fields.pop(name) for name in list(fields) if name in live.skus[0].__struct_fields__
    }
    skus = (msgspec.structs.replace(live.skus[0], **sku), *live.skus[1:])
    wanted: Content = msgspec.structs.replace(live, skus=skus, **fields)
    revision = reviewing.propose_change(
        product_pk=product.pk,
        supplier=product.supplier,
        content=wanted,
        actor=OPERATIONS,
        at=NOON,
    )
    if revision.state == "open":
        reviewing.approve(revision_pk=revision.pk, actor=OPERATIONS, at=NOON)


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def tea(supplier: Supplier) -> Product:
    return make_live_product(supplier)


def test_another_content_is_told_as_the_api_shows_it_with_what_it_was(tea: Product) -> None:
    shop, stranger = make_shop(tea), make_shop()
    name = tea.name

    change(tea, name="明前龙井", origin="杭州")

    [event] = events(shop)
    assert event.type == "product.updated"
    assert event.previous == {"name": name, "origin": ""}
    [(_pk, shown)] = showing.documents(Product.objects.filter(pk=tea.pk), shop, in_full=False)
    assert event.data == shown
    assert (event.object_no, event.object_version) == (tea.item_no, shown["version"])
    assert events(stranger) == []


def test_a_brand_s_new_name_is_told_of_each_product_that_carries_it(
    tea: Product, supplier: Supplier, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    brand = Brand.objects.create(code="b-1", name="云雾")
    cake, other = make_live_product(supplier), make_live_product(supplier)
    Product.objects.filter(pk__in=[tea.pk, cake.pk]).update(brand=brand)
    shop = make_shop(tea, cake, other)
    following.stamp()
    position = following.latest()
    brand.name = "云雾山"

    with django_assert_num_queries(KEPT_IN):
        renaming.keep_within(brand, at=NOON)
    told = events(shop)
    feed = following.read(shop, after=position, limit=10).notes
    renaming.keep_within(brand, at=NOON)

    assert {event.object_no for event in told} == {tea.item_no, cake.item_no}
    for event in told:
        product = Product.objects.get(item_no=event.object_no)
        assert event.type == "product.updated"
        assert event.previous == {"brand": {"code": "b-1", "name": "云雾"}}
        assert event.data["brand"]["name"] == "云雾山"
        assert event.object_version == product.version
    assert {(note.item_no, note.kind) for note in feed} == {
        (tea.item_no, "updated"),
        (cake.item_no, "updated"),
    }
    assert len(events(shop)) == len(told)


def test_staff_who_change_a_category_s_code_have_it_told(tea: Product) -> None:
    shop = make_shop(tea)
    client = client_of(make_staff("see_goods", "edit_reference"), "en")
    category = tea.category
    form = {"code": "c-new", "position": 1}
    rows = {"attributes-TOTAL_FORMS": 0, "attributes-INITIAL_FORMS": 0}

    client.post(f"/admin/supplychain/category/{category.pk}/change/", form | rows)

    [event] = events(shop)
    assert event.previous == {"category": {"code": category.code, "path": category.path}}
    assert event.data["category"]["code"] == "c-new"


def test_a_changed_detail_page_is_told_with_it(tea: Product) -> None:
    shop = make_shop(tea)

    change(tea, detail_html="<p>雨前</p>")

    [event] = events(shop)
    assert event.data["detail_html"] == "<p>雨前</p>"
    assert event.previous == {"detail_html": ""}


def test_a_price_is_told_to_each_at_its_own_fee_and_says_nothing_of_ours(tea: Product) -> None:
    dear, cheap = make_shop(tea, fee_rate_bp=1_000), make_shop(tea, fee_rate_bp=0)
    sku = tea.skus.get()
    before_fen = sku.supply_price_fen

    assortment.set_markup(sku_pk=sku.pk, markup_fen=SECRET_FEN, at=NOON)

    [event] = events(cheap)
    sku.refresh_from_db()
    row = {
        "item_no": tea.item_no,
        "sku_no": sku.sku_no,
        "agreement_price_fen": before_fen + SECRET_FEN,
        "retail_price_fen": None,
        "price_version": sku.price_version,
    }
    assert event.type == "price.changed"
    assert event.data == {"scope": "skus", "price_version": sku.price_version, "items": [row]}
    was = {"sku_no": sku.sku_no, "agreement_price_fen": before_fen, "retail_price_fen": None}
    assert event.previous == {"items": [was]}
    [other] = events(dear)
    assert other.data["items"][0]["agreement_price_fen"] == (before_fen + SECRET_FEN) * 11 // 10
    assert "supply" not in str([other.data, other.previous])


def test_the_parts_of_a_price_are_told_where_the_platform_shows_them(tea: Product) -> None:
    shop = make_shop(tea, fee_rate_bp=1_000)
    policies.decide(name="show_price_parts", value=True, actor=OPERATIONS, at=NOON)

    assortment.set_markup(sku_pk=tea.skus.get().pk, markup_fen=100, at=NOON)

    [event] = events(shop)
    assert event.data["items"][0].keys() >= {"supply_price_fen", "service_fee_fen"}


def test_going_off_sale_and_coming_back_is_told_also_to_who_lately_ordered(tea: Product) -> None:
    buyer = make_distributor()
    make_received_order(buyer, {tea.skus.get(): 1})
    remembering.note_ordered(at=NOON)

    listing.delist_product(product_pk=tea.pk, supplier=None, actor=OPERATIONS, at=NOON)
    gone = events(buyer)
    listing.list_product(product_pk=tea.pk, supplier=None, actor=OPERATIONS, at=NOON)
    gone_and_back = events(buyer)

    tea.refresh_from_db()
    sku_nos = [tea.skus.get().sku_no]
    assert [(event.type, event.data) for event in gone] == [
        (
            "product.delisted",
            {
                "item_no": tea.item_no,
                "name": tea.name,
                "version": tea.version - 1,
                "sku_nos": sku_nos,
            },
        )
    ]
    assert [event.type for event in gone_and_back] == ["product.delisted", "product.listed"]
    back = gone_and_back[1]
    assert back.data == showing.in_full([tea.item_no], buyer)[tea.item_no]
    assert back.object_version == tea.version


def test_of_many_changes_in_a_row_the_last_state_is_told_once(tea: Product) -> None:
    shop, name = make_shop(tea), tea.name

    change(tea, name="一")
    change(tea, name="二")
    listing.delist_product(product_pk=tea.pk, supplier=None, actor=OPERATIONS, at=NOON)
    listing.list_product(product_pk=tea.pk, supplier=None, actor=OPERATIONS, at=NOON)

    [event] = events(shop)
    assert (event.type, event.data["name"], event.previous) == (
        "product.updated",
        "二",
        {"name": name},
    )
    assert not ProductNote.objects.exists()


def test_what_was_changed_and_changed_back_is_not_told(tea: Product) -> None:
    shop, name = make_shop(tea), tea.name

    change(tea, name="一")
    change(tea, name=name)

    assert events(shop) == []


def test_a_frozen_sku_leaves_the_product_and_comes_back(tea: Product) -> None:
    shop, sku = make_shop(tea), tea.skus.get()

    freezing.freeze_sku(sku_pk=sku.pk, reason="盘点", at=NOON)
    [gone] = events(shop)
    freezing.unfreeze_sku(sku_pk=sku.pk, reason="已核对", at=NOON)
    [_, back] = events(shop)

    assert gone.data["skus"] == []
    assert gone.previous is not None
    assert [row["sku_no"] for row in gone.previous["skus"]] == [sku.sku_no]
    assert [row["sku_no"] for row in back.data["skus"]] == [sku.sku_no]


def test_choosing_other_distributors_is_gone_to_one_and_new_to_the_other(tea: Product) -> None:
    first, second = make_shop(tea), make_shop(tea)
    assortment.open_to(product_pk=tea.pk, distributor_pks=[first.pk], at=NOON)
    assert (types(first), types(second)) == ([], ["product.delisted"])

    assortment.open_to(product_pk=tea.pk, distributor_pks=[second.pk], at=NOON)

    assert types(first) == ["product.delisted"]
    assert types(second) == ["product.delisted", "product.listed"]


def test_goods_of_a_suspended_supplier_are_gone_and_come_back_with_it(
    tea: Product, supplier: Supplier
) -> None:
    shop = make_shop(tea)

    for state in ("suspended", "active"):
        onboarding.change_state(supplier_pk=supplier.pk, to=state, reason="资质", at=NOON)
        telling.tell_changes(at=NOON)

    versions = [event.object_version or 0 for event in events(shop)]
    assert types(shop) == ["product.delisted", "product.listed"]
    assert versions == sorted(set(versions))


def raise_level(shop: Distributor) -> None:
    level = shop.level
    levels.define(code=level.code, name="金", rank=level.rank, fee_rate_bp=900, at=NOON)


def give_level(shop: Distributor) -> None:
    levels.assign(distributor_pk=shop.pk, level=make_level(), at=NOON)


def limit(shop: Distributor) -> None:
    assortment.limit(
        distributor_pk=shop.pk, category_pks=[make_category("酒水").pk], brand_pks=[], at=NOON
    )


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (raise_level, "price.changed"),
        (give_level, "price.changed"),
        (limit, "product.updated"),
    ],
)
def test_what_concerns_the_whole_catalogue_is_one_event(
    act: Callable[[Distributor], None], kind: str
) -> None:
    products = [make_sku().product for _ in range(3)]
    shop, other = make_shop(*products), make_shop(*products)

    act(shop)

    [event] = events(shop)
    assert (event.type, event.data["scope"], event.object_no) == (kind, "catalogue", "catalogue")
    assert events(other) == []
    if kind == "price.changed":
        shown = showing.in_full([products[0].item_no], Distributor.objects.get(pk=shop.pk))
        [sku] = shown[products[0].item_no]["skus"]
        assert sku["price_version"] == event.data["price_version"]


def test_a_distributor_that_is_limited_hears_nothing_of_what_it_does_not_see(tea: Product) -> None:
    shop = make_shop(tea)
    limit(shop)
    Event.objects.all().delete()

    change(tea, name="一")
    listing.delist_product(product_pk=tea.pk, supplier=None, actor=OPERATIONS, at=NOON)

    assert events(shop) == []


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_under_way_while_others_are_told_is_told_afterwards() -> None:
    tea = make_live_product(make_supplier())
    shop = make_shop(tea)
    change(tea, name="一")
    may_commit, has_changed = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            listing.delist_within(product_pks=[tea.pk], supplier=None, actor=OPERATIONS, at=NOON)
            has_changed.set()
            may_commit.wait(30)
        connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    has_changed.wait(30)
    meanwhile = types(shop)

    may_commit.set()
    writer.join()

    assert meanwhile == []
    assert types(shop) == ["product.delisted"]


def test_nothing_is_noted_of_goods_that_nobody_asked_for(tea: Product) -> None:
    change(tea, name="一")

    assert not ProductNote.objects.exists()


def test_of_a_batch_of_prices_an_event_holds_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MAX_ITEMS", 2)
    product = make_product()
    skus: list[Sku] = [make_sku(product=product) for _ in range(3)]
    shop = make_shop(product)

    assortment.override_rate(product_pk=product.pk, level=shop.level, fee_rate_bp=0, at=NOON)

    told = [row["sku_no"] for event in events(shop) for row in event.data["items"]]
    assert told == [sku.sku_no for sku in skus]
    assert [len(event.data["items"]) for event in events(shop)] == [2, 1]
