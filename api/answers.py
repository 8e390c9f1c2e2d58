"""What answers look like, for OpenAPI and the tests; views write them as plain dictionaries."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    IntegerField,
    JSONField,
    ListField,
)


class Answer(serializers.Serializer[Any]):
    """An object of an answer. Fields may be added; none is taken away or changes its meaning."""


class FaultAnswer(Answer):
    """One place of a request that is wrong."""

    pointer = CharField(help_text=_("Where: a JSON pointer (RFC 6901) into the body or the query."))
    code = CharField()
    detail = CharField()
    values = DictField()


class ProblemAnswer(Answer):
    """A refusal (RFC 9457)."""

    type = CharField()
    title = CharField()
    status = IntegerField()
    code = CharField(help_text=_("Stable; /meta/errors lists all. Decide by this alone."))
    detail = CharField(help_text=_("For people, in the language of Accept-Language."))
    retryable = BooleanField(help_text=_("The same request may succeed later, unchanged."))
    values = DictField(help_text=_("What the detail speaks of, for machines."))
    # The names of these fields are attributes of Serializer too; its metaclass takes them away.
    errors = FaultAnswer(many=True)  # type: ignore[assignment]
    request_id = CharField(required=False)


class CodeAnswer(Answer):
    """What a code means."""

    code = CharField()
    type = CharField()
    status = IntegerField()
    retryable = BooleanField()
    cause = CharField()
    remedy = CharField()


class CodesAnswer(Answer):
    """All codes."""

    items = CodeAnswer(many=True)


class LimitsAnswer(Answer):
    """All limits."""

    server_time = DateTimeField()
    server_timestamp = IntegerField()
    requests_per_minute = IntegerField()
    signature_window_seconds = IntegerField()
    body_bytes = IntegerField()
    batch_body_bytes = IntegerField()
    json_depth = IntegerField()
    page_items = IntegerField()
    batch_orders = IntegerField()
    order_lines = IntegerField()
    line_quantity = IntegerField()
    order_total_fen = IntegerField()
    lookup_products = IntegerField()
    lookup_skus = IntegerField()
    selection_products = IntegerField()
    catalogue_file_days = IntegerField()
    remark_characters = IntegerField()
    quote_minutes = IntegerField()
    hold_minutes = IntegerField()
    hold_extensions = IntegerField()
    open_holds = IntegerField()
    wait_for_funds_hours = IntegerField()
    events_kept_days = IntegerField()
    applications = ListField(child=CharField())


class CarrierAnswer(Answer):
    """A carrier."""

    code = CharField()
    name = CharField()
    pattern = CharField(
        allow_blank=True,
        help_text=_("How its numbers usually look; several carriers share forms, so only a guess."),
    )


class CarriersAnswer(Answer):
    """All carriers."""

    items = CarrierAnswer(many=True)


class RegionAnswer(Answer):
    """A province."""

    code = CharField(help_text=_("The national code (GB/T 2260)."))
    province = CharField(help_text=_("As orders show it."))
    name = CharField()


class RegionsAnswer(Answer):
    """All provinces."""

    items = RegionAnswer(many=True)


class ReasonAnswer(Answer):
    """A reason."""

    code = CharField()
    use = CharField()
    name = CharField()
    evidence = BooleanField()


class ReasonsAnswer(Answer):
    """All reasons."""

    items = ReasonAnswer(many=True)


class EchoAnswer(Answer):
    """How we understood a signed request."""

    key_id = CharField()
    scopes = ListField(child=CharField())
    string_to_sign = CharField()
    server_time = DateTimeField()
    server_timestamp = IntegerField()
    ip = CharField()


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


class QuoteLineAnswer(PricePartsAnswer):
    """A line that could be ordered, and its price."""

    line_id = CharField()
    sku_no = CharField()
    quantity = IntegerField()
    agreement_price_fen = IntegerField()
    price_version = IntegerField()
    goods_fen = IntegerField()


class UnsellableLineAnswer(Answer):
    """A line that could not be ordered, and why."""

    line_id = CharField()
    sku_no = CharField()
    problem = ProblemAnswer()


class QuotePartAnswer(Answer):
    """What one source would ship."""

    number = IntegerField()
    freight_fen = IntegerField()
    line_ids = ListField(child=CharField())


class QuoteAnswer(Answer):
    """Prices that stay good until `expires_at`."""

    quote_id = CharField()
    expires_at = DateTimeField()
    lines = QuoteLineAnswer(many=True)
    unsellable = UnsellableLineAnswer(many=True)
    fulfilments = QuotePartAnswer(many=True)
    goods_fen = IntegerField()
    freight_fen = IntegerField()
    total_fen = IntegerField()
    deposit_after_fen = IntegerField(help_text=_("Negative: that much would be missing."))


class LineAnswer(PricePartsAnswer):
    """A line of an order: its frozen price, and what has become of its pieces."""

    line_id = CharField()
    item_no = CharField()
    sku_no = CharField()
    name = CharField()
    spec = CharField(allow_blank=True)
    quantity = IntegerField()
    agreement_price_fen = IntegerField()
    cancelled = IntegerField()
    shipped = IntegerField()
    received = IntegerField()
    returned = IntegerField()
    refunded = IntegerField()


class FulfilmentAnswer(Answer):
    """The part of an order that one source ships."""

    number = IntegerField()
    state = CharField()
    freight_fen = IntegerField()
    ship_due_at = DateTimeField(allow_null=True)
    line_ids = ListField(child=CharField())


class ConsigneeAnswer(Answer):
    """To whom an order goes; empty once erased."""

    name = CharField(allow_blank=True)
    phone = CharField(allow_blank=True)
    province = CharField()
    city = CharField()
    district = CharField(allow_blank=True)
    detail = CharField(allow_blank=True)


class OrderAnswer(Answer):
    """An order as it is now."""

    order_no = CharField()
    out_order_no = CharField()
    state = CharField()
    version = IntegerField()
    lines = LineAnswer(many=True)
    fulfilments = FulfilmentAnswer(many=True)
    goods_fen = IntegerField()
    freight_fen = IntegerField()
    total_fen = IntegerField()
    application = CharField(allow_blank=True)
    channel = CharField(allow_blank=True)
    paid_fen = IntegerField(allow_null=True)
    payment_reference = CharField(allow_blank=True)
    consumer_ref = CharField(allow_blank=True)
    remark = CharField(allow_blank=True)
    placed_at = DateTimeField()
    received_at = DateTimeField(allow_null=True)
    completed_at = DateTimeField(allow_null=True)
    consignee = ConsigneeAnswer()


class OrderPageAnswer(Answer):
    """A page of orders."""

    items = OrderAnswer(many=True)
    next = CharField(allow_null=True)


class WaitingAnswer(Answer):
    """An order that waits until the deposit covers it; its stock and prices are kept."""

    out_order_no = CharField()
    state = CharField(help_text=_("waiting_for_funds."))
    hold_id = CharField(help_text=_("DELETE /holds/{hold_id} gives it up."))
    shortfall_fen = IntegerField()
    total_fen = IntegerField()
    expires_at = DateTimeField(help_text=_("Not covered by then, it lapses."))


class OrderRowAnswer(Answer):
    """What became of an order of a batch.

    `order` with 201 (new) or 200 (replayed), `waiting` with 202, or `problem`.
    """

    out_order_no = CharField(allow_null=True)
    status = IntegerField()
    order = OrderAnswer(required=False)
    waiting = WaitingAnswer(required=False)
    problem = ProblemAnswer(required=False)


class OrderBatchAnswer(Answer):
    """One row for each order, in order."""

    items = OrderRowAnswer(many=True)


class ParcelLineAnswer(Answer):
    """What a parcel holds of a line."""

    line_id = CharField()
    sku_no = CharField()
    quantity = IntegerField()
    received = IntegerField()
    written_off = IntegerField(help_text=_("Refunded on the way, never to be received."))


class ScanAnswer(Answer):
    """What a carrier said of a parcel."""

    status = CharField()
    text = CharField(allow_blank=True)
    place = CharField(allow_blank=True)
    at = DateTimeField()


class ShipmentAnswer(Answer):
    """A parcel."""

    carrier_code = CharField()
    tracking_no = CharField()
    state = CharField()
    version = IntegerField()
    shipped_at = DateTimeField()
    delivered_at = DateTimeField(allow_null=True)
    receive_due_at = DateTimeField(
        help_text=_("When it counts as received by itself, unless something is wrong with it.")
    )
    received_at = DateTimeField(allow_null=True)
    ended_at = DateTimeField(
        allow_null=True, help_text=_("When it came back, was given up, or was voided.")
    )
    lines = ParcelLineAnswer(many=True)
    scans = ScanAnswer(many=True, help_text=_("Newest first."))


class ShipmentsAnswer(Answer):
    """All parcels of an order."""

    items = ShipmentAnswer(many=True)


class DeedAnswer(Answer):
    """Something that happened to an order."""

    subject = CharField()
    act = CharField()
    # `from` is a word of Python's.
    locals()["from"] = CharField(allow_blank=True)
    to = CharField(allow_blank=True)
    reason = CharField(allow_blank=True)
    by = CharField()
    at = DateTimeField()


class HistoryAnswer(Answer):
    """What happened to an order, oldest first."""

    items = DeedAnswer(many=True)


class DepositAnswer(Answer):
    """A deposit: `available_fen` = `balance_fen` + `credit_line_fen` − `held_fen`."""

    available_fen = IntegerField()
    balance_fen = IntegerField()
    held_fen = IntegerField(help_text=_("What holds and open withdrawals reserve together."))
    withdrawals_fen = IntegerField(help_text=_("What of held_fen open withdrawals reserve."))
    credit_line_fen = IntegerField()
    open_orders_fen = IntegerField(help_text=_("Paid for orders that are not finished."))
    frozen = BooleanField(
        help_text=_("The platform checks the deposit: nothing is spent from it meanwhile.")
    )


class TransferAnswer(Answer):
    """A transfer into (positive) or out of (negative) a deposit, and the balance after it."""

    code = CharField()
    reference = CharField(help_text=_("With the code, unique for ever."))
    amount_fen = IntegerField()
    balance_fen = IntegerField()
    order_no = CharField(allow_blank=True)
    out_order_no = CharField(allow_blank=True)
    line_id = CharField(allow_blank=True)
    sku_no = CharField(allow_blank=True)
    quantity = IntegerField(allow_null=True)
    note = CharField(allow_blank=True)
    posted_at = DateTimeField()


class TransferPageAnswer(Answer):
    """A page of transfers, newest first."""

    items = TransferAnswer(many=True)
    next = CharField(allow_null=True)


class EventAnswer(Answer):
    """An event: the object in full as it was then, without consumer data."""

    seq = IntegerField()
    id = CharField()
    type = CharField()
    occurred_at = DateTimeField()
    object_version = IntegerField(allow_null=True)
    data = DictField()  # type: ignore[assignment]
    previous = JSONField(allow_null=True)


class EventPageAnswer(Answer):
    """A page of events, oldest first."""

    items = EventAnswer(many=True)
    next = CharField(allow_null=True)
