"""What answers about goods look like, with price and stock as they are for the caller."""

from rest_framework.serializers import CharField, DateTimeField, DictField, IntegerField, ListField

from api.answers import Answer, ProblemAnswer


class CategoryAnswer(Answer):
    """A category."""

    code = CharField()
    parent_code = CharField(allow_null=True)
    name = CharField()
    path = CharField()


class CategoryPageAnswer(Answer):
    """A page of categories."""

    items = CategoryAnswer(many=True)
    next = CharField(allow_null=True)


class BrandAnswer(Answer):
    """A brand."""

    code = CharField()
    name = CharField()


class BrandPageAnswer(Answer):
    """A page of brands."""

    items = BrandAnswer(many=True)
    next = CharField(allow_null=True)


class ProductCategoryAnswer(Answer):
    """Where a product stands in the tree."""

    code = CharField()
    path = CharField()


class PricePartsAnswer(Answer):
    """What a price is made of; only where the platform shows it."""

    supply_price_fen = IntegerField(required=False)
    service_fee_fen = IntegerField(required=False)


class SkuAnswer(PricePartsAnswer):
    """A variant that can be ordered, with price and stock as they are for you."""

    sku_no = CharField()
    spec = DictField(child=CharField())
    barcode = CharField(allow_blank=True)
    weight_g = IntegerField()
    min_quantity = IntegerField()
    max_quantity = IntegerField(allow_null=True)
    multiple = IntegerField()
    agreement_price_fen = IntegerField()
    retail_price_fen = IntegerField(allow_null=True)
    price_version = IntegerField()
    available = IntegerField()
    stock_version = IntegerField()


class ProductSummaryAnswer(Answer):
    """A product as lists show it."""

    item_no = CharField()
    name = CharField()
    category = ProductCategoryAnswer()
    brand = BrandAnswer(allow_null=True)
    kind = CharField()
    unit = CharField(allow_blank=True)
    origin = CharField(allow_blank=True)
    images = ListField(child=CharField())
    aftersale_note = CharField(allow_blank=True)
    ship_within_hours = IntegerField()
    allowed_applications = ListField(child=CharField())
    regions_not_served = ListField(child=CharField())
    attributes = DictField(child=CharField())
    version = IntegerField()
    changed_at = DateTimeField()
    skus = SkuAnswer(many=True)


class ProductAnswer(ProductSummaryAnswer):
    """A product in full."""

    detail_html = CharField(allow_blank=True)
    detail_images = ListField(child=CharField())


class ProductPageAnswer(Answer):
    """A page of products."""

    items = ProductSummaryAnswer(many=True)
    next = CharField(allow_null=True)


class ProductRowAnswer(Answer):
    """A product that was asked for: `product` with status 200, else `problem`."""

    item_no = CharField()
    status = IntegerField()
    product = ProductAnswer(required=False)
    problem = ProblemAnswer(required=False)


class ProductLookupAnswer(Answer):
    """One row for each number, in order."""

    items = ProductRowAnswer(many=True)


class PriceRowAnswer(PricePartsAnswer):
    """A price that was asked for, else `problem`."""

    sku_no = CharField()
    status = IntegerField()
    agreement_price_fen = IntegerField(required=False)
    retail_price_fen = IntegerField(required=False, allow_null=True)
    price_version = IntegerField(required=False)
    problem = ProblemAnswer(required=False)


class PriceLookupAnswer(Answer):
    """One row for each number, in order."""

    items = PriceRowAnswer(many=True)


class StockRowAnswer(Answer):
    """A stock that was asked for, else `problem`."""

    sku_no = CharField()
    status = IntegerField()
    available = IntegerField(required=False)
    stock_version = IntegerField(required=False)
    problem = ProblemAnswer(required=False)


class StockLookupAnswer(Answer):
    """One row for each number, in order."""

    items = StockRowAnswer(many=True)
