"""What every act on a case does alike: lock, take a step, write it down, tell the distributor.

Locks go in the one rank of the system: the deposit (where money may come back), the order, its
parts, parcels and lines, the case; stock comes after all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from aftersales import deadlines, rendering
from aftersales.models import Case, CaseState
from companies import policies
from companies.policies import Policies
from distributors.models import Distributor
from integration import outbox
from kit.actors import Actor
from kit.errors import NotFound, WrongState
from ledger import accounts
from orders import header, telling
from orders.models import Fulfilment, Line, Order, Shipment
from orders.telling import Deed
from suppliers.models import Supplier

REASON_LENGTH = 200


@dataclass(slots=True)
class Work:
    """A locked case with its order, line and part; who works on it, and when."""

    case: Case
    order: Order
    line: Line
    policies: Policies
    actor: Actor
    at: datetime

    @property
    def part(self) -> Fulfilment:
        """What the line's source ships of the order."""
        return self.line.fulfilment

    @property
    def supplier(self) -> Supplier | None:
        """Who ships the line; None: the platform itself."""
        return self.line.fulfilment.supplier


def lock(
    *,
    case_no: str,
    actor: Actor,
    at: datetime,
    distributor: Distributor | None = None,
    money: bool = False,
) -> Work:
    """Lock a case (of one distributor, where that is named) with all that it is about.

    `money` says that the act may give some back.

    :raises NotFound: there is no such case, or it belongs to another distributor.
    """
    cases = Case.objects.all() if distributor is None else Case.objects.of(distributor)
    row = cases.filter(case_no=case_no).values_list("pk", "order_id", "distributor_id").first()
    if row is None:
        raise NotFound
    case_pk, order_pk, distributor_pk = row
    if money:
        accounts.lock_deposits([distributor_pk])
    order = Order.objects.filter(pk=order_pk).locked().get()
    lines = lock_lines(order)
    case = Case.objects.filter(pk=case_pk).locked().select_related("distributor", "shipment").get()
    line = lines[case.line_id]
    case.order, case.line = order, line
    return Work(case, order, line, policies.read(), actor, at)


def lock_lines(order: Order) -> dict[int, Line]:
    """Lock the parts, parcels and lines of a locked order; return the lines by key."""
    parts = Fulfilment.objects.filter(order=order).order_by("pk").select_related("supplier")
    by_pk = {part.pk: part for part in parts.select_for_update(of=("self",), no_key=True)}
    parcels = Shipment.objects.filter(fulfilment__in=by_pk).order_by("pk")
    list(parcels.select_for_update(no_key=True).values_list("pk", flat=True))
    lines = Line.objects.filter(order=order).order_by("pk").select_for_update(no_key=True)
    found = {line.pk: line for line in lines}
    for line in found.values():
        line.order, line.fulfilment = order, by_pk[line.fulfilment_id]
    return found


def require(case: Case, *states: CaseState) -> None:
    """Refuse an act for which the case is in the wrong state.

    :raises WrongState: it is in none of these.
    """
    if case.state not in states:
        raise WrongState(state=case.get_state_display())


def move(work: Work, step: Callable[[], None], *, reason: str = "") -> None:
    """Take a drawn step; everything else of the case has been set before, so that it is told."""
    case = work.case
    before = str(case.state)
    step()
    case.version += 1
    case.changed_at = work.at
    case.late_at = None
    case.due_at = deadlines.due_at(case.state, work.policies, at=work.at)
    case.save()
    note(work, str(case.state), before=before, after=str(case.state), reason=reason)
    _tell(work, previous={"state": before})


def end(work: Work, step: Callable[[], None], *, reason: str = "") -> None:
    """Take a step to an end that refunds nothing: the pieces leave the case."""
    leave(work)
    finish(work, step, reason=reason)


def finish(work: Work, step: Callable[[], None], *, reason: str = "") -> None:
    """Take a step to an end, the pieces having left the case."""
    work.case.ended_at = work.at
    move(work, step, reason=reason)
    recompute(work)


def leave(work: Work, *, refunded: int = 0, fen: int = 0) -> None:
    """Let the pieces go: they are no longer in a case, and so many of them are refunded."""
    Line.objects.filter(pk=work.line.pk).update(
        in_case=F("in_case") - work.case.quantity,
        refunded=F("refunded") + refunded,
        refunded_fen=F("refunded_fen") + fen,
    )
    Order.objects.filter(pk=work.order.pk).update(open_cases=F("open_cases") - 1)
    work.line.refresh_from_db(fields=["in_case", "refunded", "refunded_fen"])


def recompute(work: Work) -> None:
    """Compute the order's header anew, and tell if it moved."""
    moves = header.recompute([work.order.pk], at=work.at)
    telling.tell(moves, actor=work.actor, at=work.at)


def amend(work: Work, act: str, *, reason: str = "") -> None:
    """Note and tell that something about a case changed, though not its state."""
    case = work.case
    case.version += 1
    case.changed_at = work.at
    case.save()
    note(work, act, reason=reason)
    _tell(work)


def note(work: Work, act: str, *, before: str = "", after: str = "", reason: str = "") -> None:
    """Write a line of the order's history about the case."""
    deed = Deed(
        work.order.pk,
        f"aftersale {work.case.case_no}",
        act,
        work.actor,
        before=before,
        after=after,
        reason=reason[:REASON_LENGTH],
    )
    telling.note([deed], at=work.at)


def begin(work: Work) -> None:
    """Note and tell that a case was opened."""
    state = str(work.case.state)
    note(work, state, after=state, reason=work.case.reason)
    _tell(work)


def _tell(work: Work, previous: dict[str, str] | None = None) -> None:
    case = work.case
    message = outbox.Message(
        case.distributor.partner_id,
        f"aftersale.{case.state}",
        case.case_no,
        case.version,
        rendering.document(case),
        previous=previous,
    )
    outbox.record([message], at=work.at)
