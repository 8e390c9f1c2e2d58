"""Staff at work in a real browser: no error in it, and no request that leaves this machine."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from aftersales import goodwill
from aftersales.models import Case, Claim
from kit.actors import OPERATIONS
from ledger import accounts
from orders import placing
from orders.models import Order, Shipment
from supplychain.models import FreightTemplate, Product
from tests.aftersales import stage
from tests.aftersales.stage import make_stage
from tests.conftest import LiveWeb
from tests.console.staff import client_of, make_cancellation, make_revision, make_staff
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_evidence,
    make_request,
    make_sku,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(live_web: LiveWeb, page: Page) -> Iterator[Page]:
    """A page in which somebody with every right is logged in; what goes wrong in it fails the test."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((live_web.url, "data:")) else wrong.append(asked.url)
        ),
    )
    session = client_of(make_staff(superuser=True)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_web.url}])
    page.goto(f"{live_web.url}/admin/")
    yield page
    assert wrong == []


def test_a_product_is_reviewed_from_the_inbox(desk: Page) -> None:
    revision = make_revision()

    desk.reload()
    desk.get_by_role("link", name="待审核的商品与变更").click()
    desk.get_by_role("link", name="龙井茶").click()
    desk.locator("input[name=markup_0_fen]").fill("1.50")
    desk.get_by_role("button", name="确认").click()
    desk.get_by_text("审核通过，已生效。").wait_for()

    product = Product.objects.get(pk=revision.product_id)
    assert product.state == "listed"
    assert product.skus.get().markup_fen == 1_50


def test_a_deposit_is_recharged(live_web: LiveWeb, desk: Page) -> None:
    distributor = make_distributor(deposit_fen=0)

    desk.goto(f"{live_web.url}/admin/distributors/distributor/")
    desk.get_by_role("link", name=distributor.number).click()
    desk.get_by_role("link", name="充值", exact=True).click()
    desk.get_by_label("金额（元）").fill("1000.50")
    desk.get_by_label("银行流水号").fill("ICBC-20261122-1")
    desk.get_by_role("button", name="确认入账").click()
    desk.get_by_text("已入账 ¥1,000.50").wait_for()

    assert accounts.deposit_of(distributor.pk).balance_fen == 1_000_50


def test_own_goods_are_shipped_with_the_carrier_guessed(live_web: LiveWeb, desk: Page) -> None:
    placed = placing.place(make_request(make_distributor(), {make_sku(): 2}), at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])

    desk.goto(f"{live_web.url}/admin/")
    desk.get_by_role("link", name="自营待发货").click()
    desk.get_by_role("link", name=order.order_no).click()
    desk.get_by_role("link", name="发货", exact=True).click()
    desk.get_by_label("快递单号").fill("jt1234567890123")
    guessed = desk.get_by_label("快递公司").input_value()
    desk.get_by_role("button", name="确认发货").click()
    desk.get_by_text("包裹 JT1234567890123 已发出。").wait_for()

    assert guessed == "JTSD"
    assert Shipment.objects.get().carrier_code == "JTSD"


def test_a_case_is_decided_with_its_photos_in_view(desk: Page) -> None:
    play = make_stage()
    photo = make_evidence(play.shop)
    case = stage.apply(play, reason="damaged", evidence=[photo.upload_id])

    desk.reload()
    desk.get_by_role("link", name="待处理售后").click()
    desk.get_by_role("link", name=case.case_no).click()
    desk.get_by_alt_text("照片 1").click()
    width = desk.locator("dialog img").evaluate(
        "async (one) => (await one.decode(), one.naturalWidth)"
    )
    desk.locator("dialog").click()
    desk.get_by_role("button", name="批准售后").click()
    desk.get_by_text(f"售后单 {case.case_no}：已退款。").wait_for()

    assert width == 40
    assert desk.locator("dialog").count() == 0
    assert Case.objects.get(pk=case.pk).refunded_fen == stage.PRICE_FEN


def test_own_goods_are_shipped_again_with_the_carrier_guessed(
    live_web: LiveWeb, desk: Page
) -> None:
    case = stage.approve(stage.apply(make_stage(own=True), "resend"))

    desk.goto(f"{live_web.url}/admin/cases/{case.pk}/")
    desk.get_by_label("快递单号").fill("jt1234567890123")
    guessed = desk.get_by_label("快递公司").input_value()
    desk.get_by_role("button", name="确认发货").or_(desk.locator("#reship button")).first.click()
    desk.get_by_text("已补发").first.wait_for()

    assert guessed == "JTSD"
    assert Case.objects.get(pk=case.pk).state == "reshipped"


