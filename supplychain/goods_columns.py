"""The columns that a sheet of goods may have: how they are called, and what stands in their cells."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from supplychain import catalogue, checking, sheet_cells
from supplychain.sheets import Columns

# What a specification without a name is called.
UNNAMED_SPEC = "规格"
# Headings that are understood. The English ones are the names in SPEC §12.
HEADINGS = {
    "item_no": "货号",
    "name": "商品名称",
    "category": "分类",
    "brand": "品牌",
    "unit": "单位",
    "origin": "产地",
    "attributes": "属性",
    "images": "图片",
    "listed": "上架",
    "sku_no": "规格编码",
    "spec": "规格",
    "barcode": "条码",
    "supply_price": "供货价",
    "supply_price_fen": "供货价(分)",
    "retail_price": "建议零售价",
    "retail_price_fen": "建议零售价(分)",
    "stock": "库存",
    "stock_before": "导出时库存",
    "min_quantity": "起售数",
    "max_quantity": "限购数",
    "multiple": "倍数",
    "weight_g": "重量(克)",
}
# What else they are called, as `_plain` leaves of them.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "item_no": ("商品货号", "商品编码", "商品编号", "款号", "货品编码", "spu编码"),
    "name": ("名称", "品名", "商品名", "商品标题", "标题"),
    "category": ("类目", "商品分类", "商品类目", "品类", "分类路径"),
    "brand": ("商品品牌", "品牌名称"),
    "unit": ("计量单位", "销售单位"),
    "origin": ("原产地", "产地城市"),
    "attributes": ("商品属性", "类目属性", "参数"),
    "images": ("主图", "商品图片", "商品主图", "图片名称", "图片文件名"),
    "listed": ("是否上架", "上架状态"),
    "sku_no": ("sku", "sku编码", "sku货号", "规格货号", "规格编号", "商家编码", "单品编码"),
    "spec": ("规格属性", "规格值", "商品规格", "规格型号"),
    "barcode": ("条形码", "商品条码", "69码", "国际条码"),
    "supply_price": ("供货价元", "供货单价", "供价", "结算价", "成本价", "进货价"),
    "retail_price": ("建议零售价元", "零售价", "建议售价", "市场价", "吊牌价"),
    "stock": ("库存数量", "库存数", "可用库存", "现货库存"),
    "min_quantity": ("起订量", "起批量", "最小起订量", "起售数量"),
    "max_quantity": ("限购", "限购数量"),
    "multiple": ("购买倍数", "倍数购买"),
    "weight_g": ("重量", "重量g", "毛重克", "克重"),
}
COLUMNS = Columns(
    names={name: name for name in HEADINGS} | {text: name for name, text in HEADINGS.items()},
    required=[
        ("item_no",),
        ("name",),
        ("category",),
        ("sku_no",),
        ("supply_price_fen", "supply_price"),
    ],
)
PRODUCT_COLUMNS = (
    "name", "category", "brand", "unit", "origin", "attributes", "images", "listed",
)  # fmt: skip
# The columns of a sku, by its field where the names differ.
FIELDS = {
    "supply_price": "supply_price_fen",
    "retail_price": "retail_price_fen",
    "stock": "opening_stock",
    "sku_no": "owner_no",
}


def meant(heading: str) -> str:
    """Return the column that a heading most likely means; empty where it is none of ours."""
    return _BY_NAME.get(_plain(heading), "")


def _plain(heading: str) -> str:
    """Return what counts of a heading: marks, brackets and blanks do not."""
    return re.sub(r"[^\w]+", "", heading).casefold()


_BY_NAME = {
    _plain(text): column
    for column, text in HEADINGS.items()
    for text in (column, text, *ALIASES.get(column, ()))
}


def _owner_no(cell: Any) -> str:
    return checking.check_owner_no(sheet_cells.text(cell))


def _category(cell: Any) -> str:
    return "/".join(catalogue.tidy_path(sheet_cells.text(cell)))


def _brand(cell: Any) -> str:
    return catalogue.tidy_brand(sheet_cells.text(cell))


def _names(cell: Any) -> tuple[str, ...]:
    """Read file names separated by semicolons, or a list of them."""
    if isinstance(cell, list):
        return tuple(name for name in map(sheet_cells.text, cell) if name)
    return tuple(sheet_cells.parts(cell))


def _spec(cell: Any) -> dict[str, str]:
    """Read `颜色:红;尺码:XL`, a value without a name, or an object."""
    if not isinstance(cell, dict):
        parts = sheet_cells.parts(cell)
        if len(parts) == 1 and not sheet_cells.COLON.search(parts[0]):
            return {UNNAMED_SPEC: parts[0]}
    return sheet_cells.pairs(cell, wanted=_("a specification such as 颜色:红;尺码:XL"))


def _attributes(cell: Any) -> dict[str, str]:
    """Read `材质:棉;季节:夏`, or an object."""
    return sheet_cells.pairs(cell, wanted=_("attributes such as 材质:棉;季节:夏"))


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "item_no": _owner_no,
    "name": sheet_cells.text,
    "category": _category,
    "brand": _brand,
    "unit": sheet_cells.text,
    "origin": sheet_cells.text,
    "attributes": _attributes,
    "images": _names,
    "listed": sheet_cells.yes_or_no,
    "sku_no": _owner_no,
    "spec": _spec,
    "barcode": sheet_cells.text,
    "supply_price": sheet_cells.fen,
    "supply_price_fen": sheet_cells.whole_number,
    "retail_price": sheet_cells.fen,
    "retail_price_fen": sheet_cells.whole_number,
    "stock": sheet_cells.whole_number,
    "stock_before": sheet_cells.whole_number,
    "min_quantity": sheet_cells.whole_number,
    "max_quantity": sheet_cells.whole_number,
    "multiple": sheet_cells.whole_number,
    "weight_g": sheet_cells.whole_number,
}
