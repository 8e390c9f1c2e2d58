"""The platform refunds of its own accord before receipt: what has left, and what has not."""

from collections.abc import Mapping
from typing import Any

import pytest

from aftersales import refunding
from aftersales.models import Case, Opener
from aftersales.refunding import ActiveRefund, MoreThanUnreceived, NothingToRefund
from kit.errors import DomainError, NotFound
from orders.models import OrderState
from orders.reasons import ReasonUnknown
from tests.aftersales import stage
from tests.aftersales.stage import ANNA, LATER, Stage, Sums

pytestmark = pytest.mark.django_db


def refund(scene: Stage, pieces: Mapping[str, int] | None = None, **fields: Any) -> ActiveRefund:
    given = {"reason": "out_of_stock", "actor": ANNA, "at": LATER, **fields}
    return refunding.refund_actively(order_pk=scene.order.pk, pieces=pieces, **given)


def test_what_has_left_is_refunded_without_its_stock_and_what_has_not_with_it() -> None:
    scene = stage.make_stage(shipped=False)
    stage.ship(scene, 1)

    done = refund(scene)

    assert (len(done.cancellations), len(done.cases)) == (1, 1)
    assert done.cases[0].opener == Opener.PLATFORM
    assert stage.sums(scene) == Sums(deposit=992_00, open=0, payable=8_00, pool=9)
    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.REFUNDED
    stage.assert_books_are_clean()


def test_the_freight_comes_back_where_that_is_said() -> None:
    scene = stage.make_stage()

    refund(scene, with_freight=True)

    assert stage.sums(scene) == Sums(deposit=1_000_00, open=0)
    stage.assert_books_are_clean()


def test_an_order_of_which_nothing_has_left_is_cancelled() -> None:
    scene = stage.make_stage(shipped=False)

    done = refund(scene)

    assert done.cases == ()
    assert stage.sums(scene) == Sums(deposit=1_000_00, open=0, pool=10)
    scene.order.refresh_from_db()
    assert scene.order.state == OrderState.CANCELLED


def test_so_many_pieces_are_taken_from_what_has_not_left_first() -> None:
    scene = stage.make_stage(shipped=False)
    stage.ship(scene, 2)

    refund(scene, {"1": 2})

    line = scene.line
    assert (line.cancelled, line.written_off, line.refunded) == (1, 1, 2)
    stage.assert_books_are_clean()


@pytest.mark.parametrize(
    ("_pieces", "_fields", "_refusal"),
    [
        ({"1": 4}, {}, MoreThanUnreceived),
        ({"1": 0}, {}, MoreThanUnreceived),
        ({"2": 1}, {}, NotFound),
        (None, {"reason": "because"}, ReasonUnknown),
    ],
)
def test_what_is_not_there_is_refused(
    _pieces: Mapping[str, int] | None, _fields: dict[str, Any], _refusal: type[DomainError]
) -> None:
    scene = stage.make_stage()

    with pytest.raises(_refusal):
        refund(scene, _pieces, **_fields)

    assert stage.sums(scene) == Sums(deposit=818_75, open=181_25)
    assert not Case.objects.exists()


def test_what_is_received_is_left_to_a_case() -> None:
    scene = stage.make_stage(days=7, received=True)

    with pytest.raises(NothingToRefund):
        refund(scene)

    assert not Case.objects.exists()


def test_pieces_that_are_in_a_case_are_left_to_it() -> None:
    scene = stage.make_stage()
    stage.apply(scene, quantity=2)

    refund(scene)

    assert stage.counters(scene) == {
        "in_case": 2,
        "refunded": 1,
        "refunded_fen": 57_75,
        "written_off": 1,
    }
