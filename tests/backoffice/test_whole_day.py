"""A factory's first days in a real browser: from applying to the first bill, in both languages."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext, override
from playwright.sync_api import Page, expect

from kit.actors import OPERATIONS
from ledger.models import Transfer
from orders.models import Order, Shipment
from suppliers import applying, settlement
from suppliers.models import Application, Bill, Supplier
from suppliers.periods import Period
from supplychain import catalogue, reviewing
from supplychain.models import Revision, Sku
from tests import accessibility
from tests.api.signed import Shop, order_body
from tests.conftest import LiveWeb
from tests.factories import CREDIT_CODES
from tests.people import PASSWORD, picture

pytestmark = [pytest.mark.browser, pytest.mark.http, pytest.mark.long]
KINDS = ("business_licence", "legal_person_id", "bank_account")
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


class Clerk:
    """Somebody of the factory at a screen, who reads one language.

    What is opened must fit the screen. What only an act leads to is looked over for barriers, too,
    once; the others tests/test_accessibility.py looks over.
    """

    def __init__(self, page: Page, url: str, language: str, folder: Path) -> None:
        self.page, self.url, self.language, self.folder = page, url, language, folder
        self.faults: dict[str, list[str]] = {}

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)
        self._note(accessibility.too_wide(self.page))

    def look(self) -> None:
        """Note what is wrong with the page that is open."""
        self.page.wait_for_load_state()
        is_first = self.language == "zh-hans"
        examine = accessibility.barriers if is_first else accessibility.too_wide
        self._note(examine(self.page))

    def _note(self, found: list[str]) -> None:
        self.faults.setdefault(self.page.url.removeprefix(self.url), []).extend(found)

    def say(self, text: str) -> str:
        """Return words of ours in the reader's language."""
        with override(self.language):
            return gettext(text)

    def press(self, name: str, *, within: str = "main") -> None:
        self.page.locator(within).get_by_role("button", name=self.say(name), exact=True).click()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"#id_{name}").fill(value)

    def reads(self, text: str, **values: Any) -> None:
        """Wait until the page says this."""
        words = self.say(text).format(**values)
        expect(self.page.get_by_text(words).first).to_be_visible()

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def seen(self) -> dict[str, list[str]]:
        return {path: found for path, found in self.faults.items() if found}


@pytest.mark.parametrize(
    ("language", "width"),
    [pytest.param("zh-hans", 1280, id="chinese"), pytest.param("en", 390, id="english-telephone")],
)
def test_a_factory_applies_sells_ships_and_is_billed(
    quiet: Page, live_web: LiveWeb, tmp_path: Path, language: str, width: int
) -> None:
    clerk = Clerk(quiet, live_web.url, language, tmp_path)
    quiet.set_viewport_size({"width": width, "height": 800})
    catalogue.category("食品/茶叶")
    shop = Shop()

    apply(clerk)
    supplier = enter(clerk)
    sku = upload(clerk)
    orders = [order(shop, sku) for _ in range(2)]
    print_all(clerk, orders)
    ship(clerk, orders)
    correct(clerk, orders[0])
    for one in orders:
        assert shop.post(f"/orders/{one.order_no}/receipt").status_code == 200
    agree(clerk, supplier)

    assert clerk.seen() == {}
    assert len(clerk.faults) > 15
    bill = Bill.objects.get()
    assert (bill.state, bill.total_fen) == ("accepted", 2 * 3 * 50_00)


def apply(clerk: Clerk) -> None:
    """Fill in the form of those who want to become suppliers."""
    clerk.open("/supplier/apply/")
    if clerk.language == "en":
        clerk.page.get_by_role("button", name="English").click()
        clerk.reads("Become a supplier")
    clerk.fill(
        company_name="杭州茶厂",
        credit_code=CREDIT_CODES[0],
        contact_name="李雷",
        contact_phone="13800000000",
        email="factory@example.com",
        main_goods="龙井、红茶",
    )
    for kind in KINDS:
        paper = clerk.file(f"{kind}.png", picture())
        clerk.page.locator(f"#id_{kind}").set_input_files(paper)
    clerk.press("Send the application")
    clerk.page.wait_for_url("**/supplier/apply/A*/")
    clerk.look()


def enter(clerk: Clerk) -> Supplier:
    """Be approved, and come in by the link of the invitation."""
    application = Application.objects.get()
    approved = applying.approve(
        application_pk=application.pk,
        submission=application.submission,
        actor=OPERATIONS,
        at=timezone.now(),
    )
    assert approved.invitation is not None
    clerk.page.reload()
    clerk.open(f"/join/{approved.invitation.token}/")
    clerk.look()
    clerk.fill(name="李雷", password=PASSWORD, again=PASSWORD)
    clerk.press("Join")
    clerk.page.wait_for_url("**/supplier/")
    clerk.look()
    return approved.supplier


