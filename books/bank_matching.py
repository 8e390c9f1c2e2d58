"""The bank's own statement held against the ledger: which transfer each movement proves.

Rules, the surest first. A reference that is ours with the same amount: `reference_and_amount`. A
reference that is ours with another amount: the line is `differing`, by `reference`. Else the same
amount and the same name within three days, where that fits one line and one transfer only:
`amount_and_name`, which somebody may look at again. What no rule fits stays open, until it does or
is settled by hand. A transfer proves one line, and a line is proved by one transfer.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from books import bank_files
from books.bank_files import Movement
from books.models import BankFile, BankLine, BankMatch
from kit import bulk
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from ledger.models import Account, Kind, Transfer

BY_REFERENCE, BY_AMOUNT_AND_NAME, DIFFERING_AMOUNT = (
    "reference_and_amount",
    "amount_and_name",
    "reference",
)
BY_HAND = "by_hand"
# What a rule is called, and how sure it is.
RULES = {
    BY_REFERENCE: _("reference and amount: certain"),
    BY_AMOUNT_AND_NAME: _("amount and name within 3 days: likely"),
    DIFFERING_AMOUNT: _("reference known"),
    BY_HAND: _("by hand"),
}
NEAR = timedelta(days=3)
MAX_NOTE = 300
MAX_FILE_NAME = 120
# Ours without a line are read so many at once.
MAX_UNPROVED = 1_000
# Any number that nobody else locks: files are loaded, and lines matched, by one after the other.
_LOCK = 4_171_004

# Transfers over the bank that no line proves: what the bank calls them, how it would sign them.
_UNPROVED = """
SELECT transfer.id, transfer.code, transfer.note, transfer.reference,
    CASE WHEN transfer.debit_id = %(bank)s THEN transfer.amount_fen ELSE -transfer.amount_fen END,
    (transfer.posted_at AT TIME ZONE 'Asia/Shanghai')::date, company.name,
    coalesce(recharge.payer, withdrawal.payee, '')
FROM (SELECT * FROM ledger_transfer WHERE debit_id = %(bank)s
    UNION ALL SELECT * FROM ledger_transfer WHERE credit_id = %(bank)s) AS transfer
LEFT JOIN distributors_distributor distributor ON distributor.id = transfer.distributor_pk
LEFT JOIN suppliers_supplier supplier ON supplier.id = transfer.supplier_pk
LEFT JOIN companies_company company
    ON company.id = coalesce(distributor.company_id, supplier.company_id)
LEFT JOIN distributors_recharge recharge
    ON transfer.code = 'recharge' AND recharge.recharge_no = transfer.note
LEFT JOIN distributors_withdrawal withdrawal
    ON transfer.code = 'withdrawal' AND withdrawal.withdrawal_no = transfer.note
WHERE NOT EXISTS (SELECT FROM books_bankline line WHERE line.transfer_id = transfer.id)
"""


class BankFileKnown(DomainError):
    code = "bank_file_known"
    text = _("This file was loaded before, as “{name}”.")


class BankFileEmpty(DomainError):
    code = "bank_file_empty"
    text = _("There is no movement in this file that was not loaded before.")


class BankLineChanged(DomainError):
    code = "bank_line_changed"
    text = _("Line {line}: the reference {reference} was loaded before with another amount or day.")


class NoteMissing(DomainError):
    code = "bank_note_missing"
    text = _("Say in up to {limit} characters what this movement was.")


class TransferProved(DomainError):
    code = "transfer_proved"
    text = _("This transfer is no movement of the bank, or another line proves it already.")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a file came to. `known`: lines that an earlier file had brought."""

    file: BankFile
    lines: int
    known: int
    matched: int


@dataclass(frozen=True, slots=True)
class Unproved:
    """A transfer over the bank that no line proves, as the bank would show it."""

    transfer_pk: int
    code: str
    reference: str
    amount_fen: int
    day: date
    names: frozenset[str]


