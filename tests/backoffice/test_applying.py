"""Applying to become a supplier by the public form, up to the first log-in, and the pages after it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from companies.models import Role
from kit.actors import OPERATIONS
from suppliers import checklist
from suppliers.models import Application, NoticePutAway, Paper, Supplier
from supplychain import holidays
from supplychain.models import Holiday
from tests.console.staff import client_of, make_staff
from tests.factories import (
    CREDIT_CODES,
    NOON,
    make_application,
    make_distributor,
    make_notice,
    make_paper,
    make_shipped_order,
    make_sku,
    make_supplier,
)
from tests.people import PASSWORD, log_in, make_person, picture

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.4\n%%EOF"
KINDS = ("business_licence", "legal_person_id", "bank_account")


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def filled(**fields: Any) -> dict[str, Any]:
    """The form as an applicant sends it."""
    papers = {kind: SimpleUploadedFile(f"{kind}.pdf", PDF) for kind in KINDS}
    answers = {
        "company_name": "杭州茶厂",
        "credit_code": f" {CREDIT_CODES[0].lower()} ",
        "contact_name": "李雷",
        "contact_phone": "13800000000",
        "email": "Factory@Example.com",
        "main_goods": "龙井",
    }
    return answers | papers | fields


def decide(staff: Client, act: str, **values: Any) -> Any:
    one = Application.objects.get()
    address = reverse(f"console:{act}", args=[one.pk])
    return staff.post(address, {"submission": one.submission, **values})


def test_a_company_applies_corrects_is_approved_and_logs_in() -> None:
    applicant, staff = (
        Client(headers={"accept-language": "en"}),
        client_of(make_staff("open_companies", "see_companies"), "en"),
    )
    link = applicant.post("/supplier/apply/", filled()).headers["location"]
    waiting = applicant.get(link).content.decode()
    decide(staff, "send_application_back", note="The licence cannot be read.")

    sent_back = applicant.get(link).content.decode()
    photo = SimpleUploadedFile("licence.png", picture())
    applicant.post(link, filled(contact_name="韩梅梅", business_licence=photo))
    page = staff.get(reverse("console:application", args=[Application.objects.get().pk]))
    approved = decide(staff, "approve_application").content.decode()

    assert link.startswith("/supplier/apply/A")
    assert link in waiting
    assert link in str(mail.outbox[0].body)
    assert "The licence cannot be read." in sent_back
    assert "The licence cannot be read." in str(mail.outbox[1].body)
    assert re.search(r"<del.*?李雷.*?</del>.*?韩梅梅", page.content.decode(), re.DOTALL)
    join = re.search(r"/join/[\w-]+/", str(mail.outbox[-1].body))
    assert join is not None
    assert join[0] in approved
    newcomer = Client(headers={"accept-language": "en"})
    newcomer.post(join[0], {"name": "韩梅梅", "password": PASSWORD, "again": PASSWORD})
    home = newcomer.get("/supplier/").content.decode()
    assert "杭州茶厂" in home
    assert "3/9" in home
    supplier = Supplier.objects.get()
    assert supplier.company.memberships.get().role == Role.OWNER
    assert Paper.objects.of(supplier).filter(state="accepted").count() == 3


def test_whoever_fills_in_the_hidden_field_is_thanked_and_nothing_is_kept() -> None:
    answer = Client().post("/supplier/apply/", filled(website="https://spam.example"))

    assert answer.status_code == 200
    assert not Application.objects.exists()
    assert mail.outbox == []


def test_wrong_answers_are_marked_and_nothing_is_kept() -> None:
    client = Client(headers={"accept-language": "en"})
    html = SimpleUploadedFile("licence.pdf", b"<html></html>")

    answer = client.post(
        "/supplier/apply/",
        filled(credit_code="91330100799655058C", business_licence=html, bank_account=""),
    )

    page = answer.content.decode()
    for text in ("no unified social credit code", "A paper is a PDF", "This field is required"):
        assert text in page
    assert not Application.objects.exists()


def test_applications_are_throttled_by_e_mail_and_by_address() -> None:
    client = Client(headers={"accept-language": "en"})

    codes = [client.post("/supplier/apply/", filled()).status_code for _ in range(6)]
    by_address = [client.post("/supplier/apply/", {}).status_code for _ in range(5)]

    assert codes == [302] * 5 + [429]
    assert by_address == [200] * 4 + [429]
    assert Application.objects.count() == 5


def test_a_person_known_already_is_treated_no_differently() -> None:
    known = make_person(make_supplier().company)
    pages = []

    for email in (known.email, "nobody@example.com"):
        cache.clear()
        client = Client(headers={"accept-language": "en"})
        link = client.post("/supplier/apply/", filled(email=email)).headers["location"]
        page = client.get(link).content.decode()
        pages.append(re.sub(r"A\d{6}-[^\"<\s]+|name=\"csrf.*?>", "", page).replace(email, ""))

    assert pages[0] == pages[1]


def test_papers_are_handed_in_sent_back_and_downloaded_never_shown() -> None:
    supplier = make_supplier()
    client = log_in(make_person(supplier.company))
    upload = SimpleUploadedFile("营业执照.pdf", PDF)

    answer = client.post(
        "/supplier/papers/",
        {
            "of": "business_licence",
            "business_licence-kind": "business_licence",
            "business_licence-paper": upload,
        },
    )
    paper = Paper.objects.get()
    checklist.send_back(paper_pk=paper.pk, reason="已过期", actor=OPERATIONS, at=NOON)
    page = client.get("/supplier/papers/").content.decode()
    home = client.get("/supplier/").content.decode()
    file = client.get(f"/supplier/papers/{paper.paper_no}/")
    member = log_in(make_person(supplier.company, role=Role.MEMBER))
    members_home = member.get("/supplier/").content.decode()

    assert answer.status_code == 302
    assert "已过期" in page
    assert "已过期" in home
    assert "/supplier/papers/" not in members_home
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(file) == PDF


def test_staff_check_papers_on_the_suppliers_page() -> None:
    supplier = make_supplier()
    first, second = make_paper(supplier), make_paper(supplier, kind="brand_letter")
    staff = client_of(make_staff("open_companies", "see_companies"), "en")

    page = staff.get(reverse("console:supplier", args=[supplier.pk])).content.decode()
    staff.post(reverse("console:accept_paper", args=[first.pk]), {})
    staff.post(reverse("console:send_paper_back", args=[second.pk]), {"reason": "unreadable"})

    assert reverse("console:accept_paper", args=[first.pk]) in page
    states = dict(Paper.objects.values_list("kind", "state"))
    assert states == {"food_licence": "accepted", "brand_letter": "sent_back"}


def test_a_holiday_is_planned_by_the_form_shows_everywhere_and_ends_early() -> None:
    supplier = make_supplier()
    product = make_sku(supplier=supplier).product
    client = log_in(make_person(supplier.company))
    first = timezone.localdate() + timedelta(days=30)

    client.post("/supplier/holiday/", {"first_day": first, "last_day": first, "message": "soon"})
    planned = client.get("/supplier/").content.decode()
    client.post("/supplier/holiday/end/")
    holidays.plan(
        supplier=supplier,
        first_day=timezone.localdate(NOON),
        last_day=timezone.localdate(NOON),
        message="back soon",
        actor=OPERATIONS,
        at=NOON,
    )
    pages = [client.get(f"/supplier/{page}").content.decode() for page in ("", "goods/")]
    staff = client_of(make_staff("see_companies"), "en")
    seen = staff.get(reverse("console:supplier", args=[supplier.pk])).content.decode()
    client.post("/supplier/holiday/end/")

    product.refresh_from_db()
    assert f"Holiday from {first}" in planned
    assert all("You are on holiday" in page for page in pages)
    assert "back soon" in seen
    assert product.state == "listed"
    assert set(Holiday.objects.values_list("state", flat=True)) == {"called_off", "over"}


def test_the_start_page_shows_notices_and_days_with_few_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier, notice = make_supplier(), make_notice(at=timezone.now())
    person = make_person(supplier.company)
    client = log_in(person)
    shop = make_distributor(deposit_fen=10_000_00)
    for _ in range(2):
        sku = make_sku(supplier=supplier, supply_price_fen=12_50)
        make_shipped_order(shop, {sku: 2}, at=timezone.now())
    client.get("/supplier/")

    with django_assert_max_num_queries(15):
        page = client.get("/supplier/").content.decode()
    client.post(f"/supplier/notices/{notice.pk}/put-away/")
    after = client.get("/supplier/").content.decode()

    assert "¥50.00 ordered in the last 30 days" in page
    assert "2 parcels in the last 30 days" in page
    assert notice.title in page
    assert notice.title not in after
    assert NoticePutAway.objects.get().person == person


def test_lists_and_pages_of_applications_ask_little(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(4):
        make_application()
    staff = client_of(make_staff("open_companies"))
    staff.get("/admin/suppliers/application/")

    for path in ("/admin/suppliers/application/", "/admin/suppliers/paper/"):
        with django_assert_max_num_queries(15):
            assert staff.get(path).status_code == 200
