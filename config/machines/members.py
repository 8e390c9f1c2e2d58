"""Members and goods in words: distributors, suppliers, keys, invitations, products, revisions."""

from companies.models import Invitation, InvitationState
from config.machines.reading import Machine, Wait, Words
from distributors.models import Distributor, DistributorState
from integration.models import (
    ApiKey,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    KeyState,
)
from suppliers.models import Supplier, SupplierState
from supplychain.models import (
    CatalogueExport,
    ExportState,
    GoodsFile,
    GoodsFileState,
    Product,
    ProductState,
    Revision,
    RevisionState,
)

DISTRIBUTOR = Machine(
    slug="distributor",
    title=Words("分销商", "Distributor"),
    about=Words("一家公司作为分销商的身份。", "A company in its role as a shop."),
    choices=DistributorState,
    model=Distributor,
    grid=("active suspended closed",),
    states={
        "active": Words("可以下单。", "It may order."),
        "suspended": Words(
            "不能下单，其余照常；已下订单继续履行。",
            "It may not order, but reads everything; what was ordered goes on.",
        ),
        "closed": Words(
            "合作已终止；已下订单继续履行。", "The relation has ended; what was ordered goes on."
        ),
    },
    chinese={
        "suspend": "暂停接受其新订单。",
        "resume": "恢复接受其订单。",
        "close": "终止合作；已下订单继续履行。",
    },
)

SUPPLIER = Machine(
    slug="supplier",
    title=Words("供货商", "Supplier"),
    about=Words("一家公司作为货源的身份。", "A company in its role as a source of goods."),
    choices=SupplierState,
    model=Supplier,
    grid=("active suspended closed",),
    states={
        "active": Words("其商品可以销售。", "Its goods can be ordered."),
        "suspended": Words(
            "其商品暂停销售；已下订单仍须发货。",
            "Its goods cannot be ordered; what was ordered is still shipped.",
        ),
        "closed": Words(
            "合作已终止；已下订单仍须发货并结算。",
            "The relation has ended; what was ordered is still shipped and settled.",
        ),
    },
    chinese={
        "suspend": "暂停销售其商品。",
        "resume": "恢复销售其商品。",
        "close": "终止合作；已下订单仍须发货并结算。",
    },
)

API_KEY = Machine(
    slug="api-key",
    title=Words("接口密钥", "API key"),
    about=Words(
        "用于请求签名的公开编号与密钥。轮换期间新旧密钥同时有效。",
        "A public id and a secret that sign requests; while rotating, two secrets work.",
    ),
    choices=KeyState,
    model=ApiKey,
    grid=("live revoked",),
    states={
        "live": Words("可以签名。", "It signs."),
        "revoked": Words("永久作废。", "It signs nothing, for good."),
    },
    chinese={"revoke": "不再能签名。"},
)

ENDPOINT = Machine(
    slug="endpoint",
    title=Words("回调地址", "Callback address"),
    about=Words(
        "分销商接收事件回调的地址。无论处于哪个状态，事件都不会丢失：恢复后补发，也可随时从事件流读取。",
        "Where a partner is called back. Nothing is dropped in any state: it is told afterwards, and "
        "can be read in the feed all the while.",
    ),
    choices=EndpointState,
    model=Endpoint,
    grid=(". paused", "live degraded", ". stopped"),
    states={
        "live": Words("有事件即回调。", "It is called as events happen."),
        "degraded": Words(
            "有事件用尽重试后被搁置，每小时试一次；首个 2xx 应答即恢复并全部补发。",
            "Something is parked after all its tries, and tried every hour; the first 2xx ends it "
            "and releases everything.",
        ),
        "paused": Words("由所有者暂停，事件留存。", "Its owner wants no calls; events are kept."),
        "stopped": Words(
            "对方应答 410，停止回调，事件留存；由所有者恢复。",
            "It answered 410: no calls until its owner resumes; events are kept.",
        ),
    },
    chinese={
        "degrade": "某条事件的全部重试均失败，且没有任何回调成功。",
        "recover": "对方重新应答 2xx，搁置的事件全部补发。",
        "pause": "所有者暂停回调。",
        "stop": "对方应答 410。",
        "resume": "所有者恢复回调，留存的事件立即补发。",
    },
)

DELIVERY = Machine(
    slug="delivery",
    title=Words("回调投递", "Delivery"),
    about=Words(
        "一条事件对一个回调地址的投递。失败后按 5 秒、5 分钟、30 分钟、2、5、10、14、20、24 小时的间隔重试。",
        "One event to be told at one address. What fails is tried again after 5 seconds, 5 and 30 "
        "minutes, 2, 5, 10, 14, 20 and 24 hours.",
    ),
    choices=DeliveryState,
    model=Delivery,
    grid=("pending delivered", "parked ."),
    states={
        "pending": Words("等待投递或下一次重试。", "To be told, or told again."),
        "delivered": Words("对方已应答 2xx。", "Any 2xx has acknowledged it."),
        "parked": Words(
            "重试已用尽，每小时试一次；对方恢复后自动补发。",
            "Every try has failed; tried every hour, and released when the address answers again.",
        ),
    },
    chinese={
        "deliver": "对方应答 2xx。",
        "park": "最后一次重试失败。",
        "release": "对方恢复应答，或所有者要求重发。",
        "replay": "所有者要求重发，编号不变。",
    },
)

