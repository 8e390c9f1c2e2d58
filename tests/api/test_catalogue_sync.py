"""A copy of the catalogue is made once and kept: nothing lost, nothing twice, whatever changes."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.storage import storages
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from distributors import levels
from integration import outbox
from integration.outbox import Message
from kit.actors import OPERATIONS
from supplychain import (
    assortment,
    exporting,
    following,
    freezing,
    listing,
)
from supplychain.models import (
    Brand,
    CatalogueExport,
    ExportState,
    Limit,
    Product,
    Sku,
    Stock,
)
from tests.api.signed import Shop
from tests.factories import (
    NOON,
    make_category,
    make_distributor,
    make_product,
    make_sku,
    make_supplier,
)

LATE = datetime(2100, 1, 1, tzinfo=UTC)


def make_many(count: int) -> list[Product]:
    """Listed products with a sku each."""
    category = make_category()
    products = [
        Product(
            item_no=f"MANY-{number}",
            owner_no=f"MANY-{number}",
            name=f"商品{number}",
            category=category,
            created_at=NOON,
            changed_at=NOON,
        )
        for number in range(count)
    ]
    for product in products:
        product.list()
    Product.objects.bulk_create(products)
    version = levels.next_price_version()
    skus = Sku.objects.bulk_create(
        Sku(
            product=product,
            sku_no=product.item_no,
            owner_no=product.item_no,
            supply_price_fen=50_00,
            price_version=version,
        )
        for product in products
    )
    Stock.objects.bulk_create(Stock(sku=sku, available=9) for sku in skus)
    return products


def walk(shop: Shop) -> dict[str, Any]:
    """Every product that a shop sees, by number."""
    found: dict[str, Any] = {}
    query = ""
    while True:
        page = shop.get(f"/products?limit=200{query}").json()
        found |= {item["item_no"]: item for item in page["items"]}
        if page["next"] is None:
            return found
        query = f"&after={page['next']}"


def position(shop: Shop) -> int:
    """Where the feed of changes stands."""
    latest: int = shop.get("/products/changes?limit=1").json()["latest"]
    return latest


def told(shop: Shop, after: int) -> list[tuple[str, str | None]]:
    """Kind and number of everything a shop is told past a position."""
    page = shop.get(f"/products/changes?after={after}").json()
    assert page["next"] is None
    for item in page["items"]:
        gone = item["item_no"] is None or item["kind"] == "delisted"
        assert (item["product"] is None) == gone
    return [(item["kind"], item["item_no"]) for item in page["items"]]


def apply_changes(copy: dict[str, Any], shop: Shop, after: int) -> None:
    """What an integrator does with the feed, page by page."""
    while True:
        page = shop.get(f"/products/changes?after={after}&limit=2").json()
        for item in page["items"]:
            if item["product"] is None:
                copy.pop(item["item_no"], None)
            else:
                copy[item["item_no"]] = item["product"]
        after = page["position"]
        if page["next"] is None:
            return


def test_a_walk_while_goods_change_loses_none_and_shows_none_twice(shop: Shop) -> None:
    products = make_many(300)
    numbers: list[str] = []
    query, costs = "", []

    while True:
        with CaptureQueriesContext(connection) as queries:
            page = shop.get(f"/products?limit=40{query}").json()
        costs.append(len(queries))
        numbers += [item["item_no"] for item in page["items"]]
        if page["next"] is None:
            break
        query = f"&after={page['next']}"
        read, unread = numbers[len(costs)], products[299 - len(costs)]
        Product.objects.filter(item_no=read).update(name="新名", version=9, changed_at=NOON)
        listing.delist_product(
            product_pk=unread.pk, supplier=None, actor=OPERATIONS, at=timezone.now()
        )
        make_sku()

    gone = set(Product.objects.filter(state="delisted").values_list("item_no", flat=True))
    assert len(numbers) == len(set(numbers))
    assert {product.item_no for product in products} - gone <= set(numbers)
    # Every page costs the same, but for the first, which meets empty caches.
    assert max(costs[1:]) == min(costs[1:]) <= costs[0]


def test_each_change_is_told_once_as_what_it_is(shop: Shop) -> None:
    supplier, brand = make_supplier(), Brand.objects.create(code="b-1", name="云上茶")
    tea = make_sku(product=make_product(supplier=supplier, brand=brand))
    number, level = tea.product.item_no, shop.distributor.level
    at = timezone.now()

    def change_state(**supplier_state: str) -> None:
        [act] = supplier_state.values()
        getattr(supplier, act)()
        supplier.save()

    acts: list[tuple[Any, list[tuple[str, str | None]]]] = [
        (
            lambda: assortment.set_markup(sku_pk=tea.pk, markup_fen=7, at=at),
            [("price", number)],
        ),
        (
            lambda: assortment.override_rate(
                product_pk=tea.product_id, level=level, fee_rate_bp=1, at=at
            ),
            [("price", number)],
        ),
        (
            lambda: freezing.freeze_sku(sku_pk=tea.pk, reason="", at=at),
            [("updated", number)],
        ),
        (
            lambda: listing.delist_product(
                product_pk=tea.product_id, supplier=None, actor=OPERATIONS, at=at
            ),
            [("delisted", number)],
        ),
        (
            lambda: listing.list_product(
                product_pk=tea.product_id, supplier=None, actor=OPERATIONS, at=at
            ),
            [("listed", number)],
        ),
        (lambda: change_state(act="suspend"), [("delisted", number)]),
        (lambda: change_state(act="resume"), [("listed", number)]),
        (lambda: Brand.objects.update(name="云下茶"), [("updated", number)]),
        (
            lambda: assortment.open_to(
                product_pk=tea.product_id, distributor_pks=[make_distributor().pk], at=at
            ),
            [("delisted", number)],
        ),
        (
            lambda: assortment.open_to_everyone(product_pk=tea.product_id, at=at),
            [("listed", number)],
        ),
        (
            lambda: levels.define(
                code=level.code, name=level.name, rank=level.rank, fee_rate_bp=700, at=at
            ),
            [("catalogue_prices", None)],
        ),
        (
            lambda: assortment.limit(
                distributor_pk=shop.distributor.pk,
                category_pks=[make_category("家居").pk],
                brand_pks=[],
                at=at,
            ),
            [("catalogue", None)],
        ),
        (lambda: make_sku(product=make_product(listed=False)), []),
    ]

    for act, expected in acts:
        before = position(shop)
        act()

        assert told(shop, before) == expected


def test_others_are_told_nothing_of_what_they_never_saw(shop: Shop) -> None:
    chosen, limited = Shop(), Shop()
    other = make_category("家居")
    Limit.objects.create(distributor=limited.distributor, category=other)
    tea = make_sku(product=make_product(chosen_only=True))
    before = position(shop)

    assortment.open_to(product_pk=tea.product_id, distributor_pks=[chosen.distributor.pk], at=NOON)
    opened = [told(one, before) for one in (chosen, shop, limited)]
    middle = position(shop)
    assortment.open_to(product_pk=tea.product_id, distributor_pks=[], at=NOON)
    closed = [told(one, middle) for one in (chosen, shop, limited)]
    soap = make_sku(product=make_product(category=other))
    later = position(shop)
    Product.objects.filter(pk=soap.product_id).update(category=make_category(), version=2)
    moved = told(limited, later)

    assert opened == [[("listed", tea.product.item_no)], [], []]
    assert closed == [[("delisted", tea.product.item_no)], [], []]
    assert moved == [("delisted", soap.product.item_no)]


def test_a_change_that_is_committed_after_a_later_one_is_told_after_it(shop: Shop) -> None:
    slow, quick = make_sku(), make_sku()
    before = position(shop)
    other = connection.copy()

    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "UPDATE supplychain_product SET name = '慢', version = 2 WHERE id = %s",
            [slow.product_id],
        )
        assortment.set_markup(sku_pk=quick.pk, markup_fen=5, at=NOON)
        first = told(shop, before)
        middle = position(shop)
        cursor.execute("COMMIT")
    other.close()
    second = told(shop, middle)

    assert first == [("price", quick.product.item_no)]
    assert second == [("updated", slow.product.item_no)]
    assert position(shop) == before + 2


def test_a_level_change_is_one_change_whatever_the_goods_and_every_price_is_newer(
    shop: Shop,
) -> None:
    make_many(5)
    level, old = shop.distributor.level, walk(shop)
    before = position(shop)

    levels.define(code=level.code, name=level.name, rank=level.rank, fee_rate_bp=1_000, at=NOON)

    assert told(shop, before) == [("catalogue_prices", None)]
    for number, product in walk(shop).items():
        [sku], [sku_before] = product["skus"], old[number]["skus"]
        assert (sku["agreement_price_fen"], sku_before["agreement_price_fen"]) == (55_00, 52_50)
        assert sku["price_version"] > sku_before["price_version"]


def test_a_position_that_is_too_old_or_none_of_ours_is_refused(shop: Shop) -> None:
    make_many(3)
    newest = position(shop)

    following.forget(at=LATE)
    old = shop.get("/products/changes?after=1")
    unknown = shop.get(f"/products/changes?after={newest + 1}")
    kept = shop.get(f"/products/changes?after={newest}").json()
    from_the_start = shop.get("/products/changes").json()

    assert [old.status_code, unknown.status_code] == [410, 410]
    assert old.json()["code"] == "changes_not_kept"
    assert (
        kept
        == from_the_start
        == {
            "items": [],
            "next": None,
            "position": newest,
            "latest": newest,
        }
    )


def test_file_and_feeds_together_lose_nothing(shop: Shop) -> None:
    products = make_many(12)
    hidden = make_sku(product=make_product(chosen_only=True)).product.item_no
    other = connection.copy()

    with other.cursor() as cursor:
        # Begun before the file is written, committed after it.
        cursor.execute("BEGIN")
        cursor.execute("UPDATE supplychain_product SET name = '慢', version = 2 WHERE id = %s",
                       [products[3].pk])  # fmt: skip
        asked = shop.post("/catalogue/exports", {})
        export_id = asked.json()["export_id"]
        early = shop.get(f"/catalogue/exports/{export_id}/file")
        exporting.write_due(at=timezone.now())
        cursor.execute("COMMIT")
    other.close()
    ready = shop.get(f"/catalogue/exports/{export_id}").json()
    listing.delist_product(
        product_pk=products[5].pk, supplier=None, actor=OPERATIONS, at=timezone.now()
    )
    assortment.set_markup(sku_pk=products[7].skus.get().pk, markup_fen=100, at=timezone.now())
    make_sku()
    answer = shop.get(f"/catalogue/exports/{export_id}/file")
    lines = gzip.decompress(b"".join(answer.streaming_content)).decode().splitlines()
    copy = {item["item_no"]: item for item in map(json.loads, lines)}
    in_file = dict(copy)

    apply_changes(copy, shop, ready["changes_after"])

    assert (asked.status_code, early.status_code) == (201, 409)
    assert (ready["state"], ready["written"]) == ("ready", 12)
    assert in_file.keys() == {product.item_no for product in products}
    assert hidden not in in_file
    assert in_file["MANY-3"]["name"] == "商品3"
    assert copy == walk(shop)
    assert copy["MANY-3"]["name"] == "慢"


def test_a_file_says_where_the_events_go_on(shop: Shop) -> None:
    partner = shop.distributor.partner_id
    exporting_to = shop.post("/catalogue/exports", {"in_full": True}).json()["export_id"]
    tea = make_sku(product=make_product(detail_html="<p>明前</p>"))
    tell(partner, tea.sku_no)

    exporting.write_due(at=timezone.now())
    tell(partner, "LATER")

    ready = shop.get(f"/catalogue/exports/{exporting_to}").json()
    events = shop.get(f"/events?after={ready['events_after']}").json()["items"]
    [line] = gzip.decompress(
        b"".join(shop.get(f"/catalogue/exports/{exporting_to}/file").streaming_content)
    ).splitlines()
    assert [event["data"] for event in events] == [{"sku_no": "LATER"}]
    assert json.loads(line) == shop.get(f"/products/{tea.product.item_no}").json()


def tell(partner_pk: int, sku_no: str) -> None:
    """An event, committed."""
    with transaction.atomic():
        outbox.record(
            [Message(partner_pk, "stock.changed", sku_no, 1, {"sku_no": sku_no})], at=NOON
        )


def test_one_file_is_under_way_at_a_time_and_nobody_else_sees_it(shop: Shop) -> None:
    make_sku()
    first = shop.post("/catalogue/exports", {})
    again = shop.post("/catalogue/exports", {})
    exporting.write_due(at=timezone.now())
    fresh = shop.post("/catalogue/exports", {})
    target = f"/catalogue/exports/{first.json()['export_id']}"
    tag = shop.get(f"{target}/file")["ETag"]

    unchanged = shop.get(f"{target}/file", headers={"If-None-Match": tag})
    foreign = [Shop().get(target), Shop().get(f"{target}/file")]

    assert [a.status_code for a in (first, again, fresh)] == [201, 200, 200]
    assert again["Idempotent-Replayed"] == "true"
    assert first.json()["export_id"] == again.json()["export_id"] == fresh.json()["export_id"]
    assert unchanged.status_code == 304
    assert [answer.status_code for answer in foreign] == [404, 404]
    assert CatalogueExport.objects.count() == 1


def test_a_file_is_deleted_when_its_days_are_over(shop: Shop) -> None:
    target = f"/catalogue/exports/{shop.post('/catalogue/exports', {}).json()['export_id']}"
    at = timezone.now()
    exporting.write_due(at=at)
    path = CatalogueExport.objects.get().file

    kept = exporting.forget(at=at + timedelta(days=6))
    deleted = exporting.forget(at=at + timedelta(days=8))

    assert (kept, deleted) == (0, 1)
    assert not storages[exporting.STORAGE].exists(path)
    assert shop.get(target).json()["state"] == "expired"
    assert shop.get(f"{target}/file").json()["code"] == "export_not_ready"


def test_a_file_whose_writer_died_is_written_by_another_and_given_up_in_the_end(
    shop: Shop,
) -> None:
    make_sku()
    attempts = {
        exporting.MAX_ATTEMPTS - 1: ExportState.READY,
        exporting.MAX_ATTEMPTS: ExportState.FAILED,
    }

    for tried, outcome in attempts.items():
        export, _new = exporting.ask(distributor=shop.distributor, in_full=bool(tried % 2), at=NOON)
        died = CatalogueExport.objects.filter(pk=export.pk)
        died.update(state=ExportState.RUNNING, attempts=tried, claimed_until=LATE)

        assert exporting.write_due(at=NOON) == 0
        assert exporting.write_due(at=LATE) == 1
        assert died.get().state == outcome
        assert exporting.write_due(at=LATE) == 0


def test_lists_that_have_not_changed_are_answered_without_a_body(shop: Shop) -> None:
    make_many(3)
    Brand.objects.create(code="b-1", name="云上茶")
    targets = ["/products?limit=2", "/categories?limit=1", "/brands"]
    tags = [shop.get(target)["ETag"] for target in targets]

    same = [
        shop.get(t, headers={"If-None-Match": tag}) for t, tag in zip(targets, tags, strict=True)
    ]
    Stock.objects.update(available=3)
    changed = shop.get(targets[0], headers={"If-None-Match": tags[0]})

    assert [(answer.status_code, answer.content) for answer in same] == [(304, b"")] * 3
    assert changed.status_code == 200
