"""Ordering by Excel in the portal: checked without a trace, placed once, every row answered."""

import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from distributors.models import Distributor
from orders import filed_orders, filing, placing, placing_filed
from orders.models import FiledOrder, Order, OrderFile, Refusal
from supplychain import selecting
from supplychain.models import Sku, Stock
from tests.factories import NOON, make_distributor, make_product, make_request, make_sku
from tests.people import log_in, make_person
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)
FILES = "/portal/order-files/"
HEADINGS = ("订单号", "规格编码", "数量", "收货人", "手机号", "省", "市", "区", "详细地址", "备注")
WHO = {
    "收货人": "张三",
    "手机号": "13800000000",
    "省": "广东",
    "市": "深圳市",
    "区": "南山区",
    "详细地址": "海德三道199号",
}
Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Shop:
    """A buyer at the keyboard, and goods to order."""

    distributor: Distributor
    client: Client
    tea: Sku
    cup: Sku


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Shop:
    distributor = make_distributor(deposit_fen=1_000_00)
    return Shop(
        distributor,
        log_in(make_person(distributor.company)),
        make_sku(
            product=make_product(name="西湖龙井", regions_not_served=["西藏自治区"]),
            supply_price_fen=50_00,
            available=6,
        ),
        make_sku(supply_price_fen=10_00, available=100),
    )


def row(number: str, sku: Sku, pieces: Any = 1, **cells: Any) -> Cells:
    return {"订单号": number, "规格编码": sku.sku_no, "数量": pieces, **WHO, **cells}


