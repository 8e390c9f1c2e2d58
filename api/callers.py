"""Callers: which distributor a key speaks for, found without the database where it was just asked."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import close_old_connections

from distributors.models import Distributor
from integration import keys
from kit import actors
from kit.actors import Actor

# A revoked key works at most this much longer (R14: 5 seconds).
CACHE_SECONDS = 3.0
CACHED_KEYS = 10_000
NOTE_USE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Known:
    """A key that signs, and the distributor it speaks for; None where it is a supplier's."""

    credentials: keys.Credentials
    distributor_pk: int | None


@dataclass(frozen=True)
class Caller:
    """Who made a request: the user of every view here."""

    distributor_pk: int
    partner_pk: int
    key_pk: int
    public_id: str
    scopes: tuple[str, ...]
    string_to_sign: str
    address: str

    # What Django REST framework asks of a user.
    is_authenticated = True
    is_active = True

    @property
    def actor(self) -> Actor:
        """Who history says it was."""
        return actors.key(self.public_id)

    @cached_property
    def distributor(self) -> Distributor:
        """The distributor with its level, read when first needed."""
        return Distributor.objects.select_related("level").get(pk=self.distributor_pk)


def find(public_id: str) -> Known | None:
    """Return what is known of a key, at most CACHE_SECONDS old, or None if it signs nothing."""
    now = time.monotonic()
    cached = _cache.get(public_id)
    if cached is not None and now < cached[0]:
        return cached[1]
    known = _look_up(public_id)
    if len(_cache) >= CACHED_KEYS:
        _cache.clear()
    _cache[public_id] = (now + CACHE_SECONDS, known)
    return known


def caller(known: Known, *, string_to_sign: str, address: str) -> Caller:
    """Return the caller that a distributor's key stands for."""
    credentials = known.credentials
    assert known.distributor_pk is not None, credentials.public_id
    return Caller(
        distributor_pk=known.distributor_pk,
        partner_pk=credentials.partner_pk,
        key_pk=credentials.key_pk,
        public_id=credentials.public_id,
        scopes=credentials.scopes,
        string_to_sign=string_to_sign,
        address=address,
    )


def note_use(known: Known, *, address: str, at: datetime) -> "Future[None] | None":
    """Write down when and from where a key was used, at most once a minute, while others go on."""
    key_pk = known.credentials.key_pk
    now = time.monotonic()
    with _noting:
        if now < _noted.get(key_pk, 0.0):
            return None
        _noted[key_pk] = now + NOTE_USE_SECONDS
    return _notes.submit(_note, key_pk, address, at)


def _look_up(public_id: str) -> Known | None:
    credentials = keys.credentials(public_id)
    if credentials is None:
        return None
    distributors = Distributor.objects.filter(partner=credentials.partner_pk)
    return Known(credentials, distributors.values_list("pk", flat=True).first())


def _note(key_pk: int, address: str, at: datetime) -> None:
    close_old_connections()
    try:
        keys.note_use(key_pk=key_pk, address=address, at=at)
    finally:
        close_old_connections()


_cache: dict[str, tuple[float, Known | None]] = {}
_noted: dict[int, float] = {}
_noting = threading.Lock()
_notes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="key use")
