"""A supplier's goods: submitting, changing, listing, and pictures."""

import re
from typing import Any

import msgspec
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from companies import policies
from kit.actors import OPERATIONS
from suppliers.models import Supplier
from supplychain import catalogue, checking, content, listing, reviewing, showing
from supplychain.models import Brand, Category, GoodsView, Picture, Product, ProductDraft, Revision
from tests.backoffice.reading_forms import form_values
from tests.factories import NOON, make_distributor, make_supplier
from tests.people import log_in, make_live_product, make_person, picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier(trusted=False)


@pytest.fixture
def client(supplier: Supplier) -> Client:
    catalogue.category("食品/茶叶")
    return log_in(make_person(supplier.company))


def typed(*skus: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the product form sends: a product with one sku, where nothing else is said."""
    rows = skus or ({"supply_price": "50"},)
    values: dict[str, Any] = {
        "owner_no": "TEA-1",
        "name": "西湖龙井",
        "category": "食品/茶叶",
        "unit": "盒",
        "allowed_applications": policies.APPLICATIONS,
        "skus-TOTAL_FORMS": str(len(rows)),
        "skus-INITIAL_FORMS": "0",
    }
    for place, row in enumerate(rows):
        values |= {f"skus-{place}-{name}": value for name, value in row.items()}
    return values | fields


def submit(client: Client, *skus: dict[str, Any], **fields: Any) -> Any:
    return client.post("/supplier/goods/new/", typed(*skus, **fields))


def upload(client: Client, data: bytes, role: str = "main") -> str:
    file = SimpleUploadedFile("tea.png", data, content_type="image/png")
    answer = client.post("/supplier/goods/pictures/", {"file": file, "role": role})
    return answer.content.decode()


def uid_in(tile: str) -> str:
    found = re.search(r'_pictures" value="([\w-]+)"', tile)
    assert found is not None, tile
    return found[1]


def errors_in(answer: Any) -> list[str]:
    return re.findall(r'class="(?:message )?error"[^>]*>([^<]+)<', answer.content.decode())


def approve_all() -> None:
    for revision in Revision.objects.filter(state="open"):
        reviewing.approve(revision_pk=revision.pk, actor=OPERATIONS, at=NOON)


def test_the_usual_product_needs_a_number_a_name_a_category_and_a_price(
    supplier: Supplier, client: Client
) -> None:
    answer = submit(client)

    product = supplier.products.get()
    proposed = content.from_json(product.revisions.get().proposed)
    assert answer.headers["location"] == "/supplier/goods/TEA-1/"
    assert (product.state, product.revisions.get().state) == ("draft", "open")
    assert (proposed.name, proposed.unit) == ("西湖龙井", "盒")
    assert proposed.allowed_applications is None
    [sku] = proposed.skus
    assert (sku.owner_no, sku.supply_price_fen, sku.spec) == ("TEA-1", 50_00, {})


def test_what_was_submitted_comes_back_as_it_was_and_submitting_it_again_changes_nothing(
    supplier: Supplier, client: Client
) -> None:
    brand = Brand.objects.create(code="b", name="龙井村")
    everything = {
        "supply_price": "128.50", "retail_price": "199", "barcode": "6901234567892",
        "weight_g": "250", "min_quantity": "2", "max_quantity": "20", "multiple": "2",
        "opening_stock": "30",
    }  # fmt: skip
    submit(
        client,
        everything,
        brand=brand.name,
        origin="杭州",
        aftersale_note="七天退换",
        ship_within_hours="24",
        detail="第一段\n<第二段>",
        regions_not_served=["台湾省", "香港特别行政区"],
        allowed_applications=["coupons"],
    )
    approve_all()
    live = content.of(supplier.products.get())
    page = client.get("/supplier/goods/TEA-1/change/").content.decode()

    again = client.post("/supplier/goods/TEA-1/change/", form_values(page))

    assert live is not None
    assert live.skus[0].supply_price_fen == 128_50
    assert live.allowed_applications == ("coupons",)
    assert live.regions_not_served == ("台湾省", "香港特别行政区")
    changes = content.difference(live, content.from_json(Revision.objects.latest("pk").proposed))
    assert again.status_code == 422, changes
    assert any("nothing would change" in error for error in errors_in(again))
    assert supplier.products.get().revisions.count() == 1


def test_a_product_grows_to_many_skus(supplier: Supplier, client: Client) -> None:
    submit(
        client,
        {"supply_price": "50", "value_0": "红", "value_1": "S"},
        {"supply_price": "51", "value_0": "红", "value_1": "M", "owner_no": "RED-M"},
        {"supply_price": "9", "value_0": "gone", "DELETE": "on"},
        several="on",
        spec_0="颜色",
        spec_1="尺码",
    )

    skus = content.from_json(supplier.products.get().revisions.get().proposed).skus
    assert [(sku.owner_no, sku.spec, sku.supply_price_fen) for sku in skus] == [
        ("TEA-1-1", {"颜色": "红", "尺码": "S"}, 50_00),
        ("RED-M", {"颜色": "红", "尺码": "M"}, 51_00),
    ]


@pytest.mark.parametrize(
    ("_case", "skus", "fields", "error"),
    [
        ("no name", [], {"name": ""}, "This field is required."),
        ("no price", [{"supply_price": ""}], {}, "This field is required."),
        ("a price of nothing", [{"supply_price": "0"}], {}, "0 is not from 1"),
        ("half a fen", [{"supply_price": "1.005"}], {}, "Write an amount"),
        ("an exponent", [{"supply_price": "1e3"}], {}, "Write an amount"),
        ("full-width digits", [{"supply_price": "１２"}], {}, "Write an amount"),
        ("no such category", [], {"category": "食品/星星"}, "There is no such category"),
        ("no such brand", [], {"brand": "无名"}, "There is no such brand"),
        ("a number with a blank", [], {"owner_no": "TEA 1"}, "is no item number"),
        (
            "two skus and no specification",
            [{"supply_price": "1"}, {"supply_price": "2"}],
            {},
            "Without specifications",
        ),
        (
            "one specification twice",
            [{"supply_price": "1", "value_0": "红"}, {"supply_price": "2", "value_0": "红"}],
            {"several": "on", "spec_0": "颜色"},
            "the same specification",
        ),
        (
            "a maximum below the minimum",
            [{"supply_price": "1", "min_quantity": "5", "max_quantity": "4"}],
            {},
            "nobody could order any",
        ),
        ("a picture that is none", [], {"main_pictures": ["x"]}, "There is no such picture"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_submitted(
    client: Client,
    _case: str,
    skus: list[dict[str, str]],
    fields: dict[str, Any],
    error: str,
) -> None:
    answer = submit(client, *skus, **fields)

    assert answer.status_code == 422
    assert any(error in shown for shown in errors_in(answer)), errors_in(answer)
    assert not Product.objects.exists()


def test_the_form_takes_as_many_skus_as_a_product_may_have(
    supplier: Supplier, client: Client
) -> None:
    empty = dict.fromkeys(("retail_price", "barcode", "weight_g", "owner_no", "value_1"), "")
    rows = [{"supply_price": "1", "value_0": f"色{n}", **empty} for n in range(checking.MAX_SKUS)]

    submit(client, *rows, several="on", spec_0="颜色")

    proposed = content.from_json(supplier.products.get().revisions.get().proposed)
    assert len(proposed.skus) == checking.MAX_SKUS


def test_a_number_that_is_taken_is_refused(supplier: Supplier, client: Client) -> None:
    submit(client)

    answer = submit(client, name="另一种茶")

    assert answer.status_code == 422
    assert supplier.products.count() == 1


def test_another_suppliers_picture_and_template_cannot_be_used(
    supplier: Supplier, client: Client
) -> None:
    other = make_supplier()
    theirs = log_in(make_person(other.company))
    foreign = uid_in(upload(theirs, picture("red")))
    template = other.freight_templates.create(name="别家")

    with_picture = submit(client, main_pictures=[foreign])
    with_template = submit(client, freight_template=str(template.pk))

    assert (with_picture.status_code, with_template.status_code) == (422, 422)
    assert "别家" not in with_template.content.decode()
    assert not supplier.products.exists()


def test_a_picture_is_stored_and_shown_and_stays_when_something_else_is_wrong(
    supplier: Supplier, client: Client
) -> None:
    uid = uid_in(upload(client, picture()))

    wrong = submit(client, name="", main_pictures=[uid]).content.decode()
    submit(client, main_pictures=[uid])

    assert uid in wrong
    stored = Picture.objects.get(supplier=supplier)
    assert client.get(stored.thumbnail.url).status_code == 200
    listed = client.get("/supplier/goods/").content.decode()
    assert stored.thumbnail.url in listed


@pytest.mark.parametrize(
    ("_case", "data", "reason"),
    [
        ("no picture", b"hello", "Only JPEG, PNG and WebP"),
        ("a script in disguise", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Only JPEG"),
        ("too large", b"\xff\xd8\xff" + b"0" * (5 * 1024 * 1024), "5242880 bytes"),
        ("half a picture", picture()[:200], "damaged"),
    ],
)
def test_an_upload_that_is_refused_says_why_and_stores_nothing(
    client: Client, _case: str, data: bytes, reason: str
) -> None:
    answer = upload(client, data)

    assert reason in answer
    assert "_pictures" not in answer
    assert not Picture.objects.exists()


def test_the_page_shows_what_is_live_what_waits_and_what_the_reviewers_said(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier, name="西湖龙井", price_fen=50_00)
    values = form_values(client.get(f"/supplier/goods/{product.item_no}/change/").content.decode())
    client.post(
        f"/supplier/goods/{product.item_no}/change/",
        values | {"name": "西湖龙井 礼盒", "skus-0-supply_price": "60"},
    )
    revision = product.revisions.get(state="open")
    reviewing.ask_for_change(revision_pk=revision.pk, note="请说明原因", actor=OPERATIONS, at=NOON)

    page = client.get(f"/supplier/goods/{product.item_no}/").content.decode()
    listed = client.get("/supplier/goods/", {"show": "sent_back"}).content.decode()

    for text in ("西湖龙井 礼盒", "¥50.00", "¥60.00", "+20.0 %", "请说明原因"):
        assert text in page
    assert product.item_no in listed
    assert "<b>1</b><span>Sent back by reviewers" in client.get("/supplier/").content.decode()


def test_a_change_that_waits_can_be_gone_on_with_or_taken_back(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier)
    path = f"/supplier/goods/{product.item_no}/"
    values = form_values(client.get(f"{path}change/").content.decode())
    client.post(f"{path}change/", values | {"name": "第一次"})
    again = form_values(client.get(f"{path}change/").content.decode())

    client.post(f"{path}change/", again | {"name": "第二次"})
    waiting = product.revisions.get(state="open").proposed["name"]
    client.post(f"{path}withdrawal/")

    assert (again["name"], waiting) == ("第一次", "第二次")
    assert not product.revisions.filter(state="open").exists()
    product.refresh_from_db()
    assert product.name == "西湖龙井"


def test_a_trusted_suppliers_change_is_live_at_once() -> None:
    supplier = make_supplier(trusted=True)
    catalogue.category("食品/茶叶")
    client = log_in(make_person(supplier.company))

    submit(client, {"supply_price": "50", "opening_stock": "7"})

    product = supplier.products.get()
    assert product.state == "listed"
    assert product.skus.get().stock.available == 7


def test_a_supplier_takes_its_product_off_sale_and_puts_it_back(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier)
    path = f"/supplier/goods/{product.item_no}/listing/"

    client.post(path, {"on_sale": "0"})
    off = supplier.products.get().state
    client.post(path, {"on_sale": "1"})

    assert (off, supplier.products.get().state) == ("delisted", "listed")


def test_what_the_platform_took_off_sale_stays_off(supplier: Supplier, client: Client) -> None:
    product = make_live_product(supplier)
    listing.delist_product(
        product_pk=product.pk, supplier=None, actor=OPERATIONS, at=NOON, reason="检测报告过期"
    )

    page = client.get(f"/supplier/goods/{product.item_no}/").content.decode()
    client.post(f"/supplier/goods/{product.item_no}/listing/", {"on_sale": "1"})

    assert "检测报告过期" in page
    assert supplier.products.get().state == "delisted"


def test_goods_are_found_by_a_part_of_name_or_number_and_pages_miss_none(
    supplier: Supplier, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.goods_list.PAGE", 2)
    made = [make_live_product(supplier, name=f"茶{n}") for n in range(5)]

    seen: list[str] = []
    for number in (1, 2, 3):
        page = client.get("/supplier/goods/", {"q": "茶", "page": number}).content.decode()
        seen += re.findall(r'href="/supplier/goods/(LIVE-\d+)/"', page)

    assert seen == [product.item_no for product in reversed(made)]
    found = client.get("/supplier/goods/", {"q": made[0].item_no.lower()}).content.decode()
    assert made[0].item_no in found


def test_names_are_shown_never_run(supplier: Supplier, client: Client) -> None:
    attack = "<script>alert(1)</script>"
    submit(client, name=attack, detail=f"<p>ok</p>{attack}<img src=x onerror=alert(1)>")
    approve_all()

    for path in ("/supplier/goods/", "/supplier/goods/TEA-1/", "/supplier/goods/TEA-1/change/"):
        assert attack not in client.get(path).content.decode()
    assert "onerror" not in supplier.products.get().detail_html


def test_a_half_filled_form_is_given_back_to_its_writer_alone_until_it_is_submitted(
    supplier: Supplier, client: Client
) -> None:
    colleague = log_in(make_person(supplier.company))
    half = typed({"supply_price": "9.5", "value_0": "红"}, name="白茶", several="on", spec_0="颜色")
    uid = uid_in(upload(client, picture()))

    kept = client.post("/supplier/goods/draft/", half | {"main_pictures": uid, "draft_of": ""})
    mine = client.get("/supplier/goods/new/").content.decode()
    theirs = colleague.get("/supplier/goods/new/").content.decode()
    client.post("/supplier/goods/new/", form_values(mine))
    after = client.get("/supplier/goods/new/").content.decode()

    assert kept.json()["said"].startswith("Draft saved ")
    assert "Restored from" in mine
    assert [text in mine for text in ("白茶", "9.5", "颜色", uid)] == [True] * 4
    assert "白茶" not in theirs + after
    [sku] = content.from_json(supplier.products.get().revisions.get().proposed).skus
    assert (sku.supply_price_fen, sku.spec) == (9_50, {"颜色": "红"})


def test_a_draft_of_a_known_product_says_when_that_changed_meanwhile_and_can_be_discarded(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier)
    path = f"/supplier/goods/{product.item_no}/change/"
    half = form_values(client.get(path).content.decode()) | {"name": "另一个名字"}
    client.post("/supplier/goods/draft/", half | {"draft_of": product.item_no})
    quiet = client.get(path).content.decode()
    Product.objects.filter(pk=product.pk).update(changed_at=timezone.now())

    warned = client.get(path).content.decode()
    client.post("/supplier/goods/draft/discard/", {"draft_of": product.item_no})
    discarded = client.get(path).content.decode()

    assert ["另一个名字" in page for page in (quiet, warned, discarded)] == [True, True, False]
    said = "The product has changed since"
    assert [said in page for page in (quiet, warned, discarded)] == [False, True, False]


def test_whoever_is_logged_out_is_told_so_and_no_draft_is_kept(client: Client) -> None:
    client.logout()

    answer = client.post("/supplier/goods/draft/", typed(), headers={"HX-Request": "true"})

    assert (answer.status_code, ProductDraft.objects.count()) == (204, 0)


def test_a_copy_has_the_same_content_under_a_new_number_and_no_stock(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier, name="西湖龙井", price_fen=50_00, stock=20)

    values = form_values(
        client.get("/supplier/goods/new/", {"copy": product.item_no}).content.decode()
    )
    without_number = client.post("/supplier/goods/new/", values)
    client.post("/supplier/goods/new/", values | {"owner_no": "COPY-1"})

    assert without_number.status_code == 422
    made = content.from_json(supplier.products.get(owner_no="COPY-1").revisions.get().proposed)
    original = content.of(product)
    assert original is not None
    assert (made.name, made.category_pk) == (original.name, original.category_pk)
    [sku] = made.skus
    assert (sku.owner_no, sku.supply_price_fen, sku.opening_stock) == ("COPY-1", 50_00, 0)


def test_many_goods_are_taken_off_put_back_and_copied_after_it_was_said_how_many(
    supplier: Supplier, client: Client
) -> None:
    first, second, third = (make_live_product(supplier) for _ in range(3))
    listing.delist_product(product_pk=third.pk, supplier=None, actor=OPERATIONS, at=NOON)
    chosen = {"of": [first.item_no, second.item_no, third.item_no], "query": "sort=name"}

    def do(verb: str, **fields: str) -> str:
        answer = client.post("/supplier/goods/bulk/", {"verb": verb, **chosen, **fields})
        return answer.content.decode()

    asked = do("delist")
    untouched = supplier.products.filter(state="listed").count()
    do("delist", sure="1", reason="换季")
    off = list(supplier.products.filter(state_reason="换季").values_list("state", flat=True))
    do("list", sure="1", all="1")
    do("copy", sure="1", ending="-B", category="食品/茶叶")
    again = client.post(
        "/supplier/goods/bulk/",
        {"verb": "copy", **chosen, "sure": "1", "ending": "-B"},
        follow=True,
    ).content.decode()

    assert "This will touch 2 products." in asked
    assert "1 is left as it is" in asked
    assert untouched == 2
    assert off == ["delisted", "delisted"]
    listed = set(supplier.products.filter(state="listed").values_list("pk", flat=True))
    assert listed == {first.pk, second.pk}
    copies = supplier.products.filter(owner_no__endswith="-B")
    assert copies.count() == 3
    assert "There is a product with the number" in again


def test_what_a_category_asks_for_is_inherited_reviewed_and_shown(
    supplier: Supplier, client: Client
) -> None:
    tea = Category.objects.get(path="食品/茶叶")
    assert tea.parent is not None
    months = tea.parent.attributes.create(name="保质期（月）", kind="number", required=True)
    season = tea.attributes.create(name="季节", kind="choice", choices=["春", "秋"])
    known = make_distributor()
    fields = client.get("/supplier/goods/attributes/", {"category": tea.path}).content.decode()

    missing = submit(client)
    wrong = submit(client, **{f"attribute_{months.pk}": "很久", f"attribute_{season.pk}": "夏"})
    submit(client, **{f"attribute_{months.pk}": "18", f"attribute_{season.pk}": "春"})
    waiting = client.get("/supplier/goods/TEA-1/").content.decode()
    approve_all()

    assert fields.index("保质期（月）") < fields.index("季节")
    assert "This field is required." in errors_in(missing)
    assert len(errors_in(wrong)) >= 2
    assert "保质期（月）: 18" in waiting
    [document] = showing.in_full(["TEA-1"], known).values()
    assert document["attributes"] == {"保质期（月）": "18", "季节": "春"}


def test_what_is_asked_for_later_does_not_stop_a_price_but_the_next_new_answer(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier, price_fen=50_00)
    Category.objects.get(path="食品/茶叶").attributes.create(name="产地", required=True)
    live = content.of(product)
    assert live is not None
    common: dict[str, Any] = {
        "product_pk": product.pk, "supplier": supplier, "actor": OPERATIONS, "at": NOON,
    }  # fmt: skip

    cheaper = msgspec.structs.replace(live.skus[0], supply_price_fen=49_00)
    cut = reviewing.propose_change(content=msgspec.structs.replace(live, skus=(cheaper,)), **common)
    with pytest.raises(checking.ContentRefused) as refused:
        reviewing.propose_change(
            content=msgspec.structs.replace(live, attributes={"颜色": "绿"}), **common
        )

    assert cut.state == "applied"
    codes = {cause.code for cause in refused.value.causes}
    assert codes == {"attribute_missing", "attribute_unknown"}
    assert product.revisions.count() == 2


def test_goods_are_narrowed_sorted_and_found_again_by_a_view_of_ones_own(
    supplier: Supplier, client: Client
) -> None:
    few, many = make_live_product(supplier, stock=3), make_live_product(supplier, stock=300)
    listing.delist_product(product_pk=many.pk, supplier=supplier, actor=OPERATIONS, at=NOON)
    uid = uid_in(upload(client, picture()))
    submit(client, owner_no="SHOWN", main_pictures=[uid])

    def found(query: str) -> list[str]:
        page = client.get(f"/supplier/goods/{query}", follow=True).content.decode()
        return re.findall(r'href="/supplier/goods/((?:LIVE-\d+|SHOWN))/"', page)

    save = {"name": "缺货", "query": "low=1&sort=stock&nonsense=1", "is_default": "1"}
    client.post("/supplier/goods/views/", save)
    view = GoodsView.objects.get()

    assert found("?show=all&sort=stock")[-2:] == [few.item_no, many.item_no]
    assert found("?low=1") == [few.item_no]
    assert set(found("?bare=1")) == {few.item_no, many.item_no}
    assert found("?show=delisted&bare=1") == [many.item_no]
    assert found(f"?q={few.skus.get().sku_no.lower()}") == [few.item_no]
    assert found(f"?category={few.category.code}&show=draft") == ["SHOWN"]
    assert view.query == "low=1&sort=stock"
    assert found("") == [few.item_no]
    colleague = log_in(make_person(supplier.company))
    assert colleague.get("/supplier/goods/").status_code == 200
    assert colleague.post(f"/supplier/goods/views/{view.pk}/deletion/").status_code == 404
    client.post(f"/supplier/goods/views/{view.pk}/deletion/")
    assert not GoodsView.objects.exists()


def test_everything_is_shown_side_by_side_with_what_changes_marked(
    supplier: Supplier, client: Client
) -> None:
    product = make_live_product(supplier, name="西湖龙井", price_fen=50_00)
    path = f"/supplier/goods/{product.item_no}/"
    values = form_values(client.get(f"{path}change/").content.decode())
    client.post(f"{path}change/", values | {"name": "西湖龙井 礼盒"})

    rows = client.get(path).content.decode().partition("Everything side by side")[2]

    assert rows.count("<tr") > rows.count('<tr class="differs"') == 1
    assert "¥50.00" in rows


def test_a_preview_shows_what_distributors_will_get(client: Client) -> None:
    attack = "<p>好茶</p><script>alert(1)</script><img src=x onerror=alert(1)>"

    page = client.post("/supplier/goods/preview/", {"detail": attack}).content.decode()

    assert "<p>好茶</p>" in page
    assert "script" not in page
    assert "onerror" not in page
