"""Money that people check, in words: recharges, withdrawals, bills, manual lines."""

from config.machines.reading import Machine, Words
from distributors.models import Recharge, RechargeState, Withdrawal, WithdrawalState
from suppliers.models import Adjustment, AdjustmentState, Bill, BillState

RECHARGE = Machine(
    slug="recharge",
    title=Words("充值", "Recharge"),
    about=Words(
        "分销商声明已付的款项。超过双人复核金额时由两个人核对；通过后只入账一次。",
        "Money that a distributor says it has paid. Large ones take two people; "
        "approved, it is credited once.",
    ),
    choices=RechargeState,
    model=Recharge,
    grid=("withdrawn rejected .", "applied checked approved"),
    states={
        "applied": Words("等待平台核对到账。", "The platform is to look for the money."),
        "checked": Words("一人已核对，等待第二人。", "One of two people has seen the money."),
        "approved": Words("已入账。", "The deposit is credited."),
        "rejected": Words("款项不存在，或与所述不符。", "The money is not there, or not as said."),
        "withdrawn": Words("分销商已撤回。", "The distributor took it back."),
    },
    chinese={
        "approve": "款项已到，记入预存货款。",
        "check_once": "两人中的一人已核对到账，由另一人通过。",
        "reject": "款项不存在，或与所述不符。",
        "withdraw": "分销商撤回。",
    },
)

WITHDRAWAL = Machine(
    slug="withdrawal",
    title=Words("提现", "Withdrawal"),
    about=Words(
        "分销商从预存货款中取回的款项。从申请起占用该金额。",
        "Money that a distributor wants back from its deposit, which holds it from then on.",
    ),
    choices=WithdrawalState,
    model=Withdrawal,
    grid=("cancelled . rejected .", "applied checked approved paid"),
    states={
        "applied": Words("等待平台审核。", "The platform is to agree."),
        "checked": Words("一人已同意，等待第二人。", "One of two people has agreed."),
        "approved": Words("已同意，等待付款。", "It is to be paid."),
        "paid": Words(
            "银行已付款，预存货款已扣减。", "The bank has paid it; the deposit is debited."
        ),
        "rejected": Words("不予付款，占用已解除。", "It is not paid; nothing is held any more."),
        "cancelled": Words(
            "分销商已取消，占用已解除。", "The distributor leaves the money where it is."
        ),
    },
    chinese={
        "approve": "同意付款。",
        "cancel": "分销商取消，款项留在预存货款中。",
        "check_once": "两人中的一人同意，由另一人通过。",
        "pay": "银行已付款，预存货款扣减。",
        "reject": "不予付款，占用解除。",
    },
)

BILL = Machine(
    slug="bill",
    title=Words("结算账单", "Bill"),
    about=Words(
        "供货商一个账期的账单，恰好列出其应付账户的流水；出账后明细不再变化。",
        "A supplier's bill of a period: exactly the transfers of its payable account; "
        "once issued its lines never change.",
    ),
    choices=BillState,
    model=Bill,
    grid=("void disputed . .", "draft issued accepted paid"),
    states={
        "draft": Words(
            "正在准备，供货商看不到。", "It is being made; the supplier does not see it."
        ),
        "issued": Words("已出账，等待供货商确认。", "The supplier is to agree."),
        "accepted": Words("供货商已确认，等待付款。", "The supplier has agreed; it is to be paid."),
        "disputed": Words("供货商对部分明细有异议。", "The supplier doubts some lines."),
        "paid": Words("已付款。", "The bank has paid it."),
        "void": Words(
            "已作废，流水进入下一张账单。", "It does not count; its transfers go onto another bill."
        ),
    },
    chinese={
        "accept": "供货商确认。",
        "dispute": "供货商对部分明细提出异议。",
        "issue": "供货商可见，明细不再变化。",
        "pay": "银行已付款。",
        "void": "作废，流水进入另一张账单。",
    },
)

ADJUSTMENT = Machine(
    slug="adjustment",
    title=Words("手工调整", "Manual line"),
    about=Words(
        "对供货商增减的一笔金额，须说明理由并由两个人完成。",
        "An amount for or against a supplier, with a reason and two people.",
    ),
    choices=AdjustmentState,
    model=Adjustment,
    grid=(". posted", "proposed .", ". declined"),
    states={
        "proposed": Words("已提出，等待第二人。", "A second person is to agree."),
        "posted": Words("已记账，进入下一张账单。", "It is posted, and comes onto the next bill."),
        "declined": Words("第二人不同意。", "A second person did not agree."),
    },
    chinese={"decline": "第二人不同意。", "post": "第二人同意，记账。"},
)

MACHINES = (RECHARGE, WITHDRAWAL, BILL, ADJUSTMENT)
