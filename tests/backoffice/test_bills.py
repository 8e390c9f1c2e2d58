"""A supplier's bills: seen, agreed to, doubted line by line, downloaded, and given an invoice."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from kit.actors import OPERATIONS, person
from ledger.models import Transfer
from suppliers import answering_bills, invoicing, paying_bills, securing, settlement
from suppliers.models import Bill, BillState, Cycle, Supplier
from tests.factories import NOON, earn, make_bill, make_supplier
from tests.people import log_in, make_person, picture

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/supplier/bills/"
LI = person("li@example.com")


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def browser(supplier: Supplier, language: str = "en") -> Client:
    return log_in(make_person(supplier.company), language)


def page_of(bill: Bill) -> str:
    return f"{LIST}{bill.bill_no}/"


def now(bill: Bill) -> Bill:
    return Bill.objects.get(pk=bill.pk)


def upload(content: bytes, name: str = "发票.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_the_list_says_where_the_money_is() -> None:
    supplier = make_supplier()
    paid = make_bill(supplier, amounts=(300_00,))
    answering_bills.accept(supplier=supplier, bill_no=paid.bill_no, actor=LI, at=NOON)
    paying_bills.pay(
        bill_no=paid.bill_no, bank_reference="BANK-1", paid_on=date(2026, 11, 3), actor=LI, at=NOON
    )
    earn(supplier, 12_34, at=NOON)
    securing.require(supplier_pk=supplier.pk, amount_fen=500_00)

    page = browser(supplier).get(LIST).content.decode()

    assert paid.bill_no in page
    assert page.count("¥300.00") >= 2
    assert "¥12.34" in page
    assert "¥500.00 required" in page
    assert "new goods cannot be listed" in page


def test_a_bill_shows_its_lines_and_what_they_come_to() -> None:
    supplier = make_supplier()
    earn(supplier, 90_00, order_no="P1", sku_no="TEA-1", quantity=3, unit_fen=30_00)
    bill = make_bill(supplier, amounts=(-20_00,))
    client = browser(supplier)

    page = client.get(page_of(bill)).content.decode()
    goods_only = client.get(page_of(bill), {"show": "goods"}).content.decode()

    for words in ("¥90.00", "-¥20.00", "¥70.00", "P1", "TEA-1", "3 × ¥30.00", "Agree to ¥70.00"):
        assert words in page
    assert "/supplier/orders/P1/" in goods_only
    assert "after-sale refunded" not in goods_only


def test_a_bill_is_agreed_to_once_and_for_all() -> None:
    bill = make_bill()
    client = browser(bill.supplier)

    for _ in range(2):
        assert client.post(f"{page_of(bill)}acceptance/").status_code == 302
    refused = client.post(
        f"{page_of(bill)}dispute/",
        {f"note_{bill.lines.get(amount_fen__gt=0).pk}": "no"},
        follow=True,
    )

    assert now(bill).state == BillState.ACCEPTED
    assert "Not done" in refused.content.decode()
    assert not bill.lines.filter(disputed=True).exists()


def test_lines_with_a_note_are_doubted_and_the_answer_is_shown() -> None:
    bill = make_bill()
    first, second = bill.lines.order_by("pk")
    client = browser(bill.supplier)

    client.post(f"{page_of(bill)}dispute/", {f"note_{first.pk}": "3 件", f"note_{second.pk}": " "})
    answering_bills.answer(
        bill_no=bill.bill_no, line_pk=first.pk, words="共 2 件", actor=OPERATIONS, at=NOON
    )
    page = client.get(page_of(bill), {"show": "disputed"}).content.decode()

    assert now(bill).state == BillState.DISPUTED
    assert [line.disputed for line in bill.lines.order_by("pk")] == [True, False]
    assert "3 件" in page
    assert "共 2 件" in page
    assert "¥100.00" in page


def test_without_a_note_nothing_is_doubted() -> None:
    bill = make_bill()

    answer = browser(bill.supplier).post(f"{page_of(bill)}dispute/", {}, follow=True)

    assert "Name the lines" in answer.content.decode()
    assert now(bill).state == BillState.ISSUED


def test_a_workbook_holds_every_line_as_text_and_figures_that_come_to_the_ledger() -> None:
    supplier = make_supplier()
    earn(supplier, 90_01, order_no="P1", sku_no="=1+1", quantity=3, unit_fen=30_00)
    bill = make_bill(supplier, amounts=(-20_00,))

    answer = browser(supplier).get(f"{page_of(bill)}xlsx/")

    assert answer["Content-Disposition"] == f'attachment; filename="{bill.bill_no}.xlsx"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows: list[Any] = book.get_sheet_by_name("Lines").to_python()[1:]
    assert [row[4] for row in rows] == ["=1+1", ""]
    posted = Transfer.objects.filter(bill_lines__bill=bill).order_by("pk")
    signed = [t.amount_fen if t.code == "goods_earned" else -t.amount_fen for t in posted]
    assert [round(row[7] * 100) for row in rows] == signed
    summary: list[Any] = book.get_sheet_by_name("Summary").to_python()
    assert round(summary[-1][1] * 100) == sum(signed) == bill.total_fen
    assert b"<f>" not in answer.content


@pytest.mark.parametrize("_language", ["en", "zh-hans"])
def test_a_bill_is_printed_with_its_font(_language: str) -> None:
    bill = make_bill()

    answer = browser(bill.supplier, _language).get(f"{page_of(bill)}pdf/")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"/FontFile2" in answer.content
    assert b"HuopanSansSC" in answer.content


def test_an_invoice_is_kept_and_handed_back_as_a_file() -> None:
    bill = make_bill()
    client = browser(bill.supplier)

    client.post(f"{page_of(bill)}attachment/", {"invoice": upload(PDF, "../发票 10月.pdf")})
    answer = client.get(f"{page_of(bill)}invoice/")

    assert now(bill).invoice_name == "发票 10月.pdf"
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser(make_supplier()).get(f"{page_of(bill)}invoice/").status_code == 404


def test_a_picture_of_an_invoice_is_encoded_anew_and_replaces_the_one_before() -> None:
    bill = make_bill()
    client = browser(bill.supplier)
    client.post(f"{page_of(bill)}attachment/", {"invoice": upload(PDF)})
    before = now(bill).invoice

    client.post(f"{page_of(bill)}attachment/", {"invoice": upload(picture() + b"<html>", "a.png")})

    after = now(bill)
    assert (after.invoice_name, after.invoice != before) == ("a.jpg", True)
    assert not storages[invoicing.STORAGE].exists(before)
    assert b"<html>" not in client.get(f"{page_of(bill)}invoice/").content


@pytest.mark.parametrize(
    "_content",
    [b"<html>", b"", b"%PDF-1.7 cut off", b"PK\x03\x04", b"%PDF-" + b"0" * (5 * 1024 * 1024)],
)
def test_what_is_no_invoice_is_refused_and_nothing_is_kept(_content: bytes) -> None:
    bill = make_bill()

    browser(bill.supplier).post(f"{page_of(bill)}attachment/", {"invoice": upload(_content)})

    assert now(bill).invoice == ""


def test_a_supplier_settled_with_when_it_asks_gets_a_bill_up_to_yesterday() -> None:
    supplier = make_supplier()
    earn(supplier, 8_00)
    client = browser(supplier)
    refused = client.post(f"{LIST}request/", follow=True).content.decode()
    assert not Bill.objects.exists()
    Supplier.objects.filter(pk=supplier.pk).update(cycle=Cycle.ON_REQUEST)

    client.post(f"{LIST}request/")
    again = client.post(f"{LIST}request/", follow=True).content.decode()

    bill = Bill.objects.get()
    assert (bill.total_fen, bill.state) == (8_00, BillState.ISSUED)
    assert "Not done" in refused
    assert "Nothing has been earned" in again


def test_a_void_bill_says_so_and_takes_no_answer() -> None:
    bill = make_bill()
    settlement.void(bill_no=bill.bill_no, reason="wrong", actor=OPERATIONS, at=NOON)
    client = browser(bill.supplier)

    client.post(f"{page_of(bill)}acceptance/")

    assert now(bill).state == BillState.VOID
    assert "Agree to" not in client.get(page_of(bill)).content.decode()


def test_a_bill_of_many_lines_asks_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    bill = make_bill(amounts=(1_00,) * 30)
    client = browser(bill.supplier)
    client.get(page_of(bill))

    with django_assert_max_num_queries(15):
        client.get(page_of(bill))
