"""What every type of case moves, computed by hand: money of everybody, and stock.

Of 20.00, supply 50.00, fee 2.75 and markup 5.00 of 57.75 give back 17.32, 0.95 and 1.73.
"""

from dataclasses import dataclass

import pytest

from aftersales import inspecting, reshipping
from aftersales.models import Case, CaseState, CaseType
from orders import completing
from orders.models import OrderState
from tests.aftersales import stage
from tests.aftersales.stage import LATER, SHOP, Stage, Sums

pytestmark = pytest.mark.django_db

PAID = Sums(deposit=818_75, open=181_25)
EARNED = Sums(deposit=818_75, open=0, earned=158_00, fees=8_25, margin=15_00)
OWN = Sums(deposit=818_75, open=0, own_sales=158_00, fees=8_25, margin=15_00)

REFUND, RETURN = CaseType.REFUND_ONLY, CaseType.RETURN_REFUND
EXCHANGE, RESEND, COMPENSATION = CaseType.EXCHANGE, CaseType.RESEND, CaseType.COMPENSATION


@dataclass(frozen=True)
class Row:
    """A case and what it comes to; `amount` is all that was asked where None."""

    name: str
    type: CaseType
    expected: Sums
    pieces: int = 1
    amount: int | None = None
    freight: int = 0
    liability: str = "supplier"
    received: bool = False
    own: bool = False
    restocked: int = 0
    available: int = 10
    state: CaseState = CaseState.REFUNDED


