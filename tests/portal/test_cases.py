"""After-sales by hand in the portal: apply from an order, follow, and do whatever the API could do."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aftersales import returning
from aftersales.models import Case, Evidence
from distributors.models import Distributor
from ledger import accounts
from tests.aftersales import stage
from tests.aftersales.stage import ANNA, PRICE_FEN, Stage, make_stage
from tests.factories import make_case, make_distributor, make_evidence, make_photo
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/portal/aftersales/"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def of(shop: Distributor) -> Client:
    return log_in(make_person(shop.company))


def page_of(case: Case, action: str = "") -> str:
    return f"{LIST}{case.case_no}/{action}"


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def a_photo(colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", make_photo(colour), content_type="image/png")


def application(**fields: Any) -> dict[str, Any]:
    """What the form sends for one piece."""
    values = {"line": "1", "type": "refund_only", "quantity": "1", "reason": "not_received"}
    return values | fields


def offered(client: Client, case: Case) -> list[str]:
    """The acts that the page of a case offers."""
    return [name for name, _act, _form in client.get(page_of(case)).context["offers"]]


def address_of(play: Stage) -> str:
    return f"/portal/orders/{play.order.order_no}/aftersale/"


def test_a_case_is_opened_from_an_order_with_photos() -> None:
    play = make_stage()
    client = of(play.shop)
    order_page = client.get(f"/portal/orders/{play.order.order_no}/").content.decode()

    answer = client.post(
        address_of(play),
        application(
            reason="damaged",
            quantity="2",
            description="盒子压坏",
            photos=[a_photo(), a_photo("blue")],
        ),
    )

    case = Case.objects.get()
    assert address_of(play) in order_page
    assert answer.headers["location"] == page_of(case)
    assert (case.quantity, case.asked_fen, case.description) == (2, 2 * PRICE_FEN, "盒子压坏")
    assert case.evidence.count() == 2
    page = client.get(page_of(case)).content.decode()
    assert f"{LIST}photos/{case.evidence.all()[0].upload_id}/" in page


def test_the_form_offers_what_is_possible_and_says_how_much() -> None:
    play = make_stage(shipped=False)
    stage.ship(play, 2)

    page = of(play.shop).get(address_of(play)).content.decode()

    assert "up to 2 pieces, ¥115.50" in page
    assert 'value="exchange"' not in page
    assert 'max="2"' in page


@pytest.mark.parametrize(
    ("_case", "fields", "status"),
    [
        ("too many pieces", {"quantity": "4"}, 422),
        ("none", {"quantity": "0"}, 422),
        ("too much money", {"asked_fen": "57.76"}, 422),
        ("a reason that needs photos, without any", {"reason": "damaged"}, 422),
        ("a type that is not possible now", {"type": "exchange"}, 422),
        ("no picture", {"reason": "damaged", "photos": "text"}, 422),
    ],
)
def test_what_cannot_be_applied_for_opens_nothing(
    _case: str, fields: dict[str, Any], status: int
) -> None:
    play = make_stage()
    if fields.get("photos"):
        text = SimpleUploadedFile("a.txt", b"text", content_type="text/plain")
        fields = {**fields, "photos": [text]}

    answer = of(play.shop).post(address_of(play), application(**fields))

    assert answer.status_code == status
    assert not Case.objects.exists()
    assert play.line.in_case == 0


def test_where_nothing_is_possible_the_page_says_why() -> None:
    play = make_stage(received=True)
    client = of(play.shop)

    page = client.get(address_of(play)).content.decode()
    forced = client.post(address_of(play), application())

    assert "its after-sales are over" in page
    assert forced.status_code == 200
    assert not Case.objects.exists()
    assert (
        address_of(play)
        not in client.get(f"/portal/orders/{play.order.order_no}/").content.decode()
    )


def test_a_distributor_to_which_after_sales_are_shut_opens_none() -> None:
    play = make_stage()
    Distributor.objects.filter(pk=play.shop.pk).update(aftersale_open=False)

    page = of(play.shop).get(address_of(play)).content.decode()

    assert "not open to you" in page


def test_cases_are_listed_by_whose_turn_it_is() -> None:
    play = make_stage(days=7, received=True)
    mine = stage.approve(stage.apply(play, "return_refund"), return_address=stage.ADDRESS)
    theirs = stage.apply(play)
    ended = stage.approve(stage.apply(play))
    client = of(play.shop)

    shown = {
        show: [
            case.case_no
            for case in (mine, theirs, ended)
            if case.case_no in client.get(LIST, {"show": show}).content.decode()
        ]
        for show in ("ours", "open", "ended")
    }

    assert shown == {
        "ours": [mine.case_no],
        "open": [mine.case_no, theirs.case_no],
        "ended": [ended.case_no],
    }
    for number in (theirs.case_no, play.order.order_no, play.order.out_order_no):
        assert theirs.case_no in client.get(LIST, {"q": number}).content.decode()


def test_a_case_is_withdrawn_while_it_waits_and_not_later() -> None:
    play = make_stage()
    case, decided = stage.apply(play), stage.approve(stage.apply(play))
    client = of(play.shop)
    may = offered(client, case)

    client.post(page_of(case, "withdrawal/"))
    late = client.post(page_of(decided, "withdrawal/"))

    assert may == ["withdrawal"]
    assert now(case).state == "withdrawn"
    assert late.status_code == 409
    assert now(decided).state == "refunded"
    assert offered(client, case) == offered(client, decided) == []


def test_a_rejection_is_answered_with_more_to_show_or_by_arbitration() -> None:
    play = make_stage()
    first, second = stage.reject(stage.apply(play)), stage.reject(stage.apply(play))
    client = of(play.shop)
    may = offered(client, first)

    client.post(
        page_of(first, "resubmission/"),
        {"description": "补充照片", "asked_fen": "30", "photos": [a_photo()]},
    )
    client.post(page_of(second, "escalation/"), {"description": "请再核实"})

    assert may == ["resubmission", "escalation"]
    assert (now(first).state, now(first).asked_fen) == ("applied", 30_00)
    assert now(first).evidence.count() == 1
    assert now(second).state == "arbitration"


def test_the_return_parcel_is_entered_where_the_address_is_shown() -> None:
    play = make_stage(days=7, received=True)
    case = stage.approve(stage.apply(play, "return_refund"), return_address=stage.ADDRESS)
    client = of(play.shop)
    page = client.get(page_of(case)).content.decode()

    wrong = client.post(page_of(case, "return-shipment/"), {"tracking_no": "?", "carrier": "SF"})
    client.post(
        page_of(case, "return-shipment/"), {"tracking_no": "sf1234567890123", "carrier": "SF"}
    )

    assert stage.ADDRESS in page
    assert wrong.status_code == 409
    assert now(case).state == "returning"
    assert now(case).parcels.get().tracking_no == "SF1234567890123"


def test_an_offer_is_taken_or_disputed() -> None:
    play = make_stage(own=True, days=7, received=True)
    taken = stage.bring_back(stage.approve(stage.apply(play, "return_refund")))
    stage.inspect(taken, "partial", offered_fen=20_00)
    client = of(play.shop)
    may = offered(client, taken)
    page = client.get(page_of(taken)).content.decode()

    before = accounts.deposit_of(play.shop.pk).balance_fen or 0
    client.post(page_of(taken, "partial-acceptance/"))
    disputed = stage.approve(stage.apply(play, "return_refund"), return_address=stage.ADDRESS)
    stage.send_back(disputed, "SF1000000000009")
    returning.arrive(case_no=disputed.case_no, actor=ANNA, at=stage.LATER)
    stage.inspect(now(disputed), "partial", offered_fen=1_00)
    client.post(page_of(disputed, "inspection-dispute/"), {"description": "出厂即有划痕"})

    assert may == ["partial-acceptance", "inspection-dispute"]
    assert "The platform offers ¥20.00." in page
    assert now(taken).state == "refunded"
    assert accounts.deposit_of(play.shop.pk).balance_fen == before + 20_00
    assert now(disputed).state == "arbitration"


def test_new_goods_are_received_or_given_up_for_a_refund_when_they_are_late() -> None:
    play = make_stage()
    sent, late = (
        stage.approve(stage.apply(play, "resend")),
        stage.approve(stage.apply(play, "resend")),
    )
    stage.reship(sent, play.supplier)
    client = of(play.shop)

    early = client.post(page_of(late, "refund-instead/"))
    Case.objects.filter(pk=late.pk).update(late_at=stage.LATER, due_at=stage.LATER)
    may = offered(client, late)
    client.post(page_of(late, "refund-instead/"))
    client.post(page_of(sent, "receipt/"))

    assert early.status_code == 409
    assert may == ["refund-instead"]
    assert now(late).state == "refunded"
    assert now(sent).state == "completed"


def test_who_bears_it_is_not_told_nor_who_decided() -> None:
    play = make_stage(days=7, received=True)
    case = stage.approve(stage.apply(play), liability="carrier", note="协商一致")
    client = of(play.shop)

    page = client.get(page_of(case)).content.decode()

    assert "协商一致" in page
    for secret in (ANNA.name, "carrier: ", "goodwill", "¥50.00", "¥2.75"):
        assert secret not in page, secret


def test_what_belongs_to_another_does_not_exist() -> None:
    play = make_stage()
    case = stage.apply(play)
    photo = make_evidence(play.shop)
    client = of(make_distributor())

    assert client.get(page_of(case)).status_code == 404
    assert client.post(page_of(case, "withdrawal/")).status_code == 404
    assert client.get(address_of(play)).status_code == 404
    assert client.get(f"{LIST}photos/{photo.upload_id}/").status_code == 404
    assert page_of(case) not in client.get(LIST, {"q": case.case_no}).content.decode()
    assert now(case).state == "applied"


def test_what_is_no_act_does_not_exist() -> None:
    play = make_stage()
    case = stage.apply(play)

    assert of(play.shop).post(page_of(case, "approval/")).status_code == 404


def test_photos_of_an_inspection_are_shown_to_its_distributor() -> None:
    play = make_stage(own=True, days=7, received=True)
    case = stage.bring_back(stage.approve(stage.apply(play, "return_refund")))
    stage.inspect(case, "fail", grade="used")
    photo = Evidence.objects.get(inspection__case=case)

    image = of(play.shop).get(f"{LIST}photos/{photo.upload_id}/?small")

    assert image.headers["Content-Type"] == "image/jpeg"


def test_an_orders_page_shows_its_cases_and_one_history() -> None:
    play = make_stage()
    case = make_case(play.order)
    person = make_person(play.shop.company)
    client = log_in(person)
    client.post(page_of(case, "withdrawal/"))

    page = client.get(f"/portal/orders/{play.order.order_no}/")

    steps = [(step.kind, step.deed, step.by) for step in page.context["timeline"]]
    assert page_of(case) in page.content.decode()
    assert ("shipment", "shipped", "the platform") in steps
    assert steps[-1] == ("aftersale", "withdrawn", person.email)
