"""Accounts and transfers: double entry in which a row balances by construction.

A transfer moves an amount *from* its debit account *to* its credit account, as SPEC §4.5 tabulates.
So an account's balance is what was credited less what was debited. It is stored only where a floor
is enforced; every other balance is a sum, so that no order waits for a platform-wide row.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kit import states


class Kind(models.TextChoices):
    """What an account stands for. Those with a holder exist once for each distributor or supplier."""

    BANK = "bank", _("bank")
    DEPOSIT = "deposit", _("deposit")
    ORDERS_OPEN = "orders_open", _("open orders")
    EARNED = "earned", _("earned, after-sale window open")
    PAYABLE = "payable", _("payable to supplier")
    OWN_SALES = "own_sales", _("own sales")
    SERVICE_FEES = "service_fees", _("service fees")
    PLATFORM_MARGIN = "platform_margin", _("platform margin")
    GOODWILL = "goodwill", _("goodwill")
    SECURITY = "security", _("security deposit")
    COMMISSION = "commission", _("commission")


class Account(models.Model):
    """One side of transfers. `holder` is the key of the distributor, supplier or recruiter."""

    kind = models.CharField(max_length=16, choices=Kind)
    holder = models.BigIntegerField(null=True, blank=True)
    # Only where a floor is enforced: deposits.
    balance_fen = models.BigIntegerField(null=True, blank=True)
    credit_line_fen = models.BigIntegerField(default=0, db_default=0)
    held_fen = models.BigIntegerField(default=0, db_default=0)
    # A proof found it broken: nothing is spent from it until staff say why.
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "holder"], name="account_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="account_not_overdrawn",
                condition=Q(balance_fen__gte=F("held_fen") - F("credit_line_fen")),
            ),
            models.CheckConstraint(
                name="account_stores_its_balance_where_a_floor_is",
                condition=Q(kind=Kind.DEPOSIT, balance_fen__isnull=False, holder__isnull=False)
                | (~Q(kind=Kind.DEPOSIT) & Q(balance_fen__isnull=True, credit_line_fen=0)),
            ),
            models.CheckConstraint(
                name="account_reserves_are_not_negative",
                condition=Q(credit_line_fen__gte=0, held_fen__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.holder or ''}".strip()

    @property
    def available_fen(self) -> int:
        """What may still be spent: balance and credit line, less what holds reserve."""
        return (self.balance_fen or 0) + self.credit_line_fen - self.held_fen


class Transfer(models.Model):
    """An amount moved from one account to another, once, for ever.

    The context columns say what it was for, frozen, so that bills, statements and explanations
    read the ledger alone.
    """

    code = models.CharField(max_length=32)
    reference = models.CharField(max_length=128)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits", db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits", db_index=False)
    amount_fen = models.BigIntegerField()
    posted_at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    distributor_pk = models.BigIntegerField(null=True, blank=True)
    supplier_pk = models.BigIntegerField(null=True, blank=True)
    order_no = models.CharField(max_length=32, blank=True, default="", db_default="")
    out_order_no = models.CharField(max_length=64, blank=True, default="", db_default="")
    line_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    sku_no = models.CharField(max_length=64, blank=True, default="", db_default="")
    quantity = models.IntegerField(null=True, blank=True)
    unit_fen = models.BigIntegerField(null=True, blank=True)
    case_no = models.CharField(max_length=32, blank=True, default="", db_default="")
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        triggers = [states.immutable()]
        constraints = [
            models.UniqueConstraint(fields=["code", "reference"], name="transfer_once_per_fact"),
            models.CheckConstraint(
                name="transfer_moves_a_positive_amount", condition=Q(amount_fen__gt=0)
            ),
            models.CheckConstraint(
                name="transfer_between_two_accounts", condition=~Q(debit=F("credit"))
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "id"], name="transfer_by_debit"),
            models.Index(fields=["credit", "id"], name="transfer_by_credit"),
            models.Index(fields=["order_no"], name="transfer_by_order", condition=~Q(order_no="")),
        ]

    def __str__(self) -> str:
        return self.reference


class Link(models.Model):
    """A transfer's place in the chain of hashes: each digest covers the one before it. Never changed.

    Committed transfers are linked by a sequencer, in the order of their keys as it finds them.
    """

    position = models.BigIntegerField(primary_key=True)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="link")
    digest = models.BinaryField(max_length=32)
    linked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("link of the ledger's chain")
        verbose_name_plural = _("links of the ledger's chain")
        triggers = [states.immutable()]

    def __str__(self) -> str:
        return str(self.position)
