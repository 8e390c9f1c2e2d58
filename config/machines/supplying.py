"""Joining either side and being closed for a while, in words: applications, papers, holidays."""

from companies.applications import ApplicationState
from config.machines.reading import Machine, Words
from distributors.models import ShopApplication
from suppliers.models import Application, Paper, PaperState
from supplychain.models import Holiday, HolidayState

APPLICATION = Machine(
    slug="application",
    title=Words("入驻申请", "Application"),
    about=Words(
        "企业通过公开表单申请成为供货商；凭链接查看进度，无需登录。",
        "A company asks by the public form to supply goods; a link shows how far it has come.",
    ),
    choices=ApplicationState,
    model=Application,
    grid=("sent_back applied approved", ". rejected ."),
    states={
        "applied": Words("等待平台审核。", "Staff are to decide it."),
        "sent_back": Words(
            "申请人须按说明修改后重新提交。", "The applicant is to correct it, as the note says."
        ),
        "approved": Words(
            "已开通供货商，其证照视为通过，并已邀请联系人作为负责人。",
            "The supplier is open, its papers are accepted, and its owner is invited.",
        ),
        "rejected": Words(
            "未通过；企业可以重新申请。", "It was declined; the company may apply anew."
        ),
    },
    chinese={
        "send_back": "有内容需要修改，原因见说明。",
        "correct": "申请人已重新提交。",
        "approve": "申请的身份已开通。",
        "reject": "平台拒绝，原因见说明。",
    },
)

PAPER = Machine(
    slug="paper",
    title=Words("证照", "Paper"),
    about=Words(
        "供货商或申请人提交的一份文件；同类再提交一份，是另一份证照。",
        "A file that a supplier or an applicant handed in; another of its kind is another paper.",
    ),
    choices=PaperState,
    model=Paper,
    grid=("replaced waiting accepted", ". . sent_back"),
    states={
        "waiting": Words("等待平台核对。", "Staff are to check it."),
        "accepted": Words("计入证照清单。", "It counts on the checklist."),
        "sent_back": Words("不计入清单，须重新提交。", "It does not count; another is needed."),
        "replaced": Words(
            "核对之前已被同类的新证照替换。", "Another of its kind came before it was checked."
        ),
    },
    chinese={
        "accept": "核对无误。",
        "send_back": "有问题或已失效，原因另附。",
        "replace": "核对之前提交了新的一份。",
    },
)

HOLIDAY = Machine(
    slug="holiday",
    title=Words("休假", "Holiday"),
    about=Words(
        "供货商休假期间，其商品自动下架；结束后恢复因此下架的商品，以及期间通过审核或上架的商品。",
        "While a supplier is closed its goods are off sale; those come back afterwards, and what was"
        " approved or listed meanwhile comes with them.",
    ),
    choices=HolidayState,
    model=Holiday,
    grid=("planned running over", "called_off . ."),
    states={
        "planned": Words("第一天零点开始。", "It begins at midnight of its first day."),
        "running": Words(
            "商品已下架；期间通过审核或上架的商品等到休假结束，期间被下架的商品之后不再上架。",
            "The goods are off sale; what is approved or listed meanwhile waits for the end, and what"
            " is taken off sale stays off.",
        ),
        "over": Words("商品已恢复上架。", "The goods are back on sale."),
        "called_off": Words("未开始即取消。", "It was called off before it began."),
    },
    chinese={
        "begin": "第一天到了。",
        "end": "最后一天已过，或供货商提前恢复营业。",
        "call_off": "供货商照常营业。",
    },
)

SHOP_APPLICATION = Machine(
    slug="shop-application",
    title=Words("分销申请", "Application of a distributor"),
    about=Words(
        "企业通过公开表单申请成为分销商；凭链接查看进度，无需登录。",
        "A company asks by the public form to become a distributor; a link shows how far it is.",
    ),
    choices=ApplicationState,
    model=ShopApplication,
    grid=APPLICATION.grid,
    states={
        **APPLICATION.states,
        "approved": Words(
            "已按所选等级开通分销商，并已邀请联系人作为负责人。",
            "The distributor is open on the level that was chosen, and its owner is invited.",
        ),
    },
    chinese=APPLICATION.chinese,
)

MACHINES = (APPLICATION, SHOP_APPLICATION, PAPER, HOLIDAY)
