"""The papers that are asked of suppliers: which, how far each has come, and staff's verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import papers, policies
from companies.papers import Upload
from companies.policies import Policies
from kit import numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from kit.states import TransitionNotAllowed
from suppliers.models import Paper, PaperKind, PaperState, Supplier

PREFIX = "P"
MAX_REASON = 200


class PaperNotAsked(DomainError):
    code = "paper_not_asked"
    text = _("The platform does not ask for “{kind}”.")


class ReasonMissing(DomainError):
    code = "paper_reason_missing"
    text = _("Say in up to {limit} characters why it is sent back.")


@dataclass(frozen=True)
class Asked:
    """A kind of paper that is asked for."""

    kind: PaperKind
    required: bool


@dataclass(frozen=True)
class Item:
    """A kind of paper, and the newest that was handed in of it."""

    kind: PaperKind
    required: bool
    paper: Paper | None
    # One that was accepted before still counts while a newer one waits.
    done: bool


def asked(decided: Policies | None = None) -> list[Asked]:
    """Return the kinds that the platform asks for just now, required ones first."""
    decided = decided or policies.read()
    required = [PaperKind(one) for one in decided.papers_required]
    optional = [PaperKind(one) for one in decided.papers_welcome if one not in required]
    return [Asked(kind, True) for kind in required] + [Asked(kind, False) for kind in optional]


def items(supplier: Supplier, decided: Policies | None = None) -> list[Item]:
    """Return a supplier's checklist: what is asked for, and what else it has handed in."""
    return listed(asked(decided), list(Paper.objects.of(supplier).order_by("pk")))


def listed(wanted: Sequence[Asked], handed_in: Sequence[Paper]) -> list[Item]:
    """Return a checklist of what is asked for and what was handed in, oldest first."""
    newest = {PaperKind(one.kind): one for one in handed_in if one.state != PaperState.REPLACED}
    accepted = {one.kind for one in handed_in if one.state == PaperState.ACCEPTED}
    kinds = {one.kind for one in wanted}
    others = [Asked(kind, False) for kind in newest if kind not in kinds]
    return [
        Item(one.kind, one.required, newest.get(one.kind), one.kind in accepted)
        for one in (*wanted, *others)
    ]


def hand_in(*, supplier: Supplier, kind: str, upload: Upload, actor: Actor, at: datetime) -> Paper:
    """Hand in a paper; one of its kind that still waits is replaced.

    :raises PaperNotAsked: the platform does not ask for this kind.
    """
    if kind not in {one.kind for one in asked()}:
        label = dict(PaperKind.choices).get(kind, kind)
        raise PaperNotAsked(kind=label)
    known = PaperKind(kind)
    with papers.written({known: upload}) as paths:
        return _hand_in(
            Paper(supplier=supplier, kind=known, file=paths[known], file_name=upload.name),
            actor=actor,
            at=at,
        )


@transaction.atomic(durable=True)
def accept(*, paper_pk: int, actor: Actor, at: datetime) -> Paper:
    """Find a supplier's paper in order.

    :raises NotFound: no supplier has such a paper.
    :raises WrongState: it is decided, or replaced by another.
    """
    paper = _locked(paper_pk)
    try:
        paper.accept()
    except TransitionNotAllowed:
        raise WrongState(state=paper.get_state_display()) from None
    paper.reason = ""
    return _decided(paper, actor, at)


@transaction.atomic(durable=True)
def send_back(*, paper_pk: int, reason: str, actor: Actor, at: datetime) -> Paper:
    """Send a supplier's paper back with the reason, whether it waits or was accepted.

    :raises NotFound: no supplier has such a paper.
    :raises ReasonMissing: no reason, or too long a one.
    :raises WrongState: it was sent back before, or replaced by another.
    """
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise ReasonMissing(limit=MAX_REASON)
    paper = _locked(paper_pk)
    try:
        paper.send_back()
    except TransitionNotAllowed:
        raise WrongState(state=paper.get_state_display()) from None
    paper.reason = reason.strip()
    return _decided(paper, actor, at)


@transaction.atomic(savepoint=False)
def keep(paper: Paper, *, actor: Actor, at: datetime) -> Paper:
    """Keep a paper whose owner the caller has locked, in place of one that waits."""
    waiting = Paper.objects.filter(
        supplier=paper.supplier,
        application=paper.application,
        kind=paper.kind,
        state=PaperState.WAITING,
    )
    for before in waiting.locked():
        before.replace()
        before.save()
    paper.paper_no = numbers.day_prefix(PREFIX, at) + numbers.unguessable(8)
    paper.handed_in_by, paper.handed_in_at = str(actor), at
    paper.save()
    return paper


@transaction.atomic(durable=True)
def _hand_in(paper: Paper, *, actor: Actor, at: datetime) -> Paper:
    # Two people of one company never hand in the same kind at once.
    assert paper.supplier is not None
    Supplier.objects.locked().get(pk=paper.supplier.pk)
    return keep(paper, actor=actor, at=at)


def _locked(paper_pk: int) -> Paper:
    paper = Paper.objects.locked().filter(pk=paper_pk, supplier__isnull=False).first()
    if paper is None:
        raise NotFound
    return paper


def _decided(paper: Paper, actor: Actor, at: datetime) -> Paper:
    paper.decided_by, paper.decided_at = str(actor), at
    paper.save()
    return paper
