"""A supplier's day in a real browser: upload, get approved, be ordered, ship. Nothing from outside."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from aftersales.models import Case
from kit.actors import OPERATIONS
from orders import placing
from orders.models import Order
from suppliers.models import Supplier
from supplychain import catalogue, reviewing
from supplychain.models import Picture, Revision, Sku
from tests import people
from tests.aftersales import stage
from tests.aftersales.stage import make_stage
from tests.conftest import LiveWeb
from tests.factories import NOON, make_distributor, make_request, make_supplier
from tests.people import PASSWORD, make_live_product, make_person, picture
from tests.test_accessibility import enter

pytestmark = [pytest.mark.browser, pytest.mark.http]
SF = "SF1234567890123"


def log_in(page: Page, live_web: LiveWeb, supplier: Supplier) -> None:
    """Come in as people do."""
    person = make_person(supplier.company)
    page.goto(live_web.url)
    page.get_by_label("电子邮件").fill(person.email)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/supplier/")


def sit_down(page: Page, live_web: LiveWeb, supplier: Supplier) -> None:
    """Be somebody who came in before."""
    enter(page, live_web, people.log_in(make_person(supplier.company)))


def test_a_product_is_uploaded_approved_ordered_and_shipped(
    quiet: Page, live_web: LiveWeb, tmp_path: Path
) -> None:
    page, supplier = quiet, make_supplier(trusted=False)
    catalogue.category("食品/茶叶")
    for colour in ("green", "navy"):
        (tmp_path / f"{colour}.png").write_bytes(picture(colour))
    log_in(page, live_web, supplier)

    page.get_by_role("link", name="上传第一个商品").click()
    page.get_by_label("商品名称").fill("西湖龙井")
    page.get_by_label("货号", exact=True).or_(page.locator("#id_owner_no")).first.fill("TEA-1")
    page.get_by_label("分类").fill("食品/茶叶")
    page.locator("#main-file").set_input_files([tmp_path / "green.png", tmp_path / "navy.png"])
    expect(page.locator("#main-pictures .picture")).to_have_count(2)
    page.locator("#main-pictures .picture").nth(1).get_by_label("前移").click()
    page.get_by_label("供货价（元）").fill("50")
    page.get_by_label("初始库存").fill("20")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交，平台审核通过前，线上内容不变。")).to_be_visible()

    revision = Revision.objects.get()
    pictures = list(Picture.objects.order_by("pk").values_list("uid", flat=True))
    assert revision.proposed["main_pictures"] == [str(uid) for uid in reversed(pictures)]
    reviewing.approve(revision_pk=revision.pk, actor=OPERATIONS, at=NOON)
    request = make_request(make_distributor(), {Sku.objects.get(): 3})
    order = Order.objects.get(order_no=placing.place(request, at=NOON).document["order_no"])

    page.get_by_role("link", name="订单", exact=True).click()
    page.get_by_role("link", name="发货", exact=True).click()
    expect(page.locator("#consignee-name")).to_have_text("张三")
    page.wait_for_load_state()
    page.get_by_label("快递单号").fill(SF)
    expect(page.get_by_label("快递公司")).to_have_value("SF")
    page.get_by_role("button", name="发货", exact=True).click()
    expect(page.get_by_text(f"包裹 {SF} 已发出，全部商品均已发货。")).to_be_visible()
    expect(page.get_by_text("13800000000")).to_have_count(0)
    assert order.fulfilments.get().state == "shipped"


def test_a_product_grows_to_several_skus_by_clicking(quiet: Page, live_web: LiveWeb) -> None:
    page, supplier = quiet, make_supplier()
    catalogue.category("食品/茶叶")
    sit_down(page, live_web, supplier)
    page.goto(f"{live_web.url}/supplier/goods/new/")

    page.get_by_label("商品名称").fill("白茶")
    page.locator("#id_owner_no").fill("WHITE")
    page.get_by_label("分类").fill("食品/茶叶")
    expect(page.get_by_label("规格名 1")).to_be_hidden()
    page.get_by_label("该商品有多个规格").check()
    page.get_by_label("规格名 1").fill("颜色")
    page.get_by_role("button", name="添加单品").click()
    page.get_by_role("button", name="添加单品").click()
    for place, (colour, price) in enumerate([("红", "10"), ("gone", "1"), ("绿", "12.50")]):
        page.locator(f"#id_skus-{place}-value_0").fill(colour)
        page.locator(f"#id_skus-{place}-supply_price").fill(price)
    page.locator(".sku").nth(1).get_by_role("button", name="删除此单品").click()
    page.get_by_role("button", name="发布").click()

    expect(page.get_by_text("已生效。")).to_be_visible()
    rows = Sku.objects.order_by("position").values_list("spec", "supply_price_fen")
    assert list(rows) == [({"颜色": "红"}, 10_00), ({"颜色": "绿"}, 12_50)]


def test_a_form_survives_its_window_pictures_are_ordered_and_the_grid_is_run_by_keys(
    quiet: Page, live_web: LiveWeb, tmp_path: Path
) -> None:
    page, supplier = quiet, make_supplier()
    skus = [make_live_product(supplier, stock=5).skus.get() for _ in range(2)]
    for colour in ("green", "navy", "red"):
        (tmp_path / f"{colour}.png").write_bytes(picture(colour))
    sit_down(page, live_web, supplier)

    page.goto(f"{live_web.url}/supplier/goods/new/")
    page.get_by_label("商品名称").fill("西湖龙井")
    page.get_by_role("textbox", name="商品详情").click()
    page.keyboard.type("明前采摘")
    page.locator("#main-file").set_input_files(sorted(tmp_path.glob("*.png")))
    tiles = page.locator("#main-pictures .picture")
    expect(tiles).to_have_count(3)
    first, second, third = (
        tile.get_attribute("value") for tile in page.locator("#main-pictures input").all()
    )
    tiles.nth(2).drag_to(tiles.nth(0))
    tiles.nth(1).get_by_label("后移").focus()
    page.keyboard.press("Enter")
    wanted = [third, second, first]
    expect(page.locator("#draft-said")).to_contain_text("草稿已保存")
    page.wait_for_function(
        "async (wanted) => (await (await fetch(location.href)).text()).match("
        "new RegExp(wanted.join('[^]*')))",
        arg=wanted,
    )
    page.reload()
    expect(page.get_by_text("已恢复")).to_be_visible()
    expect(page.get_by_label("商品名称")).to_have_value("西湖龙井")
    expect(page.get_by_role("textbox", name="商品详情")).to_have_text("明前采摘")
    assert [one.get_attribute("value") for one in page.locator("#main-pictures input").all()] == (
        wanted
    )

    page.goto(f"{live_web.url}/supplier/stock/", wait_until="load")
    upper, lower = skus[1], skus[0]
    page.get_by_label(f"可售 {upper.sku_no}").focus()
    for text in ("17", "+4"):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.get_by_label(f"可售 {upper.sku_no}")).to_have_value("17")
    expect(page.get_by_label(f"可售 {lower.sku_no}")).to_have_value("9")
    page.locator(f"#stock-{upper.pk}").get_by_role("button", name="撤销").click()
    expect(page.locator(f"#stock-{upper.pk}")).to_contain_text("原为 17")
    expect(page.get_by_label(f"可售 {upper.sku_no}")).to_have_value("5")

    assert [sku.movements.count() for sku in (upper, lower)] == [3, 2]


def test_new_goods_are_shipped_again_from_the_list(quiet: Page, live_web: LiveWeb) -> None:
    page, play = quiet, make_stage()
    case = stage.approve(stage.apply(play, "resend"))
    assert play.supplier is not None
    sit_down(page, live_web, play.supplier)

    page.goto(f"{live_web.url}/supplier/")
    page.get_by_role("link", name="待补发").click()
    page.get_by_role("link", name="发货", exact=True).click()
    page.wait_for_url(f"**/supplier/aftersales/{case.case_no}/")
    page.get_by_label("快递单号").fill(SF)
    expect(page.get_by_label("快递公司")).to_have_value("SF")
    page.get_by_role("button", name="发货", exact=True).click()
    expect(page.get_by_text("新货已发出。")).to_be_visible()

    assert Case.objects.get(pk=case.pk).state == "reshipped"
    page.set_viewport_size({"width": 390, "height": 800})
    for address in ("aftersales/?show=open", f"aftersales/{case.case_no}/"):
        page.goto(f"{live_web.url}/supplier/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
