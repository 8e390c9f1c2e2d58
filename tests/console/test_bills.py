"""Settlement in the console: previewed, issued, answered, paid by two, voided; manual lines; security."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from kit.actors import person
from ledger import accounts
from ledger.models import Kind, Transfer
from suppliers import answering_bills, invoicing, securing
from suppliers.models import Adjustment, Bill, BillState, Cycle, Supplier
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, earn, make_bill, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ("see_money", "see_companies", "settle_suppliers", "pay_suppliers")
LI = person("li@example.com")


@pytest.fixture
def client() -> Client:
    return client_of(make_staff(*RIGHTS), "en")


def at(name: str, pk: int | None = None) -> str:
    return reverse(f"console:{name}", args=[] if pk is None else [pk])


def accepted(*amounts: int) -> Bill:
    bill = make_bill(amounts=amounts or (100_00,))
    answering_bills.accept(supplier=bill.supplier, bill_no=bill.bill_no, actor=LI, at=NOON)
    return bill


def now(bill: Bill) -> Bill:
    return Bill.objects.get(pk=bill.pk)


def test_the_settlement_page_says_what_is_due_and_writes_nothing(client: Client) -> None:
    supplier = make_supplier()
    earn(supplier, 77_00)

    page = client.get(at("settlement")).content.decode()
    preview = client.get(at("issue_bills", supplier.pk)).content.decode()

    assert "¥77.00" in page
    assert "2026-10-01…2026-10-31" in page
    assert "¥77.00" in preview
    assert not Bill.objects.exists()


def test_bills_are_issued_for_one_supplier_or_for_all(client: Client) -> None:
    one, other = make_supplier(), make_supplier()
    for supplier in (one, other):
        earn(supplier, 5_00)

    client.post(at("issue_bills", one.pk), {"period": "all"})
    assert list(Bill.objects.values_list("supplier_id", flat=True)) == [one.pk]
    client.post(at("issue_all"))
    client.post(at("issue_all"))

    assert sorted(Bill.objects.values_list("supplier_id", flat=True)) == sorted([one.pk, other.pk])


def test_a_negative_period_is_previewed_as_carried_into_the_next(client: Client) -> None:
    supplier = make_supplier()
    Supplier.objects.filter(pk=supplier.pk).update(cycle=Cycle.HALF_MONTHLY)
    earn(supplier, -30_00)
    earn(supplier, 50_00, at=NOON.replace(month=10, day=25))

    page = client.get(at("issue_bills", supplier.pk)).content.decode()
    client.post(at("issue_bills", supplier.pk), {"period": "all"})

    totals = list(Bill.objects.order_by("pk").values_list("total_fen", flat=True))
    assert totals == [-30_00, 20_00]
    assert "-¥30.00" in page
    assert "¥20.00" in page


def test_a_doubted_line_is_answered(client: Client) -> None:
    bill = make_bill()
    line = bill.lines.order_by("pk")[0]
    answering_bills.dispute(
        supplier=bill.supplier, bill_no=bill.bill_no, notes={line.pk: "3 件"}, actor=LI, at=NOON
    )

    shown = client.get(at("bill", bill.pk)).content.decode()
    client.post(at("answer_bill_line", line.pk), {"words": "共 2 件"})

    line.refresh_from_db()
    assert "3 件" in shown
    assert line.answer == "共 2 件"
    assert "共 2 件" in client.get(at("bill", bill.pk)).content.decode()


def test_a_large_bill_is_prepared_by_one_and_paid_by_another(client: Client) -> None:
    bill = accepted(20_000_00)
    values = {"bank_reference": "BANK-9", "paid_on": "2026-11-20"}

    alone = client.post(at("pay_bill", bill.pk), values)
    client.post(at("prepare_bill", bill.pk))
    still_alone = client.post(at("pay_bill", bill.pk), values)
    assert (alone.status_code, still_alone.status_code) == (409, 409)
    assert now(bill).state == BillState.ACCEPTED
    second = client_of(make_staff(*RIGHTS), "en").post(at("pay_bill", bill.pk), values)

    assert second.status_code == 302
    paid = now(bill)
    assert (paid.state, paid.bank_reference, paid.paid_on) == (
        BillState.PAID,
        "BANK-9",
        date(2026, 11, 20),
    )
    assert Transfer.objects.get(code="bill_paid").amount_fen == 20_000_00
    assert accounts.balance(Kind.PAYABLE, bill.supplier_id) == 0


def test_one_bank_reference_pays_one_bill(client: Client) -> None:
    first, second = accepted(), accepted()
    values = {"bank_reference": "BANK-1", "paid_on": "2026-11-20"}

    answers = [client.post(at("pay_bill", bill.pk), values).status_code for bill in (first, second)]

    assert answers == [302, 409]
    assert now(second).state == BillState.ACCEPTED
    assert Transfer.objects.filter(code="bill_paid").count() == 1


def test_a_bill_is_voided_with_a_reason_unless_it_is_accepted(client: Client) -> None:
    issued, agreed = make_bill(), accepted()

    answers = [
        client.post(at("void_bill", bill.pk), {"reason": "价格有误"}).status_code
        for bill in (issued, agreed)
    ]

    assert answers == [302, 409]
    assert now(issued).state == BillState.VOID
    assert "价格有误" in now(issued).void_reason
    assert now(agreed).state == BillState.ACCEPTED


def test_a_manual_line_takes_two_people(client: Client) -> None:
    supplier = make_supplier()
    values = {"direction": "against", "amount_fen": "12.50", "reason": "包装费"}

    client.post(at("propose_line", supplier.pk), values)
    line = Adjustment.objects.get()
    alone = client.post(at("decide_line", line.pk), {"agreed": "yes"})
    assert alone.status_code == 409
    assert not Transfer.objects.exists()
    client_of(make_staff(*RIGHTS)).post(at("decide_line", line.pk), {"agreed": "yes"})

    assert accounts.balance(Kind.PAYABLE, supplier.pk) == -12_50
    assert "包装费" in client.get(at("adjustment", line.pk)).content.decode()


def test_a_manual_line_names_only_orders_of_its_supplier(client: Client) -> None:
    values = {"direction": "for", "amount_fen": "1", "reason": "x", "order_no": "NONE"}

    assert client.post(at("propose_line", make_supplier().pk), values).status_code == 422
    assert not Adjustment.objects.exists()


def test_security_is_required_paid_in_and_paid_back(client: Client) -> None:
    supplier = make_supplier()

    client.post(at("require_security", supplier.pk), {"amount_fen": "500"})
    client.post(at("security_in", supplier.pk), {"amount_fen": "300", "bank_reference": "IN-1"})
    again = client.post(
        at("security_in", supplier.pk), {"amount_fen": "300", "bank_reference": "IN-1"}
    )
    too_much = client.post(
        at("security_out", supplier.pk), {"amount_fen": "300.01", "bank_reference": "OUT-1"}
    )
    page = client.get(at("supplier", supplier.pk)).content.decode()

    assert (again.status_code, too_much.status_code) == (409, 409)
    assert securing.paid_fen(supplier) == 300_00
    assert "short: lists no new goods" in page


def test_the_cycle_is_changed(client: Client) -> None:
    supplier = make_supplier()

    client.post(at("supplier_cycle", supplier.pk), {"cycle": "weekly"})

    supplier.refresh_from_db()
    assert supplier.cycle == Cycle.WEEKLY


def test_a_bill_is_downloaded_by_staff_with_its_invoice(client: Client) -> None:
    bill = make_bill()
    assert client.get(at("bill_invoice", bill.pk)).status_code == 404
    invoicing.attach(
        supplier=bill.supplier, bill_no=bill.bill_no, name="a.pdf", content=b"%PDF-1.4\n%%EOF"
    )

    answers = [client.get(at(f"bill_{kind}", bill.pk)) for kind in ("xlsx", "pdf", "invoice")]

    for answer in answers:
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_settlement_page_asks_few_questions_for_many_suppliers(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        make_bill(amounts=(1_00,))
    earn(make_supplier(), 1_00)
    client.get(at("settlement"))

    for address in (at("settlement"), at("bill", Bill.objects.latest("pk").pk)):
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200


def test_without_the_right_nothing_is_paid() -> None:
    bill = accepted()
    looking = client_of(make_staff("see_money", "settle_suppliers"), "en")

    answer = looking.post(at("pay_bill", bill.pk), {"bank_reference": "B", "paid_on": "2026-11-20"})

    assert answer.status_code == 403
    assert now(bill).state == BillState.ACCEPTED
