"""The steps of a file of goods, whoever takes them: begin to check, rehearse or load, count, end.

Each joins the transaction around it, but for rehearsing, which has its own and leaves no trace.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from kit.actors import Actor
from supplychain import import_uploads, loading
from supplychain.albums import Album
from supplychain.goods_items import Item
from supplychain.models import GoodsFile


@transaction.atomic(savepoint=False)
def begin_checking(file: GoodsFile, *, at: datetime) -> None:
    """Have a locked file checked from its first row on.

    :raises WrongState: it is not waiting for that.
    """
    file.begin_checking()
    file.line, file.rows_done, file.counts = 0, 0, {}
    file.claimed_until, file.attempts = at, 0
    file.save()


def rehearse(file: GoodsFile, items: Sequence[Item], *, album: Album, at: datetime) -> None:
    """Find out what would become of items, without a trace."""
    assert album.dry_run
    loading.load_batch(_load(file, album, file.uploaded_by, at), items)


def load(file: GoodsFile, items: Sequence[Item], *, album: Album, at: datetime) -> None:
    """Load items of a confirmed file, in the name of who confirmed it."""
    loading.load_within(_load(file, album, file.confirmed_by, at), items)


def counted(file: GoodsFile) -> dict[str, int]:
    """Return how many rows of a file have come to what."""
    rows = file.rows.exclude(outcome="").order_by().values_list("outcome")
    return dict(rows.annotate(count=Count("pk")))


@transaction.atomic(savepoint=False)
def end(file: GoodsFile, *, at: datetime) -> None:
    """Write down that a locked file has come to its end, and throw away what was uploaded."""
    kept = [file.sheet, file.pictures]
    file.sheet = file.pictures = ""
    file.claimed_until, file.finished_at = None, at
    file.save()
    import_uploads.throw_away(kept)


def _load(file: GoodsFile, album: Album, actor: str, at: datetime) -> loading.Load:
    kind, _colon, name = actor.partition(":")
    return loading.Load(
        file.supplier, Actor(kind, name), at, album, dry_run=album.dry_run, by_hand=True
    )