ROWS = (
    # --- before receipt: whole pieces come from what the order holds open ------------------------
    Row("one piece on its way", REFUND, PAID.but(deposit=876_50, open=123_50)),
    Row(
        "one piece on its way, whoever is liable",
        REFUND,
        PAID.but(deposit=876_50, open=123_50),
        liability="carrier",
    ),
    Row(
        "all pieces on their way: the source keeps its freight",
        REFUND,
        PAID.but(deposit=992_00, open=0, payable=8_00),
        pieces=3,
    ),
    Row(
        "all pieces on their way with the freight",
        REFUND,
        PAID.but(deposit=1_000_00, open=0),
        pieces=3,
        freight=8_00,
    ),
    Row(
        "one piece on its way with a part of the freight",
        REFUND,
        PAID.but(deposit=879_50, open=120_50),
        freight=3_00,
    ),
    Row(
        "a part of the price, at the source's expense: the piece is received first",
        REFUND,
        PAID.but(deposit=838_75, open=115_50, payable=40_68, fees=1_80, margin=3_27),
        amount=20_00,
    ),
    Row(
        "a part of the price, at the platform's expense",
        REFUND,
        PAID.but(
            deposit=838_75, open=115_50, payable=58_00, fees=2_75, margin=5_00, goodwill=-20_00
        ),
        amount=20_00,
        liability="platform",
    ),
    Row(
        "own goods on their way",
        REFUND,
        PAID.but(deposit=876_50, open=123_50),
        own=True,
    ),
    Row(
        "own goods, a part of the price",
        REFUND,
        PAID.but(deposit=838_75, open=115_50, own_sales=40_68, fees=1_80, margin=3_27),
        own=True,
        amount=20_00,
    ),
    Row(
        "one piece that comes back unreceived, and goes into stock",
        RETURN,
        PAID.but(deposit=876_50, open=123_50, pool=8),
        restocked=1,
    ),
    Row(
        "compensation before receipt: the source has not earned yet",
        COMPENSATION,
        PAID.but(deposit=838_75, payable=-17_32, fees=-95, margin=-1_73),
        pieces=3,
        amount=20_00,
    ),
    Row(
        "compensation before receipt at the carrier's expense",
        COMPENSATION,
        PAID.but(deposit=838_75, goodwill=-20_00),
        amount=20_00,
        liability="carrier",
    ),
    Row(
        "one piece sent again, with which it is received",
        RESEND,
        PAID.but(open=115_50, payable=58_00, fees=2_75, margin=5_00, pool=6),
        state=CaseState.COMPLETED,
    ),
    Row(
        "one piece to be sent again that is not in stock",
        RESEND,
        PAID.but(deposit=876_50, open=123_50, pool=0),
        available=3,
    ),
    # --- after receipt, in the window: by liability -----------------------------------------------
    Row(
        "one received piece: everybody gives back what it earned",
        REFUND,
        EARNED.but(deposit=876_50, payable=-50_00, fees=5_50, margin=10_00),
        received=True,
    ),
    Row(
        "a part of the price of a received piece",
        REFUND,
        EARNED.but(deposit=838_75, payable=-17_32, fees=7_30, margin=13_27),
        received=True,
        amount=20_00,
    ),
    Row(
        "all received pieces with the freight",
        REFUND,
        EARNED.but(deposit=1_000_00, payable=-158_00, fees=0, margin=0),
        received=True,
        pieces=3,
        freight=8_00,
    ),
    Row(
        "a received piece and freight at the platform's expense",
        REFUND,
        EARNED.but(deposit=884_50, goodwill=-65_75),
        received=True,
        freight=8_00,
        liability="platform",
    ),
    Row(
        "a received piece at the consumer's expense",
        REFUND,
        EARNED.but(deposit=876_50, goodwill=-57_75),
        received=True,
        liability="consumer",
    ),
    Row(
        "own goods received, with the freight",
        REFUND,
        OWN.but(deposit=884_50, own_sales=100_00, fees=5_50, margin=10_00),
        received=True,
        own=True,
        freight=8_00,
    ),
    Row(
        "two of three come back, one of them into stock",
        RETURN,
        EARNED.but(deposit=934_25, payable=-100_00, fees=2_75, margin=5_00, pool=8),
        received=True,
        pieces=2,
        restocked=1,
    ),
    Row(
        "own goods that come back",
        RETURN,
        OWN.but(deposit=876_50, own_sales=108_00, fees=5_50, margin=10_00, pool=8),
        received=True,
        own=True,
        restocked=1,
    ),
    Row(
        "one exchanged, the old one into stock",
        EXCHANGE,
        EARNED.but(pool=7),
        received=True,
        restocked=1,
        state=CaseState.COMPLETED,
    ),
    Row(
        "two exchanged, the old ones scrapped",
        EXCHANGE,
        EARNED.but(pool=5),
        received=True,
        pieces=2,
        state=CaseState.COMPLETED,
    ),
    Row(
        "one to be exchanged that is not in stock, though the old one goes there",
        EXCHANGE,
        EARNED.but(deposit=876_50, payable=-50_00, fees=5_50, margin=10_00, pool=1),
        received=True,
        restocked=1,
        available=3,
    ),
    Row(
        "own goods exchanged",
        EXCHANGE,
        OWN.but(pool=6),
        received=True,
        own=True,
        state=CaseState.COMPLETED,
    ),
    Row(
        "one piece that was missing, sent again",
        RESEND,
        EARNED.but(pool=6),
        received=True,
        state=CaseState.COMPLETED,
    ),
    Row(
        "compensation after receipt",
        COMPENSATION,
        EARNED.but(deposit=838_75, payable=-17_32, fees=7_30, margin=13_27),
        received=True,
        amount=20_00,
    ),
    Row(
        "compensation after receipt for own goods, at the platform's expense",
        COMPENSATION,
        OWN.but(deposit=838_75, goodwill=-20_00),
        received=True,
        own=True,
        amount=20_00,
        liability="platform",
    ),
)


@pytest.mark.parametrize("_row", ROWS, ids=lambda row: row.name)
def test_a_case_moves_exactly_this(_row: Row) -> None:
    scene = stage.make_stage(
        own=_row.own,
        days=7 if _row.received else 0,
        received=_row.received,
        available=_row.available,
    )

    case = play(scene, _row)

    assert stage.get(case).state == _row.state
    assert stage.sums(scene) == _row.expected.but(
        pool=_row.expected.pool, allotment=_row.expected.allotment
    )
    assert scene.line.in_case == 0
    stage.assert_books_are_clean()


def play(scene: Stage, row: Row) -> Case:
    """Take a case its whole road."""
    case = stage.apply(scene, row.type, row.pieces)
    amount = case.asked_fen if row.amount is None else row.amount
    case = stage.approve(
        case, approved_fen=amount, liability=row.liability, freight_fen=row.freight
    )
    if row.type in (RETURN, EXCHANGE):
        case = stage.bring_back(case)
        case = stage.inspect(case, restocked=row.restocked)
    if case.state == CaseState.RESHIPPING:
        stage.reship(case, scene.supplier)
        reshipping.receive(distributor=scene.shop, case_no=case.case_no, actor=SHOP, at=LATER)
    return case


