"""Goods and after-sales in a real browser, in both languages; a picture of each page is kept.

One seed and one person serve both languages: what an act uses up is made anew for the second.
"""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from aftersales import goodwill
from aftersales.models import Case, Claim
from console.models import BulkJob, RowResult
from distributors.models import Distributor
from kit.actors import OPERATIONS
from orders import placing
from orders.models import Order, Shipment
from suppliers.models import Supplier
from supplychain import import_jobs, offers, reviewing
from supplychain.models import Allotment, FreightTemplate, GoodsFile, Product, Revision
from tests.aftersales import stage
from tests.aftersales.stage import make_stage
from tests.console.desks import Desk
from tests.console.staff import make_cancellation, make_content, make_revision
from tests.factories import (
    NOON,
    make_category,
    make_claim,
    make_distributor,
    make_evidence,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.browser
FILE = """货号,商品名称,分类,规格编码,供货价,库存
{0}1,龙井茶,食品/茶叶,{0}1,12.50,5
{0}2,碧螺春,食品/无,{0}2,9,5
"""


# --- goods ------------------------------------------------------------------------------------------


def make_change(supplier: Supplier, owner_no: str) -> Revision:
    """A change of a product that was approved before: another name, a higher price."""
    first = make_revision(supplier=supplier, owner_no=owner_no)
    reviewing.approve(revision_pk=first.pk, actor=OPERATIONS, at=NOON)
    return reviewing.propose_change(
        product_pk=first.product_id,
        supplier=supplier,
        content=make_content(name="明前龙井茶", price_fen=60_00, owner_no=owner_no),
        actor=OPERATIONS,
        at=NOON,
    )


def test_goods_are_reviewed_by_keys_that_rest_while_somebody_types_and_many_by_ticking(
    desk: Desk,
) -> None:
    supplier = make_supplier(trusted=False)
    for language in desk.in_each_language():
        first = make_change(supplier, f"{language}-0")
        second, *rest = [
            make_revision(supplier=supplier, owner_no=f"{language}-{place}") for place in (1, 2, 3)
        ]

        desk.open("reviews/")
        desk.keep("reviews")
        desk.page.keyboard.press("?")
        desk.reads("Down and up in the queue")
        desk.page.keyboard.press("Escape")
        desk.page.keyboard.press("j")
        with desk.page.expect_navigation():
            desk.page.keyboard.press("Enter")
        desk.keep("review")
        desk.page.keyboard.press("r")
        desk.page.keyboard.type("图片不清，a 与 c 两图相同")
        note = desk.page.locator("#id_note").input_value()
        desk.page.locator("#id_note").blur()
        with desk.page.expect_navigation():
            desk.page.keyboard.press("r")
        desk.reads("It was rejected with your note.")
        desk.fill(markup_0_fen="1.50")
        desk.page.locator("[name=markup_0_fen]").blur()
        with desk.page.expect_navigation():
            desk.page.keyboard.press("a")
        desk.reads("It is confirmed and live.")
        desk.open("reviews/")
        desk.page.locator("[data-all=revision]").check()
        desk.send("form[action$='/reviews/approval/'] button")
        desk.keep("reviews-counted")
        states = set(Revision.objects.filter(pk__in=[one.pk for one in rest]).values_list("state"))
        desk.send()
        expect(desk.page.locator("td .hp-pill.hp-good")).to_have_count(2)

        first.refresh_from_db()
        assert note == "图片不清，a 与 c 两图相同"
        assert (first.state, first.note) == ("rejected", note)
        assert Product.objects.get(pk=second.product_id).skus.get().markup_fen == 1_50
        assert states == {("open",)}
        assert BulkJob.objects.latest("pk").counts == {RowResult.DONE: 2}
        assert {one.product.skus.get().markup_fen for one in rest} == {0}
        assert not Revision.objects.filter(state="open").exists()


def test_ticked_goods_are_counted_then_listed_and_opened_with_a_result_for_each(desk: Desk) -> None:
    shop, other = make_distributor(), make_distributor()
    for _language in desk.in_each_language():
        meant, untouched = [make_sku(), make_sku()], make_sku()
        keys = [one.product_id for one in meant]
        Product.objects.filter(pk=keys[0]).update(state="delisted")

        desk.open("supplychain/product/")
        for key in keys:
            desk.page.locator(f".action-select[value='{key}']").check()
        desk.page.locator("select[name=action]").select_option("list_them")
        desk.keep("goods-ticked")
        desk.send("button[name=index]")
        desk.fill(reason="上新")
        desk.send()
        desk.keep("goods-counted")
        before = Product.objects.get(pk=keys[0]).state
        desk.send()
        desk.keep("goods-job")
        results = dict(BulkJob.objects.latest("pk").counts)
        desk.open(f"products/visibility/?products={keys[0]},{keys[1]}")
        desk.page.locator(f"[name=distributors][value='{shop.pk}']").check()
        desk.send()
        desk.keep("goods-opened-to")
        desk.send()
        expect(desk.page.locator("td .hp-pill.hp-good")).to_have_count(2)

        assert before == "delisted"
        assert results == {RowResult.DONE: 1, RowResult.UNCHANGED: 1}
        assert {*keys} <= seen_by(shop)
        assert {*keys, untouched.product_id} & seen_by(other) == {untouched.product_id}


def seen_by(distributor: Distributor) -> set[int]:
    """The keys of the products that a distributor is offered."""
    return set(offers.offered_to(distributor).values_list("pk", flat=True))


def test_goods_come_by_file_are_allotted_priced_and_sent_by_a_map(
    desk: Desk, tmp_path: Path
) -> None:
    make_category("食品/茶叶")
    shop, tea = make_distributor(), make_sku(supply_price_fen=100_00)
    for place, language in enumerate(desk.in_each_language(), 1):
        sheet = tmp_path / f"{language}.csv"
        sheet.write_text(FILE.format(language), encoding="utf-8")

        desk.open("goods-files/upload/")
        desk.page.set_input_files("input[name=file]", sheet)
        desk.send()
        work()
        desk.page.reload()
        desk.keep("goods-file")
        file = GoodsFile.objects.latest("pk")
        desk.follow(f"goods-files/{file.pk}/loading/")
        desk.send()
        work()
        desk.open(f"allotments/grid/?products={tea.product_id}&distributors={shop.pk}")
        desk.fill(**{f"cell_{tea.pk}_{shop.pk}": str(place)})
        desk.keep("allotments")
        desk.send("form[method=post] .actions button")
        desk.open("prices/test/")
        desk.fill(number=tea.sku_no)
        desk.page.locator("[name=distributor]").select_option(str(shop.pk))
        desk.send()
        expect(desk.page.locator(".hp-this").first).to_contain_text("105.00")
        desk.keep("price")
        draw(desk, f"标准 {language}")

        file.refresh_from_db()
        assert (file.state, file.counts["refused"]) == ("done", 1)
        assert Product.objects.get(owner_no=f"{language}1").state == "listed"
        assert Allotment.objects.get(sku=tea, distributor=shop).available == place
        rules = FreightTemplate.objects.get(name=f"标准 {language}").rules
        assert list(rules.order_by("pk").values_list("regions", "first_fen")) == [
            (["广东省"], 8_00),
            ([], 20_00),
        ]


def work() -> None:
    """Do what a worker does with files."""
    while import_jobs.work(at=timezone.now()) >= 0:
        pass


def draw(desk: Desk, name: str) -> None:
    """Choose provinces on the map, by click and by key."""
    page = desk.page
    desk.open("freight-templates/new/")
    desk.fill(name=name, **{"rules-0-first_fen": "8"})
    page.locator("[data-region=广东省]").click()
    page.locator("[data-region=福建省]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-add-rule]").click()
    desk.fill(**{"rules-1-first_fen": "20"})
    page.locator("[data-region=福建省]").click()
    page.locator("[data-region=福建省]").click()
    desk.keep("freight")
    desk.send()


# --- after-sales ------------------------------------------------------------------------------------


def ask_goodwill(order: Order) -> Claim:
    """A claim of a distributor for which the platform is asked."""
    claim = make_claim(order)
    return goodwill.ask(
        distributor=order.distributor,
        claim_no=claim.claim_no,
        note="整箱破损",
        amount_fen=10_00,
        actor=OPERATIONS,
        at=NOON,
    )


def test_a_case_is_decided_with_its_photos_in_view_and_goods_go_out_again(desk: Desk) -> None:
    for _language in desk.in_each_language():
        play = make_stage()
        photo = make_evidence(play.shop)
        case = stage.apply(play, reason="damaged", evidence=[photo.upload_id])
        again = stage.approve(stage.apply(make_stage(own=True), "resend"))

        desk.open("aftersales/case/?state__exact=applied")
        desk.keep("cases")
        desk.send(desk.page.get_by_role("link", name=case.case_no))
        desk.page.locator("a[data-large]").first.click()
        width = desk.page.locator("dialog img").evaluate(
            "async (one) => (await one.decode(), one.naturalWidth)"
        )
        desk.page.locator("dialog").click()
        dialogs = desk.page.locator("dialog").count()
        desk.keep("case")
        desk.send("#approve_case button")
        desk.keep("case-decided")
        desk.open(f"cases/{again.pk}/")
        desk.page.locator("#reship [name=tracking_no]").fill("jt1234567890123")
        guessed = desk.page.locator("#reship [name=carrier_code]").input_value()
        desk.keep("case-shipped-again")
        desk.send("#reship button")

        assert (width, dialogs, guessed) == (40, 0, "JTSD")
        assert Case.objects.get(pk=case.pk).refunded_fen == stage.PRICE_FEN
        assert Case.objects.get(pk=again.pk).state == "reshipped"


def test_a_cancellation_is_refused_with_its_parcel_and_goodwill_is_offered(desk: Desk) -> None:
    shop, tea = make_distributor(), make_sku()
    for number, _language in enumerate(desk.in_each_language()):
        cancellation = make_cancellation(shop, tea, timezone.now())
        claim = ask_goodwill(make_stage(received=True).order)
        tracking_no = f"SF123456789012{number}"

        desk.open(f"cancellations/{cancellation.pk}/")
        desk.keep("cancellation")
        desk.follow(f"cancellations/{cancellation.pk}/refusal/")
        desk.fill(tracking_no=tracking_no)
        desk.page.locator("select[name=carrier_code]").select_option("SF")
        desk.keep("cancellation-refused")
        desk.send()
        desk.open(f"goodwill/{claim.pk}/")
        desk.keep("goodwill")
        desk.send("#offer_goodwill button")

        cancellation.refresh_from_db()
        claim.refresh_from_db()
        assert cancellation.state == "refused"
        assert Shipment.objects.get(tracking_no=tracking_no).lines.get().quantity == 1
        assert (claim.goodwill, claim.goodwill_fen) == ("offered", 10_00)


def test_lists_and_forms_that_no_job_opened_fit_a_telephone(desk: Desk) -> None:
    placing.place(make_request(make_distributor(), {make_sku(): 2}), at=NOON)
    ask_goodwill(make_stage(received=True).order)
    _chinese, _english = desk.in_each_language()

    for name in ("orders/order", "aftersales/claim", "distributors/new"):
        desk.open(f"{name}/")
        desk.keep(name.replace("/", "-"))
