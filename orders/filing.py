"""Files of orders: checked without a trace, confirmed, checked again or discarded.

What is confirmed is placed by `placing_filed`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import numbers, values
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts
from orders import checking, filed_orders, refusals, rehearsing
from orders.checking import Priced
from orders.filed_orders import TO_PLACE, Opened
from orders.models import FiledOrder, Order, OrderFile, OrderFileState
from orders.order_sheets import Drafted
from orders.quoting import NO_GUARD_FEN
from orders.requests import OrderRequest

# Files hold consumer data: for so many days they can be looked up.
KEPT_DAYS = 30
FORGOTTEN_AT_ONCE = 100
MAX_NAME = 120
# By which an order shows that it was made in the portal.
CHANNEL = "portal"


class NothingToPlace(DomainError):
    code = "nothing_to_place"
    text = _("No order of this file can be placed. Correct it and upload it again.")


def take_in(
    *, distributor: Distributor, name: str, drafts: Sequence[Drafted], actor: Actor, at: datetime
) -> OrderFile:
    """Check the orders of a sheet and keep them with what came out; nothing is placed yet.

    Where a row names no price, today's is what its line may cost at the most.
    """
    requests = [_request(draft, distributor, actor) for draft in drafts]
    answers, left_fen = _judge(requests, at)
    checked = [
        _Checked(
            draft.out_order_no,
            draft.rows,
            _guarded(request, answer),
            checking.together(draft.faults) if draft.faults else answer,
        )
        for draft, request, answer in zip(drafts, requests, answers, strict=True)
    ]
    left = _available_fen(distributor) if left_fen is None else left_fen
    return _keep(distributor, name, checked, left, actor, at)


def check_again(*, distributor: Distributor, file_no: str, at: datetime) -> None:
    """Check a file anew that was not placed: goods, stock or deposit have changed since.

    :raises NotFound: there is no such file.
    :raises WrongState: it is placed or discarded already.
    """
    file = find(distributor=distributor, file_no=file_no)
    _refuse_unless_checked(file)
    rows = list(file.orders.order_by("position"))
    opened = [(row, filed_orders.unseal(row)) for row in rows]
    # What never was an order stays none.
    known = [(row, one) for row, one in opened if one.request is not None]
    requests = [_as_written(one) for _row, one in known]
    answers, left_fen = _judge(requests, at)
    checked = [
        _Checked(row.out_order_no, one.rows, _guarded(request, answer), answer)
        for (row, one), request, answer in zip(known, requests, answers, strict=True)
    ]
    left = _available_fen(distributor) if left_fen is None else left_fen
    _rewrite(distributor, file_no, [row for row, _one in known], checked, left, at)


@transaction.atomic(durable=True)
def confirm(*, distributor: Distributor, file_no: str, actor: Actor, at: datetime) -> OrderFile:
    """Let the good orders of a file be placed.

    :raises NotFound: there is no such file.
    :raises WrongState: that was done already, or it was discarded.
    :raises NothingToPlace: it has no good order.
    """
    file = _lock(distributor, file_no)
    _refuse_unless_checked(file)
    if not file.orders.filter(TO_PLACE).exists():
        raise NothingToPlace
    file.confirm()
    file.confirmed_by, file.confirmed_at = str(actor), at
    file.save()
    return file


@transaction.atomic(durable=True)
def discard(*, distributor: Distributor, file_no: str, at: datetime) -> None:
    """Leave a file as it is: nothing of it is placed.

    :raises NotFound: there is no such file.
    :raises WrongState: it is placed or discarded already.
    """
    file = _lock(distributor, file_no)
    _refuse_unless_checked(file)
    file.discard()
    file.finished_at = at
    file.save()


def find(*, distributor: Distributor, file_no: str) -> OrderFile:
    """Return a file of a distributor.

    :raises NotFound: it has none of this number.
    """
    file = OrderFile.objects.of(distributor).filter(file_no=file_no).first()
    if file is None:
        raise NotFound
    return file


def forget(*, at: datetime) -> int:
    """Delete files that are too old to be looked up, but not one that is being placed."""
    before = at - timedelta(days=KEPT_DAYS)
    count = 0
    while True:
        rows = OrderFile.objects.filter(uploaded_at__lt=before)
        rows = rows.exclude(state=OrderFileState.PLACING).order_by("pk")
        pks = list(rows.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        if not pks:
            return count
        _delete(pks)
        count += len(pks)


# --- checking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Checked:
    """An order of a file after it was judged."""

    out_order_no: str
    rows: list[tuple[int, dict[str, Any]]]
    request: OrderRequest | None
    answer: rehearsing.Answer

    @property
    def columns(self) -> dict[str, Any]:
        """What of it the row shows and hides."""
        answer = self.answer
        placed = answer.order_no if isinstance(answer, Order) else ""
        refused = refusals.causes(answer) if isinstance(answer, DomainError) else []
        total_fen = None if isinstance(answer, DomainError) else answer.total_fen
        return {
            "sealed": filed_orders.seal(self.rows, self.request),
            "total_fen": total_fen,
            "causes": refused,
            "order_no": placed,
            "before": bool(placed),
        }


def _request(draft: Drafted, distributor: Distributor, actor: Actor) -> OrderRequest | None:
    if draft.faults:
        return None
    assert draft.consignee is not None
    return OrderRequest(
        distributor_pk=distributor.pk,
        out_order_no=draft.out_order_no,
        lines=tuple(draft.lines),
        consignee=draft.consignee,
        actor=actor,
        remark=draft.remark,
        channel=CHANNEL,
    )


def _judge(requests: Iterable[OrderRequest | None], at: datetime) -> tuple[list[Any], int | None]:
    """Return what would become of each order, None where there is none; and the deposit left."""
    asked = [_unguarded(request) for request in requests if request is not None]
    rehearsal = rehearsing.rehearse(asked, at=at)
    answers = iter(rehearsal.answers)
    found = [None if request is None else next(answers) for request in requests]
    return found, next(iter(rehearsal.left_fen.values()), None)


def _unguarded(request: OrderRequest) -> OrderRequest:
    """Let lines that name no price cost what they do."""
    lines = tuple(
        values.replace(line, expected_agreement_price_fen=NO_GUARD_FEN)
        if line.expected_agreement_price_fen is None
        else line
        for line in request.lines
    )
    return values.replace(request, lines=lines)


def _guarded(request: OrderRequest | None, answer: rehearsing.Answer | None) -> OrderRequest | None:
    """Let lines that name no price cost what they were shown to cost, and not more."""
    if request is None or not isinstance(answer, Priced):
        return request
    lines = tuple(
        values.replace(line, expected_agreement_price_fen=priced.price.agreement_price_fen)
        if line.expected_agreement_price_fen is None
        else line
        for line, priced in zip(request.lines, answer.lines, strict=True)
    )
    return values.replace(request, lines=lines)


def _as_written(opened: Opened) -> OrderRequest | None:
    """Return the request with the prices that its rows name, and no others."""
    request = opened.request
    if request is None:
        return None
    named = [cells.get("price") is not None for _line, cells in opened.rows]
    lines = tuple(
        line if is_named else values.replace(line, expected_agreement_price_fen=None)
        for line, is_named in zip(request.lines, named, strict=True)
    )
    return values.replace(request, lines=lines)


def _available_fen(distributor: Distributor) -> int:
    return accounts.deposit_of(distributor.pk).available_fen


# --- files ------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _keep(
    distributor: Distributor,
    name: str,
    checked: Sequence[_Checked],
    left_fen: int,
    actor: Actor,
    at: datetime,
) -> OrderFile:
    file = OrderFile.objects.create(
        file_no=numbers.day_prefix("F", at) + numbers.unguessable(12),
        distributor=distributor,
        name=name[:MAX_NAME],
        uploaded_by=str(actor),
        uploaded_at=at,
        checked_at=at,
        left_fen=left_fen,
    )
    FiledOrder.objects.bulk_create(
        FiledOrder(file=file, position=place, out_order_no=one.out_order_no, **one.columns)
        for place, one in enumerate(checked, 1)
    )
    return file


@transaction.atomic(durable=True)
def _rewrite(
    distributor: Distributor,
    file_no: str,
    rows: Sequence[FiledOrder],
    checked: Sequence[_Checked],
    left_fen: int,
    at: datetime,
) -> None:
    file = _lock(distributor, file_no)
    _refuse_unless_checked(file)
    for row, one in zip(rows, checked, strict=True):
        for name, value in one.columns.items():
            setattr(row, name, value)
    FiledOrder.objects.bulk_update(
        rows, ["sealed", "total_fen", "causes", "order_no", "before"], batch_size=500
    )
    file.checked_at, file.left_fen = at, left_fen
    file.save()


def _lock(distributor: Distributor, file_no: str) -> OrderFile:
    file = OrderFile.objects.of(distributor).filter(file_no=file_no).locked().first()
    if file is None:
        raise NotFound
    return file


def _refuse_unless_checked(file: OrderFile) -> None:
    if file.state != OrderFileState.CHECKED:
        raise WrongState(state=file.get_state_display())


@transaction.atomic(durable=True)
def _delete(file_pks: Sequence[int]) -> None:
    FiledOrder.objects.filter(file__in=file_pks).delete()
    OrderFile.objects.filter(pk__in=file_pks).delete()
