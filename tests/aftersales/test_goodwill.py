"""Goodwill: the platform helps with a claim, by liability or with new goods; once, and when both agree."""

from datetime import timedelta
from typing import Any

import pytest

from aftersales import claim_roads, claiming, evidence, goodwill
from aftersales.models import Claim, ClaimDirection, ClaimState, GoodwillState
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import placing, receiving, shipping
from orders.models import History, Line, Order
from orders.shipping import TrackingNoUnreadable
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import Allotment, Movement, MovementKind, Sku
from supplychain.stock import StockInsufficient
from tests.aftersales.test_claiming import fingerprint, moved
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_evidence,
    make_received_order,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
# Supply 50.00, markup 5.00, fee 5 % of both: 57.75 a piece.
PRICE_FEN = 57_75
PIECES = 3


@pytest.fixture
def shop() -> Distributor:
    return make_distributor()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier()


@pytest.fixture
def sku(supplier: Supplier) -> Sku:
    return make_sku(supplier=supplier, supply_price_fen=50_00, markup_fen=5_00, available=10)


@pytest.fixture
def claim(shop: Distributor, sku: Sku) -> Claim:
    """A claim for two of three received pieces."""
    return make_claim(make_received_order(shop, {sku: PIECES}), quantity=2)


def ask(claim: Claim, **fields: Any) -> Claim:
    given = {"amount_fen": 30_00, "note": "整箱破损", "at": LATER, **fields}
    return goodwill.ask(
        distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, **given
    )


def offer(claim: Claim, **fields: Any) -> Claim:
    given = {"kind": "amount", "amount_fen": 30_00, "liability": "platform", "at": LATER, **fields}
    return goodwill.offer(claim_no=claim.claim_no, actor=OPERATIONS, **given)


def settle(claim: Claim) -> Claim:
    return goodwill.settle(
        distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, at=LATER
    )


def refuse(claim: Claim) -> Claim:
    return goodwill.refuse(
        distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, at=LATER
    )


def decline(claim: Claim, note: str = "不属于质量问题") -> Claim:
    return goodwill.decline(claim_no=claim.claim_no, note=note, actor=OPERATIONS, at=LATER)


def ship(claim: Claim, supplier: Supplier | None, tracking_no: str = "SF1234567890123") -> Any:
    return goodwill.ship(
        claim_no=claim.claim_no,
        supplier=supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        actor=OPERATIONS,
        at=LATER,
    )


def balances(claim: Claim) -> dict[str, int]:
    """What the accounts hold that an order of the claim's distributor touches."""
    line = Line.objects.select_related("fulfilment").get(pk=claim.line_id)
    supplier_pk = line.fulfilment.supplier_id
    payable = accounts.balance(Kind.PAYABLE, supplier_pk) if supplier_pk else 0
    return {
        "deposit": accounts.deposit_of(claim.distributor_id).balance_fen or 0,
        "payable": payable,
        "own_sales": accounts.balance(Kind.OWN_SALES),
        "service_fees": accounts.balance(Kind.SERVICE_FEES),
        "platform_margin": accounts.balance(Kind.PLATFORM_MARGIN),
        "goodwill": accounts.balance(Kind.GOODWILL),
        "orders_open": accounts.balance(Kind.ORDERS_OPEN),
    }


