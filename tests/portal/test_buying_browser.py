"""A buyer without a shop system through a day, in a real browser and on a telephone."""

import io
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from distributors.models import Distributor
from orders.models import Order
from supplychain.models import Brand, PictureRole, Product, ProductPicture, Selection
from tests.conftest import LiveWeb
from tests.factories import (
    make_category,
    make_distributor,
    make_freight,
    make_picture,
    make_product,
    make_sku,
    make_supplier,
)
from tests.people import log_in, make_person

pytestmark = [pytest.mark.browser, pytest.mark.http]
ADDRESS = "张三 13800000000 广东省深圳市南山区海德三道199号"


def enter(page: Page, live_web: LiveWeb, shop: Distributor) -> None:
    session = log_in(make_person(shop.company)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_web.url}])


def make_shelf() -> Product:
    """Some goods with pictures, the tea among them on top."""
    brand = Brand.objects.create(code="shifeng", name="狮峰")
    for number, (name, colour) in enumerate(
        {
            "青瓷茶杯": "teal",
            "紫砂壶": "brown",
            "白茶饼": "beige",
            "西湖龙井绿茶 250 克": "green",
        }.items()
    ):
        product = make_product(
            name=name,
            supplier=make_supplier(),
            brand=brand,
            category=make_category("食品/茶叶" if "茶" in name else "家居/茶具"),
            freight_template=make_freight() if number == 3 else None,
            detail_html="<p>产自狮峰山，明前采摘。</p>",
            regions_not_served=["西藏自治区"],
        )
        picture = make_picture(colour=colour)
        ProductPicture.objects.create(
            product=product, picture=picture, role=PictureRole.MAIN, position=0
        )
        make_sku(product=product, supply_price_fen=50_00 + number, available=20 * number)
    return product


def make_sheet(folder: Path, sku_no: str) -> Path:
    """A workbook of 3 orders, one of them without a phone."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("订单号", "规格编码", "数量", "收货人", "手机号", "收货地址"))
        for line, phone in enumerate(("13800000001", "13800000002", ""), 1):
            row = (f"M-{line}", sku_no, line, "张三", phone, "广东省深圳市南山区海德三道199号")
            sheet.write_row(line, 0, row)
    path = folder / "今日订单.xlsx"
    path.write_bytes(target.getvalue())
    return path


def is_within(page: Page) -> bool:
    """Whether the page fits into the window without scrolling sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_buyer_selects_orders_by_hand_on_a_telephone_and_by_a_sheet(
    quiet: Page, live_web: LiveWeb, tmp_path: Path
) -> None:
    page, shop, tea = quiet, make_distributor(deposit_fen=10_000_00), make_shelf()
    sku_no = tea.skus.get().sku_no
    enter(page, live_web, shop)

    page.goto(f"{live_web.url}/portal/goods/")
    page.get_by_label("搜索").fill("龙井")
    page.keyboard.press("Enter")
    expect(page.locator(".goods-card")).to_have_count(1)
    page.get_by_label(tea.name).check()
    page.get_by_role("button", name="加入选品").click()
    expect(page.locator(".goods-card").get_by_text("已选")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_web.url}/portal/goods/")
    assert is_within(page)
    page.get_by_role("link", name=tea.name).click()
    page.locator(f'[name="pieces_{sku_no}"]').fill("2")
    page.get_by_role("button", name="加入采购车").click()
    expect(page.get_by_text("已将 2 件加入采购车")).to_be_visible()
    assert is_within(page)
    page.locator(".head").get_by_role("link", name="采购车").click()
    page.get_by_label("数量").fill("99")
    page.get_by_label("数量").press("Tab")
    expect(page.get_by_text("库存只有 60 件")).to_be_visible()
    page.get_by_label("数量").fill("3")
    page.get_by_label("数量").press("Tab")
    expect(page.locator("#basket-lines").get_by_text("共 3 件")).to_be_visible()
    assert is_within(page)

    page.get_by_role("link", name="去下单").click()
    page.get_by_label("粘贴整段地址").fill(ADDRESS)
    page.get_by_role("button", name="识别并填入").click()
    expect(page.get_by_label("城市")).to_have_value("深圳市")
    page.get_by_label("城市").fill("广州市")
    with page.expect_response("**/ordering/quote/"):
        page.get_by_label("城市").press("Tab")
    expect(page.locator("#sums").get_by_text("¥12.00").first).to_be_visible()
    assert is_within(page)
    page.get_by_role("button", name="提交订单").click()
    expect(page.get_by_text("已提交成功")).to_be_visible()
    order = Order.objects.get()
    assert order.total_fen == 3 * 52_53 + 12_00
    page.goto(f"{live_web.url}/portal/orders/")
    assert is_within(page)

    page.goto(f"{live_web.url}/portal/order-files/")
    page.get_by_label("订单表格").set_input_files(make_sheet(tmp_path, sku_no))
    page.get_by_role("button", name="上传并试算").click()
    expect(page.get_by_text("请填写手机号")).to_be_visible()
    assert is_within(page)
    page.get_by_role("button", name="确认下单（2 个订单）").click()
    expect(page.get_by_text("已下单").first).to_be_visible()
    assert Order.objects.count() == 3
    assert Selection.objects.get().product == tea
