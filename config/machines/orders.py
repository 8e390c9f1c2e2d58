"""Orders in words: the header, fulfilments, parcels, holds, cancellations."""

from config.machines.reading import Machine, Step, Wait, Words
from orders.models import (
    Cancellation,
    CancellationState,
    Fulfilment,
    FulfilmentState,
    Hold,
    HoldState,
    OrderFile,
    OrderFileState,
    OrderState,
    Shipment,
    ShipmentState,
    ShippingFile,
    ShippingFileState,
)

_BEGUN = Words(
    "货源打印、导出或声明已开始处理。", "The source prints, exports or says that it has begun."
)
_SHIPPED_PART = Words(
    "发出了一部分，其余尚未发出。", "A part of it has left, the rest is still to come."
)
_SHIPPED_ALL = Words("未取消的部分已全部发出。", "Everything that is not cancelled is on its way.")
_CANCELLED = Words("所有件数都已取消。", "Every piece has been cancelled.")
_REFUNDED = Words(
    "未取消的件数都已退款（拒收、丢失、退回等）。",
    "Every piece that was not cancelled is refunded: refused, lost, returned.",
)
_RECEIVED = Words("未取消的件数都已收货。", "Every piece that is not cancelled has been received.")
_VOIDED_ALL = Words("唯一的包裹被作废。", "Its only parcel was voided.")
_CANCEL = "POST /orders/{order_no}/cancellations"
_ADDRESS = "PUT /orders/{order_no}/address"
_RECEIPT = "POST /orders/{order_no}/receipt"
_AFTERSALE = ("GET /orders/{order_no}/aftersale-options", "POST /aftersales")
_SOURCE = ("source", "platform")
_ANYBODY = ("distributor", "platform", "source", "timer")
_REFUNDING = ("platform", "distributor", "timer")

ORDER = Machine(
    slug="order",
    title=Words("订单", "Order"),
    about=Words(
        "订单头的状态不由任何人设置：它由 orders.header 根据各行的件数计数器计算得出，因此可以跨过中间状态。",
        "Nobody sets the state of an order's header: orders.header computes it from the counters of the "
        "lines, so states in between may be passed over.",
    ),
    choices=OrderState,
    grid=(
        "cancelled . . refunded . .",
        "placed processing partly_shipped shipped received completed",
    ),
    states={
        "placed": Words("已下单并扣款，货源尚未开始。", "Placed and paid; no source has begun."),
        "processing": Words(
            "货源已开始备货，尚无包裹发出。", "A source has begun; nothing has left yet."
        ),
        "partly_shipped": Words(
            "已发出一部分包裹。", "Some pieces are on their way, some are not."
        ),
        "shipped": Words(
            "未取消的部分全部在途或已送达。", "Everything that is still wanted is on its way."
        ),
        "received": Words(
            "已全部收货，售后期内，或有售后单未结束。",
            "Everything is received; the after-sale window is open, or a case is.",
        ),
        "completed": Words(
            "售后期结束且没有未结售后，供货商的货款转为应付。",
            "The window is over and no case is open; what suppliers earned is payable.",
        ),
        "cancelled": Words(
            "全部取消，货款已退回预存货款。", "All cancelled; the deposit has all of it back."
        ),
        "refunded": Words("未取消的部分全部退款。", "All that was not cancelled is refunded."),
    },
    waits={
        "placed": [
            Wait(
                "ship_within_hours",
                Words(
                    "发出 fulfilment.late，分销商可不经同意取消",
                    "fulfilment.late is told, and the distributor may cancel without consent",
                ),
            )
        ],
        "shipped": [
            Wait(
                "receive_days_after_shipping",
                Words("自动收货（有未结售后时不会）", "received by itself, unless a case is open"),
            ),
            Wait(
                "receive_days_after_signing",
                Words(
                    "自动收货（自快递签收起算）", "received by itself, counted from the signed scan"
                ),
            ),
        ],
        "received": [
            Wait(
                "aftersale_days",
                Words(
                    "自动完成（有未结售后时等其结束）",
                    "completed by itself; an open case is waited for",
                ),
            )
        ],
    },
    calls={
        "placed": (_CANCEL, _ADDRESS),
        "processing": (_CANCEL, _ADDRESS),
        "partly_shipped": (_CANCEL, _RECEIPT, *_AFTERSALE),
        "shipped": (_RECEIPT, *_AFTERSALE),
        "received": _AFTERSALE,
        "completed": ("POST /claims",),
    },
    drawn=[
        Step("begin", "placed", "processing", _SOURCE, _BEGUN),
        Step("ship_part", "placed", "partly_shipped", _SOURCE, _SHIPPED_PART),
        Step("ship_part", "processing", "partly_shipped", _SOURCE, _SHIPPED_PART),
        Step("ship_all", "placed", "shipped", _SOURCE, _SHIPPED_ALL),
        Step("ship_all", "processing", "shipped", _SOURCE, _SHIPPED_ALL),
        Step("ship_all", "partly_shipped", "shipped", _SOURCE, _SHIPPED_ALL),
        Step(
            "unship_part",
            "shipped",
            "partly_shipped",
            _SOURCE,
            Words("有包裹被作废。", "A parcel was voided."),
        ),
        Step("unship_all", "partly_shipped", "processing", _SOURCE, _VOIDED_ALL),
        Step("unship_all", "shipped", "processing", _SOURCE, _VOIDED_ALL),
        Step("cancel", "placed", "cancelled", _ANYBODY, _CANCELLED),
        Step("cancel", "processing", "cancelled", _ANYBODY, _CANCELLED),
        Step("receive", "partly_shipped", "received", ("distributor", "timer"), _RECEIVED),
        Step("receive", "shipped", "received", ("distributor", "timer"), _RECEIVED),
        Step("refund", "partly_shipped", "refunded", _REFUNDING, _REFUNDED),
        Step("refund", "shipped", "refunded", _REFUNDING, _REFUNDED),
        Step("refund", "received", "refunded", _REFUNDING, _REFUNDED),
        Step(
            "complete",
            "received",
            "completed",
            ("timer",),
            Words(
                "售后期结束且没有未结售后。", "The after-sale window is over and no case is open."
            ),
        ),
    ],
)

