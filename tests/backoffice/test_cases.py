"""After-sales as a supplier sees them: its goods, read only, and new goods to ship again."""

import pytest
from django.core.cache import cache
from django.test import Client

from aftersales import goodwill, returning
from aftersales.models import Case
from suppliers.models import Supplier
from tests.aftersales import stage
from tests.aftersales.stage import ANNA, LATER, Stage, make_stage
from tests.factories import make_case, make_claim, make_evidence, make_shipped_order, make_sku
from tests.people import log_in, make_person

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/supplier/aftersales/"
LABEL = {"tracking_no": "sf2000000000002", "carrier": "SF"}


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


def of(play: Stage) -> Client:
    """A browser of somebody of the supplier."""
    assert play.supplier is not None
    return log_in(make_person(play.supplier.company))


def page_of(case: Case) -> str:
    return f"{LIST}{case.case_no}/"


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_cases_are_listed_by_what_there_is_to_do() -> None:
    play = make_stage(days=7, received=True)
    again = stage.approve(stage.apply(play, "resend"))
    back = stage.approve(stage.apply(play, "return_refund"), return_address=stage.ADDRESS)
    stage.send_back(back)
    ended = stage.approve(stage.apply(play, "refund_only"))
    client = of(play)

    pages = {show: client.get(LIST, {"show": show}).content.decode() for show in
             ("reship", "back", "open", "ended")}  # fmt: skip

    shown = {
        show: [case.case_no for case in (again, back, ended) if case.case_no in page]
        for show, page in pages.items()
    }
    assert shown == {
        "reship": [again.case_no],
        "back": [back.case_no],
        "open": [again.case_no, back.case_no],
        "ended": [ended.case_no],
    }
    assert "SF1000000000001" in pages["back"]
    for number in (back.case_no, play.order.order_no, "SF1000000000001"):
        assert back.case_no in client.get(LIST, {"q": number}).content.decode()


def test_new_goods_are_shipped_again_to_a_consignee_that_is_shown_while_they_are() -> None:
    play = make_stage()
    case = stage.approve(stage.apply(play, "resend"))
    client = of(play)

    before = client.get(page_of(case)).content.decode()
    answer = client.post(page_of(case), LABEL)
    after = client.get(page_of(case)).content.decode()

    assert "海德三道199号" in before
    assert answer.status_code == 302
    assert now(case).state == "reshipped"
    assert now(case).parcels.get().tracking_no == "SF2000000000002"
    assert "海德三道" not in after
    assert "13800000000" not in after


def test_a_number_that_cannot_be_one_ships_nothing() -> None:
    play = make_stage()
    case = stage.approve(stage.apply(play, "resend"))

    answer = of(play).post(page_of(case), {"tracking_no": "?!", "carrier": "SF"})

    assert answer.status_code == 422
    assert now(case).state == "reshipping"
    assert not now(case).parcels.exists()


def test_what_is_not_to_be_shipped_again_is_only_looked_at() -> None:
    play = make_stage()
    case = stage.apply(play)
    client = of(play)

    page = client.get(page_of(case)).content.decode()
    forced = client.post(page_of(case), LABEL)

    assert 'id="ship"' not in page
    assert forced.status_code == 422
    assert now(case).state == "applied"


def test_of_money_a_supplier_sees_only_what_is_taken_off_its_own() -> None:
    play = make_stage(days=7, received=True)
    case = stage.approve(stage.apply(play), approved_fen=57_75)
    client = of(play)

    page = client.get(page_of(case)).content.decode()
    order = client.get(f"/supplier/orders/{play.order.order_no}/").content.decode()

    assert "¥50.00" in page
    for secret in ("¥57.75", "¥2.75", "¥5.00", play.shop.number, play.shop.company.name, "hk_shop"):
        assert secret not in page, secret
        assert secret not in order, secret


def test_words_between_the_platform_and_the_distributor_stay_between_them() -> None:
    play = make_stage()
    case = stage.reject(stage.apply(play), note="金额过高，按协议价退")
    client = of(play)

    page = client.get(page_of(case)).content.decode()
    order = client.get(f"/supplier/orders/{play.order.order_no}/").content.decode()

    assert "按协议价退" not in page + order
    assert case.case_no in order
    assert ANNA.name not in page + order