def sheet(rows: Sequence[Cells], headings: Sequence[str] = HEADINGS) -> bytes:
    """A workbook with these rows; a number is a number in it, and a formula a formula."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, headings)
        for line, cells in enumerate(rows, 1):
            for column, name in enumerate(headings):
                page.write(line, column, cells.get(name, ""))
    return target.getvalue()


def upload(shop: Shop, content: bytes, name: str = "orders.xlsx") -> Any:
    return shop.client.post(FILES, {"file": SimpleUploadedFile(name, content)})


def check(shop: Shop, rows: Sequence[Cells], **options: Any) -> OrderFile:
    """Upload rows, and return the file they are kept as."""
    answer = upload(shop, sheet(rows, **options))
    assert answer.status_code == 302, answer.content.decode()
    return OrderFile.objects.get(file_no=answer.headers["location"].split("/")[-2])


def place(shop: Shop, file: OrderFile) -> None:
    answer = shop.client.post(f"{FILES}{file.file_no}/placing/")
    assert answer.status_code == 302


def said(shop: Shop, file: OrderFile, show: str = "all") -> str:
    page = shop.client.get(f"{FILES}{file.file_no}/", {"show": show}).content.decode()
    return html.unescape(page)


def read(content: bytes, page: int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found: list[list[Any]] = book.get_sheet_by_index(page).to_python()
    return found


def outcomes(file: OrderFile) -> dict[str, str]:
    """What became of each order: placed, placed before, refused for this reason, or neither yet."""
    return {
        row.out_order_no: ("before" if row.before else "placed")
        if row.order_no
        else row.causes[0]["code"]
        if row.causes
        else "good"
        for row in file.orders.all()
    }


def test_a_checked_file_says_what_every_order_would_be_and_leaves_no_trace(
    shop: Shop, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    placing.place(make_request(shop.distributor, {shop.cup: 1}, number="OLD"), at=NOON)
    dear = make_sku(supply_price_fen=900_00)
    rows = [
        row("A1", shop.tea, 2),
        {"订单号": "A1", "规格编码": shop.cup.sku_no, "数量": 3.0},
        row("A2", shop.tea, 4, 手机号=13900000000.0, 备注="当心\n易碎"),
        row("A3", shop.tea, 1),
        row("A4", shop.cup, 1, 规格编码="NO-SUCH"),
        row("A5", shop.tea, 1, 省="西藏"),
        row("A6", shop.cup, "很多", 手机号=""),
        row("A7", shop.cup, 1, 收货人="李四"),
        row("A7", shop.tea, 1, 收货人="王五"),
        row("A8", dear, 1),
        row("OLD", shop.cup, 2),
        row("坏号", shop.cup, 1),
        row("A9", shop.cup, 1, 手机号="打电话", 省="月球"),
        row("示例-001", shop.cup, 1),
    ]
    before = list(Stock.objects.order_by("pk").values_list("available", flat=True))

    file = check(shop, rows)
    with django_assert_max_num_queries(15):
        page = said(shop, file)

    assert outcomes(file) == {
        "A1": "good",
        "A2": "good",
        "A3": "stock_insufficient",
        "A4": "sku_not_sellable",
        "A5": "region_not_served",
        "A6": "order_cell_invalid",
        "A7": "order_rows_differ",
        "A8": "deposit_insufficient",
        "OLD": "idempotency_conflict",
        "坏号": "order_cell_invalid",
        "A9": "order_cell_invalid",
    }
    for sentence in (
        "is short: 1 wanted, 0 available",
        "Line 8, Pieces: “很多” is not a whole number.",
        "Line 8: Consignee's phone must be filled in.",
        "Line 10: Consignee's name differs from line 9; the rows of one order agree.",
        "The deposit is short by ¥",
        "“打电话” is not a phone number",
        "“月球” is no province that we know",
        "张* 138****0000",
        "139****0000",
    ):
        assert sentence in page, sentence
    # 2 teas and 3 cups, then 4 teas: 136.50 + 210.00, of 1,000.00 less the old cup.
    assert ("¥346.50" in page, file.left_fen) == (True, 1_000_00 - 10_50 - 346_50)
    assert "13800000000" not in page
    chinese = shop.client.get(
        f"{FILES}{file.file_no}/", headers={"accept-language": "zh-hans"}
    ).content.decode()
    assert "第 8 行：请填写手机号。" in chinese
    assert Order.objects.count() == 1
    assert not Refusal.objects.exists()
    assert list(Stock.objects.order_by("pk").values_list("available", flat=True)) == before


def test_good_orders_are_placed_once_however_often_the_file_comes(shop: Shop) -> None:
    rows = [
        row("A1", shop.tea, 2),
        {"订单号": "A1", "规格编码": shop.cup.sku_no, "数量": 3},
        row("A2", shop.cup, 1, 数量=0),
    ]
    file = check(shop, rows)

    place(shop, file)
    place(shop, file)
    again = check(shop, rows)
    place(shop, again)
    corrected = check(shop, [*rows[:2], row("A2", shop.cup, 1)])
    place(shop, corrected)

    file.refresh_from_db()
    first, second = Order.objects.order_by("pk")
    assert (file.state, again.state) == ("done", "checked")
    assert outcomes(file) == {"A1": "placed", "A2": "order_cell_invalid"}
    assert outcomes(again) == {"A1": "before", "A2": "order_cell_invalid"}
    assert outcomes(corrected) == {"A1": "before", "A2": "placed"}
    assert (first.out_order_no, first.lines.count(), first.total_fen) == ("A1", 2, 136_50)
    assert (second.out_order_no, second.channel) == ("A2", "portal")
    assert first.consignee.opened == ("张三", "13800000000", "海德三道199号")
    assert first.consignee.province == "广东省"


def test_a_price_that_rose_after_the_check_is_not_paid_unless_looked_over_again(shop: Shop) -> None:
    headings = (*HEADINGS, "协议价")
    rows = [row("A1", shop.tea), row("A2", shop.cup, 1, 协议价="10.49"), row("A3", shop.cup)]
    file = check(shop, rows, headings=headings)
    Sku.objects.filter(pk=shop.tea.pk).update(supply_price_fen=60_00)
    twin = check(shop, [row("B1", shop.cup)])
    Sku.objects.filter(pk=shop.cup.pk).update(supply_price_fen=9_00)

    shop.client.post(f"{FILES}{twin.file_no}/check/")
    place(shop, file)

    shown = said(shop, file)
    assert outcomes(file) == {"A1": "price_changed", "A2": "price_changed", "A3": "placed"}
    assert "costs ¥63.00 now, not ¥52.50" in shown
    assert "costs ¥10.50 now, not ¥10.49" in shown
    assert twin.orders.get().total_fen == 9_45
    assert Order.objects.get().total_fen == 9_45


def test_a_file_that_was_left_halfway_is_placed_to_its_end_by_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = check(shop, [row(f"A{number}", shop.cup) for number in range(5)])
    monkeypatch.setattr(placing_filed, "PLACED_AT_ONCE", 2)
    monkeypatch.setattr(placing_filed, "PLACED_WHILE_WAITING", 1)
    real, calls = placing_filed._let_go, []

    def die_on_the_second(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*args)

    place(shop, file)
    waiting = shop.client.get(f"{FILES}{file.file_no}/progress/")
    monkeypatch.setattr(placing_filed, "_let_go", die_on_the_second)
    with pytest.raises(KeyboardInterrupt):
        placing_filed.place_due(at=timezone.now())
    half = Order.objects.count()
    claimed = placing_filed.place_due(at=timezone.now())
    later = placing_filed.place_due(
        at=timezone.now() + timedelta(seconds=placing_filed.CLAIM_SECONDS + 1)
    )
    done = shop.client.get(f"{FILES}{file.file_no}/progress/")

    file.refresh_from_db()
    assert "0 of 5 orders" in waiting.content.decode()
    # The second two were placed, but their answers were not written down.
    assert (half, claimed, later) == (4, 0, 3)
    assert (file.state, set(outcomes(file).values())) == ("done", {"placed"})
    assert Order.objects.count() == 5
    assert (waiting.has_header("HX-Refresh"), done.headers["HX-Refresh"]) == (False, "true")


def test_the_results_come_as_a_sheet_that_can_be_corrected_and_uploaded(shop: Shop) -> None:
    file = check(
        shop,
        [row("A1", shop.tea, 1, 备注="=1+1"), row("A2", shop.tea, 99, 手机号=13900000000)],
    )
    place(shop, file)

    content = shop.client.get(f"{FILES}{file.file_no}/results.xlsx").content
    table = read(content)
    answer = upload(shop, content)

    order = Order.objects.get()
    head = dict(zip(table[0], zip(*table[1:], strict=True), strict=True))
    assert head["Result"] == ("Placed", "Not placed")
    assert head["Platform's order number"] == (order.order_no, "")
    assert "is short: 99 wanted" in head["Why not"][1]
    assert head["Consignee's phone"] == ("13800000000", 13900000000)
    assert answer.status_code == 302
    assert outcomes(OrderFile.objects.exclude(pk=file.pk).get()) == {
        "A1": "before",
        "A2": "stock_insufficient",
    }


def test_the_template_names_the_selected_goods_and_its_example_is_no_order(shop: Shop) -> None:
    wanted = selecting.Wanted(item_nos=(shop.tea.product.item_no,))
    selecting.select(distributor=shop.distributor, wanted=wanted, at=NOON)
    chinese = Client(headers={"accept-language": "zh-CN"})
    chinese.cookies = shop.client.cookies

    content = chinese.get(f"{FILES}template.xlsx").content
    answer = upload(shop, content)

    assert read(content)[0][:3] == ["订单号", "规格编码", "数量"]
    assert read(content)[1][1] == shop.tea.sku_no
    assert read(content, 2)[1][:4] == [shop.tea.sku_no, "西湖龙井", "", 52.5]
    assert answer.status_code == 422
    assert "There is no order in it." in answer.content.decode()


def test_what_is_no_sheet_of_orders_is_refused_with_words(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.order_sheets.MAX_ORDERS", 1)
    csv = "\ufeff订单号,SKU,数量,收货人,电话,收货地址\nC1,{},2,张三,13800000000,"
    csv += "广东省深圳市南山区海德三道199号\n"

    refused = {
        sentence: upload(shop, content, name)
        for sentence, content, name in (
            ("neither an .xlsx", b"x", "orders.pdf"),
            ("cannot be read", b"x", "orders.xlsx"),
            ("is missing", sheet([row("A1", shop.tea)], headings=HEADINGS[:-4]), "a.xlsx"),
            ("may hold 1 orders", sheet([row("A1", shop.tea), row("A2", shop.tea)]), "a.xlsx"),
        )
    }
    file = upload(shop, csv.format(shop.tea.sku_no).encode(), "orders.csv")

    for sentence, answer in refused.items():
        assert answer.status_code == 422, sentence
        assert sentence in answer.content.decode(), answer.content.decode()
    assert file.status_code == 302
    found = FiledOrder.objects.get()
    request = filed_orders.unseal(found).request
    assert request is not None
    assert (request.consignee.city, request.consignee.district) == ("深圳市", "南山区")
    assert b"13800000000" not in bytes(found.sealed)


def test_anothers_file_is_not_there_and_a_discarded_one_places_nothing(shop: Shop) -> None:
    file = check(shop, [row("A1", shop.tea)])
    stranger = log_in(make_person(make_distributor().company))

    answers = [
        stranger.get(f"{FILES}{file.file_no}/"),
        stranger.get(f"{FILES}{file.file_no}/progress/"),
        stranger.get(f"{FILES}{file.file_no}/results.xlsx"),
        *(
            stranger.post(f"{FILES}{file.file_no}/{act}/")
            for act in ("placing", "check", "discarding")
        ),
    ]
    shop.client.post(f"{FILES}{file.file_no}/discarding/")
    place(shop, file)

    file.refresh_from_db()
    assert [answer.status_code for answer in answers] == [404] * 6
    assert file.file_no not in stranger.get(FILES).content.decode()
    assert file.state == "discarded"
    assert not Order.objects.exists()


def test_files_are_forgotten_with_the_consumers_in_them(shop: Shop) -> None:
    old = check(shop, [row("A1", shop.tea)])
    OrderFile.objects.filter(pk=old.pk).update(uploaded_at=NOON - timedelta(days=filing.KEPT_DAYS))
    kept = check(shop, [row("A2", shop.tea)])

    count = filing.forget(at=NOON + timedelta(seconds=1))

    assert (count, list(OrderFile.objects.all())) == (1, [kept])
    assert FiledOrder.objects.get().file == kept


def test_workers_who_meet_at_a_file_place_each_order_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing_filed, "PLACED_WHILE_WAITING", 0)
    monkeypatch.setattr(placing_filed, "PLACED_AT_ONCE", 3)
    file = check(shop, [row(f"A{number}", shop.cup) for number in range(24)])
    place(shop, file)
    at = timezone.now()

    tried = racing.race(lambda _number: placing_filed.place_due(at=at), 4)

    file.refresh_from_db()
    assert (sum(tried), Order.objects.count(), file.state) == (24, 24, "done")
    assert set(outcomes(file).values()) == {"placed"}
