"""What answers about claims and uploads look like."""

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import CharField, DateTimeField, IntegerField, ListField

from api.aftersale_answers import DeadlineAnswer
from api.answers import Answer


class ClaimParcelAnswer(Answer):
    """A parcel of a claim."""

    direction = CharField(
        help_text=_("return (to you), reship (new goods of yours) or goodwill (new goods of ours).")
    )
    carrier_code = CharField()
    tracking_no = CharField()
    sent_at = DateTimeField()


class GoodwillAnswer(Answer):
    """What you asked of the platform, and what it offers."""

    state = CharField()
    kind = CharField(
        allow_blank=True,
        help_text=_(
            "amount or reship (new goods): of what is offered, before that of what is asked."
        ),
    )
    asked_fen = IntegerField()
    offered_fen = IntegerField()
    note = CharField(allow_blank=True)
    answer = CharField(allow_blank=True)


class ClaimAnswer(Answer):
    """A claim as it is now."""

    claim_no = CharField()
    out_claim_no = CharField(allow_blank=True)
    order_no = CharField()
    out_order_no = CharField()
    line_id = CharField()
    sku_no = CharField()
    type = CharField()
    quantity = IntegerField()
    state = CharField()
    version = IntegerField()
    reason = CharField()
    description = CharField(allow_blank=True)
    amount_fen = IntegerField(help_text=_("What the consumer gets, of your own money."))
    note = CharField(allow_blank=True)
    return_address = CharField(allow_blank=True)
    parcels = ClaimParcelAnswer(many=True)
    evidence = ListField(child=CharField())
    goodwill = GoodwillAnswer()
    allowed_actions = ListField(
        child=CharField(),
        help_text=_("What you may do now: POST /claims/{claim_no}/ and this word."),
    )
    next_deadline = DeadlineAnswer(allow_null=True)
    applied_at = DateTimeField()
    changed_at = DateTimeField()
    ended_at = DateTimeField(allow_null=True)


class ClaimPageAnswer(Answer):
    """A page of claims, newest first."""

    items = ClaimAnswer(many=True)
    next = CharField(allow_null=True)


class UploadAnswer(Answer):
    """A picture that a case or claim may name."""

    upload_id = CharField()
    sha256 = CharField(help_text=_("Of the bytes that you sent."))
    size = IntegerField(help_text=_("The number of bytes that you sent."))