def changes(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


@pytest.mark.parametrize(
    ("_case", "liability", "own", "amount_fen", "expected"),
    [
        ("the platform pays", "platform", False, 30_00, {"goodwill": -30_00}),
        ("the carrier's fault", "carrier", False, 30_00, {"goodwill": -30_00}),
        ("out of kindness", "consumer", True, 30_00, {"goodwill": -30_00}),
        (
            "the supplier's fault: everybody by its share of 50.00 : 2.75 : 5.00",
            "supplier",
            False,
            30_00,
            {"payable": -25_97, "service_fees": -1_43, "platform_margin": -2_60},
        ),
        (
            "own goods, all of two pieces",
            "supplier",
            True,
            2 * PRICE_FEN,
            {"own_sales": -100_00, "service_fees": -5_50, "platform_margin": -10_00},
        ),
    ],
)
def test_a_settled_amount_comes_by_liability_and_is_counted_on_the_line(
    shop: Distributor,
    supplier: Supplier,
    _case: str,
    liability: str,
    own: bool,
    amount_fen: int,
    expected: dict[str, int],
) -> None:
    goods = make_sku(supplier=None if own else supplier, supply_price_fen=50_00, markup_fen=5_00)
    claim = make_claim(make_received_order(shop, {goods: PIECES}), quantity=2)
    ask(claim)
    offer(claim, amount_fen=amount_fen, liability=liability)
    before, movements = balances(claim), Movement.objects.count()

    settled = settle(claim)

    assert changes(before, balances(claim)) == {"deposit": amount_fen, **expected}
    assert settled.goodwill == GoodwillState.SETTLED
    line = Line.objects.get(pk=claim.line_id)
    assert (line.refunded_fen, line.refunded, line.received) == (amount_fen, 0, PIECES)
    assert Movement.objects.count() == movements
    rows = Transfer.objects.filter(code="goodwill_settled")
    assert {row.case_no for row in rows} == {claim.claim_no}
    assert {row.order_no for row in rows} == {claim.order.order_no}
    if liability != "supplier":
        assert [row.reference for row in rows] == [claim.claim_no]


def test_asking_and_offering_move_nothing(claim: Claim) -> None:
    before = fingerprint()

    ask(claim)
    offer(claim)
    ask_again = make_claim(claim.order)
    ask(ask_again, amount_fen=0)
    offer(ask_again, kind="reship")

    assert moved(before) == {"claims", "history", "events"}


def test_goodwill_is_noted_and_told_step_by_step_without_who_bears_it(claim: Claim) -> None:
    ask(claim)
    offer(claim, liability="supplier", note="承担一半")
    settle(claim)

    rows = History.objects.filter(subject=f"goodwill {claim.claim_no}").order_by("pk")
    assert [(row.from_state, row.to_state) for row in rows] == [
        ("none", "asked"),
        ("asked", "offered"),
        ("offered", "settled"),
    ]
    told = Event.objects.filter(object_no=claim.claim_no, type__contains="goodwill").order_by("pk")
    assert [event.type for event in told] == [
        "claim.goodwill_asked",
        "claim.goodwill_offered",
        "claim.goodwill_settled",
    ]
    assert told[1].data["goodwill"] == {
        "state": "offered",
        "kind": "amount",
        "asked_fen": 30_00,
        "offered_fen": 30_00,
        "note": "整箱破损",
        "answer": "承担一半",
    }
    for event in told:
        assert "liability" not in str(event.data)
        assert "supplier" not in str(event.data)


def test_settling_twice_posts_once(claim: Claim) -> None:
    ask(claim)
    offer(claim)
    settle(claim)
    before = fingerprint()

    again = settle(claim)

    assert again.goodwill == GoodwillState.SETTLED
    assert moved(before) == set()


@pytest.mark.parametrize(
    ("amount_fen", "fits"), [(2 * PRICE_FEN, True), (2 * PRICE_FEN + 1, False)]
)
def test_no_more_is_asked_or_offered_than_the_pieces_cost(
    claim: Claim, amount_fen: int, fits: bool
) -> None:
    if fits:
        ask(claim, amount_fen=amount_fen)
        assert offer(claim, amount_fen=amount_fen).goodwill_fen == amount_fen
        return
    ask(claim)
    before = fingerprint()

    with pytest.raises(goodwill.GoodwillBeyondPaid) as refused:
        offer(claim, amount_fen=amount_fen)

    assert refused.value.values["left_fen"] == 2 * PRICE_FEN
    assert moved(before) == set()


def test_an_amount_of_nothing_is_no_offer(claim: Claim) -> None:
    ask(claim)
    before = fingerprint()

    with pytest.raises(goodwill.GoodwillBeyondPaid):
        offer(claim, amount_fen=0)

    assert moved(before) == set()


def test_what_was_given_back_meanwhile_is_held_against_the_offer(claim: Claim) -> None:
    ask(claim)
    offer(claim, amount_fen=2 * PRICE_FEN)
    Line.objects.filter(pk=claim.line_id).update(refunded_fen=2 * PRICE_FEN)
    before = fingerprint()

    with pytest.raises(goodwill.GoodwillBeyondPaid) as refused:
        settle(claim)

    assert refused.value.values["left_fen"] == PRICE_FEN
    assert moved(before) == set()


def test_goodwill_never_takes_what_was_paid_for_pieces_that_are_still_to_come(
    shop: Distributor, sku: Sku
) -> None:
    placed = placing.place(make_request(shop, {sku: 2}), at=NOON)
    order = Order.objects.get(order_no=placed.document["order_no"])
    part = order.fulfilments.get()
    shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="ZTO",
        tracking_no="ZT0000000001",
        pieces={order.lines.get().pk: 1},
        actor=OPERATIONS,
        at=NOON,
    )
    receive_all(order)
    first = make_claim(order)
    ask(first, amount_fen=PRICE_FEN)
    offer(first, amount_fen=PRICE_FEN)
    settle(first)
    claiming.agree(distributor=shop, claim_no=first.claim_no, actor=OPERATIONS, at=LATER)
    claiming.refund(distributor=shop, claim_no=first.claim_no, actor=OPERATIONS, at=LATER)
    second = make_claim(order)

    with pytest.raises(goodwill.GoodwillBeyondPaid) as refused:
        ask(second, amount_fen=1)

    assert refused.value.values["left_fen"] == 0


