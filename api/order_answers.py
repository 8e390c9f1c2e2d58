"""What answers about quotes, orders and their parcels look like."""

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import CharField, DateTimeField, IntegerField, ListField

from api.answers import Answer, ProblemAnswer
from api.goods_answers import PricePartsAnswer


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