def test_once_the_window_is_over_the_supplier_is_paid_what_it_did_not_give_back() -> None:
    scene = stage.make_stage(days=7, received=True)
    stage.approve(stage.apply(scene, REFUND, 1))

    completing.complete_due(at=LATER.replace(year=2027))

    assert stage.sums(scene) == Sums(
        deposit=876_50, open=0, payable=108_00, fees=5_50, margin=10_00
    )
    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.COMPLETED


def test_the_case_waits_and_then_the_order_is_completed_under_the_classic_policy() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene, COMPENSATION, 1)
    stage.receive(scene)
    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.RECEIVED

    stage.approve(case, approved_fen=20_00)

    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.COMPLETED
    stage.assert_books_are_clean()


def test_an_order_whose_every_piece_is_refunded_on_the_way_is_refunded() -> None:
    scene = stage.make_stage()

    stage.approve(stage.apply(scene, REFUND, 3))

    scene.order.refresh_from_db()
    assert (scene.order.state, scene.order.open_fen) == (OrderState.REFUNDED, 0)
    assert stage.counters(scene) == {"refunded": 3, "refunded_fen": 173_25, "written_off": 3}


def test_pieces_that_are_received_while_their_case_is_open_are_refunded_by_liability() -> None:
    scene = stage.make_stage()
    case = stage.apply(scene, REFUND, 2)
    stage.receive(scene, 2)

    stage.approve(case)

    # One piece was still on its way; the other had been earned, and is given back.
    assert stage.sums(scene) == PAID.but(
        deposit=934_25, open=0, payable=58_00, fees=2_75, margin=5_00
    )
    stage.assert_books_are_clean()


def test_an_offer_that_is_accepted_is_refunded_and_the_goods_stay() -> None:
    scene = stage.make_stage(days=7, received=True)
    case = stage.bring_back(stage.approve(stage.apply(scene, RETURN, 1)))
    case = stage.inspect(case, "partial", restocked=1, offered_fen=20_00)
    assert stage.sums(scene) == EARNED

    inspecting.accept_offer(distributor=scene.shop, case_no=case.case_no, actor=SHOP, at=LATER)

    assert stage.sums(scene) == EARNED.but(
        deposit=838_75, payable=-17_32, fees=7_30, margin=13_27, pool=8
    )
    assert stage.counters(scene) == {
        "refunded": 1,
        "refunded_fen": 20_00,
        "returned": 1,
        "restocked": 1,
    }
    stage.assert_books_are_clean()


def test_new_goods_are_taken_from_the_allotment_first_and_old_ones_go_back_there_last() -> None:
    scene = stage.make_stage(days=7, received=True, allotted=4)
    assert stage.sums(scene) == EARNED.but(pool=6, allotment=1)
    case = stage.bring_back(stage.approve(stage.apply(scene, EXCHANGE, 2)))

    stage.inspect(case, restocked=2)

    # One new piece from the allotment, one from the pool; the line had three from the allotment.
    case = stage.get(case)
    assert (case.retaken, case.retaken_from_allotment) == (2, 1)
    assert stage.sums(scene) == EARNED.but(pool=5, allotment=2)
    stage.assert_books_are_clean()


def test_a_piece_that_was_exchanged_may_come_back_again() -> None:
    scene = stage.make_stage(days=7, received=True, quantity=1)
    for _ in range(2):
        case = stage.bring_back(stage.approve(stage.apply(scene, EXCHANGE, 1)))
        stage.inspect(case, restocked=1)
        stage.reship(case, scene.supplier)
        reshipping.receive(distributor=scene.shop, case_no=case.case_no, actor=SHOP, at=LATER)

    assert stage.counters(scene) == {"returned": 1, "restocked": 1}
    assert stage.sums(scene).pool == 9
    stage.assert_books_are_clean()


def test_what_was_given_for_a_piece_that_is_kept_is_taken_off_its_price() -> None:
    scene = stage.make_stage(days=7, received=True, quantity=1)
    stage.approve(stage.apply(scene, COMPENSATION, 1), approved_fen=20_00)

    case = stage.apply(scene, REFUND, 1)
    stage.approve(case)

    assert case.asked_fen == 37_75
    assert scene.line.refunded_fen == 57_75
    stage.assert_books_are_clean()
