"""Applying to become a distributor: by the public form, up to the first log-in, and who decides."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from companies import papers
from companies.applying import PapersMissing
from companies.models import Company, Role
from distributors import applying, forgetting
from distributors.models import Distributor, ShopApplication
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound
from suppliers import applying as suppliers_applying
from tests.console.staff import client_of, make_staff
from tests.factories import (
    CREDIT_CODES,
    NOON,
    make_application,
    make_level,
    make_shop_answers,
    make_shop_application,
    make_upload,
)
from tests.people import PASSWORD, picture
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def filled(**fields: Any) -> dict[str, Any]:
    """The form as an applicant sends it."""
    return {
        "company_name": "上海云店",
        "credit_code": f" {CREDIT_CODES[1].lower()} ",
        "contact_name": "李雷",
        "contact_phone": "13800000000",
        "email": "Shop@Example.com",
        "sold_goods": "茶叶",
        "shop_system": "有赞",
        "orders_a_month": 3_000,
        "licence": SimpleUploadedFile("licence.pdf", b"%PDF-1.4\n%%EOF"),
    } | fields


def decide(staff: Client, act: str, **values: Any) -> Any:
    one = ShopApplication.objects.get()
    address = reverse(f"console:{act}", args=[one.pk])
    return staff.post(address, {"submission": one.submission, **values})


def is_kept(file: str) -> bool:
    return storages[papers.STORAGE].exists(file)


def test_a_shop_applies_corrects_is_approved_on_a_level_and_logs_in(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    applicant = Client(headers={"accept-language": "en"})
    staff = client_of(make_staff("open_companies", "see_companies"), "en")
    level = make_level()
    link = applicant.post("/portal/apply/", filled()).headers["location"]
    waiting = applicant.get(link).content.decode()
    first = ShopApplication.objects.get()
    decide(staff, "send_shop_application_back", note="The licence cannot be read.")

    sent_back = applicant.get(link).content.decode()
    photo = SimpleUploadedFile("licence.png", picture())
    applicant.post(link, filled(contact_name="韩梅梅", licence=photo))
    page = staff.get(reverse("console:shop_application", args=[first.pk])).content.decode()
    licence = staff.get(reverse("console:shop_licence", args=[first.pk]))
    approved = decide(staff, "approve_shop_application", level=level.pk).content.decode()
    with django_assert_max_num_queries(15):
        listed = staff.get("/admin/distributors/shopapplication/").content.decode()

    assert link.startswith("/portal/apply/B")
    assert link in waiting
    assert link in str(mail.outbox[0].body)
    for text in ("The licence cannot be read.", "stays unless you choose another file"):
        assert text in sent_back
    assert re.search(r"<del.*?李雷.*?</del>.*?韩梅梅", page, re.DOTALL)
    assert licence["Content-Type"] == "image/jpeg"
    assert not is_kept(first.licence)
    assert "上海云店" in listed
    distributor = Distributor.objects.get()
    assert distributor.level == level
    assert distributor.partner.keys.get().public_id in approved
    join = re.search(r"/join/[\w-]+/", str(mail.outbox[-1].body))
    assert join is not None
    assert join[0] in approved
    newcomer = Client(headers={"accept-language": "en"})
    newcomer.post(join[0], {"name": "韩梅梅", "password": PASSWORD, "again": PASSWORD})
    assert newcomer.get("/portal/").status_code == 200
    assert distributor.company.memberships.get().role == Role.OWNER


def test_many_staff_approving_at_once_open_one_distributor() -> None:
    sent, level = make_shop_application(), make_level()

    def approve(_number: int) -> str:
        answer = racing.answered(
            lambda: applying.approve(
                application_pk=sent.pk, submission=1, level=level, actor=OPERATIONS, at=NOON
            )
        )
        return answer.code if isinstance(answer, DomainError) else "opened"

    outcomes = racing.race(approve, 6)

    assert sorted(outcomes) == ["opened", *["state_conflict"] * 5]
    assert (Distributor.objects.count(), Company.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("code", "fields", "has_licence"),
    [
        ("credit_code_invalid", {"credit_code": "91330100799655058C"}, True),
        ("application_answer_missing", {"shop_system": " "}, True),
        ("application_answer_missing", {"orders_a_month": 0}, True),
        ("application_papers_missing", {}, False),
    ],
)
def test_an_application_that_is_not_complete_is_refused_and_leaves_no_trace(
    code: str, fields: dict[str, Any], has_licence: bool
) -> None:
    with pytest.raises(DomainError) as refusal:
        applying.apply(
            answers=make_shop_answers(**fields),
            licence=make_upload() if has_licence else None,
            language="en",
            at=NOON,
        )

    assert refusal.value.code == code
    assert not ShopApplication.objects.exists()


def test_wrong_answers_are_marked_a_robot_is_thanked_and_nothing_is_kept() -> None:
    client = Client(headers={"accept-language": "en"})

    wrong = client.post("/portal/apply/", filled(credit_code="91330100799655058C", licence=""))
    robot = client.post("/portal/apply/", filled(website="https://spam.example"))

    for text in ("no unified social credit code", "This field is required"):
        assert text in wrong.content.decode()
    assert robot.status_code == 200
    assert not ShopApplication.objects.exists()
    assert mail.outbox == []


def test_a_link_of_one_side_opens_nothing_on_the_other() -> None:
    shop, supplier = make_shop_application(), make_application()

    with pytest.raises(NotFound):
        suppliers_applying.find(applying.token_of(shop))
    with pytest.raises(NotFound):
        applying.find(suppliers_applying.token_of(supplier))

    assert applying.find(applying.token_of(shop)) == shop


def test_licences_of_declined_applicants_are_deleted_and_those_of_distributors_stay() -> None:
    kept, declined, abandoned = (make_shop_application() for _ in range(3))
    applying.approve(
        application_pk=kept.pk, submission=1, level=make_level(), actor=OPERATIONS, at=NOON
    )
    applying.reject(application_pk=declined.pk, submission=1, note="x", actor=OPERATIONS, at=NOON)
    applying.send_back(
        application_pk=abandoned.pk, submission=1, note="x", actor=OPERATIONS, at=NOON
    )

    early = forgetting.forget_licences(at=NOON + timedelta(days=89))
    late = forgetting.forget_licences(at=NOON + timedelta(days=91))

    assert (early, late) == (0, 2)
    assert [is_kept(one.licence) for one in (kept, declined, abandoned)] == [True, False, False]
    with pytest.raises(PapersMissing):
        applying.correct(
            token=applying.token_of(abandoned), answers=make_shop_answers(), licence=None, at=NOON
        )
