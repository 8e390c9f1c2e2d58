"""The dashboard and the reports by mail say what the books say, to those who may see it."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from html import unescape

import pytest
import python_calamine
from django.core import mail
from django.core.mail.backends import locmem
from django.db import connection
from django.db.models import Sum
from django.http import QueryDict
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from books import figures, rollups
from console import dashboard, mailing
from console.models import Report, Rhythm
from ledger import accounts
from ledger.models import Kind
from orders.models import Order
from suppliers.periods import Period
from tests.books.worlds import make_world
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_distributor, make_received_order, make_sku

DAY = NOON.date()
LATER = NOON + timedelta(days=3)
MAX_QUERIES = 15


def shown(html: str, label: str) -> str:
    """The number of a card."""
    found = re.search(rf"<span>{re.escape(label)}</span><b>([^<]*)</b>", html)
    assert found, label
    return unescape(found[1])


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days after the tests' noon."""
    monkeypatch.setattr(timezone, "now", lambda: LATER)


@pytest.mark.django_db(transaction=True)
def test_figures_are_the_same_whether_the_days_are_rolled_up_or_not() -> None:
    world = make_world()
    period = Period(DAY - timedelta(days=9), DAY)

    open_still = figures.read(period, at=LATER)
    rollups.roll(at=LATER)
    closed = figures.read(period, at=LATER)

    assert closed == open_still
    assert closed.total.sales_fen == Order.objects.aggregate(fen=Sum("goods_fen"))["fen"]
    assert closed.total.fees_earned_fen == accounts.balance(Kind.SERVICE_FEES)
    lying = sum(
        accounts.balance(Kind.DEPOSIT, shop.pk) for shop in (world.shop, world.other, world.idle)
    )
    assert closed.deposits_fen(DAY) == lying
    assert [one.name for one in closed.best["distributor"]][:1] == [world.shop.company.name]
    # A whole month is read from its own row.
    november = figures.read(Period(date(2026, 11, 1), date(2026, 11, 30)), at=LATER)
    assert november.total == closed.total
    assert {one.pk: one.sums for one in november.best["product"]} == {
        one.pk: one.sums for one in closed.best["product"]
    }


