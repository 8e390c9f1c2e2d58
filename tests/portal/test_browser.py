"""A distributor's people at their after-sales in a real browser, on a telephone too."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from aftersales import goodwill
from aftersales.models import Case, Claim
from distributors.models import Distributor
from kit.actors import OPERATIONS
from tests.aftersales import stage
from tests.aftersales.stage import make_stage
from tests.conftest import LiveWeb
from tests.factories import NOON
from tests.people import log_in, make_person, picture

pytestmark = [pytest.mark.browser, pytest.mark.http]


def enter(page: Page, live_web: LiveWeb, shop: Distributor) -> None:
    session = log_in(make_person(shop.company)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_web.url}])


def test_a_case_is_opened_with_photos_and_its_goods_sent_back(
    quiet: Page, live_web: LiveWeb, tmp_path: Path
) -> None:
    page, play = quiet, make_stage(days=7, received=True)
    for colour in ("green", "navy"):
        (tmp_path / f"{colour}.png").write_bytes(picture(colour))
    enter(page, live_web, play.shop)

    page.goto(f"{live_web.url}/portal/orders/{play.order.order_no}/")
    page.get_by_role("link", name="申请售后").click()
    page.get_by_label("退货退款").check()
    page.get_by_label("原因").select_option("damaged")
    page.get_by_label("照片").set_input_files([tmp_path / "green.png", tmp_path / "navy.png"])
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="售后内容")).to_be_visible()
    case = Case.objects.get()
    stage.approve(case, return_address=stage.ADDRESS)
    page.reload()
    expect(page.locator("#return-address")).to_have_text(stage.ADDRESS)
    page.get_by_label("快递单号").fill("SF1234567890123")
    expect(page.get_by_label("快递公司")).to_have_value("SF")
    page.get_by_role("button", name="提交退货单号").click()
    expect(page.get_by_text("退回中").first).to_be_visible()

    assert case.evidence.count() == 2
    assert Case.objects.get().parcels.get().tracking_no == "SF1234567890123"


def test_a_case_is_withdrawn_after_one_question(quiet: Page, live_web: LiveWeb) -> None:
    play = make_stage()
    case = stage.apply(play)
    enter(quiet, live_web, play.shop)

    quiet.goto(f"{live_web.url}/portal/aftersales/{case.case_no}/")
    quiet.get_by_role("button", name="撤回").click()
    expect(quiet.get_by_text("已撤回").first).to_be_visible()

    assert Case.objects.get().state == "withdrawn"


def test_a_claim_is_opened_run_and_helped_with(
    quiet: Page, live_web: LiveWeb, tmp_path: Path
) -> None:
    page, play = quiet, make_stage(received=True)
    (tmp_path / "green.png").write_bytes(picture("green"))
    enter(page, live_web, play.shop)

    page.goto(f"{live_web.url}/portal/orders/{play.order.order_no}/")
    page.get_by_role("link", name="发起维权").click()
    page.get_by_label("换货").check()
    page.get_by_label("原因").select_option("damaged")
    page.get_by_label("照片").set_input_files([tmp_path / "green.png"])
    page.get_by_role("button", name="发起维权").click()
    page.get_by_role("button", name="同意", exact=True).click()
    page.get_by_label("您的退货地址").fill("云平台 13900000000 杭州市西湖区1号")
    page.get_by_role("button", name="推送地址").click()
    page.get_by_label("快递单号").wait_for()
    page.wait_for_load_state()
    page.get_by_label("快递单号").fill("SF1234567890123")
    expect(page.get_by_label("快递公司")).to_have_value("SF")
    page.get_by_role("button", name="提交退货单号").click()
    page.locator("#goodwill").get_by_label("金额（元）").fill("12.50")
    page.get_by_label("请平台补偿的理由").fill("整箱破损")
    page.get_by_role("button", name="提交申请").click()
    claim = Claim.objects.get()
    goodwill.offer(
        claim_no=claim.claim_no,
        kind="amount",
        amount_fen=10_00,
        liability="platform",
        actor=OPERATIONS,
        at=NOON,
    )
    page.reload()
    expect(page.get_by_text("¥10.00 退入您的预存货款。")).to_be_visible()
    page.get_by_role("button", name="接受方案").click()
    expect(page.get_by_role("button", name="接受方案")).to_have_count(0)

    claim.refresh_from_db()
    assert (claim.state, claim.goodwill) == ("returning", "settled")
