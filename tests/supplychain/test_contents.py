"""What a product may say: each value checked, read strictly, and shown as a difference."""

import msgspec
import pytest

from supplychain import checking, content
from supplychain.content import ChangeKind, SkuContent
from supplychain.models import Product
from tests.factories import (
    make_category,
    make_freight,
    make_picture,
    make_product,
    make_sku,
    make_supplier,
)
from tests.supplychain.proposals import make_content, propose, sku_content

pytestmark = pytest.mark.django_db


# --- what a content may be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"name": ""}, "/name", "text_invalid"),
        ({"name": "茶\n叶"}, "/name", "text_invalid"),
        ({"name": "茶" * 121}, "/name", "text_invalid"),
        ({"category_pk": 0}, "/category_pk", "category_unknown"),
        ({"brand_pk": 0}, "/brand_pk", "brand_unknown"),
        ({"freight_template_pk": 0}, "/freight_template_pk", "freight_template_unknown"),
        ({"ship_within_hours": 0}, "/ship_within_hours", "value_out_of_range"),
        ({"allowed_applications": ("group_buying",)}, "/allowed_applications/0", "application_unknown"),
        ({"regions_not_served": ("西藏", "亚特兰蒂斯")}, "/regions_not_served/1", "region_unknown"),
        ({"main_pictures": ("nothing",)}, "/main_pictures/0", "picture_unknown"),
        ({"detail_html": "x" * 100_001}, "/detail_html", "html_too_long"),
        ({"skus": ()}, "/skus", "sku_missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_product_is_named_field_by_field(
    fields: dict[str, object], pointer: str, code: str
) -> None:
    whole = msgspec.structs.replace(make_content(), **fields)

    with pytest.raises(checking.ContentRefused) as refusal:
        propose(None, whole)

    assert [(cause.pointer, cause.code) for cause in refusal.value.causes] == [(pointer, code)]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"owner_no": "=A1"}, "/skus/0/owner_no", "number_invalid"),
        ({"supply_price_fen": 0}, "/skus/0/supply_price_fen", "value_out_of_range"),
        ({"supply_price_fen": 10_000_000_01}, "/skus/0/supply_price_fen", "value_out_of_range"),
        ({"retail_price_fen": 0}, "/skus/0/retail_price_fen", "value_out_of_range"),
        ({"min_quantity": 0}, "/skus/0/min_quantity", "value_out_of_range"),
        ({"min_quantity": 3, "max_quantity": 2}, "/skus/0/max_quantity", "quantity_rule_invalid"),
        ({"multiple": 6, "max_quantity": 5}, "/skus/0/max_quantity", "quantity_rule_invalid"),
        ({"weight_g": -1}, "/skus/0/weight_g", "value_out_of_range"),
        ({"opening_stock": -1}, "/skus/0/opening_stock", "value_out_of_range"),
        ({"spec": {"颜色": ""}}, "/skus/0/spec", "spec_invalid"),
        ({"barcode": "6" * 33}, "/skus/0/barcode", "text_invalid"),
    ],
)
def test_what_is_wrong_with_a_sku_is_named_field_by_field(
    fields: dict[str, object], pointer: str, code: str
) -> None:
    whole = make_content(skus=(msgspec.structs.replace(sku_content(), **fields),))

    with pytest.raises(checking.ContentRefused) as refusal:
        propose(None, whole)

    assert [(cause.pointer, cause.code) for cause in refusal.value.causes] == [(pointer, code)]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (sku_content("RED", spec={"颜色": "蓝"}), "sku_repeated"),
        (sku_content("BLUE", spec={"颜色": "红"}), "spec_repeated"),
    ],
)
def test_skus_of_a_product_differ_in_number_and_specification(
    second: SkuContent, code: str
) -> None:
    whole = make_content(skus=(sku_content("RED", spec={"颜色": "红"}), second))

    with pytest.raises(checking.ContentRefused) as refusal:
        propose(None, whole)

    assert {cause.code for cause in refusal.value.causes} == {code}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(checking.ContentRefused) as refusal:
        propose(None, make_content(name="", skus=(sku_content(supply_price_fen=0),)))

    assert [cause.pointer for cause in refusal.value.causes] == [
        "/name",
        "/skus/0/supply_price_fen",
    ]


def test_freight_templates_and_pictures_of_others_do_not_exist() -> None:
    mine, other = make_supplier(), make_supplier()
    whole = make_content(
        freight_template_pk=make_freight().pk, main_pictures=(str(make_picture(other).uid),)
    )

    with pytest.raises(checking.ContentRefused) as refusal:
        propose(mine, whole)

    assert [cause.code for cause in refusal.value.causes] == [
        "freight_template_unknown",
        "picture_unknown",
    ]