def test_new_goods_are_taken_from_the_allotment_first_and_then_the_pool(
    claim: Claim, sku: Sku
) -> None:
    stock.allot(
        sku_pk=sku.pk,
        distributor=claim.distributor,
        quantity=1,
        then_pool=True,
        actor=OPERATIONS,
        at=NOON,
    )
    sku.stock.refresh_from_db()
    pool, money = sku.stock.available, balances(claim)
    ask(claim, amount_fen=0)
    offer(claim, kind="reship")

    settle(claim)

    sku.stock.refresh_from_db()
    assert sku.stock.available == pool - 1
    assert Allotment.objects.get().available == 0
    rows = Movement.objects.filter(kind=MovementKind.RESHIP).order_by("pk")
    assert [(row.quantity, row.cause) for row in rows] == [(-1, claim.claim_no)] * 2
    assert balances(claim) == money
    assert not Transfer.objects.filter(code="goodwill_settled").exists()


def test_without_stock_the_offer_of_new_goods_stands(claim: Claim, sku: Sku) -> None:
    ask(claim, amount_fen=0)
    offer(claim, kind="reship")
    stock.set_available(sku_pk=sku.pk, available=1, actor=OPERATIONS, at=NOON)
    before = fingerprint()

    with pytest.raises(StockInsufficient):
        settle(claim)

    assert moved(before) == set()
    assert refuse(claim).goodwill == GoodwillState.DECLINED


def test_the_source_ships_the_new_goods_once(claim: Claim, supplier: Supplier) -> None:
    ask(claim, amount_fen=0)
    offer(claim, kind="reship", liability="supplier")
    assert not goodwill.to_ship(supplier).exists()
    settle(claim)
    assert list(goodwill.to_ship(supplier)) == [claim]
    assert not goodwill.to_ship(None).exists()

    parcel = ship(claim, supplier)

    assert parcel.direction == ClaimDirection.GOODWILL
    assert not goodwill.to_ship(supplier).exists()
    assert Event.objects.filter(type="claim.goodwill_shipped").count() == 1
    before = fingerprint()
    assert ship(claim, supplier) == parcel
    with pytest.raises(goodwill.NothingToShipAgain):
        ship(claim, supplier, "SF9999999999999")
    assert moved(before) == set()


def test_only_the_source_ships_and_only_what_can_be_tracked(
    claim: Claim, supplier: Supplier
) -> None:
    ask(claim, amount_fen=0)
    offer(claim, kind="reship")
    settle(claim)
    other = make_supplier()
    before = fingerprint()

    for wrong in (other, None):
        with pytest.raises(NotFound):
            ship(claim, wrong)
    with pytest.raises(TrackingNoUnreadable):
        ship(claim, supplier, "?")

    assert moved(before) == set()
    assert not claim.parcels.exists()


def test_an_amount_leaves_nothing_to_ship(claim: Claim, supplier: Supplier) -> None:
    ask(claim)
    offer(claim)
    settle(claim)

    with pytest.raises(goodwill.NothingToShipAgain):
        ship(claim, supplier)

    assert not claim.parcels.exists()


