"""What suppliers are answered, for OpenAPI and the tests; views write it as plain dictionaries."""

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    IntegerField,
    ListField,
)

from api.answers import Answer, ProblemAnswer
from api.order_answers import ConsigneeAnswer


class SupplierPiecesAnswer(Answer):
    """So many pieces of a line."""

    line_id = CharField()
    sku_no = CharField()
    quantity = IntegerField()


class SupplierShipmentAnswer(Answer):
    """A parcel of yours."""

    shipment_id = CharField()
    order_no = CharField()
    carrier_code = CharField()
    tracking_no = CharField()
    state = CharField()
    version = IntegerField()
    shipped_at = DateTimeField()
    delivered_at = DateTimeField(allow_null=True)
    received_at = DateTimeField(allow_null=True)
    ended_at = DateTimeField(
        allow_null=True, help_text=_("When it came back, was given up, or was voided.")
    )
    lines = SupplierPiecesAnswer(many=True)


class SupplierLineAnswer(Answer):
    """A line of your part of an order."""

    line_id = CharField()
    item_no = CharField()
    sku_no = CharField()
    owner_no = CharField(help_text=_("Your own number of the sku."))
    name = CharField()
    spec = CharField(allow_blank=True)
    supply_price_fen = IntegerField(help_text=_("As it was when the order was placed."))
    quantity = IntegerField()
    cancelled = IntegerField()
    frozen = IntegerField(
        help_text=_("A cancellation waits for an answer; these pieces cannot be shipped.")
    )
    shipped = IntegerField()
    to_ship = IntegerField(help_text=_("How many may still be shipped."))


class SupplierOrderAnswer(Answer):
    """Your part of an order as it is now."""

    order_no = CharField()
    state = CharField()
    placed_at = DateTimeField()
    ship_due_at = DateTimeField()
    begun_at = DateTimeField(allow_null=True)
    address_changed_at = DateTimeField(
        allow_null=True, help_text=_("A label printed before this shows the wrong address.")
    )
    closed_at = DateTimeField(allow_null=True)
    lines = SupplierLineAnswer(many=True)
    goods_fen = IntegerField(help_text=_("What is not cancelled, at your supply price."))
    freight_fen = IntegerField()
    remark = CharField(allow_blank=True, help_text=_("Empty once nothing is left to ship."))
    consignee = ConsigneeAnswer(
        allow_null=True, help_text=_("null once nothing is left to ship; do not keep it longer.")
    )
    shipments = SupplierShipmentAnswer(many=True)


class SupplierOrderPageAnswer(Answer):
    """A page of orders."""

    items = SupplierOrderAnswer(many=True)
    next = CharField(allow_null=True)


class SupplierShipmentRowAnswer(Answer):
    """What became of one parcel of a batch."""

    order_no = CharField(allow_null=True)
    status = IntegerField(help_text=_("201 new, 200 was there already, else refused."))
    shipment = SupplierShipmentAnswer(required=False)
    problem = ProblemAnswer(required=False)


class SupplierShipmentBatchAnswer(Answer):
    """A row for each parcel, in order."""

    items = SupplierShipmentRowAnswer(many=True)


class SupplierShortageAnswer(Answer):
    """What was cancelled because you cannot ship it."""

    cancellation_no = CharField()
    out_shortage_no = CharField(
        allow_blank=True, help_text=_("Your own number for it, if you gave one.")
    )
    order_no = CharField()
    state = CharField()
    reason = CharField()
    requested_at = DateTimeField()
    answered_at = DateTimeField(allow_null=True)
    lines = SupplierPiecesAnswer(many=True)


class SupplierStockAnswer(Answer):
    """What the pool of a sku holds."""

    sku_no = CharField()
    owner_no = CharField()
    item_no = CharField()
    name = CharField()
    spec = CharField(allow_blank=True)
    available = IntegerField(help_text=_("What can still be ordered."))
    promised = IntegerField(help_text=_("Ordered, and neither shipped nor cancelled."))
    stock_version = IntegerField()


