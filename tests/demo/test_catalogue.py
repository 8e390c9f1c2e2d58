"""The goods of the demo: complete, told apart, and fit to be proposed."""

import io

import pytest
from PIL import Image

from demo import catalogue, drawing, tables
from supplychain import checking

GOODS = catalogue.read()


def test_there_are_two_hundred_goods_in_twelve_categories_of_seven_owners() -> None:
    assert len(GOODS) == 200
    assert len({goods.shelf.category for goods in GOODS}) == 12
    assert len({goods.shelf.owner for goods in GOODS}) == 7


def test_every_sku_has_a_number_of_its_own_and_a_price() -> None:
    variants = [variant for goods in GOODS for variant in goods.variants]

    assert len({variant.number for variant in variants}) == len(variants)
    assert all(variant.retail_price_fen > variant.supply_price_fen > 0 for variant in variants)


def test_details_pass_through_the_sanitiser_unchanged() -> None:
    for goods in GOODS:
        assert checking.sanitised(goods.detail_html) == goods.detail_html


def test_two_options_make_every_combination_with_the_price_of_the_last() -> None:
    line = "A1 | 被套 | 棉 | 件 | 南通 | 900g | 颜色[红,蓝]×尺码[S=59.00,M=62.50] | 软 | 面料:棉 | min=2"

    goods = catalogue.parse(GOODS[0].shelf, line)

    assert [(v.number, v.spec, v.supply_price_fen) for v in goods.variants] == [
        ("A1-01", {"颜色": "红", "尺码": "S"}, 59_00),
        ("A1-02", {"颜色": "红", "尺码": "M"}, 62_50),
        ("A1-03", {"颜色": "蓝", "尺码": "S"}, 59_00),
        ("A1-04", {"颜色": "蓝", "尺码": "M"}, 62_50),
    ]
    assert goods.rules == {"min": 2}


@pytest.mark.parametrize("fonts", [drawing.FONTS, ()], ids=["as installed", "without any font"])
def test_a_picture_is_drawn_with_and_without_a_chinese_font(
    fonts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "FONTS", fonts)
    drawing._font.cache_clear()

    drawn = drawing.draw(GOODS[0])

    for data in (drawn.front, drawn.card):
        assert Image.open(io.BytesIO(data)).size == (drawing.SIDE, drawing.SIDE)
    drawing._font.cache_clear()


def test_columns_stand_under_each_other_though_chinese_is_wider() -> None:
    assert tables.aligned([("茶", "1"), ("tea", "2")]) == ["茶   1", "tea  2"]
