"""Bills: what a supplier has earned in a period, transfer by transfer, and whether it was paid."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit import states
from ledger.models import Transfer
from suppliers.models.supplier import Supplier


class BillState(models.TextChoices):
    """Where a bill is."""

    DRAFT = "draft", _("draft")
    ISSUED = "issued", _("issued")
    ACCEPTED = "accepted", _("accepted")
    DISPUTED = "disputed", _("disputed")
    PAID = "paid", _("paid")
    VOID = "void", _("void")


class BillQuerySet(models.QuerySet["Bill"]):
    """Bills, narrowed."""

    def of(self, supplier: Supplier) -> "BillQuerySet":
        """Those of a supplier."""
        return self.filter(supplier=supplier)

    def locked(self) -> "BillQuerySet":
        """Locked until the transaction ends, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Bill(states.StateModel):
    """A supplier's bill of a period: exactly the transfers of its payable account that it lists.

    draft → issued → accepted or disputed; disputed → accepted; accepted → paid; draft, issued or
    disputed → void, which sets its transfers free for another bill. Once issued its lines never
    change. `total_fen` is its lines and what a negative bill before it left over (`carried_fen`).
    """

    bill_no = models.CharField(max_length=32, unique=True)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="bills")
    # Days in Asia/Shanghai; both belong to the period.
    period_from = models.DateField()
    period_to = models.DateField()
    state = states.StateField(choices=BillState, default=BillState.DRAFT)
    version = models.IntegerField(default=1)
    lines_fen = models.BigIntegerField(default=0)
    carried_fen = models.BigIntegerField(default=0)
    total_fen = models.BigIntegerField(default=0)
    # The bill into which this negative one was carried.
    carried_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_from"
    )
    issued_by = models.CharField(max_length=200, blank=True, default="")
    answered_by = models.CharField(max_length=200, blank=True, default="")
    # The first of two people, above the four-eyes limit.
    prepared_by = models.CharField(max_length=200, blank=True, default="")
    prepared_at = models.DateTimeField(null=True, blank=True)
    bank_reference = models.CharField(max_length=128, blank=True, default="")
    paid_by = models.CharField(max_length=200, blank=True, default="")
    void_reason = models.CharField(max_length=200, blank=True, default="")
    # The supplier's invoice, as uploaded and checked.
    invoice = models.CharField(max_length=200, blank=True, default="")
    invoice_name = models.CharField(max_length=120, blank=True, default="")
    made_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        triggers = [
            states.drawn(
                ("draft", "issued"),
                ("draft", "void"),
                ("issued", "accepted"),
                ("issued", "disputed"),
                ("issued", "void"),
                ("disputed", "accepted"),
                ("disputed", "void"),
                ("accepted", "paid"),
            ),
            pgtrigger.Protect(
                name="issued_bill_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'draft' AND (OLD.bill_no, OLD.supplier_id, OLD.period_from,"
                    " OLD.period_to, OLD.lines_fen, OLD.carried_fen, OLD.total_fen, OLD.issued_at)"
                    " IS DISTINCT FROM (NEW.bill_no, NEW.supplier_id, NEW.period_from,"
                    " NEW.period_to, NEW.lines_fen, NEW.carried_fen, NEW.total_fen, NEW.issued_at)"
                ),
            ),
            pgtrigger.Protect(
                name="issued_bill_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "period_from", "period_to"],
                name="bill_once_per_period",
                condition=~Q(state="void"),
            ),
            models.UniqueConstraint(
                fields=["bank_reference"],
                name="bill_once_per_bank_reference",
                condition=~Q(bank_reference=""),
            ),
            models.CheckConstraint(
                name="bill_total_is_lines_and_carried",
                condition=Q(total_fen=models.F("lines_fen") + models.F("carried_fen")),
            ),
            models.CheckConstraint(
                name="bill_period_makes_sense",
                condition=Q(period_to__gte=models.F("period_from")),
            ),
        ]
        indexes = [models.Index(fields=["supplier", "-id"], name="bill_newest_of_supplier")]

    def __str__(self) -> str:
        return self.bill_no

    @states.transition(
        field=state,
        source=BillState.DRAFT,
        target=BillState.ISSUED,
        custom=states.by("platform", "timer"),
    )
    def issue(self) -> None:
        """The supplier can see it; its lines are fixed."""

    @states.transition(
        field=state,
        source=[BillState.ISSUED, BillState.DISPUTED],
        target=BillState.ACCEPTED,
        custom=states.by("supplier"),
    )
    def accept(self) -> None:
        """The supplier agrees."""

    @states.transition(
        field=state,
        source=BillState.ISSUED,
        target=BillState.DISPUTED,
        custom=states.by("supplier"),
    )
    def dispute(self) -> None:
        """The supplier doubts some lines."""

    @states.transition(
        field=state,
        source=BillState.ACCEPTED,
        target=BillState.PAID,
        custom=states.by("platform"),
    )
    def pay(self) -> None:
        """The bank has paid it."""

    @states.transition(
        field=state,
        source=[BillState.DRAFT, BillState.ISSUED, BillState.DISPUTED],
        target=BillState.VOID,
        custom=states.by("platform"),
    )
    def void(self) -> None:
        """It does not count; its transfers go onto another bill."""