def test_texts_are_trimmed_and_regions_go_by_their_full_names() -> None:
    revision = propose(None, make_content(name=" 龙井茶 ", regions_not_served=("西藏", "新疆")))

    product = revision.product
    assert product.name == "龙井茶"
    assert product.regions_not_served == ["西藏自治区", "新疆维吾尔自治区"]


@pytest.mark.parametrize(
    ("html", "stored"),
    [
        ("<p onclick='x()'>好茶<script>x()</script></p>", "<p>好茶</p>"),
        ("<img src='/media/pictures/ab/cd/abcd.jpg'>", '<img src="/media/pictures/ab/cd/abcd.jpg">'),
        ("<img src='//elsewhere.test/spy.jpg'>", ""),
        ("<img src='/media/pictures/../../admin.jpg'>", ""),
        ("<img src='data:image/svg+xml,x'>", ""),
        ("<a href='javascript:x()'>点这里</a>", "点这里"),
        ("<p style='background:url(//elsewhere.test)'>茶</p>", "<p>茶</p>"),
        ("<svg><script>x()</script></svg><iframe src='/'></iframe>", ""),
        ("<form action='/'><input name='a'></form>茶\x00", "茶"),
    ],
)  # fmt: skip
def test_details_show_text_and_our_own_pictures_and_nothing_else(html: str, stored: str) -> None:
    revision = propose(None, make_content(detail_html=html))

    assert revision.product.detail_html == stored


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"name": "茶", "category_pk": 1}, ""),
        ({"name": "茶", "category_pk": 1, "skus": [], "colour": 1}, ""),
        ({"name": "茶", "category_pk": "1", "skus": []}, "/category_pk"),
        ({"name": "茶", "category_pk": 1, "skus": [{"owner_no": "A", "supply_price_fen": 1.5}]},
         "/skus/0/supply_price_fen"),
    ],
)  # fmt: skip
def test_plain_values_are_read_strictly(value: object, pointer: str) -> None:
    with pytest.raises(content.ContentMalformed) as refusal:
        content.from_json(value)

    assert refusal.value.pointer == pointer


# --- the difference ---------------------------------------------------------------------------------


def test_the_difference_names_what_a_reviewer_must_see() -> None:
    tea, coffee = make_category("食品/茶叶"), make_category("食品/咖啡")
    red, blue = sku_content("RED", spec={"颜色": "红"}), sku_content("BLUE", spec={"颜色": "蓝"})
    live = make_content(category_pk=tea.pk, skus=(red, blue))
    dearer = msgspec.structs.replace(red, supply_price_fen=56_25, spec={"颜色": "朱红"})
    green = sku_content("GREEN", spec={"颜色": "绿"})

    changes = content.difference(
        live, make_content(category_pk=coffee.pk, name="咖啡", skus=(dearer, green))
    )

    rows = [(c.field, c.kind, c.old, c.new, c.percent) for c in changes]
    assert rows == [
        ("/name", ChangeKind.TEXT, "龙井茶", "咖啡", ""),
        ("/category_pk", ChangeKind.TEXT, "食品/茶叶", "食品/咖啡", ""),
        ("/skus/RED/spec", ChangeKind.TEXT, "颜色: 红", "颜色: 朱红", ""),
        ("/skus/RED/supply_price_fen", ChangeKind.MONEY, 50_00, 56_25, "+12.5 %"),
        ("/skus/GREEN", ChangeKind.SKU_ADDED, None, green, ""),
        ("/skus/BLUE", ChangeKind.SKU_REMOVED, blue, None, ""),
    ]


def test_the_difference_of_a_new_product_is_all_that_it_says() -> None:
    changes = content.difference(None, make_content(unit="盒", regions_not_served=("西藏自治区",)))

    assert [(c.field, c.old) for c in changes] == [
        ("/name", ""),
        ("/category_pk", ""),
        ("/unit", ""),
        ("/regions_not_served", []),
        ("/skus/TEA-250", None),
    ]


def test_equal_contents_have_no_difference_and_an_order_of_skus_is_one() -> None:
    red, blue = sku_content("RED", spec={"颜色": "红"}), sku_content("BLUE", spec={"颜色": "蓝"})
    live = make_content(skus=(red, blue))

    [moved] = content.difference(live, make_content(skus=(blue, red)))

    assert content.difference(live, make_content(skus=(red, blue))) == []
    assert (moved.kind, moved.new) == (ChangeKind.SKU_ORDER, ["BLUE", "RED"])


def test_what_is_live_of_a_product_is_read_as_it_was_written() -> None:
    whole = make_content(
        skus=(sku_content(spec={"规格": "250g"}, retail_price_fen=99_00, max_quantity=20),),
        freight_template_pk=make_freight().pk,
        allowed_applications=("ordinary_sale",),
        ship_within_hours=24,
    )

    revision = propose(None, whole)

    assert content.of(revision.product) == whole
    assert content.from_json(content.to_json(whole)) == whole
    assert content.of(make_product()) is None
    assert content.of(make_sku().product) is not None