FULFILMENT = Machine(
    slug="fulfilment",
    title=Words("履约单", "Fulfilment"),
    about=Words(
        "订单中由一个货源（一家供货商，或平台自营仓）发出的部分。",
        "The part of an order that one source ships: a supplier, or the platform's own stock.",
    ),
    choices=FulfilmentState,
    model=Fulfilment,
    grid=(
        "awaiting_shipment partly_shipped shipped closed",
        "cancelled . . .",
    ),
    states={
        "awaiting_shipment": Words("等待发货。", "Nothing has left yet."),
        "partly_shipped": Words("发出了一部分。", "A part has left, more is to come."),
        "shipped": Words("未取消的部分已全部发出。", "All that is not cancelled has left."),
        "closed": Words(
            "所有包裹都已到达终点，没有待发件数。", "Every parcel has come to its end."
        ),
        "cancelled": Words("全部件数已取消。", "Every piece of it has been cancelled."),
    },
    waits={
        state: [
            Wait(
                "ship_within_hours",
                Words(
                    "发出 fulfilment.late，分销商可不经同意取消未发件数",
                    "fulfilment.late is told; what has not left may be cancelled without consent",
                ),
            )
        ]
        for state in ("awaiting_shipment", "partly_shipped")
    },
    chinese={
        "ship_part": "发出第一个包裹，还有未发件数。",
        "ship_all": "剩余件数全部发出，或未发的已被取消。",
        "cancel": "全部件数被取消。",
        "close": "所有包裹都已到达终点，没有待发件数。",
        "unship_part": "一个包裹被作废，其他包裹仍在途。",
        "unship_all": "唯一的包裹被作废。",
    },
)

SHIPMENT = Machine(
    slug="shipment",
    title=Words("包裹", "Shipment"),
    about=Words(
        "一个发给消费者的包裹。售后的退货包裹和补发包裹不在此列，它们记在售后单上。",
        "One parcel to the consumer. Parcels of after-sales stand on their cases, not here.",
    ),
    choices=ShipmentState,
    model=Shipment,
    grid=(
        "voided delivered received .",
        "in_transit exception . lost",
        ". returning . returned",
    ),
    states={
        "in_transit": Words("已交快递，在途。", "It is with the carrier."),
        "delivered": Words(
            "快递已签收，尚未确认收货。", "The carrier says that it was signed for."
        ),
        "exception": Words("快递报告异常。", "The carrier reports trouble."),
        "returning": Words("拒收或被拦截，正在退回。", "Refused or intercepted; on its way back."),
        "received": Words("已收货。", "It has been received."),
        "returned": Words("已退回货源，等待验收。", "It is back at its source, to be inspected."),
        "lost": Words(
            "已丢失，其件数按售后退款。", "It is lost; its pieces are refunded by cases."
        ),
        "voided": Words(
            "录入错误，已作废，件数退回待发；单号可再次使用。",
            "Entered by mistake and voided; its pieces are to be shipped again.",
        ),
    },
    waits={
        "in_transit": [
            Wait(
                "receive_days_after_shipping",
                Words("自动收货（有未结售后时不会）", "received by itself, unless a case is open"),
            )
        ],
        "delivered": [
            Wait(
                "receive_days_after_signing",
                Words("自动收货（有未结售后时不会）", "received by itself, unless a case is open"),
            )
        ],
    },
    chinese={
        "deliver": "快递签收扫描。",
        "receive": "其中的货都已收货，或已在途中退款。",
        "meet_trouble": "快递报告包裹异常。",
        "resume": "包裹找到了，继续派送。",
        "turn_back": "收件人拒收，或包裹被拦截。",
        "come_back": "包裹回到发货方。",
        "write_off": "快递确认丢失。",
        "void": "录入错误，且尚无快递扫描。",
    },
)

