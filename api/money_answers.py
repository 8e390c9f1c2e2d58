"""What answers about the deposit, recharges and withdrawals look like."""

from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    IntegerField,
    ListField,
)

from api.answers import Answer


class RechargeAnswer(Answer):
    """Money that you say you have paid, and what has become of it."""

    recharge_no = CharField()
    state = CharField(
        help_text=_("applied, checked (by one of two people), approved, rejected or withdrawn.")
    )
    version = IntegerField()
    amount_fen = IntegerField()
    payer = CharField()
    paid_on = CharField(allow_null=True)
    payment_reference = CharField(allow_blank=True)
    has_slip = BooleanField()
    note = CharField(allow_blank=True)
    bank_reference = CharField(
        allow_blank=True,
        help_text=_("Once it is approved: the reference of its transfer in /deposit/transfers."),
    )
    reason = CharField(allow_blank=True, help_text=_("Why it was rejected."))
    allowed_actions = ListField(
        child=CharField(),
        help_text=_("What you may do now: POST /recharges/{recharge_no}/ and this word."),
    )
    applied_at = DateTimeField()
    decided_at = DateTimeField(allow_null=True)


class RechargePageAnswer(Answer):
    """A page of recharges, newest first."""

    items = RechargeAnswer(many=True)
    next = CharField(allow_null=True)


class WithdrawalAnswer(Answer):
    """Money that you want back, and what has become of it."""

    withdrawal_no = CharField()
    state = CharField(
        help_text=_("applied, checked (by one of two people), approved, paid, rejected, cancelled.")
    )
    version = IntegerField()
    amount_fen = IntegerField(help_text=_("Held on the deposit until it is paid or ended."))
    payee = CharField()
    account_tail = CharField(help_text=_("The end of the account's number."))
    note = CharField(allow_blank=True)
    bank_reference = CharField(
        allow_blank=True,
        help_text=_("Once it is paid: the reference of its transfer in /deposit/transfers."),
    )
    reason = CharField(allow_blank=True, help_text=_("Why it was rejected."))
    allowed_actions = ListField(
        child=CharField(),
        help_text=_("What you may do now: POST /withdrawals/{withdrawal_no}/ and this word."),
    )
    applied_at = DateTimeField()
    decided_at = DateTimeField(allow_null=True)
    paid_at = DateTimeField(allow_null=True)


class WithdrawalPageAnswer(Answer):
    """A page of withdrawals, newest first."""

    items = WithdrawalAnswer(many=True)
    next = CharField(allow_null=True)


class DepositAnswer(Answer):
    """A deposit: `available_fen` = `balance_fen` + `credit_line_fen` − `held_fen`."""

    available_fen = IntegerField()
    balance_fen = IntegerField()
    held_fen = IntegerField(help_text=_("What holds and open withdrawals reserve together."))
    withdrawals_fen = IntegerField(help_text=_("What of held_fen open withdrawals reserve."))
    credit_line_fen = IntegerField()
    open_orders_fen = IntegerField(help_text=_("Paid for orders that are not finished."))
    frozen = BooleanField(
        help_text=_("The platform checks the deposit: nothing is spent from it meanwhile.")
    )


class TransferAnswer(Answer):
    """A transfer into (positive) or out of (negative) a deposit, and the balance after it."""

    code = CharField()
    reference = CharField(help_text=_("With the code, unique for ever."))
    amount_fen = IntegerField()
    balance_fen = IntegerField()
    order_no = CharField(allow_blank=True)
    out_order_no = CharField(allow_blank=True)
    line_id = CharField(allow_blank=True)
    sku_no = CharField(allow_blank=True)
    quantity = IntegerField(allow_null=True)
    note = CharField(allow_blank=True)
    posted_at = DateTimeField()


class TransferPageAnswer(Answer):
    """A page of transfers, newest first."""

    items = TransferAnswer(many=True)
    next = CharField(allow_null=True)
