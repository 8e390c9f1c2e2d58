"""The jobs of a day, in a real browser, in both languages; a picture of each is kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from console.models import Attention
from distributors.models import Recharge
from orders import placing
from orders.models import Order, Shipment
from tests.conftest import LiveWeb
from tests.console.staff import client_of, make_staff
from tests.factories import make_distributor, make_recharge, make_request, make_sku

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "test-results"
SEND = ".hp-form .actions button"


@pytest.fixture(params=["zh-CN", "en"])
def desk(live_web: LiveWeb, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A reader of one language with every right; what goes wrong in the page fails the test."""
    wrong: list[str] = []
    context = browser.new_context(
        base_url=live_web.url, locale=request.param, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    sit_down(page, live_web)
    yield page
    context.close()
    assert wrong == []


def sit_down(page: Page, live_web: LiveWeb) -> None:
    """Let somebody else with every right use the browser."""
    session = client_of(make_staff(superuser=True)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_web.url}])


def keep(page: Page, name: str) -> None:
    """Keep a picture of a page, by language."""
    PICTURES.mkdir(exist_ok=True)
    language = page.evaluate("document.documentElement.lang")
    page.screenshot(path=PICTURES / f"console-{name}-{language}.png")


def test_orders_are_found_shipped_by_file_and_what_is_late_is_taken(
    desk: Page, tmp_path: Path
) -> None:
    shop, tea = make_distributor(deposit_fen=10_000_00), make_sku()
    long_ago = timezone.now() - timedelta(days=6)
    placing.place_many([make_request(shop, {tea: 2}), make_request(shop, {tea: 1})], at=long_ago)
    late, other = Order.objects.order_by("pk")
    sheet = tmp_path / "sf.csv"
    sheet.write_text(f"订单号,运单号\n{other.order_no},SF1234567890123\n", encoding="utf-8")

    desk.goto("/admin/", wait_until="load")
    keep(desk, "home")
    desk.keyboard.press("/")
    desk.keyboard.type(late.out_order_no)
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/admin/orders/{late.pk}/")
    keep(desk, "order")
    desk.goto("/admin/own-shipping/upload/", wait_until="load")
    desk.set_input_files("input[type=file]", sheet)
    desk.locator(SEND).click()
    desk.wait_for_url("**/admin/shipping-files/*/")
    keep(desk, "shipping")
    desk.locator("form[action$='/shipping/'] button").click()
    expect(desk.locator(".hp-count b").first).to_have_text("1")
    desk.goto("/admin/exceptions/?kind=late_own", wait_until="load")
    desk.locator("form[action$='/taking/'] button").click()
    expect(desk.locator("form[action$='/taking/']")).to_have_count(0)
    keep(desk, "exceptions")

    assert Shipment.objects.get().fulfilment.order_id == other.pk
    assert Attention.objects.get().subject_pk == late.fulfilments.get().pk


def test_a_large_recharge_takes_two_and_balances_fit_a_telephone(
    desk: Page, live_web: LiveWeb
) -> None:
    recharge = make_recharge(
        make_distributor(deposit_fen=0), amount_fen=200_000_00, at=timezone.now()
    )

    desk.goto(f"/admin/recharges/{recharge.pk}/check/", wait_until="load")
    desk.locator("input[name=bank_reference]").fill("ICBC-1")
    keep(desk, "recharge")
    desk.locator(SEND).first.click()
    desk.wait_for_url(f"**/admin/recharges/{recharge.pk}/")
    sit_down(desk, live_web)
    desk.goto(f"/admin/recharges/{recharge.pk}/approval/", wait_until="load")
    desk.locator("input[name=bank_reference]").fill("ICBC-1")
    desk.locator(SEND).first.click()
    desk.wait_for_url(f"**/admin/recharges/{recharge.pk}/")
    desk.set_viewport_size({"width": 390, "height": 800})
    desk.goto("/admin/trial-balance/", wait_until="load")
    keep(desk, "trial-balance")

    assert Recharge.objects.get().state == "approved"
    assert desk.locator(".hp-table").evaluate("(one) => one.scrollWidth <= one.clientWidth")
