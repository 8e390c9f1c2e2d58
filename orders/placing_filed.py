"""Placing the orders of a file that was confirmed, a few at a time, by the act of the API.

Every order has its own answer. Placing is repeatable: a number that was placed answers with its order
again, so whoever dies between placing and writing the answer down does no harm.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from kit import bulk, values
from kit.actors import Actor
from kit.errors import WrongState
from orders import filed_orders, placing, refusals, rehearsing
from orders.filed_orders import TO_PLACE
from orders.models import FiledOrder, OrderFile, OrderFileState
from orders.placing import Placed
from orders.requests import OrderRequest

PLACED_AT_ONCE = 100
# Up to so many orders are placed while their buyer waits; more are, by themselves.
PLACED_WHILE_WAITING = 100
CLAIM_SECONDS = 60

_CLAIM = """
UPDATE orders_orderfile SET claimed_until = %s WHERE id IN (
    SELECT id FROM orders_orderfile
    WHERE state = 'placing' AND (claimed_until IS NULL OR claimed_until < %s)
        AND (%s::bigint IS NULL OR id = %s::bigint)
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, confirmed_by
"""
# Never over an order: whoever was slower found it again, or met what is left after it.
_ANSWER = """
UPDATE orders_filedorder SET order_no = answer.order_no, causes = answer.causes::jsonb,
    total_fen = COALESCE(answer.total_fen, orders_filedorder.total_fen)
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
    AS answer (id, order_no, causes, total_fen)
WHERE orders_filedorder.id = answer.id AND orders_filedorder.order_no = ''
"""
# A file that is claimed, and who confirmed it.
_Claimed = tuple[int, str]
# An order's number, or the JSON of why there is none; and what it cost.
_Answered = tuple[str, str, int | None]


def place(*, file_pk: int, at: datetime) -> int:
    """Place what is left of a confirmed file, unless somebody is at it; return how many were tried."""
    count = 0
    while claimed := _claim(at, file_pk=file_pk):
        count += _place_some(claimed, at)
    return count


def place_due(*, at: datetime) -> int:
    """Place what is left of all confirmed files that nobody is at; return how many were tried.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while claimed := _claim(at):
        count += _place_some(claimed, at)
    return count


def _claim(at: datetime, *, file_pk: int | None = None) -> _Claimed | None:
    until = at + timedelta(seconds=CLAIM_SECONDS)
    rows = bulk.query(_CLAIM, [until, at, file_pk, file_pk])
    return next(((pk, confirmed_by) for pk, confirmed_by in rows), None)


def _place_some(claimed: _Claimed, at: datetime) -> int:
    """Place the next orders of a file and write their answers down, each in its own row."""
    file_pk, confirmed_by = claimed
    rows = list(_to_place(file_pk)[:PLACED_AT_ONCE])
    actor = Actor(*confirmed_by.split(":", 1))
    requests = [values.replace(_asked(row), actor=actor) for row in rows]
    answers = [_answer(outcome) for outcome in placing.place_many(requests, at=at)]
    _let_go(file_pk, rows, answers, at)
    return len(rows)


def _to_place(file_pk: int) -> QuerySet[FiledOrder]:
    return FiledOrder.objects.filter(TO_PLACE, file_id=file_pk).order_by("position")


@transaction.atomic(durable=True)
def _let_go(
    file_pk: int, rows: Sequence[FiledOrder], answers: Sequence[_Answered], at: datetime
) -> None:
    """Write answers down, and end the claim; with the last answer the file is done."""
    bulk.execute(
        _ANSWER,
        [
            bulk.array(row.pk for row in rows),
            bulk.array(order_no for order_no, _causes, _fen in answers),
            bulk.array(causes for _no, causes, _fen in answers),
            bulk.array(total_fen for _no, _causes, total_fen in answers),
        ],
    )
    file = OrderFile.objects.locked().get(pk=file_pk)
    file.claimed_until = None
    if file.state == OrderFileState.PLACING and not _to_place(file_pk).exists():
        file.finish()
        file.finished_at = at
    file.save()


def _asked(row: FiledOrder) -> OrderRequest:
    request = filed_orders.unseal(row).request
    assert request is not None, row
    return request


def _answer(outcome: placing.Outcome) -> _Answered:
    if isinstance(outcome, Placed):
        return outcome.document["order_no"], "[]", outcome.document["total_fen"]
    if isinstance(outcome, placing.Waiting):
        outcome = WrongState(state=rehearsing.WAITS)
    return "", json.dumps(refusals.causes(outcome), ensure_ascii=False), None
