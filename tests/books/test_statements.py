"""Statements: a distributor's days, closed one after the other, equal the ledger and never change."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from books import invariants, statement_files, statements, verifying
from books.models import Statement
from companies.models import Company
from distributors import recharging
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import NotFound
from ledger import accounts, chaining, posting
from ledger.models import Kind, Link, Transfer
from orders import cancelling, placing
from orders.models import Order
from suppliers import periods
from tests.factories import NOON, make_distributor, make_request, make_sku

pytestmark = pytest.mark.django_db(transaction=True)

DAY = periods.DAY
TODAY = date(2026, 11, 22)
TOMORROW_MORNING = NOON + timedelta(hours=20)
IN_THREE_DAYS = NOON + 3 * DAY


def recharge(shop: Distributor, fen: int, reference: str, at: datetime) -> None:
    recharging.recharge(
        distributor_pk=shop.pk, amount_fen=fen, reference=reference, actor=OPERATIONS, at=at
    )


def refund(shop: Distributor, *fen: int) -> None:
    """Refund one case after receipt, from everybody who earned."""
    sources = [(Kind.PAYABLE, 1), (Kind.SERVICE_FEES, None), (Kind.PLATFORM_MARGIN, None)]
    posting.post(
        [
            posting.Posting(
                code="aftersale_refunded",
                reference=f"T1:{source[0]}",
                debit=source,
                credit=(Kind.DEPOSIT, shop.pk),
                amount_fen=part,
                case_no="T1",
            )
            for source, part in zip(sources, fen, strict=False)
        ],
        at=NOON,
        actor=OPERATIONS,
    )


def items(statement: Statement) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(bytes(statement.json))["items"]
    return found


def by_day(shop: Distributor) -> dict[date, list[str]]:
    """Return the references on each statement."""
    return {
        one.day: [item["reference"] for item in items(one)]
        for one in shop.statements.order_by("day")
    }


def test_a_day_that_is_over_is_closed_with_what_moved_on_it() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    placing.place(make_request(shop, {make_sku(supply_price_fen=100_00): 2}), at=NOON)

    [closed] = statements.run(at=TOMORROW_MORNING)

    statement = shop.statements.get(day=TODAY)
    assert (closed.opening_fen, closed.closing_fen) == (0, 790_00)
    assert (statement.credited_fen, statement.debited_fen) == (1_000_00, 210_00)
    document = json.loads(bytes(statement.json))
    assert document["closing_fen"] == accounts.deposit_of(shop.pk).balance_fen
    assert [(i["code"], i["amount_fen"], i["balance_fen"]) for i in document["items"]] == [
        ("recharge", 1_000_00, 1_000_00),
        ("order_placed", -210_00, 790_00),
    ]
    assert document["items"][1]["out_order_no"] == Order.objects.get().out_order_no


def test_days_follow_each_other_without_a_gap_from_the_opening_on() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    recharge(shop, 5_00, "on the third day", NOON + 2 * DAY)

    statements.run(at=IN_THREE_DAYS)

    found = list(shop.statements.order_by("day"))
    assert [(one.day, one.opening_fen, one.closing_fen, one.transfers) for one in found] == [
        (TODAY, 0, 1_000_00, 1),
        (TODAY + DAY, 1_000_00, 1_000_00, 0),
        (TODAY + 2 * DAY, 1_000_00, 1_005_00, 1),
    ]


def test_the_day_ends_at_midnight_in_shanghai() -> None:
    shop = make_distributor(deposit_fen=0)
    midnight = periods.midnight(TODAY + DAY)
    recharge(shop, 1, "last moment", midnight - timedelta(microseconds=1))
    recharge(shop, 2, "first moment", midnight)

    statements.run(at=IN_THREE_DAYS)

    assert by_day(shop)[TODAY] == ["last moment"]
    assert by_day(shop)[TODAY + DAY] == ["first moment"]


@pytest.mark.parametrize(
    ("_case", "at"),
    [
        ("during the day", NOON),
        ("just after midnight", periods.midnight(TODAY + DAY) + timedelta(minutes=9)),
    ],
)
def test_a_day_is_not_closed_before_it_is_over_and_a_while_has_passed(
    _case: str, at: datetime
) -> None:
    shop = make_distributor()

    assert statements.run(at=at) == []
    with pytest.raises(statements.DayNotClosed):
        statements.run(at=at, day=TODAY)
    with pytest.raises(statements.DayNotClosed):
        statements.of_day(distributor=shop, day=TODAY, at=at)

    assert not Statement.objects.exists()
    assert not Event.objects.filter(type="statement.ready").exists()


def test_closing_again_changes_nothing_and_tells_nobody() -> None:
    shop = make_distributor()
    statements.run(at=TOMORROW_MORNING)
    before = shop.statements.values_list("csv_sha256", "json_sha256").get()

    assert statements.run(at=TOMORROW_MORNING + timedelta(hours=1)) == []
    assert statements.close(distributor_pk=shop.pk, until=TODAY, at=IN_THREE_DAYS) == []

    assert shop.statements.values_list("csv_sha256", "json_sha256").get() == before
    assert Event.objects.filter(type="statement.ready").count() == 1


def test_the_same_day_makes_the_same_bytes_whenever_and_in_whatever_language_it_is_closed() -> None:
    shop = make_distributor()
    placing.place(make_request(shop, {make_sku(): 1}), at=NOON)
    with translation.override("en"):
        statements.run(at=TOMORROW_MORNING)
    before = shop.statements.get()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE books_statement DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM books_statement")
        cursor.execute("ALTER TABLE books_statement ENABLE TRIGGER USER")
    Event.objects.all().delete()

    with translation.override("zh-hans"):
        statements.run(at=TOMORROW_MORNING + timedelta(hours=5))

    again = shop.statements.get()
    assert (bytes(again.csv), bytes(again.json)) == (bytes(before.csv), bytes(before.json))


def test_what_is_linked_after_the_closing_comes_onto_the_next_statement_as_late() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    statements.run(at=TOMORROW_MORNING)
    recharge(shop, 7_00, "late", NOON)
    recharge(shop, 9_00, "in time", NOON + DAY)

    statements.run(at=NOON + 2 * DAY)

    first, second = shop.statements.order_by("day")
    assert first.closing_fen == 1_000_00
    assert [(i["reference"], i["late"]) for i in items(second)] == [
        ("late", True),
        ("in time", False),
    ]
    assert second.closing_fen == 1_016_00


def test_what_moved_after_midnight_and_before_the_closing_is_on_the_next_day_only() -> None:
    shop = make_distributor(deposit_fen=0)
    recharge(shop, 1, "tomorrow", NOON + DAY)
    recharge(shop, 2, "today", NOON)
    statements.run(at=TOMORROW_MORNING)

    statements.run(at=NOON + 2 * DAY)

    assert by_day(shop) == {TODAY: ["today"], TODAY + DAY: ["tomorrow"]}


def test_a_refund_that_everybody_who_earned_gives_back_is_one_entry() -> None:
    shop = make_distributor(deposit_fen=0)
    refund(shop, 100_00, 5_00, 2_50)

    statements.run(at=TOMORROW_MORNING)

    [shown] = items(shop.statements.get())
    assert (shown["reference"], shown["amount_fen"]) == ("T1", 107_50)
    assert Transfer.objects.filter(code="aftersale_refunded").count() == 3


def test_a_fact_that_is_not_linked_to_its_end_waits_for_the_next_statement() -> None:
    shop = make_distributor(deposit_fen=0)
    refund(shop, 100_00, 5_00)
    parts = Transfer.objects.filter(code="aftersale_refunded").order_by("pk")
    chaining.link(at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_link DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM ledger_link WHERE transfer_id > %s", [parts[0].pk])
        cursor.execute("ALTER TABLE ledger_link ENABLE TRIGGER USER")

    statements.close(distributor_pk=shop.pk, until=TODAY + DAY, at=IN_THREE_DAYS)
    chaining.link(at=NOON)
    statements.close(distributor_pk=shop.pk, until=TODAY + 2 * DAY, at=IN_THREE_DAYS)

    found = {one.day: [i["code"] for i in items(one)] for one in shop.statements.all()}
    assert "aftersale_refunded" not in found[TODAY] + found[TODAY + DAY]
    assert found[TODAY + 2 * DAY].count("aftersale_refunded") == 1
    assert shop.statements.latest("day").closing_fen == accounts.deposit_of(shop.pk).balance_fen


def test_the_csv_reads_in_a_spreadsheet_and_its_figures_add_up() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    request = make_request(shop, {make_sku(supply_price_fen=100_00): 2}, number="-1+1")
    placing.place(request, at=NOON)
    order = Order.objects.get()
    cancelling.cancel_by_platform(
        order_pk=order.pk, pieces=None, reason="changed_mind", actor=OPERATIONS, at=NOON
    )
    statements.run(at=TOMORROW_MORNING)

    content = bytes(shop.statements.get().csv)

    assert content.startswith(b"\xef\xbb\xbf")
    heading, opening, *moved, _in, _out, closing = csv.reader(
        io.StringIO(content.decode("utf-8-sig"))
    )
    assert heading[:5] == ["时间", "事项", "金额（元）", "变动后余额（元）", "您的订单号"]
    assert [row[2] for row in moved] == ["1000.00", "-210.00", "210.00"]
    assert (opening[3], closing[3]) == ("0.00", "1000.00")
    assert moved[1][4] == "'-1+1"


def test_every_new_statement_is_told_once_with_its_totals() -> None:
    shop = make_distributor(deposit_fen=1_000_00)

    statements.run(at=NOON + 2 * DAY)

    told = Event.objects.filter(type="statement.ready", partner=shop.partner).order_by("pk")
    assert [event.object_no for event in told] == ["2026-11-22", "2026-11-23"]
    assert told[0].data == statements.document(shop.statements.get(day=TODAY))


def test_a_day_that_nothing_closed_is_closed_when_it_is_asked_for() -> None:
    shop, other = make_distributor(), make_distributor()

    found = statements.of_day(distributor=shop, day=TODAY + DAY, at=IN_THREE_DAYS)

    assert found.opening_fen == 1_000_00
    assert shop.statements.count() == 2
    assert not other.statements.exists()


def test_a_day_before_the_opening_has_no_statement() -> None:
    shop = make_distributor()

    with pytest.raises(NotFound):
        statements.of_day(distributor=shop, day=TODAY - DAY, at=IN_THREE_DAYS)

    assert not Statement.objects.exists()


def test_closing_a_day_reads_what_is_open_and_not_what_was_stated() -> None:
    shop = make_distributor(deposit_fen=1_000_00)
    for number in range(3):
        recharge(shop, 1, f"R{number}", NOON)
    statements.run(at=TOMORROW_MORNING)

    open_from = shop.statements.get().open_from_pk

    assert open_from == Transfer.objects.latest("pk").pk + 1
    assert shop.statements.get().closed_position == Link.objects.latest("position").position


def test_closing_costs_as_many_queries_for_a_long_day_as_for_a_short_one() -> None:
    shop, other = make_distributor(), make_distributor()
    for number in range(20):
        recharge(other, 1, f"R{number}", NOON)
    chaining.link(at=NOON)

    with CaptureQueriesContext(connection) as short:
        statements.close(distributor_pk=shop.pk, until=TODAY, at=IN_THREE_DAYS)
    with CaptureQueriesContext(connection) as long:
        statements.close(distributor_pk=other.pk, until=TODAY, at=IN_THREE_DAYS)

    assert len(long) == len(short)


def test_the_command_closes_says_so_and_has_nothing_to_do_the_second_time() -> None:
    shop = make_distributor(deposit_fen=0)
    # The command reads the clock.
    Company.objects.update(opened_at=timezone.now() - DAY)

    first, second = StringIO(), StringIO()
    call_command("close_statements", "--distributor", shop.number, "--json", stdout=first)
    call_command("close_statements", "--json", stdout=second)

    [closed] = json.loads(first.getvalue())["statements"]
    assert (closed["distributor"], closed["closing_fen"]) == (shop.number, 0)
    assert json.loads(second.getvalue()) == {"statements": []}


@pytest.mark.parametrize(
    ("_case", "options"),
    [
        ("a day that is not over", ["--day", "2999-01-01"]),
        ("no day at all", ["--day", "yesterday"]),
        ("nobody's number", ["--distributor", "D0"]),
    ],
)
def test_the_command_refuses(_case: str, options: list[str]) -> None:
    make_distributor()

    with pytest.raises(CommandError):
        call_command("close_statements", *options, stdout=StringIO())

    assert not Statement.objects.exists()


def test_the_files_of_an_empty_day_say_so() -> None:
    day = statement_files.Day("D1", TODAY, 5_00, [])

    assert json.loads(statement_files.as_json(day))["items"] == []
    assert statement_files.as_csv(day).decode("utf-8-sig").count("\r\n") == 5


def test_statements_of_many_days_with_late_entries_and_split_refunds_verify() -> None:
    shop, other = make_distributor(deposit_fen=1_000_00), make_distributor(deposit_fen=0)
    statements.run(at=TOMORROW_MORNING)
    recharge(shop, 7_00, "late", NOON)
    refund(other, 3_00, 2_00)
    recharge(other, 9_00, "in time", NOON + DAY)
    recharge(shop, 1_00, "much later", NOON + 2 * DAY)
    for days in (2, 3):
        statements.run(at=NOON + days * DAY)

    report = verifying.look(at=IN_THREE_DAYS)

    names = {check.name for check in invariants.statements.CHECKS}
    assert [found for found in report.breaches if found.check.name in names] == []
    assert shop.statements.latest("day").closing_fen == 1_008_00


@pytest.mark.parametrize(
    ("_case", "sql"),
    [
        ("another amount", "UPDATE ledger_transfer SET amount_fen = 1 WHERE reference = 'late'"),
        (
            "another day",
            "UPDATE ledger_transfer SET posted_at = posted_at + '1 day' WHERE reference = 'early'",
        ),
        ("gone", "DELETE FROM ledger_link; DELETE FROM ledger_transfer WHERE reference = 'late'"),
    ],
)
def test_a_transfer_that_was_changed_after_its_day_was_closed_is_noticed(
    _case: str, sql: str
) -> None:
    shop = make_distributor(deposit_fen=0)
    recharge(shop, 5_00, "early", NOON)
    statements.run(at=TOMORROW_MORNING)
    recharge(shop, 7_00, "late", NOON)
    statements.run(at=NOON + 2 * DAY)

    with connection.cursor() as cursor, pgtrigger.ignore():
        cursor.execute(sql)
    report = verifying.look(at=IN_THREE_DAYS)

    assert "statements_equal_the_ledger" in {found.check.name for found in report.breaches}
