"""What answers about the interface itself look like: codes, limits, lists to choose from."""

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    IntegerField,
    ListField,
)

from api.answers import Answer


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
