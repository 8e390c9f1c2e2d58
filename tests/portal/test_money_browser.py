"""Recharging in a real browser: a distributor on the telephone, two of staff at their desks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from distributors.models import Distributor, Recharge
from ledger import accounts
from tests.conftest import LiveWeb
from tests.console.staff import client_of, make_staff
from tests.factories import make_distributor
from tests.people import log_in_by_password, make_person, picture

pytestmark = [pytest.mark.browser, pytest.mark.http]
RIGHTS = ("see_money", "see_companies", "recharge_deposits")


@pytest.fixture
def windows(browser: Browser, live_web: LiveWeb) -> Iterator["Windows"]:
    """Windows that reach nothing but our own server, and whose consoles stay silent."""
    opened = Windows(browser, live_web.url)
    yield opened
    assert opened.wrong == []


class Windows:
    """Opens windows, at which people sit down."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.wrong: list[str] = []

    def open(self, *, width: int = 1280) -> Page:
        context = self.browser.new_context(
            locale="zh-CN", viewport={"width": width, "height": 800}, base_url=self.url
        )
        page = context.new_page()
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda asked: self._watch(asked.url))
        return page

    def enter(self, page: Page, session: str) -> None:
        """Let whose session this is sit down at a window."""
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])

    def _hear(self, kind: str, text: str) -> None:
        if kind != "log":
            self.wrong.append(text)

    def _watch(self, address: str) -> None:
        if not address.startswith((self.url, "data:", "blob:")):
            self.wrong.append(address)


def portal(windows: Windows, shop: Distributor) -> Page:
    client = log_in_by_password(make_person(shop.company))
    page = windows.open(width=390)
    windows.enter(page, client.cookies["sessionid"].value)
    return page


def session_of_staff() -> str:
    return client_of(make_staff(*RIGHTS)).cookies["sessionid"].value


def test_a_large_recharge_is_applied_for_on_the_telephone_and_credited_by_two(
    windows: Windows, tmp_path: Path
) -> None:
    shop = make_distributor(deposit_fen=0)
    (tmp_path / "回单.png").write_bytes(picture("green"))
    phone, desk = portal(windows, shop), windows.open()

    phone.goto("/portal/deposit/")
    phone.get_by_role("link", name="充值").first.click()
    phone.get_by_label("金额（元）").fill("20000.50")
    phone.get_by_label("付款流水号").fill("20261122000871")
    phone.get_by_label("付款回单").set_input_files(tmp_path / "回单.png")
    phone.get_by_role("button", name="提交申请").click()
    applied = Recharge.objects.get()
    expect(phone.get_by_role("heading", name=applied.recharge_no)).to_be_visible()
    expect(phone.get_by_role("img", name="付款回单")).to_be_visible()

    for button in ("我已核对到账", "确认入账"):
        windows.enter(desk, session_of_staff())
        desk.goto("/admin/distributors/recharge/?waiting=decision")
        desk.get_by_role("link", name=applied.recharge_no).click()
        expect(desk.get_by_role("img", name="付款回单")).to_be_visible()
        desk.locator(".hp-button.main").click()
        desk.get_by_label("银行流水号").fill("BANK-20261122-1")
        with desk.expect_navigation(wait_until="load"):
            desk.get_by_role("button", name=button).click()
        expect(desk.locator("h1, .hp-bar").first).to_be_visible()

    phone.goto("/portal/deposit/")
    expect(phone.get_by_text("+¥20,000.50")).to_be_visible()
    width = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
    assert accounts.deposit_of(shop.pk).balance_fen == 20_000_50
    assert Recharge.objects.get().state == "approved"


def test_what_is_looked_for_stays_in_the_form(windows: Windows) -> None:
    shop = make_distributor(deposit_fen=100_00)
    page = portal(windows, shop)

    page.goto("/portal/deposit/")
    page.get_by_label("事项").select_option("order_placed")
    page.get_by_role("button", name="显示").click()
    expect(page.get_by_role("heading", name="没有符合条件的流水")).to_be_visible()
    expect(page.get_by_label("事项")).to_have_value("order_placed")
    page.get_by_role("link", name="清除").click()

    expect(page.get_by_text("+¥100.00")).to_be_visible()
