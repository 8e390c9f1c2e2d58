"""After-sales: one case for one line and so many of its pieces, decided by the platform."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import states
from orders.models import Line, Order, Shipment


class CaseType(models.TextChoices):
    """What is asked for."""

    REFUND_ONLY = "refund_only", _("refund only")
    RETURN_REFUND = "return_refund", _("return and refund")
    EXCHANGE = "exchange", _("exchange")
    RESEND = "resend", _("send again")
    COMPENSATION = "compensation", _("compensation")


class CaseState(models.TextChoices):
    """Where a case is."""

    APPLIED = "applied", _("applied")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    AWAITING_RETURN = "awaiting_return", _("awaiting return")
    RETURNING = "returning", _("returning")
    INSPECTING = "inspecting", _("inspecting")
    INSPECTION_FAILED = "inspection_failed", _("inspection failed")
    RESHIPPING = "reshipping", _("to be shipped again")
    RESHIPPED = "reshipped", _("shipped again")
    ARBITRATION = "arbitration", _("arbitration")
    REFUND_REVIEW = "refund_review", _("refund under review")
    REFUNDED = "refunded", _("refunded")
    COMPLETED = "completed", _("completed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    CLOSED = "closed", _("closed")


ENDS = (
    CaseState.REFUNDED,
    CaseState.COMPLETED,
    CaseState.WITHDRAWN,
    CaseState.EXPIRED,
    CaseState.CLOSED,
)
# Types in which the consumer's goods come back.
WITH_RETURN = (CaseType.RETURN_REFUND, CaseType.EXCHANGE)


class Liability(models.TextChoices):
    """Who bears what is given back after receipt."""

    SUPPLIER = "supplier", _("source: everybody gives back what it earned")
    PLATFORM = "platform", _("platform")
    CARRIER = "carrier", _("carrier")
    CONSUMER = "consumer", _("consumer")


class Opener(models.TextChoices):
    """Who opened a case."""

    DISTRIBUTOR = "distributor", _("distributor")
    PLATFORM = "platform", _("platform")
    CARRIER = "carrier", _("carrier: refused or lost parcel")


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases, narrowed."""

    def of(self, distributor: Distributor) -> "CaseQuerySet":
        """Those of a distributor."""
        return self.filter(distributor=distributor)

    def locked(self) -> "CaseQuerySet":
        """Locked until the transaction ends, in primary-key order; orders come first in the rank."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Case(states.StateModel):
    """So many pieces of a line that went wrong, and what is done about it.

    applied → approved, rejected or withdrawn; rejected → applied (again), arbitration or closed.
    approved → awaiting_return → returning → inspecting, where goods come back; → reshipping, where
    new ones go out; → refund_review or refunded, where neither.
    inspecting → refund_review, refunded or reshipping; → inspection_failed → refund_review or
    refunded (offer accepted), arbitration or closed. reshipping → reshipped → completed; without
    stock, or when the parcel is lost, → refund_review or refunded. arbitration → approved or closed.
    refund_review → refunded or rejected. The ends: refunded, completed, withdrawn, expired, closed.
    """

    case_no = models.CharField(max_length=32, unique=True)
    # The distributor's own number for it, if it gave one: the same number again is the same case.
    out_case_no = models.CharField(max_length=64, blank=True, default="", db_default="")
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="cases", db_index=False
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="cases")
    line = models.ForeignKey(Line, models.PROTECT, related_name="cases")
    type = models.CharField(max_length=16, choices=CaseType)
    quantity = models.IntegerField()
    state = states.StateField(choices=CaseState, default=CaseState.APPLIED)
    version = models.IntegerField(default=1)
    opener = models.CharField(max_length=12, choices=Opener, default=Opener.DISTRIBUTOR)
    # Opened when the pieces had been received, so that money comes from who earned it.
    after_receipt = models.BooleanField()
    # The parcel that was refused or lost, where that opened the case.
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, null=True, blank=True, related_name="cases"
    )
    # A code of /meta/reasons, and the distributor's words.
    reason = models.CharField(max_length=32)
    description = models.CharField(max_length=500, blank=True, default="")
    asked_fen = models.BigIntegerField()
    # What the platform agreed to; `freight_fen` of freight comes on top.
    approved_fen = models.BigIntegerField(null=True, blank=True)
    freight_fen = models.BigIntegerField(default=0)
    # What an inspection that did not pass offers instead.
    offered_fen = models.BigIntegerField(null=True, blank=True)
    refunded_fen = models.BigIntegerField(default=0)
    liability = models.CharField(max_length=12, choices=Liability, blank=True, default="")
    # The platform's words: why it rejected, what it decided.
    decision_note = models.CharField(max_length=500, blank=True, default="")
    # Who decided: somebody else rules in arbitration, and reviews the refund.
    decided_by = models.CharField(max_length=200, blank=True, default="")
    resubmissions = models.SmallIntegerField(default=0)
    # Pushed by the platform and readable for ever: name, phone and address on one line.
    return_address = models.CharField(max_length=300, blank=True, default="")
    # The consumer's goods are with the source or the platform.
    goods_are_back = models.BooleanField(default=False)
    # Stock that was taken to ship again, and how much of it from the distributor's allotment.
    retaken = models.IntegerField(default=0)
    retaken_from_allotment = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    # When staff were alerted that they are late.
    late_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("after-sale case")
        verbose_name_plural = _("after-sale cases")
        triggers = [
            states.drawn(
                ("applied", "approved"),
                ("applied", "rejected"),
                ("applied", "withdrawn"),
                ("rejected", "applied"),
                ("rejected", "arbitration"),
                ("rejected", "closed"),
                ("arbitration", "approved"),
                ("arbitration", "closed"),
                ("approved", "awaiting_return"),
                ("approved", "returning"),
                ("approved", "inspecting"),
                ("approved", "reshipping"),
                ("approved", "refund_review"),
                ("approved", "refunded"),
                ("awaiting_return", "returning"),
                ("awaiting_return", "withdrawn"),
                ("awaiting_return", "expired"),
                ("awaiting_return", "refund_review"),
                ("awaiting_return", "refunded"),
                ("returning", "inspecting"),
                ("returning", "arbitration"),
                ("inspecting", "inspection_failed"),
                ("inspecting", "reshipping"),
                ("inspecting", "refund_review"),
                ("inspecting", "refunded"),
                ("inspection_failed", "refund_review"),
                ("inspection_failed", "refunded"),
                ("inspection_failed", "arbitration"),
                ("inspection_failed", "closed"),
                ("reshipping", "reshipped"),
                ("reshipping", "refund_review"),
                ("reshipping", "refunded"),
                ("reshipped", "completed"),
                ("reshipped", "refund_review"),
                ("reshipped", "refunded"),
                ("refund_review", "refunded"),
                ("refund_review", "rejected"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "out_case_no"],
                name="case_once_per_out_case_no",
                condition=~Q(out_case_no=""),
            ),
            models.CheckConstraint(
                name="case_amounts_make_sense",
                condition=Q(quantity__gte=1, asked_fen__gte=0, freight_fen__gte=0)
                & Q(refunded_fen__gte=0)
                & (Q(approved_fen__isnull=True) | Q(approved_fen__gte=0))
                & (Q(offered_fen__isnull=True) | Q(offered_fen__gte=0)),
            ),
            models.CheckConstraint(
                name="case_retakes_within_quantity",
                condition=Q(retaken__gte=0, retaken__lte=F("quantity"))
                & Q(retaken_from_allotment__gte=0, retaken_from_allotment__lte=F("retaken")),
            ),
            models.CheckConstraint(
                name="case_ended_if_at_an_end",
                condition=Q(state__in=[end.value for end in ENDS], ended_at__isnull=False)
                | (~Q(state__in=[end.value for end in ENDS]) & Q(ended_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="case_newest_of_distributor"),
            models.Index(fields=["due_at"], name="case_due", condition=Q(ended_at=None)),
            models.Index(fields=["state", "-id"], name="case_by_state"),
        ]

    def __str__(self) -> str:
        return self.case_no

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.ended_at is None

    @states.transition(
        field=state,
        source=[CaseState.APPLIED, CaseState.ARBITRATION],
        target=CaseState.APPROVED,
        custom=states.by("platform", "timer"),
    )
    def approve(self) -> None:
        """The platform agrees, with amount, freight and liability."""

    @states.transition(
        field=state,
        source=[CaseState.APPLIED, CaseState.REFUND_REVIEW],
        target=CaseState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """The platform declines, with its reason."""

    @states.transition(
        field=state,
        source=[CaseState.APPLIED, CaseState.AWAITING_RETURN],
        target=CaseState.WITHDRAWN,
        custom=states.by("distributor"),
    )
    def withdraw(self) -> None:
        """The distributor wants nothing any more."""

    @states.transition(
        field=state,
        source=CaseState.REJECTED,
        target=CaseState.APPLIED,
        custom=states.by("distributor"),
    )
    def resubmit(self) -> None:
        """The distributor asks again, with more to show."""

    @states.transition(
        field=state,
        source=[CaseState.REJECTED, CaseState.INSPECTION_FAILED],
        target=CaseState.ARBITRATION,
        custom=states.by("distributor"),
    )
    def escalate(self) -> None:
        """The distributor wants somebody else to rule."""

    @states.transition(
        field=state,
        source=CaseState.RETURNING,
        target=CaseState.ARBITRATION,
        custom=states.by("platform"),
    )
    def lose_return(self) -> None:
        """The returning parcel is lost; who bears it is ruled on."""

    @states.transition(
        field=state,
        source=[CaseState.REJECTED, CaseState.ARBITRATION, CaseState.INSPECTION_FAILED],
        target=CaseState.CLOSED,
        custom=states.by("platform", "timer"),
    )
    def close(self) -> None:
        """It ends without a refund."""

    @states.transition(
        field=state,
        source=CaseState.APPROVED,
        target=CaseState.AWAITING_RETURN,
        custom=states.by("platform"),
    )
    def push_address(self) -> None:
        """The consumer is told where to send the goods."""

    @states.transition(
        field=state,
        source=[CaseState.APPROVED, CaseState.AWAITING_RETURN],
        target=CaseState.RETURNING,
        custom=states.by("distributor", "carrier"),
    )
    def send_back(self) -> None:
        """The goods are on their way back."""

    @states.transition(
        field=state,
        source=CaseState.AWAITING_RETURN,
        target=CaseState.EXPIRED,
        custom=states.by("timer"),
    )
    def expire(self) -> None:
        """Nothing was sent back in time."""

    @states.transition(
        field=state,
        source=[CaseState.APPROVED, CaseState.RETURNING],
        target=CaseState.INSPECTING,
        custom=states.by("platform", "carrier"),
    )
    def arrive(self) -> None:
        """The goods are there, to be looked at."""

    @states.transition(
        field=state,
        source=CaseState.INSPECTING,
        target=CaseState.INSPECTION_FAILED,
        custom=states.by("platform"),
    )
    def fail_inspection(self) -> None:
        """They are not as they should be; a part of the price may be offered."""

    @states.transition(
        field=state,
        source=[CaseState.APPROVED, CaseState.INSPECTING],
        target=CaseState.RESHIPPING,
        custom=states.by("platform"),
    )
    def begin_reshipping(self) -> None:
        """New goods have been taken from stock."""

    @states.transition(
        field=state,
        source=CaseState.RESHIPPING,
        target=CaseState.RESHIPPED,
        custom=states.by("source", "platform"),
    )
    def reship(self) -> None:
        """The new goods are on their way."""

    @states.transition(
        field=state,
        source=CaseState.RESHIPPED,
        target=CaseState.COMPLETED,
        custom=states.by("distributor", "timer"),
    )
    def complete(self) -> None:
        """The new goods have arrived."""

    @states.transition(
        field=state,
        source=[
            CaseState.APPROVED,
            CaseState.AWAITING_RETURN,
            CaseState.INSPECTING,
            CaseState.INSPECTION_FAILED,
            CaseState.RESHIPPING,
            CaseState.RESHIPPED,
        ],
        target=CaseState.REFUND_REVIEW,
        custom=states.by("platform", "distributor", "timer"),
    )
    def review_refund(self) -> None:
        """The amount is large enough for finance to look at it."""

    @states.transition(
        field=state,
        source=[
            CaseState.APPROVED,
            CaseState.AWAITING_RETURN,
            CaseState.INSPECTING,
            CaseState.INSPECTION_FAILED,
            CaseState.RESHIPPING,
            CaseState.RESHIPPED,
            CaseState.REFUND_REVIEW,
        ],
        target=CaseState.REFUNDED,
        custom=states.by("platform", "distributor", "timer"),
    )
    def refund(self) -> None:
        """The deposit has the money back."""