def upload(clerk: Clerk) -> Sku:
    """Put a product with two pictures up, which staff then approve."""
    pictures = [clerk.file(f"{colour}.png", picture(colour)) for colour in ("green", "navy")]
    clerk.open("/supplier/goods/new/")
    clerk.fill(name="西湖龙井", owner_no="TEA-1", category="食品/茶叶")
    clerk.page.locator("#main-file").set_input_files(pictures)
    expect(clerk.page.locator("#main-pictures .picture")).to_have_count(2)
    clerk.fill(**{"skus-0-supply_price": "50", "skus-0-opening_stock": "20"})
    clerk.press("Submit for review")
    clerk.page.wait_for_url("**/supplier/goods/TEA-1/")
    clerk.look()
    revision = Revision.objects.get()
    assert len(revision.proposed["main_pictures"]) == 2
    reviewing.approve(revision_pk=revision.pk, actor=OPERATIONS, at=timezone.now())
    clerk.open("/supplier/goods/")
    expect(clerk.page.get_by_role("link", name="西湖龙井").first).to_be_visible()
    return Sku.objects.get()


def order(shop: Shop, sku: Sku) -> Order:
    """Let a shop order three pieces by the API."""
    number = f"OUT-{Order.objects.count()}"
    answer = shop.post("/orders", order_body(sku.sku_no, number=number, quantity=3))
    assert answer.status_code == 201, answer.content
    return Order.objects.get(order_no=answer.json()["order_no"])


def print_all(clerk: Clerk, orders: list[Order]) -> None:
    """Print the pick list, the packing slips and the labels of all orders to ship."""
    page = clerk.page
    clerk.open("/supplier/")
    clerk.open("/supplier/orders/")
    for name, shown in (("Pick list", "TEA-1"), ("Packing slips", orders[0].order_no)):
        choose(clerk, orders)
        clerk.press(name)
        expect(page.get_by_text(shown).first).to_be_visible()
        clerk.look()
        clerk.open("/supplier/orders/")
    choose(clerk, orders)
    with page.expect_download() as download:
        clerk.press("Labels")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    assert all(one.fulfilments.get().begun_at for one in orders)


def choose(clerk: Clerk, orders: list[Order]) -> None:
    for one in orders:
        clerk.page.get_by_label(one.order_no).check()


def ship(clerk: Clerk, orders: list[Order]) -> None:
    """Upload what the carrier's system exported, look it over, and ship."""
    rows = [f"{one.order_no},SF{place:013}" for place, one in enumerate(orders)]
    sheet = clerk.file("顺丰.csv", "\n".join(["订单号,运单号", *rows]).encode())
    clerk.open("/supplier/orders/shipping/")
    clerk.page.locator("#id_file").set_input_files(sheet)
    clerk.press("Upload and look it over")
    clerk.page.wait_for_url("**/supplier/orders/shipping/P*/")
    clerk.look()
    clerk.page.locator("form[action$='/parcels/'] button").click()
    expect(clerk.page.locator(".stat b.good-text")).to_have_text("2")
    assert {one.fulfilments.get().state for one in orders} == {"shipped"}


def correct(clerk: Clerk, wrong: Order) -> None:
    """Give a parcel the number that it really has."""
    parcel = Shipment.objects.get(fulfilment__order=wrong)
    clerk.open(f"/supplier/orders/{wrong.order_no}/")
    clerk.open(f"/supplier/orders/{wrong.order_no}/parcels/{parcel.pk}/")
    clerk.fill(tracking_no="SF0000000000777", reason="typo")
    expect(clerk.page.locator("#carrier select")).to_have_value("SF")
    clerk.press("Correct it")
    clerk.reads("The parcel's number is now {number}.", number="SF0000000000777")
    parcel.refresh_from_db()
    assert parcel.tracking_no == "SF0000000000777"


def agree(clerk: Clerk, supplier: Supplier) -> None:
    """Read the bill of what was received, and agree to it."""
    posted_at = Transfer.objects.latest("pk").posted_at
    day = timezone.localdate(posted_at)
    settlement.issue(
        supplier_pk=supplier.pk,
        period=Period(day, day),
        actor=OPERATIONS,
        at=posted_at + A_DAY,
    )
    clerk.open("/supplier/bills/")
    clerk.page.get_by_role("link", name=Bill.objects.get().bill_no).first.click()
    clerk.look()
    clerk.page.locator("form[action$='/acceptance/'] button").click()
    expect(clerk.page.locator("form[action$='/acceptance/']")).to_have_count(0)
    clerk.open("/supplier/performance/")
