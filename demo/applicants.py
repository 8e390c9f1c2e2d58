"""Companies at the door on the demo's present day, and what the platform says to its suppliers."""

import io
from datetime import timedelta

from PIL import Image, ImageDraw

from companies.papers import Upload, read_upload
from demo import companies
from demo.companies import Cast
from kit import credit_codes
from kit.actors import person
from suppliers import applying, checklist, noticing
from suppliers.applying import Answers
from suppliers.models import Application, Notice, PaperKind

MANAGER = companies.STAFF[0].email
PAPER_SIZE = (1000, 700)
NOTICE = "年货节发货安排"
WAITING = Answers(
    company_name="武夷山岩骨茶厂",
    credit_code="",
    contact_name="吴岩",
    contact_phone="13900000021",
    email="yancha@demo.example",
    main_goods="武夷岩茶、大红袍、肉桂；每月可供 5000 盒",
    categories=["食品"],
)
CORRECTED = Answers(
    company_name="景德镇青白瓷坊",
    credit_code="",
    contact_name="陶青",
    contact_phone="13900000022",
    email="qingbai@demo.example",
    main_goods="青白瓷茶具、盖碗、餐具；每月可供 3000 套",
    categories=["家居"],
)


def arrive(cast: Cast) -> None:
    """Apply, send one back and have it corrected, and write a notice; whoever is there stays."""
    if not Application.objects.filter(email=WAITING.email).exists():
        _apply(cast, WAITING, "9135078266", hours_ago=26)
    if not Application.objects.filter(email=CORRECTED.email).exists():
        _correct(cast)
    if not Notice.objects.filter(title=NOTICE).exists():
        noticing.write(
            title=NOTICE,
            text="年货节期间订单量约为平日三倍，请提前备货；超时发货将影响履约表现。",
            shown_from=cast.now - timedelta(hours=20),
            shown_until=None,
            actor=person(MANAGER),
            at=cast.now - timedelta(hours=20),
        )


def _correct(cast: Cast) -> None:
    sent = _apply(cast, CORRECTED, "9136020082", hours_ago=50)
    applying.send_back(
        application_pk=sent.pk,
        submission=sent.submission,
        note="请补充联系人姓名的全称，并重新上传营业执照。",
        actor=person(MANAGER),
        at=cast.now - timedelta(hours=28),
    )
    answers = Answers(
        **{**vars(CORRECTED), "contact_name": "陶青瓷", "credit_code": sent.credit_code}
    )
    applying.correct(
        token=applying.token_of(sent),
        answers=answers,
        uploads={PaperKind.BUSINESS_LICENCE: _paper(sent.company_name, "营业执照")},
        at=cast.now - timedelta(hours=3),
    )


def _apply(cast: Cast, answers: Answers, number: str, *, hours_ago: int) -> Application:
    code = f"{number}0000000"
    code += credit_codes.check_digit(code)
    return applying.apply(
        answers=Answers(**{**vars(answers), "credit_code": code}),
        uploads={
            one.kind: _paper(answers.company_name, str(one.kind.label))
            for one in checklist.asked()
            if one.required
        },
        language="zh-hans",
        at=cast.now - timedelta(hours=hours_ago),
    )


def _paper(company: str, title: str) -> Upload:
    """Draw a sheet that nobody takes for a real one."""
    sheet = Image.new("RGB", PAPER_SIZE, "#fdf6e3")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((30, 30, PAPER_SIZE[0] - 30, PAPER_SIZE[1] - 30), outline="#b42318", width=6)
    pen.line((30, 30, PAPER_SIZE[0] - 30, PAPER_SIZE[1] - 30), fill="#e6b8b4", width=3)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return read_upload(name=f"{title}-{company}.png", content=file.getvalue())