class SupplierStockPageAnswer(Answer):
    """A page of stock."""

    items = SupplierStockAnswer(many=True)
    next = CharField(allow_null=True)


class SupplierStockRowAnswer(Answer):
    """What became of one sku's stock."""

    sku_no = CharField(allow_null=True)
    status = IntegerField()
    available = IntegerField(required=False)
    stock_version = IntegerField(required=False)
    problem = ProblemAnswer(required=False)


class SupplierStockRowsAnswer(Answer):
    """A row for each sku, in order."""

    items = SupplierStockRowAnswer(many=True)


class SupplierSkuAnswer(Answer):
    """A sku of a product that is live."""

    sku_no = CharField()
    owner_no = CharField()
    spec = CharField(allow_blank=True)
    barcode = CharField(allow_blank=True)
    supply_price_fen = IntegerField()
    retail_price_fen = IntegerField(allow_null=True)
    weight_g = IntegerField()
    available = IntegerField()
    stock_version = IntegerField()


class SupplierRevisionAnswer(Answer):
    """A change that is not live yet."""

    state = CharField()
    note = CharField(allow_blank=True, help_text=_("What the reviewers said."))
    submitted_at = DateTimeField()
    effective_at = DateTimeField(allow_null=True)


class SupplierProductAnswer(Answer):
    """A product of yours: what is live, and what waits for review."""

    item_no = CharField()
    owner_no = CharField()
    name = CharField()
    category = CharField()
    brand = CharField(allow_blank=True)
    state = CharField()
    state_reason = CharField(allow_blank=True)
    skus = SupplierSkuAnswer(many=True)
    revision = SupplierRevisionAnswer(allow_null=True)


class SupplierProductPageAnswer(Answer):
    """A page of goods."""

    items = SupplierProductAnswer(many=True)
    next = CharField(allow_null=True)


class SupplierBillAnswer(Answer):
    """A bill."""

    bill_no = CharField()
    state = CharField()
    version = IntegerField()
    period_from = DateField()
    period_to = DateField()
    lines_fen = IntegerField()
    carried_fen = IntegerField(help_text=_("What negative bills before it left over."))
    total_fen = IntegerField()
    issued_at = DateTimeField(allow_null=True)
    answered_at = DateTimeField(allow_null=True)
    paid_on = DateField(allow_null=True)
    bank_reference = CharField(allow_blank=True)
    has_invoice = BooleanField()


class SupplierBillPageAnswer(Answer):
    """A page of bills."""

    items = SupplierBillAnswer(many=True)
    next = CharField(allow_null=True)


class SupplierBillPartAnswer(Answer):
    """What the lines of one kind come to."""

    part = CharField(help_text=_("goods, freight, deductions, manual or other."))
    amount_fen = IntegerField()


class SupplierFullBillAnswer(SupplierBillAnswer):
    """A bill, and what its lines come to."""

    parts = SupplierBillPartAnswer(many=True)


class SupplierBillLineAnswer(Answer):
    """One transfer on a bill."""

    bill_line_id = CharField()
    part = CharField()
    code = CharField()
    posted_at = DateTimeField()
    order_no = CharField(allow_blank=True)
    line_id = CharField(allow_blank=True)
    sku_no = CharField(allow_blank=True)
    quantity = IntegerField(allow_null=True)
    unit_fen = IntegerField(allow_null=True)
    amount_fen = IntegerField(help_text=_("Positive: owed to you."))
    case_no = CharField(allow_blank=True)
    reason = CharField(allow_blank=True)
    disputed = BooleanField()
    dispute_note = CharField(allow_blank=True)
    answer = CharField(allow_blank=True)


class SupplierBillLinePageAnswer(Answer):
    """A page of a bill's lines."""

    items = SupplierBillLineAnswer(many=True)
    next = CharField(allow_null=True)


class SupplierEchoAnswer(Answer):
    """How we understood a signed request."""

    key_id = CharField()
    supplier_no = CharField()
    scopes = ListField(child=CharField())
    string_to_sign = CharField()
    server_time = DateTimeField()
    server_timestamp = IntegerField()
    ip = CharField()