INVITATION = Machine(
    slug="invitation",
    title=Words("邀请", "Invitation"),
    about=Words("加入一家公司的链接。", "A link by which somebody joins a company."),
    choices=InvitationState,
    model=Invitation,
    grid=(
        ". accepted",
        "open revoked",
    ),
    states={
        "open": Words("链接可以使用。", "The link can be used."),
        "accepted": Words("已通过它加入。", "Somebody has joined by it."),
        "revoked": Words("已收回，或已被新的邀请取代。", "Taken back, or replaced by a newer one."),
    },
    waits={
        "open": [
            Wait(
                "invitation_days",
                Words("链接失效，状态不变", "the link is worth nothing; the state stays"),
            )
        ]
    },
    chinese={"accept": "有人通过它加入。", "revoke": "公司收回，或发出了新的邀请。"},
)

PRODUCT = Machine(
    slug="product",
    title=Words("商品", "Product"),
    about=Words(
        "分销商看到的商品，含一个或多个规格。", "Goods as distributors see them, with their skus."
    ),
    choices=ProductState,
    model=Product,
    grid=("draft listed delisted",),
    states={
        "draft": Words("尚未上架过。", "It has never been offered."),
        "listed": Words("在售。", "It is offered."),
        "delisted": Words("已下架。", "It is off sale."),
    },
    chinese={"list": "上架销售。", "delist": "下架。"},
)

REVISION = Machine(
    slug="revision",
    title=Words("商品修改单", "Revision"),
    about=Words(
        "商品的一份待审内容，平台按与线上内容的差异审核。",
        "A proposed content of a product, reviewed as a difference to what is live.",
    ),
    choices=RevisionState,
    model=Revision,
    grid=(
        "withdrawn . .",
        "open approved applied",
        "changes_requested rejected .",
    ),
    states={
        "open": Words("等待平台审核。", "The platform is to review it."),
        "changes_requested": Words(
            "已退回，等待供货商修改。", "The supplier is to change something."
        ),
        "approved": Words("已通过，等待生效时间。", "It goes live at its time."),
        "applied": Words("已生效。", "It is live."),
        "rejected": Words("已驳回。", "It will not go live."),
        "withdrawn": Words("供货商已撤回。", "The supplier took it back."),
    },
    chinese={
        "approve": "到生效时间即可上线；受信任供货商自动通过。",
        "apply": "已上线。",
        "ask_for_change": "供货商须先修改。",
        "resubmit": "供货商已修改。",
        "reject": "不予上线。",
        "withdraw": "供货商撤回。",
    },
)

CATALOGUE_FILE = Machine(
    slug="catalogue-file",
    title=Words("商品目录文件", "Catalogue file"),
    about=Words(
        "分销商申请的全量商品文件，由后台任务生成；每个分销商同时只有一个在生成。",
        "A file of all products that a distributor sees, written by a job; one at a time for each "
        "distributor.",
    ),
    choices=ExportState,
    model=CatalogueExport,
    grid=("queued running ready expired", ". failed . ."),
    states={
        "queued": Words("等待后台任务。", "A worker is to write it."),
        "running": Words(
            "正在生成；任务中断后由另一个任务接手，最多三次。",
            "A worker writes it; if it dies another takes over, three times at the most.",
        ),
        "ready": Words("可以下载，保留 7 天。", "It can be fetched, for 7 days."),
        "failed": Words("多次中断，已放弃；请重新申请。", "It was tried too often; ask again."),
        "expired": Words("文件已删除。", "Its file is deleted."),
    },
    chinese={
        "begin": "任务开始生成。",
        "finish": "生成完毕，可以下载。",
        "fail": "多次中断，放弃。",
        "expire": "超过保留期，删除文件。",
    },
)

GOODS_FILE = Machine(
    slug="goods-file",
    title=Words("商品文件", "File of goods"),
    about=Words(
        "供货商或平台上传的一张商品表。先逐行试算，不留任何痕迹；确认后由后台任务分批导入，每行一个结果。",
        "A sheet of goods that a supplier or the platform uploads. Its rows are checked without a "
        "trace first; once its owner agrees, a job loads them some at a time, and each gets an answer.",
    ),
    choices=GoodsFileState,
    model=GoodsFile,
    grid=(
        ". mapping . cancelled . .",
        "reading . checking checked loading done",
        ". . failed . . .",
    ),
    states={
        "reading": Words("后台任务正在逐行读取。", "A job reads its rows."),
        "mapping": Words(
            "有必需的列没有认出来，等待说明各列内容。",
            "A column that must be there was not found; its owner is to say what the columns hold.",
        ),
        "checking": Words(
            "正在试算；中断后由另一个任务接着做。",
            "Its rows are checked; a job that dies is followed by another that goes on behind it.",
        ),
        "checked": Words(
            "已试算；可就地改正、重新试算、导入或取消。",
            "Checked; cells may be corrected, and it may be checked again, loaded or cancelled.",
        ),
        "loading": Words(
            "正在导入；中断后由另一个任务接着做。",
            "Its rows are loaded; a job that dies is followed by another that goes on behind it.",
        ),
        "done": Words("每一行都有结果。", "Each of its rows has its answer."),
        "cancelled": Words(
            "已取消；取消前已导入的保留。", "It was left; what was loaded before stays."
        ),
        "failed": Words(
            "文件无法读取，或不能再导入。", "It cannot be read, or not be loaded any more."
        ),
    },
    chinese={
        "ask_for_columns": "已读完，需要说明各列内容。",
        "begin_checking": "各列内容已知，开始试算。",
        "finish_checking": "每一行的结果都已算出。",
        "begin_loading": "确认导入没有问题的行。",
        "finish": "每一行都有了结果。",
        "cancel": "不再继续导入。",
        "fail": "无法读取，或所有者不能再导入。",
    },
)

MACHINES = (
    PRODUCT,
    REVISION,
    CATALOGUE_FILE,
    GOODS_FILE,
    DISTRIBUTOR,
    SUPPLIER,
    API_KEY,
    ENDPOINT,
    DELIVERY,
    INVITATION,
)
