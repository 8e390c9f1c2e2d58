"""The two readers of orders accept the same, and read it alike."""

import copy
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from api import fields, intake
from tests.api.signed import order_body

texts = st.one_of(
    st.sampled_from(["", " ", "1", "x" * 32, "x" * 33, "x" * 64, "x" * 65, "x" * 201, "x" * 501]),
    st.sampled_from(["a\n", "\x00", "a\x85", "\u2028", "\ud800", "refuse", "wait", "ａ", "\xa0"]),
    st.text(max_size=20),
)
numbers = st.one_of(
    st.sampled_from([-1, 0, 1, 9_999, 10_000, 10**10, 10**10 + 1, 2**63, 2**64, 10**30]),
    st.integers(),
)
values = st.one_of(
    texts,
    numbers,
    st.none(),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
# Where a value of an order stands; the last one is no field.
places = st.sampled_from(
    [("lines", 0, name) for name in (*intake.LineIn.__struct_fields__, "price_fen")]
    + [("consignee", name) for name in (*intake.ConsigneeIn.__struct_fields__, "email")]
    + [(name,) for name in (*intake.OrderIn.__struct_fields__, "distributor")]
)


@given(changes=st.lists(st.tuples(places, values), max_size=3), left_out=st.none() | places)
@settings(max_examples=500, deadline=None)
def test_the_fast_reader_accepts_what_the_explaining_one_does(
    changes: list[tuple[tuple[Any, ...], Any]], left_out: tuple[Any, ...] | None
) -> None:
    order = _changed(changes, left_out)

    assert _fast(order) == _explained(order)


@given(value=st.recursive(values, lambda inner: st.lists(inner, max_size=3)))
@settings(max_examples=200, deadline=None)
def test_both_refuse_what_is_no_object(value: Any) -> None:
    assert (_fast(value) is None) == (_explained(value) is None)


def _changed(changes: list[tuple[tuple[Any, ...], Any]], left_out: tuple[Any, ...] | None) -> Any:
    order = copy.deepcopy(order_body("SKU", number="A1"))
    for place, value in changes:
        holder = _holder(order, place)
        if isinstance(holder, dict):
            holder[place[-1]] = value
    if left_out is not None:
        holder = _holder(order, left_out)
        if isinstance(holder, dict):
            holder.pop(left_out[-1], None)
    return order


def _holder(order: Any, place: tuple[Any, ...]) -> Any:
    for step in place[:-1]:
        try:
            order = order[step]
        except (KeyError, IndexError, TypeError):
            return None
    return order


def _fast(order: Any) -> Any:
    try:
        return msgspec.to_builtins(msgspec.convert(order, intake.OrderIn))
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None


def _explained(order: Any) -> Any:
    try:
        read = fields.read(intake.OrderShape, order)
    except fields.ValidationFailed:
        return None
    # What may be left out is None to the fast reader.
    for line in read["lines"]:
        line.setdefault("expected_agreement_price_fen", None)
    return {"quote_id": None, "paid_fen": None, **read}
