"""After-sales through the API: every type's road, with the platform's acts in between."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from aftersales import allowing, deciding, rendering, reshipping, returning, timing
from aftersales import tracking as returns
from aftersales.models import Case, CaseState, CaseType
from aftersales.progress import Step
from companies import policies
from distributors.models import Distributor
from integration.models import Event
from kit import states
from ledger import accounts
from ledger.models import Transfer
from orders import tracking
from orders.models import Line, Shipment
from supplychain.models import Movement, Stock
from tests.api.cases import (
    ACTIONS,
    ADDRESS,
    BODIES,
    OTHER_STAFF,
    RETURN,
    STAFF,
    act,
    applied_case,
    approve,
    case_in,
    inspect,
    make_late,
    now,
    open_windows,
    shipped_order,
    state_of,
)
from tests.api.signed import Shop
from tests.factories import make_evidence, make_sku, make_supplier
from tests.races.racing import race

PIECE = 52_50


def balance(shop: Shop) -> int:
    """What is left of a deposit, in fen."""
    return accounts.deposit_of(shop.distributor.pk).balance_fen or 0


def read(shop: Shop, case_no: str) -> dict[str, Any]:
    """A case as the API shows it."""
    case: dict[str, Any] = shop.get(f"/aftersales/{case_no}").json()
    return case


def steps(shop: Shop, case_no: str) -> list[str]:
    """The steps that were taken."""
    return [one["step"] for one in read(shop, case_no)["progress"] if one["at"]]


def told(case_no: str) -> list[str]:
    """What was told of a case, in order."""
    return list(
        Event.objects.filter(object_no=case_no).order_by("pk").values_list("type", flat=True)
    )


def test_a_refund_on_the_way_gives_the_deposit_back(shop: Shop) -> None:
    order = shipped_order(shop)
    case = applied_case(shop, order, type="refund_only", quantity=2, reason="not_received")
    assert (case["state"], case["asked_fen"]) == ("applied", 2 * PIECE)
    assert case["allowed_actions"] == ["withdrawal"]
    before = balance(shop)

    approve(case["case_no"])

    found = read(shop, case["case_no"])
    assert (found["state"], found["refunded_fen"]) == ("refunded", 2 * PIECE)
    assert (found["allowed_actions"], found["next_deadline"]) == ([], None)
    assert balance(shop) == before + 2 * PIECE
    assert steps(shop, case["case_no"]) == ["applied", "approved", "refunded"]
    assert told(case["case_no"]) == [
        "aftersale.applied",
        "aftersale.approved",
        "aftersale.refunded",
    ]
    assert shop.get(f"/orders/{order['order_no']}").json()["state"] == "refunded"


def test_returned_goods_are_refunded_after_inspection(shop: Shop) -> None:
    open_windows()
    order = shipped_order(shop, received=True)
    case_no = applied_case(shop, order, reason="quality", evidence=[picture(shop)])["case_no"]
    before = balance(shop)

    approve(case_no)
    waiting = read(shop, case_no)
    sent = act(shop, case_no, "return-shipment", RETURN).json()
    returning.arrive(case_no=case_no, actor=STAFF, at=now())
    inspect(case_no, restocked=1)

    assert (waiting["state"], waiting["return_address"]) == ("awaiting_return", ADDRESS)
    assert waiting["allowed_actions"] == ["withdrawal", "return-shipment"]
    assert waiting["next_deadline"]["default"] == "expired"
    assert (sent["state"], sent["parcels"][0]["tracking_no"]) == ("returning", "SF1234567890999")
    found = read(shop, case_no)
    assert (found["state"], found["refunded_fen"]) == ("refunded", PIECE)
    assert found["inspections"][0]["result"] == "pass"
    assert balance(shop) == before + PIECE
    assert steps(shop, case_no) == [
        "applied",
        "approved",
        "awaiting_return",
        "sent_back",
        "received",
        "inspected",
        "refunded",
    ]
    line = shop.get(f"/orders/{order['order_no']}").json()["lines"][0]
    assert (line["returned"], line["refunded"]) == (1, 1)


def test_an_exchange_ends_when_the_new_goods_have_arrived(shop: Shop) -> None:
    open_windows()
    supplier = make_supplier()
    tea = make_sku(supply_price_fen=50_00, available=10, supplier=supplier)
    order = shipped_order(shop, sku=tea, received=True)
    case_no = applied_case(shop, order, type="exchange")["case_no"]
    before = balance(shop)

    approve(case_no)
    act(shop, case_no, "return-shipment", RETURN)
    returning.arrive(case_no=case_no, actor=STAFF, at=now())
    inspect(case_no)
    waiting = read(shop, case_no)
    reshipping.reship(
        case_no=case_no,
        supplier=supplier,
        carrier_code="YTO",
        tracking_no="YT8888888888888",
        actor=STAFF,
        at=now(),
    )
    on_the_way = read(shop, case_no)
    done = act(shop, case_no, "receipt").json()

    assert (waiting["state"], waiting["allowed_actions"]) == ("reshipping", [])
    assert Stock.objects.get(pk=tea.pk).available == 10 - 2 - 1
    assert (on_the_way["state"], on_the_way["allowed_actions"]) == ("reshipped", ["receipt"])
    assert [parcel["direction"] for parcel in on_the_way["parcels"]] == ["return", "reship"]
    assert (done["state"], done["refunded_fen"]) == ("completed", 0)
    assert balance(shop) == before
    assert steps(shop, case_no)[-4:] == ["inspected", "reshipping", "reshipped", "completed"]


def test_missing_goods_are_sent_again(shop: Shop) -> None:
    order = shipped_order(shop)
    evidence = [picture(shop)]
    case_no = applied_case(shop, order, type="resend", reason="missing", evidence=evidence)[
        "case_no"
    ]

    approve(case_no)
    reshipping.reship(
        case_no=case_no,
        supplier=None,
        carrier_code="YTO",
        tracking_no="YT8888888888888",
        actor=STAFF,
        at=now(),
    )
    done = act(shop, case_no, "receipt").json()

    assert done["state"] == "completed"
    assert done["evidence"] == evidence
    assert steps(shop, case_no) == [
        "applied",
        "approved",
        "reshipping",
        "reshipped",
        "completed",
    ]


def test_a_compensation_gives_back_a_part_of_the_price(shop: Shop) -> None:
    open_windows()
    order = shipped_order(shop, received=True)
    case = applied_case(shop, order, type="compensation", reason="other", asked_fen=10_00)
    before = balance(shop)

    approve(case["case_no"], approved_fen=8_00, liability="platform")

    found = read(shop, case["case_no"])
    assert (found["asked_fen"], found["approved_fen"], found["refunded_fen"]) == (
        10_00,
        8_00,
        8_00,
    )
    assert balance(shop) == before + 8_00
    assert "liability" not in found


def test_a_rejected_case_is_applied_for_again_and_then_ruled_on(shop: Shop) -> None:
    order = shipped_order(shop)
    case_no = applied_case(shop, order, type="refund_only")["case_no"]
    deciding.reject(case_no=case_no, note="图片不清晰", actor=STAFF, at=now())
    rejected = read(shop, case_no)

    shown = picture(shop)
    body = {"description": "补充照片", "asked_fen": 30_00, "evidence": [shown]}
    again = act(shop, case_no, "resubmission", body).json()
    deciding.reject(case_no=case_no, note="仍不符合", actor=STAFF, at=now())
    escalated = act(shop, case_no, "escalation", {"description": "请复核"}).json()
    deciding.rule(case_no=case_no, for_distributor=True, actor=OTHER_STAFF, at=now())

    assert rejected["decision_note"] == "图片不清晰"
    assert rejected["allowed_actions"] == ["resubmission", "escalation"]
    assert rejected["next_deadline"]["default"] == "closed"
    assert (again["state"], again["asked_fen"], again["evidence"]) == ("applied", 30_00, [shown])
    assert (escalated["state"], escalated["allowed_actions"]) == ("arbitration", [])
    assert read(shop, case_no)["refunded_fen"] == 30_00
    assert steps(shop, case_no) == [
        "applied",
        "rejected",
        "applied",
        "rejected",
        "arbitration",
        "approved",
        "refunded",
    ]


def test_resubmissions_come_to_an_end(shop: Shop) -> None:
    policies.decide(name="aftersale_resubmissions", value=0, actor=STAFF, at=now())
    case_no = case_in(shop, "rejected")

    answer = act(shop, case_no, "resubmission")

    assert read(shop, case_no)["allowed_actions"] == ["escalation"]
    assert (answer.status_code, answer.json()["code"]) == (409, "resubmissions_used_up")
    assert state_of(case_no) == "rejected"


def test_an_offer_after_inspection_is_taken(shop: Shop) -> None:
    case_no = case_in(shop, "inspection_failed")
    failed = read(shop, case_no)
    before = balance(shop)

    done = act(shop, case_no, "partial-acceptance").json()

    assert (failed["offered_fen"], failed["inspections"][0]["offered_fen"]) == (20_00, 20_00)
    assert failed["allowed_actions"] == ["partial-acceptance", "inspection-dispute"]
    assert (done["state"], done["refunded_fen"]) == ("refunded", 20_00)
    assert balance(shop) == before + 20_00


def test_an_inspection_is_disputed_and_ruled_against(shop: Shop) -> None:
    case_no = case_in(shop, "inspecting")
    inspect(case_no, "fail")
    before = balance(shop)

    no_offer = act(shop, case_no, "partial-acceptance")
    disputed = act(shop, case_no, "inspection-dispute", {"description": "寄回时完好"}).json()
    deciding.rule(
        case_no=case_no, for_distributor=False, note="照片属实", actor=OTHER_STAFF, at=now()
    )

    assert (no_offer.status_code, no_offer.json()["code"]) == (409, "no_offer")
    assert disputed["state"] == "arbitration"
    found = read(shop, case_no)
    assert (found["state"], found["refunded_fen"]) == ("closed", 0)
    assert len(found["inspections"][0]["photos"]) == 1
    assert balance(shop) == before


def test_new_goods_that_are_late_can_be_refunded_instead(shop: Shop) -> None:
    case_no = case_in(shop, "reshipping")
    too_early = act(shop, case_no, "refund-instead")
    make_late(case_no)
    late = read(shop, case_no)

    done = act(shop, case_no, "refund-instead").json()

    assert (too_early.status_code, too_early.json()["code"]) == (409, "reshipment_not_late")
    assert late["allowed_actions"] == ["refund-instead"]
    assert (done["state"], done["refunded_fen"]) == ("refunded", PIECE)


@pytest.mark.parametrize("_state", CaseState.values)
def test_only_what_is_allowed_now_can_be_done(shop: Shop, _state: str) -> None:
    case_no = case_in(shop, _state)
    before = read(shop, case_no)

    answers = {
        action: act(shop, case_no, action, BODIES.get(action))
        for action in ACTIONS
        if action not in before["allowed_actions"]
    }

    for action, answer in answers.items():
        # A step that was taken already may be repeated, and changes nothing.
        assert answer.status_code in (200, 409), (action, answer.content)
    assert read(shop, case_no) == before


@pytest.mark.parametrize("_action", allowing.ACTIONS, ids=lambda action: action.name)
def test_an_action_is_a_drawn_step_of_the_distributor(_action: allowing.Action) -> None:
    field: Any = Case._meta.get_field("state")
    drawn = {
        transition.source
        for transition in field.get_all_transitions(Case)
        if transition.name == _action.step and "distributor" in transition.custom["by"]
    }

    # A further parcel is added while the first is on its way, which is no step.
    assert set(_action.sources) - {CaseState.RETURNING} <= drawn


def test_every_step_that_only_a_distributor_takes_is_an_action() -> None:
    field: Any = Case._meta.get_field("state")
    alone = {
        (transition.name, transition.source)
        for transition in field.get_all_transitions(Case)
        if transition.custom == states.by("distributor")
    }

    offered = {(action.step, source) for action in allowing.ACTIONS for source in action.sources}

    assert alone <= offered


def test_repeating_an_act_changes_nothing(shop: Shop) -> None:
    case_no = applied_case(shop, shipped_order(shop))["case_no"]
    first = act(shop, case_no, "withdrawal")

    second = act(shop, case_no, "withdrawal")

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json() == first.json()
    assert second.json()["state"] == "withdrawn"


def test_the_same_application_again_is_the_same_case(shop: Shop) -> None:
    order = shipped_order(shop)
    Distributor.objects.filter(pk=shop.distributor.pk).update(refund_before_receipt="auto")
    evidence = [picture(shop)]
    body = application(order) | {"type": "refund_only", "out_case_no": "R1", "evidence": evidence}
    first = shop.post("/aftersales", body)
    before = balance(shop)

    second = shop.post("/aftersales", body)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second["Idempotent-Replayed"] == "true"
    assert second.json() == first.json()
    assert first.json()["state"] == "refunded"
    assert Case.objects.count() == 1
    assert balance(shop) == before
    assert len(shop.get("/aftersales?out_case_no=R1").json()["items"]) == 1


def test_one_number_for_two_cases_is_refused_and_names_what_differs(shop: Shop) -> None:
    order = shipped_order(shop)
    applied_case(shop, order, out_case_no="R1")

    answer = shop.post("/aftersales", application(order) | {"out_case_no": "R1", "quantity": 2})

    assert (answer.status_code, answer.json()["code"]) == (409, "out_case_no_taken")
    assert answer.json()["values"]["fields"] == "quantity"
    assert Case.objects.count() == 1


def test_equal_applications_at_once_are_one_case(shop: Shop) -> None:
    order = shipped_order(shop, quantity=8)
    body = application(order) | {"out_case_no": "R1"}

    answers = race(lambda _: shop.post("/aftersales", body).status_code, 8)

    assert sorted(answers) == [200] * 7 + [201]
    assert Line.objects.get().in_case == 1


def test_options_say_what_is_possible_before_and_after_receipt(shop: Shop) -> None:
    open_windows()
    order = shipped_order(shop)
    target = f"/orders/{order['order_no']}/aftersale-options"
    before = shop.get(target).json()["items"][0]

    shop.post(f"/orders/{order['order_no']}/receipt")
    applied_case(shop, order, quantity=1)
    after = shop.get(target, language="zh-CN").json()["items"][0]

    assert [option["type"] for option in before["types"]] == [
        "refund_only",
        "return_refund",
        "resend",
        "compensation",
    ]
    assert before["types"][0] == {"type": "refund_only", "quantity": 2, "cap_fen": 2 * PIECE}
    assert (before["until"], before["problem"]) == (None, None)
    assert [option["type"] for option in after["types"]] == CaseType.values
    assert after["types"][0] == {"type": "refund_only", "quantity": 1, "cap_fen": PIECE}
    assert after["until"] is not None
    assert {"code": "damaged", "name": "商品破损", "evidence": True} in after["reasons"]


def test_under_the_classic_policy_nothing_can_be_applied_for_after_receipt(shop: Shop) -> None:
    order = shipped_order(shop, received=True)
    postings = Transfer.objects.count()

    options = shop.get(f"/orders/{order['order_no']}/aftersale-options").json()["items"][0]
    answer = shop.post("/aftersales", application(order))

    assert options["types"] == []
    assert options["problem"]["code"] == "aftersale_window_closed"
    assert (answer.status_code, answer.json()["code"]) == (409, "aftersale_window_closed")
    assert not Case.objects.exists()
    assert Transfer.objects.count() == postings


def test_a_distributor_to_whom_they_are_not_open_is_told(shop: Shop) -> None:
    order = shipped_order(shop)
    Distributor.objects.filter(pk=shop.distributor.pk).update(aftersale_open=False)

    answer = shop.post("/aftersales", application(order))

    assert (answer.status_code, answer.json()["code"]) == (403, "aftersale_not_open")
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("_change", "_status", "_code"),
    [
        ({"quantity": 3}, 409, "more_than_applicable"),
        ({"asked_fen": PIECE + 1}, 409, "aftersale_amount_too_high"),
        ({"reason": "changed_mind"}, 422, "reason_unknown"),
        ({"reason": "damaged"}, 422, "evidence_required"),
        ({"evidence": ["none"]}, 422, "evidence_unknown"),
        ({"type": "refund"}, 422, "validation_failed"),
        ({"quantity": 0}, 422, "validation_failed"),
        ({"liability": "platform"}, 422, "validation_failed"),
        ({"order_no": "NONE"}, 404, "not_found"),
        ({"line_id": "9"}, 404, "not_found"),
    ],
)
def test_a_refused_application_says_why_and_leaves_no_trace(
    shop: Shop, _change: dict[str, Any], _status: int, _code: str
) -> None:
    order = shipped_order(shop)

    answer = shop.post("/aftersales", application(order) | _change)

    assert (answer.status_code, answer.json()["code"]) == (_status, _code)
    assert not Case.objects.exists()
    assert Line.objects.get().in_case == 0


@pytest.mark.parametrize(
    ("_parcel", "_code"),
    [
        ({"carrier_code": "NONE", "tracking_no": "SF1234567890999"}, "carrier_unknown"),
        ({"carrier_code": "SF", "tracking_no": "1"}, "tracking_no_unreadable"),
        ({"carrier_code": "SF"}, "validation_failed"),
    ],
)
def test_a_parcel_that_cannot_be_is_refused(
    shop: Shop, _parcel: dict[str, str], _code: str
) -> None:
    case_no = case_in(shop, "awaiting_return")

    answer = act(shop, case_no, "return-shipment", _parcel)

    assert (answer.status_code, answer.json()["code"]) == (422, _code)
    assert state_of(case_no) == "awaiting_return"


def test_progress_shows_a_consumer_every_step_and_no_amounts(shop: Shop) -> None:
    case_no = case_in(shop, "returning")
    scans = [("picked_up", "已揽收"), ("in_transit", "已到达杭州中转场")]
    heard = [
        tracking.Heard("SF", RETURN["tracking_no"], status, now(), text, "杭州市")
        for status, text in scans
    ]
    returns.record(heard=heard, at=now())

    found = shop.get(f"/aftersales/{case_no}/progress", language="zh-CN").json()

    reached = [one["step"] for one in found["steps"] if one["at"]]
    to_come = [one["step"] for one in found["steps"] if not one["at"]]
    assert reached == [
        "applied",
        "approved",
        "awaiting_return",
        "sent_back",
        "picked_up",
        "in_transit",
    ]
    assert to_come == ["received", "inspected", "refunded"]
    assert found["steps"][4]["text"] == "快递已揽收退货。"
    [parcel] = found["parcels"]
    assert (parcel["carrier"], parcel["picked_up_at"] is None) == ("顺丰速运", False)
    assert [track["text"] for track in parcel["tracks"]] == ["已到达杭州中转场", "已揽收"]
    assert "_fen" not in str(found)


def test_a_refused_parcel_opens_a_case_that_shows_it(shop: Shop) -> None:
    shipped_order(shop)
    parcel = Shipment.objects.get()
    scan = tracking.Heard(parcel.carrier_code, parcel.tracking_no, "refused", now(), "收件人拒收")
    tracking.record(heard=[scan], at=now())
    timing.open_for_parcels(at=now())

    [case] = shop.get("/aftersales").json()["items"]

    assert (case["opener"], case["state"], case["quantity"]) == ("carrier", "returning", 2)
    [shown] = case["parcels"]
    assert (shown["direction"], shown["tracking_no"]) == ("return", parcel.tracking_no)
    assert case["allowed_actions"] == []


def test_the_list_is_narrowed_and_turned_over(shop: Shop) -> None:
    first, second = (shipped_order(shop, number=number) for number in ("L1", "L2"))
    numbers = [applied_case(shop, order)["case_no"] for order in (first, second, second)]
    act(shop, numbers[0], "withdrawal")

    page = shop.get("/aftersales?limit=2").json()
    rest = shop.get(f"/aftersales?limit=2&after={page['next']}").json()
    withdrawn = shop.get("/aftersales?state=withdrawn").json()["items"]
    of_order = shop.get(f"/aftersales?order_no={second['order_no']}").json()["items"]
    later = shop.get("/aftersales?changed_from=2099-01-01T00:00:00%2B08:00").json()["items"]

    assert [item["case_no"] for item in page["items"]] == [numbers[2], numbers[1]]
    assert [item["case_no"] for item in rest["items"]] == [numbers[0]]
    assert rest["next"] is None
    assert [item["case_no"] for item in withdrawn] == [numbers[0]]
    assert [item["case_no"] for item in of_order] == [numbers[2], numbers[1]]
    assert later == []


def test_a_list_costs_as_many_questions_for_many_cases_as_for_one(shop: Shop) -> None:
    def questions() -> int:
        cases = list(Case.objects.all())
        with CaptureQueriesContext(connection) as asked:
            rendering.documents(cases)
        return len(asked)

    case_in(shop, "inspection_failed")
    few = questions()
    for state in ("returning", "rejected", "reshipped"):
        case_in(shop, state)

    assert questions() == few


def test_an_event_holds_the_whole_case_and_nothing_of_the_consumer(shop: Shop) -> None:
    case_no = case_in(shop, "awaiting_return")

    event = Event.objects.filter(object_no=case_no).latest("pk")

    shown = read(shop, case_no)
    assert event.type == "aftersale.awaiting_return"
    assert event.object_version == shown["version"]
    assert event.data == shown
    assert event.previous == {"state": "approved"}
    for secret in ("张三", "13800000000", "海德三道199号"):
        assert secret not in str(event.data)


def test_every_step_of_every_road_is_told_in_both_languages(shop: Shop) -> None:
    for step in Step:
        texts = []
        for language in ("zh-hans", "en"):
            with translation.override(language):
                texts.append(str(step.label))
        assert texts[0] != texts[1], step


def test_stock_and_deposit_are_as_they_were_while_nothing_is_decided(shop: Shop) -> None:
    order = shipped_order(shop)
    before = (balance(shop), Movement.objects.count(), Transfer.objects.count())

    case_no = applied_case(shop, order)["case_no"]
    act(shop, case_no, "withdrawal")

    assert (balance(shop), Movement.objects.count(), Transfer.objects.count()) == before
    assert Line.objects.get().in_case == 0


def application(order: dict[str, Any]) -> dict[str, Any]:
    """What is sent to apply for one piece to come back."""
    return {
        "order_no": order["order_no"],
        "line_id": "1",
        "type": "return_refund",
        "quantity": 1,
        "reason": "seven_days",
    }


def picture(shop: Shop) -> str:
    """A picture that the shop has uploaded."""
    return make_evidence(shop.distributor, at=now()).upload_id
