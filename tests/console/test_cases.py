"""Cases as staff see and decide them: the list, the one page, and each decision with its right."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from aftersales.models import Case, Inspection
from aftersales.options import AftersaleNotOpen
from companies import policies
from console import records
from distributors.models import Distributor
from kit.actors import OPERATIONS, Actor
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import tracking
from orders.models import Cancellation, Line
from orders.tracking import Heard
from suppliers.models import Supplier
from supplychain.models import Product
from tests.aftersales import stage
from tests.aftersales.stage import PRICE_FEN, Stage, make_stage
from tests.console.staff import client_of, make_staff, text
from tests.factories import NOON, make_case, make_evidence, make_photo

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/aftersales/case/"
ADDRESS = "退货组 13900000000 浙江省杭州市西湖区文三路1号"
MOST_ON_A_PAGE = 60


def page_of(case: Case, step: str = "") -> str:
    return f"/admin/cases/{case.pk}/{step}"


def offered(answer: Any) -> list[str]:
    """The decisions that a page offers."""
    return [offer.act for offer in answer.context["offers"]]


def service() -> Client:
    return client_of(make_staff("see_orders", "decide_aftersales"))


def warehouse() -> Client:
    return client_of(make_staff("see_orders", "inspect_returns"))


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def make_inspecting(*, own: bool = True, type_: str = "return_refund") -> tuple[Stage, Case]:
    """Goods that came back from a consumer."""
    play = make_stage(own=own, days=7, received=True)
    case = stage.approve(stage.apply(play, type_))
    return play, stage.bring_back(case)


def make_reshipping(*, own: bool = True) -> tuple[Stage, Case]:
    """New goods are to be sent for a piece that never came."""
    play = make_stage(own=own)
    return play, stage.approve(stage.apply(play, "resend"))


# --- the list ---------------------------------------------------------------------------------------


def test_open_cases_are_listed_by_deadline_and_ended_ones_on_request() -> None:
    play = make_stage()
    first, second, ended = stage.apply(play), stage.apply(play), stage.apply(play)
    Case.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(hours=1))
    Case.objects.filter(pk=first.pk).update(due_at=timezone.now() + timedelta(days=1))
    stage.approve(ended)
    client = client_of(make_staff("see_orders"))

    listed = [row.pk for row in client.get(LIST).context["cl"].result_list]
    late = [row.pk for row in client.get(f"{LIST}?waiting=late").context["cl"].result_list]
    over = [row.pk for row in client.get(f"{LIST}?waiting=ended").context["cl"].result_list]
    found = client.get(f"{LIST}?q={ended.case_no}").context["cl"].result_list

    assert listed == [second.pk, first.pk]
    assert late == [second.pk]
    assert over == [ended.pk]
    assert [row.pk for row in found] == [ended.pk]
    assert text(client.get(LIST)).count("hp-pill hp-bad") == 1


def test_cases_are_narrowed_by_state_type_source_and_company() -> None:
    mine, other = make_stage(own=True), make_stage()
    case = stage.apply(mine, "compensation")
    stage.apply(other)
    client = client_of(make_staff("see_orders"))
    assert other.supplier is not None

    def shown(query: str) -> list[int]:
        return [row.pk for row in client.get(f"{LIST}?{query}").context["cl"].result_list]

    assert shown("type__exact=compensation") == [case.pk]
    assert shown("source=own") == [case.pk]
    assert shown(f"distributor={mine.shop.pk}") == [case.pk]
    assert case.pk not in shown(f"supplier={other.supplier.pk}")
    assert len(shown("state__exact=applied")) == 2
    assert shown("state__exact=refunded") == []


def test_a_case_is_found_by_the_number_of_its_order_and_of_its_parcel() -> None:
    play = make_stage(days=7, received=True)
    case = stage.bring_back(stage.approve(stage.apply(play, "return_refund")))
    client = client_of(make_staff("see_orders"))

    for number in (play.order.order_no, play.order.out_order_no, "sf1000000000001"):
        found = client.get(LIST, {"q": number}).context["cl"].result_list
        assert [row.pk for row in found] == [case.pk], number


def test_the_inbox_counts_what_waits_and_leads_to_it() -> None:
    play = make_stage(own=True)
    stage.apply(play)
    make_inspecting()
    make_reshipping()
    client = client_of(
        make_staff("see_orders", "decide_aftersales", "inspect_returns", "ship_orders")
    )

    counts = {str(card.label): card for card in client.get("/admin/").context["counts"]}

    assert counts["待处理售后"].count == "1"
    assert counts["待验收退货"].count == "1"
    assert counts["自营待补发"].count == "1"
    for card in counts.values():
        if "aftersales" in card.address:
            assert len(client.get(card.address).context["cl"].result_list) == int(card.count)


# --- the page ---------------------------------------------------------------------------------------


def test_everything_that_a_decision_needs_is_on_one_page(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    play = make_stage()
    photo = make_evidence(play.shop)
    other = stage.apply(play, "compensation", asked_fen=1_00)
    case = stage.apply(play, reason="damaged", description="盒子压坏", evidence=[photo.upload_id])
    parcel = play.order.fulfilments.get().shipments.get()
    heard = Heard(
        parcel.carrier_code, parcel.tracking_no, "in_transit", NOON, text="已到达深圳", place="深圳"
    )
    tracking.record(heard=[heard], at=NOON)
    client = client_of(make_staff("see_orders", "see_consumers", "decide_aftersales"))

    with django_assert_max_num_queries(MOST_ON_A_PAGE):
        page = text(client.get(page_of(case)))

    for shown in ("盒子压坏", "商品破损", "¥50.00", "¥5.00", "¥2.75", "¥57.75", "海德三道199号", "已到达深圳",
                  parcel.tracking_no, other.case_no, play.order.out_order_no, "¥181.25"):  # fmt: skip
        assert shown in page, shown
    [address] = set(re.findall(r'href="(/admin/photos/\d+/)"', page))
    image = client.get(address)
    assert image.headers["Content-Type"] == "image/jpeg"
    assert len(client.get(f"{address}?small").content) <= len(image.content)


def test_consumers_are_masked_on_the_page_of_a_case_too() -> None:
    case = stage.apply(make_stage())

    page = text(client_of(make_staff("see_orders")).get(page_of(case)))

    assert "海德三道" not in page
    assert "13800000000" not in page


def test_a_page_offers_what_its_reader_may_do_now() -> None:
    applied = stage.apply(make_stage())
    _play, inspecting = make_inspecting()
    everybody = client_of(make_staff(superuser=True))

    assert offered(everybody.get(page_of(applied))) == ["approve_case", "reject_case"]
    assert offered(everybody.get(page_of(inspecting))) == ["inspect"]
    assert offered(service().get(page_of(inspecting))) == []
    assert offered(warehouse().get(page_of(applied))) == []


def test_a_photo_that_nothing_uses_is_shown_to_nobody() -> None:
    photo = make_evidence(make_stage().shop)

    answer = client_of(make_staff(superuser=True)).get(f"/admin/photos/{photo.pk}/")

    assert answer.status_code == 404


def test_an_orders_page_shows_its_cases_and_one_history_of_everything() -> None:
    play = make_stage()
    case = stage.approve(stage.apply(play))
    parcel = play.order.fulfilments.get().shipments.get()

    page = client_of(make_staff("see_orders")).get(f"/admin/orders/{play.order.pk}/")

    told = [(step.kind, step.number, step.deed) for step in page.context["timeline"]]
    assert page_of(case) in text(page)
    assert told[0] == ("order", "", "已下单")
    assert ("shipment", f"中通快递 {parcel.tracking_no}", "已发货") in told
    assert ("aftersale", case.case_no, "已批准") in told
    assert ("aftersale", case.case_no, "已退款") in told


# --- decisions --------------------------------------------------------------------------------------


def test_service_approves_with_amount_freight_and_liability() -> None:
    play = make_stage(days=7, received=True)
    case = stage.apply(play)
    staff = make_staff("see_orders", "decide_aftersales")

    answer = client_of(staff).post(
        page_of(case, "approval/"),
        {"approved_fen": "30.00", "freight_fen": "2", "liability": "platform", "note": "协商"},
    )

    case = now(case)
    assert answer.status_code == 302
    assert (case.state, case.refunded_fen, case.liability) == ("refunded", 32_00, "platform")
    assert case.decided_by == f"person:{staff.email}"
    assert accounts.balance(Kind.GOODWILL) == -32_00
    [record] = records.about(case)
    assert ("金额（元）", "¥30.00") in record.values


def test_an_amount_beyond_what_can_come_back_is_refused_beside_the_form() -> None:
    play = make_stage()
    case = stage.apply(play)
    before = stage.sums(play)

    answer = service().post(
        page_of(case, "approval/"), {"approved_fen": "57.76", "liability": "supplier"}
    )

    assert answer.status_code == 409
    assert 'role="alert"' in text(answer)
    assert now(case).state == "applied"
    assert stage.sums(play) == before


def test_the_return_address_of_the_source_is_filled_in() -> None:
    play = make_stage(days=7, received=True)
    assert play.supplier is not None
    Supplier.objects.filter(pk=play.supplier.pk).update(return_address=ADDRESS)
    case = stage.apply(play, "return_refund")
    client = service()

    shown = client.get(page_of(case)).context["offers"][0].form["return_address"].value()
    client.post(
        page_of(case, "approval/"),
        {"approved_fen": "57.75", "liability": "supplier", "return_address": shown},
    )

    assert shown == ADDRESS
    assert (now(case).state, now(case).return_address) == ("awaiting_return", ADDRESS)


def test_own_goods_go_back_to_the_platforms_own_address() -> None:
    policies.decide(name="own_return_address", value=ADDRESS, actor=OPERATIONS, at=NOON)
    case = stage.apply(make_stage(own=True, days=7, received=True), "return_refund")

    form = service().get(page_of(case)).context["offers"][0].form

    assert form["return_address"].value() == ADDRESS


def test_who_rejects_says_why() -> None:
    case = stage.apply(make_stage())
    client = service()

    silent = client.post(page_of(case, "rejection/"), {"note": " "})
    untouched = now(case).state
    client.post(page_of(case, "rejection/"), {"note": "凭证不足"})

    assert (silent.status_code, untouched) == (422, "applied")
    assert (now(case).state, now(case).decision_note) == ("rejected", "凭证不足")


def test_the_second_of_two_people_is_told_that_it_is_decided() -> None:
    play = make_stage()
    case = stage.apply(play)
    client = service()
    ticket = client.get(page_of(case)).context["ticket"]
    stage.reject(case)
    before = stage.sums(play)

    answer = client.post(
        page_of(case, "approval/"),
        {"approved_fen": "57.75", "liability": "supplier", "ticket": ticket},
    )

    assert answer.status_code == 409
    assert "已拒绝" in text(answer)
    assert now(case).state == "rejected"
    assert stage.sums(play) == before


def test_a_decision_that_is_sent_twice_is_taken_once() -> None:
    play = make_stage()
    case = stage.apply(play)
    client = service()
    values = {
        "approved_fen": "57.75",
        "liability": "supplier",
        "ticket": client.get(page_of(case)).context["ticket"],
    }

    first = client.post(page_of(case, "approval/"), values)
    again = client.post(page_of(case, "approval/"), values)

    assert (first.status_code, again.status_code) == (302, 409)
    assert now(case).refunded_fen == PRICE_FEN
    assert Transfer.objects.filter(code="aftersale_refunded").count() == 1


def test_a_large_refund_is_reviewed_by_somebody_else() -> None:
    policies.decide(name="refund_review_above_fen", value=10_00, actor=OPERATIONS, at=NOON)
    case = stage.apply(make_stage())
    both = make_staff("see_orders", "decide_aftersales", "review_refunds")
    terms = {"approved_fen": "57.75", "liability": "supplier"}

    client_of(both).post(page_of(case, "approval/"), terms)
    waiting = now(case).state
    own = client_of(both).post(page_of(case, "review/"), {"verdict": "pay"})
    still = now(case).state
    client_of(make_staff("see_orders", "review_refunds")).post(
        page_of(case, "review/"), {"verdict": "pay"}
    )

    assert (waiting, own.status_code, still) == ("refund_review", 409, "refund_review")
    assert now(case).state == "refunded"


def test_a_refund_is_stopped_in_review_with_a_reason_only() -> None:
    policies.decide(name="refund_review_above_fen", value=10_00, actor=OPERATIONS, at=NOON)
    play = make_stage()
    case = stage.approve(stage.apply(play))
    before = stage.sums(play)
    finance = client_of(make_staff("see_orders", "review_refunds"))

    silent = finance.post(page_of(case, "review/"), {"verdict": "stop"})
    finance.post(page_of(case, "review/"), {"verdict": "stop", "note": "金额有误"})

    assert silent.status_code == 422
    assert now(case).state == "rejected"
    assert stage.sums(play) == before


def test_somebody_else_rules_for_or_against_the_distributor() -> None:
    play = make_stage()
    won, lost = stage.apply(play), stage.apply(play)
    staff = make_staff("see_orders", "decide_aftersales")
    decider = client_of(staff)
    for case in (won, lost):
        decider.post(page_of(case, "rejection/"), {"note": "凭证不足"})
        stage.escalate(case)

    same = decider.post(
        page_of(won, "ruling/"),
        {"ruling": "for", "approved_fen": "57.75", "liability": "carrier", "note": "复核"},
    )
    vague = service().post(page_of(won, "ruling/"), {"ruling": "for", "note": "复核"})
    untouched = now(won).state
    judge = service()
    judge.post(
        page_of(won, "ruling/"),
        {"ruling": "for", "approved_fen": "57.75", "liability": "carrier", "note": "复核"},
    )
    judge.post(page_of(lost, "ruling/"), {"ruling": "against", "note": "证据不足"})

    assert (same.status_code, vague.status_code, untouched) == (409, 422, "arbitration")
    assert now(won).state == "refunded"
    assert (now(lost).state, now(lost).refunded_fen) == ("closed", 0)


# --- returns ----------------------------------------------------------------------------------------


def test_an_address_is_pushed_and_changed_until_the_goods_left() -> None:
    case = stage.approve(stage.apply(make_stage(days=7, received=True), "return_refund"))
    client = service()

    client.post(page_of(case, "address/"), {"address": "甲"})
    client.post(page_of(case, "address/"), {"address": ADDRESS})
    pushed = now(case)
    stage.send_back(case)
    late = client.post(page_of(case, "address/"), {"address": "乙"})

    assert (pushed.state, pushed.return_address) == ("awaiting_return", ADDRESS)
    assert late.status_code == 409
    assert now(case).return_address == ADDRESS


def test_a_return_is_waived_and_the_amount_refunded() -> None:
    play = make_stage(days=7, received=True)
    case = stage.approve(stage.apply(play, "return_refund"), return_address=ADDRESS)

    service().post(page_of(case, "waiver/"), {"note": "商品价值低"})

    assert (now(case).state, now(case).refunded_fen) == ("refunded", PRICE_FEN)
    assert stage.sums(play).pool == 7


def test_the_warehouse_registers_and_inspects_and_nobody_else() -> None:
    play = make_stage(own=True, days=7, received=True)
    case = stage.approve(stage.apply(play, "return_refund"), return_address=ADDRESS)
    stage.send_back(case)
    values = {"result": "pass", "grade": "new", "restocked": "1"}

    refused = service().post(page_of(case, "arrival/"))
    warehouse().post(page_of(case, "arrival/"))
    arrived = now(case).state
    warehouse().post(page_of(case, "inspection/"), values)

    assert refused.status_code == 403
    assert arrived == "inspecting"
    assert now(case).state == "refunded"
    assert stage.sums(play).pool == 8


def test_a_lost_return_goes_to_arbitration() -> None:
    play = make_stage(days=7, received=True)
    case = stage.approve(stage.apply(play, "return_refund"), return_address=ADDRESS)
    stage.send_back(case)

    service().post(page_of(case, "loss/"), {"note": "承运商确认丢失"})

    assert now(case).state == "arbitration"


def test_goods_that_fail_need_a_photo_and_go_back_in_a_parcel() -> None:
    play, case = make_inspecting()
    client = warehouse()
    values = {"result": "fail", "grade": "used", "note": "已使用"}
    photo = SimpleUploadedFile("broken.png", make_photo(), content_type="image/png")

    without = client.post(page_of(case, "inspection/"), values)
    untouched = now(case).state
    client.post(page_of(case, "inspection/"), {**values, "photos": [photo]})
    failed = now(case).state
    client.post(page_of(case, "goods/"), {"tracking_no": "SF3000000000003", "carrier_code": "SF"})

    assert (without.status_code, untouched) == (409, "inspecting")
    assert failed == "inspection_failed"
    assert Inspection.objects.get(case=case).photos.count() == 1
    assert now(case).state == "closed"
    assert now(case).parcels.get(direction="sent_back").tracking_no == "SF3000000000003"
    assert stage.sums(play).pool == 7


def test_a_part_is_offered_where_the_goods_are_not_as_they_should_be() -> None:
    _play, case = make_inspecting()

    warehouse().post(
        page_of(case, "inspection/"),
        {"result": "partial", "grade": "opened", "restocked": "0", "offered_fen": "20"},
    )

    assert (now(case).state, now(case).offered_fen) == ("inspection_failed", 20_00)


@pytest.mark.parametrize("pieces", ["2", "-1", "x"])
def test_no_more_goes_into_stock_than_came_back(pieces: str) -> None:
    play, case = make_inspecting()

    answer = warehouse().post(
        page_of(case, "inspection/"), {"result": "pass", "grade": "new", "restocked": pieces}
    )

    assert answer.status_code == 422
    assert now(case).state == "inspecting"
    assert stage.sums(play).pool == 7


# --- new goods --------------------------------------------------------------------------------------


def test_own_goods_are_shipped_again_and_a_suppliers_are_not() -> None:
    _own, mine = make_reshipping()
    _other, theirs = make_reshipping(own=False)
    client = client_of(make_staff("see_orders", "ship_orders"))
    label = {"tracking_no": "sf2000000000002", "carrier_code": "SF"}

    client.post(page_of(mine, "reshipment/"), label)
    refused = client.post(page_of(theirs, "reshipment/"), label)

    assert now(mine).state == "reshipped"
    assert now(mine).parcels.get().tracking_no == "SF2000000000002"
    assert refused.status_code == 404
    assert now(theirs).state == "reshipping"


def test_without_new_goods_the_amount_is_refunded_and_the_stock_comes_back() -> None:
    play, case = make_reshipping()
    taken = stage.sums(play).pool

    service().post(page_of(case, "no-goods/"), {"note": "破损"})

    assert taken == 6
    assert (now(case).state, now(case).refunded_fen) == ("refunded", PRICE_FEN)
    assert stage.sums(play).pool == 7


def test_a_lost_reshipment_is_refunded() -> None:
    _play, case = make_reshipping()
    stage.reship(case, None)

    service().post(page_of(case, "lost/"), {"note": ""})

    assert now(case).state == "refunded"


# --- refunds of the platform's own accord, and switches ---------------------------------------------


def test_an_order_is_refunded_before_receipt_by_pieces() -> None:
    play = make_stage(shipped=False)
    stage.ship(play, 1)
    client = client_of(make_staff("see_orders", "refund_orders"))
    address = f"/admin/orders/{play.order.pk}/refund/"
    field = f"line_{play.line.pk}"

    shown = client.get(address).context["form"][field].value()
    too_many = client.post(address, {"reason": "out_of_stock", field: "4"})
    client.post(address, {"reason": "out_of_stock", field: "3", "with_freight": "on"})

    assert shown == 3
    assert too_many.status_code == 422
    assert stage.sums(play).deposit == stage.DEPOSIT_FEN
    assert Cancellation.objects.get().refunded_fen + Case.objects.get().refunded_fen == 181_25
    assert Line.objects.get(pk=play.line.pk).refunded == 3


def test_what_was_received_is_not_refunded_so() -> None:
    play = make_stage(received=True)
    before = stage.sums(play)
    client = client_of(make_staff("see_orders", "refund_orders"))

    answer = client.post(f"/admin/orders/{play.order.pk}/refund/", {"reason": "out_of_stock"})

    assert answer.status_code == 409
    assert stage.sums(play) == before


def test_after_sales_and_claims_are_shut_to_a_distributor_and_that_is_recorded() -> None:
    play = make_stage()
    client = client_of(make_staff("see_companies", "change_companies"))
    address = f"/admin/distributors/{play.shop.pk}/switches/"

    client.post(address, {"refund_before_receipt": "auto"})

    shop = Distributor.objects.get(pk=play.shop.pk)
    assert (shop.aftersale_open, shop.claims_open) == (False, False)
    assert shop.refund_before_receipt == "auto"
    [record] = records.about(shop)
    assert ("开通维权", "✗") in record.values
    with pytest.raises(AftersaleNotOpen):
        make_case(play.order)


def test_a_suppliers_return_address_is_written_down_on_one_line() -> None:
    play = make_stage()
    assert play.supplier is not None
    client = client_of(make_staff("see_companies", "change_companies"))

    client.post(f"/admin/suppliers/{play.supplier.pk}/address/", {"address": f" {ADDRESS} \n"})

    assert Supplier.objects.get(pk=play.supplier.pk).return_address == ADDRESS


@pytest.mark.parametrize(("days", "kept"), [("0", 0), ("15", 15), ("", None)])
def test_a_product_has_its_own_days_of_after_sales_or_the_policys(
    days: str, kept: int | None
) -> None:
    product = make_stage().sku.product
    Product.objects.filter(pk=product.pk).update(aftersale_days=3)
    client = client_of(make_staff("see_goods", "edit_products"))

    client.post(f"/admin/products/{product.pk}/days/", {"days": days})

    assert Product.objects.get(pk=product.pk).aftersale_days == kept


def test_what_happens_by_itself_is_shown_so() -> None:
    case = stage.apply(make_stage())
    stage.approve(case, actor=Actor("timer", "auto"))

    page = service().get(page_of(case))

    [approved] = [step for step in page.context["timeline"] if step.deed == "已批准"]
    assert approved.by == "系统自动"
