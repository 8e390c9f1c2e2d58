"""Claims: what a distributor settles with its own consumer after receipt. They move nothing of ours."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aftersales.models.cases import Liability
from distributors.models import Distributor
from kit import states
from orders.models import Line, Order


class ClaimType(models.TextChoices):
    """What the consumer wants of the shop."""

    REFUND = "refund", _("refund")
    EXCHANGE = "exchange", _("exchange")
    RETURN = "return", _("return")


class ClaimState(models.TextChoices):
    """Where a claim is."""

    APPLIED = "applied", _("applied")
    AGREED = "agreed", _("agreed")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    AWAITING_RETURN = "awaiting_return", _("awaiting return")
    RETURNING = "returning", _("returning")
    RECEIVED = "received", _("received")
    RESHIPPED = "reshipped", _("shipped again")
    REFUNDED = "refunded", _("refunded")
    COMPLETED = "completed", _("completed")


CLAIM_ENDS = (
    ClaimState.REJECTED,
    ClaimState.WITHDRAWN,
    ClaimState.REFUNDED,
    ClaimState.COMPLETED,
)


class GoodwillState(models.TextChoices):
    """Whether the platform helps with a claim."""

    NONE = "none", _("not asked")
    ASKED = "asked", _("asked")
    OFFERED = "offered", _("offered")
    SETTLED = "settled", _("settled")
    DECLINED = "declined", _("declined")


class GoodwillKind(models.TextChoices):
    """What the platform offers."""

    AMOUNT = "amount", _("an amount")
    RESHIP = "reship", _("new goods")


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims, narrowed."""

    def of(self, distributor: Distributor) -> "ClaimQuerySet":
        """Those of a distributor."""
        return self.filter(distributor=distributor)

    def locked(self) -> "ClaimQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Claim(states.StateModel):
    """A consumer's claim after receipt, run by the distributor.

    applied → agreed, rejected or withdrawn; refund: agreed → refunded;
    return: agreed → awaiting_return → returning → received → refunded;
    exchange: agreed → awaiting_return → returning → received → reshipped → completed.

    Goodwill asked of the platform: none → asked → offered → settled or declined; asked → declined.
    Only `settled` posts or ships again.
    """

    claim_no = models.CharField(max_length=32, unique=True)
    # The distributor's own number for it, if it gave one: the same number again is the same claim.
    out_claim_no = models.CharField(max_length=64, blank=True, default="", db_default="")
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="claims", db_index=False
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="claims")
    line = models.ForeignKey(Line, models.PROTECT, related_name="claims")
    type = models.CharField(max_length=12, choices=ClaimType)
    quantity = models.IntegerField()
    state = states.StateField(choices=ClaimState, default=ClaimState.APPLIED)
    version = models.IntegerField(default=1)
    reason = models.CharField(max_length=32)
    description = models.CharField(max_length=500, blank=True, default="")
    # What the shop gives its consumer; of its own money.
    amount_fen = models.BigIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True, default="")
    # Where the consumer sends the goods: the distributor's own address.
    return_address = models.CharField(max_length=300, blank=True, default="")
    goodwill = states.StateField(choices=GoodwillState, default=GoodwillState.NONE)
    goodwill_kind = models.CharField(max_length=12, choices=GoodwillKind, blank=True, default="")
    goodwill_asked_fen = models.BigIntegerField(default=0)
    goodwill_fen = models.BigIntegerField(default=0)
    # What the distributor asks in its words, and the platform's answer in its own.
    goodwill_note = models.CharField(max_length=500, blank=True, default="")
    goodwill_answer = models.CharField(max_length=500, blank=True, default="", db_default="")
    liability = models.CharField(max_length=12, choices=Liability, blank=True, default="")
    goodwill_due_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        triggers = [
            states.drawn(
                ("applied", "agreed"),
                ("applied", "rejected"),
                ("applied", "withdrawn"),
                ("agreed", "refunded"),
                ("agreed", "awaiting_return"),
                ("agreed", "withdrawn"),
                ("awaiting_return", "returning"),
                ("awaiting_return", "withdrawn"),
                ("returning", "received"),
                ("received", "refunded"),
                ("received", "reshipped"),
                ("reshipped", "completed"),
            ),
            states.drawn(
                ("none", "asked"),
                ("asked", "offered"),
                ("asked", "declined"),
                ("offered", "settled"),
                ("offered", "declined"),
                field="goodwill",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "out_claim_no"],
                name="claim_once_per_out_claim_no",
                condition=~Q(out_claim_no=""),
            ),
            models.CheckConstraint(
                name="claim_amounts_make_sense",
                condition=Q(quantity__gte=1, amount_fen__gte=0)
                & Q(goodwill_asked_fen__gte=0, goodwill_fen__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="claim_newest_of_distributor"),
            models.Index(
                fields=["goodwill", "id"],
                name="claim_goodwill_open",
                condition=Q(goodwill__in=["asked", "offered"]),
            ),
            models.Index(
                fields=["id"],
                name="claim_goodwill_in_goods",
                condition=Q(goodwill="settled", goodwill_kind="reship"),
            ),
        ]

    def __str__(self) -> str:
        return self.claim_no

    @states.transition(
        field=state,
        source=ClaimState.APPLIED,
        target=ClaimState.AGREED,
        custom=states.by("distributor"),
    )
    def agree(self) -> None:
        """The shop gives its consumer what is asked, or a part of it."""

    @states.transition(
        field=state,
        source=ClaimState.APPLIED,
        target=ClaimState.REJECTED,
        custom=states.by("distributor"),
    )
    def reject(self) -> None:
        """The shop declines, with its reason."""

    @states.transition(
        field=state,
        source=[ClaimState.APPLIED, ClaimState.AGREED, ClaimState.AWAITING_RETURN],
        target=ClaimState.WITHDRAWN,
        custom=states.by("distributor"),
    )
    def withdraw(self) -> None:
        """The consumer wants nothing any more."""

    @states.transition(
        field=state,
        source=ClaimState.AGREED,
        target=ClaimState.AWAITING_RETURN,
        custom=states.by("distributor"),
    )
    def push_address(self) -> None:
        """The consumer is told where to send the goods."""

    @states.transition(
        field=state,
        source=ClaimState.AWAITING_RETURN,
        target=ClaimState.RETURNING,
        custom=states.by("distributor"),
    )
    def send_back(self) -> None:
        """The goods are on their way to the shop."""

    @states.transition(
        field=state,
        source=ClaimState.RETURNING,
        target=ClaimState.RECEIVED,
        custom=states.by("distributor"),
    )
    def receive(self) -> None:
        """The shop has the goods."""

    @states.transition(
        field=state,
        source=ClaimState.RECEIVED,
        target=ClaimState.RESHIPPED,
        custom=states.by("distributor"),
    )
    def reship(self) -> None:
        """The shop has sent new goods."""

    @states.transition(
        field=state,
        source=[ClaimState.AGREED, ClaimState.RECEIVED],
        target=ClaimState.REFUNDED,
        custom=states.by("distributor"),
    )
    def refund(self) -> None:
        """The shop has given its consumer the money."""

    @states.transition(
        field=state,
        source=ClaimState.RESHIPPED,
        target=ClaimState.COMPLETED,
        custom=states.by("distributor"),
    )
    def complete(self) -> None:
        """The new goods have arrived."""

    @states.transition(
        field=goodwill,
        source=GoodwillState.NONE,
        target=GoodwillState.ASKED,
        custom=states.by("distributor"),
    )
    def ask_goodwill(self) -> None:
        """The distributor asks the platform to help."""

    @states.transition(
        field=goodwill,
        source=GoodwillState.ASKED,
        target=GoodwillState.OFFERED,
        custom=states.by("platform"),
    )
    def offer_goodwill(self) -> None:
        """The platform offers an amount or new goods."""

    @states.transition(
        field=goodwill,
        source=GoodwillState.OFFERED,
        target=GoodwillState.SETTLED,
        custom=states.by("distributor"),
    )
    def settle_goodwill(self) -> None:
        """The distributor accepts: it is posted, or shipped."""

    @states.transition(
        field=goodwill,
        source=[GoodwillState.ASKED, GoodwillState.OFFERED],
        target=GoodwillState.DECLINED,
        custom=states.by("platform", "distributor", "timer"),
    )
    def decline_goodwill(self) -> None:
        """The platform does not help, or its offer is not taken."""


class ClaimDirection(models.TextChoices):
    """Which way a parcel of a claim goes."""

    RETURN = "return", _("from the consumer to the shop")
    RESHIP = "reship", _("new goods from the shop to the consumer")
    GOODWILL = "goodwill", _("new goods from the platform or supplier to the consumer")


class ClaimParcel(models.Model):
    """A parcel of a claim."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="parcels")
    direction = models.CharField(max_length=12, choices=ClaimDirection)
    carrier_code = models.CharField(max_length=24)
    tracking_no = models.CharField(max_length=40)
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("parcel of a claim")
        verbose_name_plural = _("parcels of claims")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "carrier_code", "tracking_no"], name="claim_parcel_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.carrier_code} {self.tracking_no}"