HOLD = Machine(
    slug="hold",
    title=Words("预占", "Hold"),
    about=Words(
        "下单前的承诺：占用库存、冻结价格并占用预存货款；余额不足而等待充值的订单也是一种预占。",
        "A promise before the order: stock, price and deposit are kept. "
        "An order that waits for its deposit to be filled is a hold too.",
    ),
    choices=HoldState,
    model=Hold,
    grid=(
        ". consumed",
        "active released",
        ". lapsed",
    ),
    states={
        "active": Words("库存与价格为您保留。", "Stock and price are kept."),
        "consumed": Words("已按预占下单。", "The order has been placed from it."),
        "released": Words(
            "分销商放弃，库存和占用的货款已退回。", "Given up; stock and deposit are back."
        ),
        "lapsed": Words(
            "到期失效，库存和占用的货款已退回。", "Its time is over; stock and deposit are back."
        ),
    },
    waits={
        "active": [
            Wait(
                "hold_minutes",
                Words("失效（可延长一次）", "lapsed; it can be extended once"),
            ),
            Wait(
                "wait_for_funds_hours",
                Words(
                    "失效（等待充值的订单）",
                    "lapsed, where an order waits for the deposit",
                ),
            ),
        ]
    },
    calls={
        "active": ("POST /orders", "POST /holds/{hold_id}/extension", "DELETE /holds/{hold_id}")
    },
    chinese={
        "consume": "订单已下。",
        "release": "分销商放弃。",
        "lapse": "时间到。",
    },
)

CANCELLATION = Machine(
    slug="cancellation",
    title=Words("取消", "Cancellation"),
    about=Words(
        "某个货源的若干件不再发货。申请一提交，这些件数即被冻结，发货会失败。",
        "Pieces of one source that are not to be shipped. While it is asked for they are frozen, "
        "so that shipping them fails.",
    ),
    choices=CancellationState,
    model=Cancellation,
    grid=(
        ". granted",
        "requested refused",
        ". withdrawn",
    ),
    states={
        "requested": Words(
            "货源已开始处理，等待平台答复。", "The source has begun; the platform answers."
        ),
        "granted": Words("已取消，货款和库存已退回。", "Not shipped; money and stock are back."),
        "refused": Words("已发出，附包裹单号。", "Too late; the parcel is named."),
        "withdrawn": Words("分销商撤回，照常发货。", "The distributor wants the pieces after all."),
    },
    waits={
        "requested": [
            Wait("cancellation_answer_hours", Words("视为同意", "granted")),
        ]
    },
    calls={"requested": ("POST /cancellations/{cancellation_no}/withdrawal",)},
    chinese={
        "grant": "不再发货，货款和库存退回。",
        "refuse": "货已发出，须给出包裹单号。",
        "withdraw": "分销商不取消了。",
    },
)

ORDER_FILE = Machine(
    slug="order-file",
    title=Words("订单文件", "File of orders"),
    about=Words(
        "买家上传的一张订单表。先试算，不留任何痕迹；买家确认后逐单下单，每单一个结果。",
        "A sheet of orders that a buyer uploads. It is checked without a trace first; once the "
        "buyer agrees, each of its orders gets an answer of its own.",
    ),
    choices=OrderFileState,
    model=OrderFile,
    grid=(". discarded .", "checked placing done"),
    states={
        "checked": Words(
            "已试算，等待买家确认；可重新试算。",
            "Checked; its buyer looks it over, and may have it checked again.",
        ),
        "placing": Words(
            "正在逐批下单；中断后会自动继续。",
            "Its orders are placed some at a time; what stops goes on by itself.",
        ),
        "done": Words("每一单都有结果。", "Each of its orders has its answer."),
        "discarded": Words("买家放弃，没有下单。", "Its buyer left it; nothing was placed."),
    },
    chinese={
        "confirm": "买家确认，可以下单的订单开始下单。",
        "finish": "每一单都有了结果。",
        "discard": "买家放弃这个文件。",
    },
)

SHIPPING_FILE = Machine(
    slug="shipping-file",
    title=Words("发货文件", "Shipping file"),
    about=Words(
        "货源上传或粘贴的一批快递单号。先逐行预检，不留任何痕迹；确认后一次性发货，每行一个结果。",
        "Tracking numbers of many orders that a source uploads or pastes. Each row is looked over "
        "without a trace first; then all are shipped in one act, and each row gets an answer.",
    ),
    choices=ShippingFileState,
    model=ShippingFile,
    grid=(". discarded", "checked shipped"),
    states={
        "checked": Words(
            "已预检，等待确认；可改列的对应关系。",
            "Looked over; it may still be said what its columns hold.",
        ),
        "shipped": Words("每一行都有结果。", "Each of its rows has its answer."),
        "discarded": Words("已放弃，没有发货。", "It was left; nothing was shipped."),
    },
    chinese={
        "ship": "货源确认，能发的全部发出，不能发的逐行说明原因。",
        "discard": "货源放弃这个文件。",
    },
)

MACHINES = (ORDER, FULFILMENT, SHIPMENT, HOLD, CANCELLATION, ORDER_FILE, SHIPPING_FILE)
