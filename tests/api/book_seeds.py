"""What the examples of statements and reconciliations speak of."""

from datetime import date, timedelta

from api import book_examples
from books import reconciling, statements
from books.models import Reconciliation
from distributors import recharging
from kit.actors import OPERATIONS
from tests.api.signed import Shop
from tests.factories import NOON

YESTERDAY = NOON - timedelta(days=1)


def seed(shop: Shop) -> None:
    """A day that was closed, with a recharge on it, and a reconciliation."""
    recharging.recharge(
        distributor_pk=shop.distributor.pk,
        amount_fen=5_000_00,
        reference=f"20261121-{shop.distributor.number}",
        actor=OPERATIONS,
        at=YESTERDAY,
    )
    day = date.fromisoformat(book_examples.DATE)
    statements.run(at=NOON, day=day, distributor_pk=shop.distributor.pk)
    made = reconciling.reconcile(
        distributor=shop.distributor,
        period=None,
        orders=[("M20261122-0002", 52_50)],
        actor=OPERATIONS,
        at=NOON,
    )
    made.reconciliation_id = book_examples.RECONCILIATION_ID
    made.pk = None
    Reconciliation.objects.bulk_create([made])
