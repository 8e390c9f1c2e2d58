"""What is said of goods and under review: pictures and revisions."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import states
from suppliers.models import Supplier
from supplychain.models.goods import Product


class Picture(models.Model):
    """An uploaded image, re-encoded by us under a random name, with a thumbnail."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="pictures"
    )
    file = models.FileField(max_length=120)
    thumbnail = models.FileField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content_hash = models.BinaryField(max_length=32)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes = [models.Index(fields=["content_hash"], name="picture_by_content")]

    def __str__(self) -> str:
        return str(self.uid)


class PictureRole(models.TextChoices):
    """Where a product shows a picture."""

    MAIN = "main", _("main image")
    DETAIL = "detail", _("detail image")


class ProductPicture(models.Model):
    """A picture in its place on a product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures")
    picture = models.ForeignKey(Picture, models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=PictureRole, default=PictureRole.MAIN)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        ordering = ["role", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "role", "position"],
                name="product_picture_place_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.role} {self.position}"


class RevisionState(models.TextChoices):
    """How far a proposed change has come."""

    OPEN = "open", _("waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("sent back for changes")
    APPROVED = "approved", _("approved, not yet in effect")
    APPLIED = "applied", _("in effect")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


UNDECIDED = [RevisionState.OPEN, RevisionState.CHANGES_REQUESTED, RevisionState.APPROVED]


class Revision(states.StateModel):
    """A proposed content of a product, reviewed as a difference to what is live.

    open → approved → applied; open → changes_requested → open (resubmitted) or withdrawn;
    open → rejected; open → withdrawn. `approved` lasts until `effective_at`, mostly no time at all.
    One undecided revision a product.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="revisions")
    state = states.StateField(choices=RevisionState, default=RevisionState.OPEN)
    # The whole content proposed, and the live one it was proposed against, {} if there was none
    # (`content.Content`).
    proposed = models.JSONField()
    live = models.JSONField()
    # What staff set when they approved: `{"retail_prices_fen": {owner_no: fen}, "markups_fen": {…}}`.
    terms = models.JSONField(default=dict, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=200)
    submitted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        triggers = [
            states.drawn(
                ("open", "approved"),
                ("open", "changes_requested"),
                ("open", "rejected"),
                ("open", "withdrawn"),
                ("changes_requested", "open"),
                ("changes_requested", "withdrawn"),
                ("approved", "applied"),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                name="revision_undecided_once",
                condition=Q(state__in=["open", "changes_requested", "approved"]),
            )
        ]
        indexes = [
            models.Index(
                fields=["effective_at"], name="revision_due", condition=Q(state="approved")
            ),
            models.Index(fields=["state", "submitted_at"], name="revision_queue"),
            models.Index(
                fields=["submitted_by", "-submitted_at", "-id"], name="revision_by_submitter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} ({self.state})"

    @states.transition(
        field=state,
        source=RevisionState.OPEN,
        target=RevisionState.APPROVED,
        custom=states.by("platform", "timer"),
    )
    def approve(self) -> None:
        """It may go live at its time."""

    @states.transition(
        field=state,
        source=RevisionState.APPROVED,
        target=RevisionState.APPLIED,
        custom=states.by("platform", "timer"),
    )
    def apply(self) -> None:
        """It is live."""

    @states.transition(
        field=state,
        source=RevisionState.OPEN,
        target=RevisionState.CHANGES_REQUESTED,
        custom=states.by("platform"),
    )
    def ask_for_change(self) -> None:
        """The supplier must change something first."""

    @states.transition(
        field=state,
        source=RevisionState.CHANGES_REQUESTED,
        target=RevisionState.OPEN,
        custom=states.by("supplier"),
    )
    def resubmit(self) -> None:
        """The supplier changed it."""

    @states.transition(
        field=state,
        source=RevisionState.OPEN,
        target=RevisionState.REJECTED,
        custom=states.by("platform"),
    )
    def reject(self) -> None:
        """It will not go live."""

    @states.transition(
        field=state,
        source=[RevisionState.OPEN, RevisionState.CHANGES_REQUESTED],
        target=RevisionState.WITHDRAWN,
        custom=states.by("supplier"),
    )
    def withdraw(self) -> None:
        """The supplier took it back."""