@pytest.mark.parametrize("state", ["asked", "offered"])
def test_what_nobody_answers_in_time_is_declined_once(claim: Claim, state: str) -> None:
    ask(claim)
    if state == "offered":
        offer(claim)
    claim.refresh_from_db()
    due_at = claim.goodwill_due_at
    assert due_at is not None

    early = goodwill.decline_due(at=due_at - timedelta(seconds=1))
    on_time = goodwill.decline_due(at=due_at)
    again = goodwill.decline_due(at=due_at + timedelta(days=1))

    claim.refresh_from_db()
    assert (early, on_time, again) == (0, 1, 0)
    assert claim.goodwill == GoodwillState.DECLINED
    assert claim.goodwill_due_at is None
    assert claim.state == ClaimState.APPLIED
    last = History.objects.filter(subject=f"goodwill {claim.claim_no}").latest("pk")
    assert (last.actor_kind, last.to_state) == ("timer", "declined")


def test_platform_and_distributor_decline_and_that_is_the_end(claim: Claim) -> None:
    other = make_claim(claim.order)
    for one in (claim, other):
        ask(one)
    offer(other)

    assert decline(claim).goodwill_answer == "不属于质量问题"
    assert refuse(other).goodwill == GoodwillState.DECLINED

    for one in (claim, other):
        before = fingerprint()
        for act in (ask, offer, settle, decline):
            with pytest.raises(WrongState):
                act(one)
        assert moved(before) == set()
    assert refuse(other).goodwill == GoodwillState.DECLINED


def test_declining_needs_words(claim: Claim) -> None:
    ask(claim)
    before = fingerprint()

    with pytest.raises(claiming.WordsMissing):
        decline(claim, note="")

    assert moved(before) == set()


@pytest.mark.parametrize("act", [claiming.withdraw, claiming.reject])
def test_a_claim_that_is_given_up_asks_for_nothing_more(claim: Claim, act: Any) -> None:
    ask(claim)
    offer(claim)

    note = {"note": "已协商"} if act is claiming.reject else {}
    done = act(
        distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, at=LATER, **note
    )

    assert done.goodwill == GoodwillState.DECLINED
    assert claim_roads.allowed(done) == []
    with pytest.raises(WrongState):
        settle(claim)
    assert not Transfer.objects.filter(code="goodwill_settled").exists()


def test_a_claim_that_the_platform_helped_with_is_not_given_up(claim: Claim) -> None:
    ask(claim)
    offer(claim)
    settle(claim)
    before = fingerprint()

    with pytest.raises(WrongState):
        claiming.withdraw(
            distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, at=LATER
        )
    with pytest.raises(WrongState):
        claiming.reject(
            distributor=claim.distributor,
            claim_no=claim.claim_no,
            note="x",
            actor=OPERATIONS,
            at=LATER,
        )

    assert moved(before) == set()


def test_what_shows_in_pictures_is_asked_for_with_pictures(claim: Claim) -> None:
    shop = claim.distributor
    broken = make_claim(claim.order, reason="damaged")
    before = fingerprint()

    with pytest.raises(evidence.EvidenceRequired):
        ask(broken)

    assert moved(before) == set()
    photo = make_evidence(shop)
    assert ask(broken, evidence=[photo.upload_id]).goodwill == GoodwillState.ASKED


@pytest.mark.parametrize(
    ("_case", "fields", "refusal"),
    [
        ("no words", {"note": ""}, claiming.WordsMissing),
        ("too much", {"amount_fen": 2 * PRICE_FEN + 1}, goodwill.GoodwillBeyondPaid),
        ("somebody's picture", {"evidence": ["nobody's"]}, evidence.EvidenceUnknown),
    ],
)
def test_asking_wrongly_is_refused(
    claim: Claim, _case: str, fields: dict[str, Any], refusal: type[DomainError]
) -> None:
    before = fingerprint()

    with pytest.raises(refusal):
        ask(claim, **fields)

    assert moved(before) == set()


def test_asking_again_in_the_same_words_is_no_error(claim: Claim) -> None:
    ask(claim)
    before = fingerprint()

    assert ask(claim).goodwill == GoodwillState.ASKED
    with pytest.raises(WrongState):
        ask(claim, note="别的话")

    assert moved(before) == set()


def test_nobody_but_its_distributor_asks_or_settles(claim: Claim) -> None:
    ask(claim)
    offer(claim)
    claim.distributor = make_distributor()
    before = fingerprint()

    for act in (ask, settle, refuse):
        with pytest.raises(NotFound):
            act(claim)

    assert moved(before) == set()


def receive_all(order: Order) -> None:
    receiving.receive(order_pk=order.pk, distributor=order.distributor, actor=OPERATIONS, at=NOON)