@pytest.mark.django_db(transaction=True)
def test_each_number_leads_to_the_list_of_what_it_counts(
    soon: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_received_order(make_distributor(deposit_fen=1_000_00), {make_sku(): 2})
    rollups.roll(at=LATER)
    client = client_of(make_staff(superuser=True), "en")

    with django_assert_max_num_queries(MAX_QUERIES):
        html = client.get(f"/admin/?from={DAY}&to={DAY}").content.decode()

    assert shown(html, "Orders") == "1"
    assert shown(html, "Sales") == "¥105.00"
    assert shown(html, "Fee income") == "¥5.00"
    assert shown(html, "On deposits at the end") == "¥895.00"
    section = html[html.index('id="figures"') :]
    addresses = {unescape(one) for one in re.findall(r'href="(/admin/[^"]*\?[^"]*)"', section)}
    assert len(addresses) >= 9
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        changes = (answer.context or {}).get("cl")
        if changes is not None:
            counted = 0 if "refunds" in address or "margin" in address else 1
            assert changes.result_count == counted, address


@pytest.mark.django_db(transaction=True)
def test_amounts_are_only_for_who_may_see_money(soon: None) -> None:
    make_received_order(make_distributor(deposit_fen=1_000_00), {make_sku(): 2})
    query = f"from={DAY}&to={DAY}"
    poor, none = client_of(make_staff("see_orders")), client_of(make_staff("see_goods"))

    html = poor.get(f"/admin/?{query}").content.decode()
    content = poor.get(f"/admin/figures/xlsx/?{query}").content

    section = html[html.index('id="figures"') :]
    assert shown(html, "订单") == "1"
    assert "销售额" not in section
    assert "credit=" not in section
    assert "¥" not in section[: section.index("最新订单")]
    book = python_calamine.load_workbook(io.BytesIO(content))
    assert all("¥" not in str(title) for title in book.get_sheet_by_index(0).to_python()[0])
    assert 'id="figures"' not in none.get("/admin/").content.decode()
    assert none.get(f"/admin/figures/xlsx/?{query}").status_code == 403


@pytest.mark.parametrize(
    ("_asked", "_first", "_last", "_unit"),
    [
        ("", date(2026, 10, 24), DAY, "day"),
        ("period=month", date(2026, 11, 1), DAY, "day"),
        ("period=last_month&by=week", date(2026, 10, 1), date(2026, 10, 31), "week"),
        ("period=12m", date(2025, 12, 1), DAY, "month"),
        ("from=2026-11-20&to=2027-01-01", date(2026, 11, 20), DAY, "day"),
        ("from=2026-11-20&to=nonsense", date(2026, 10, 24), DAY, "day"),
        ("from=2001-01-01&to=2026-11-22&by=day", DAY - timedelta(days=800), DAY, "month"),
    ],
)
def test_a_period_that_makes_no_sense_is_the_usual_one(
    _asked: str, _first: date, _last: date, _unit: str
) -> None:
    chosen = dashboard.choose(QueryDict(_asked), today=DAY)

    assert (chosen.period, chosen.unit) == (Period(_first, _last), _unit)


@pytest.mark.django_db(transaction=True)
def test_a_report_comes_once_for_each_period_in_the_readers_language(soon: None) -> None:
    make_received_order(make_distributor(deposit_fen=1_000_00), {make_sku(): 2})
    owner = make_staff(superuser=True)
    clerk = make_staff("see_orders")
    gone = make_staff("see_orders")
    for person, language in ((owner, "en"), (clerk, "zh-hans"), (gone, "en")):
        client_of(person, language).post("/admin/reports/new/", {"rhythm": Rhythm.DAILY})
    gone.user_permissions.clear()
    Report.objects.update(due_at=NOON)
    morning = NOON + timedelta(days=1)

    sent = [mailing.send_due(at=morning), mailing.send_due(at=morning + timedelta(hours=1))]

    assert sent == [2, 0]
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert letters.keys() == {owner.email, clerk.email}
    assert letters[owner.email].subject == f"Huopan: figures of {DAY}"
    assert "Sales: ¥105.00" in letters[owner.email].body
    assert letters[clerk.email].subject == f"货盘：{DAY} 经营数据"
    assert "¥" not in letters[clerk.email].body
    end = "/admin/reports/end/"
    assert f"{end}?rhythm=daily" in letters[owner.email].body
    [(name, content, _kind)] = letters[owner.email].attachments
    assert name.endswith(".xlsx")
    assert isinstance(content, bytes)
    assert python_calamine.load_workbook(io.BytesIO(content)).sheet_names[0] == "Figures"
    client_of(owner).post(end, {"rhythm": Rhythm.DAILY})
    assert set(Report.objects.values_list("person", flat=True)) == {clerk.pk, gone.pk}


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_a_report_once_and_what_failed_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = mailing.subscribe(
        person=make_staff("see_orders"), rhythm=Rhythm.WEEKLY, language="en", at=NOON
    )
    monday = report.due_at

    def refuse(*_: object) -> int:
        raise ConnectionRefusedError("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", refuse)
        assert mailing.send_due(at=monday) == 0
    report.refresh_from_db()
    assert (report.failure, report.covers) == ("nobody there", None)
    assert report.due_at == monday + mailing.RETRIES[0]

    def work(_place: int) -> int:
        try:
            return mailing.send_due(at=report.due_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        sent = list(workers.map(work, range(4)))

    assert sum(sent) == len(mail.outbox) == 1
    report.refresh_from_db()
    assert (report.attempts, report.failure, report.covers) == (0, "", DAY - timedelta(days=6))
    assert report.due_at == monday + timedelta(days=7)
