"""The jobs of a day, in a real browser, in both languages; a picture of each is kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import python_calamine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from companies import policies
from companies.models import Person, PolicyChange
from console.models import Attention
from distributors.models import Recharge
from kit.actors import OPERATIONS
from orders import placing
from orders.models import Order, Shipment
from suppliers import answering_bills
from suppliers.models import Bill, Supplier
from tests.conftest import LiveWeb
from tests.console.staff import client_of, make_staff
from tests.factories import (
    earn,
    make_distributor,
    make_recharge,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "test-results"
PASSWORD = "mountain-tea-2026"
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


def sit_down(page: Page, live_web: LiveWeb, *, password: str = "") -> None:
    """Let somebody else with every right use the browser; with a password, it is asked for again."""
    somebody = make_staff(superuser=True)
    if password:
        # As the server hashes: it would hash another one anew, which ends the session.
        hasher = Argon2PasswordHasher()
        somebody.password = hasher.encode(password, hasher.salt())
        somebody.save()
    session = client_of(somebody).cookies["sessionid"].value
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


def test_a_supplier_is_opened_and_a_policy_decided_after_the_password(
    desk: Page, live_web: LiveWeb
) -> None:
    desk.goto("/admin/suppliers/new/", wait_until="load")
    desk.locator("input[name=name]").fill("山野茶厂")
    desk.locator("input[name=email]").fill("chang@example.com")
    desk.locator(SEND).click()
    sheet = desk.locator(".hp-secret")
    expect(sheet.first).to_have_text("山野茶厂")
    keep(desk, "hand-over")
    supplier = Supplier.objects.get()
    assert {supplier.number, "chang@example.com"} <= set(sheet.all_inner_texts())
    assert Person.objects.get(email="chang@example.com").check_password(sheet.last.inner_text())
    sit_down(desk, live_web, password=PASSWORD)
    desk.goto("/admin/policies/quote_minutes/", wait_until="load")
    desk.locator("input[name=password]").fill(PASSWORD)
    keep(desk, "password-again")
    desk.locator("form:has(input[name=password]) button").first.click()
    desk.wait_for_url("**/admin/policies/quote_minutes/")
    desk.locator("input[name=value]").fill("25")
    # The first button only says what it comes to.
    desk.locator("button[name=preview]").click()
    expect(desk.locator("dd[role=status]")).to_contain_text("25")
    assert not PolicyChange.objects.exists()
    keep(desk, "policy")
    desk.locator(f"{SEND}.main").click()
    desk.wait_for_url("**/admin/policies/")

    assert policies.read().quote_minutes == 25


def test_figures_are_read_and_a_large_bill_is_issued_and_paid_by_two(
    desk: Page, live_web: LiveWeb
) -> None:
    now, supplier = timezone.now(), make_supplier()
    placing.place(make_request(make_distributor(deposit_fen=10_000_00), {make_sku(): 2}), at=now)
    # A month that is over.
    earn(supplier, 20_000_00, at=now - timedelta(days=40))

    desk.goto("/admin/?period=month", wait_until="load")
    # A week, so that midnight does not matter.
    desk.locator(".hp-presets a").nth(1).click()
    expect(desk.locator(".hp-presets a").nth(1)).to_have_attribute("aria-current", "true")
    expect(desk.locator("#figures svg .bar").first).to_be_attached()
    keep(desk, "figures")
    with desk.expect_download() as begun:
        desk.locator("a[href*='/figures/xlsx/']").click()
    assert python_calamine.load_workbook(begun.value.path()).sheet_names
    desk.goto("/admin/settlement/", wait_until="load")
    keep(desk, "settlement")
    desk.locator(f"a[href$='/suppliers/{supplier.pk}/settlement/']").click()
    desk.locator(SEND).click()
    desk.wait_for_url(f"**/admin/suppliers/{supplier.pk}/")
    bill = Bill.objects.get()
    answering_bills.accept(supplier=supplier, bill_no=bill.bill_no, actor=OPERATIONS, at=now)
    desk.goto(f"/admin/bills/{bill.pk}/", wait_until="load")
    desk.locator("a[href$='/preparation/']").click()
    desk.locator(SEND).click()
    desk.wait_for_url(f"**/admin/bills/{bill.pk}/")
    sit_down(desk, live_web)
    desk.goto(f"/admin/bills/{bill.pk}/payment/", wait_until="load")
    desk.locator("input[name=bank_reference]").fill("ICBC-2")
    desk.locator(SEND).click()
    desk.wait_for_url(f"**/admin/bills/{bill.pk}/")
    keep(desk, "bill")

    bill.refresh_from_db()
    assert (bill.state, bill.bank_reference) == ("paid", "ICBC-2")
    assert bill.prepared_by != bill.paid_by
