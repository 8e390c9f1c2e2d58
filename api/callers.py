"""Callers: whom a key speaks for, found without the database where it was just asked."""

import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import close_old_connections

from api.gate import Passage
from distributors.models import Distributor
from integration import keys
from integration.models import Side
from kit import actors, bulk
from kit.actors import Actor
from kit.coalescing import Coalescer
from suppliers.models import Supplier

# A revoked key works at most this much longer (R14: 5 seconds).
CACHE_SECONDS = 3.0
FORGET_SECONDS = 600.0
NOTE_USE_SECONDS = 60.0
GATHER_SECONDS = 1.0
LOOK_UPS_AT_ONCE = 500

_OWNERS = """
SELECT partner.id, distributor.id, supplier.id FROM integration_partner partner
LEFT JOIN distributors_distributor distributor ON distributor.partner_id = partner.id
LEFT JOIN suppliers_supplier supplier ON supplier.partner_id = partner.id
WHERE partner.id = ANY(%s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A key that signs, and the distributor or the supplier it speaks for."""

    credentials: keys.Credentials
    distributor_pk: int | None
    supplier_pk: int | None = None


@dataclass(frozen=True)
class Signer:
    """Whose key signed a request, of whichever side."""

    partner_pk: int
    key_pk: int
    public_id: str
    scopes: tuple[str, ...]
    string_to_sign: str
    address: str
    passage: Passage

    # What Django REST framework asks of a user.
    is_authenticated = True
    is_active = True

    @property
    def actor(self) -> Actor:
        """Who history says it was."""
        return actors.key(self.public_id)

    @property
    def owner(self) -> str:
        """How cursors name whom they were made for."""
        raise NotImplementedError


@dataclass(frozen=True)
class Caller(Signer):
    """A distributor's machine: the user of most views here."""

    distributor_pk: int

    @property
    def owner(self) -> str:
        """How cursors name whom they were made for."""
        return str(self.distributor_pk)

    @cached_property
    def distributor(self) -> Distributor:
        """The distributor with its level, read when first needed."""
        return Distributor.objects.select_related("level").get(pk=self.distributor_pk)


@dataclass(frozen=True)
class SupplierCaller(Signer):
    """A supplier's machine: the user of the views below /supplier/."""

    supplier_pk: int

    @property
    def owner(self) -> str:
        """How cursors name whom they were made for."""
        return f"supplier-{self.supplier_pk}"

    @cached_property
    def supplier(self) -> Supplier:
        """The supplier with its company, read when first needed."""
        return Supplier.objects.select_related("company").get(pk=self.supplier_pk)


def find(public_id: str) -> Known | None:
    """Return what is known of a key, at most CACHE_SECONDS old, or None if it signs nothing.

    Keys that are in use are read again together, by whoever first finds them too old: one look-up
    every CACHE_SECONDS, however many keys sign.
    """
    now = time.monotonic()
    _ring.used[public_id] = now
    if now >= _ring.read_at + CACHE_SECONDS:
        _read_again(now)
    known = _ring.known
    if public_id not in known:
        known[public_id] = _LOOK_UPS.submit(public_id)
    return known[public_id]


def peek(public_id: str) -> Known | None:
    """Return what this process knows of a key already; it looks nothing up."""
    return _ring.known.get(public_id)


def caller(
    known: Known, *, string_to_sign: str, address: str, passage: Passage
) -> Caller | SupplierCaller:
    """Return the caller that a key stands for."""
    credentials = known.credentials
    if credentials.side == Side.SUPPLIER:
        assert known.supplier_pk is not None, credentials.public_id
        return SupplierCaller(
            supplier_pk=known.supplier_pk,
            partner_pk=credentials.partner_pk,
            key_pk=credentials.key_pk,
            public_id=credentials.public_id,
            scopes=credentials.scopes,
            string_to_sign=string_to_sign,
            address=address,
            passage=passage,
        )
    assert known.distributor_pk is not None, credentials.public_id
    return Caller(
        distributor_pk=known.distributor_pk,
        partner_pk=credentials.partner_pk,
        key_pk=credentials.key_pk,
        public_id=credentials.public_id,
        scopes=credentials.scopes,
        string_to_sign=string_to_sign,
        address=address,
        passage=passage,
    )


def note_use(known: Known, *, address: str, at: datetime) -> "Future[None] | None":
    """Write down when and from where a key was used, at most once a minute, while others go on.

    Return the writing where this use has set it off; the uses of the next second go along with it.
    """
    key_pk = known.credentials.key_pk
    now = time.monotonic()
    with _noting:
        if now < _noted.get(key_pk, 0.0):
            return None
        _noted[key_pk] = now + NOTE_USE_SECONDS
        _uses[key_pk] = (address, at)
        return _writer.submit(_write_uses) if len(_uses) == 1 else None


def _read_again(now: float) -> None:
    with _reading:
        if now < _ring.read_at + CACHE_SECONDS:
            return
        used = dict(_ring.used)
        found = _look_up([key for key, at in used.items() if now - at < FORGET_SECONDS])
        # New dictionaries, because other threads hold the old ones. What signs nothing is asked for
        # again when it comes again, so that strangers fill no memory.
        _ring.known = {**found}
        _ring.used = {key: used[key] for key in found}
        _ring.read_at = now


def _look_up(public_ids: Collection[str]) -> dict[str, Known]:
    found = keys.credentials(public_ids)
    partners = bulk.array({one.partner_pk for one in found.values()})
    owners = {row[0]: row[1:] for row in bulk.query(_OWNERS, [partners], planned=True)}
    return {key: Known(one, *owners[one.partner_pk]) for key, one in found.items()}


def _look_up_each(public_ids: Sequence[str]) -> list[Known | None]:
    found = _look_up(set(public_ids))
    return [found.get(public_id) for public_id in public_ids]


def _write_uses() -> None:
    time.sleep(GATHER_SECONDS)
    with _noting:
        uses = dict(_uses)
        _uses.clear()
    close_old_connections()
    try:
        keys.note_uses(uses)
    finally:
        close_old_connections()


@dataclass
class _Ring:
    """The keys in use: what is known of each, when it was last used, when all were last read."""

    known: dict[str, Known | None]
    used: dict[str, float]
    read_at: float


_ring = _Ring({}, {}, float("-inf"))
_reading = threading.Lock()
# Keys that are met for the first time at the same moment are looked up together.
_LOOK_UPS: Coalescer[str, Known | None] = Coalescer(_look_up_each, LOOK_UPS_AT_ONCE)
_noted: dict[int, float] = {}
_uses: dict[int, tuple[str, datetime]] = {}
_noting = threading.Lock()
_writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="key use")
