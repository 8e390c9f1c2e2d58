"""Many goods at once, prices tested, allotments in a grid, freight on a map: each by the act for one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console import bulk_goods, doing_many, freight
from console.doing_many import Subject
from console.models import BulkJob, RowResult
from distributors.models import Level
from kit.actors import OPERATIONS
from supplychain import assortment, offers, stock
from supplychain.models import Allotment, FreightTemplate, Product, Revision, Sku, Stock
from supplychain.regions import PROVINCES
from tests import factories
from tests.console.staff import client_of, make_staff
from tests.factories import (
    NOON,
    make_distributor,
    make_freight,
    make_product,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db(transaction=True)

MAX_QUERIES = 15
FIRST = {"rules-0-first_units": "1", "rules-0-further_units": "1", "rules-0-further_fen": "2"}


def staff(*codes: str) -> Client:
    return client_of(make_staff("see_goods", *codes))


def agreed(client: Client, address: str, values: dict[str, Any], count: int) -> BulkJob:
    """Do something to many after agreeing to their number."""
    answer = client.post(address, {**values, "sure": str(count)})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return BulkJob.objects.latest("pk")


# --- many goods -------------------------------------------------------------------------------------


def test_many_ticked_products_are_delisted_after_being_told_how_many() -> None:
    pks = [make_sku().product_id, make_sku().product_id]
    client = staff("list_products")

    chosen = client.post(
        "/admin/supplychain/product/",
        {"action": "delist_them", "_selected_action": [str(pk) for pk in pks]},
    )
    address = chosen.headers["Location"]
    asked = client.post(address, {"reason": "换季"})
    untouched = set(Product.objects.values_list("state", flat=True))
    agreed(client, address, {"reason": "换季"}, 2)

    assert "涉及 2 个商品" in asked.content.decode()
    assert untouched == {"listed"}
    assert set(Product.objects.values_list("state", "state_reason")) == {("delisted", "换季")}


def test_all_that_a_list_was_narrowed_to_is_meant_and_nothing_else() -> None:
    wanted, other = make_sku(product=make_product(name="龙井茶")), make_sku()
    client = staff("list_products")

    led = client.post(
        "/admin/supplychain/product/?q=龙井&state__exact=listed",
        {
            "action": "change_them",
            "_selected_action": [str(wanted.product_id)],
            "select_across": "1",
        },
    )
    found = client.get(led.headers["Location"]).context

    assert [one.pk for one in found["sample"]] == [wanted.product_id]
    assert client.get("/admin/products/many/?state=nonsense").context["count"] == 0
    assert client.get("/admin/products/many/?all=1").context["count"] == 2
    assert other.product_id not in {one.pk for one in found["sample"]}


def test_what_is_ticked_is_changed_of_own_and_suppliers_goods_with_a_result_for_each() -> None:
    own, theirs = make_sku().product, make_sku(supplier=make_supplier()).product
    waiting = make_sku(supplier=make_supplier(trusted=False)).product
    Revision.objects.create(
        product=waiting, proposed={}, live={}, submitted_by="x", submitted_at=NOON
    )
    category = factories.make_category("食品/酒水")
    client = staff("edit_products", "review_products")
    keys = ",".join(str(one.pk) for one in (own, theirs, waiting))
    values = {
        "change_category": "on", "category": str(category.pk), "change_aftersale_days": "on",
        "aftersale_days": "7", "change_regions_not_served": "on",
        "regions_not_served": ["西藏自治区"], "ship_within_hours": "5",
    }  # fmt: skip

    job = agreed(client, f"/admin/products/amend/?products={keys}", values, 3)
    again = agreed(client, f"/admin/products/amend/?products={keys}", values, 3)
    file = client.get(f"/admin/bulk-jobs/{job.pk}/refused/").content.decode()

    changed = Product.objects.filter(category=category, aftersale_days=7)
    assert {one.pk for one in changed} == {own.pk, theirs.pk}
    assert {tuple(one.regions_not_served) for one in changed} == {("西藏自治区",)}
    assert {one.ship_within_hours for one in changed} == {None}
    assert job.counts == {RowResult.DONE: 2, RowResult.REFUSED: 1}
    assert again.counts == {RowResult.UNCHANGED: 2, RowResult.REFUSED: 1}
    assert f"“{waiting.item_no}”有尚未处理的变更" in file
    assert Revision.objects.get(product=theirs).decided_by.startswith("person:staff")


def test_goods_of_suppliers_are_changed_only_by_who_may_review_them() -> None:
    theirs = make_sku(supplier=make_supplier()).product
    values = {"change_ship_within_hours": "on", "ship_within_hours": "24"}

    job = agreed(staff("edit_products"), f"/admin/products/amend/?products={theirs.pk}", values, 1)

    assert job.counts == {RowResult.REFUSED: 1}
    assert Product.objects.get(pk=theirs.pk).ship_within_hours is None


def test_markups_are_set_as_a_share_of_each_supply_price() -> None:
    product = make_product()
    make_sku(product=product, supply_price_fen=10_05)
    make_sku(product=product, supply_price_fen=100_00)

    agreed(
        staff("set_prices"), f"/admin/products/markup/?products={product.pk}", {"percent": "10"}, 1
    )

    markups = Sku.objects.order_by("supply_price_fen").values_list("markup_fen", flat=True)
    assert list(markups) == [1_01, 10_00]


def test_many_products_are_opened_to_chosen_distributors_and_shut_to_one_of_them() -> None:
    skus = [make_sku(), make_sku()]
    one, two, other = make_distributor(), make_distributor(), make_distributor()
    client = staff("list_products")
    address = "/admin/products/visibility/?products=" + ",".join(str(s.product_id) for s in skus)

    def seen() -> list[int]:
        everybody = (one, two, other)
        return [sum(1 for _ in offers.offered_to(shop)) for shop in everybody]

    agreed(client, address, {"visible_to": "chosen", "distributors": [str(one.pk)]}, 2)
    chosen = seen()
    agreed(client, address, {"visible_to": "also", "distributors": [str(two.pk)]}, 2)
    also = seen()
    agreed(client, address, {"visible_to": "no_longer", "distributors": [str(one.pk)]}, 2)
    no_longer = seen()
    silent = client.post(address, {"visible_to": "chosen"})
    agreed(client, address, {"visible_to": "everyone"}, 2)

    assert (chosen, also, no_longer) == ([2, 0, 0], [2, 2, 0], [0, 2, 0])
    assert silent.status_code == 422
    assert seen() == [2, 2, 2]


def begin(count: int) -> BulkJob:
    """A job that a worker does, because it is large."""
    skus = [make_sku() for _ in range(3)]
    subjects = [Subject(skus[place % 3].product_id, f"行 {place}") for place in range(count)]
    return doing_many.begin(
        deed=bulk_goods.DelistProducts.act,
        subjects=subjects,
        values={"reason": ""},
        shown={},
        person=make_staff("list_products"),
        at=NOON,
    )


def test_a_large_job_is_done_by_workers_turn_by_turn_and_can_be_stopped() -> None:
    job = begin(doing_many.AT_ONCE + 1)
    client = staff("list_products")

    at_first = client.get(f"/admin/bulk-jobs/{job.pk}/")
    rows = doing_many.work(at=NOON)
    job.refresh_from_db()
    halfway = dict(job.counts)
    stopped = client.post(f"/admin/bulk-jobs/{job.pk}/stop/")
    job.refresh_from_db()

    assert at_first.headers["Refresh"]
    assert rows == doing_many.ROWS_A_TURN
    assert halfway == {RowResult.DONE: 3, RowResult.UNCHANGED: rows - 3}
    assert stopped.status_code == 302
    assert job.counts[RowResult.LEFT] == job.row_count - rows
    assert doing_many.work(at=NOON) == -1
    assert "Refresh" not in client.get(f"/admin/bulk-jobs/{job.pk}/").headers


def test_a_job_whose_worker_died_is_taken_over_and_given_up_in_the_end() -> None:
    job = begin(doing_many.AT_ONCE + 1)
    BulkJob.objects.filter(pk=job.pk).update(
        attempts=doing_many.MAX_ATTEMPTS, claimed_until=NOON + doing_many.CLAIM
    )

    while_claimed = doing_many.work(at=NOON)
    doing_many.work(at=NOON + doing_many.CLAIM)

    job.refresh_from_db()
    assert while_claimed == -1
    assert job.counts == {RowResult.LEFT: job.row_count}
    assert set(Product.objects.values_list("state", flat=True)) == {"listed"}


def test_a_right_that_was_taken_meanwhile_ends_a_job() -> None:
    job = begin(doing_many.AT_ONCE + 1)
    job.person.user_permissions.clear()

    doing_many.work(at=NOON)

    job.refresh_from_db()
    assert job.ended_at == NOON
    assert set(Product.objects.values_list("state", flat=True)) == {"listed"}


def test_old_jobs_are_forgotten() -> None:
    job = begin(1)

    kept = doing_many.forget(at=NOON + timedelta(days=doing_many.KEPT_DAYS))
    gone = doing_many.forget(at=NOON + timedelta(days=doing_many.KEPT_DAYS, seconds=1))

    assert (kept, gone) == (0, 1)
    assert not BulkJob.objects.filter(pk=job.pk).exists()


# --- prices -----------------------------------------------------------------------------------------


def test_a_price_is_tested_with_the_rule_that_wins() -> None:
    shop = make_distributor()
    Level.objects.filter(pk=shop.level_id).update(fee_rate_bp=500)
    sku = make_sku(supply_price_fen=100_00, markup_fen=10_00)
    client = staff()
    of_shop = f"/admin/prices/test/?number={sku.sku_no}&distributor={shop.pk}"
    of_level = f"/admin/prices/test/?number={sku.product.item_no}&level={shop.level_id}"

    before = client.get(of_shop).context["tested"][0]
    shop.refresh_from_db()
    assortment.override_rate(product_pk=sku.product_id, level=shop.level, fee_rate_bp=250, at=NOON)
    after = client.get(of_shop).context["tested"][0]
    page = client.get(of_level)
    both = client.get(f"{of_shop}&level={shop.level_id}").context

    [offer] = offers.find([(shop.pk, sku.sku_no)]).values()
    assert before.price.agreement_price_fen == 115_50
    assert (after.price, after.price_version) == (offer.price, offer.price_version)
    assert after.price_version > before.price_version
    assert page.context["tested"][0].price == offer.price
    assert "单独费率 2.5 % 优先于等级费率 5 %" in page.content.decode()
    assert "tested" not in both


# --- allotments -------------------------------------------------------------------------------------


def test_allotments_are_changed_in_a_grid_cell_by_cell(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    rich, poor = make_sku(available=10), make_sku(available=3)
    one, two = make_distributor(), make_distributor()
    act: dict[str, Any] = {"then_pool": False, "actor": OPERATIONS, "at": NOON}
    stock.allot(sku_pk=rich.pk, distributor=one, quantity=4, **act)
    for _ in range(10):
        make_sku()
    client = staff("keep_stock")
    address = f"/admin/allotments/grid/?all=1&distributors={one.pk}&distributors={two.pk}"

    with django_assert_max_num_queries(MAX_QUERIES):
        page = client.get(address)
    # What one held was drawn from while the grid was looked at.
    stock.allot(sku_pk=rich.pk, distributor=one, quantity=3, **act)
    answer = client.post(
        address,
        {
            f"cell_{rich.pk}_{one.pk}": "6", f"was_{rich.pk}_{one.pk}": "4",
            f"cell_{rich.pk}_{two.pk}": "2", f"was_{rich.pk}_{two.pk}": "0",
            f"cell_{poor.pk}_{two.pk}": "4", f"was_{poor.pk}_{two.pk}": "0",
        },
    )  # fmt: skip

    held = {(a.sku_id, a.distributor_id): a.available for a in Allotment.objects.all()}
    assert [sku.pk for sku, _cells in page.context["rows"]][:2] == [rich.pk, poor.pk]
    assert answer.status_code == 409
    assert held.get((rich.pk, one.pk)) == 3
    assert held.get((rich.pk, two.pk)) == 2
    assert not held.get((poor.pk, two.pk))
    assert set(answer.context["refused"]) == {
        f"cell_{rich.pk}_{one.pk}",
        f"cell_{poor.pk}_{two.pk}",
    }
    assert Stock.objects.get(sku=rich).available == 5
    assert not Allotment.objects.get(sku=rich, distributor=one).then_pool


# --- freight ----------------------------------------------------------------------------------------


def test_every_province_stands_on_the_map_in_a_place_of_its_own() -> None:
    assert freight.PLACES.keys() == {name for _code, name, _english in PROVINCES}
    assert len(set(freight.PLACES.values())) == len(PROVINCES)


def test_the_map_and_the_test_box_show_the_rule_that_orders_are_charged_by() -> None:
    template = make_freight(first_fen=8_00, further_fen=2_00, regions=["广东省", "四川省/成都市"])
    template.rules.create(first_fen=20_00, further_fen=10_00)
    client = staff()
    address = f"/admin/freight-templates/{template.pk}/"

    page = client.get(address, {"region": "广东省", "quantity": "3"}).context
    far = client.get(address, {"region": "西藏自治区", "quantity": "3"}).context
    city = client.get(address, {"region": "四川省", "city": "成都市", "quantity": "1"}).context

    rules = {tile.region: tile.rule for tile in page["tiles"]}
    assert (rules["广东省"], rules["四川省"]) == (1, 0)
    assert [tile.region for tile in page["tiles"] if tile.has_cities] == ["四川省"]
    assert [c["charge_fen"] for c in (page, far, city)] == [12_00, 40_00, 8_00]


def test_a_template_is_kept_only_with_one_rule_for_everywhere_else() -> None:
    client = staff("edit_reference")
    values = {
        "name": "标准", "charge_by": "piece", "rules-TOTAL_FORMS": "2", "rules-INITIAL_FORMS": "0",
        "rules-0-regions": "广东、新疆", "rules-0-first_fen": "8.50", **FIRST,
    }  # fmt: skip
    rest = {key.replace("-0-", "-1-"): value for key, value in FIRST.items()}
    rest["rules-1-first_fen"] = "20"

    without = client.post("/admin/freight-templates/new/", {**values, "rules-TOTAL_FORMS": "1"})
    nowhere = client.post(
        "/admin/freight-templates/new/", {**values, **rest, "rules-1-regions": "月球"}
    )
    none = FreightTemplate.objects.count()
    client.post("/admin/freight-templates/new/", {**values, **rest})
    made = FreightTemplate.objects.get()
    client.post(
        f"/admin/freight-templates/{made.pk}/change/",
        {**values, **rest, "name": "新标准", "rules-0-DELETE": "on"},
    )
    theirs = make_freight()
    FreightTemplate.objects.filter(pk=theirs.pk).update(supplier=make_supplier())

    made.refresh_from_db()
    assert (without.status_code, nowhere.status_code, none) == (409, 422, 0)
    assert made.name == "新标准"
    assert [(rule.regions, rule.first_fen) for rule in made.rules.all()] == [([], 20_00)]
    assert client.get(f"/admin/freight-templates/{theirs.pk}/change/").status_code == 404