class BillLine(models.Model):
    """A transfer on a bill, and what the supplier and the platform say of it.

    `amount_fen` is signed: positive is owed to the supplier. `live` is false on a void bill, so that
    a transfer is on at most one bill that counts.
    """

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="lines")
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="bill_lines")
    amount_fen = models.BigIntegerField()
    live = models.BooleanField(default=True)
    disputed = models.BooleanField(default=False)
    dispute_note = models.CharField(max_length=300, blank=True, default="")
    answer = models.CharField(max_length=300, blank=True, default="")
    answered_by = models.CharField(max_length=200, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("bill line")
        verbose_name_plural = _("bill lines")
        ordering = ["pk"]
        triggers = [
            pgtrigger.Trigger(
                name="line_of_draft",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("bill_state", "TEXT")],
                func=(
                    "SELECT state INTO bill_state FROM suppliers_bill WHERE id = NEW.bill_id;"
                    " IF bill_state <> 'draft' THEN"
                    " RAISE EXCEPTION 'pgtrigger: a bill that was issued gets no more lines';"
                    " END IF; RETURN NEW;"
                ),
            ),
            pgtrigger.Protect(name="line_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="line_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "ROW(OLD.bill_id, OLD.transfer_id, OLD.amount_fen)"
                    " IS DISTINCT FROM ROW(NEW.bill_id, NEW.transfer_id, NEW.amount_fen)"
                ),
            ),
            pgtrigger.Protect(
                name="void_line_stays_void",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.live AND NOT OLD.live"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer"], name="transfer_on_one_live_bill", condition=Q(live=True)
            ),
            models.UniqueConstraint(fields=["bill", "transfer"], name="bill_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bill_id}/{self.transfer_id}"


class AdjustmentState(models.TextChoices):
    """Where a manual line is."""

    PROPOSED = "proposed", _("proposed")
    POSTED = "posted", _("posted")
    DECLINED = "declined", _("declined")


class Adjustment(states.StateModel):
    """A manual line: an amount for or against a supplier, with a reason and two people.

    proposed → posted or declined, by somebody other than who proposed it. Posted, it is a transfer
    between goodwill and the supplier's payable account, and comes onto the next bill.
    """

    adjustment_no = models.CharField(max_length=32, unique=True)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="adjustments")
    # Positive: owed to the supplier.
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    order_no = models.CharField(max_length=32, blank=True, default="")
    state = states.StateField(choices=AdjustmentState, default=AdjustmentState.PROPOSED)
    proposed_by = models.CharField(max_length=200)
    decided_by = models.CharField(max_length=200, blank=True, default="")
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("manual bill line")
        verbose_name_plural = _("manual bill lines")
        triggers = [states.drawn(("proposed", "posted"), ("proposed", "declined"))]
        constraints = [
            models.CheckConstraint(name="adjustment_is_not_zero", condition=~Q(amount_fen=0)),
            models.CheckConstraint(
                name="adjustment_takes_two_people",
                condition=~Q(state="posted") | ~Q(proposed_by=models.F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.adjustment_no

    @states.transition(
        field=state,
        source=AdjustmentState.PROPOSED,
        target=AdjustmentState.POSTED,
        custom=states.by("platform"),
    )
    def post(self) -> None:
        """A second person agrees."""

    @states.transition(
        field=state,
        source=AdjustmentState.PROPOSED,
        target=AdjustmentState.DECLINED,
        custom=states.by("platform"),
    )
    def decline(self) -> None:
        """A second person does not agree."""
