"""Files of parcels: taken in and looked over without a trace, then shipped in one act, or left.

What a carrier exports holds consumer data. It is kept sealed, and only until the file has come to its
end; what stays are the answers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import numbers, sealing
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from orders import carriers, refusals, shipping, shipping_many, shipping_rows
from orders.models import ShippingFile, ShippingFileState
from orders.shipping_many import Finding, Outcome
from orders.shipping_rows import COLUMNS, ORDER_NO, TRACKING_NO, Table
from suppliers.models import Supplier

# For so many days files can be looked up.
KEPT_DAYS = 30
FORGOTTEN_AT_ONCE = 100
MAX_NAME = 120


class ColumnsUnclear(DomainError):
    code = "shipping_columns_unclear"
    text = _("Say in which column the order numbers stand, and in which the tracking numbers.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row, or would, as it is kept; `causes` as `orders.refusals` keeps them."""

    line: int
    order_no: str
    tracking_no: str
    carrier_code: str
    pieces: int
    outcome: Outcome
    causes: list[dict[str, Any]]


@transaction.atomic(durable=True)
def take_in(
    *, supplier: Supplier | None, name: str, table: Table, actor: Actor, at: datetime
) -> ShippingFile:
    """Keep a sheet of parcels of a source (the platform's own: None); nothing is shipped yet."""
    return ShippingFile.objects.create(
        file_no=numbers.day_prefix("P", at) + numbers.unguessable(12),
        supplier=supplier,
        name=name[:MAX_NAME],
        columns=shipping_rows.guess(table),
        sealed=sealing.seal(msgspec.json.encode(table).decode()),
        row_count=len(table.lines),
        uploaded_by=str(actor),
        uploaded_at=at,
    )


@transaction.atomic(durable=True)
def read_otherwise(
    *,
    supplier: Supplier | None,
    file_no: str,
    columns: Mapping[str, int | None],
    carrier_code: str,
) -> None:
    """Say what the columns of a sheet hold, and which carrier rows mean that name none.

    :raises NotFound: the source has no such file.
    :raises WrongState: it is shipped or discarded already.
    :raises ColumnsUnclear: order and tracking numbers are not each in a column of their own.
    :raises CarrierUnknown: there is no such carrier.
    """
    file = _lock(supplier, file_no)
    _refuse_unless_checked(file)
    wanted = {name: columns.get(name) for name in COLUMNS}
    _refuse_unclear(wanted, len(table_of(file).headings))
    if carrier_code and carriers.find(carrier_code) is None:
        raise shipping.CarrierUnknown(carrier=carrier_code)
    file.columns, file.carrier_code = wanted, carrier_code
    file.save()


def ship(*, supplier: Supplier | None, file_no: str, actor: Actor, at: datetime) -> ShippingFile:
    """Ship all of a file that can be shipped, in one transaction; each row keeps its answer.

    Once shipped, it answers as it is.

    :raises NotFound: the source has no such file.
    :raises WrongState: it was discarded.
    :raises ColumnsUnclear: it is not known where order and tracking numbers stand.
    """

    @transaction.atomic(durable=True)
    def ship_all() -> ShippingFile:
        file = _lock(supplier, file_no)
        if file.state == ShippingFileState.SHIPPED:
            return file
        _refuse_unless_checked(file)
        table = table_of(file)
        _refuse_unclear(file.columns, len(table.headings))
        found = shipping_many.ship_within(
            rows=shipping_rows.rows_of(table, file.columns),
            supplier=supplier,
            carrier_code=file.carrier_code,
            actor=actor,
            at=at,
        )
        file.ship()
        return _end(file, found, actor, at)

    return shipping.again_where_taken(ship_all)


@transaction.atomic(durable=True)
def discard(*, supplier: Supplier | None, file_no: str, actor: Actor, at: datetime) -> None:
    """Leave a file as it is: nothing of it is shipped.

    :raises NotFound: the source has no such file.
    :raises WrongState: it is shipped or discarded already.
    """
    file = _lock(supplier, file_no)
    _refuse_unless_checked(file)
    file.discard()
    _end(file, (), actor, at)


def answers(file: ShippingFile, *, at: datetime) -> list[Answer]:
    """Return what became of every row, or would if it were shipped now; none while that is unclear."""
    if file.state == ShippingFileState.SHIPPED:
        return msgspec.convert(file.answers, list[Answer])
    if file.state != ShippingFileState.CHECKED or not is_clear(file):
        return []
    found = shipping_many.look_over(
        rows=shipping_rows.rows_of(table_of(file), file.columns),
        supplier=file.supplier,
        carrier_code=file.carrier_code,
        at=at,
    )
    return [_kept(one) for one in found]


def is_clear(file: ShippingFile) -> bool:
    """Tell whether it is known where order and tracking numbers stand."""
    return file.columns.get(ORDER_NO) is not None and file.columns.get(TRACKING_NO) is not None


def table_of(file: ShippingFile) -> Table:
    """Return the sheet of a file that has not come to its end."""
    return msgspec.json.decode(sealing.unseal(file.sealed), type=Table)


def find(*, supplier: Supplier | None, file_no: str) -> ShippingFile:
    """Return a file of a source.

    :raises NotFound: it has none of this number.
    """
    file = ShippingFile.objects.of(supplier).filter(file_no=file_no).first()
    if file is None:
        raise NotFound
    # Named by its own row: no need to read it again.
    file.supplier = supplier
    return file


def forget(*, at: datetime) -> int:
    """Delete files that are too old to be looked up; return how many."""
    before = at - timedelta(days=KEPT_DAYS)
    count = 0
    while True:
        rows = ShippingFile.objects.filter(uploaded_at__lt=before).order_by("pk")
        pks = list(rows.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        if not pks:
            return count
        count += ShippingFile.objects.filter(pk__in=pks).delete()[0]


def _end(file: ShippingFile, found: Sequence[Finding], actor: Actor, at: datetime) -> ShippingFile:
    counts = Counter(one.outcome for one in found)
    file.sealed = b""
    file.answers = msgspec.to_builtins([_kept(one) for one in found])
    file.shipped_count = counts[Outcome.SHIPPED]
    file.known_count = counts[Outcome.KNOWN]
    file.refused_count = counts[Outcome.REFUSED]
    file.finished_by, file.finished_at = str(actor), at
    file.save()
    return file


def _kept(one: Finding) -> Answer:
    return Answer(
        one.row.line,
        one.row.order_no,
        one.row.tracking_no,
        one.carrier_code,
        one.pieces,
        one.outcome,
        refusals.causes(one.refusal) if one.refusal else [],
    )


def _refuse_unclear(columns: Mapping[str, int | None], width: int) -> None:
    given: Iterable[int] = [place for place in columns.values() if place is not None]
    order_no, tracking_no = columns.get(ORDER_NO), columns.get(TRACKING_NO)
    if (
        order_no is None
        or tracking_no is None
        or len(set(given)) != len(list(given))
        or not all(0 <= place < width for place in given)
    ):
        raise ColumnsUnclear


def _lock(supplier: Supplier | None, file_no: str) -> ShippingFile:
    file = ShippingFile.objects.of(supplier).filter(file_no=file_no).locked().first()
    if file is None:
        raise NotFound
    return file


def _refuse_unless_checked(file: ShippingFile) -> None:
    if file.state != ShippingFileState.CHECKED:
        raise WrongState(state=file.get_state_display())