def load(*, path: Path, name: str, actor: Actor, at: datetime) -> Loaded:
    """Load a file of the bank, once, and match what can be matched.

    Lines that an earlier file brought are left as they are, so files may overlap.

    :raises BankFileKnown: this very file was loaded before.
    :raises BankFileEmpty: it brings nothing new.
    :raises BankFileFaulty: rows cannot be read; nothing was loaded.
    :raises BankLineChanged: a reference came before with something else; nothing was loaded.
    """
    movements = bank_files.read(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return _load(movements, sha256=sha256, name=name[:MAX_FILE_NAME], actor=actor, at=at)


@transaction.atomic(durable=True)
def match_open() -> int:
    """Try the rules again on lines that are open; return how many found their transfer."""
    _lock()
    return _match_open()


@transaction.atomic(durable=True)
def settle(*, line_pk: int, note: str, transfer_pk: int | None, actor: Actor) -> BankLine:
    """Settle a line by hand, with a note, and with the transfer that it proves if there is one.

    :raises NotFound: there is no such line.
    :raises WrongState: it is matched or settled already.
    :raises NoteMissing: nothing is said, or too much.
    :raises TransferProved: the transfer is none of the bank's, or another line's.
    """
    words = " ".join(note.split())
    if not 1 <= len(words) <= MAX_NOTE:
        raise NoteMissing(limit=MAX_NOTE)
    _lock()
    line = BankLine.objects.select_for_update(no_key=True).filter(pk=line_pk).first()
    if line is None:
        raise NotFound
    if line.match not in (BankMatch.OPEN, BankMatch.DIFFERING):
        raise WrongState(state=line.get_match_display())
    if transfer_pk is not None and transfer_pk != line.transfer_id:
        line.transfer = _bank_transfer(transfer_pk)
    line.match, line.rule = BankMatch.SETTLED, BY_HAND
    line.note, line.settled_by = words, str(actor)
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError:
        raise TransferProved from None
    return line


def unproved(*, limit: int = MAX_UNPROVED) -> list[Unproved]:
    """Return our transfers over the bank that no line proves, newest first.

    Only those of the days that the files speak of: before the first and after the last, the bank
    has said nothing yet.
    """
    days = BankLine.objects.aggregate(first=Min("booked_on"), last=Max("booked_on"))
    if days["first"] is None:
        return []
    found = [one for one in _unproved() if days["first"] <= one.day <= days["last"]]
    return sorted(found, key=lambda one: -one.transfer_pk)[:limit]


def candidates(line: BankLine) -> list[Unproved]:
    """Return transfers that a line may prove: of its amount, the nearest days first."""
    found = [one for one in _unproved() if one.amount_fen == line.amount_fen]
    return sorted(found, key=lambda one: (abs(one.day - line.booked_on), one.transfer_pk))


@transaction.atomic(durable=True)
def _load(
    movements: Sequence[Movement], *, sha256: str, name: str, actor: Actor, at: datetime
) -> Loaded:
    _lock()
    before = BankFile.objects.filter(sha256=sha256).first()
    if before is not None:
        raise BankFileKnown(name=before.name)
    new = _new(movements)
    if not new:
        raise BankFileEmpty
    file = BankFile.objects.create(
        name=name, sha256=sha256, lines_count=len(new), actor=str(actor), loaded_at=at
    )
    _insert(file, new)
    return Loaded(file, len(new), len(movements) - len(new), _match_open())


def _new(movements: Sequence[Movement]) -> list[Movement]:
    rows = bulk.query(
        "SELECT reference, amount_fen, booked_on FROM books_bankline"
        " WHERE reference = ANY(%s::varchar[])",
        [bulk.array(one.reference for one in movements)],
    )
    known = {reference: (fen, day) for reference, fen, day in rows}
    for one in movements:
        if known.get(one.reference, (one.amount_fen, one.booked_on)) != (
            one.amount_fen,
            one.booked_on,
        ):
            raise BankLineChanged(line=one.line, reference=one.reference)
    return [one for one in movements if one.reference not in known]


def _insert(file: BankFile, new: Sequence[Movement]) -> None:
    bulk.insert(
        "books_bankline",
        {
            "reference": ("text", [one.reference for one in new]),
            "booked_on": ("date", [one.booked_on for one in new]),
            "amount_fen": ("bigint", [one.amount_fen for one in new]),
            "counterparty": ("text", [one.counterparty for one in new]),
            "text": ("text", [one.text for one in new]),
            "file_id": ("bigint", bulk.Same(file.pk)),
            "match": ("text", bulk.Same(str(BankMatch.OPEN))),
            "rule": ("text", bulk.Same("")),
            "note": ("text", bulk.Same("")),
            "settled_by": ("text", bulk.Same("")),
        },
    )


def _match_open() -> int:
    """Match by the surest rule first; a rule sees what those before it have left."""
    lines = list(BankLine.objects.filter(match=BankMatch.OPEN).order_by("pk"))
    if not lines:
        return 0
    ours = _unproved()
    matched = _by_reference(lines, ours)
    taken = {line.transfer_id for line in matched}
    left = [line for line in lines if line.transfer_id is None]
    matched += _by_amount_and_name(left, [one for one in ours if one.transfer_pk not in taken])
    _write(matched)
    return len(matched)


def _by_reference(lines: Iterable[BankLine], ours: Iterable[Unproved]) -> list[BankLine]:
    known = _grouped((one.reference, one) for one in ours)
    taken: set[int] = set()
    matched = []
    for line in lines:
        free = [one for one in known.get(line.reference, ()) if one.transfer_pk not in taken]
        same = [one for one in free if one.amount_fen == line.amount_fen]
        if not free or (not same and len(free) > 1):
            continue
        [found] = same[:1] or free
        is_same = found.amount_fen == line.amount_fen
        line.match = BankMatch.MATCHED if is_same else BankMatch.DIFFERING
        line.rule = BY_REFERENCE if is_same else DIFFERING_AMOUNT
        line.transfer_id = found.transfer_pk
        taken.add(found.transfer_pk)
        matched.append(line)
    return matched


def _by_amount_and_name(lines: Sequence[BankLine], ours: Sequence[Unproved]) -> list[BankLine]:
    """Match where a line has one such transfer, and that transfer no other such line."""
    by_amount = _grouped((one.amount_fen, one) for one in ours)
    fitting: dict[int, list[BankLine]] = defaultdict(list)
    for line in lines:
        found = [one for one in by_amount.get(line.amount_fen, ()) if _fits(line, one)]
        for one in found:
            # A line that fits several counts for none of them, but spoils each.
            fitting[one.transfer_pk] += [line] * len(found)
    matched = []
    for transfer_pk, those in fitting.items():
        if len(those) == 1:
            [line] = those
            line.match, line.rule = BankMatch.MATCHED, BY_AMOUNT_AND_NAME
            line.transfer_id = transfer_pk
            matched.append(line)
    return matched


def _fits(line: BankLine, one: Unproved) -> bool:
    return abs(line.booked_on - one.day) <= NEAR and plain(line.counterparty) in one.names


def plain(name: str) -> str:
    """Return a name without spaces, and with brackets of one kind, as banks differ in these."""
    return "".join(name.split()).replace("（", "(").replace("）", ")").casefold()


def _grouped(pairs: Iterable[tuple[object, Unproved]]) -> dict[object, list[Unproved]]:
    found: dict[object, list[Unproved]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return found


def _write(matched: Sequence[BankLine]) -> None:
    bulk.update(
        "books_bankline",
        [line.pk for line in matched],
        {
            "match": ("text", [str(line.match) for line in matched]),
            "rule": ("text", [line.rule for line in matched]),
            "transfer_id": ("bigint", [line.transfer_id for line in matched]),
        },
    )


def _unproved() -> list[Unproved]:
    bank = Account.objects.filter(kind=Kind.BANK).values_list("pk", flat=True).first()
    if bank is None:
        return []
    rows = bulk.query(_UNPROVED, {"bank": bank})
    return [
        Unproved(
            transfer_pk=pk,
            code=code,
            # A bill's payment is known by the number of the bill; the bank's is in its note.
            reference=note if code == "bill_paid" else reference,
            amount_fen=fen,
            day=day,
            names=frozenset(plain(name) for name in (company, other) if name),
        )
        for pk, code, note, reference, fen, day, company, other in rows
    ]


def _bank_transfer(transfer_pk: int) -> Transfer:
    found: QuerySet[Transfer] = Transfer.objects.select_related("debit", "credit")
    transfer = found.filter(pk=transfer_pk).first()
    if transfer is None or Kind.BANK not in (transfer.debit.kind, transfer.credit.kind):
        raise TransferProved
    return transfer


def _lock() -> None:
    bulk.query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