def ask_goodwill() -> Claim:
    """A claim of a distributor for which the platform is asked."""
    order = make_stage(received=True).order
    claim = make_claim(order)
    return goodwill.ask(
        distributor=order.distributor,
        claim_no=claim.claim_no,
        note="整箱破损",
        amount_fen=10_00,
        actor=OPERATIONS,
        at=NOON,
    )


def test_goodwill_is_offered_from_the_inbox(desk: Page) -> None:
    claim = ask_goodwill()

    desk.reload()
    desk.get_by_role("link", name="待答复的善意补偿").click()
    desk.get_by_role("link", name=claim.claim_no).click()
    desk.get_by_role("button", name="提交方案").click()
    desk.get_by_text(f"维权 {claim.claim_no} 的善意补偿：").wait_for()

    claim.refresh_from_db()
    assert (claim.goodwill, claim.goodwill_fen) == ("offered", 10_00)


def test_pages_fit_a_telephone(live_web: LiveWeb, desk: Page) -> None:
    placed = placing.place(make_request(make_distributor(), {make_sku(): 2}), at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])
    case = stage.apply(make_stage())
    claim = ask_goodwill()
    desk.set_viewport_size({"width": 390, "height": 800})

    wide = []
    for address in [
        "",
        f"cases/{case.pk}/",
        "aftersales/case/",
        f"goodwill/{claim.pk}/",
        "aftersales/claim/",
        f"orders/{order.pk}/",
        "orders/order/",
        "distributors/new/",
        "policies/",
    ]:
        desk.goto(f"{live_web.url}/admin/{address}")
        page_width = desk.evaluate("document.documentElement.scrollWidth")
        if page_width > 390:
            wide.append((address, page_width))

    assert wide == []


def test_a_cancellation_is_refused_with_its_parcel(live_web: LiveWeb, desk: Page) -> None:
    cancellation = make_cancellation(make_distributor(), make_sku(), timezone.now())

    desk.goto(f"{live_web.url}/admin/")
    desk.get_by_role("link", name="待答复的取消申请").click()
    desk.get_by_role("link", name=str(cancellation)).click()
    desk.get_by_role("link", name="拒绝取消").click()
    desk.locator("input[name=tracking_no]").fill("SF1234567890123")
    desk.locator("select[name=carrier_code]").select_option("SF")
    desk.get_by_role("button", name="商品已随此包裹发出").click()
    desk.get_by_text("商品已在途").wait_for()

    cancellation.refresh_from_db()
    assert cancellation.state == "refused"
    assert Shipment.objects.get().lines.get().quantity == 1


def test_reviews_are_decided_by_keys_that_rest_while_somebody_types(
    live_web: LiveWeb, desk: Page
) -> None:
    first, second = make_revision(owner_no="A"), make_revision(owner_no="B")

    desk.goto(f"{live_web.url}/admin/reviews/")
    desk.keyboard.press("?")
    desk.get_by_text("在队列中向下、向上").wait_for()
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/admin/reviews/{first.pk}/")
    desk.keyboard.press("r")
    desk.keyboard.type("图片不清，a 与 c 两图相同")
    note = desk.locator("#id_note").input_value()
    desk.locator("#id_note").blur()
    desk.keyboard.press("r")
    desk.wait_for_url(f"**/admin/reviews/{second.pk}/")
    desk.keyboard.press("a")
    desk.get_by_text("审核通过，已生效。").wait_for()

    first.refresh_from_db()
    second.refresh_from_db()
    assert note == "图片不清，a 与 c 两图相同"
    assert (first.state, first.note, second.state) == ("rejected", note, "applied")


def test_provinces_are_chosen_on_the_map_by_click_and_key(live_web: LiveWeb, desk: Page) -> None:
    desk.goto(f"{live_web.url}/admin/freight-templates/new/")
    desk.get_by_label("名称").fill("标准")
    desk.locator("input[name=rules-0-first_fen]").fill("8")
    desk.get_by_role("button", name="广东省").click()
    desk.get_by_role("button", name="福建省").focus()
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="添加规则").click()
    desk.locator("input[name=rules-1-first_fen]").fill("20")
    desk.get_by_role("button", name="福建省").click()
    desk.get_by_role("button", name="福建省").click()
    desk.get_by_role("button", name="保存").click()
    desk.get_by_text("已保存").first.wait_for()

    template = FreightTemplate.objects.get()
    rules = [(rule.regions, rule.first_fen) for rule in template.rules.all()]
    assert rules == [(["广东省"], 8_00), ([], 20_00)]
