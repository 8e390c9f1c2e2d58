"""What answers about after-sales look like."""

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    IntegerField,
    ListField,
)

from api.answers import Answer, ProblemAnswer


class DeadlineAnswer(Answer):
    """Until when the case may stay as it is."""

    at = DateTimeField()
    default = CharField(
        help_text=_("What happens then: the next state, or alert (nothing moves; we are late).")
    )


class StepAnswer(Answer):
    """A step of the case, and when it was taken; null: it is still to come."""

    step = CharField()
    at = DateTimeField(allow_null=True)


class CaseParcelAnswer(Answer):
    """A parcel of a case."""

    direction = CharField(help_text=_("return, reship (new goods) or sent_back (failed goods)."))
    carrier_code = CharField()
    tracking_no = CharField()
    sent_at = DateTimeField()
    picked_up_at = DateTimeField(allow_null=True)
    arrived_at = DateTimeField(allow_null=True)


class InspectionAnswer(Answer):
    """What was found when the goods came back."""

    result = CharField()
    grade = CharField()
    offered_fen = IntegerField(allow_null=True)
    note = CharField(allow_blank=True)
    photos = ListField(child=CharField())
    inspected_at = DateTimeField()


class AftersaleAnswer(Answer):
    """An after-sale case as it is now."""

    case_no = CharField()
    out_case_no = CharField(allow_blank=True)
    order_no = CharField()
    out_order_no = CharField()
    line_id = CharField()
    sku_no = CharField()
    type = CharField()
    quantity = IntegerField()
    state = CharField()
    version = IntegerField()
    opener = CharField(help_text=_("distributor, platform or carrier (refused or lost parcel)."))
    reason = CharField()
    description = CharField(allow_blank=True)
    asked_fen = IntegerField()
    approved_fen = IntegerField(allow_null=True)
    freight_fen = IntegerField()
    offered_fen = IntegerField(allow_null=True)
    refunded_fen = IntegerField()
    decision_note = CharField(allow_blank=True)
    return_address = CharField(allow_blank=True)
    parcels = CaseParcelAnswer(many=True)
    inspections = InspectionAnswer(many=True)
    evidence = ListField(child=CharField())
    allowed_actions = ListField(
        child=CharField(),
        help_text=_("What you may do now: POST /aftersales/{case_no}/ and this word."),
    )
    next_deadline = DeadlineAnswer(allow_null=True)
    progress = StepAnswer(many=True)
    applied_at = DateTimeField()
    changed_at = DateTimeField()
    ended_at = DateTimeField(allow_null=True)


class AftersalePageAnswer(Answer):
    """A page of cases, newest first."""

    items = AftersaleAnswer(many=True)
    next = CharField(allow_null=True)


class ToldStepAnswer(StepAnswer):
    """A step in words for a consumer."""

    text = CharField(help_text=_("In the language of Accept-Language."))


class TrackAnswer(Answer):
    """What a carrier said of a parcel."""

    status = CharField()
    text = CharField(allow_blank=True)
    place = CharField(allow_blank=True)
    at = DateTimeField()


class TrackedParcelAnswer(CaseParcelAnswer):
    """A parcel of a case and what its carrier said, newest first."""

    carrier = CharField()
    tracks = TrackAnswer(many=True)


class ProgressAnswer(Answer):
    """How far a case has come: what a shop may show its consumer. It holds no amounts of ours."""

    case_no = CharField()
    out_case_no = CharField(allow_blank=True)
    order_no = CharField()
    out_order_no = CharField()
    line_id = CharField()
    sku_no = CharField()
    type = CharField()
    quantity = IntegerField()
    name = CharField()
    spec = CharField(allow_blank=True)
    state = CharField()
    version = IntegerField()
    return_address = CharField(allow_blank=True)
    steps = ToldStepAnswer(many=True)
    parcels = TrackedParcelAnswer(many=True)
    next_deadline = DeadlineAnswer(allow_null=True)
    changed_at = DateTimeField()
    ended_at = DateTimeField(allow_null=True)


class TypeOptionAnswer(Answer):
    """A type that may be applied for: how many pieces, and what may come back for all of them."""

    type = CharField()
    quantity = IntegerField()
    cap_fen = IntegerField()


class OptionReasonAnswer(Answer):
    """A reason, and whether it needs pictures."""

    code = CharField()
    name = CharField()
    evidence = BooleanField()


class LineOptionsAnswer(Answer):
    """What may be applied for about a line."""

    line_id = CharField()
    sku_no = CharField()
    quantity = IntegerField(help_text=_("Pieces that a new case may be about."))
    types = TypeOptionAnswer(many=True)
    reasons = OptionReasonAnswer(many=True)
    until = DateTimeField(
        allow_null=True,
        help_text=_("The end of the window after receipt; null: none, or none yet."),
    )
    problem = ProblemAnswer(
        allow_null=True, help_text=_("Why nothing may be applied for, where that is so.")
    )


class AftersaleOptionsAnswer(Answer):
    """What may be applied for about every line of an order."""

    order_no = CharField()
    out_order_no = CharField()
    items = LineOptionsAnswer(many=True)