def test_returning_goods_and_their_inspection_can_be_followed() -> None:
    play = make_stage(days=7, received=True)
    case = stage.bring_back(stage.approve(stage.apply(play, "return_refund")))
    stage.inspect(case, "fail", grade="used")
    client = of(play)

    page = client.get(page_of(case))

    assert "SF1000000000001" in page.content.decode()
    photo = case.inspections.get().photos.get()
    image = client.get(f"{LIST}photos/{photo.upload_id}/")
    assert image.headers["Content-Type"] == "image/jpeg"


def test_photos_of_others_do_not_exist() -> None:
    play, other = make_stage(), make_stage()
    photo = make_evidence(other.shop)
    unused = make_evidence(None)
    make_case(other.order, evidence=[photo.upload_id])

    for upload_id in (photo.upload_id, unused.upload_id, "x"):
        assert of(play).get(f"{LIST}photos/{upload_id}/").status_code == 404


def test_a_source_sees_of_an_order_only_the_cases_of_its_own_goods() -> None:
    play = make_stage()
    own = make_sku()
    assert play.supplier is not None
    order = make_shipped_order(play.shop, {own: 1, play.sku: 1})
    foreign = make_case(order, line_id="1")
    mine = make_case(order, line_id="2")
    client = of(play)

    page = client.get(f"/supplier/orders/{order.order_no}/").content.decode()

    assert mine.case_no in page
    assert foreign.case_no not in page
    assert client.get(page_of(foreign)).status_code == 404


def test_goodwill_of_the_platform_is_shipped_again_too() -> None:
    play = make_stage(received=True)
    claim = _promised(play)
    client = of(play)

    listed = client.get(LIST).content.decode()
    answer = client.post(f"{LIST}goodwill/{claim}/", LABEL)

    assert claim in listed
    assert answer.status_code == 302
    assert claim not in client.get(LIST).content.decode()
    assert client.post(f"{LIST}goodwill/{claim}/", LABEL).status_code == 404


def test_the_first_page_counts_what_is_to_be_shipped_again() -> None:
    play = make_stage()
    stage.approve(stage.apply(play, "resend"))

    page = of(play).get("/supplier/").content.decode()

    assert "<b>1</b><span>To ship again</span>" in page


def test_a_suspended_supplier_still_ships_again() -> None:
    play = make_stage()
    case = stage.approve(stage.apply(play, "resend"))
    client = of(play)
    assert play.supplier is not None
    Supplier.objects.filter(pk=play.supplier.pk).update(state_reason="资质过期")

    assert client.post(page_of(case), LABEL).status_code == 302


def test_history_names_ones_own_people_and_nobody_elses() -> None:
    play = make_stage(days=7, received=True)
    case = stage.approve(stage.apply(play, "exchange"), return_address=stage.ADDRESS)
    stage.send_back(case)
    returning.arrive(case_no=case.case_no, actor=ANNA, at=LATER)
    stage.inspect(now(case), "pass", restocked=1)
    assert play.supplier is not None
    person = make_person(play.supplier.company)
    client = log_in(person)
    client.post(page_of(case), LABEL)

    steps = client.get(page_of(case)).context["timeline"]

    assert [step.by for step in steps][-1] == person.email
    assert {step.by for step in steps[:-1]} == {"the platform"}
    assert all(step.number == case.case_no for step in steps)


def _promised(play: Stage) -> str:
    """A claim for which the platform promised new goods."""
    claim = make_claim(play.order)
    about = {"claim_no": claim.claim_no, "actor": ANNA, "at": LATER}
    goodwill.ask(distributor=play.shop, amount_fen=0, note="请补发", **about)  # type: ignore[arg-type]
    goodwill.offer(kind="reship", liability="supplier", **about)  # type: ignore[arg-type]
    goodwill.settle(distributor=play.shop, **about)  # type: ignore[arg-type]
    return claim.claim_no
