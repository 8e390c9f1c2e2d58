"""What the books keep for good: closed days, reconciliations, bank files, proofs, and freezes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from distributors.models import Distributor
from kit import states
from ledger.models import Kind, Transfer
from suppliers.models import Supplier


class Statement(models.Model):
    """A distributor's closed day (Asia/Shanghai), byte for byte as it can be downloaded. Never changed."""

    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="statements")
    day = models.DateField()
    opening_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    credited_fen = models.BigIntegerField()
    debited_fen = models.BigIntegerField()
    transfers = models.IntegerField()
    # How long the ledger's chain was when the day closed: what is linked later comes onto a later day.
    closed_position = models.BigIntegerField()
    # Every transfer of the deposit with a smaller key is on this statement or an earlier one.
    open_from_pk = models.BigIntegerField(default=0, db_default=0)
    csv = models.BinaryField()
    json = models.BinaryField()
    csv_sha256 = models.CharField(max_length=64)
    json_sha256 = models.CharField(max_length=64)
    closed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        triggers = [states.immutable()]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "day"], name="statement_once_a_day"),
            models.CheckConstraint(
                name="statement_adds_up",
                condition=Q(
                    closing_fen=models.F("opening_fen")
                    + models.F("credited_fen")
                    - models.F("debited_fen")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distributor} {self.day}"


class Reconciliation(models.Model):
    """A distributor's own numbers held against ours, and what came out. Never changed."""

    reconciliation_id = models.CharField(max_length=40, unique=True)
    distributor = models.ForeignKey(Distributor, models.PROTECT, related_name="reconciliations")
    day_from = models.DateField(null=True, blank=True)
    day_to = models.DateField(null=True, blank=True)
    matched = models.IntegerField()
    differing = models.IntegerField()
    missing_here = models.IntegerField()
    missing_there = models.IntegerField()
    # The rows that do not match: {out_order_no, kind, yours, ours}.
    differences = models.JSONField(default=list)
    actor = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        triggers = [states.immutable()]
        indexes = [models.Index(fields=["distributor", "-id"], name="reconciliation_newest")]

    def __str__(self) -> str:
        return self.reconciliation_id


class BankFile(models.Model):
    """A statement of our own bank account that was loaded, once."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    lines_count = models.IntegerField()
    actor = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")

    def __str__(self) -> str:
        return self.name


class BankMatch(models.TextChoices):
    """What became of a line of the bank."""

    OPEN = "open", _("no match found")
    MATCHED = "matched", _("matched")
    DIFFERING = "differing", _("reference known, amount differs")
    SETTLED = "settled", _("settled by hand")


class BankLine(models.Model):
    """A movement on our bank account, and the transfer that it proves. Positive: money came in."""

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines")
    reference = models.CharField(max_length=128, unique=True)
    booked_on = models.DateField()
    amount_fen = models.BigIntegerField()
    counterparty = models.CharField(max_length=120, blank=True, default="")
    text = models.CharField(max_length=300, blank=True, default="")
    match = models.CharField(max_length=12, choices=BankMatch, default=BankMatch.OPEN)
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, blank=True, related_name="bank_line"
    )
    # Which rule matched it, or who settled it and why.
    rule = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    settled_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        ordering = ["-booked_on", "-pk"]
        indexes = [models.Index(fields=["match", "-id"], name="bank_line_by_match")]

    def __str__(self) -> str:
        return self.reference


class Proof(models.Model):
    """A run of verify_books: what it found. Never changed."""

    is_clean = models.BooleanField()
    checks = models.IntegerField()
    # One entry for each broken rule: name, count, the first rows.
    breaches = models.JSONField(default=list)
    seconds = models.FloatField()
    actor = models.CharField(max_length=200)
    proved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("proof of the books")
        verbose_name_plural = _("proofs of the books")
        triggers = [states.immutable()]

    def __str__(self) -> str:
        return f"{self.proved_at}: {self.is_clean}"


class Span(models.TextChoices):
    """How long the time is that a rolled-up row covers."""

    DAY = "day", pgettext_lazy("rolled up", "day")
    MONTH = "month", pgettext_lazy("rolled up", "month")


class Subject(models.TextChoices):
    """Of whom or what a rolled-up row speaks."""

    PLATFORM = "platform", pgettext_lazy("rolled up", "platform")
    DISTRIBUTOR = "distributor", pgettext_lazy("rolled up", "distributor")
    SUPPLIER = "supplier", pgettext_lazy("rolled up", "supplier")
    PRODUCT = "product", pgettext_lazy("rolled up", "product")


class Rollup(models.Model):
    """What a closed day or month (Asia/Shanghai) came to, made from orders, parcels and the ledger.

    Never edited: made anew from the facts where some came late. `subject_pk` is 0 for the platform,
    and for its own stock among the suppliers. What was sold stands on the day it was ordered, at the
    prices frozen then; refunds, fees and deposits stand on the day they were posted.
    """

    span = models.CharField(max_length=8, choices=Span)
    first_day = models.DateField()
    subject = models.CharField(max_length=12, choices=Subject)
    subject_pk = models.BigIntegerField(default=0)
    orders = models.IntegerField()
    units = models.BigIntegerField()
    sales_fen = models.BigIntegerField()
    freight_fen = models.BigIntegerField()
    supply_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField()
    markups_fen = models.BigIntegerField()
    refunds_fen = models.BigIntegerField()
    # What came into the two accounts, less what refunds took out again.
    fees_earned_fen = models.BigIntegerField()
    margins_earned_fen = models.BigIntegerField()
    recharged_fen = models.BigIntegerField()
    withdrawn_fen = models.BigIntegerField()
    # Summed from the beginning it is what lies on the deposits when the day ends.
    deposit_change_fen = models.BigIntegerField()
    parcels = models.IntegerField()
    late_parcels = models.IntegerField()
    # From order to parcel, summed.
    shipping_seconds = models.BigIntegerField()

    class Meta:
        verbose_name = _("rolled-up figures")
        verbose_name_plural = _("rolled-up figures")
        constraints = [
            models.UniqueConstraint(
                fields=["span", "subject", "first_day", "subject_pk"],
                # What somebody sold is found in the index alone.
                include=["sales_fen"],
                name="rollup_once",
            )
        ]
        indexes = [
            # Who sold most of all.
            models.Index(
                fields=["span", "subject", "first_day", "-sales_fen", "subject_pk"],
                name="rollup_best",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_pk} {self.first_day}"


class RolledDay(models.Model):
    """A day that is rolled up, and between which keys its transfers lie."""

    day = models.DateField(unique=True)
    first_transfer_pk = models.BigIntegerField(null=True, blank=True)
    last_transfer_pk = models.BigIntegerField(null=True, blank=True)
    rolled_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rolled-up day")
        verbose_name_plural = _("rolled-up days")

    def __str__(self) -> str:
        return str(self.day)


class Flow(models.Model):
    """What went on a day (Asia/Shanghai) from one kind of account to another.

    Only added to, by the transfers that were linked into the chain since (`RollMark.flows_position`).
    """

    day = models.DateField()
    debit_kind = models.CharField(max_length=16, choices=Kind)
    credit_kind = models.CharField(max_length=16, choices=Kind)
    amount_fen = models.BigIntegerField()
    transfers = models.BigIntegerField()

    class Meta:
        verbose_name = _("flow between kinds of accounts")
        verbose_name_plural = _("flows between kinds of accounts")
        constraints = [
            models.UniqueConstraint(fields=["day", "debit_kind", "credit_kind"], name="flow_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.debit_kind} {self.credit_kind}"


class RollMark(models.Model):
    """How far rolling up has read; a single row.

    The days of all transfers up to `position` in the chain are rolled up, if they are over. No
    transfer of a later day than those has a key below `open_from_pk`, but for ones under way then.
    """

    position = models.BigIntegerField(default=0)
    open_from_pk = models.BigIntegerField(default=0)
    # The flows are the transfers up to this place in the chain, each of them once.
    flows_position = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("mark of rolled-up days")
        verbose_name_plural = _("marks of rolled-up days")

    def __str__(self) -> str:
        return str(self.position)


class SupplierDay(models.Model):
    """How a supplier shipped on a closed day (Asia/Shanghai), and all of them together.

    Made from the facts by `books.performing`, the last days again and again. A row without supplier
    is the sum of all.
    """

    day = models.DateField()
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Parts of orders whose first parcel left, and of them those that left after their deadline.
    shipped = models.IntegerField()
    late = models.IntegerField()
    # Parts of which something could not be shipped, and parts about which a case was opened.
    short = models.IntegerField()
    cases = models.IntegerField()
    # How many took how long from order to parcel (`books.performing.BOUNDS_HOURS`).
    took = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = _("day of a supplier")
        verbose_name_plural = _("days of suppliers")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "day"], name="supplier_day_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["day"], name="supplier_day_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.supplier_id or ''}"
