"""Where both sides meet: goods with their skus, reviews, exact stock, visibility and freight."""

from supplychain.models.assortment import Limit, Opening, RateOverride
from supplychain.models.changes import Change, ChangeKind, ChangeMark, ProductNote, SupplierShown
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

__all__ = [
    "MAX_PRICE_FEN",
    "MAX_STOCK",
    "STOCK_CEILING",
    "UNDECIDED",
    "Allotment",
    "Brand",
    "CatalogueExport",
    "Category",
    "Change",
    "ChangeKind",
    "ChangeMark",
    "ChargeBy",
    "ExportState",
    "FreightRule",
    "FreightTemplate",
    "Limit",
    "Movement",
    "MovementKind",
    "Opening",
    "OrderedProduct",
    "Picture",
    "PictureRole",
    "Product",
    "ProductKind",
    "ProductNote",
    "ProductPicture",
    "ProductQuerySet",
    "ProductState",
    "RateOverride",
    "Revision",
    "RevisionState",
    "Selection",
    "Sku",
    "Stock",
    "StockWaiting",
    "SupplierShown",
]
