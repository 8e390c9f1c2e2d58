"""Where both sides meet: goods with their skus, reviews, exact stock, visibility and freight."""

from supplychain.models.assortment import Limit, Opening, RateOverride
from supplychain.models.attributes import (
    MAX_ATTRIBUTE_NAME,
    MAX_ATTRIBUTE_VALUE,
    AttributeKind,
    CategoryAttribute,
)
from supplychain.models.changes import Change, ChangeKind, ChangeMark, ProductNote, SupplierShown
from supplychain.models.drafts import GoodsView, ProductDraft
from supplychain.models.exports import CatalogueExport, ExportState
from supplychain.models.goods import (
    MAX_PRICE_FEN,
    Brand,
    Category,
    ChargeBy,
    FreightRule,
    FreightTemplate,
    Product,
    ProductKind,
    ProductQuerySet,
    ProductState,
    Sku,
)
from supplychain.models.holidays import Holiday, HolidayState
from supplychain.models.imports import (
    UNDER_WAY,
    GoodsFile,
    GoodsFileState,
    GoodsRow,
    RowOutcome,
)
from supplychain.models.interest import OrderedProduct, Selection
from supplychain.models.revisions import (
    UNDECIDED,
    Picture,
    PictureRole,
    ProductPicture,
    Revision,
    RevisionState,
)
from supplychain.models.stock import (
    MAX_STOCK,
    STOCK_CEILING,
    Allotment,
    Movement,
    MovementKind,
    Stock,
    StockWaiting,
)
from supplychain.models.warnings import LowMark, StockMail

__all__ = [
    "MAX_ATTRIBUTE_NAME",
    "MAX_ATTRIBUTE_VALUE",
    "MAX_PRICE_FEN",
    "MAX_STOCK",
    "STOCK_CEILING",
    "UNDECIDED",
    "UNDER_WAY",
    "Allotment",
    "AttributeKind",
    "Brand",
    "CatalogueExport",
    "Category",
    "CategoryAttribute",
    "Change",
    "ChangeKind",
    "ChangeMark",
    "ChargeBy",
    "ExportState",
    "FreightRule",
    "FreightTemplate",
    "GoodsFile",
    "GoodsFileState",
    "GoodsRow",
    "GoodsView",
    "Holiday",
    "HolidayState",
    "Limit",
    "LowMark",
    "Movement",
    "MovementKind",
    "Opening",
    "OrderedProduct",
    "Picture",
    "PictureRole",
    "Product",
    "ProductDraft",
    "ProductKind",
    "ProductNote",
    "ProductPicture",
    "ProductQuerySet",
    "ProductState",
    "RateOverride",
    "Revision",
    "RevisionState",
    "RowOutcome",
    "Selection",
    "Sku",
    "Stock",
    "StockMail",
    "StockWaiting",
    "SupplierShown",
]
