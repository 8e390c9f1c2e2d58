"""Second walls: what refuses to write when a lock that should have been held was not."""

import pytest
from django.db import connection, transaction

from kit.actors import OPERATIONS
from supplychain import stock
from supplychain.models import Movement, MovementKind
from tests.factories import NOON, make_sku
from tests.races import racing

pytestmark = pytest.mark.django_db


def test_a_level_that_somebody_changed_past_the_lock_is_not_overwritten() -> None:
    tea = make_sku(available=10)
    locked = stock.lock([tea.pk])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE supplychain_stock SET available = 3, version = version + 1")
    locked.change(tea.pk, -1, kind=MovementKind.ORDER, cause="H1/1")

    with pytest.raises(AssertionError), transaction.atomic():
        stock.move(locked, at=NOON, actors=OPERATIONS)

    assert racing.available(tea) == 3
    assert not Movement.objects.filter(cause="H1/1").exists()
