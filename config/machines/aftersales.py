"""After-sales in words: cases, claims, and the goodwill asked for a claim."""

from aftersales import allowing, claim_roads, deadlines
from aftersales.models import Case, CaseState, Claim, ClaimState, GoodwillState
from config.machines.reading import Machine, Wait, Words, both

_ALERT = Words("提醒平台人员，状态不变", "staff are alerted; nothing moves")
_NO_HELP = Words("视为不支持", "declined")
_LATE_TO_SHIP = Words(
    "标记超时，分销商可改为退款", "marked as late; the distributor may switch to a refund"
)


def _wait(state: str) -> Wait:
    deadline = deadlines.DEADLINES[state]
    if deadline.when_over == deadlines.ALERT:
        outcome = _LATE_TO_SHIP if state == CaseState.RESHIPPING else _ALERT
        return Wait(deadline.policy, outcome)
    end = both(lambda: str(CaseState(deadline.when_over).label))
    if not deadline.chosen_by:
        return Wait(deadline.policy, end)
    return Wait(
        deadline.policy,
        Words(
            f"默认提醒平台人员；设置项 `{deadline.chosen_by}` 可改为自动进入“{end.chinese}”",
            f"staff are alerted; by policy `{deadline.chosen_by}`: {end.english}",
        ),
    )


def _actions(state: str) -> list[allowing.Action]:
    return [action for action in allowing.ACTIONS if state in action.sources]


CASE = Machine(
    slug="aftersale",
    title=Words("售后单", "After-sale case"),
    about=Words(
        "订单某一行若干件的售后，由平台决定预存货款退回多少。供货商从不参与决定，只负责补发。",
        "Pieces of a line that went wrong. The platform decides what of the deposit comes back; "
        "suppliers never decide, they only ship again.",
    ),
    choices=CaseState,
    model=Case,
    grid=(
        "withdrawn . expired . closed . completed",
        "applied approved awaiting_return returning inspecting reshipping reshipped",
        "rejected arbitration . . inspection_failed refund_review refunded",
    ),
    states={
        "applied": Words("分销商已申请，等待平台审核。", "Asked for; the platform decides."),
        "approved": Words(
            "已同意；需要退货时等待平台给出退货地址。",
            "Agreed; where goods come back, the platform is to push the address.",
        ),
        "rejected": Words(
            "已驳回，分销商可补充后再申请，或申请仲裁。",
            "Declined; the distributor may ask again or escalate.",
        ),
        "awaiting_return": Words(
            "退货地址已给出，等待寄回。", "The address is known; the goods are to be sent."
        ),
        "returning": Words("退货在途。", "The goods are on their way back."),
        "inspecting": Words("退货已到，等待验货。", "The goods are there, to be looked at."),
        "inspection_failed": Words(
            "验货未通过，等待分销商接受部分退款或提出异议。",
            "They are not as they should be; the distributor takes the offer or disputes.",
        ),
        "reshipping": Words(
            "库存已占用，等待补发。", "Stock is taken; new goods are to be shipped."
        ),
        "reshipped": Words("已补发，在途。", "New goods are on their way."),
        "arbitration": Words(
            "仲裁中，由另一位平台人员裁决。", "Somebody else of the platform rules."
        ),
        "refund_review": Words(
            "金额较大，等待财务审核。", "The amount is large; finance looks at it."
        ),
        "refunded": Words("款项已退回预存货款。", "The deposit has the money back."),
        "completed": Words("补发或换货已收到。", "The new goods have arrived."),
        "withdrawn": Words("分销商已撤回。", "The distributor took it back."),
        "expired": Words(
            "逾期未寄回，已失效；售后期内可再次申请。",
            "Nothing was sent back in time; it may be asked for again.",
        ),
        "closed": Words("结束，没有退款。", "It ended without a refund."),
    },
    waits={state: [_wait(state)] for state in deadlines.DEADLINES},
    calls={
        state: [f"POST /aftersales/{{case_no}}/{action.name}" for action in _actions(state)]
        for state in CaseState.values
    },
    chinese={
        "approve": "平台同意，确定金额、运费和责任方。",
        "reject": "平台驳回，说明理由。",
        "withdraw": "分销商撤回。",
        "resubmit": "分销商补充材料，再次申请。",
        "escalate": "分销商要求另一位人员裁决。",
        "lose_return": "退货包裹丢失，由裁决决定谁承担。",
        "close": "结束，没有退款。",
        "push_address": "告知消费者退货地址。",
        "send_back": "退货已寄出。",
        "expire": "逾期未寄回。",
        "arrive": "退货已到，等待验货。",
        "fail_inspection": "验货未通过；可提出部分退款。",
        "begin_reshipping": "已占用库存，准备补发。",
        "reship": "新货已发出。",
        "complete": "新货已收到。",
        "review_refund": "金额较大，需财务审核。",
        "refund": "款项退回预存货款。",
    },
)

CLAIM = Machine(
    slug="claim",
    title=Words("维权单", "Claim"),
    about=Words(
        "收货后由分销商自行处理的维权，不动用平台的货款、库存和账单。",
        "What a distributor settles with its own consumer after receipt; no deposit, stock or bill moves.",
    ),
    choices=ClaimState,
    model=Claim,
    grid=(
        "rejected withdrawn . . . .",
        "applied agreed awaiting_return returning received reshipped",
        ". . . refunded . completed",
    ),
    states={
        "applied": Words("消费者已申请，等待分销商处理。", "The shop is to answer its consumer."),
        "agreed": Words("分销商已同意。", "The shop has agreed."),
        "awaiting_return": Words(
            "分销商的退货地址已给出，等待寄回。", "The goods are to be sent to the shop."
        ),
        "returning": Words("退货在途。", "The goods are on their way to the shop."),
        "received": Words("分销商已收到退货。", "The shop has the goods."),
        "reshipped": Words("分销商已寄出新货。", "The shop has sent new goods."),
        "rejected": Words("分销商已拒绝。", "The shop declined."),
        "withdrawn": Words("消费者已撤回。", "The consumer wants nothing any more."),
        "refunded": Words("分销商已退款给消费者。", "The shop gave its consumer the money."),
        "completed": Words("新货已送达。", "The new goods have arrived."),
    },
    calls={
        state: [
            f"POST /claims/{{claim_no}}/{action}"
            for action in dict.fromkeys(
                step.action for step in claim_roads.STEPS if state in step.sources
            )
        ]
        for state in ClaimState.values
    },
    chinese={
        "agree": "分销商同意全部或一部分。",
        "reject": "分销商拒绝，说明理由。",
        "withdraw": "消费者撤回。",
        "push_address": "告知消费者寄回地址。",
        "send_back": "退货已寄往分销商。",
        "receive": "分销商收到退货。",
        "reship": "分销商寄出新货。",
        "refund": "分销商已退款。",
        "complete": "新货已送达。",
    },
)

GOODWILL = Machine(
    slug="goodwill",
    title=Words("维权补偿", "Goodwill"),
    about=Words(
        "分销商就一张维权单请求平台支持。只有“已结清”会记账或补发。",
        "Help that a distributor asks of the platform for a claim. Only “settled” posts or ships.",
    ),
    choices=GoodwillState,
    model=Claim,
    state_field="goodwill",
    grid=(
        "none asked offered settled",
        ". . declined .",
    ),
    states={
        "none": Words("未请求。", "Nothing was asked for."),
        "asked": Words("已请求，等待平台答复。", "The platform is to answer."),
        "offered": Words("平台已提出金额或补发，等待分销商接受。", "The distributor is to accept."),
        "settled": Words(
            "已接受：金额已退回预存货款，或将补发。", "Accepted: posted, or to be shipped."
        ),
        "declined": Words(
            "平台未支持，或分销商未接受。",
            "The platform does not help, or its offer was not taken.",
        ),
    },
    waits={
        "asked": [Wait("goodwill_answer_days", _NO_HELP)],
        "offered": [Wait("goodwill_choice_days", _NO_HELP)],
    },
    calls={
        state: [
            f"POST /claims/{{claim_no}}/{action}"
            for action, sources in claim_roads.GOODWILL_STEPS
            if state in sources
        ]
        for state in GoodwillState.values
    },
    chinese={
        "ask_goodwill": "分销商请求平台支持。",
        "offer_goodwill": "平台提出金额或补发。",
        "settle_goodwill": "分销商接受：记账或补发。",
        "decline_goodwill": "平台不支持，或其方案未被接受。",
    },
)

MACHINES = (CASE, CLAIM, GOODWILL)
